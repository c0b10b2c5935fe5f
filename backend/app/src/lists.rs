//! Lists that people upload: static sets of user ids that rules refer to.

use std::sync::Arc;

use rollcall_store::{ListId, ListVersion, NewList};
use serde::Serialize;
use serde_json::json;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::error::{AppError, Result};
use crate::view::time;

/// An uploaded list.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ListView {
    /// Id, as rules name it.
    pub id: String,
    /// Name.
    pub name: String,
    /// Version; each upload makes one.
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

/// Longest user id, bytes.
pub const LONGEST_USER_ID: usize = 512;

/// Sorts, drops repeats and empty lines, refuses ids that cannot be.
fn tidy(mut user_ids: Vec<String>) -> Result<Vec<String>> {
    if let Some(index) = user_ids.iter().position(|id| id.len() > LONGEST_USER_ID) {
        return Err(AppError::field(
            &format!("/user_ids/{index}"),
            "too_long",
            &format!("A user id has at most {LONGEST_USER_ID} bytes."),
        ));
    }
    user_ids.retain(|id| !id.is_empty());
    user_ids.sort_unstable();
    user_ids.dedup();
    Ok(user_ids)
}

impl App {
    fn known(&self, user_ids: &[String]) -> u64 {
        user_ids.iter().filter(|id| self.engine.uid(id).is_some()).count() as u64
    }

    fn list_view(&self, list: rollcall_store::List, user_ids: &[String]) -> ListView {
        let known = self.known(user_ids);
        ListView {
            id: list.id.into_string(),
            name: list.name,
            version: list.version,
            count: user_ids.len() as u64,
            known,
            unknown: user_ids.len() as u64 - known,
            created_at: time(list.created_at),
        }
    }

    /// All lists.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub async fn all_lists(&self, caller: &Caller) -> Result<Vec<ListView>> {
        caller.require(Permission::ReadLists)?;
        let mut views = Vec::new();
        for list in self.store.lists().await? {
            let user_ids = self.lake.read_list(list.id.as_str(), list.version).await?;
            views.push(self.list_view(list, &user_ids));
        }
        Ok(views)
    }

    /// Uploads a new list. `id` is chosen by the caller or made.
    ///
    /// # Errors
    /// The id is taken; ids that are too long.
    pub async fn create_list(&self, caller: &Caller, id: Option<String>, name: &str, user_ids: Vec<String>) -> Result<ListView> {
        caller.require(Permission::EditLists)?;
        let name = name.trim();
        if name.is_empty() || name.chars().count() > 200 {
            return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
        }
        let id = ListId::new(id.unwrap_or_else(|| new_id(self.ambient.as_ref())));
        if id.as_str().is_empty() || id.as_str().len() > 200 {
            return Err(AppError::field("/id", "bad_id", "An id has 1 to 200 bytes."));
        }
        let user_ids = tidy(user_ids)?;
        let new = NewList { id: id.clone(), name: name.to_owned(), count: user_ids.len() as u64, known: self.known(&user_ids) };
        // The ids are in the lake before the list exists, so a list never stands without its members.
        self.lake.write_list(id.as_str(), 1, &user_ids).await?;
        let list = self.store.create_list(new, self.now().0).await?;
        self.publish_list(caller, "list.create", list, user_ids).await
    }

    /// Uploads a new version of a list.
    ///
    /// # Errors
    /// No such list; ids that are too long.
    pub async fn upload_list(&self, caller: &Caller, id: &str, user_ids: Vec<String>, upload: Upload) -> Result<ListView> {
        caller.require(Permission::EditLists)?;
        let id = ListId::new(id);
        let current = self.store.list(&id).await?.ok_or_else(|| AppError::not_found("list"))?;
        let mut all = user_ids;
        if upload == Upload::Append {
            all.extend(self.lake.read_list(id.as_str(), current.version).await?);
        }
        let all = tidy(all)?;
        self.lake.write_list(id.as_str(), current.version + 1, &all).await?;
        let now = self.now().0;
        let version =
            ListVersion { version: current.version + 1, count: all.len() as u64, known: self.known(&all), created_at: now };
        let list = self.store.advance_list(&id, version, None).await?.ok_or_else(|| AppError::not_found("list"))?;
        self.publish_list(caller, "list.upload", list, all).await
    }

    async fn publish_list(
        &self,
        caller: &Caller,
        action: &str,
        list: rollcall_store::List,
        user_ids: Vec<String>,
    ) -> Result<ListView> {
        self.record(caller, action, "list", list.id.as_str(), json!({"version": list.version, "count": user_ids.len()})).await?;
        let user_ids = Arc::new(user_ids);
        self.engine.set_list(list.id.as_str(), list.version, user_ids.clone());
        self.book.put_list(&list.id, list.version);
        self.refresh_soon();
        Ok(self.list_view(list, &user_ids))
    }

    /// Deletes a list.
    ///
    /// # Errors
    /// No such list; a segment refers to it.
    pub async fn delete_list(&self, caller: &Caller, id: &str) -> Result<()> {
        caller.require(Permission::EditLists)?;
        let id = ListId::new(id);
        if !self.store.delete_list(&id).await? {
            return Err(AppError::not_found("list"));
        }
        self.engine.remove_list(id.as_str());
        self.book.remove_list(&id);
        self.record(caller, "list.delete", "list", id.as_str(), json!({})).await
    }
}
