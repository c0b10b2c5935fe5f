//! Where the lake lives: a folder or a bucket, as an object store.
//!
//! Commits are safe on both because both offer "create unless it exists": a hard link on a file system, a conditional
//! put (`If-None-Match: *`) on S3.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use datafusion::datasource::object_store::ObjectStoreUrl;
use deltalake::logstore::{LogStoreRef, StorageConfig, default_logstore};
use object_store::aws::{AmazonS3Builder, AmazonS3ConfigKey};
use object_store::path::Path;
use object_store::prefix::PrefixStore;
use object_store::{ObjectStore, ObjectStoreExt, RetryConfig};
use url::Url;

use crate::durable::DurableFileSystem;
use crate::error::LakeError;

/// The object store under the lake, and the lake's place in it.
#[derive(Debug, Clone)]
pub(crate) struct Storage {
    /// Rooted at the file system's or the bucket's root.
    pub(crate) store: Arc<dyn ObjectStore>,
    /// Names `store` inside a query session.
    pub(crate) store_url: ObjectStoreUrl,
    base: Url,
    prefix: Path,
}

impl Storage {
    /// Opens `file:///path` (creating the folders) or `s3://bucket/prefix`.
    pub(crate) fn open(url: &Url, options: &BTreeMap<String, String>) -> Result<Storage, LakeError> {
        let mut base = url.clone();
        base.set_query(None);
        base.set_fragment(None);
        if !base.path().ends_with('/') {
            base.set_path(&format!("{}/", url.path()));
        }
        let prefix = Path::from_url_path(base.path()).map_err(|error| LakeError::Location(error.to_string()))?;
        let store: Arc<dyn ObjectStore> = match base.scheme() {
            "file" => {
                let folder = base.to_file_path().map_err(|()| LakeError::Location(format!("{url} is no absolute path")))?;
                std::fs::create_dir_all(&folder)?;
                Arc::new(DurableFileSystem::default())
            }
            "s3" => Arc::new(open_s3(&base, options)?),
            other => return Err(LakeError::Location(format!("no storage for {other}: URLs, only file: and s3:"))),
        };
        let authority = base.host_str().unwrap_or_default();
        let store_url = ObjectStoreUrl::parse(format!("{}://{authority}", base.scheme()))?;
        Ok(Storage { store, store_url, base, prefix })
    }

    /// The commit log of the table in a folder below the lake.
    pub(crate) fn log_store(&self, folder: &str) -> Result<LogStoreRef, LakeError> {
        let location = self.base.join(&format!("{folder}/")).map_err(|error| LakeError::Location(error.to_string()))?;
        let table = Arc::new(PrefixStore::new(Arc::clone(&self.store), self.path(folder)));
        Ok(default_logstore(table, Arc::clone(&self.store), &location, &StorageConfig::default()))
    }

    /// A path below the lake, from the store's root.
    pub(crate) fn path(&self, relative: &str) -> Path {
        relative.split('/').fold(self.prefix.clone(), |path, part| path.join(part))
    }

    /// The folders directly below a folder, without repeats, sorted.
    pub(crate) async fn folders(&self, folder: &str) -> Result<Vec<String>, LakeError> {
        let listing = match self.store.list_with_delimiter(Some(&self.path(folder))).await {
            Err(object_store::Error::NotFound { .. }) => return Ok(Vec::new()),
            listing => listing?,
        };
        let mut folders: Vec<String> =
            listing.common_prefixes.iter().filter_map(|path| Some(path.filename()?.to_owned())).collect();
        folders.sort();
        Ok(folders)
    }

    /// Writes a file below the lake; an existing one is replaced.
    pub(crate) async fn put(&self, relative: &str, bytes: Vec<u8>) -> Result<(), LakeError> {
        self.store.put(&self.path(relative), bytes.into()).await?;
        Ok(())
    }
}

/// S3 with the process's `AWS_*` environment, overridden by `options`. Gives up after about 20 seconds.
fn open_s3(url: &Url, options: &BTreeMap<String, String>) -> Result<impl ObjectStore, LakeError> {
    let bucket = url.host_str().ok_or_else(|| LakeError::Location(format!("{url} names no bucket")))?;
    let retry = RetryConfig { max_retries: 6, retry_timeout: Duration::from_secs(20), ..RetryConfig::default() };
    let mut builder = AmazonS3Builder::from_env().with_bucket_name(bucket).with_retry(retry);
    for (name, value) in options {
        let key: AmazonS3ConfigKey =
            name.to_ascii_lowercase().parse().map_err(|_| LakeError::Location(format!("unknown storage option {name:?}")))?;
        builder = builder.with_config(key, value);
    }
    builder.build().map_err(|error| LakeError::Location(error.to_string()))
}
