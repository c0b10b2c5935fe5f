//! The configuration: one typed file (TOML) and environment variables over it. Unknown keys are refused.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use figment::Figment;
use figment::providers::{Env, Format, Serialized, Toml};
use rollcall_engine::EngineOptions;
use serde::{Deserialize, Deserializer, Serialize};

/// Everything that can be set. `rollcall config` prints each with its default and meaning.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct Config {
    /// Address and port of the HTTP server.
    pub listen: String,
    /// Address under which people and mail programs reach this server.
    pub public_url: String,
    /// Folder of the log, the index, spooled imports and, by default, the database and the lake.
    pub data_dir: PathBuf,
    /// Metadata database: `sqlite://` or `postgres://`. Empty: SQLite in the data folder.
    pub database_url: String,
    /// Lake: `file://` or `s3://`. Empty: a folder in the data folder.
    pub lake_url: String,
    /// Options of the lake's object store (region, endpoint, keys).
    #[serde(deserialize_with = "texts")]
    pub lake_storage: BTreeMap<String, String>,
    /// Engine.
    pub engine: EngineConfig,
    /// Take-in.
    pub take_in: TakeInConfig,
    /// Imports.
    pub imports: ImportsConfig,
    /// Refresh of segments.
    pub refresh: RefreshConfig,
    /// Sign-in.
    pub session: SessionConfig,
    /// Consent of each purpose, as rules.
    pub consent: ConsentConfig,
    /// Outgoing mail.
    pub smtp: SmtpConfig,
}

/// Options as texts: an environment variable `true` or `5` is read as a boolean or a number before anybody asks for a text.
fn texts<'de, D: Deserializer<'de>>(deserializer: D) -> Result<BTreeMap<String, String>, D::Error> {
    #[derive(Deserialize)]
    #[serde(untagged)]
    enum Scalar {
        Text(String),
        Boolean(bool),
        Integer(i64),
    }
    let options = BTreeMap::<String, Scalar>::deserialize(deserializer)?;
    let text = |scalar| match scalar {
        Scalar::Text(text) => text,
        Scalar::Boolean(boolean) => boolean.to_string(),
        Scalar::Integer(integer) => integer.to_string(),
    };
    Ok(options.into_iter().map(|(name, scalar)| (name, text(scalar))).collect())
}

/// Engine settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct EngineConfig {
    /// Number of shards; fixed once data is in.
    pub shards: u16,
    /// Most memory for answers that are kept, bytes.
    pub answers_bytes: usize,
}

/// Take-in settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct TakeInConfig {
    /// Rows in the hot tail that trigger a flush.
    pub flush_rows: usize,
    /// Age of the hot tail that triggers a flush, seconds.
    pub flush_seconds: u64,
}

/// Import settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ImportsConfig {
    /// Largest file that is taken, bytes.
    pub max_bytes: u64,
}

/// Refresh settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct RefreshConfig {
    /// How often segments are checked after new data, milliseconds.
    pub data_milliseconds: u64,
    /// How often segments are checked for the passing of time, seconds.
    pub time_seconds: u64,
    /// How long the members of builds are kept, days.
    pub keep_builds_days: u32,
}

/// Session settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SessionConfig {
    /// How long a sign-in lasts, hours.
    pub hours: u32,
    /// Send the cookie over HTTPS only. Set to true behind TLS.
    pub secure_cookie: bool,
}

/// Consent rules; see the rule language. Nobody leaves on a list whose rule they do not satisfy.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct ConsentConfig {
    /// Rule (JSON text) of the purpose `ads`.
    pub ads: String,
    /// Rule (JSON text) of the purpose `email`.
    pub email: String,
    /// Trait that holds the e-mail address.
    pub address_trait: String,
}

/// Outgoing mail settings.
#[derive(Debug, Clone, Serialize, Deserialize)]
#[serde(deny_unknown_fields, default)]
pub struct SmtpConfig {
    /// Server; empty: campaigns cannot be sent.
    pub host: String,
    /// Port.
    pub port: u16,
    /// `none`, `starttls` or `tls`.
    pub tls: String,
    /// User name; empty: no authentication.
    pub user: String,
    /// Password.
    pub password: String,
    /// Messages in flight at once.
    pub concurrency: usize,
    /// Domain to sign messages as; empty, like the next two: no signatures.
    pub dkim_domain: String,
    /// Name under which the public key is published.
    pub dkim_selector: String,
    /// File of the private key.
    pub dkim_key_file: PathBuf,
}

impl Default for Config {
    fn default() -> Self {
        Self {
            listen: "127.0.0.1:8080".into(),
            public_url: String::new(),
            data_dir: "data".into(),
            database_url: String::new(),
            lake_url: String::new(),
            lake_storage: BTreeMap::new(),
            engine: EngineConfig::default(),
            take_in: TakeInConfig::default(),
            imports: ImportsConfig::default(),
            refresh: RefreshConfig::default(),
            session: SessionConfig::default(),
            consent: ConsentConfig::default(),
            smtp: SmtpConfig::default(),
        }
    }
}

impl Default for EngineConfig {
    fn default() -> Self {
        let EngineOptions { shards, answers_bytes, .. } = EngineOptions::default();
        Self { shards, answers_bytes }
    }
}

impl Default for TakeInConfig {
    fn default() -> Self {
        Self { flush_rows: 200_000, flush_seconds: 10 }
    }
}

impl Default for ImportsConfig {
    fn default() -> Self {
        Self { max_bytes: 20 << 30 }
    }
}

impl Default for RefreshConfig {
    fn default() -> Self {
        Self { data_milliseconds: 500, time_seconds: 5, keep_builds_days: 400 }
    }
}

impl Default for SessionConfig {
    fn default() -> Self {
        Self { hours: 12, secure_cookie: false }
    }
}

impl Default for ConsentConfig {
    fn default() -> Self {
        Self {
            ads: r#"{"trait":"consent_ads","op":"eq","value":true}"#.into(),
            email: r#"{"trait":"consent_email","op":"eq","value":true}"#.into(),
            address_trait: "email".into(),
        }
    }
}

impl Default for SmtpConfig {
    fn default() -> Self {
        Self {
            host: String::new(),
            port: 587,
            tls: "starttls".into(),
            user: String::new(),
            password: String::new(),
            concurrency: 4,
            dkim_domain: String::new(),
            dkim_selector: String::new(),
            dkim_key_file: PathBuf::new(),
        }
    }
}

/// One setting, as documented.
#[derive(Debug, Clone, Serialize)]
pub struct Setting {
    /// Dotted name in the file.
    pub name: &'static str,
    /// What it means.
    pub meaning: &'static str,
}

/// Every setting with its meaning; a test holds it equal to [`Config`].
pub const SETTINGS: &[Setting] = &[
    Setting { name: "listen", meaning: "Address and port of the HTTP server." },
    Setting {
        name: "public_url",
        meaning: "Address under which people and mail programs reach this server; unsubscribe links start with it. Empty: the address it listens on.",
    },
    Setting {
        name: "data_dir",
        meaning: "Folder of the log, the index and spooled imports; also of the database and the lake unless they are set.",
    },
    Setting { name: "database_url", meaning: "Metadata database, sqlite:// or postgres://. Empty: SQLite in the data folder." },
    Setting {
        name: "lake_url",
        meaning: "Lake of raw events, file:// or s3://bucket/prefix. Empty: a folder in the data folder.",
    },
    Setting {
        name: "lake_storage",
        meaning: "Options of the lake's object store as a table, for example endpoint, region, access_key_id, secret_access_key, allow_http.",
    },
    Setting { name: "engine.shards", meaning: "Slices that users are spread over; fixed once data is in." },
    Setting {
        name: "engine.answers_bytes",
        meaning: "Most memory for answers of conditions that are kept and shared by rules, bytes; with 0 each is computed every time.",
    },
    Setting { name: "take_in.flush_rows", meaning: "Rows held in memory before they are written to the lake and the index." },
    Setting { name: "take_in.flush_seconds", meaning: "Seconds after which rows held in memory are written in any case." },
    Setting { name: "imports.max_bytes", meaning: "Largest file that can be imported, bytes; it waits in the data folder." },
    Setting { name: "refresh.data_milliseconds", meaning: "After new data, segments are checked this often at most." },
    Setting { name: "refresh.time_seconds", meaning: "Without new data, segments whose windows move are checked this often." },
    Setting {
        name: "refresh.keep_builds_days",
        meaning: "Days for which the members of builds are kept, for deltas and recounts. Counts and digests stay for ever.",
    },
    Setting { name: "session.hours", meaning: "How long a sign-in lasts." },
    Setting { name: "session.secure_cookie", meaning: "Send the session cookie over HTTPS only; set it to true behind TLS." },
    Setting { name: "consent.ads", meaning: "Rule (JSON) that a user must satisfy to leave on a list for advertising." },
    Setting {
        name: "consent.email",
        meaning: "Rule (JSON) that a user must satisfy to leave on a list for e-mail or be sent a campaign.",
    },
    Setting { name: "consent.address_trait", meaning: "Trait that holds the e-mail address." },
    Setting { name: "smtp.host", meaning: "Mail server. Empty: campaigns can be written but not sent." },
    Setting { name: "smtp.port", meaning: "Port of the mail server." },
    Setting { name: "smtp.tls", meaning: "none, starttls or tls." },
    Setting { name: "smtp.user", meaning: "User name at the mail server. Empty: no authentication." },
    Setting { name: "smtp.password", meaning: "Password at the mail server." },
    Setting { name: "smtp.concurrency", meaning: "Messages in flight at once, of all campaigns together." },
    Setting {
        name: "smtp.dkim_domain",
        meaning: "Domain to sign messages as (DKIM), that of the senders' addresses. Set all three dkim settings or none.",
    },
    Setting {
        name: "smtp.dkim_selector",
        meaning: "Name of the key: the public key is published in DNS at <selector>._domainkey.<domain>.",
    },
    Setting {
        name: "smtp.dkim_key_file",
        meaning: "File of the private key: PEM, RSA or Ed25519, as openssl genpkey writes it.",
    },
];

/// Variables with the `ROLLCALL_` prefix that are not settings of the server.
const NOT_SETTINGS: &[&str] = &["config", "url", "key", "log", "password", "test_"];

impl Config {
    /// Reads defaults, then the file if there is one, then `ROLLCALL_*` variables (`__` between levels).
    ///
    /// # Errors
    /// A sentence that names the key or the place in the file.
    pub fn load(file: Option<&Path>) -> Result<Config, String> {
        let mut figment = Figment::from(Serialized::defaults(Config::default()));
        if let Some(file) = file {
            if !file.exists() {
                return Err(format!("configuration file {} does not exist", file.display()));
            }
            figment = figment.merge(Toml::file(file));
        }
        let settings = Env::prefixed("ROLLCALL_")
            .filter(|key| {
                !NOT_SETTINGS.iter().any(|name| {
                    key.as_str().eq_ignore_ascii_case(name)
                        || (name.ends_with('_') && key.as_str().to_ascii_lowercase().starts_with(name))
                })
            })
            .split("__");
        figment
            .merge(settings)
            .extract()
            .map_err(|error| format!("configuration: {error}. `rollcall config` lists every setting"))
    }

    /// The metadata database's URL.
    pub fn database(&self) -> String {
        if self.database_url.is_empty() {
            format!("sqlite://{}", self.data_dir.join("rollcall.db").display())
        } else {
            self.database_url.clone()
        }
    }

    /// The lake's URL.
    ///
    /// # Errors
    /// A sentence, if it is not a URL or the data folder has no absolute path.
    pub fn lake(&self) -> Result<url::Url, String> {
        if self.lake_url.is_empty() {
            let folder = std::path::absolute(self.data_dir.join("lake")).map_err(|error| format!("data_dir: {error}"))?;
            return url::Url::from_directory_path(&folder)
                .map_err(|()| format!("data_dir: {} is not an absolute path", folder.display()));
        }
        url::Url::parse(&self.lake_url).map_err(|error| format!("lake_url: {error}"))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(value: &serde_json::Value, prefix: &str, into: &mut Vec<String>) {
        for (key, value) in value.as_object().into_iter().flatten() {
            let name = if prefix.is_empty() { key.clone() } else { format!("{prefix}.{key}") };
            match value {
                serde_json::Value::Object(_) if name != "lake_storage" => names(value, &name, into),
                _ => into.push(name),
            }
        }
    }

    #[test]
    fn every_setting_is_documented() {
        let mut found = Vec::new();
        names(&serde_json::to_value(Config::default()).unwrap(), "", &mut found);
        let documented: Vec<String> = SETTINGS.iter().map(|setting| setting.name.to_owned()).collect();
        assert_eq!(found, documented);
    }

    #[test]
    fn unknown_keys_are_refused_by_name() {
        let folder = tempfile::tempdir().unwrap();
        let file = folder.path().join("rollcall.toml");
        std::fs::write(&file, "lisen = \"127.0.0.1:1\"\n").unwrap();
        let error = Config::load(Some(&file)).unwrap_err();
        assert!(error.contains("lisen"), "{error}");
    }
}
