//! Uploaded lists: ids given by the application, resolved to users as they become known.
//!
//! Of a known user the bitmap is kept, of an unknown one the id, until an event or profile names it.

use parking_lot::{Mutex, MutexGuard};
use roaring::RoaringBitmap;

use crate::messages::scope_hash;
use crate::users::Users;

/// One version of a list.
pub(crate) struct List {
    /// Its version.
    pub version: u64,
    shards: Vec<Mutex<Resolved>>,
}

/// What is known of a list's ids in one shard.
#[derive(Default)]
struct Resolved {
    /// Users found so far.
    members: RoaringBitmap,
    /// The ids that were unknown when the shard had `known` users.
    pending: Ids,
    known: u32,
}

/// Ids, one after the other, in the order of the list.
#[derive(Default, Clone)]
struct Ids {
    text: String,
    /// Hash of each, and where it ends.
    places: Vec<(u64, usize)>,
}

impl Ids {
    fn push(&mut self, hash: u64, id: &str) {
        self.text.push_str(id);
        self.places.push((hash, self.text.len()));
    }

    fn get(&self, index: usize) -> Option<&str> {
        let end = self.places.get(index)?.1;
        let start = if index == 0 { 0 } else { self.places[index - 1].1 };
        self.text.get(start..end)
    }

    fn iter(&self) -> impl Iterator<Item = (u64, &str)> {
        self.places.iter().enumerate().filter_map(|(index, (hash, _))| Some((*hash, self.get(index)?)))
    }
}

impl Resolved {
    /// Looks for the pending ids again, if the shard has new users.
    fn catch_up(&mut self, users: &Users) {
        if self.known == users.len() {
            return;
        }
        let mut unknown = Ids::default();
        for (hash, id) in self.pending.iter() {
            match users.find(hash, id) {
                Some(uid) => {
                    self.members.insert(uid);
                }
                None => unknown.push(hash, id),
            }
        }
        if unknown.places.len() < self.pending.places.len() {
            unknown.text.shrink_to_fit();
            unknown.places.shrink_to_fit();
            self.pending = unknown;
        }
        self.known = users.len();
    }
}

impl List {
    /// Places the ids in shards; resolving waits for the first use.
    pub fn new(version: u64, user_ids: &[impl AsRef<str>], shards: u16) -> List {
        let mut places: Vec<Resolved> = (0..shards).map(|_| Resolved::default()).collect();
        for id in user_ids.iter().map(AsRef::as_ref) {
            let hash = scope_hash(id);
            places[(hash % u64::from(shards)) as usize].pending.push(hash, id);
        }
        List { version, shards: places.into_iter().map(Mutex::new).collect() }
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
        resolved.catch_up(users);
        resolved
    }

    /// Ids of a shard that no user has, at most so many.
    fn unknown(&self, shard: u16, users: &Users, most: usize) -> Ids {
        let resolved = self.resolved(shard, users);
        if most >= resolved.pending.places.len() {
            return resolved.pending.clone();
        }
        let mut first = Ids::default();
        resolved.pending.iter().take(most).for_each(|(hash, id)| first.push(hash, id));
        first
    }
}

/// Ids of a list that no user has, as of one moment.
#[derive(Default)]
pub struct UnknownIds {
    shards: Vec<Ids>,
}

impl UnknownIds {
    /// Gathers at most `most` of each shard.
    pub(crate) fn of<'a>(list: &List, shards: impl Iterator<Item = &'a Users>, most: usize) -> UnknownIds {
        let shards = shards.enumerate().map(|(number, users)| list.unknown(number as u16, users, most));
        UnknownIds { shards: shards.collect() }
    }

    /// How many.
    pub fn len(&self) -> usize {
        self.shards.iter().map(|ids| ids.places.len()).sum()
    }

    /// Whether every id of the list is that of a known user.
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// The ids in order, if the list was given in order.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let mut next = vec![0; self.shards.len()];
        std::iter::from_fn(move || {
            let heads = self.shards.iter().zip(&next).enumerate();
            let (shard, id) = heads.filter_map(|(shard, (ids, at))| Some((shard, ids.get(*at)?))).min_by_key(|(_, id)| *id)?;
            next[shard] += 1;
            Some(id)
        })
    }
}

#[cfg(test)]
mod tests {
    use super::{List, UnknownIds};
    use crate::messages::scope_hash;
    use crate::users::Users;

    const SHARDS: u16 = 3;

    #[test]
    fn known_users_leave_the_unknown_as_they_come() {
        let ids: Vec<String> = (0..40).map(|number| format!("u{number:02}")).collect();
        let list = List::new(1, &ids, SHARDS);
        let mut users: Vec<Users> = (0..SHARDS).map(|_| Users::default()).collect();
        let unknown = |users: &[Users], most| -> Vec<String> {
            UnknownIds::of(&list, users.iter(), most).iter().map(str::to_owned).collect()
        };
        assert_eq!(unknown(&users, usize::MAX), ids);
        for id in ["u07", "u31", "stranger"] {
            let hash = scope_hash(id);
            users[(hash % u64::from(SHARDS)) as usize].find_or_add(hash, id);
        }
        let left: Vec<String> = ids.iter().filter(|id| *id != "u07" && *id != "u31").cloned().collect();
        assert_eq!(unknown(&users, usize::MAX), left);
        let known: u64 = users.iter().enumerate().map(|(shard, users)| list.members(shard as u16, users).len()).sum();
        assert_eq!(known, 2);
        assert_eq!(unknown(&users, 2)[..2], left[..2]);
    }
}
