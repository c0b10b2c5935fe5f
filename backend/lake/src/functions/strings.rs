//! Texts.

use std::collections::HashMap;
use std::sync::{Arc, Mutex, PoisonError};

use arrow::array::{AsArray, BooleanArray, StringViewArray};
use arrow::datatypes::DataType;
use datafusion::error::{DataFusionError, Result};
use datafusion::prelude::SessionContext;
use regex::Regex;
use rollcall_rules::predicate::fold;

use super::{column, literal_text, register_rows};

/// Compiled patterns of one session.
#[derive(Clone, Default)]
pub(super) struct Patterns(Arc<Mutex<HashMap<String, Regex>>>);

impl Patterns {
    pub(super) fn get(&self, pattern: &str) -> Result<Regex> {
        let mut patterns = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if let Some(regex) = patterns.get(pattern) {
            return Ok(regex.clone());
        }
        let regex = Regex::new(pattern).map_err(|error| DataFusionError::External(Box::new(error)))?;
        patterns.insert(pattern.to_owned(), regex.clone());
        Ok(regex)
    }
}

pub(super) fn register(session: &SessionContext) {
    register_rows(session, "fold", vec![DataType::Utf8View], DataType::Utf8View, |arguments, rows| {
        let texts = column(arguments, 0, rows)?;
        Ok(Arc::new(texts.as_string_view().iter().map(|text| text.map(fold)).collect::<StringViewArray>()))
    });
    let patterns = Patterns::default();
    register_rows(session, "matches", vec![DataType::Utf8View, DataType::Utf8], DataType::Boolean, move |arguments, rows| {
        let regex = patterns.get(literal_text(arguments, 1)?)?;
        let texts = column(arguments, 0, rows)?;
        let found = texts.as_string_view().iter().map(|text| text.map(|text| regex.is_match(text)));
        Ok(Arc::new(found.collect::<BooleanArray>()))
    });
}
