//! Lists that people upload: static sets of user ids that rules refer to.

use std::future::Future;

use rollcall_activate::formats;
use rollcall_store::{List, ListId, ListVersion, NewList, StoreError};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::audit_trail::trail_entry;
use crate::error::{AppError, Result};
use crate::lists_out::{Download, file_name};
use crate::view::time;

mod ids;

pub use ids::{IdFile, UserIds, read_user_ids};

/// An uploaded list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListView {
    /// Id, as rules name it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version: grows with each upload, and none is used twice, not even by a later list of the same id.
    pub version: u64,
    /// Distinct user ids.
    pub count: u64,
    /// Of these, known users.
    pub known: u64,
    /// Of these, unknown users: members of nothing until an event or profile names them.
    pub unknown: u64,
    /// A few of the unknown ids, for whoever may see ids; all of them are at `GET /api/v1/lists/{id}/unknown`.
    pub unknown_sample: Vec<String>,
    /// When it was made.
    pub created_at: String,
    /// When it was last uploaded to.
    pub updated_at: String,
}

/// So many unknown ids are shown beside a list.
const SAMPLE: usize = 5;

/// How an upload meets what the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    /// The new ids only.
    Replace,
    /// The old and the new ids.
    Append,
}

fn check_name(name: &str) -> Result<&str> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
    }
    Ok(name)
}

/// Works to the end even if whoever asked hangs up: store, engine and book must not part.
pub(crate) async fn to_the_end<T: Send + 'static>(work: impl Future<Output = Result<T>> + Send + 'static) -> Result<T> {
    tokio::spawn(work).await?
}

impl App {
    fn list_view(&self, caller: &Caller, list: List) -> ListView {
        // The engine knows it anew whenever users become known.
        let known = self.engine.list_known(list.id.as_str()).unwrap_or(list.known);
        let unknown_sample = match self.engine.list_unknown(list.id.as_str(), SAMPLE) {
            Some(unknown) if caller.may(Permission::ReadListIds) => unknown.iter().take(SAMPLE).map(str::to_owned).collect(),
            _ => Vec::new(),
        };
        ListView {
            unknown_sample,
            id: list.id.into_string(),
            name: list.name,
            version: list.version,
            count: list.count,
            known,
            unknown: list.count.saturating_sub(known),
            created_at: time(list.created_at),
            updated_at: time(list.updated_at),
        }
    }

    /// All lists.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub async fn all_lists(&self, caller: &Caller) -> Result<Vec<ListView>> {
        caller.require(Permission::ReadLists)?;
        let (lists, app, caller) = (self.store.lists().await?, self.clone(), caller.clone());
        Ok(tokio::task::spawn_blocking(move || lists.into_iter().map(|list| app.list_view(&caller, list)).collect()).await?)
    }

    /// The ids of a list that no known user has, by now, in the form of a list that is taken.
    ///
    /// # Errors
    /// No such list; an unknown format; forbidden to whoever may not see ids.
    pub async fn unknown_ids(&self, caller: &Caller, id: &str, format: &str) -> Result<Download> {
        caller.require(Permission::ReadListIds)?;
        let format = self.format(format, false)?;
        let list = self.store.list(&ListId::new(id)).await?.ok_or_else(|| AppError::not_found("list"))?;
        let (engine, list_id) = (self.engine.clone(), list.id.clone());
        let unknown = tokio::task::spawn_blocking(move || engine.list_unknown(list_id.as_str(), usize::MAX)).await?;
        let unknown = unknown.ok_or_else(|| AppError::not_found("list"))?;
        let detail = json!({"format": format.as_str(), "count": unknown.len(), "version": list.version});
        Ok(Download {
            etag: None,
            content_type: format.content_type(),
            disposition: format.content_disposition(&file_name(&list.name, "unknown", self.now().0)),
            facts: vec![("x-rollcall-count", unknown.len().to_string())],
            entry: trail_entry(caller, "list.unknown", ("list", list.id.as_str()), detail),
            write: Box::new(move |body| formats::write_list(format, unknown.iter(), body)),
        })
    }

    /// Uploads a new list. `id` is chosen by the caller or made.
    ///
    /// # Errors
    /// The id is taken; ids that are too long.
    pub async fn create_list(&self, caller: &Caller, id: Option<String>, name: &str, user_ids: UserIds) -> Result<ListView> {
        caller.require(Permission::EditLists)?;
        let name = check_name(name)?.to_owned();
        let id = ListId::new(id.unwrap_or_else(|| new_id(self.ambient.as_ref())));
        if id.as_str().is_empty() || id.as_str().len() > 200 {
            return Err(AppError::field("/id", "bad_id", "An id has 1 to 200 bytes."));
        }
        user_ids.refuse_long(self.limits.id_bytes)?;
        let (app, caller) = (self.clone(), caller.clone());
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_lists().await;
            if app.store.list(&id).await?.is_some() {
                return Err(StoreError::Conflict("lists_pkey").into());
            }
            // The ids are in the lake before the list exists, so a list never stands without its members.
            let sorted = user_ids.sorted();
            let version = app.lake.write_list(id.as_str(), 0, &sorted).await?;
            let (count, known) = (sorted.len() as u64, app.known(&sorted));
            let list = app.store.create_list(NewList { id, name, version, count, known }, app.now().0).await?;
            app.publish_list(&caller, "list.create", list, &sorted).await
        })
        .await
    }

    /// Uploads a new version of a list, with a new name if one is given.
    ///
    /// # Errors
    /// No such list; ids that are too long.
    pub async fn upload_list(
        &self,
        caller: &Caller,
        id: &str,
        name: Option<String>,
        mut user_ids: UserIds,
        upload: Upload,
    ) -> Result<ListView> {
        caller.require(Permission::EditLists)?;
        let name = name.as_deref().map(check_name).transpose()?.map(ToOwned::to_owned);
        user_ids.refuse_long(self.limits.id_bytes)?;
        let (app, caller, id) = (self.clone(), caller.clone(), ListId::new(id));
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_lists().await;
            let current = app.store.list(&id).await?.ok_or_else(|| AppError::not_found("list"))?;
            if upload == Upload::Append {
                app.lake.read_list(id.as_str(), current.version).await?.iter().for_each(|id| user_ids.push(id));
            }
            let sorted = user_ids.sorted();
            let version = app.lake.write_list(id.as_str(), current.version, &sorted).await?;
            let (count, known) = (sorted.len() as u64, app.known(&sorted));
            let version = ListVersion { version, count, known, created_at: app.now().0 };
            let list = app.store.advance_list(&id, current.version, version, name.as_deref()).await?;
            let list = list.ok_or_else(|| AppError::not_found("list"))?;
            app.publish_list(&caller, "list.upload", list, &sorted).await
        })
        .await
    }

    fn known(&self, user_ids: &[&str]) -> u64 {
        user_ids.iter().filter(|id| self.engine.uid(id).is_some()).count() as u64
    }

    async fn publish_list(&self, caller: &Caller, action: &str, list: List, user_ids: &[&str]) -> Result<ListView> {
        self.engine.set_list(list.id.as_str(), list.version, user_ids);
        self.book.put_list(&list.id);
        self.refresh_soon();
        let detail = json!({"name": list.name, "version": list.version, "count": list.count});
        self.record(caller, action, "list", list.id.as_str(), detail).await?;
        let (app, caller) = (self.clone(), caller.clone());
        // The first look at a list resolves all its ids.
        Ok(tokio::task::spawn_blocking(move || app.list_view(&caller, list)).await?)
    }

    /// Deletes a list.
    ///
    /// # Errors
    /// No such list; a segment refers to it.
    pub async fn delete_list(&self, caller: &Caller, id: &str) -> Result<()> {
        caller.require(Permission::EditLists)?;
        let (app, caller, id) = (self.clone(), caller.clone(), ListId::new(id));
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_lists().await;
            if !app.store.delete_list(&id).await? {
                return Err(AppError::not_found("list"));
            }
            app.engine.remove_list(id.as_str());
            app.book.remove_list(&id);
            app.record(&caller, "list.delete", "list", id.as_str(), json!({})).await
        })
        .await
    }
}
