//! Typed values in and out of Arrow columns.

use std::sync::Arc;

use arrow::array::{
    Array, ArrayRef, AsArray, BooleanBuilder, Date32Builder, Float64Builder, ListBuilder, StringBuilder,
    TimestampMicrosecondBuilder,
};
use arrow::datatypes::{DataType, Date32Type, Float64Type, TimestampMicrosecondType};
use rollcall_rules::{Day, Instant, Value, ValueType};

use crate::columns::{element, timestamp_type};

/// Builds a nullable column of values of one type; rows without a value are filled in when the next value comes.
pub(crate) struct ValueBuilder {
    rows: usize,
    inner: Inner,
}

enum Inner {
    Text(StringBuilder),
    Number(Float64Builder),
    Boolean(BooleanBuilder),
    DateTime(TimestampMicrosecondBuilder),
    Date(Date32Builder),
    Texts(ListBuilder<StringBuilder>),
    Numbers(ListBuilder<Float64Builder>),
}

impl ValueBuilder {
    pub(crate) fn new(value_type: ValueType) -> ValueBuilder {
        let inner = match value_type {
            ValueType::String | ValueType::Object => Inner::Text(StringBuilder::new()),
            ValueType::Number => Inner::Number(Float64Builder::new()),
            ValueType::Boolean => Inner::Boolean(BooleanBuilder::new()),
            ValueType::DateTime => Inner::DateTime(TimestampMicrosecondBuilder::new().with_data_type(timestamp_type())),
            ValueType::Date => Inner::Date(Date32Builder::new()),
            ValueType::StringList => Inner::Texts(ListBuilder::new(StringBuilder::new()).with_field(element(DataType::Utf8))),
            ValueType::NumberList => {
                Inner::Numbers(ListBuilder::new(Float64Builder::new()).with_field(element(DataType::Float64)))
            }
        };
        ValueBuilder { rows: 0, inner }
    }

    fn fill(&mut self, row: usize) {
        let missing = row.saturating_sub(self.rows);
        match &mut self.inner {
            Inner::Text(builder) => builder.append_nulls(missing),
            Inner::Number(builder) => builder.append_nulls(missing),
            Inner::Boolean(builder) => builder.append_nulls(missing),
            Inner::DateTime(builder) => builder.append_nulls(missing),
            Inner::Date(builder) => builder.append_nulls(missing),
            Inner::Texts(builder) => builder.append_nulls(missing),
            Inner::Numbers(builder) => builder.append_nulls(missing),
        }
        self.rows = row;
    }

    /// Sets the value of a row; rows come in order. A value of another type than the column's is left out.
    pub(crate) fn set(&mut self, row: usize, value: &Value) {
        self.fill(row);
        match (&mut self.inner, value) {
            (Inner::Text(builder), Value::String(text) | Value::Object(text)) => builder.append_value(text),
            (Inner::Number(builder), Value::Number(number)) => builder.append_value(*number),
            (Inner::Boolean(builder), Value::Boolean(boolean)) => builder.append_value(*boolean),
            (Inner::DateTime(builder), Value::DateTime(instant)) => builder.append_value(instant.0),
            (Inner::Date(builder), Value::Date(day)) => builder.append_value(day.0),
            (Inner::Texts(builder), Value::StringList(texts)) => builder.append_value(texts.iter().map(Some)),
            (Inner::Numbers(builder), Value::NumberList(numbers)) => builder.append_value(numbers.iter().copied().map(Some)),
            _ => return,
        }
        self.rows = row + 1;
    }

    /// The column, `rows` long.
    pub(crate) fn finish(mut self, rows: usize) -> ArrayRef {
        self.fill(rows);
        match self.inner {
            Inner::Text(mut builder) => Arc::new(builder.finish()),
            Inner::Number(mut builder) => Arc::new(builder.finish()),
            Inner::Boolean(mut builder) => Arc::new(builder.finish()),
            Inner::DateTime(mut builder) => Arc::new(builder.finish()),
            Inner::Date(mut builder) => Arc::new(builder.finish()),
            Inner::Texts(mut builder) => Arc::new(builder.finish()),
            Inner::Numbers(mut builder) => Arc::new(builder.finish()),
        }
    }
}

/// The value in a row of a column as [`ValueBuilder`] makes it; `None` if there is none, or the column is of another type.
pub(crate) fn value_at(column: &dyn Array, row: usize, value_type: ValueType) -> Option<Value> {
    if column.is_null(row) {
        return None;
    }
    Some(match value_type {
        ValueType::String => Value::String(column.as_string_opt::<i32>()?.value(row).to_owned()),
        ValueType::Object => Value::Object(column.as_string_opt::<i32>()?.value(row).to_owned()),
        ValueType::Number => Value::Number(column.as_primitive_opt::<Float64Type>()?.value(row)),
        ValueType::Boolean => Value::Boolean(column.as_boolean_opt()?.value(row)),
        ValueType::DateTime => Value::DateTime(Instant(column.as_primitive_opt::<TimestampMicrosecondType>()?.value(row))),
        ValueType::Date => Value::Date(Day(column.as_primitive_opt::<Date32Type>()?.value(row))),
        ValueType::StringList => {
            let texts = column.as_list_opt::<i32>()?.value(row);
            Value::StringList(texts.as_string_opt::<i32>()?.iter().flatten().map(ToOwned::to_owned).collect())
        }
        ValueType::NumberList => {
            let numbers = column.as_list_opt::<i32>()?.value(row);
            Value::NumberList(numbers.as_primitive_opt::<Float64Type>()?.iter().flatten().collect())
        }
    })
}
