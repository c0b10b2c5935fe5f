//! Keeping members right by themselves.
//!
//! A pass evaluates every segment at one instant and compares with what it has; a difference makes a build. Passes run
//! shortly after new data, and at least every few seconds because windows move with time. Each segment is on its own: a
//! failing one is noted, shown, and tried again at the next pass.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::time::Duration;

use rollcall_engine::{Evaluation, Members};
use rollcall_rules::{CheckedRule, Instant, Node, NodeKind};
use rollcall_store::{Build, BuildId, MembersDelta, MembersPayload, NewBuild, SegmentId, StoreError};
use serde_json::json;

use super::book::{Current, Entry};
use crate::App;
use crate::ambient::new_id;
use crate::error::{AppError, Code, Result};
use crate::live::LiveEvent;

/// After this many deltas a build keeps all its members again, so that putting members together stays short.
const LONGEST_CHAIN: u64 = 32;
/// Builds of one segment that nobody asked for are at least this far apart (microseconds).
const BUILD_SPACING: i64 = 1_000_000;
/// When a segment was left for the next pass, the pass comes this soon.
const SOON: Duration = Duration::from_millis(500);
/// Segments evaluated at one instant share the answers of their leaves; a pass takes a new one after so many microseconds.
const ONE_INSTANT: i64 = 1_000_000;

impl App {
    /// Refreshes all segments, one after the other, until told to stop.
    pub(crate) async fn run_refresh(self) {
        let mut watermark = self.take_in.watermark();
        let pause = Duration::from_millis(self.config.refresh.data_milliseconds);
        let tick = Duration::from_secs(self.config.refresh.time_seconds.max(1));
        let mut stop = self.stopping.subscribe();
        loop {
            let mut again = false;
            let mut instant = self.now();
            for entry in self.book.entries() {
                if *stop.borrow() {
                    return;
                }
                if self.now().0 - instant.0 > ONE_INSTANT {
                    instant = self.now();
                }
                match self.refresh_segment(&entry.segment.id, instant, false).await {
                    Ok(checked) => again |= !checked,
                    Err(error) => {
                        tracing::warn!(
                            segment = entry.segment.id.as_str(),
                            error = error.detail,
                            "a segment could not be refreshed; it is tried again"
                        );
                    }
                }
            }
            let _ = self.live.send(LiveEvent::Watermark { seq: *watermark.borrow_and_update() });
            tokio::select! {
                changed = watermark.changed() => {
                    if changed.is_err() {
                        return;
                    }
                    tokio::time::sleep(pause).await;
                }
                () = self.refresh_wanted.notified() => {}
                () = tokio::time::sleep(if again { SOON } else { tick }) => {}
                _ = stop.changed() => return,
            }
        }
    }

    /// Asks for a pass soon.
    pub(crate) fn refresh_soon(&self) {
        self.refresh_wanted.notify_one();
    }

    /// Evaluates one segment at an instant; a change of members (or of the version) makes a build. Failures are noted on the segment
    /// and returned. False if the last build is so recent that it was left for the next pass.
    pub(crate) async fn refresh_segment(&self, id: &SegmentId, instant: Instant, at_once: bool) -> Result<bool> {
        let Some(entry) = self.book.entry(id) else {
            return Ok(true);
        };
        let now = instant.0;
        let recent = entry.current.as_ref().is_some_and(|current| now - current.build.instant < BUILD_SPACING);
        if recent && !at_once {
            return Ok(false);
        }
        match self.build_if_changed(&entry, instant, false).await {
            Ok(_) => {
                if entry.error.is_some() {
                    self.store.record_check(id, now).await?;
                }
                self.book.update(id, |entry| {
                    entry.checked_at = Some(now);
                    entry.error = None;
                });
                Ok(true)
            }
            Err(error) => {
                if entry.error.as_deref() != Some(&error.detail) {
                    self.store.record_check_failure(id, &error.detail).await?;
                }
                self.book.update(id, |entry| entry.error = Some(error.detail.clone()));
                Err(error)
            }
        }
    }

    /// Builds a segment whether or not its members changed.
    pub(crate) async fn build_now(&self, id: &SegmentId) -> Result<Build> {
        for _ in 0..5 {
            let entry = self.entry(id.as_str())?;
            // None: a pass built it at the same time, and its build is what this one has to follow.
            if let Some(build) = self.build_if_changed(&entry, self.now(), true).await? {
                return Ok(build);
            }
        }
        Err(AppError::new(Code::VersionConflict, "The segment is being built over and over at the moment. Try again."))
    }

    async fn build_if_changed(&self, entry: &Entry, instant: Instant, always: bool) -> Result<Option<Build>> {
        let segment = &entry.segment;
        let (checked, _) = self.check_rule(&segment.rule, Some(segment.id.as_str()))?;
        let inputs = self.inputs_of(&checked);
        let (engine, rule) = (self.engine.clone(), checked.clone());
        let (evaluation, cost) = tokio::task::spawn_blocking(move || {
            let start = std::time::Instant::now();
            (engine.evaluate(&rule, instant), start.elapsed())
        })
        .await?;
        let evaluation = evaluation?;
        if self.inputs_of(&checked) != inputs {
            // A list was uploaded meanwhile: which version was evaluated is not known, and a recount has to know it.
            self.refresh_soon();
            return Ok(None);
        }
        let same_version = entry.current.as_ref().is_some_and(|current| current.build.segment_version == segment.version);
        let same_members = entry.current.as_ref().is_some_and(|current| *current.members == evaluation.members);
        if same_version && same_members && !always {
            return Ok(None);
        }
        let cost_ms = u64::try_from(cost.as_millis()).unwrap_or(u64::MAX);
        self.store_build(entry, instant.0, inputs, evaluation, cost_ms).await
    }

    async fn store_build(
        &self,
        entry: &Entry,
        instant: i64,
        inputs: serde_json::Value,
        evaluation: Evaluation,
        cost_ms: u64,
    ) -> Result<Option<Build>> {
        let segment = &entry.segment;
        let engine = self.engine.clone();
        let members = Arc::new(evaluation.members);
        let for_digest = members.clone();
        let digest = tokio::task::spawn_blocking(move || engine.digest(&for_digest)).await?;
        let before = entry.current.as_ref();
        let empty = Members::default();
        let earlier = before.map_or(&empty, |current| current.members.as_ref());
        let (added, removed) = (members.and_not(earlier), earlier.and_not(&members));
        let depth = match before {
            Some(current) => self.store.members_depth(&current.build.id).await?,
            None => None,
        };
        let (added_count, removed_count) = (added.len(), removed.len());
        let payload = match depth {
            Some(depth) if depth < LONGEST_CHAIN && (added_count + removed_count) * 2 <= members.len() => {
                MembersPayload::Delta(MembersDelta { added: added.to_bytes(), removed: removed.to_bytes() })
            }
            _ => MembersPayload::Base(members.to_bytes()),
        };
        let build = NewBuild {
            id: BuildId::new(new_id(self.ambient.as_ref())),
            segment_id: segment.id.clone(),
            previous: before.map(|current| current.build.id.clone()),
            segment_version: segment.version,
            instant,
            watermark_seq: evaluation.watermark,
            count: members.len(),
            digest,
            population: evaluation.population,
            events: evaluation.events,
            added: added_count,
            removed: removed_count,
            inputs,
            cost_ms,
            members: payload,
        };
        let build = match self.store.insert_build(build, self.now().0).await {
            Ok(Some(build)) => build,
            // The segment is gone.
            Ok(None) => return Ok(None),
            // Another build came in between; the next pass compares with that one.
            Err(StoreError::Conflict("build_previous_changed")) => {
                self.refresh_soon();
                return Ok(None);
            }
            Err(error) => return Err(error.into()),
        };
        let current = Current { build: build.clone(), members };
        self.book.update(&segment.id, |entry| {
            if entry.current.as_ref().is_none_or(|held| held.build.number < current.build.number) {
                entry.current = Some(current);
                entry.checked_at = Some(instant);
            }
        });
        let _ = self.live.send(LiveEvent::Segment {
            id: segment.id.as_str().to_owned(),
            count: build.count,
            build_id: build.id.as_str().to_owned(),
        });
        Ok(Some(build))
    }

    /// What a rule depends on besides events and profiles: the rules of the segments it reaches, the versions of the
    /// catalogues that it was checked with, and those of lists that the engine has at this moment.
    fn inputs_of(&self, rule: &CheckedRule) -> serde_json::Value {
        let mut segments = serde_json::Map::new();
        add_segments(&rule.root, &mut segments);
        let version = |id: String| Some((id.clone(), self.engine.list_version(&id)?));
        let lists: BTreeMap<String, u64> = rule.list_ids().into_iter().filter_map(version).collect();
        json!({ "segments": segments, "lists": lists, "catalogues": rule.catalogues })
    }
}

fn add_segments(node: &Node, segments: &mut serde_json::Map<String, serde_json::Value>) {
    match &node.kind {
        NodeKind::Segment { id, rule } => {
            if segments.insert(id.clone(), rule.source.clone()).is_none() {
                add_segments(&rule.root, segments);
            }
        }
        _ => node.children().iter().for_each(|child| add_segments(child, segments)),
    }
}
