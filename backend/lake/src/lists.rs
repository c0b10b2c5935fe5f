//! Uploaded lists: each version of each list is its own file, never changed.

use arrow::array::AsArray;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::error::LakeError;
use crate::lake::Inner;
use crate::tables::{DataFile, Table, TableId};

/// How the files of a list are named, up to the version.
fn prefix(id: &str) -> String {
    let digest = hex::encode(Sha256::digest(id.as_bytes()));
    format!("list-{}-", &digest[..32])
}

/// How the files of a version are named.
pub(crate) fn file_stem(id: &str, version: u64) -> String {
    format!("{}{version:020}", prefix(id))
}

/// The highest version that was ever written; 0 if there is none.
pub(crate) fn last_version(table: &Table, id: &str) -> u64 {
    let prefix = prefix(id);
    let state = table.state();
    let names = state.iter().flat_map(|state| state.files.iter()).filter_map(|file| file.path.filename());
    names.filter_map(|name| name.strip_prefix(&prefix)?.get(..20)?.parse().ok()).max().unwrap_or(0)
}

/// The files of a version; none if it was never written.
pub(crate) fn files_of(table: &Table, id: &str, version: u64) -> Vec<DataFile> {
    let stem = file_stem(id, version);
    let state = table.state();
    let files = state.iter().flat_map(|state| state.files.iter());
    files.filter(|file| file.path.filename().is_some_and(|name| name.starts_with(&stem))).cloned().collect()
}

impl Inner {
    /// The files of a version of a list.
    pub(crate) fn list_files(&self, id: &str, version: u64) -> Result<Vec<DataFile>, LakeError> {
        let files = self.table(&TableId::Lists).map(|table| files_of(&table, id, version)).unwrap_or_default();
        if files.is_empty() {
            return Err(LakeError::UnknownList { id: id.to_owned(), version });
        }
        Ok(files)
    }

    /// See [`crate::Lake::read_list`].
    pub(crate) async fn read_list(&self, id: &str, version: u64) -> Result<Vec<String>, LakeError> {
        let scan = self.scan_of(&TableId::Lists, self.list_files(id, version)?);
        let batches = self.session().read_table(scan)?.select_columns(&["user_id"])?.execute_stream().await?;
        let mut user_ids = Vec::new();
        let mut batches = std::pin::pin!(batches);
        while let Some(batch) = batches.try_next().await? {
            let column = batch.column(0).as_string_opt::<i32>().ok_or_else(|| LakeError::Corrupt("user_id is no text".into()))?;
            user_ids.extend(column.iter().flatten().map(ToOwned::to_owned));
        }
        user_ids.sort_unstable();
        Ok(user_ids)
    }
}
