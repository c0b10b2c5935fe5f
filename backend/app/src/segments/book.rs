//! All segments in memory, with their current members.

use std::collections::{BTreeMap, BTreeSet, HashMap};
use std::sync::Arc;

use parking_lot::RwLock;
use rollcall_engine::Members;
use rollcall_rules::References;
use rollcall_store::{Build, ListId, Segment, SegmentId, Store};

use crate::catalogues::{self, Held};
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

/// Segments, lists and catalogues that rules may refer to.
#[derive(Default)]
pub(crate) struct Book {
    entries: RwLock<HashMap<SegmentId, Entry>>,
    lists: RwLock<BTreeSet<String>>,
    renewing: tokio::sync::Mutex<()>,
    changing_lists: tokio::sync::Mutex<()>,
    catalogues: RwLock<BTreeMap<String, Held>>,
    changing_catalogues: tokio::sync::Mutex<()>,
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
            book.lists.write().insert(list.id.into_string());
        }
        catalogues::load(store).await?.into_iter().for_each(|held| book.put_catalogue(held));
        Ok(book)
    }

    /// Takes in a segment as the store has it now, after every change of it: its members stay until the next build, and one
    /// in the trash goes. Reading and taking in are one step, so of changes at the same time the last one stands.
    pub(crate) async fn renew(&self, store: &Store, id: &SegmentId) -> Result<()> {
        let _one_at_a_time = self.renewing.lock().await;
        let Some(segment) = store.segment(id).await?.filter(|segment| segment.trashed_at.is_none()) else {
            self.entries.write().remove(id);
            return Ok(());
        };
        if let Some(entry) = self.entries.write().get_mut(id) {
            entry.segment = segment;
            return Ok(());
        }
        let entry = load_entry(store, segment).await?;
        self.entries.write().insert(id.clone(), entry);
        Ok(())
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

    /// Held while a list is changed, so that lake, store, engine and book move together.
    pub(crate) async fn changing_lists(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.changing_lists.lock().await
    }

    pub(crate) fn put_list(&self, id: &ListId) {
        self.lists.write().insert(id.as_str().to_owned());
    }

    pub(crate) fn remove_list(&self, id: &ListId) {
        self.lists.write().remove(id.as_str());
    }

    /// Held while a catalogue is changed, so that store and book move together.
    pub(crate) async fn changing_catalogues(&self) -> tokio::sync::MutexGuard<'_, ()> {
        self.changing_catalogues.lock().await
    }

    pub(crate) fn catalogues(&self) -> Vec<Held> {
        self.catalogues.read().values().cloned().collect()
    }

    pub(crate) fn catalogue(&self, id: &str) -> Option<Held> {
        self.catalogues.read().get(id).cloned()
    }

    pub(crate) fn put_catalogue(&self, held: Held) {
        self.catalogues.write().insert(held.stored.id.as_str().to_owned(), held);
    }

    pub(crate) fn remove_catalogue(&self, id: &str) {
        self.catalogues.write().remove(id);
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
        self.lists.read().contains(id)
    }

    fn catalogue_of(&self, property: &str) -> Option<Arc<rollcall_rules::Catalogue>> {
        let catalogues = self.catalogues.read();
        let linked = catalogues.values().find(|held| held.stored.links.iter().any(|link| link == property));
        linked.map(|held| held.rows.clone())
    }
}
