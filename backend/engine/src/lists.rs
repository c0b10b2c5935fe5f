//! Uploaded lists: ids given by the application, resolved to users as they become known.

use std::sync::Arc;

use parking_lot::{Mutex, MutexGuard};
use roaring::RoaringBitmap;

use crate::messages::scope_hash;
use crate::users::Users;

/// One version of a list.
pub(crate) struct List {
    /// Its version.
    pub version: u64,
    shards: Vec<Mutex<Resolved>>,
    user_ids: Arc<Vec<String>>,
}

/// What is known of a list's ids in one shard.
#[derive(Default)]
struct Resolved {
    /// Users found so far.
    members: RoaringBitmap,
    /// Hash and position of the ids that were unknown when the shard had `known` users.
    pending: Vec<(u64, u32)>,
    known: u32,
}

impl List {
    /// Places the ids in shards; resolving waits for the first use.
    pub fn new(version: u64, user_ids: Arc<Vec<String>>, shards: u16) -> List {
        let mut places: Vec<Resolved> = (0..shards).map(|_| Resolved::default()).collect();
        for (position, id) in user_ids.iter().enumerate() {
            let hash = scope_hash(id);
            places[(hash % u64::from(shards)) as usize].pending.push((hash, position as u32));
        }
        List { version, shards: places.into_iter().map(Mutex::new).collect(), user_ids }
    }

    /// Users of a shard whose ids are on the list.
    pub fn members(&self, shard: u16, users: &Users) -> RoaringBitmap {
        self.resolved(shard, users).members.clone()
    }

    /// Whether a user's id is on the list.
    pub fn contains(&self, shard: u16, users: &Users, uid: u32) -> bool {
        self.resolved(shard, users).members.contains(uid)
    }

    fn resolved(&self, shard: u16, users: &Users) -> MutexGuard<'_, Resolved> {
        let mut resolved = self.shards[usize::from(shard)].lock();
        if resolved.known < users.len() {
            let pending = std::mem::take(&mut resolved.pending);
            for (hash, position) in pending {
                match users.find(hash, &self.user_ids[position as usize]) {
                    Some(uid) => {
                        resolved.members.insert(uid);
                    }
                    None => resolved.pending.push((hash, position)),
                }
            }
            resolved.known = users.len();
        }
        resolved
    }
}
