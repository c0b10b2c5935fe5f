//! `rollcall import`.

use std::path::{Path, PathBuf};
use std::process::ExitCode;
use std::time::Duration;

use anyhow::Context as _;
use clap::Args;
use futures::TryStreamExt as _;
use indicatif::{ProgressBar, ProgressStyle};
use rollcall_app::ImportInput;
use rollcall_app::access::Caller;
use serde_json::Value;
use tokio_util::io::ReaderStream;

use super::remote::answer;
use super::{Instance, failed};

/// What `--help` says at its end.
const MAPPING: &str = r#"NDJSON files hold one Segment message a line and need no mapping. CSV and Parquet files do:

  type = "track"                     # or "identify"
  event = "purchase"                 # or: event_column = "COLUMN"
  user_id = "ID"                     # column
  time = { column = "Date", format = "%Y%m%d", zone = "UTC" }
  # message_id = "COLUMN"            # otherwise the file's digest and the row number

  [properties]                       # or [traits]
  amount = { column = "Amount", type = "number" }

A row that cannot be read is quarantined with its bytes and the reason. The same file again changes nothing: its rows are
counted as duplicates. An import that is cut off goes on where it was."#;

/// Import a file of events or profiles (NDJSON, CSV, Parquet; plain, .gz or .zst)
#[derive(Debug, Args)]
#[command(after_help = MAPPING)]
pub struct Import {
    /// The file.
    file: PathBuf,
    /// Source that the rows are counted under, by name or id; made if it is new (on the data folder only).
    #[arg(long)]
    source: String,
    /// Mapping file (TOML) for CSV and Parquet.
    #[arg(long, value_name = "FILE")]
    mapping: Option<PathBuf>,
    /// csv, ndjson or parquet; by the file's name if not given.
    #[arg(long)]
    format: Option<String>,
    /// plain, gz or zst; by the file's name if not given.
    #[arg(long)]
    compression: Option<String>,
    /// Address of a running server, to upload to; without it the data folder is opened.
    #[arg(long, env = "ROLLCALL_URL")]
    url: Option<String>,
    /// API key with the scope collect, for --url.
    #[arg(long, env = "ROLLCALL_KEY", hide_env_values = true)]
    key: Option<String>,
    /// Print the result as JSON.
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    instance: Instance,
}

impl Import {
    /// Imports, showing progress.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let mapping = self
            .mapping
            .as_ref()
            .map(|path| std::fs::read_to_string(path).with_context(|| format!("mapping {}", path.display())))
            .transpose()?;
        let name = self.file.file_name().unwrap_or_default().to_string_lossy().into_owned();
        let input = ImportInput {
            source_id: None,
            source: Some(self.source.clone()),
            name,
            format: self.format.clone(),
            compression: self.compression.clone(),
            mapping,
        };
        let result = match &self.url {
            Some(url) => self.upload(url, &input).await?,
            None => self.local(input).await?,
        };
        self.report(&result)
    }

    fn report(&self, result: &Value) -> anyhow::Result<ExitCode> {
        if self.json {
            println!("{}", serde_json::to_string_pretty(result)?);
        } else {
            println!(
                "{}: {} rows read: {} accepted, {} duplicates, {} quarantined.",
                result["state"].as_str().unwrap_or_default(),
                result["rows_read"],
                result["accepted"],
                result["duplicate"],
                result["quarantined"]
            );
            if let Some(error) = result["error"].as_str() {
                eprintln!("{error}");
            }
        }
        Ok(if result["state"] == "done" { ExitCode::SUCCESS } else { ExitCode::FAILURE })
    }

    async fn local(&self, input: ImportInput) -> anyhow::Result<Value> {
        let app = self.instance.open().await?;
        app.source_named(&Caller::System, &self.source, true).await.map_err(failed)?;
        let file = open(&self.file).await?;
        let length = file.metadata().await?.len();
        let bytes = ReaderStream::with_capacity(file, 1 << 20);
        // One that was cut off is given back and goes on.
        let import = app.create_import(&Caller::System, input, Some(length), bytes).await.map_err(failed)?;
        let bar = progress(import.bytes_total)?;
        let working = tokio::spawn({
            let (app, id) = (app.clone(), import.id.clone());
            async move { app.run_import(&id).await }
        });
        let mut tick = tokio::time::interval(Duration::from_millis(150));
        while !working.is_finished() {
            tick.tick().await;
            let now = app.import(&Caller::System, &import.id).await.map_err(failed)?;
            show(&bar, &serde_json::to_value(&now)?);
        }
        working.await?.map_err(failed)?;
        app.settle().await.map_err(failed)?;
        app.stop().await.map_err(failed)?;
        let result = serde_json::to_value(app.import(&Caller::System, &import.id).await.map_err(failed)?)?;
        show(&bar, &result);
        bar.finish();
        Ok(result)
    }

    async fn upload(&self, url: &str, input: &ImportInput) -> anyhow::Result<Value> {
        let key = self
            .key
            .as_deref()
            .context("--url needs --key, an API key with the scope collect (Administration, Accounts and keys)")?;
        let client = reqwest::Client::new();
        let base = format!("{}/api/v1/imports", url.trim_end_matches('/'));
        let file = open(&self.file).await?;
        let length = file.metadata().await?.len();
        let bar = progress(length)?;
        bar.set_message("Uploading");
        let counted = bar.clone();
        let body = ReaderStream::with_capacity(file, 1 << 20).inspect_ok(move |bytes| counted.inc(bytes.len() as u64));
        let mut query = vec![("source", self.source.as_str()), ("name", input.name.as_str())];
        query.extend(
            [("format", &input.format), ("compression", &input.compression), ("mapping", &input.mapping)]
                .into_iter()
                .filter_map(|(name, value)| Some((name, value.as_deref()?))),
        );
        let request = client
            .post(&base)
            .query(&query)
            .bearer_auth(key)
            .header("content-length", length)
            .body(reqwest::Body::wrap_stream(body));
        let mut import = answer(request.send().await?).await?;
        let one = format!("{base}/{}", import["id"].as_str().unwrap_or_default());
        while matches!(import["state"].as_str(), Some("queued" | "running")) {
            tokio::time::sleep(Duration::from_millis(250)).await;
            import = answer(client.get(&one).bearer_auth(key).send().await?).await?;
            show(&bar, &import);
        }
        bar.finish();
        Ok(import)
    }
}

async fn open(path: &Path) -> anyhow::Result<tokio::fs::File> {
    tokio::fs::File::open(path).await.with_context(|| path.display().to_string())
}

fn progress(total: u64) -> anyhow::Result<ProgressBar> {
    Ok(ProgressBar::new(total).with_style(ProgressStyle::with_template("{msg:40} {wide_bar} {bytes}/{total_bytes} {elapsed}")?))
}

fn show(bar: &ProgressBar, import: &Value) {
    bar.set_message(format!("{} rows, {} quarantined", import["rows_read"], import["quarantined"]));
    bar.set_position(import["bytes_read"].as_u64().unwrap_or_default());
}
