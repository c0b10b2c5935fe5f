//! Recounts: a build run again by the second path, over raw events, at the same instant and watermark.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_audit::RecountRequest;
use rollcall_rules::{Catalogue, CatalogueVersion, Instant};
use rollcall_store::{BuildId, NewRecount, Recount, RecountId, RecountOutcome, RecountSide, SegmentId};
use serde::Serialize;
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::ambient::new_id;
use crate::error::{AppError, Code, Result};
use crate::live::LiveEvent;
use crate::segments::book;
use crate::view::time;

/// What one path found.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecountSideView {
    /// Members.
    pub count: u64,
    /// Digest over the sorted user ids.
    pub digest: String,
}

/// A recount.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct RecountView {
    /// Id.
    pub id: String,
    /// Segment.
    pub segment_id: String,
    /// Build that is recounted.
    pub build_id: String,
    /// `queued`, `running`, `done` or `failed`.
    pub state: String,
    /// What stood for "now".
    pub instant: String,
    /// Records up to this one count.
    pub watermark_seq: u64,
    /// What the engine found when the segment was built.
    pub engine: RecountSideView,
    /// What SQL over raw events finds.
    pub lake: Option<RecountSideView>,
    /// Whether both sets are the same.
    pub agree: Option<bool>,
    /// Users that only the engine has: the first 100 (pseudonyms for auditors).
    pub only_engine: Vec<String>,
    /// Users that only the lake has: the first 100 (pseudonyms for auditors).
    pub only_lake: Vec<String>,
    /// How many users only the engine has.
    pub only_engine_count: u64,
    /// How many users only the lake has.
    pub only_lake_count: u64,
    /// How long the recount took, milliseconds.
    pub cost_ms: Option<u64>,
    /// Who asked.
    pub requested_by: String,
    /// When.
    pub created_at: String,
    /// When it ended.
    pub finished_at: Option<String>,
    /// Why it could not be done.
    pub error: Option<String>,
}

/// Most user ids kept of each side of a difference.
const SHOWN: usize = 100;

impl App {
    fn recount_view(&self, caller: &Caller, recount: Recount) -> RecountView {
        let side = |side: RecountSide| RecountSideView { count: side.count, digest: side.digest };
        let ids =
            |ids: Vec<String>| if caller.sees_pseudonyms() { ids.iter().map(|id| self.pseudonym(id)).collect() } else { ids };
        let outcome = recount.outcome;
        RecountView {
            id: recount.id.into_string(),
            segment_id: recount.segment_id.into_string(),
            build_id: recount.build_id.into_string(),
            state: recount.state.as_str().to_owned(),
            instant: time(recount.instant),
            watermark_seq: recount.watermark_seq,
            engine: side(recount.engine),
            lake: outcome.as_ref().map(|outcome| side(outcome.lake.clone())),
            agree: outcome.as_ref().map(|outcome| outcome.agree),
            only_engine_count: outcome.as_ref().map_or(0, |outcome| outcome.only_engine_count),
            only_lake_count: outcome.as_ref().map_or(0, |outcome| outcome.only_lake_count),
            cost_ms: outcome.as_ref().map(|outcome| outcome.cost_ms),
            only_engine: outcome.as_ref().map(|outcome| ids(outcome.only_engine.clone())).unwrap_or_default(),
            only_lake: outcome.map(|outcome| ids(outcome.only_lake)).unwrap_or_default(),
            requested_by: recount.requested_by,
            created_at: time(recount.created_at),
            finished_at: recount.finished_at.map(time),
            error: recount.error,
        }
    }

    /// Asks for a recount of a build, by default the latest.
    ///
    /// # Errors
    /// No such segment or build.
    pub async fn request_recount(&self, caller: &Caller, segment: &str, build: Option<String>) -> Result<RecountView> {
        caller.require(Permission::Recount)?;
        let build = match build {
            Some(id) => self.stored_build(&id).await?,
            None => self
                .entry(segment)?
                .current
                .map(|current| current.build)
                .ok_or_else(|| AppError::new(Code::WrongState, "The segment has no build yet."))?,
        };
        if build.segment_id.as_str() != segment {
            return Err(AppError::not_found("build of this segment"));
        }
        let new = NewRecount {
            id: RecountId::new(new_id(self.ambient.as_ref())),
            build_id: build.id.clone(),
            requested_by: caller.name().to_owned(),
        };
        let recount = self.store.create_recount(new, self.now().0).await?.ok_or_else(|| AppError::not_found("build"))?;
        self.record(
            caller,
            "recount.request",
            "build",
            build.id.as_str(),
            serde_json::json!({"recount_id": recount.id.as_str()}),
        )
        .await?;
        self.work_wanted.notify_waiters();
        Ok(self.recount_view(caller, recount))
    }

    /// Recounts, newest first, of one segment or of all.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub async fn list_recounts(&self, caller: &Caller, segment: Option<String>) -> Result<Vec<RecountView>> {
        caller.require(Permission::Recount)?;
        let found = self.store.recounts(segment.map(SegmentId::new).as_ref(), 200).await?;
        Ok(found.into_iter().map(|recount| self.recount_view(caller, recount)).collect())
    }

    /// One recount.
    ///
    /// # Errors
    /// No such recount.
    pub async fn recount(&self, caller: &Caller, id: &str) -> Result<RecountView> {
        caller.require(Permission::Recount)?;
        let found = self.store.recount(&RecountId::new(id)).await?.ok_or_else(|| AppError::not_found("recount"))?;
        Ok(self.recount_view(caller, found))
    }

    /// Runs the oldest recount that waits. Returns whether there was one.
    ///
    /// # Errors
    /// The store does not answer; a recount that fails is noted on the recount.
    pub async fn run_next_recount(&self) -> Result<bool> {
        let Some(recount) = self.store.next_recount().await? else {
            return Ok(false);
        };
        if !self.store.start_recount(&recount.id, self.now().0).await? {
            return Ok(true);
        }
        match self.recount_build(&recount.build_id).await {
            Ok(outcome) => {
                self.store.finish_recount(&recount.id, &outcome, self.now().0).await?;
                let action = if outcome.agree { "recount.agree" } else { "recount.differ" };
                let detail = serde_json::json!({"recount_id": recount.id.as_str(), "count": outcome.lake.count});
                self.record(&Caller::System, action, "build", recount.build_id.as_str(), detail).await?;
            }
            Err(error) => {
                tracing::warn!(recount = recount.id.as_str(), error = error.detail, "a recount failed");
                self.store.fail_recount(&recount.id, &error.detail, self.now().0).await?;
            }
        }
        let _ = self.live.send(LiveEvent::Recount { id: recount.id.as_str().to_owned() });
        Ok(true)
    }

    async fn recount_build(&self, id: &BuildId) -> Result<RecountOutcome> {
        let start = std::time::Instant::now();
        let build = self.store.build(id).await?.ok_or_else(|| AppError::not_found("build"))?;
        let members = book::members_of(&self.store, &build).await?;
        // Everything the build saw has to be in the lake.
        if self.store.checkpoint().await?.seq < build.watermark_seq {
            self.take_in.flush().await?;
        }
        let inputs = self.inputs_of_build(&build.inputs).await?;
        let (checked, _) = rollcall_rules::check(&build.rule, None, &self.take_in.schema(), &inputs)
            .map_err(|faults| AppError::rule(&faults))?;
        let engine_ids = {
            let engine = self.engine.clone();
            tokio::task::spawn_blocking(move || members.map(|members| engine.sorted_user_ids(&members))).await?
        };
        let request = RecountRequest {
            rule: &checked,
            instant: Instant(build.instant),
            watermark: build.watermark_seq,
            lists: &inputs.lists,
            engine_ids: engine_ids.as_deref(),
            engine_count: build.count,
            engine_digest: &build.digest,
        };
        let found = rollcall_audit::recount(&self.lake, &request, SHOWN).await?;
        Ok(RecountOutcome {
            lake: RecountSide { count: found.count, digest: found.digest },
            agree: found.agree,
            only_engine: found.only_engine,
            only_lake: found.only_lake,
            only_engine_count: found.only_engine_count,
            only_lake_count: found.only_lake_count,
            cost_ms: u64::try_from(start.elapsed().as_millis()).unwrap_or(u64::MAX),
        })
    }

    /// What a build's rule referred to.
    pub(crate) async fn inputs_of_build(&self, inputs: &serde_json::Value) -> Result<Inputs> {
        let linked: BTreeMap<String, CatalogueVersion> = match &inputs["catalogues"] {
            serde_json::Value::Null => BTreeMap::new(),
            linked => serde_json::from_value(linked.clone())?,
        };
        let mut catalogues: BTreeMap<String, Arc<Catalogue>> = BTreeMap::new();
        for (property, version) in linked {
            let read = catalogues.values().find(|read| read.version == version).cloned();
            let rows = match read {
                Some(rows) => rows,
                None => self.catalogue_at(version).await?,
            };
            catalogues.insert(property, rows);
        }
        Ok(Inputs { catalogues, ..Inputs::of(inputs) })
    }
}

/// What a build's rule referred to when it was evaluated.
pub(crate) struct Inputs {
    segments: serde_json::Map<String, serde_json::Value>,
    lists: BTreeMap<String, u64>,
    /// By linked property or trait.
    catalogues: BTreeMap<String, Arc<Catalogue>>,
}

impl Inputs {
    fn of(inputs: &serde_json::Value) -> Inputs {
        Inputs {
            catalogues: BTreeMap::new(),
            segments: inputs["segments"].as_object().cloned().unwrap_or_default(),
            lists: inputs["lists"]
                .as_object()
                .into_iter()
                .flatten()
                .filter_map(|(id, version)| Some((id.clone(), version.as_u64()?)))
                .collect(),
        }
    }
}

impl rollcall_rules::References for Inputs {
    fn segment_rule(&self, id: &str) -> Option<Arc<serde_json::Value>> {
        self.segments.get(id).cloned().map(Arc::new)
    }

    fn list_exists(&self, id: &str) -> bool {
        self.lists.contains_key(id)
    }

    fn catalogue_of(&self, property: &str) -> Option<Arc<Catalogue>> {
        self.catalogues.get(property).cloned()
    }
}
