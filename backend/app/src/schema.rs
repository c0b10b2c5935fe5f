//! The types of traits and properties, and the values that occur.

use std::collections::BTreeMap;

use rollcall_engine::ValuesOf;
use rollcall_rules::ValueType;
use serde::{Deserialize, Serialize};
use utoipa::ToSchema;

use crate::App;
use crate::access::{Caller, Permission};
use crate::error::{AppError, Code, Result, code_of};
use crate::view::time;

/// A trait or property.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct PathView {
    /// Path, dotted below objects.
    pub path: String,
    /// `string`, `number`, `boolean`, `datetime`, `date`, `list<string>`, `list<number>` or `object`.
    #[serde(rename = "type")]
    pub kind: String,
    /// Declared by a person rather than learnt.
    pub declared: bool,
}

/// An event name.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct EventView {
    /// Name.
    pub name: String,
    /// Events of known users.
    pub count: u64,
    /// The newest.
    pub last_seen_at: Option<String>,
    /// Properties.
    pub properties: Vec<PathView>,
}

/// Everything known of the data's shape.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct SchemaView {
    /// Event names, most events first.
    pub events: Vec<EventView>,
    /// Traits.
    pub traits: Vec<PathView>,
}

/// Types to declare.
#[derive(Debug, Default, Deserialize, ToSchema)]
#[serde(deny_unknown_fields)]
pub struct Declaration {
    /// Trait path -> type.
    #[serde(default)]
    pub traits: BTreeMap<String, String>,
    /// Property path -> type, for all events.
    #[serde(default)]
    pub properties: BTreeMap<String, String>,
}

/// A value that occurs.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ValueView {
    /// The value.
    #[schema(value_type = Object)]
    pub value: serde_json::Value,
    /// Users that have it.
    pub users: u64,
}

/// Values that occur, most users first.
#[derive(Debug, Clone, Serialize, ToSchema)]
pub struct ValuesView {
    /// The most frequent.
    pub items: Vec<ValueView>,
    /// How many distinct values there are.
    pub distinct: u64,
}

/// Where a name stands in a group of the body.
pub(crate) fn pointer(group: &str, name: &str) -> String {
    format!("/{group}/{}", name.replace('~', "~0").replace('/', "~1"))
}

/// Reads types by their names; `group` is where they stand in the body.
pub(crate) fn parse(types: BTreeMap<String, String>, group: &str) -> Result<BTreeMap<String, ValueType>> {
    types
        .into_iter()
        .map(|(path, kind)| {
            let parsed = serde_json::from_value(kind.into()).map_err(|_| {
                AppError::field(
                    &pointer(group, &path),
                    "unknown_type",
                    "A type is string, number, boolean, datetime, date, list<string>, list<number> or object.",
                )
            })?;
            Ok((path, parsed))
        })
        .collect()
}

impl App {
    /// Everything known of the data's shape.
    ///
    /// # Errors
    /// Forbidden without a role.
    pub async fn schema(&self, caller: &Caller) -> Result<SchemaView> {
        caller.require(Permission::ReadSources)?;
        let engine = self.engine.clone();
        let counts = tokio::task::spawn_blocking(move || engine.event_counts()).await?;
        let schema = self.take_in.schema();
        let view =
            |path: &String, kind: &ValueType, declared: bool| PathView { path: path.clone(), kind: code_of(kind), declared };
        let mut events: Vec<EventView> = counts
            .into_iter()
            .map(|event| {
                let learnt = schema.events.get(&event.name);
                let properties = learnt.into_iter().flatten().map(|(path, kind)| {
                    let declared = schema.properties.get(path);
                    view(path, declared.unwrap_or(kind), declared.is_some())
                });
                EventView {
                    properties: properties.collect(),
                    name: event.name,
                    count: event.count,
                    last_seen_at: Some(time(event.last_at.0)),
                }
            })
            .collect();
        events.sort_by(|a, b| b.count.cmp(&a.count).then_with(|| a.name.cmp(&b.name)));
        let traits = schema.traits.iter().map(|(path, kind)| view(path, kind, schema.declared_traits.contains(path))).collect();
        Ok(SchemaView { events, traits })
    }

    /// Declares types before data comes.
    ///
    /// # Errors
    /// [`Code::TypeInUse`] if data of another type has been taken in already.
    pub async fn declare(&self, caller: &Caller, declaration: Declaration) -> Result<SchemaView> {
        caller.require(Permission::DeclareSchema)?;
        let traits = parse(declaration.traits, "traits")?;
        let properties = parse(declaration.properties, "properties")?;
        let detail = serde_json::json!({"traits": traits.len(), "properties": properties.len()});
        self.take_in.declare(traits, properties, self.now()).await.map_err(|error| match error {
            rollcall_collect::CollectError::TypeInUse { .. } => AppError::new(Code::TypeInUse, error.to_string()),
            other => other.into(),
        })?;
        self.record(caller, "schema.declare", "schema", "", detail).await?;
        self.schema(caller).await
    }

    /// Values that occur, for suggestions while a rule is being written.
    ///
    /// # Errors
    /// Neither a trait nor an event with a property is named; forbidden to those who see pseudonyms only.
    pub async fn values(&self, caller: &Caller, of: ValuesQuery) -> Result<ValuesView> {
        caller.require(Permission::ReadValues)?;
        let values_of = match (of.r#trait, of.event, of.property) {
            (Some(path), None, None) => ValuesOf::Trait(path),
            (None, Some(event), Some(property)) => ValuesOf::Property { event, path: property },
            _ => {
                return Err(AppError::new(
                    Code::BadRequest,
                    "Name a trait (?trait=), or an event and a property (?event=&property=).",
                ));
            }
        };
        let engine = self.engine.clone();
        let now = self.now();
        let (prefix, limit) = (of.prefix.unwrap_or_default(), of.limit.unwrap_or(20).clamp(1, 200));
        let found = tokio::task::spawn_blocking(move || engine.value_frequencies(&values_of, &prefix, limit, now)).await?;
        Ok(ValuesView {
            items: found.items.iter().map(|(value, users)| ValueView { value: value.to_json(), users: *users }).collect(),
            distinct: found.distinct,
        })
    }
}

/// Of what to list values.
#[derive(Debug, Default, Deserialize, utoipa::IntoParams)]
#[into_params(parameter_in = Query)]
pub struct ValuesQuery {
    /// A trait.
    pub r#trait: Option<String>,
    /// An event, with `property`.
    pub event: Option<String>,
    /// A property of the event.
    pub property: Option<String>,
    /// Only values that start with this.
    pub prefix: Option<String>,
    /// At most this many (20; at most 200).
    pub limit: Option<usize>,
}
