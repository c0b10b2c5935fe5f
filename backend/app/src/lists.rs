//! Lists that people upload: static sets of user ids that rules refer to.

use std::future::Future;
use std::sync::Arc;

use rollcall_store::{List, ListId, ListVersion, NewList, StoreError};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::error::{AppError, Code, Result};
use crate::view::time;

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
    /// When it was made.
    pub created_at: String,
}

/// How an upload meets what the list holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Upload {
    /// The new ids only.
    Replace,
    /// The old and the new ids.
    Append,
}

/// How a file of user ids is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdFile {
    /// One id a line, as it stands.
    Lines,
    /// The first column of a CSV, without a header named `user_id`.
    Csv,
}

/// Reads a file of user ids.
///
/// # Errors
/// It is not UTF-8.
pub fn user_ids_of(file: &[u8], written: IdFile) -> Result<Vec<String>> {
    let unreadable = |error: String| AppError::new(Code::BadRequest, format!("The upload cannot be read: {error}."));
    match written {
        IdFile::Csv => rollcall_collect::import::id_column(file).map_err(unreadable),
        IdFile::Lines => {
            let text = std::str::from_utf8(file).map_err(|error| unreadable(error.to_string()))?;
            Ok(text.trim_start_matches('\u{feff}').lines().map(ToOwned::to_owned).collect())
        }
    }
}

/// Sorts, drops repeats and empty ids, refuses ids that are longer than collection takes them.
fn tidy(mut user_ids: Vec<String>, longest: usize) -> Result<Vec<String>> {
    if let Some(index) = user_ids.iter().position(|id| id.len() > longest) {
        let detail = format!("A user id has at most {longest} bytes.");
        return Err(AppError::field(&format!("/user_ids/{index}"), "too_long", &detail));
    }
    user_ids.retain(|id| !id.is_empty());
    user_ids.sort_unstable();
    user_ids.dedup();
    Ok(user_ids)
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
    fn list_view(&self, list: List) -> ListView {
        // The engine knows it anew whenever users become known.
        let known = self.engine.list_known(list.id.as_str()).unwrap_or(list.known);
        ListView {
            id: list.id.into_string(),
            name: list.name,
            version: list.version,
            count: list.count,
            known,
            unknown: list.count.saturating_sub(known),
            created_at: time(list.created_at),
        }
    }

    /// All lists.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub async fn all_lists(&self, caller: &Caller) -> Result<Vec<ListView>> {
        caller.require(Permission::ReadLists)?;
        let (lists, app) = (self.store.lists().await?, self.clone());
        Ok(tokio::task::spawn_blocking(move || lists.into_iter().map(|list| app.list_view(list)).collect()).await?)
    }

    /// Uploads a new list. `id` is chosen by the caller or made.
    ///
    /// # Errors
    /// The id is taken; ids that are too long.
    pub async fn create_list(&self, caller: &Caller, id: Option<String>, name: &str, user_ids: Vec<String>) -> Result<ListView> {
        caller.require(Permission::EditLists)?;
        let name = check_name(name)?.to_owned();
        let id = ListId::new(id.unwrap_or_else(|| new_id(self.ambient.as_ref())));
        if id.as_str().is_empty() || id.as_str().len() > 200 {
            return Err(AppError::field("/id", "bad_id", "An id has 1 to 200 bytes."));
        }
        let user_ids = tidy(user_ids, self.limits.id_bytes)?;
        let (app, caller) = (self.clone(), caller.clone());
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_lists().await;
            if app.store.list(&id).await?.is_some() {
                return Err(StoreError::Conflict("lists_pkey").into());
            }
            // The ids are in the lake before the list exists, so a list never stands without its members.
            let version = app.lake.write_list(id.as_str(), 0, &user_ids).await?;
            let (count, known) = (user_ids.len() as u64, app.known(&user_ids));
            let list = app.store.create_list(NewList { id, name, version, count, known }, app.now().0).await?;
            app.publish_list(&caller, "list.create", list, user_ids).await
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
        user_ids: Vec<String>,
        upload: Upload,
    ) -> Result<ListView> {
        caller.require(Permission::EditLists)?;
        let name = name.as_deref().map(check_name).transpose()?.map(ToOwned::to_owned);
        let mut user_ids = tidy(user_ids, self.limits.id_bytes)?;
        let (app, caller, id) = (self.clone(), caller.clone(), ListId::new(id));
        to_the_end(async move {
            let _one_at_a_time = app.book.changing_lists().await;
            let current = app.store.list(&id).await?.ok_or_else(|| AppError::not_found("list"))?;
            if upload == Upload::Append {
                user_ids.extend(app.lake.read_list(id.as_str(), current.version).await?);
                user_ids = tidy(user_ids, usize::MAX)?;
            }
            let version = app.lake.write_list(id.as_str(), current.version, &user_ids).await?;
            let (count, known) = (user_ids.len() as u64, app.known(&user_ids));
            let version = ListVersion { version, count, known, created_at: app.now().0 };
            let list = app.store.advance_list(&id, current.version, version, name.as_deref()).await?;
            let list = list.ok_or_else(|| AppError::not_found("list"))?;
            app.publish_list(&caller, "list.upload", list, user_ids).await
        })
        .await
    }

    fn known(&self, user_ids: &[String]) -> u64 {
        user_ids.iter().filter(|id| self.engine.uid(id).is_some()).count() as u64
    }

    async fn publish_list(&self, caller: &Caller, action: &str, list: List, user_ids: Vec<String>) -> Result<ListView> {
        self.engine.set_list(list.id.as_str(), list.version, Arc::new(user_ids));
        self.book.put_list(&list.id);
        self.refresh_soon();
        let detail = json!({"name": list.name, "version": list.version, "count": list.count});
        self.record(caller, action, "list", list.id.as_str(), detail).await?;
        Ok(self.list_view(list))
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
