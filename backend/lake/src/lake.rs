//! The lake as the other rooms see it.

use std::collections::BTreeMap;
use std::path::PathBuf;
use std::sync::{Arc, PoisonError, RwLock};

use datafusion::execution::disk_manager::{DiskManagerBuilder, DiskManagerMode};
use datafusion::execution::memory_pool::FairSpillPool;
use datafusion::execution::runtime_env::{RuntimeEnv, RuntimeEnvBuilder};
use datafusion::prelude::{SessionConfig, SessionContext};
use futures::stream::{BoxStream, StreamExt, TryStreamExt};
use rollcall_rules::{CheckedRule, Fact, Instant, Schema};
use url::Url;

use crate::error::LakeError;
use crate::functions;
use crate::scan::Scan;
use crate::storage::Storage;
use crate::tables::{DataFile, Table, TableId};

/// Tables opened at once.
const PARALLEL_OPENS: usize = 8;

/// Settings of a lake.
#[derive(Debug, Clone)]
pub struct LakeOptions {
    /// Memory that all queries together may take; beyond it they spill to disk.
    pub memory_limit_bytes: usize,
    /// Options of the object store by name, as `object_store` spells them for S3: `endpoint`, `region`,
    /// `access_key_id`, `secret_access_key`, `allow_http`, ... Unused for `file:` URLs.
    pub storage: BTreeMap<String, String>,
    /// Where queries spill; the system's temporary folder by default.
    pub spill_directory: Option<PathBuf>,
}

impl Default for LakeOptions {
    fn default() -> LakeOptions {
        LakeOptions { memory_limit_bytes: 2 << 30, storage: BTreeMap::new(), spill_directory: None }
    }
}

/// A record that collection could not accept.
#[derive(Debug, Clone, PartialEq)]
pub struct Quarantined {
    /// Position in the order of taking in.
    pub seq: u64,
    /// Source id.
    pub source: String,
    /// When the server received it.
    pub received_at: Instant,
    /// Stable code.
    pub reason: String,
    /// A sentence.
    pub detail: String,
    /// The record as received.
    pub raw: Vec<u8>,
}

/// What one flush hands to the lake.
#[derive(Debug, Clone, Copy)]
pub struct LakeBatch<'a> {
    /// Accepted records, in seq order.
    pub facts: &'a [Fact],
    /// Refused records, in seq order.
    pub quarantined: &'a [Quarantined],
    /// Every record with seq <= this is in this batch or in an earlier one.
    pub up_to: u64,
    /// What is known of the data's shape.
    pub schema: &'a Schema,
}

/// Batches of facts in seq order.
pub type FactStream = BoxStream<'static, Result<Vec<Fact>, LakeError>>;

/// Which quarantined records to list.
#[derive(Debug, Clone, Default)]
pub struct QuarantineFilter {
    /// Only this source.
    pub source: Option<String>,
    /// Only records with a smaller seq: the next page.
    pub before_seq: Option<u64>,
    /// At most this many.
    pub limit: usize,
}

/// Raw truth: Delta tables under one URL. Cheap to clone; one process writes, any number may read.
#[derive(Clone)]
pub struct Lake {
    pub(crate) inner: Arc<Inner>,
}

/// What all clones share.
pub(crate) struct Inner {
    pub(crate) storage: Storage,
    runtime: Arc<RuntimeEnv>,
    tables: RwLock<BTreeMap<TableId, Arc<Table>>>,
    /// Held while committing.
    pub(crate) writing: tokio::sync::Mutex<()>,
}

impl Lake {
    /// Opens the lake at `file:///path` (creating the folders) or `s3://bucket/prefix`. Must be called, like everything
    /// here, inside a tokio runtime; a multi-threaded one keeps its other tasks running while rows are encoded.
    ///
    /// # Errors
    /// [`LakeError::Location`] for a URL or options that cannot work, [`LakeError::Unavailable`] if the storage does not answer.
    pub async fn open(url: &Url, options: LakeOptions) -> Result<Lake, LakeError> {
        let storage = Storage::open(url, &options.storage)?;
        let spill =
            options.spill_directory.map_or(DiskManagerMode::OsTmpDirectory, |folder| DiskManagerMode::Directories(vec![folder]));
        let runtime = RuntimeEnvBuilder::new()
            .with_memory_pool(Arc::new(FairSpillPool::new(options.memory_limit_bytes)))
            .with_disk_manager_builder(DiskManagerBuilder::default().with_mode(spill))
            .build_arc()?;
        runtime.register_object_store(storage.store_url.as_ref(), Arc::clone(&storage.store));
        let inner = Inner { storage, runtime, tables: RwLock::default(), writing: tokio::sync::Mutex::new(()) };
        inner.refresh().await?;
        Ok(Lake { inner: Arc::new(inner) })
    }

    /// Takes notice of what other processes committed. The process that commits need not call it.
    ///
    /// # Errors
    /// If the storage does not answer or holds what this program cannot read.
    pub async fn refresh(&self) -> Result<(), LakeError> {
        self.inner.refresh().await
    }

    /// Commits a batch: one Delta commit for each table that has rows in it. Repeating a batch, or committing the same
    /// records cut differently, changes nothing: each table skips what it has (see the `commit` module).
    ///
    /// # Errors
    /// Some tables may have been committed by then; committing again completes the rest.
    pub async fn commit(&self, batch: LakeBatch<'_>) -> Result<(), LakeError> {
        self.inner.commit_repeatedly(batch).await
    }

    /// The second evaluation path: the members at `now` over all records with seq <= `watermark`, by SQL over the raw
    /// tables; user ids sorted by bytes. `lists` gives the version of each list that the rule refers to. The caller sees
    /// to it that everything up to `watermark` was committed.
    ///
    /// # Errors
    /// [`LakeError::UnknownList`] if a list or its version is missing, [`LakeError::OutOfMemory`] beyond the memory limit.
    pub async fn evaluate(
        &self,
        rule: &CheckedRule,
        now: Instant,
        watermark: u64,
        lists: &BTreeMap<String, u64>,
    ) -> Result<Vec<String>, LakeError> {
        self.inner.evaluate(rule, now, watermark, lists).await
    }

    /// The SQL that [`Lake::evaluate`] runs, for people who check it.
    ///
    /// # Errors
    /// [`LakeError::UnknownList`] if a list or its version is missing.
    pub async fn explain_sql(
        &self,
        rule: &CheckedRule,
        now: Instant,
        watermark: u64,
        lists: &BTreeMap<String, u64>,
    ) -> Result<String, LakeError> {
        self.inner.sql(rule, now, watermark, lists)
    }

    /// All facts with `after` < seq <= `up_to` in seq order, for rebuilding the index. `schema` is not needed: tables say
    /// themselves what their columns are.
    ///
    /// # Errors
    /// The stream ends with the first error.
    pub async fn facts(&self, after: u64, up_to: u64, schema: &Schema) -> Result<FactStream, LakeError> {
        let _ = schema;
        Ok(crate::facts::stream(Arc::clone(&self.inner), after, up_to))
    }

    /// Stores a new version of a list and returns its number: above `after`, and above every version that was ever written
    /// under this id. So no version is written twice, whoever uploads at the same time, crashes, or deletes the list.
    ///
    /// # Errors
    /// If it could not be committed; then nothing of it is visible.
    pub async fn write_list(&self, id: &str, after: u64, user_ids: &[impl AsRef<str>]) -> Result<u64, LakeError> {
        self.inner.write_list(id, after, user_ids).await
    }

    /// The user ids of a version of a list, sorted, without repeats.
    ///
    /// # Errors
    /// [`LakeError::UnknownList`] if that version was never written.
    pub async fn read_list(&self, id: &str, version: u64) -> Result<Vec<String>, LakeError> {
        self.inner.read_list(id, version).await
    }

    /// Quarantined records, newest first.
    ///
    /// # Errors
    /// If they cannot be read.
    pub async fn quarantined(&self, filter: &QuarantineFilter) -> Result<Vec<Quarantined>, LakeError> {
        self.inner.quarantined(filter).await
    }
}

impl Inner {
    async fn refresh(&self) -> Result<(), LakeError> {
        for id in [TableId::Profiles, TableId::Traits, TableId::Quarantine, TableId::Lists] {
            let table = self.table_or_new(id)?;
            table.refresh().await?;
            self.keep(table);
        }
        let known: Vec<Arc<Table>> = self.event_tables();
        futures::stream::iter(known.iter().map(Ok)).try_for_each_concurrent(PARALLEL_OPENS, |table| table.refresh()).await?;
        let folders = self.storage.folders("events").await?;
        let known: std::collections::BTreeSet<String> = known.iter().map(|table| table.id.folder()).collect();
        let opened = folders
            .into_iter()
            .filter(|folder| !known.contains(&format!("events/{folder}")))
            .map(|folder| async move { Table::open_events(&self.storage, &folder).await });
        let opened: Vec<Option<Table>> = futures::stream::iter(opened).buffer_unordered(PARALLEL_OPENS).try_collect().await?;
        opened.into_iter().flatten().for_each(|table| self.keep(Arc::new(table)));
        Ok(())
    }

    /// A table that exists, or whose handle is known.
    pub(crate) fn table(&self, id: &TableId) -> Option<Arc<Table>> {
        self.tables.read().unwrap_or_else(PoisonError::into_inner).get(id).cloned()
    }

    /// A known table, or a handle to one that a first commit will create.
    pub(crate) fn table_or_new(&self, id: TableId) -> Result<Arc<Table>, LakeError> {
        match self.table(&id) {
            Some(table) => Ok(table),
            None => Ok(Arc::new(Table::new(&self.storage, id)?)),
        }
    }

    /// Makes a table known.
    pub(crate) fn keep(&self, table: Arc<Table>) {
        self.tables.write().unwrap_or_else(PoisonError::into_inner).insert(table.id.clone(), table);
    }

    /// The event tables, by name.
    pub(crate) fn event_tables(&self) -> Vec<Arc<Table>> {
        let tables = self.tables.read().unwrap_or_else(PoisonError::into_inner);
        tables.values().filter(|table| matches!(table.id, TableId::Events(_))).cloned().collect()
    }

    /// Some files of a table with all its columns, texts as plain text.
    pub(crate) fn scan_of(&self, id: &TableId, files: Vec<DataFile>) -> Arc<Scan> {
        let columns = self.table(id).map_or_else(|| Arc::new(crate::columns::Columns::new(id.kind())), |table| table.columns());
        Arc::new(Scan::new(columns.arrow(), self.storage.store_url.clone(), files))
    }

    /// A query session inside the memory limit, with the functions that rules need.
    pub(crate) fn session(&self) -> SessionContext {
        // Rules nest at most 32 deep, but a chain of 1,000 alternatives is one long expression.
        let config = SessionConfig::new().set_usize("datafusion.sql_parser.recursion_limit", 10_000);
        let session = SessionContext::new_with_config_rt(config, Arc::clone(&self.runtime));
        functions::register(&session);
        session
    }
}
