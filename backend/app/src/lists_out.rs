//! Lists on their way out: who may leave for a purpose, and the files.

use std::sync::Arc;

use rollcall_activate::ActivateError;
use rollcall_activate::consent::{self, Barred, Waterfall};
use rollcall_activate::formats::{self, ChannelWriter, Chunks, Format};
use rollcall_engine::{Members, Uid};
use rollcall_store::{NewAuditEntry, SegmentId};
use serde::Serialize;
use utoipa::ToSchema;

pub use rollcall_activate::consent::Purpose;

use crate::App;
use crate::access::{Caller, Permission};
use crate::audit_trail::trail_entry;
use crate::error::{AppError, Code, Result};
use crate::segments::book::Current;
use crate::view::time;

/// Who may be mailed, and where nobody may be, at an instant.
pub(crate) struct MailConsent {
    at: i64,
    members: Members,
    barred: Barred,
}

/// What a purpose needs of a caller.
pub(crate) trait Guarded {
    /// The permission to take lists for it.
    fn permission(self) -> Permission;
}

impl Guarded for Purpose {
    fn permission(self) -> Permission {
        match self {
            Purpose::Ads => Permission::TakeAdsList,
            Purpose::Email => Permission::TakeEmailList,
        }
    }
}

/// A file to be streamed.
pub struct Download {
    /// Strong ETag, if the content has an identity.
    pub etag: Option<String>,
    /// Content type.
    pub content_type: &'static str,
    /// `attachment` with a file name.
    pub disposition: String,
    /// Further headers.
    pub facts: Vec<(&'static str, String)>,
    /// What the audit trail says once it is taken.
    pub(crate) entry: NewAuditEntry,
    pub(crate) write: WriteBody,
}

pub(crate) type WriteBody = Box<dyn FnOnce(&mut ChannelWriter) -> std::result::Result<u64, ActivateError> + Send>;

impl Download {
    /// Notes in the audit trail that it is taken, and starts to write on a thread of its own; a receiver that is dropped ends it.
    ///
    /// # Errors
    /// It cannot be noted: nothing leaves then.
    pub async fn start(self, app: &App) -> Result<Chunks> {
        app.store.append_audit(self.entry, app.now().0).await?;
        Ok(formats::stream(self.write))
    }

    /// Whether an `If-None-Match` header names this very content.
    pub fn is_known(&self, if_none_match: &str) -> bool {
        self.etag.as_ref().is_some_and(|etag| formats::tag_matches(if_none_match, etag))
    }
}

/// A step of a waterfall.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct StepView {
    /// `matched`, `no_consent`, `suppressed`, `no_address`, `duplicate_address`, `deliverable`.
    pub name: &'static str,
    /// Users left after the step (of the first and the last).
    #[serde(skip_serializing_if = "Option::is_none")]
    pub count: Option<u64>,
    /// Users that the step drops.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub dropped: Option<u64>,
}

/// From the users of a rule to those that may be delivered. matched = all drops + deliverable.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct WaterfallView {
    /// The build that it starts from.
    pub build_id: String,
    /// `ads` or `email`.
    pub purpose: String,
    /// In order.
    pub steps: Vec<StepView>,
}

impl App {
    /// Whether a user may be mailed at an address by now. The answer is at most a second old.
    ///
    /// # Errors
    /// Consent cannot be looked at: nobody may be mailed, and nobody be called unwilling.
    pub(crate) async fn still_consents(&self, uid: Uid, address: &str) -> Result<bool> {
        const GOOD_FOR: i64 = 1_000_000;
        let now = self.now();
        let mut known = self.mail_consent.lock().await;
        if known.as_ref().is_none_or(|known| now.0 - known.at > GOOD_FOR) {
            let suppressed = consent::suppressed_members(&self.store, &self.engine, Purpose::Email).await?;
            let barred = self.barred(Purpose::Email, &suppressed, now).await?;
            *known = Some(MailConsent { at: now.0, members: self.consented(Purpose::Email, now).await?, barred });
        }
        let may = |known: &MailConsent| {
            known.members.contains(uid)
                && !consent::Address::parse(address).is_some_and(|address| known.barred.contains(&address))
        };
        Ok(known.as_ref().is_some_and(may))
    }

    pub(crate) fn current(&self, id: &str) -> Result<Current> {
        self.entry(id)?
            .current
            .ok_or_else(|| AppError::new(Code::WrongState, "The segment has not been built yet. Try again in a moment."))
    }

    /// The waterfall of a segment.
    ///
    /// # Errors
    /// No such segment.
    pub async fn waterfall(&self, caller: &Caller, id: &str, purpose: Purpose) -> Result<WaterfallView> {
        caller.require(Permission::ReadSegments)?;
        let current = self.current(id)?;
        let waterfall = self.drops(&current.members, purpose).await?;
        Ok(waterfall_view(current.build.id.as_str(), purpose, &waterfall))
    }

    /// The list of a segment for a purpose.
    ///
    /// # Errors
    /// No such segment; an unknown format; forbidden without the purpose's scope.
    pub async fn take_list(&self, caller: &Caller, id: &str, purpose: Purpose, format: &str) -> Result<Download> {
        caller.require(purpose.permission())?;
        let current = self.current(id)?;
        let format = self.format(format, true)?;
        let now = self.now();
        let waterfall = self.drops(&current.members, purpose).await?;
        let members = Arc::new(waterfall.deliverable);
        let (engine, for_digest) = (self.engine.clone(), members.clone());
        let digest = tokio::task::spawn_blocking(move || engine.digest(&for_digest)).await?;
        // Addresses may change while the set of users does not.
        let addresses = waterfall.address_digest.as_deref().unwrap_or_default();
        let etag = formats::entity_tag(&[&digest, purpose.as_str(), format.as_str(), addresses]);
        let detail = serde_json::json!({"purpose": purpose.as_str(), "format": format.as_str(), "count": members.len(), "build_id": current.build.id.as_str()});
        let entry = trail_entry(caller, "list.take", ("segment", id), detail);
        let facts = vec![
            ("x-rollcall-build", current.build.id.as_str().to_owned()),
            ("x-rollcall-count", members.len().to_string()),
            ("x-rollcall-matched", current.build.count.to_string()),
            ("x-rollcall-digest", digest.clone()),
        ];
        let engine = self.engine.clone();
        let address_trait = (purpose == Purpose::Email).then(|| self.config.consent.address_trait.clone());
        let write: WriteBody = Box::new(move |body| match address_trait {
            _ if format == Format::Roaring => formats::write_roaring(&members, body),
            None => formats::write_list(format, members.iter().filter_map(|uid| engine.user_id(uid)), body),
            Some(path) => formats::write_addresses(format, consent::address_rows(&engine, &members, &path, now), body),
        });
        Ok(Download {
            etag: Some(etag),
            content_type: format.content_type(),
            disposition: format.content_disposition(&file_name(&self.entry(id)?.segment.name, purpose.as_str(), now.0)),
            facts,
            entry,
            write,
        })
    }

    pub(crate) fn format(&self, word: &str, roaring: bool) -> Result<Format> {
        let kinds = if roaring {
            "csv, csv.gz, ndjson, ndjson.gz, parquet and roaring"
        } else {
            "csv, csv.gz, ndjson, ndjson.gz and parquet"
        };
        Format::parse(word)
            .filter(|format| roaring || *format != Format::Roaring)
            .ok_or_else(|| AppError::new(Code::BadRequest, format!("`{word}` is not a format here; there are {kinds}.")))
    }

    /// The numbers of users in roaring lists, of users that may leave for a purpose.
    ///
    /// # Errors
    /// An unknown format; forbidden without the purpose's scope.
    pub async fn user_map(&self, caller: &Caller, purpose: Purpose, format: &str) -> Result<Download> {
        caller.require(purpose.permission())?;
        let format = self.format(format, false)?;
        let now = self.now();
        let members = self.consented(purpose, now).await?;
        let detail = serde_json::json!({"purpose": purpose.as_str(), "count": members.len()});
        let entry = trail_entry(caller, "map.users", ("organisation", ""), detail);
        let engine = self.engine.clone();
        let write: WriteBody = Box::new(move |body| {
            formats::write_users(format, members.iter().filter_map(|uid| Some((uid.to_u64(), engine.user_id(uid)?))), body)
        });
        Ok(Download {
            etag: None,
            content_type: format.content_type(),
            disposition: format.content_disposition(&format!("users-{}", purpose.as_str())),
            facts: Vec::new(),
            entry,
            write,
        })
    }

    /// One line for each user of each segment, of users that may leave for a purpose.
    ///
    /// # Errors
    /// An unknown format; forbidden without the purpose's scope.
    pub async fn segment_map(&self, caller: &Caller, purpose: Purpose, format: &str) -> Result<Download> {
        caller.require(purpose.permission())?;
        let format = self.format(format, false)?;
        let segments: Vec<(SegmentId, Arc<Members>)> =
            self.book.entries().into_iter().filter_map(|entry| Some((entry.segment.id, entry.current?.members))).collect();
        let among = segments.iter().fold(Members::default(), |among, (_, members)| among.or(members));
        let reach = self.reach(purpose, among).await?;
        let detail = serde_json::json!({"purpose": purpose.as_str(), "segments": segments.len()});
        let entry = trail_entry(caller, "map.segments", ("organisation", ""), detail);
        let (engine, shards) = (self.engine.clone(), self.config.engine.shards);
        let write: WriteBody = Box::new(move |body| {
            let sets: Vec<(String, Members)> =
                segments.iter().map(|(id, members)| (id.as_str().to_owned(), reach.of(members).deliverable)).collect();
            formats::write_segment_map(format, &sets, shards, |uid| engine.user_id(uid), body)
        });
        Ok(Download {
            etag: None,
            content_type: format.content_type(),
            disposition: format.content_disposition(&format!("segments-{}", purpose.as_str())),
            facts: Vec::new(),
            entry,
            write,
        })
    }
}

pub(crate) fn waterfall_view(build_id: &str, purpose: Purpose, waterfall: &Waterfall) -> WaterfallView {
    let count = |name, members: &Members| StepView { name, count: Some(members.len()), dropped: None };
    let mut steps = vec![count("matched", &waterfall.matched)];
    let email_only = |name: &str| matches!(name, "no_address" | "duplicate_address");
    let drops = waterfall.drops().into_iter().filter(|(name, _)| purpose == Purpose::Email || !email_only(name));
    steps.extend(drops.map(|(name, members)| StepView { name, count: None, dropped: Some(members.len()) }));
    steps.push(count("deliverable", &waterfall.deliverable));
    WaterfallView { build_id: build_id.to_owned(), purpose: purpose.as_str().to_owned(), steps }
}

/// What a downloaded list is called: name, purpose and day, such as `ncis-fans-ads-2026-11-21`.
pub(crate) fn file_name(name: &str, purpose: &str, now: i64) -> String {
    let words = name.split(|letter: char| !letter.is_ascii_alphanumeric()).filter(|word| !word.is_empty());
    let slug: String = words.collect::<Vec<_>>().join("-").to_ascii_lowercase().chars().take(60).collect();
    let day: String = time(now).chars().take(10).collect();
    let slug = if slug.is_empty() { "list" } else { slug.as_str() };
    format!("{slug}-{purpose}-{day}")
}
