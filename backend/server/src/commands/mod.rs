//! The command line.

mod config;
mod demo;
mod import;
mod init;
mod rebuild;
mod remote;
mod segment;
mod serve;

use std::io::Write as _;
use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::Context as _;
use clap::{Args, CommandFactory as _, Parser, Subcommand};
use rollcall_app::App;
use rollcall_app::ambient::Ambient;
use rollcall_app::config::Config;
use std::sync::Arc;

use crate::ambient::System;

/// Exact audience segments over everything that logged-in users did.
#[derive(Debug, Parser)]
#[command(
    name = "rollcall",
    version,
    after_help = "Start with `rollcall demo` and `rollcall serve`, or `rollcall init` for an instance of your own."
)]
pub struct Cli {
    #[command(subcommand)]
    command: Command,
}

/// Where the instance is.
#[derive(Debug, Args)]
pub struct Instance {
    /// Configuration file (TOML); `rollcall config` prints every setting.
    #[arg(long, env = "ROLLCALL_CONFIG", value_name = "FILE")]
    config: Option<PathBuf>,
    /// Data folder; wins over the configuration.
    #[arg(long, value_name = "FOLDER")]
    data_dir: Option<PathBuf>,
}

impl Instance {
    /// The configuration, with what the command line says over it.
    pub fn config(&self) -> anyhow::Result<Config> {
        let mut config = Config::load(self.config.as_deref()).map_err(anyhow::Error::msg)?;
        if let Some(folder) = &self.data_dir {
            config.data_dir = folder.clone();
        }
        Ok(config)
    }

    /// Opens the instance.
    pub async fn open(&self) -> anyhow::Result<App> {
        self.open_as(self.config()?, Arc::new(System)).await
    }

    /// Opens it with another configuration or clock.
    pub async fn open_as(&self, config: Config, ambient: Arc<dyn Ambient>) -> anyhow::Result<App> {
        let folder = config.data_dir.display().to_string();
        App::open(config, ambient).await.map_err(failed).with_context(|| format!("opening {folder}"))
    }
}

#[derive(Debug, Subcommand)]
enum Command {
    /// Run the server: collection, API and page on one address
    Serve(serve::Serve),
    /// Make an empty instance with its first administrator
    Init(init::Init),
    /// Make a demo instance: a streaming-TV service with 100,000 users and 5,000,000 events
    Demo(demo::Demo),
    /// Import a file of events or profiles (NDJSON, CSV, Parquet; plain, .gz or .zst)
    Import(import::Import),
    /// Check, count and explain rules; make, list, build and export segments
    Segment(segment::Segment),
    /// Delete the index and build it again from the lake
    RebuildIndex(rebuild::Rebuild),
    /// Print every setting with its default and meaning
    Config(config::ConfigCommand),
    /// Print the OpenAPI document
    Openapi,
    /// Print the rule reference: what every word of the rule language means, with examples (Markdown)
    Reference,
    /// Print shell completions (bash, zsh, fish, elvish, powershell)
    Completions {
        /// Shell.
        shell: clap_complete::Shell,
    },
}

/// Runs a command.
pub fn run(cli: Cli) -> anyhow::Result<ExitCode> {
    match cli.command {
        Command::Completions { shell } => {
            let mut script = Vec::new();
            clap_complete::generate(shell, &mut Cli::command(), "rollcall", &mut script);
            return Ok(print(&script));
        }
        Command::Openapi => {
            return Ok(print(rollcall_api::openapi_json().as_bytes()));
        }
        Command::Reference => {
            return Ok(print(rollcall_app::segments::rule_reference_markdown().as_bytes()));
        }
        Command::Config(command) => {
            command.run()?;
            return Ok(ExitCode::SUCCESS);
        }
        _ => {}
    }
    logging();
    let runtime = tokio::runtime::Builder::new_multi_thread().enable_all().build()?;
    runtime.block_on(async {
        match cli.command {
            Command::Serve(command) => command.run().await,
            Command::Init(command) => command.run().await,
            Command::Demo(command) => command.run().await,
            Command::Import(command) => command.run().await,
            Command::Segment(command) => command.run().await,
            Command::RebuildIndex(command) => command.run().await,
            Command::Config(_) | Command::Openapi | Command::Reference | Command::Completions { .. } => Ok(ExitCode::SUCCESS),
        }
    })
}

/// Writes to standard output; a reader that has seen enough is no failure.
fn print(bytes: &[u8]) -> ExitCode {
    let mut out = std::io::stdout().lock();
    match out.write_all(bytes).and_then(|()| out.flush()) {
        Err(error) if error.kind() != std::io::ErrorKind::BrokenPipe => ExitCode::FAILURE,
        _ => ExitCode::SUCCESS,
    }
}

fn logging() {
    use tracing_subscriber::EnvFilter;
    let filter = EnvFilter::try_from_env("ROLLCALL_LOG")
        .unwrap_or_else(|_| EnvFilter::new("warn,rollcall=info,rollcall_app=info,rollcall_collect=info"));
    // Below this level the mail library writes whole messages: addresses and names.
    let filter = match "lettre=info".parse() {
        Ok(quiet) => filter.add_directive(quiet),
        Err(_) => filter,
    };
    tracing_subscriber::fmt().with_env_filter(filter).with_writer(std::io::stderr).with_target(false).init();
}

/// A use case's failure as the command line reports it.
pub fn failed(error: rollcall_app::error::AppError) -> anyhow::Error {
    // A single fault is often told by the sentence itself.
    let told = |fault: &&rollcall_app::error::Place| fault.detail != error.detail;
    let faults = error.faults.iter().filter(told);
    let places: String = faults.map(|fault| format!("\n  {} {}: {}", fault.pointer, fault.code, fault.detail)).collect();
    anyhow::anyhow!("{}{places}", error.detail)
}
