//! Log, engine, lake and store in a folder of their own, for tests.

use std::path::Path;
use std::sync::Arc;
use std::time::Duration;

use futures::StreamExt;
use rollcall_engine::{Engine, EngineOptions};
use rollcall_lake::{Lake, LakeOptions, QuarantineFilter, Quarantined};
use rollcall_log::{EventLog, FileLog, FileLogOptions, NewRecord};
use rollcall_rules::{Fact, Schema};
use rollcall_store::Store;
use serde_json::Value as Json;

use crate::take_in::{TakeIn, TakeInOptions};

/// 2026-11-20T12:00:00Z.
pub(crate) const RECEIVED: i64 = 1_795_176_000_000_000;

pub(crate) struct Rig {
    pub(crate) log: Arc<FileLog>,
    pub(crate) engine: Arc<Engine>,
    pub(crate) lake: Arc<Lake>,
    pub(crate) store: Arc<Store>,
    pub(crate) take_in: TakeIn,
}

/// Flushes only when told.
pub(crate) fn quiet() -> TakeInOptions {
    let hour = Duration::from_secs(3600);
    TakeInOptions { flush_age: hour, retry_after: hour, ..TakeInOptions::default() }
}

impl Rig {
    pub(crate) async fn open(dir: &Path, options: TakeInOptions) -> Rig {
        let lake_dir = dir.join("lake");
        std::fs::create_dir_all(&lake_dir).unwrap();
        let log = Arc::new(FileLog::open(&dir.join("log"), FileLogOptions::default()).unwrap());
        let engine = Arc::new(Engine::open(&dir.join("index"), EngineOptions::default()).unwrap());
        let url = url::Url::from_directory_path(&lake_dir).unwrap();
        let lake = Arc::new(Lake::open(&url, LakeOptions::default()).await.unwrap());
        let database = format!("sqlite://{}", dir.join("rollcall.db").display());
        let store = Arc::new(Store::open(&database).await.unwrap());
        let take_in = TakeIn::start(log.clone(), engine.clone(), lake.clone(), store.clone(), options).await.unwrap();
        Rig { log, engine, lake, store, take_in }
    }

    pub(crate) async fn append(&self, messages: &[Json]) {
        let record = |message: &Json| NewRecord {
            source: "web".into(),
            received_at: RECEIVED,
            payload: format!("{{\"v\":1,\"message\":{message}}}").into_bytes(),
        };
        self.log.append(messages.iter().map(record).collect()).await.unwrap();
    }

    /// Waits until all of the log is taken in.
    pub(crate) async fn settle(&self) {
        let target = self.log.end() - 1;
        let mut watermark = self.take_in.watermark();
        let reached = watermark.wait_for(|&reached| reached >= target);
        tokio::time::timeout(Duration::from_secs(60), reached).await.unwrap().unwrap();
    }

    pub(crate) async fn lake_facts(&self) -> Vec<Fact> {
        let schema: Schema = (*self.take_in.schema()).clone();
        let mut stream = self.lake.facts(0, u64::MAX >> 1, &schema).await.unwrap();
        let mut facts = Vec::new();
        while let Some(batch) = stream.next().await {
            facts.extend(batch.unwrap());
        }
        facts
    }

    pub(crate) async fn lake_quarantined(&self) -> Vec<Quarantined> {
        self.lake.quarantined(&QuarantineFilter { limit: 10_000, ..QuarantineFilter::default() }).await.unwrap()
    }

    /// Ends as a crash would.
    pub(crate) async fn crash(self) {
        self.take_in.abandon().await;
    }
}

/// Waits for something that no watermark tells.
pub(crate) async fn until(what: &str, mut holds: impl FnMut() -> bool) {
    let limit = std::time::Instant::now() + Duration::from_secs(60);
    while !holds() {
        assert!(std::time::Instant::now() < limit, "waited too long until {what}");
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
