//! Sets of users of one shard on their way to a bitmap.

use roaring::RoaringBitmap;

/// Users of a shard, added in any order and any number of times.
pub(crate) enum UserSet {
    /// A bit for each user.
    Dense(Vec<u64>),
    /// As they came.
    Sparse(Vec<u32>),
}

/// A bit for each user is as good as a list of one user in so many.
const BITS_SHARE: usize = 32;

impl UserSet {
    /// For a shard of `users`, to which up to `touched` will be added.
    pub fn new(users: u32, touched: usize) -> UserSet {
        if touched.saturating_mul(BITS_SHARE) >= users as usize {
            UserSet::Dense(vec![0; (users as usize).div_ceil(64)])
        } else {
            UserSet::Sparse(Vec::with_capacity(touched))
        }
    }

    /// Adds a user.
    #[inline]
    pub fn add(&mut self, uid: u32) {
        match self {
            UserSet::Dense(bits) => bits[uid as usize / 64] |= 1 << (uid % 64),
            UserSet::Sparse(uids) => uids.push(uid),
        }
    }

    /// The set.
    pub fn finish(self) -> RoaringBitmap {
        match self {
            UserSet::Dense(bits) => RoaringBitmap::from_lsb0_bytes(0, bytemuck::cast_slice(&bits)),
            UserSet::Sparse(mut uids) => {
                uids.sort_unstable();
                uids.into_iter().collect()
            }
        }
    }
}

/// A bitmap of growing uids.
pub(crate) fn collect(uids: impl Iterator<Item = u32>) -> RoaringBitmap {
    let uids: Vec<u32> = uids.collect();
    let (Some(first), Some(last)) = (uids.first().copied(), uids.last().copied()) else { return RoaringBitmap::new() };
    let range = (last - first) as usize + 1;
    if uids.len().saturating_mul(BITS_SHARE) < range {
        // Growing uids are appended, not searched.
        return uids.into_iter().collect();
    }
    let mut bits = vec![0_u64; range.div_ceil(64)];
    for place in uids.into_iter().map(|uid| uid - first) {
        bits[place as usize / 64] |= 1 << (place % 64);
    }
    RoaringBitmap::from_lsb0_bytes(first, bytemuck::cast_slice(&bits))
}
