//! Looking through the rows of a catalogue.

use rollcall_collect::catalogue::row_json;
use rollcall_rules::predicate::{fold, folded};
use rollcall_rules::{CatalogueRow, Value};

use super::view::CatalogueRowsPage;
use crate::App;
use crate::access::{Caller, Permission};
use crate::error::Result;

impl App {
    /// Rows by key, a page at a time: all, or those in whose key or texts `sought` occurs, in upper or lower case.
    ///
    /// # Errors
    /// No such catalogue.
    pub async fn catalogue_rows(
        &self,
        caller: &Caller,
        id: &str,
        sought: Option<String>,
        cursor: Option<String>,
        limit: usize,
    ) -> Result<CatalogueRowsPage> {
        caller.require(Permission::ReadCatalogues)?;
        let rows = self.held_catalogue(id)?.rows;
        let found = tokio::task::spawn_blocking(move || {
            let sought = fold(sought.unwrap_or_default().trim());
            let limit = limit.clamp(1, 1000);
            let mut page = CatalogueRowsPage { items: Vec::new(), total: 0, next_cursor: None };
            let mut last = None;
            for (key, row) in rows.rows.iter().filter(|(key, row)| sought.is_empty() || matches(key, row, &sought)) {
                page.total += 1;
                if cursor.as_ref().is_some_and(|cursor| key <= cursor) {
                    continue;
                }
                if page.items.len() < limit {
                    page.items.push(row_json(key, row));
                    last = Some(key);
                } else {
                    page.next_cursor = last.cloned();
                }
            }
            page
        });
        Ok(found.await?)
    }
}

fn matches(key: &str, row: &CatalogueRow, sought: &str) -> bool {
    let holds = |text: &str| folded(text).contains(sought);
    let value = |value: &Value| match value {
        Value::String(text) => holds(text),
        Value::StringList(texts) => texts.iter().any(|text| holds(text)),
        _ => false,
    };
    holds(key) || row.attributes.values().any(value)
}
