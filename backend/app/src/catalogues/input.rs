//! What people say about a catalogue, checked.

use std::collections::BTreeMap;

use rollcall_collect::catalogue::{LONGEST_NAME, MOST_ATTRIBUTES};
use rollcall_rules::ValueType;
use serde::Deserialize;
use utoipa::ToSchema;

use crate::error::{AppError, Result};
use crate::schema;

/// Most properties linked to one catalogue.
const MOST_LINKS: usize = 100;

/// A catalogue to make.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogueInput {
    /// Name, 1 to 200 characters.
    pub name: String,
    /// Properties and traits whose values are keys of its rows. Each is linked to one catalogue at most.
    #[serde(default)]
    pub links: Vec<String>,
    /// Attribute -> type, where its values do not show it: a text is a datetime or date only where this says so.
    #[serde(default)]
    pub attributes: BTreeMap<String, String>,
}

/// A change of a catalogue; what is left out stays.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct CatalogueChange {
    /// New name.
    #[serde(default)]
    pub name: Option<String>,
    /// New links, in place of the old ones.
    #[serde(default)]
    pub links: Option<Vec<String>>,
    /// New declared types, in place of the old ones. An attribute that is no longer declared keeps its type.
    #[serde(default)]
    pub attributes: Option<BTreeMap<String, String>>,
}

pub(super) fn name(name: &str) -> Result<String> {
    let name = name.trim();
    if name.is_empty() || name.chars().count() > 200 {
        return Err(AppError::field("/name", "bad_name", "A name has 1 to 200 characters."));
    }
    Ok(name.to_owned())
}

pub(super) fn links(mut links: Vec<String>) -> Result<Vec<String>> {
    if links.len() > MOST_LINKS {
        return Err(AppError::field("/links", "too_many", "A catalogue has at most 100 links."));
    }
    if let Some(index) = links.iter().position(|link| link.is_empty() || link.len() > LONGEST_NAME) {
        return Err(AppError::field(
            &format!("/links/{index}"),
            "bad_name",
            "The name of a property or trait has 1 to 200 bytes.",
        ));
    }
    links.sort();
    links.dedup();
    Ok(links)
}

pub(super) fn types(types: BTreeMap<String, String>) -> Result<BTreeMap<String, ValueType>> {
    if types.len() > MOST_ATTRIBUTES {
        return Err(AppError::field("/attributes", "too_many", "A catalogue has at most 500 attributes."));
    }
    let bad = |name: &&String| name.is_empty() || name.len() > LONGEST_NAME || matches!(name.as_str(), "key" | "seasons");
    if let Some(name) = types.keys().find(bad) {
        let text = "The name of an attribute has 1 to 200 bytes; `key` and `seasons` have types of their own.";
        return Err(AppError::field(&schema::pointer("attributes", name), "bad_name", text));
    }
    schema::parse(types, "attributes")
}
