//! Between SQL's few column types and domain types.

use serde::Serialize;
use serde::de::DeserializeOwned;
use sqlx::Row;
use sqlx::any::AnyRow;

use crate::error::StoreError;
use crate::words::Word;

/// Reads the columns of a row by name.
pub(crate) trait Columns {
    fn text(&self, column: &str) -> Result<String, StoreError>;
    fn optional_text(&self, column: &str) -> Result<Option<String>, StoreError>;
    fn integer(&self, column: &str) -> Result<i64, StoreError>;
    fn optional_integer(&self, column: &str) -> Result<Option<i64>, StoreError>;
    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError>;
    fn optional_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError>;

    fn id<T: From<String>>(&self, column: &str) -> Result<T, StoreError> {
        self.text(column).map(T::from)
    }

    fn optional_id<T: From<String>>(&self, column: &str) -> Result<Option<T>, StoreError> {
        Ok(self.optional_text(column)?.map(T::from))
    }

    fn count(&self, column: &str) -> Result<u64, StoreError> {
        self.integer(column)?.try_into().map_err(|_| corrupt(column, "is negative"))
    }

    fn optional_count(&self, column: &str) -> Result<Option<u64>, StoreError> {
        let number = self.optional_integer(column)?;
        number.map(|number| number.try_into().map_err(|_| corrupt(column, "is negative"))).transpose()
    }

    fn flag(&self, column: &str) -> Result<bool, StoreError> {
        Ok(self.integer(column)? != 0)
    }

    fn word<T: Word>(&self, column: &str) -> Result<T, StoreError> {
        T::from_word(&self.text(column)?).ok_or_else(|| corrupt(column, "holds an unknown word"))
    }

    fn json<T: DeserializeOwned>(&self, column: &str) -> Result<T, StoreError> {
        serde_json::from_str(&self.text(column)?).map_err(|error| corrupt(column, &error.to_string()))
    }
}

impl Columns for AnyRow {
    fn text(&self, column: &str) -> Result<String, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn optional_text(&self, column: &str) -> Result<Option<String>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn integer(&self, column: &str) -> Result<i64, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn optional_integer(&self, column: &str) -> Result<Option<i64>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn bytes(&self, column: &str) -> Result<Vec<u8>, StoreError> {
        Ok(self.try_get(column)?)
    }

    fn optional_bytes(&self, column: &str) -> Result<Option<Vec<u8>>, StoreError> {
        Ok(self.try_get(column)?)
    }
}

fn corrupt(column: &str, what: &str) -> StoreError {
    StoreError::Corrupt(format!("column {column} {what}"))
}

/// A count or position as SQL's signed number.
pub(crate) fn signed(number: u64) -> Result<i64, StoreError> {
    i64::try_from(number).map_err(|_| StoreError::OutOfRange)
}

/// An optional count or position as SQL's signed number.
pub(crate) fn optional_signed(number: Option<u64>) -> Result<Option<i64>, StoreError> {
    number.map(signed).transpose()
}

/// A value as JSON text.
pub(crate) fn to_json<T: Serialize + ?Sized>(value: &T) -> Result<String, StoreError> {
    serde_json::to_string(value).map_err(|error| StoreError::Corrupt(error.to_string()))
}

/// `$first, $first+1, ...`: `count` placeholders.
pub(crate) fn placeholders(first: usize, count: usize) -> String {
    let numbers: Vec<String> = (first..first + count).map(|number| format!("${number}")).collect();
    numbers.join(", ")
}

/// `($1, $2), ($3, $4), ...`: placeholders for the rows of a bulk insert.
pub(crate) fn row_placeholders(rows: usize, columns: usize) -> String {
    let tuples: Vec<String> = (0..rows).map(|row| format!("({})", placeholders(row * columns + 1, columns))).collect();
    tuples.join(", ")
}

/// Rows per statement in bulk inserts: far below the 32,766 placeholders that SQLite takes.
pub(crate) const BULK_ROWS: usize = 500;
