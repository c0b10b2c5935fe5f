//! Catalogues: rows that values of properties and traits are keys of, such as programmes with genre and seasons.
//!
//! The store keeps the rows of every version; the book holds the current ones for rules. A build notes the versions that its
//! rule read, and its recount reads those again.

use std::collections::BTreeMap;
use std::sync::Arc;

use bytes::Bytes;
use rollcall_collect::catalogue::{UploadError, pack, row_json, take_rows, unpack};
use rollcall_rules::{CatalogueVersion, ValueType};
use rollcall_store::{Catalogue, CatalogueId};
use serde_json::json;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::error::{AppError, Code, Place, Result, code_of};
use crate::lists::to_the_end;
use crate::view::time;

mod input;
mod search;
mod users;
mod view;

pub use input::{CatalogueChange, CatalogueInput};
pub use rollcall_collect::catalogue::RowFormat;
pub use view::{AttributeView, CatalogueRowsPage, CatalogueView};

/// How an upload meets the rows that are there.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum RowUpload {
    /// The new rows only.
    Replace,
    /// New rows beside the old ones, or in place of those with the same key.
    Upsert,
}

/// A catalogue with its current rows.
#[derive(Debug, Clone)]
pub(crate) struct Held {
    pub stored: Catalogue,
    pub rows: Arc<rollcall_rules::Catalogue>,
}

impl Held {
    /// The same with other rows, at the next version.
    fn next(&self, mut rows: rollcall_rules::Catalogue) -> Held {
        let version = self.stored.version + 1;
        rows.version.version = version;
        let stored = Catalogue { version, row_count: rows.rows.len() as u64, ..self.stored.clone() };
        Held { stored, rows: Arc::new(rows) }
    }
}

/// Reads every catalogue with its current rows.
pub(crate) async fn load(store: &rollcall_store::Store) -> Result<Vec<Held>> {
    let mut all = Vec::new();
    for stored in store.catalogues().await? {
        let rows = rows_at(store, CatalogueVersion { id: stored.id.as_str().to_owned(), version: stored.version }).await?;
        all.push(Held { stored, rows });
    }
    Ok(all)
}

async fn rows_at(store: &rollcall_store::Store, at: CatalogueVersion) -> Result<Arc<rollcall_rules::Catalogue>> {
    let content = store.catalogue_content(&CatalogueId::new(at.id.clone()), at.version).await?;
    let gone = || AppError::internal(format!("version {} of the catalogue {} is gone", at.version, at.id));
    let content = content.ok_or_else(gone)?;
    let rows = tokio::task::spawn_blocking(move || unpack(&content, at)).await?;
    Ok(Arc::new(rows.map_err(AppError::internal)?))
}

impl App {
    /// All catalogues, by name.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub fn catalogues(&self, caller: &Caller) -> Result<Vec<CatalogueView>> {
        caller.require(Permission::ReadCatalogues)?;
        let mut all: Vec<CatalogueView> = self.book.catalogues().into_iter().map(CatalogueView::from).collect();
        all.sort_by(|a, b| a.name.to_lowercase().cmp(&b.name.to_lowercase()).then_with(|| a.id.cmp(&b.id)));
        Ok(all)
    }

    /// One catalogue.
    ///
    /// # Errors
    /// No such catalogue.
    pub fn catalogue(&self, caller: &Caller, id: &str) -> Result<CatalogueView> {
        caller.require(Permission::ReadCatalogues)?;
        self.held_catalogue(id).map(CatalogueView::from)
    }

    fn held_catalogue(&self, id: &str) -> Result<Held> {
        self.book.catalogue(id).ok_or_else(|| AppError::not_found("catalogue"))
    }

    /// The rows as they were at a version.
    pub(crate) async fn catalogue_at(&self, at: CatalogueVersion) -> Result<Arc<rollcall_rules::Catalogue>> {
        match self.book.catalogue(&at.id) {
            Some(held) if held.stored.version == at.version => Ok(held.rows),
            _ => rows_at(&self.store, at).await,
        }
    }

    /// Makes a catalogue without rows.
    ///
    /// # Errors
    /// Fields with faults; a property that is linked to another catalogue.
    pub async fn create_catalogue(&self, caller: &Caller, input: CatalogueInput) -> Result<CatalogueView> {
        caller.require(Permission::EditCatalogues)?;
        let name = input::name(&input.name)?;
        let (links, declared) = (input::links(input.links)?, input::types(input.attributes)?);
        let (app, caller) = (self.clone(), caller.clone());
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_catalogues().await;
            let (id, now) = (new_id(app.ambient.as_ref()), app.now().0);
            let version = CatalogueVersion { id: id.clone(), version: 1 };
            let rows =
                rollcall_rules::Catalogue { version, attributes: declared.clone(), ..rollcall_rules::Catalogue::default() };
            let id = CatalogueId::new(id);
            let stored = Catalogue { id, name, links, declared, version: 1, row_count: 0, created_at: now, updated_at: now };
            let held = Held { stored, rows: Arc::new(rows) };
            app.refuse_taken(&held)?;
            app.refuse_broken(Some(&held), held.stored.id.as_str()).await?;
            app.store.create_catalogue(&held.stored, &packed(&held).await?).await?;
            app.publish_catalogue(&caller, "catalogue.create", held).await
        })
        .await
    }

    /// Changes the name, the links or the declared types of a catalogue.
    ///
    /// # Errors
    /// No such catalogue; fields with faults; a property that is linked to another catalogue; rows that do not fit a type;
    /// segments whose rules would no longer be valid or would mean something else.
    pub async fn change_catalogue(&self, caller: &Caller, id: &str, change: CatalogueChange) -> Result<CatalogueView> {
        caller.require(Permission::EditCatalogues)?;
        let name = change.name.as_deref().map(input::name).transpose()?;
        let links = change.links.map(input::links).transpose()?;
        let declared = change.attributes.map(input::types).transpose()?;
        let (app, caller, id) = (self.clone(), caller.clone(), id.to_owned());
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_catalogues().await;
            let before = app.held_catalogue(&id)?;
            let mut after = before.clone();
            if let Some(declared) = declared.filter(|declared| *declared != before.stored.declared) {
                let rows = before.rows.clone();
                let types = declared.clone();
                let rows = tokio::task::spawn_blocking(move || retyped(&rows, &types)).await??;
                after = before.next(rows);
                after.stored.declared = declared;
            }
            after.stored.name = name.unwrap_or(after.stored.name);
            after.stored.links = links.unwrap_or(after.stored.links);
            app.refuse_taken(&after)?;
            app.refuse_broken(Some(&after), &id).await?;
            app.store_catalogue(&before, &mut after).await?;
            app.publish_catalogue(&caller, "catalogue.update", after).await
        })
        .await
    }

    /// Uploads rows. `key` is the field that holds the key, by default `key`. An upload that changes nothing makes no version.
    ///
    /// # Errors
    /// No such catalogue; the file cannot be read; rows that do not fit: then nothing is changed.
    pub async fn upload_rows(
        &self,
        caller: &Caller,
        id: &str,
        file: Bytes,
        format: RowFormat,
        key: Option<String>,
        upload: RowUpload,
    ) -> Result<CatalogueView> {
        caller.require(Permission::UploadRows)?;
        let (app, caller, id) = (self.clone(), caller.clone(), id.to_owned());
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_catalogues().await;
            let before = app.held_catalogue(&id)?;
            let (rows, declared) = (before.rows.clone(), before.stored.declared.clone());
            let rows = tokio::task::spawn_blocking(move || {
                let mut rows = rows.as_ref().clone();
                if upload == RowUpload::Replace {
                    rows.rows.clear();
                }
                take_rows(&mut rows, file, format, key.as_deref().unwrap_or("key"), &declared).map(|()| rows)
            })
            .await?
            .map_err(refused)?;
            if rows == *before.rows {
                return Ok(before.into());
            }
            let mut after = before.next(rows);
            app.store_catalogue(&before, &mut after).await?;
            app.publish_catalogue(&caller, "catalogue.upload", after).await
        })
        .await
    }

    /// Deletes a catalogue. Its rows stay for recounts of the past.
    ///
    /// # Errors
    /// No such catalogue; segments that use it.
    pub async fn delete_catalogue(&self, caller: &Caller, id: &str) -> Result<()> {
        caller.require(Permission::EditCatalogues)?;
        let (app, caller, id) = (self.clone(), caller.clone(), id.to_owned());
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_catalogues().await;
            let held = app.held_catalogue(&id)?;
            app.refuse_broken(None, &id).await?;
            app.store.delete_catalogue(&held.stored.id).await?;
            app.book.remove_catalogue(&id);
            app.refresh_soon();
            app.record(&caller, "catalogue.delete", "catalogue", &id, json!({"name": held.stored.name})).await
        })
        .await
    }

    async fn store_catalogue(&self, before: &Held, after: &mut Held) -> Result<()> {
        after.stored.updated_at = self.now().0;
        let content = if after.stored.version == before.stored.version { None } else { Some(packed(after).await?) };
        if self.store.change_catalogue(before.stored.version, &after.stored, content.as_deref()).await? {
            return Ok(());
        }
        Err(AppError::new(Code::VersionConflict, "The catalogue was changed by somebody else meanwhile. Try again."))
    }

    async fn publish_catalogue(&self, caller: &Caller, action: &str, held: Held) -> Result<CatalogueView> {
        self.book.put_catalogue(held.clone());
        self.refresh_soon();
        let stored = &held.stored;
        let detail = json!({"name": stored.name, "version": stored.version, "rows": stored.row_count, "links": stored.links});
        self.record(caller, action, "catalogue", stored.id.as_str(), detail).await?;
        Ok(held.into())
    }
}

async fn packed(held: &Held) -> Result<Vec<u8>> {
    let rows = held.rows.clone();
    tokio::task::spawn_blocking(move || pack(&rows)).await?.map_err(AppError::internal)
}

/// The same rows with other declared types.
fn retyped(before: &rollcall_rules::Catalogue, declared: &BTreeMap<String, ValueType>) -> Result<rollcall_rules::Catalogue> {
    let mut after = rollcall_rules::Catalogue { rows: BTreeMap::new(), ..before.clone() };
    after.attributes.extend(declared.clone());
    for (key, row) in &before.rows {
        after.put(&row_json(key, row), declared).map_err(|fault| {
            let wanted = declared.get(&fault.field).map(code_of).unwrap_or_default();
            let text = format!(
                "“{}” cannot be declared as {wanted}: a row has another value there. {} Upload rows that fit first.",
                fault.field, fault.detail
            );
            AppError::new(Code::TypeInUse, text)
        })?;
    }
    Ok(after)
}

/// A refused upload; pointers are `/row/field`, rows counted from 0.
fn refused(error: UploadError) -> AppError {
    match error {
        UploadError::Unreadable(text) => AppError::new(Code::BadRequest, text),
        UploadError::TooLarge(text) => AppError::new(Code::TooLarge, text),
        UploadError::Rows(faults, total) => {
            let told = faults.len();
            let place = |fault: rollcall_collect::catalogue::UploadFault| {
                let field = fault.field.replace('~', "~0").replace('/', "~1");
                let field = if field.is_empty() { field } else { format!("/{field}") };
                let named = if fault.field.is_empty() { String::new() } else { format!(", “{}”", fault.field) };
                Place {
                    pointer: format!("/{}{field}", fault.row - 1),
                    code: "bad_row".to_owned(),
                    detail: format!("Row {}{named}: {}", fault.row, fault.detail),
                    text: None,
                }
            };
            let rest = if total > told { format!(" These are the first {told}.") } else { String::new() };
            let rows = if total == 1 { "One row does not fit".to_owned() } else { format!("{total} rows do not fit") };
            AppError {
                code: Code::InvalidInput,
                detail: format!("{rows}, so nothing was changed.{rest}"),
                faults: faults.into_iter().map(place).collect(),
            }
        }
    }
}
