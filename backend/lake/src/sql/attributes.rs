//! Attributes that aggregates compute over: for each a table with the keys of its rows and its value in `v`, which event tables
//! are joined to by the columns of the linked property.

use std::sync::Arc;

use arrow::array::RecordBatch;
use arrow::datatypes::{Field, Schema};
use datafusion::datasource::MemTable;
use rollcall_rules::flatten::null_mark;
use rollcall_rules::{Attribute, Value, ValueType};

use super::quote;
use crate::columns::{Columns, arrow_type};
use crate::error::LakeError;
use crate::values::ValueBuilder;

/// The keys of a row: each type that a value of the linked property can have, and its column.
const KEYS: [(ValueType, &str); 3] =
    [(ValueType::String, "key_text"), (ValueType::Number, "key_number"), (ValueType::Boolean, "key_boolean")];

/// The name of an attribute's table.
pub(super) fn name(attribute: &Attribute) -> String {
    let version = &attribute.catalogue.version;
    format!("catalogue {} version {} {}", version.id, version.version, attribute.attribute)
}

/// An attribute's table.
pub(super) fn table(attribute: &Attribute) -> Result<MemTable, LakeError> {
    let value_type = attribute.value_type().unwrap_or(ValueType::String);
    let mut keys = KEYS.map(|(of, _)| ValueBuilder::new(of));
    let mut values = ValueBuilder::new(value_type);
    let mut rows = 0;
    for row in attribute.rows() {
        let [texts, numbers, booleans] = &mut keys;
        texts.set(rows, &Value::String(row.text.to_owned()));
        row.number.into_iter().for_each(|number| numbers.set(rows, &Value::Number(number)));
        row.boolean.into_iter().for_each(|boolean| booleans.set(rows, &Value::Boolean(boolean)));
        values.set(rows, row.value);
        rows += 1;
    }
    let key_fields = KEYS.map(|(of, column)| Field::new(column, arrow_type(of), true));
    let fields: Vec<Field> = key_fields.into_iter().chain([Field::new("v", arrow_type(value_type), true)]).collect();
    let columns = keys.into_iter().chain([values]).map(|column| column.finish(rows)).collect();
    let schema = Arc::new(Schema::new(fields));
    let batch = RecordBatch::try_new(Arc::clone(&schema), columns)?;
    Ok(MemTable::try_new(schema, vec![vec![batch]])?)
}

/// The events of a table that have the attribute in `v`: from `FROM` on, once for each type of key. An event with the literal key,
/// also with null, has that key's value instead.
pub(super) fn joined(table: &str, columns: &Columns, attribute: &Attribute, condition: &str) -> Vec<String> {
    let mark = null_mark(&attribute.path);
    let literal = columns.of_path(&attribute.path).chain(columns.of_path(&mark));
    let literal: String = literal.map(|column| format!(" AND {} IS NULL", quote::name(&column.name))).collect();
    let rows = quote::name(&name(attribute));
    let join = |(of, key): (ValueType, &str)| {
        let column = quote::name(&columns.column(&attribute.key, of)?.name);
        Some(format!("FROM {table} JOIN {rows} ON {column} = {key}\n        WHERE {condition}{literal}"))
    };
    KEYS.into_iter().filter_map(join).collect()
}
