//! Instances for cases: each a copy of one that was set up before, with a clock that stands where the case says.

use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicI64, AtomicU64, Ordering};

use rollcall_app::access::AccountInput;
use rollcall_app::ambient::Ambient;
use rollcall_app::config::Config;
use rollcall_app::{App, Instant, NewInstance};
use serde_json::json;
use tempfile::TempDir;

use super::client::{Client, Session};

/// A clock that stands still until it is moved, and dice that count.
pub struct Still {
    now: AtomicI64,
    next: AtomicU64,
}

impl Still {
    fn new(now: i64, next: u64) -> Arc<Still> {
        Arc::new(Still { now: AtomicI64::new(now), next: AtomicU64::new(next) })
    }

    pub fn set(&self, now: Instant) {
        self.now.store(now.0, Ordering::Relaxed);
    }
}

impl Ambient for Still {
    fn now(&self) -> Instant {
        Instant(self.now.load(Ordering::Relaxed))
    }

    fn fill(&self, bytes: &mut [u8]) {
        for chunk in bytes.chunks_mut(8) {
            let number = self.next.fetch_add(1, Ordering::Relaxed).to_be_bytes();
            chunk.copy_from_slice(&number[8 - chunk.len()..]);
        }
    }
}

/// After all events of all cases, so that none counts as sent by a wrong clock.
fn late() -> i64 {
    Instant::parse("9998-01-01T00:00:00Z").unwrap().0
}

/// An instance with an administrator, who has a session.
pub struct Template {
    folder: TempDir,
    session: Session,
}

/// A copy of the template in a folder of its own.
pub struct Instance {
    pub app: App,
    pub client: Client,
    pub clock: Arc<Still>,
    _folder: TempDir,
}

fn config(folder: &Path) -> Config {
    Config { data_dir: folder.to_owned(), ..Config::default() }
}

impl Template {
    pub async fn make() -> Template {
        let folder = tempfile::tempdir().unwrap();
        let app = App::open(config(folder.path()), Still::new(late(), 1)).await.unwrap();
        let (email, password) = ("ada@example.com", "a long password");
        let role = "admin".to_owned();
        let admin = AccountInput { email: email.to_owned(), name: "Ada".to_owned(), role, password: password.to_owned() };
        app.set_up(NewInstance { organisation: "Cases".to_owned(), admin }).await.unwrap();
        let session = Session::begin(&app, &json!({"email": email, "password": password})).await.unwrap();
        app.stop().await.unwrap();
        drop(app);
        // The database's last connection takes the write-ahead log along when it closes, which it does by itself.
        let log = folder.path().join("rollcall.db-wal");
        for _ in 0..1_000 {
            if !log.exists() {
                break;
            }
            tokio::time::sleep(std::time::Duration::from_millis(10)).await;
        }
        Template { folder, session }
    }

    /// An instance at the late instant.
    pub async fn open(&self) -> Instance {
        let folder = tempfile::tempdir().unwrap();
        copy(self.folder.path(), folder.path());
        // Ids that the template does not have.
        let clock = Still::new(late(), 1 << 32);
        let app = App::open(config(folder.path()), clock.clone()).await.unwrap();
        let client = Client::new(&app, self.session.clone());
        Instance { app, client, clock, _folder: folder }
    }
}

fn copy(from: &Path, to: &Path) {
    for entry in std::fs::read_dir(from).unwrap() {
        let path: PathBuf = entry.unwrap().path();
        let target = to.join(path.file_name().unwrap());
        if path.is_dir() {
            std::fs::create_dir(&target).unwrap();
            copy(&path, &target);
        } else {
            std::fs::copy(&path, &target).unwrap();
        }
    }
}
