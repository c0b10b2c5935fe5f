//! Sets of users: one roaring bitmap of local uids per shard.

use roaring::{RoaringBitmap, RoaringTreemap};

use crate::error::EngineError;

/// A user: dense number inside a shard, given in the order of first naming.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub struct Uid {
    /// Shard number.
    pub shard: u16,
    /// Number inside the shard.
    pub local: u32,
}

impl Uid {
    /// `shard << 32 | local`.
    pub fn to_u64(self) -> u64 {
        u64::from(self.shard) << 32 | u64::from(self.local)
    }

    /// The inverse of [`Uid::to_u64`]; `None` if the shard number does not fit.
    pub fn from_u64(number: u64) -> Option<Uid> {
        Some(Uid { shard: u16::try_from(number >> 32).ok()?, local: number as u32 })
    }
}

/// A set of users. Shards that are not there are empty.
#[derive(Debug, Clone, Default)]
pub struct Members {
    shards: Vec<RoaringBitmap>,
}

/// First byte of [`Members::to_bytes`]. To change the format, give it the next number and keep reading the old one.
const FORMAT: u8 = 1;

impl Members {
    /// From one bitmap per shard, in shard order.
    pub fn from_shards(shards: Vec<RoaringBitmap>) -> Members {
        Members { shards }
    }

    /// The bitmap of one shard.
    pub fn shard(&self, shard: u16) -> Option<&RoaringBitmap> {
        self.shards.get(usize::from(shard))
    }

    /// How many.
    pub fn len(&self) -> u64 {
        self.shards.iter().map(RoaringBitmap::len).sum()
    }

    /// Whether there is nobody.
    pub fn is_empty(&self) -> bool {
        self.shards.iter().all(RoaringBitmap::is_empty)
    }

    /// Whether a user is in it.
    pub fn contains(&self, uid: Uid) -> bool {
        self.shard(uid.shard).is_some_and(|bitmap| bitmap.contains(uid.local))
    }

    /// Adds a user; false if it was there.
    pub fn insert(&mut self, uid: Uid) -> bool {
        let shard = usize::from(uid.shard);
        if self.shards.len() <= shard {
            self.shards.resize(shard + 1, RoaringBitmap::new());
        }
        self.shards[shard].insert(uid.local)
    }

    /// By shard, then uid.
    pub fn iter(&self) -> impl Iterator<Item = Uid> + '_ {
        self.shards
            .iter()
            .enumerate()
            .flat_map(|(shard, bitmap)| bitmap.iter().map(move |local| Uid { shard: shard as u16, local }))
    }

    /// Users in both.
    pub fn and(&self, other: &Members) -> Members {
        self.combine(other, |a, b| a & b)
    }

    /// Users in either.
    pub fn or(&self, other: &Members) -> Members {
        self.combine(other, |a, b| a | b)
    }

    /// Users in this one and not in the other.
    pub fn and_not(&self, other: &Members) -> Members {
        self.combine(other, |a, b| a - b)
    }

    /// Another name of [`Members::and_not`].
    pub fn sub(&self, other: &Members) -> Members {
        self.and_not(other)
    }

    /// How many are in both, without building the intersection.
    pub fn intersection_len(&self, other: &Members) -> u64 {
        self.shards.iter().zip(&other.shards).map(|(a, b)| a.intersection_len(b)).sum()
    }

    fn combine(&self, other: &Members, operation: impl Fn(&RoaringBitmap, &RoaringBitmap) -> RoaringBitmap) -> Members {
        let empty = RoaringBitmap::new();
        let shards = (0..self.shards.len().max(other.shards.len()))
            .map(|shard| operation(self.shards.get(shard).unwrap_or(&empty), other.shards.get(shard).unwrap_or(&empty)))
            .collect();
        Members { shards }
    }

    /// Own stored form: version byte 1, number of shards (u16 LE), then per shard the length in bytes (u32 LE) of a bitmap in the
    /// portable roaring format, and that bitmap.
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = vec![FORMAT];
        bytes.extend_from_slice(&(self.shards.len() as u16).to_le_bytes());
        for bitmap in &self.shards {
            bytes.extend_from_slice(&(bitmap.serialized_size() as u32).to_le_bytes());
            write_bitmap(bitmap, &mut bytes);
        }
        bytes
    }

    /// Reads what [`Members::to_bytes`] wrote.
    ///
    /// # Errors
    /// [`EngineError::Members`] if the bytes are anything else.
    pub fn from_bytes(bytes: &[u8]) -> Result<Members, EngineError> {
        let damaged = |reason: &str| EngineError::Members(reason.to_owned());
        let (head, mut rest) = bytes.split_at_checked(3).ok_or_else(|| damaged("too short"))?;
        if head[0] != FORMAT {
            return Err(EngineError::Members(format!("unknown version {}", head[0])));
        }
        let count = u16::from_le_bytes([head[1], head[2]]);
        let mut shards = Vec::with_capacity(usize::from(count));
        for _ in 0..count {
            let (length, after) = rest.split_first_chunk::<4>().ok_or_else(|| damaged("a length is missing"))?;
            let length = u32::from_le_bytes(*length) as usize;
            let (bitmap, after) = after.split_at_checked(length).ok_or_else(|| damaged("a bitmap is cut short"))?;
            shards.push(RoaringBitmap::deserialize_from(bitmap).map_err(|error| damaged(&error.to_string()))?);
            rest = after;
        }
        if !rest.is_empty() {
            return Err(damaged("bytes are left over"));
        }
        Ok(Members { shards })
    }

    /// The portable 64-bit roaring format (CRoaring's `roaring64`/`Roaring64Map`), each user as [`Uid::to_u64`].
    pub fn to_treemap_bytes(&self) -> Vec<u8> {
        let pairs = self.shards.iter().enumerate().filter(|(_, bitmap)| !bitmap.is_empty());
        let treemap = RoaringTreemap::from_bitmaps(pairs.map(|(shard, bitmap)| (shard as u32, bitmap.clone())));
        let mut bytes = Vec::with_capacity(treemap.serialized_size());
        // Writing into a Vec cannot fail.
        let _ = treemap.serialize_into(&mut bytes);
        bytes
    }

    /// Reads the portable 64-bit roaring format.
    ///
    /// # Errors
    /// [`EngineError::Members`] if the bytes are anything else or name a shard above 65,535.
    pub fn from_treemap_bytes(bytes: &[u8]) -> Result<Members, EngineError> {
        let treemap = RoaringTreemap::deserialize_from(bytes).map_err(|error| EngineError::Members(error.to_string()))?;
        let mut shards = Vec::new();
        for (shard, bitmap) in treemap.bitmaps() {
            let shard = u16::try_from(shard).map_err(|_| EngineError::Members(format!("shard {shard} is out of range")))?;
            shards.resize(usize::from(shard) + 1, RoaringBitmap::new());
            shards[usize::from(shard)] = bitmap.clone();
        }
        Ok(Members { shards })
    }
}

impl PartialEq for Members {
    /// Equal sets; how the bitmaps are stored and empty shards at the end make no difference.
    fn eq(&self, other: &Members) -> bool {
        let common = self.shards.len().min(other.shards.len());
        let same = |a: &RoaringBitmap, b: &RoaringBitmap| a.len() == b.len() && a.is_subset(b);
        self.shards[common..].iter().chain(&other.shards[common..]).all(RoaringBitmap::is_empty)
            && self.shards.iter().zip(&other.shards).all(|(a, b)| same(a, b))
    }
}

impl Eq for Members {}

fn write_bitmap(bitmap: &RoaringBitmap, into: &mut Vec<u8>) {
    // Writing into a Vec cannot fail.
    let _ = bitmap.serialize_into(into);
}

#[cfg(test)]
mod tests {
    use super::*;

    fn members(uids: &[(u16, u32)]) -> Members {
        let mut members = Members::default();
        for (shard, local) in uids {
            members.insert(Uid { shard: *shard, local: *local });
        }
        members
    }

    #[test]
    fn algebra_pads_missing_shards() {
        let (a, b) = (members(&[(0, 1), (0, 2), (3, 7)]), members(&[(0, 2), (1, 9)]));
        assert_eq!(a.and(&b), members(&[(0, 2)]));
        assert_eq!(a.or(&b), members(&[(0, 1), (0, 2), (1, 9), (3, 7)]));
        assert_eq!(a.and_not(&b), members(&[(0, 1), (3, 7)]));
        assert_eq!(b.sub(&a), members(&[(1, 9)]));
        assert_eq!(a.intersection_len(&b), 1);
    }

    #[test]
    fn stored_forms_come_back() {
        let mut set = members(&[(0, 1), (5, u32::MAX), (5, 0)]);
        set.shards[0].insert_range(100..100_000);
        assert_eq!(Members::from_bytes(&set.to_bytes()).unwrap(), set);
        assert_eq!(Members::from_treemap_bytes(&set.to_treemap_bytes()).unwrap(), set);
        assert_eq!(Members::from_bytes(&Members::default().to_bytes()).unwrap(), Members::default());
    }

    #[test]
    fn damaged_bytes_are_refused() {
        let bytes = members(&[(0, 1), (1, 2)]).to_bytes();
        for length in 0..bytes.len() {
            assert!(Members::from_bytes(&bytes[..length]).is_err(), "cut at {length}");
        }
        assert!(Members::from_bytes(&[&bytes[..], &[0]].concat()).is_err());
        assert!(Members::from_bytes(&[2, 0, 0]).is_err());
    }

    #[test]
    fn equality_ignores_storage() {
        let mut runs = RoaringBitmap::new();
        runs.insert_range(0..10_000);
        let singles: RoaringBitmap = (0..10_000).collect();
        assert_eq!(Members::from_shards(vec![runs]), Members::from_shards(vec![singles, RoaringBitmap::new()]));
    }
}
