//! Users in the order of their ids: digests and listings.

use std::cmp::Reverse;
use std::collections::BinaryHeap;

use rayon::prelude::*;
use roaring::RoaringBitmap;
use rollcall_rules::digest::digest_of_sorted;

use crate::engine::{Engine, State};
use crate::members::Members;

impl Engine {
    /// The digest of a set of users: hex SHA-256 over their ids sorted by bytes ([`rollcall_rules::digest`]).
    pub fn digest(&self, members: &Members) -> String {
        let state = self.read();
        let sorted = self.sorted(&state, members);
        digest_of_sorted(in_order(&state, &sorted))
    }

    /// Ids of a set of users, sorted by bytes.
    pub fn sorted_user_ids(&self, members: &Members) -> Vec<String> {
        let state = self.read();
        let sorted = self.sorted(&state, members);
        in_order(&state, &sorted).map(str::to_owned).collect()
    }

    /// Each shard's part, sorted by id.
    fn sorted(&self, state: &State, members: &Members) -> Vec<Vec<u32>> {
        let none = RoaringBitmap::new();
        let of_shard =
            |(number, shard): (usize, &crate::shard::Shard)| shard.users.sorted(members.shard(number as u16).unwrap_or(&none));
        self.threads.install(|| state.shards.par_iter().enumerate().map(of_shard).collect())
    }
}

/// Merges the shards' sorted parts.
fn in_order<'a>(state: &'a State, sorted: &'a [Vec<u32>]) -> impl Iterator<Item = &'a str> {
    let mut parts: Vec<_> = sorted.iter().map(|uids| uids.iter()).collect();
    let mut next = move |shard: usize| Some(Reverse((state.shards[shard].users.id(*parts[shard].next()?)?, shard)));
    let mut heap: BinaryHeap<Reverse<(&str, usize)>> = (0..sorted.len()).filter_map(&mut next).collect();
    std::iter::from_fn(move || {
        let Reverse((id, shard)) = heap.pop()?;
        heap.extend(next(shard));
        Some(id)
    })
}
