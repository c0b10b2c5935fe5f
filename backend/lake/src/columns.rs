//! The columns of each kind of table, in Arrow's and in Delta's words.
//!
//! Every event table has the same base columns and one column per flattened property path *and type* seen so far. The
//! column of path `genre` is called `p.genre`; where Delta or Parquet refuse a character it becomes `_`, and where two
//! names would be equal to an engine that ignores case, a number is added. What a column stands for is therefore not
//! read from its name but from its metadata (`rollcall.path`, `rollcall.type`). Columns are only ever added.

use std::collections::BTreeSet;
use std::sync::Arc;

use arrow::datatypes::{DataType, Field, Schema, SchemaRef, TimeUnit};
use deltalake::kernel::{ArrayType, DataType as DeltaType, MetadataValue, StructField, StructType};
use rollcall_rules::ValueType;

use crate::error::LakeError;

const PATH_KEY: &str = "rollcall.path";
const TYPE_KEY: &str = "rollcall.type";

/// What a table holds.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub(crate) enum Kind {
    /// The events of one name.
    Events,
    /// Profile updates as received.
    Profiles,
    /// Profile updates, one row per trait path.
    Traits,
    /// Refused records.
    Quarantine,
    /// Uploaded lists, one row per member.
    Lists,
}

/// One property as a column.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct PropertyColumn {
    /// Column name.
    pub(crate) name: String,
    /// Flattened path.
    pub(crate) path: String,
    /// Type of its values.
    pub(crate) value_type: ValueType,
}

/// The columns of one table.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) struct Columns {
    pub(crate) kind: Kind,
    pub(crate) properties: Vec<PropertyColumn>,
}

/// How values of a type are stored.
pub(crate) fn arrow_type(value_type: ValueType) -> DataType {
    match value_type {
        ValueType::String | ValueType::Object => DataType::Utf8,
        ValueType::Number => DataType::Float64,
        ValueType::Boolean => DataType::Boolean,
        ValueType::DateTime => timestamp_type(),
        ValueType::Date => DataType::Date32,
        ValueType::StringList => DataType::List(element(DataType::Utf8)),
        ValueType::NumberList => DataType::List(element(DataType::Float64)),
    }
}

/// Microseconds, UTC.
pub(crate) fn timestamp_type() -> DataType {
    DataType::Timestamp(TimeUnit::Microsecond, Some("UTC".into()))
}

/// The element field of a list, named as Delta names it.
pub(crate) fn element(data_type: DataType) -> Arc<Field> {
    Arc::new(Field::new("element", data_type, true))
}

fn type_name(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::String => "string",
        ValueType::Number => "number",
        ValueType::Boolean => "boolean",
        ValueType::DateTime => "datetime",
        ValueType::Date => "date",
        ValueType::StringList => "list<string>",
        ValueType::NumberList => "list<number>",
        ValueType::Object => "object",
    }
}

/// The column of the `traits` table that holds values of a type.
pub(crate) fn trait_column(value_type: ValueType) -> &'static str {
    match value_type {
        ValueType::String => "string",
        ValueType::Number => "number",
        ValueType::Boolean => "boolean",
        ValueType::DateTime => "datetime",
        ValueType::Date => "date",
        ValueType::StringList => "strings",
        ValueType::NumberList => "numbers",
        ValueType::Object => "object",
    }
}

impl Kind {
    /// The columns that every table of this kind has; the nullable ones are marked.
    fn base(self) -> Vec<(&'static str, DataType, bool)> {
        let text = || DataType::Utf8;
        match self {
            Kind::Events => vec![
                ("seq", DataType::Int64, false),
                ("source", text(), false),
                ("user_id", text(), true),
                ("anonymous_id", text(), true),
                ("message_id", text(), false),
                ("event", text(), false),
                ("time", timestamp_type(), false),
                ("received_at", timestamp_type(), false),
                ("properties", text(), false),
                ("context", text(), false),
            ],
            Kind::Profiles => vec![
                ("seq", DataType::Int64, false),
                ("source", text(), false),
                ("user_id", text(), true),
                ("anonymous_id", text(), true),
                ("message_id", text(), false),
                ("time", timestamp_type(), false),
                ("received_at", timestamp_type(), false),
                ("traits", text(), false),
                ("context", text(), false),
            ],
            Kind::Traits => {
                let mut columns = vec![
                    ("seq", DataType::Int64, false),
                    ("user_id", text(), true),
                    ("time", timestamp_type(), false),
                    ("position", DataType::Int32, false),
                    ("key", text(), false),
                    ("path", text(), false),
                    ("removed", DataType::Boolean, false),
                ];
                columns.extend(ValueType::ALL.map(|value_type| (trait_column(value_type), arrow_type(value_type), true)));
                columns
            }
            Kind::Quarantine => vec![
                ("seq", DataType::Int64, false),
                ("source", text(), false),
                ("received_at", timestamp_type(), false),
                ("reason", text(), false),
                ("detail", text(), false),
                ("raw", DataType::Binary, false),
            ],
            Kind::Lists => vec![("list_id", text(), false), ("version", DataType::Int64, false), ("user_id", text(), true)],
        }
    }

    /// The columns whose smallest and greatest values are kept for each file.
    pub(crate) fn ranged(self) -> &'static [&'static str] {
        match self {
            Kind::Events | Kind::Profiles | Kind::Traits => &["seq", "time"],
            Kind::Quarantine => &["seq"],
            Kind::Lists => &["version"],
        }
    }
}

impl Columns {
    /// A table without properties.
    pub(crate) fn new(kind: Kind) -> Columns {
        Columns { kind, properties: Vec::new() }
    }

    /// Adds columns for properties that have none yet. Returns whether there were any.
    pub(crate) fn add(&mut self, properties: &BTreeSet<(&str, ValueType)>) -> bool {
        let before = self.properties.len();
        let mut taken: BTreeSet<String> = self.arrow().fields().iter().map(|field| field.name().to_lowercase()).collect();
        for &(path, value_type) in properties {
            if self.column(path, value_type).is_none() {
                let name = free_name(path, &taken);
                taken.insert(name.to_lowercase());
                self.properties.push(PropertyColumn { name, path: path.to_owned(), value_type });
            }
        }
        self.properties.len() > before
    }

    /// The column of a path and type.
    pub(crate) fn column(&self, path: &str, value_type: ValueType) -> Option<&PropertyColumn> {
        self.properties.iter().find(|column| column.path == path && column.value_type == value_type)
    }

    /// The columns of a path: one per type seen.
    pub(crate) fn of_path<'a>(&'a self, path: &'a str) -> impl Iterator<Item = &'a PropertyColumn> {
        self.properties.iter().filter(move |column| column.path == path)
    }

    /// As written to Parquet.
    pub(crate) fn arrow(&self) -> SchemaRef {
        let base = self.kind.base().into_iter().map(|(name, data_type, nullable)| Field::new(name, data_type, nullable));
        let properties = self.properties.iter().map(|column| Field::new(&column.name, arrow_type(column.value_type), true));
        Arc::new(Schema::new(base.chain(properties).collect::<Vec<_>>()))
    }

    /// As queries see it: texts as views into the decoded pages, which saves copying them.
    pub(crate) fn scanned(&self) -> SchemaRef {
        let arrow = self.arrow();
        let fields = arrow.fields().iter().map(|field| match field.data_type() {
            DataType::Utf8 => Arc::new(field.as_ref().clone().with_data_type(DataType::Utf8View)),
            _ => Arc::clone(field),
        });
        Arc::new(Schema::new(fields.collect::<Vec<_>>()))
    }

    /// As kept in the Delta log.
    pub(crate) fn delta(&self) -> Result<StructType, LakeError> {
        let base = self
            .kind
            .base()
            .into_iter()
            .map(|(name, data_type, nullable)| StructField::new(name, delta_type(&data_type), nullable));
        let properties = self.properties.iter().map(|column| {
            let meaning = [
                (PATH_KEY, MetadataValue::String(column.path.clone())),
                (TYPE_KEY, type_name(column.value_type).to_owned().into()),
            ];
            StructField::nullable(&column.name, delta_type(&arrow_type(column.value_type))).with_metadata(meaning)
        });
        StructType::try_new(base.chain(properties)).map_err(|error| LakeError::Corrupt(error.to_string()))
    }

    /// Reads what [`Columns::delta`] wrote; columns added by others are left alone.
    pub(crate) fn from_delta(kind: Kind, schema: &StructType) -> Columns {
        let text = |field: &StructField, key: &str| match field.metadata().get(key) {
            Some(MetadataValue::String(text)) => Some(text.clone()),
            _ => None,
        };
        let properties = schema.fields().filter_map(|field| {
            let named = text(field, TYPE_KEY)?;
            let value_type = ValueType::ALL.into_iter().find(|value_type| type_name(*value_type) == named)?;
            Some(PropertyColumn { name: field.name().clone(), path: text(field, PATH_KEY)?, value_type })
        });
        Columns { kind, properties: properties.collect() }
    }
}

/// `p.` and the path, changed as little as Delta, Parquet and engines that ignore case demand.
fn free_name(path: &str, taken: &BTreeSet<String>) -> String {
    let refused = |character: char| " ,;{}()=".contains(character) || character.is_control();
    let plain = format!("p.{}", path.replace(refused, "_"));
    if !taken.contains(&plain.to_lowercase()) {
        return plain;
    }
    let mut number = 2_u64;
    loop {
        let name = format!("{plain}#{number}");
        if !taken.contains(&name.to_lowercase()) {
            return name;
        }
        number += 1;
    }
}

fn delta_type(data_type: &DataType) -> DeltaType {
    match data_type {
        DataType::Int64 => DeltaType::LONG,
        DataType::Int32 => DeltaType::INTEGER,
        DataType::Float64 => DeltaType::DOUBLE,
        DataType::Boolean => DeltaType::BOOLEAN,
        DataType::Timestamp(..) => DeltaType::TIMESTAMP,
        DataType::Date32 => DeltaType::DATE,
        DataType::Binary => DeltaType::BINARY,
        DataType::List(item) => ArrayType::new(delta_type(item.data_type()), true).into(),
        _ => DeltaType::STRING,
    }
}
