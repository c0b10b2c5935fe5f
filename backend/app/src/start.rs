//! Opening an instance, its background work, and stopping it.

use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;

use base64::Engine as _;
use parking_lot::Mutex;
use rollcall_activate::email::UnsubscribeKey;
use rollcall_collect::{Limits, TakeIn, TakeInOptions};
use rollcall_engine::{Engine, EngineOptions};
use rollcall_lake::{Lake, LakeOptions};
use rollcall_log::{EventLog, FileLog, FileLogOptions};
use rollcall_rules::Instant;
use rollcall_store::Store;
use tokio::sync::{Notify, Semaphore, broadcast, watch};

use crate::access::{AccountInput, Caller, SessionKey};
use crate::ambient::{Ambient, new_secret};
use crate::config::Config;
use crate::error::{AppError, Result};
use crate::segments::book::Book;
use crate::{App, Parts};

/// Why an instance could not be opened.
pub type OpenError = AppError;

/// Setting: name of the organisation.
const ORGANISATION: &str = "organisation";

/// What a new instance starts with.
#[derive(Debug)]
pub struct NewInstance {
    /// Name of the organisation.
    pub organisation: String,
    /// The first administrator.
    pub admin: AccountInput,
}

impl App {
    /// Opens the instance that the configuration describes; makes it if it is not there yet. Only one process may have a
    /// data folder open.
    ///
    /// # Errors
    /// What cannot be opened and why.
    pub async fn open(config: Config, ambient: Arc<dyn Ambient>) -> Result<App> {
        let dkim = crate::campaigns::signing(&config.smtp)?;
        crate::campaigns::tls_mode(&config.smtp)?;
        crate::reach::check_consent_rules(&config.consent)?;
        let folder = config.data_dir.clone();
        std::fs::create_dir_all(&folder)
            .map_err(|error| AppError::internal(format!("data folder {}: {error}", folder.display())))?;
        let lock = lock(&folder)?;
        let store = Store::open(&config.database()).await?;
        let options = EngineOptions {
            shards: config.engine.shards,
            answers_bytes: config.engine.answers_bytes,
            ..EngineOptions::default()
        };
        crate::imports::sweep(&folder, &store).await?;
        let engine = Arc::new(Engine::open(&folder.join("index"), options)?);
        let lake_options = LakeOptions { storage: config.lake_storage.clone(), ..LakeOptions::default() };
        let lake = Arc::new(Lake::open(&config.lake().map_err(AppError::internal)?, lake_options).await?);
        let log: Arc<dyn EventLog> = Arc::new(FileLog::open(&folder.join("log"), FileLogOptions::default())?);
        let secrets = Secrets::load(&store, ambient.as_ref()).await?;
        let organisation = store.setting(ORGANISATION).await?.unwrap_or_else(|| "Rollcall".to_owned());
        let take_in_options = TakeInOptions {
            flush_rows: config.take_in.flush_rows,
            flush_age: std::time::Duration::from_secs(config.take_in.flush_seconds),
            ..TakeInOptions::default()
        };
        for list in store.lists().await? {
            let user_ids = lake.read_list(list.id.as_str(), list.version).await?;
            engine.set_list(list.id.as_str(), list.version, &user_ids);
        }
        let take_in = TakeIn::start(log.clone(), engine.clone(), lake.clone(), Arc::new(store.clone()), take_in_options).await?;
        let book = Arc::new(Book::load(&store).await?);
        let parts = Parts {
            limits: Limits::default(),
            decoy_hash: crate::access::decoy_hash(ambient.as_ref())?,
            session_key: SessionKey::new(secrets.session),
            cursor_key: UnsubscribeKey::new(&[b"rollcall cursor ", secrets.pseudonym.as_slice()].concat()),
            pseudonym_key: secrets.pseudonym,
            unsubscribe_key: UnsubscribeKey::new(&secrets.unsubscribe),
            dkim,
            mail_consent: tokio::sync::Mutex::new(None),
            live: broadcast::channel(1024).0,
            refresh_wanted: Notify::new(),
            stopping: watch::channel(false).0,
            stopping_flag: Arc::default(),
            work_wanted: Notify::new(),
            write_keys: Mutex::default(),
            large_bodies: Semaphore::new(crate::collect::LARGE_BODIES_AT_ONCE),
            health: crate::health::Health::default(),
            tasks: Mutex::new(Vec::new()),
            _lock: lock,
            config,
            ambient,
            store,
            engine,
            lake,
            log,
            take_in,
            book,
            organisation,
        };
        Ok(App { parts: Arc::new(parts) })
    }

    /// Whether anybody can sign in.
    ///
    /// # Errors
    /// The store's.
    pub async fn is_set_up(&self) -> Result<bool> {
        Ok(self.store.account_count().await? > 0)
    }

    /// Makes the first administrator and names the organisation.
    ///
    /// # Errors
    /// The instance has accounts already; fields with faults.
    pub async fn set_up(&self, instance: NewInstance) -> Result<()> {
        self.store.put_setting(ORGANISATION, &instance.organisation, self.now().0).await?;
        self.create_account(&Caller::System, instance.admin).await?;
        Ok(())
    }

    /// Starts the background work: refresh, imports, campaigns, recounts.
    pub fn start(&self) {
        let mut tasks = self.tasks.lock();
        tasks.push(tokio::spawn(self.clone().run_refresh()));
        tasks.push(tokio::spawn(self.clone().run_imports()));
        tasks.push(tokio::spawn(self.clone().run_campaigns()));
        tasks.push(tokio::spawn(self.clone().run_recounts()));
        tasks.push(tokio::spawn(self.clone().run_compaction()));
        tasks.push(tokio::spawn(self.clone().run_pruning()));
    }

    /// Tells feeds and background work to end, waits for them, and flushes.
    ///
    /// # Errors
    /// The last flush failed; nothing acknowledged is lost, the next start takes it in again.
    pub async fn stop(&self) -> Result<()> {
        self.begin_stop();
        let tasks: Vec<_> = self.tasks.lock().drain(..).collect();
        for task in tasks {
            task.await?;
        }
        self.take_in.flush().await?;
        self.take_in.stop().await;
        Ok(())
    }

    /// Tells feeds and background work to end, so that open connections close.
    pub fn begin_stop(&self) {
        self.stopping_flag.store(true, Ordering::Relaxed);
        let _ = self.stopping.send(true);
        self.work_wanted.notify_waiters();
    }

    /// A digest over users, events and traits of the index; equal indexes have equal ones.
    ///
    /// # Errors
    /// Take-in has stopped.
    pub async fn index_fingerprint(&self) -> Result<String> {
        self.settle().await?;
        let (engine, now) = (self.engine.clone(), self.now());
        // The present moves between two calls, events do not: far ahead of all of them both see the same.
        let now = Instant(now.0.saturating_add(100 * 366 * 86_400_000_000));
        Ok(tokio::task::spawn_blocking(move || engine.fingerprint(now)).await?)
    }

    /// Deletes the index of an instance that is not open; the next start builds it again from the lake.
    ///
    /// # Errors
    /// The data folder is in use, or files cannot be deleted.
    pub fn delete_index(config: &Config) -> Result<()> {
        let _lock = lock(&config.data_dir)?;
        let index = config.data_dir.join("index");
        if index.exists() {
            std::fs::remove_dir_all(index)?;
        }
        Ok(())
    }

    /// Waits until everything acknowledged so far is visible to rules.
    ///
    /// # Errors
    /// Take-in has stopped.
    pub async fn settle(&self) -> Result<u64> {
        let end = self.log.end().saturating_sub(1);
        let mut watermark = self.take_in.watermark();
        let reached = watermark.wait_for(|seq| *seq >= end).await.map(|seq| *seq);
        reached.map_err(|_| AppError::internal("take-in has stopped"))
    }

    /// Whether a stop was asked for.
    pub(crate) fn is_stopping(&self) -> bool {
        *self.stopping.borrow()
    }

    /// Waits for work to be asked for, for a while, or for a stop.
    pub(crate) async fn wait_for_work(&self, at_most: std::time::Duration) {
        let mut stop = self.stopping.subscribe();
        tokio::select! {
            () = self.work_wanted.notified() => {}
            () = tokio::time::sleep(at_most) => {}
            _ = stop.changed() => {}
        }
    }

    async fn run_recounts(self) {
        if let Err(error) = self.store.requeue_recounts().await {
            tracing::warn!(%error, "interrupted recounts could not be queued again");
        }
        while !self.is_stopping() {
            match self.run_next_recount().await {
                Ok(true) => {}
                Ok(false) => self.wait_for_work(std::time::Duration::from_secs(2)).await,
                Err(error) => {
                    tracing::warn!(error = error.detail, "recounts stand still; trying again");
                    self.wait_for_work(std::time::Duration::from_secs(5)).await;
                }
            }
        }
    }

    async fn run_compaction(self) {
        while !self.is_stopping() {
            let engine = self.engine.clone();
            match tokio::task::spawn_blocking(move || engine.compact()).await {
                Ok(Ok(true)) => continue,
                Ok(Ok(false)) => {}
                Ok(Err(error)) => tracing::warn!(%error, "the index could not be compacted; it is tried again"),
                Err(error) => tracing::warn!(%error, "compaction ended badly"),
            }
            self.wait_for_work(std::time::Duration::from_secs(10)).await;
        }
    }
}

/// Keys that are made once per instance.
struct Secrets {
    session: Vec<u8>,
    pseudonym: Vec<u8>,
    unsubscribe: Vec<u8>,
}

impl Secrets {
    async fn load(store: &Store, ambient: &dyn Ambient) -> Result<Secrets> {
        Ok(Secrets {
            session: Self::one(store, ambient, "session_key").await?,
            pseudonym: Self::one(store, ambient, "pseudonym_key").await?,
            unsubscribe: Self::one(store, ambient, "unsubscribe_key").await?,
        })
    }

    async fn one(store: &Store, ambient: &dyn Ambient, name: &str) -> Result<Vec<u8>> {
        let text = store.setting_or_put(name, &new_secret(ambient, 32), ambient.now().0).await?;
        base64::engine::general_purpose::URL_SAFE_NO_PAD.decode(text).map_err(AppError::internal)
    }
}

/// Takes the data folder for this process alone.
fn lock(folder: &Path) -> Result<std::fs::File> {
    let file = std::fs::OpenOptions::new().create(true).truncate(false).write(true).open(folder.join("lock"))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(std::fs::TryLockError::WouldBlock) => {
            let text = format!(
                "the data folder {} is in use by another rollcall process; stop it, or talk to it with --url",
                folder.display()
            );
            Err(AppError::new(crate::error::Code::WrongState, text))
        }
        Err(std::fs::TryLockError::Error(error)) => Err(error.into()),
    }
}
