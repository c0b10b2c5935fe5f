//! `rollcall segment`: rules and segments from the command line, for people, scripts and segments kept in git.
//!
//! [`rule`] reads a rule from wherever it was given and shows faults in it; [`target`] is who is asked, a running server or the
//! data folder; [`show`] prints answers.

mod rule;
mod show;
mod target;

use std::path::PathBuf;
use std::process::ExitCode;

use clap::{Args, Subcommand};
use serde_json::{Value, json};

use super::Instance;
use super::remote::Refused;
use rule::{Rule, RuleArg};
use target::Target;

/// What `--help` says at its end.
const EXAMPLES: &str = r#"A rule is given as text, or as JSON: as an argument, with --file, or on standard input with `-`.
`rollcall reference` explains every word of it.

  rollcall segment check 'plan = "gold" and count(video_view, last 30d) >= 3'
  rollcall segment preview --file fans.rule --url https://rollcall.example --key rk_...
  echo 'age between 25 and 49' | rollcall segment words -
  rollcall segment create --name "NCIS fans" --file fans.rule
  rollcall segment export "NCIS fans" --purpose ads --output fans.csv

With --url (or ROLLCALL_URL) a running server is asked, with an API key of the scope `segments` (`pull` or `crm` to export).
Without it the data folder is opened, which no running server may have open; you act as its operator.
words and format ask nobody. The exit code is 0 if all is well and 1 if something was refused."#;

/// Check, count and explain rules; make, list, build and export segments
#[derive(Debug, Args)]
#[command(after_help = EXAMPLES)]
pub struct Segment {
    #[command(subcommand)]
    action: Action,
}

/// Whom to ask.
#[derive(Debug, Args)]
struct Where {
    /// Address of a running server; without it the data folder is opened.
    #[arg(long, env = "ROLLCALL_URL", value_name = "ADDRESS")]
    url: Option<String>,
    /// API key for --url, with the scope segments (pull or crm to export).
    #[arg(long, env = "ROLLCALL_KEY", hide_env_values = true)]
    key: Option<String>,
    #[command(flatten)]
    instance: Instance,
}

#[derive(Debug, Subcommand)]
enum Action {
    /// Say whether a rule is valid: every fault with its place, and warnings
    Check {
        #[command(flatten)]
        rule: RuleArg,
        #[command(flatten)]
        place: Where,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Count a rule and each of its conditions, exactly, now
    Preview {
        #[command(flatten)]
        rule: RuleArg,
        /// As of a past instant, such as 2026-11-01T00:00:00Z, instead of now.
        #[arg(long, value_name = "INSTANT")]
        at: Option<String>,
        #[command(flatten)]
        place: Where,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Say in words what a rule means, in English or French
    Words {
        #[command(flatten)]
        rule: RuleArg,
        /// en or fr.
        #[arg(long, default_value = "en", value_parser = ["en", "fr"])]
        language: String,
        /// Print all forms of the rule as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write a rule in its canonical text, or as JSON
    Format {
        #[command(flatten)]
        rule: RuleArg,
        /// Write JSON, the stored form, instead of text.
        #[arg(long)]
        json: bool,
        /// Only say whether the rule is written canonically already; 1 if it is not.
        #[arg(long, conflicts_with = "json")]
        check: bool,
    },
    /// List segments with their sizes
    List {
        /// Part of the name or description.
        #[arg(value_name = "WORDS")]
        words: Option<String>,
        #[command(flatten)]
        place: Where,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Show one segment: its rule, what it means, and its latest build
    Show {
        /// Name or id.
        segment: String,
        #[command(flatten)]
        place: Where,
        /// Print the result as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Make a segment and build it; `update` changes one
    Create {
        /// Name, which no other segment has.
        #[arg(long)]
        name: String,
        /// What it is for.
        #[arg(long, default_value = "")]
        description: String,
        #[command(flatten)]
        rule: RuleArg,
        #[command(flatten)]
        place: Where,
        /// Print the segment as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Give a segment another rule; the same rule makes no new version
    Update {
        /// Name or id.
        segment: String,
        #[command(flatten)]
        rule: RuleArg,
        #[command(flatten)]
        place: Where,
        /// Print the segment as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Build a segment now: count and digest
    Build {
        /// Name or id.
        segment: String,
        #[command(flatten)]
        place: Where,
        /// Print the build as JSON.
        #[arg(long)]
        json: bool,
    },
    /// Write the users of a segment who may leave for a purpose
    Export {
        /// Name or id.
        segment: String,
        /// ads or email: whose consent is needed.
        #[arg(long, value_parser = ["ads", "email"])]
        purpose: String,
        /// csv, csv.gz, ndjson, ndjson.gz, parquet or roaring.
        #[arg(long, default_value = "csv")]
        format: String,
        /// File to write; standard output if not given, or `-`. It appears when it is whole.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
        #[command(flatten)]
        place: Where,
    },
}

impl Segment {
    /// Runs the command; what is refused is told with its places.
    pub async fn run(self) -> anyhow::Result<ExitCode> {
        let as_json = self.action.as_json();
        let mut read = None;
        let outcome = self.action.run(&mut read).await;
        let refused = match outcome {
            Ok(code) => return Ok(code),
            Err(error) => error.downcast::<Refused>()?,
        };
        if as_json {
            show::json(&json!({"code": refused.code, "detail": refused.detail, "errors": refused.errors}))?;
        } else {
            rule::tell(read.as_ref(), &refused);
        }
        Ok(ExitCode::FAILURE)
    }
}

impl Action {
    fn as_json(&self) -> bool {
        match self {
            Self::Check { json, .. }
            | Self::Preview { json, .. }
            | Self::Words { json, .. }
            | Self::Format { json, .. }
            | Self::List { json, .. }
            | Self::Show { json, .. }
            | Self::Create { json, .. }
            | Self::Update { json, .. }
            | Self::Build { json, .. } => *json,
            Self::Export { .. } => false,
        }
    }

    /// Runs it; the rule, once read, is left in `read` for whoever tells of its faults.
    async fn run(self, read: &mut Option<Rule>) -> anyhow::Result<ExitCode> {
        match self {
            Self::Check { rule, place, json } => return check(read.insert(rule.read()?), &place, json).await,
            Self::Preview { rule, at, place, json } => {
                let rule = read.insert(rule.read()?);
                let target = Target::open(&place).await?;
                let preview = target.preview(&rule.given, at.as_deref()).await;
                target.close().await?;
                show::preview(rule, &preview?, json)?;
            }
            Self::Words { rule, language, json } => words(read.insert(rule.read()?), &language, json)?,
            Self::Format { rule, json, check } => return format(read.insert(rule.read()?), json, check),
            Self::List { words, place, json } => {
                let target = Target::open(&place).await?;
                let found = target.segments(words).await;
                target.close().await?;
                show::segments(&found?, json)?;
            }
            Self::Show { segment, place, json } => {
                let target = Target::open(&place).await?;
                let found = target.named(&segment).await;
                target.close().await?;
                show::segment(&found?, json)?;
            }
            Self::Create { name, description, rule, place, json } => {
                let rule = read.insert(rule.read()?);
                let target = Target::open(&place).await?;
                let made = create(&target, &name, &description, rule).await;
                target.close().await?;
                show::segment(&made?, json)?;
            }
            Self::Update { segment, rule, place, json } => {
                let rule = read.insert(rule.read()?);
                let target = Target::open(&place).await?;
                let changed = update(&target, &segment, rule).await;
                target.close().await?;
                show::segment(&changed?, json)?;
            }
            Self::Build { segment, place, json } => {
                let target = Target::open(&place).await?;
                let built = target.build(&segment).await;
                target.close().await?;
                show::build(&built?, json)?;
            }
            Self::Export { segment, purpose, format, output, place } => {
                let target = Target::open(&place).await?;
                let written = target.export(&segment, &purpose, &format, output.as_deref()).await;
                target.close().await?;
                eprintln!("{} users written.", written?);
            }
        }
        Ok(ExitCode::SUCCESS)
    }
}

fn words(rule: &Rule, language: &str, as_json: bool) -> anyhow::Result<()> {
    let forms = rule.forms()?;
    if as_json {
        return show::json(&serde_json::to_value(&forms)?);
    }
    show::line(if language == "fr" { &forms.words.fr } else { &forms.words.en })
}

async fn check(rule: &Rule, place: &Where, as_json: bool) -> anyhow::Result<ExitCode> {
    let target = Target::open(place).await?;
    let result = target.validate(&rule.given).await;
    target.close().await?;
    let result = result?;
    if as_json {
        show::json(&result)?;
    } else {
        rule.faults("error", &result["errors"]);
        rule.faults("warning", &result["warnings"]);
        if result["valid"] == true {
            show::line("The rule is valid.")?;
        }
    }
    Ok(if result["valid"] == true { ExitCode::SUCCESS } else { ExitCode::FAILURE })
}

fn format(rule: &Rule, as_json: bool, check: bool) -> anyhow::Result<ExitCode> {
    let forms = rule.forms()?;
    if as_json {
        show::json(&forms.rule)?;
        return Ok(ExitCode::SUCCESS);
    }
    let Some(text) = forms.text else {
        anyhow::bail!("a part of this rule has no text: it is not finished, or not a rule; `rollcall segment check` says where");
    };
    if !check {
        show::line(&text)?;
    } else if rule.written.trim_end() != text {
        eprintln!("{}: not in its canonical form; `rollcall segment format` prints that.", rule.name);
        return Ok(ExitCode::FAILURE);
    }
    Ok(ExitCode::SUCCESS)
}

async fn create(target: &Target, name: &str, description: &str, rule: &Rule) -> anyhow::Result<Value> {
    // In the page two may have one name; a script that runs twice would make one more each time, and then find neither by name.
    if let Some(found) = target.segments(None).await?.iter().find(|found| found["name"] == name) {
        anyhow::bail!("there is a segment “{name}” already ({}); `rollcall segment update` gives it another rule", found["id"]);
    }
    target.create(json!({"name": name, "description": description, "rule": rule.given})).await
}

async fn update(target: &Target, segment: &str, rule: &Rule) -> anyhow::Result<Value> {
    let now = target.named(segment).await?;
    // Whoever changed it meanwhile is not overwritten.
    let input = json!({
        "name": now["name"], "description": now["description"], "rule": rule.given, "if_version": now["version"],
    });
    target.update(now["id"].as_str().unwrap_or_default(), input).await
}
