//! The users of one shard: dense numbers in the order of first naming, and since when each is known.

use std::sync::Arc;

use parking_lot::Mutex;
use roaring::RoaringBitmap;
use rustc_hash::FxHashMap;

use crate::user_set::collect;

/// The dictionary of one shard's users.
#[derive(Default)]
pub(crate) struct Users {
    /// All ids, one after the other.
    bytes: Vec<u8>,
    /// Where each id ends.
    ends: Vec<u64>,
    /// Earliest time of any fact, by uid.
    first_seen: Vec<i64>,
    /// No first-seen time is later.
    first_seen_bound: i64,
    /// By [`crate::messages::scope_hash`] of the id.
    by_hash: FxHashMap<u64, u32>,
    /// Ids whose hash was taken by another id.
    collisions: FxHashMap<Box<str>, u32>,
    /// Uids sorted by id bytes; may lack the newest.
    ranking: Mutex<Arc<Vec<u32>>>,
}

impl Users {
    /// How many; also the next uid.
    pub fn len(&self) -> u32 {
        self.ends.len() as u32
    }

    /// The id of a uid.
    pub fn id(&self, uid: u32) -> Option<&str> {
        // Only whole strings are stored.
        self.id_bytes(uid).map(|bytes| std::str::from_utf8(bytes).unwrap_or_default())
    }

    fn id_bytes(&self, uid: u32) -> Option<&[u8]> {
        let end = *self.ends.get(uid as usize)? as usize;
        let start = if uid == 0 { 0 } else { self.ends[uid as usize - 1] as usize };
        Some(&self.bytes[start..end])
    }

    /// The uid of an id, given its hash.
    pub fn find(&self, hash: u64, id: &str) -> Option<u32> {
        let uid = *self.by_hash.get(&hash)?;
        if self.id_bytes(uid) == Some(id.as_bytes()) {
            return Some(uid);
        }
        self.collisions.get(id).copied()
    }

    /// The uid of an id, a new one if it was never named.
    pub fn find_or_add(&mut self, hash: u64, id: &str) -> u32 {
        if let Some(uid) = self.find(hash, id) {
            return uid;
        }
        let uid = self.len();
        self.bytes.extend_from_slice(id.as_bytes());
        self.ends.push(self.bytes.len() as u64);
        self.first_seen.push(i64::MAX);
        if *self.by_hash.entry(hash).or_insert(uid) != uid {
            self.collisions.insert(id.into(), uid);
        }
        uid
    }

    /// Notes that a fact of this user has this time; true if it is the earliest so far.
    pub fn note(&mut self, uid: u32, time: i64) -> bool {
        let first_seen = &mut self.first_seen[uid as usize];
        if time >= *first_seen && *first_seen != i64::MAX {
            return false;
        }
        *first_seen = time;
        self.first_seen_bound = self.first_seen_bound.max(time);
        true
    }

    /// Since when a user is known.
    pub fn first_seen(&self, uid: u32) -> i64 {
        self.first_seen[uid as usize]
    }

    /// Everyone known at `now`.
    pub fn population(&self, now: i64) -> RoaringBitmap {
        // As bits, not as a range: taking bits away from bits is quick.
        if self.first_seen_bound <= now {
            let mut bits = vec![u64::MAX; self.ends.len().div_ceil(64)];
            if let (Some(last), rest @ 1..) = (bits.last_mut(), self.len() % 64) {
                *last = (1 << rest) - 1;
            }
            return RoaringBitmap::from_lsb0_bytes(0, bytemuck::cast_slice(&bits));
        }
        collect((0..self.len()).zip(&self.first_seen).filter(|(_, first_seen)| **first_seen <= now).map(|(uid, _)| uid))
    }

    /// Uids sorted by the bytes of their ids; new ones are merged into the remembered order.
    pub fn ranking(&self) -> Arc<Vec<u32>> {
        let mut remembered = self.ranking.lock();
        let known = remembered.len() as u32;
        if known < self.len() {
            let mut fresh: Vec<u32> = (known..self.len()).collect();
            fresh.sort_unstable_by(|a, b| self.id_bytes(*a).cmp(&self.id_bytes(*b)));
            let mut merged = Vec::with_capacity(self.ends.len());
            let mut fresh = fresh.into_iter().peekable();
            for uid in remembered.iter() {
                while let Some(new) = fresh.next_if(|new| self.id_bytes(*new) < self.id_bytes(*uid)) {
                    merged.push(new);
                }
                merged.push(*uid);
            }
            merged.extend(fresh);
            *remembered = Arc::new(merged);
        }
        remembered.clone()
    }

    /// Uids of a set, sorted by the bytes of their ids.
    pub fn sorted(&self, members: &RoaringBitmap) -> Vec<u32> {
        if members.len() * 16 < u64::from(self.len()) {
            let mut uids: Vec<u32> = members.iter().filter(|uid| *uid < self.len()).collect();
            uids.sort_unstable_by(|a, b| self.id_bytes(*a).cmp(&self.id_bytes(*b)));
            return uids;
        }
        self.ranking().iter().copied().filter(|uid| members.contains(*uid)).collect()
    }

    /// Ids of the users from `first` on: where each ends, and all bytes.
    pub fn ids_from(&self, first: u32) -> (Vec<u32>, Vec<u8>) {
        let start = if first == 0 { 0 } else { self.ends[first as usize - 1] };
        let ends = self.ends[first as usize..].iter().map(|end| (end - start) as u32).collect();
        (ends, self.bytes[start as usize..].to_vec())
    }
}
