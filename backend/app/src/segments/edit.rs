//! Making, changing, listing and trashing segments.

use std::collections::HashMap;

use rollcall_rules::{CheckedRule, Day, NodeKind, tree::Node};
use rollcall_store::{ListId, NewSegment, NewVersion, SegmentFilter, SegmentId, StoreError};
use serde::Deserialize;
use serde_json::{Value, json};
use utoipa::ToSchema;

use super::book::{self, Entry};
use super::view::{self, SegmentView, VersionView};
use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::error::{AppError, Code, Result};

/// A segment to make, or a change of one.
#[derive(Debug, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct SegmentInput {
    /// 1 to 200 characters.
    pub name: String,
    /// At most 2,000 characters.
    #[serde(default)]
    pub description: String,
    /// The rule: JSON, or a text in the rule language's text form (see `POST /api/v1/rules/forms`). JSON is what is stored.
    #[schema(value_type = Object)]
    pub rule: Value,
    /// On a change: the version that was edited. Another current version is answered with 409.
    #[serde(default)]
    pub if_version: Option<u64>,
}

/// Which segments to list.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct SegmentFilterInput {
    /// Those in the trash instead.
    #[serde(default)]
    pub trashed: bool,
    /// Part of the name or description, in any case.
    pub q: Option<String>,
}

/// Ids of segments and lists that a rule names itself.
fn references(rule: &CheckedRule) -> (Vec<SegmentId>, Vec<ListId>) {
    fn walk(node: &Node, segments: &mut Vec<SegmentId>, lists: &mut Vec<ListId>) {
        match &node.kind {
            NodeKind::Segment { id, .. } => segments.push(SegmentId::new(id.clone())),
            NodeKind::List { id } => lists.push(ListId::new(id.clone())),
            _ => node.children().iter().for_each(|child| walk(child, segments, lists)),
        }
    }
    let (mut segments, mut lists) = (Vec::new(), Vec::new());
    walk(&rule.root, &mut segments, &mut lists);
    segments.sort();
    segments.dedup();
    lists.sort();
    lists.dedup();
    (segments, lists)
}

fn check_names(input: &SegmentInput) -> Result<()> {
    if input.name.trim().is_empty() || input.name.chars().count() > 200 {
        return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
    }
    if input.description.chars().count() > 2000 {
        return Err(AppError::field("/description", "too_long", "A description has at most 2,000 characters."));
    }
    Ok(())
}

impl App {
    /// Segments by name.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub async fn list_segments(&self, caller: &Caller, filter: SegmentFilterInput) -> Result<Vec<SegmentView>> {
        caller.require(Permission::ReadSegments)?;
        let now = self.now();
        let today = Day(i32::try_from(now.0.div_euclid(86_400_000_000)).unwrap_or(0));
        let found = self.store.segments(&SegmentFilter { trashed: filter.trashed, containing: filter.q }).await?;
        let mut days: HashMap<SegmentId, Vec<(Day, u64)>> = HashMap::new();
        for count in self.store.day_counts(None, Day(today.0 - 30)).await? {
            days.entry(count.segment_id).or_default().push((count.day, count.count));
        }
        let mut items = Vec::with_capacity(found.len());
        for segment in found {
            let mut counts = days.remove(&segment.id).unwrap_or_default();
            counts.sort_by_key(|(day, _)| *day);
            let previous = counts.iter().rev().find(|(day, _)| *day < today).map(|(_, count)| *count);
            let entry = match self.book.entry(&segment.id) {
                Some(entry) => Entry { segment, ..entry },
                None => book::load_entry(&self.store, segment).await?,
            };
            items.push(view::segment(entry, previous, counts.into_iter().map(|(_, count)| count).collect(), now.0));
        }
        Ok(items)
    }

    pub(crate) async fn view_of(&self, entry: Entry) -> Result<SegmentView> {
        let now = self.now();
        let today = Day(i32::try_from(now.0.div_euclid(86_400_000_000)).unwrap_or(0));
        let days = self.store.day_counts(Some(&entry.segment.id), Day(today.0 - 30)).await?;
        let previous = days.iter().filter(|count| count.day < today).max_by_key(|count| count.day).map(|count| count.count);
        Ok(view::segment(entry, previous, Vec::new(), now.0))
    }

    pub(crate) fn entry(&self, id: &str) -> Result<Entry> {
        self.book.entry(&SegmentId::new(id)).ok_or_else(|| AppError::not_found("segment (it may be in the trash)"))
    }

    /// One segment, also from the trash.
    ///
    /// # Errors
    /// No such segment.
    pub async fn segment(&self, caller: &Caller, id: &str) -> Result<SegmentView> {
        caller.require(Permission::ReadSegments)?;
        let id = SegmentId::new(id);
        let entry = match self.book.entry(&id) {
            Some(entry) => entry,
            None => {
                book::load_entry(&self.store, self.store.segment(&id).await?.ok_or_else(|| AppError::not_found("segment"))?)
                    .await?
            }
        };
        self.view_of(entry).await
    }

    /// Makes a segment and builds it.
    ///
    /// # Errors
    /// Faults of the rule, with pointers into the rule.
    pub async fn create_segment(&self, caller: &Caller, input: SegmentInput) -> Result<SegmentView> {
        caller.require(Permission::EditSegments)?;
        check_names(&input)?;
        let id = SegmentId::new(new_id(self.ambient.as_ref()));
        let (rule, checked, _) = self.check_given(&input.rule, Some(id.as_str()))?;
        let (segments, lists) = references(&checked);
        let new = NewSegment {
            id: id.clone(),
            name: input.name,
            description: input.description,
            owner: caller.account().cloned(),
            rule,
            segments,
            lists,
        };
        self.store.create_segment(new, self.now().0).await?;
        self.book.renew(&self.store, &id).await?;
        self.record(caller, "segment.create", "segment", id.as_str(), json!({"version": 1})).await?;
        self.refresh_segment(&id, self.now(), true).await?;
        self.view_of(self.entry(id.as_str())?).await
    }

    /// Changes a segment: a new version if the name or the rule changes.
    ///
    /// # Errors
    /// Faults of the rule; another version than `if_version` is current.
    pub async fn update_segment(&self, caller: &Caller, id: &str, input: SegmentInput) -> Result<SegmentView> {
        caller.require(Permission::EditSegments)?;
        check_names(&input)?;
        let id = SegmentId::new(id);
        let (rule, checked, _) = self.check_given(&input.rule, Some(id.as_str()))?;
        let (segments, lists) = references(&checked);
        let change = NewVersion {
            name: input.name,
            description: input.description,
            rule,
            author: caller.account().cloned(),
            segments,
            lists,
        };
        let segment = self
            .store
            .update_segment(&id, change, input.if_version, self.now().0)
            .await?
            .ok_or_else(|| AppError::not_found("segment"))?;
        self.book.renew(&self.store, &id).await?;
        self.record(caller, "segment.update", "segment", id.as_str(), json!({"version": segment.version})).await?;
        self.refresh_segment(&id, self.now(), true).await?;
        self.refresh_soon();
        self.view_of(self.entry(id.as_str())?).await
    }

    /// Versions, newest first.
    ///
    /// # Errors
    /// No such segment.
    pub async fn segment_versions(&self, caller: &Caller, id: &str) -> Result<Vec<VersionView>> {
        caller.require(Permission::ReadSegments)?;
        let versions = self.store.segment_versions(&SegmentId::new(id)).await?;
        if versions.is_empty() {
            return Err(AppError::not_found("segment"));
        }
        Ok(versions.into_iter().map(view::version).collect())
    }

    /// Puts a segment in the trash.
    ///
    /// # Errors
    /// [`Code::InUse`] while another segment or a campaign refers to it.
    pub async fn trash_segment(&self, caller: &Caller, id: &str) -> Result<()> {
        caller.require(Permission::EditSegments)?;
        let id = SegmentId::new(id);
        match self.store.trash_segment(&id, self.now().0).await {
            Ok(true) => {}
            Ok(false) => return Err(AppError::not_found("segment")),
            Err(error) => return Err(self.named_users(std::slice::from_ref(&id), error).await),
        }
        self.book.renew(&self.store, &id).await?;
        self.record(caller, "segment.trash", "segment", id.as_str(), json!({})).await
    }

    /// Takes a segment out of the trash.
    ///
    /// # Errors
    /// It is not there.
    pub async fn restore_segment(&self, caller: &Caller, id: &str) -> Result<SegmentView> {
        caller.require(Permission::EditSegments)?;
        let id = SegmentId::new(id);
        self.store.restore_segment(&id, self.now().0).await?.ok_or_else(|| AppError::not_found("segment in the trash"))?;
        self.book.renew(&self.store, &id).await?;
        self.record(caller, "segment.restore", "segment", id.as_str(), json!({})).await?;
        self.refresh_segment(&id, self.now(), true).await?;
        self.view_of(self.entry(id.as_str())?).await
    }

    /// Deletes what is in the trash for good. Returns how many segments.
    ///
    /// # Errors
    /// Forbidden to all but administrators; [`Code::InUse`] while a segment outside the trash or a campaign refers to one
    /// in it.
    pub async fn empty_trash(&self, caller: &Caller) -> Result<usize> {
        caller.require(Permission::EmptyTrash)?;
        let purged = match self.store.purge_trash().await {
            Ok(purged) => purged,
            Err(error) => {
                let trashed = self.store.segments(&SegmentFilter { trashed: true, containing: None }).await?;
                let ids: Vec<SegmentId> = trashed.into_iter().map(|segment| segment.id).collect();
                return Err(self.named_users(&ids, error).await);
            }
        };
        for id in &purged {
            self.record(caller, "segment.delete", "segment", id.as_str(), json!({})).await?;
        }
        Ok(purged.len())
    }

    /// The failure to remove segments; if they are in use, by whom.
    async fn named_users(&self, ids: &[SegmentId], error: StoreError) -> AppError {
        let in_use = matches!(error, StoreError::Conflict("segment_in_use"));
        let error = AppError::from(error);
        if !in_use {
            return error;
        }
        match self.users_of(ids).await {
            Ok(users) if !users.is_empty() => {
                let text = format!("In use by {}. Change, delete or cancel what uses it first.", users.join(", "));
                AppError::new(Code::InUse, text)
            }
            // They are gone by now, or cannot be asked for.
            _ => error,
        }
    }

    /// Segments and campaigns that refer to one of some segments, in words.
    async fn users_of(&self, ids: &[SegmentId]) -> Result<Vec<String>> {
        let mut users = Vec::new();
        for id in ids {
            for user in self.store.segments_using_segment(id).await? {
                let name = self.entry(user.as_str()).map_or_else(|_| user.into_string(), |entry| entry.segment.name);
                users.push(format!("the segment \u{201c}{name}\u{201d}"));
            }
            for campaign in self.store.campaigns_using_segment(id).await? {
                users.push(format!("the campaign \u{201c}{}\u{201d} ({})", campaign.content.name, campaign.state.as_str()));
            }
        }
        Ok(users)
    }

    /// Checks a rule against today's schema and references.
    pub(crate) fn check_rule(&self, rule: &Value, own_id: Option<&str>) -> Result<(CheckedRule, Vec<rollcall_rules::Warning>)> {
        if rule.is_null() {
            return Err(AppError { code: Code::InvalidRule, ..AppError::field("", "missing_field", "A rule is required.") });
        }
        rollcall_rules::check(rule, own_id, &self.take_in.schema(), self.book.as_ref()).map_err(|faults| AppError::rule(&faults))
    }
}
