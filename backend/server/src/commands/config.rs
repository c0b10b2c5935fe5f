//! `rollcall config`.

use clap::Args;
use rollcall_app::config::{Config, SETTINGS};

/// Print every setting with its default and meaning.
#[derive(Debug, Args)]
pub struct ConfigCommand {
    /// As JSON.
    #[arg(long)]
    json: bool,
}

impl ConfigCommand {
    /// Prints the reference; as text it is a configuration file with every setting at its default.
    pub fn run(&self) -> anyhow::Result<()> {
        let defaults = serde_json::to_value(Config::default())?;
        let of = |name: &str| name.split('.').fold(&defaults, |value, part| &value[part]).clone();
        if self.json {
            let settings: Vec<_> = SETTINGS
                .iter()
                .map(|setting| serde_json::json!({"name": setting.name, "variable": variable(setting.name), "default": of(setting.name), "meaning": setting.meaning}))
                .collect();
            println!("{}", serde_json::to_string_pretty(&settings)?);
            return Ok(());
        }
        println!("# Every setting with its default. Each can also be given as the environment variable named beside it.");
        let mut table = "";
        for setting in SETTINGS {
            let (group, key) = setting.name.rsplit_once('.').unwrap_or(("", setting.name));
            if group != table {
                println!("\n[{group}]");
                table = group;
            }
            println!("\n# {} ({})", setting.meaning, variable(setting.name));
            match of(setting.name) {
                serde_json::Value::Object(_) => println!("# {key} = {{ }}"),
                value => println!("{key} = {}", toml::Value::try_from(value)?),
            }
        }
        Ok(())
    }
}

fn variable(name: &str) -> String {
    format!("ROLLCALL_{}", name.replace('.', "__").to_uppercase())
}
