//! `rollcall demo`.

use std::process::ExitCode;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use indicatif::{ProgressBar, ProgressStyle};
use rollcall_app::access::{AccountInput, Caller};
use rollcall_app::ambient::Ambient as _;
use rollcall_app::campaigns::CampaignInput;
use rollcall_app::catalogues::{CatalogueInput, RowFormat, RowUpload};
use rollcall_app::schema::Declaration;
use rollcall_app::segments::{SegmentFilterInput, SegmentInput};
use rollcall_app::{App, Day, Instant, NewInstance};

use super::{Instance, failed};
use crate::ambient::{Past, System};
use crate::demo;

/// Password of the demo's accounts.
const PASSWORD: &str = "rollcall-demo";
/// Records appended to the log at once.
const BATCH: usize = 5_000;
const HOUR: i64 = 3_600_000_000;
/// The segments have a build for each of so many days, so that there is something to see.
const DAYS_OF_HISTORY: i64 = 30;

/// Make a demo instance: a streaming-TV service, the same for the same numbers.
#[derive(Debug, Args)]
pub struct Demo {
    #[command(flatten)]
    instance: Instance,
    /// Users.
    #[arg(long, default_value_t = 100_000)]
    users: u32,
    /// Events, over three years.
    #[arg(long, default_value_t = 5_000_000)]
    events: u64,
    /// Day (YYYY-MM-DD, UTC) before which everything happens; up to the last full hour by default.
    #[arg(long, value_name = "DATE")]
    days_end: Option<String>,
    /// Another seed gives other people who do other things.
    #[arg(long, default_value_t = 1)]
    seed: u64,
}

impl Demo {
    /// Loads the demo into a new instance, through the same log and take-in as everything else.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let end = match &self.days_end {
            Some(text) => {
                i64::from(Day::parse(text).with_context(|| format!("--days-end {text}: not a date such as 2026-11-20"))?.0)
                    * 24
                    * HOUR
            }
            None => System.now().0 / HOUR * HOUR,
        };
        let clock = Arc::new(Past::default());
        let app = self.instance.open_as(self.instance.config()?, clock.clone()).await?;
        if app.is_set_up().await.map_err(failed)? {
            anyhow::bail!("this data folder has an instance already; choose another one with --data-dir");
        }
        // The organisation is older than its data folder.
        clock.put_to(Instant(System.now().0 - (DAYS_OF_HISTORY + 1) * 24 * HOUR));
        let demo = demo::Demo { seed: self.seed, users: self.users, events: self.events, end };
        let marketer = accounts(&app).await?;
        let declared = demo::DECLARED_TRAITS.iter().map(|(path, kind)| ((*path).to_owned(), (*kind).to_owned())).collect();
        app.declare(&Caller::System, Declaration { traits: declared, ..Declaration::default() }).await.map_err(failed)?;
        catalogue(&app, &marketer, &demo).await?;
        let source = app.create_source(&Caller::System, "Web and apps").await.map_err(failed)?;
        clock.end();
        load(&app, &source.id, &demo).await?;
        segments(&app, &marketer, &clock).await?;
        clock.end();
        campaign(&app, &marketer).await?;
        app.stop().await.map_err(failed)?;
        println!(
            "Demo organisation loaded: {} users, {} events, seven segments, one catalogue, one campaign.",
            self.users, self.events
        );
        println!("Sign in as admin@demo.example, marketer@demo.example or auditor@demo.example with the password {PASSWORD}.");
        Ok(ExitCode::SUCCESS)
    }
}

/// Makes the accounts; returns the one that owns what the demo shows.
async fn accounts(app: &App) -> anyhow::Result<Caller> {
    let account = |name: &str, role: &str| AccountInput {
        email: format!("{role}@demo.example"),
        name: name.to_owned(),
        role: role.to_owned(),
        password: PASSWORD.to_owned(),
    };
    let admin = account("Ada Admin", "admin");
    app.set_up(NewInstance { organisation: "Lanterne TV (demo)".into(), admin }).await.map_err(failed)?;
    app.create_account(&Caller::System, account("Mina Marketer", "marketer")).await.map_err(failed)?;
    app.create_account(&Caller::System, account("Otto Auditor", "auditor")).await.map_err(failed)?;
    let session = app.sign_in("marketer@demo.example", PASSWORD.to_owned(), None).await.map_err(failed)?;
    Ok(app.session(&session.token).await.map_err(failed)?.0)
}

/// Uploads the programmes, which views and advertisements name.
async fn catalogue(app: &App, owner: &Caller, demo: &demo::Demo) -> anyhow::Result<()> {
    let input = CatalogueInput { name: "Programmes".into(), links: vec!["programme".into()], ..CatalogueInput::default() };
    let made = app.create_catalogue(owner, input).await.map_err(failed)?;
    let rows = serde_json::to_vec(&demo.programmes())?;
    let key = Some("title".to_owned());
    app.upload_rows(owner, &made.id, rows.into(), RowFormat::Json, key, RowUpload::Replace).await.map_err(failed)?;
    Ok(())
}

async fn load(app: &App, source: &str, demo: &demo::Demo) -> anyhow::Result<()> {
    let total = demo.events + 2 * u64::from(demo.users);
    let bar = ProgressBar::new(total).with_style(ProgressStyle::with_template("{msg:24} {wide_bar} {human_pos} {elapsed}")?);
    bar.set_message("Writing to the log");
    let (sender, mut batches) = tokio::sync::mpsc::channel::<Vec<(Vec<u8>, i64)>>(4);
    let messages = demo.messages();
    let making = tokio::task::spawn_blocking(move || {
        let mut batch = Vec::with_capacity(BATCH);
        for message in messages {
            batch.push((message.payload, message.received_at));
            if batch.len() == BATCH && sender.blocking_send(std::mem::replace(&mut batch, Vec::with_capacity(BATCH))).is_err() {
                return;
            }
        }
        // A closed channel means that the receiver failed and reports why.
        let _ = sender.blocking_send(batch);
    });
    while let Some(batch) = batches.recv().await {
        let count = batch.len() as u64;
        app.load(&Caller::System, source, batch).await.map_err(failed)?;
        bar.inc(count);
    }
    making.await?;
    bar.set_length(bar.position());
    bar.set_message("Taking in");
    let (settled, mut tick) = (app.settle(), tokio::time::interval(Duration::from_millis(200)));
    tokio::pin!(settled);
    loop {
        tokio::select! {
            done = &mut settled => { done.map_err(failed)?; break; }
            _ = tick.tick() => bar.set_position(app.watermark()),
        }
    }
    bar.finish();
    Ok(())
}

/// Makes the segments as of some days ago, and a build for each day since then.
async fn segments(app: &App, owner: &Caller, clock: &Past) -> anyhow::Result<()> {
    let day = |ago: i64| Instant(System.now().0 - ago * 24 * HOUR);
    clock.put_to(day(DAYS_OF_HISTORY));
    let mut made = Vec::new();
    for (name, description, rule) in demo::segments() {
        let input = SegmentInput { name: name.into(), description: description.into(), rule, if_version: None };
        made.push(app.create_segment(owner, input).await.map_err(failed)?.id);
    }
    for ago in (1..DAYS_OF_HISTORY).rev() {
        clock.put_to(day(ago));
        for id in &made {
            app.build_segment(&Caller::System, id).await.map_err(failed)?;
        }
    }
    Ok(())
}

async fn campaign(app: &App, owner: &Caller) -> anyhow::Result<()> {
    let draft = demo::DRAFT_CAMPAIGN;
    let named = SegmentFilterInput { q: Some(draft.segment.into()), ..SegmentFilterInput::default() };
    let target = app.list_segments(owner, named).await.map_err(failed)?.into_iter().find(|segment| segment.name == draft.segment);
    let input = CampaignInput {
        name: draft.name.into(),
        segment_id: target.context("the demo's campaign has no segment")?.id,
        subject: draft.subject.into(),
        body_format: draft.body_format.into(),
        body: draft.body.into(),
        from_name: draft.from_name.into(),
        from_address: draft.from_address.into(),
    };
    app.create_campaign(owner, input).await.map_err(failed)?;
    Ok(())
}
