//! One Delta table: its place, its cached state, and how a batch of rows is appended to it.

use std::collections::BTreeMap;
use std::sync::{Arc, PoisonError, RwLock};

use deltalake::DeltaTableError;
use deltalake::kernel::transaction::{CommitBuilder, CommitProperties, TableReference};
use deltalake::kernel::{Action, Add, MetadataExt, Protocol, Transaction, new_metadata};
use deltalake::logstore::LogStoreRef;
use deltalake::protocol::{DeltaOperation, SaveMode};
use deltalake::table::state::DeltaTableState;
use object_store::path::Path;
use serde_json::Value as Json;

use crate::columns::{Columns, Kind};
use crate::encode::EncodedFile;
use crate::error::LakeError;
use crate::slug::{slug, unslug};
use crate::storage::Storage;

/// The application id of the transactions that make commits repeatable.
pub(crate) const APP_ID: &str = "rollcall";

/// Which table.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum TableId {
    /// The events of a name.
    Events(String),
    Profiles,
    Traits,
    Quarantine,
    Lists,
}

impl TableId {
    pub(crate) fn kind(&self) -> Kind {
        match self {
            TableId::Events(_) => Kind::Events,
            TableId::Profiles => Kind::Profiles,
            TableId::Traits => Kind::Traits,
            TableId::Quarantine => Kind::Quarantine,
            TableId::Lists => Kind::Lists,
        }
    }

    /// The folder below the lake.
    pub(crate) fn folder(&self) -> String {
        match self {
            TableId::Events(name) => format!("events/{}", slug(name)),
            TableId::Profiles => "profiles".to_owned(),
            TableId::Traits => "traits".to_owned(),
            TableId::Quarantine => "quarantine".to_owned(),
            TableId::Lists => "lists".to_owned(),
        }
    }

    /// What a person calls it; also its name in SQL.
    pub(crate) fn label(&self) -> String {
        match self {
            TableId::Events(name) => format!("events/{name}"),
            other => other.folder(),
        }
    }
}

/// One data file of a table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct DataFile {
    /// From the store's root.
    pub(crate) path: Path,
    pub(crate) size: u64,
    pub(crate) rows: u64,
    /// Smallest and greatest value of the ranged columns: integers, or microseconds.
    pub(crate) ranges: BTreeMap<String, (i64, i64)>,
}

/// A version of a table.
#[derive(Debug, Clone)]
pub(crate) struct TableState {
    delta: DeltaTableState,
    pub(crate) columns: Arc<Columns>,
    pub(crate) files: Arc<Vec<DataFile>>,
    /// Every record with seq <= this that belongs here is here.
    pub(crate) up_to: u64,
}

/// A table, which may not exist in the storage yet.
pub(crate) struct Table {
    pub(crate) id: TableId,
    storage: Storage,
    folder: String,
    log_store: LogStoreRef,
    state: RwLock<Option<Arc<TableState>>>,
}

impl Table {
    /// A handle; nothing is read.
    pub(crate) fn new(storage: &Storage, id: TableId) -> Result<Table, LakeError> {
        let folder = id.folder();
        let log_store = storage.log_store(&folder)?;
        Ok(Table { id, storage: storage.clone(), folder, log_store, state: RwLock::new(None) })
    }

    /// Opens the event table in a folder below `events`; `None` if there is no table in it.
    pub(crate) async fn open_events(storage: &Storage, folder_name: &str) -> Result<Option<Table>, LakeError> {
        let log_store = storage.log_store(&format!("events/{folder_name}"))?;
        let Some(delta) = load(&log_store).await? else { return Ok(None) };
        let name = delta.metadata().name().map(ToOwned::to_owned).or_else(|| unslug(folder_name));
        let Some(name) = name.filter(|name| slug(name) == folder_name) else {
            return Err(LakeError::Corrupt(format!("events/{folder_name} is not named after its event")));
        };
        let table = Table::new(storage, TableId::Events(name))?;
        table.adopt(delta).await?;
        Ok(Some(table))
    }

    /// The cached state; `None` while the table does not exist.
    pub(crate) fn state(&self) -> Option<Arc<TableState>> {
        self.state.read().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// The columns it has, or would be created with.
    pub(crate) fn columns(&self) -> Arc<Columns> {
        self.state().map_or_else(|| Arc::new(Columns::new(self.id.kind())), |state| Arc::clone(&state.columns))
    }

    /// Reads what other processes committed since.
    pub(crate) async fn refresh(&self) -> Result<(), LakeError> {
        let Some(state) = self.state() else {
            if let Some(delta) = load(&self.log_store).await? {
                self.adopt(delta).await?;
            }
            return Ok(());
        };
        let mut delta = state.delta.clone();
        delta.update(self.log_store.as_ref(), None).await?;
        if delta.version() != state.delta.version() {
            self.adopt(delta).await?;
        }
        Ok(())
    }

    async fn adopt(&self, delta: DeltaTableState) -> Result<(), LakeError> {
        let up_to = delta.transaction_version(self.log_store.as_ref(), APP_ID).await?.unwrap_or_default();
        let columns = Arc::new(Columns::from_delta(self.id.kind(), delta.schema().as_ref()));
        let log = delta.log_data();
        let files = log.iter().map(|file| {
            let stats = file.stats();
            self.data_file(&file.path(), file.size(), stats.as_deref())
        });
        let files = Arc::new(files.collect::<Result<Vec<_>, _>>()?);
        self.set(TableState { columns, files, up_to: up_to.unsigned_abs(), delta });
        Ok(())
    }

    fn set(&self, state: TableState) {
        *self.state.write().unwrap_or_else(PoisonError::into_inner) = Some(Arc::new(state));
    }

    fn data_file(&self, path: &str, size: i64, stats: Option<&str>) -> Result<DataFile, LakeError> {
        let stats: Json = stats.and_then(|stats| serde_json::from_str(stats).ok()).unwrap_or_default();
        let mut ranges = BTreeMap::new();
        for name in self.id.kind().ranged() {
            let end = |which: &str| stats.get(which)?.get(name);
            if let (Some(least), Some(greatest)) = (end("minValues"), end("maxValues")) {
                // Instants are cut to the millisecond in the log, so the greatest may be up to 999 µs later.
                let cut = if greatest.is_string() { 999 } else { 0 };
                if let (Some(least), Some(greatest)) = (read_bound(least), read_bound(greatest)) {
                    ranges.insert((*name).to_owned(), (least, greatest + cut));
                }
            }
        }
        let rows = stats.get("numRecords").and_then(Json::as_u64).unwrap_or_default();
        let path = self.storage.path(&format!("{}/{path}", self.folder));
        let size = u64::try_from(size).map_err(|_| LakeError::Corrupt(format!("{path} has a negative size")))?;
        Ok(DataFile { path, size, rows, ranges })
    }

    /// Writes files and commits them together with new columns and the transaction, creating the table if need be.
    /// On a conflict with another writer the cached state is read again, and the error says so.
    pub(crate) async fn append(
        &self,
        columns: Columns,
        files: Vec<EncodedFile>,
        app_id: &str,
        version: u64,
    ) -> Result<(), LakeError> {
        let mut adds = Vec::with_capacity(files.len());
        for file in files {
            self.storage.put(&format!("{}/{}", self.folder, file.name), file.bytes).await?;
            adds.push(Add {
                path: file.name,
                size: file.size,
                modification_time: file.modified_ms,
                data_change: true,
                stats: Some(file.stats),
                ..Add::default()
            });
        }
        let before = self.state();
        match self.commit(before.as_deref(), &columns, &adds, app_id, version).await {
            Ok((delta, up_to)) => self.advance(before.as_deref(), delta, columns, &adds, up_to).await,
            Err(error) => {
                if matches!(error, LakeError::Conflict(_)) {
                    self.refresh().await?;
                }
                Err(error)
            }
        }
    }

    async fn commit(
        &self,
        before: Option<&TableState>,
        columns: &Columns,
        adds: &[Add],
        app_id: &str,
        version: u64,
    ) -> Result<(DeltaTableState, u64), LakeError> {
        let txn = i64::try_from(version).map_err(|_| LakeError::Corrupt(format!("{version} is beyond all positions")))?;
        let mut actions = Vec::new();
        let operation = match before {
            None => self.creation(columns, &mut actions)?,
            Some(state) => {
                if *state.columns != *columns {
                    actions.push(state.delta.metadata().clone().with_schema(&columns.delta()?)?.into());
                }
                DeltaOperation::Write { mode: SaveMode::Append, partition_by: None, predicate: None }
            }
        };
        actions.extend(adds.iter().cloned().map(Action::Add));
        // No retries inside: whatever another writer committed may hold these very rows, so the caller looks again first.
        let properties = CommitProperties::default()
            .with_max_retries(0)
            .with_application_transaction(Transaction::new(app_id, txn))
            .with_cleanup_expired_logs(Some(false));
        let committed = CommitBuilder::from(properties)
            .with_actions(actions)
            .build(before.map(|state| &state.delta as &dyn TableReference), Arc::clone(&self.log_store), operation)
            .await?;
        let up_to = before.map_or(0, |state| state.up_to);
        Ok((committed.snapshot(), if app_id == APP_ID { version } else { up_to }))
    }

    fn creation(&self, columns: &Columns, actions: &mut Vec<Action>) -> Result<DeltaOperation, LakeError> {
        let ranged = self.id.kind().ranged().join(",");
        let settings = [("delta.appendOnly", "false"), ("delta.dataSkippingStatsColumns", ranged.as_str())];
        let mut metadata = new_metadata(&columns.delta()?, Vec::<String>::new(), settings)?;
        if let TableId::Events(name) = &self.id {
            metadata = metadata.with_name(name.clone())?;
        }
        let protocol: Protocol = serde_json::from_value(serde_json::json!({"minReaderVersion": 1, "minWriterVersion": 2}))
            .map_err(|error| LakeError::Corrupt(error.to_string()))?;
        actions.push(Action::Protocol(protocol.clone()));
        actions.push(Action::Metadata(metadata.clone()));
        let location = self.log_store.config().location().clone();
        Ok(DeltaOperation::Create { mode: SaveMode::ErrorIfExists, location, protocol, metadata })
    }

    /// Takes over the state after a commit; the file list is only read again if somebody else committed in between.
    async fn advance(
        &self,
        before: Option<&TableState>,
        delta: DeltaTableState,
        columns: Columns,
        adds: &[Add],
        up_to: u64,
    ) -> Result<(), LakeError> {
        let expected = before.map_or(0, |state| state.delta.version() + 1);
        if delta.version() != expected {
            return self.adopt(delta).await;
        }
        let mut files = before.map(|state| state.files.as_ref().clone()).unwrap_or_default();
        for add in adds {
            files.push(self.data_file(&add.path, add.size, add.stats.as_deref())?);
        }
        self.set(TableState { columns: Arc::new(columns), files: Arc::new(files), up_to, delta });
        Ok(())
    }
}

/// The newest state of a table; `None` if there is none at that place.
async fn load(log_store: &LogStoreRef) -> Result<Option<DeltaTableState>, LakeError> {
    if !log_store.is_delta_table_location().await? {
        return Ok(None);
    }
    match DeltaTableState::try_new(log_store.as_ref(), None).await {
        Err(DeltaTableError::NotATable(_)) => Ok(None),
        loaded => Ok(Some(loaded?)),
    }
}

/// A bound of the file statistics: an integer, or an instant as microseconds.
fn read_bound(bound: &Json) -> Option<i64> {
    match bound {
        Json::String(text) => text.parse::<jiff::Timestamp>().ok().map(jiff::Timestamp::as_microsecond),
        other => other.as_i64(),
    }
}
