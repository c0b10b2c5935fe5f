//! Uploaded lists: each version of each list is its own file, never changed.

use arrow::array::AsArray;
use futures::TryStreamExt;
use sha2::{Digest, Sha256};

use crate::error::LakeError;
use crate::lake::Inner;
use crate::tables::{DataFile, Table, TableId};

/// How the files of a version are named.
pub(crate) fn file_stem(id: &str, version: u64) -> String {
    let digest = hex::encode(Sha256::digest(id.as_bytes()));
    format!("list-{}-{version:020}", &digest[..32])
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
