//! The functions that rules need and SQL lacks.
//!
//! | function | value |
//! |---|---|
//! | `instant(n)` `day(n)` | the instant of n microseconds, the day n days after 1970-01-01 |
//! | `zone_day(t, zone)` `day_start(d, zone)` | the day of an instant in a zone; the first instant of a day there |
//! | `month_day(d)` | month x 100 + day of month |
//! | `billionths(x)` `times(x, n)` | a double as exact billionths; exact billionths n times |
//! | `fold(s)` `matches(s, regex)` | full Unicode case folding; Rust regular expression, unanchored |
//! | `fold_each(l)` | each element folded |
//! | `any_equals(l, ...)` `all_present(l, ...)` | any element is one of these; each of these is an element |
//! | `any_contains` `any_starts_with` `any_ends_with` `any_matches` | of a list of texts |
//! | `period_of(t, edges)` | the number of the rolling period in which an instant lies |
//! | `did_in_order(t, seq, role, bounds)` | aggregate: whether the events contain a sequence |
//! | `whole_part(sum, n)` `decimals(sum, n)` | sum / n, exactly: rounded down, and its first 20 decimal places |
//! | `any_above` `any_at_least` `any_below` `any_at_most` `any_between` | of a list of numbers |
//!
//! All give null for null.

mod lists;
mod numbers;
pub(crate) mod sequence;
mod strings;
mod time;

use std::sync::Arc;

use arrow::array::ArrayRef;
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::logical_expr::{ColumnarValue, Volatility, create_udf};
use datafusion::prelude::SessionContext;

/// Registers all of them with a session.
pub(crate) fn register(session: &SessionContext) {
    time::register(session);
    numbers::register(session);
    strings::register(session);
    lists::register(session);
    sequence::register(session);
}

/// Registers a function of the values in each row.
fn register_rows(
    session: &SessionContext,
    name: &str,
    inputs: Vec<DataType>,
    output: DataType,
    body: impl Fn(&[ColumnarValue], usize) -> Result<ArrayRef> + Send + Sync + 'static,
) {
    let whole = move |arguments: &[ColumnarValue]| columnar(arguments, &body);
    session.register_udf(create_udf(name, inputs, output, Volatility::Immutable, Arc::new(whole)));
}

/// Runs `body` over as many rows as the arguments have; one row gives a scalar if all arguments are scalars.
fn columnar(arguments: &[ColumnarValue], body: impl Fn(&[ColumnarValue], usize) -> Result<ArrayRef>) -> Result<ColumnarValue> {
    let rows = arguments.iter().find_map(|argument| match argument {
        ColumnarValue::Array(array) => Some(array.len()),
        ColumnarValue::Scalar(_) => None,
    });
    let result = body(arguments, rows.unwrap_or(1))?;
    match rows {
        Some(_) => Ok(ColumnarValue::Array(result)),
        None => Ok(ColumnarValue::Scalar(datafusion::common::ScalarValue::try_from_array(&result, 0)?)),
    }
}

/// An argument as a column.
fn column(arguments: &[ColumnarValue], position: usize, rows: usize) -> Result<ArrayRef> {
    arguments.get(position).ok_or_else(|| misused("too few arguments"))?.to_array(rows)
}

/// An argument that must be a literal text.
fn literal_text(arguments: &[ColumnarValue], position: usize) -> Result<&str> {
    match arguments.get(position) {
        Some(ColumnarValue::Scalar(scalar)) => scalar.try_as_str().flatten().ok_or_else(|| misused("the literal must be a text")),
        _ => Err(misused("the argument must be a literal")),
    }
}

fn misused(what: &str) -> DataFusionError {
    DataFusionError::Execution(format!("a function of the lake is misused: {what}"))
}

#[cfg(test)]
mod tests;
