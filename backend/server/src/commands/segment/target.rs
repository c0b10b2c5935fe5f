//! Who is asked: a running server, or the instance in the data folder.

use std::io::Write;
use std::path::Path;

use anyhow::Context as _;
use axum::body::Bytes;
use futures::StreamExt as _;
use reqwest::Method;
use rollcall_app::App;
use rollcall_app::access::Caller;
use rollcall_app::error::AppError;
use rollcall_app::lists_out::Purpose;
use rollcall_app::segments::{SegmentFilterInput, SegmentInput};
use serde::Serialize;
use serde_json::{Value, json};
use tempfile::NamedTempFile;

use super::Where;
use super::show::grouped;
use crate::commands::remote::{Refused, Remote};

/// Who is asked. Both give the API's JSON.
pub enum Target {
    Server(Remote),
    Folder(App),
}

const OPERATOR: Caller = Caller::System;

/// A use case's outcome as the API's JSON.
fn told<T: Serialize>(outcome: Result<T, AppError>) -> anyhow::Result<Value> {
    Ok(serde_json::to_value(outcome.map_err(Refused::from)?)?)
}

impl Target {
    /// Finds who is to be asked; the data folder is opened, and what its log holds is taken in.
    pub async fn open(place: &Where) -> anyhow::Result<Target> {
        if let Some(url) = &place.url {
            let key = place.key.as_deref().context(
                "--url needs --key, an API key with the scope segments (Administration, Accounts and keys); to export, pull or crm",
            )?;
            return Ok(Target::Server(Remote::new(url, key)));
        }
        let folder = place.instance.config()?.data_dir;
        if !folder.exists() {
            anyhow::bail!(
                "there is no data folder {}; name one with --data-dir, or a running server with --url",
                folder.display()
            );
        }
        let app = place.instance.open().await.context("a running server is asked with --url and --key")?;
        app.settle().await.map_err(Refused::from)?;
        Ok(Target::Folder(app))
    }

    /// Lets go of the data folder.
    pub async fn close(&self) -> anyhow::Result<()> {
        if let Target::Folder(app) = self {
            app.stop().await.map_err(Refused::from)?;
        }
        Ok(())
    }

    pub async fn validate(&self, rule: &Value) -> anyhow::Result<Value> {
        match self {
            Target::Server(server) => server.send(Method::POST, "/api/v1/rules/validate", Some(&json!({"rule": rule}))).await,
            Target::Folder(app) => told(app.validate_rule(&OPERATOR, rule).await),
        }
    }

    pub async fn preview(&self, rule: &Value, at: Option<&str>) -> anyhow::Result<Value> {
        match self {
            Target::Server(server) => {
                let mut input = json!({"rule": rule});
                if let Some(at) = at {
                    input["at"] = at.into();
                }
                server.send(Method::POST, "/api/v1/rules/preview", Some(&input)).await
            }
            Target::Folder(app) => told(app.preview(&OPERATOR, rule, at).await),
        }
    }

    /// Segments whose name or description has these words.
    pub async fn segments(&self, words: Option<String>) -> anyhow::Result<Vec<Value>> {
        let found = match self {
            Target::Server(server) => {
                let query: Vec<(&str, &str)> = words.as_deref().map(|words| ("q", words)).into_iter().collect();
                server.get("/api/v1/segments", &query).await?["items"].take()
            }
            Target::Folder(app) => {
                told(app.list_segments(&OPERATOR, SegmentFilterInput { q: words, ..SegmentFilterInput::default() }).await)?
            }
        };
        Ok(found.as_array().cloned().unwrap_or_default())
    }

    /// The segment of an id or a name.
    pub async fn named(&self, segment: &str) -> anyhow::Result<Value> {
        let all = self.segments(None).await?;
        if let Some(found) = all.iter().find(|found| found["id"] == segment) {
            return Ok(found.clone());
        }
        let named: Vec<&Value> = all.iter().filter(|found| found["name"] == segment).collect();
        match named.as_slice() {
            [one] => Ok((*one).clone()),
            [] => anyhow::bail!("there is no segment “{segment}”; `rollcall segment list` shows those that there are"),
            several => {
                let ids: Vec<&str> = several.iter().filter_map(|found| found["id"].as_str()).collect();
                anyhow::bail!("{} segments are called “{segment}”; give the id of one: {}", ids.len(), ids.join(", "))
            }
        }
    }

    async fn id_of(&self, segment: &str) -> anyhow::Result<String> {
        Ok(self.named(segment).await?["id"].as_str().unwrap_or_default().to_owned())
    }

    pub async fn create(&self, input: Value) -> anyhow::Result<Value> {
        match self {
            Target::Server(server) => server.send(Method::POST, "/api/v1/segments", Some(&input)).await,
            Target::Folder(app) => {
                let input: SegmentInput = serde_json::from_value(input)?;
                told(app.create_segment(&OPERATOR, input).await)
            }
        }
    }

    pub async fn update(&self, id: &str, input: Value) -> anyhow::Result<Value> {
        match self {
            Target::Server(server) => server.send(Method::PUT, &format!("/api/v1/segments/{id}"), Some(&input)).await,
            Target::Folder(app) => {
                let input: SegmentInput = serde_json::from_value(input)?;
                told(app.update_segment(&OPERATOR, id, input).await)
            }
        }
    }

    pub async fn build(&self, segment: &str) -> anyhow::Result<Value> {
        let id = self.id_of(segment).await?;
        match self {
            Target::Server(server) => server.send(Method::POST, &format!("/api/v1/segments/{id}/builds"), None).await,
            Target::Folder(app) => told(app.build_segment(&OPERATOR, &id).await),
        }
    }

    /// Writes a list to a file or to standard output; how many users are on it.
    pub async fn export(&self, segment: &str, purpose: &str, format: &str, output: Option<&Path>) -> anyhow::Result<String> {
        let id = self.id_of(segment).await?;
        let (count, mut chunks) = match self {
            Target::Server(server) => {
                let query = [("purpose", purpose), ("format", format)];
                let response = server.download(&format!("/api/v1/segments/{id}/list"), &query).await?;
                let count = response.headers().get("x-rollcall-count").and_then(|count| count.to_str().ok()?.parse().ok());
                (count, response.bytes_stream().map(|chunk| chunk.map_err(anyhow::Error::from)).boxed())
            }
            Target::Folder(app) => {
                let purpose = Purpose::parse(purpose).context("a purpose is ads or email")?;
                let download = app.take_list(&OPERATOR, &id, purpose, format).await.map_err(Refused::from)?;
                let count = download.facts.iter().find(|(name, _)| *name == "x-rollcall-count");
                let count = count.and_then(|(_, count)| count.parse().ok());
                let chunks = download.start(app).await.map_err(Refused::from)?;
                let chunks = futures::stream::unfold(chunks, |mut chunks| async move {
                    let chunk = chunks.recv().await?.map_err(anyhow::Error::from);
                    Some((chunk, chunks))
                });
                (count, chunks.boxed())
            }
        };
        let Some(path) = output.filter(|path| *path != Path::new("-")) else {
            write(std::io::stdout(), &mut chunks).await?;
            return Ok(count.map_or_else(|| "All".to_owned(), grouped));
        };
        // Readable by its owner alone, and gone if it is not finished: it names people.
        let folder = path.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let file = NamedTempFile::new_in(folder).with_context(|| folder.display().to_string())?;
        write(file.as_file(), &mut chunks).await?;
        file.as_file().sync_all()?;
        file.persist(path).with_context(|| path.display().to_string())?;
        Ok(count.map_or_else(|| "All".to_owned(), grouped))
    }
}

type Chunks = futures::stream::BoxStream<'static, anyhow::Result<Bytes>>;

/// Nothing else is going on meanwhile, so writing may block.
async fn write(mut out: impl Write, chunks: &mut Chunks) -> anyhow::Result<()> {
    while let Some(chunk) = chunks.next().await {
        out.write_all(&chunk?)?;
    }
    Ok(out.flush()?)
}
