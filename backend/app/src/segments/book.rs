//! All segments in memory, with their current members.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use parking_lot::RwLock;
use rollcall_engine::Members;
use rollcall_rules::References;
use rollcall_store::{Build, ListId, Segment, SegmentId, Store};

use crate::error::{AppError, Result};

/// The members that a segment has now, and the build that says so.
#[derive(Debug, Clone)]
pub(crate) struct Current {
    pub build: Build,
    pub members: Arc<Members>,
}

/// One segment.
#[derive(Debug, Clone)]
pub(crate) struct Entry {
    pub segment: Segment,
    pub current: Option<Current>,
    /// When the members were last known to be right, microseconds.
    pub checked_at: Option<i64>,
    /// Why they could not be checked since.
    pub error: Option<String>,
}

/// Segments and lists that rules may refer to.
#[derive(Default)]
pub(crate) struct Book {
    entries: RwLock<HashMap<SegmentId, Entry>>,
    lists: RwLock<BTreeMap<String, u64>>,
}

impl Book {
    /// Loads every segment that is not in the trash, with the members of its latest build.
    pub(crate) async fn load(store: &Store) -> Result<Book> {
        let book = Book::default();
        for segment in store.segments(&rollcall_store::SegmentFilter::default()).await? {
            let entry = load_entry(store, segment).await?;
            book.entries.write().insert(entry.segment.id.clone(), entry);
        }
        for list in store.lists().await? {
            book.lists.write().insert(list.id.into_string(), list.version);
        }
        Ok(book)
    }

    /// Takes in a segment as the store has it now; its members stay until the next build.
    pub(crate) fn put(&self, segment: Segment) {
        let mut entries = self.entries.write();
        match entries.get_mut(&segment.id) {
            Some(entry) => entry.segment = segment,
            None => {
                let entry = Entry { segment, current: None, checked_at: None, error: None };
                entries.insert(entry.segment.id.clone(), entry);
            }
        }
    }

    /// Takes in a segment with its members (after a restore).
    pub(crate) fn put_entry(&self, entry: Entry) {
        self.entries.write().insert(entry.segment.id.clone(), entry);
    }

    pub(crate) fn remove(&self, id: &SegmentId) {
        self.entries.write().remove(id);
    }

    pub(crate) fn entry(&self, id: &SegmentId) -> Option<Entry> {
        self.entries.read().get(id).cloned()
    }

    /// All entries, by name.
    pub(crate) fn entries(&self) -> Vec<Entry> {
        let mut entries: Vec<Entry> = self.entries.read().values().cloned().collect();
        entries.sort_by(|a, b| {
            a.segment.name.to_lowercase().cmp(&b.segment.name.to_lowercase()).then_with(|| a.segment.id.cmp(&b.segment.id))
        });
        entries
    }

    pub(crate) fn len(&self) -> usize {
        self.entries.read().len()
    }

    /// Changes an entry in place, if it is still there.
    pub(crate) fn update(&self, id: &SegmentId, change: impl FnOnce(&mut Entry)) {
        if let Some(entry) = self.entries.write().get_mut(id) {
            change(entry);
        }
    }

    pub(crate) fn put_list(&self, id: &ListId, version: u64) {
        self.lists.write().insert(id.as_str().to_owned(), version);
    }

    pub(crate) fn remove_list(&self, id: &ListId) {
        self.lists.write().remove(id.as_str());
    }

    pub(crate) fn list_versions(&self) -> BTreeMap<String, u64> {
        self.lists.read().clone()
    }
}

/// Loads one segment with the members of its latest build.
pub(crate) async fn load_entry(store: &Store, segment: Segment) -> Result<Entry> {
    let current = match store.latest_build(&segment.id).await? {
        Some(build) => members_of(store, &build).await?.map(|members| Current { build, members: Arc::new(members) }),
        None => None,
    };
    Ok(Entry { checked_at: segment.check.checked_at, error: segment.check.error.clone(), segment, current })
}

/// The members of a build, put together from its chain; `None` if they are no longer kept.
pub(crate) async fn members_of(store: &Store, build: &Build) -> Result<Option<Members>> {
    let Some(chain) = store.members_chain(&build.id).await? else {
        return Ok(None);
    };
    let mut members = Members::from_bytes(&chain.base)?;
    for delta in &chain.deltas {
        members = members.and_not(&Members::from_bytes(&delta.removed)?).or(&Members::from_bytes(&delta.added)?);
    }
    if members.len() != build.count {
        return Err(AppError::internal(format!(
            "build {} says {} members, its chain gives {}",
            build.id.as_str(),
            build.count,
            members.len()
        )));
    }
    Ok(Some(members))
}

impl References for Book {
    fn segment_rule(&self, id: &str) -> Option<Arc<serde_json::Value>> {
        self.entries.read().get(&SegmentId::new(id)).map(|entry| Arc::new(entry.segment.rule.clone()))
    }

    fn list_exists(&self, id: &str) -> bool {
        self.lists.read().contains_key(id)
    }
}
