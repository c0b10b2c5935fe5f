//! What the examples are about: a small streaming service.

use std::collections::BTreeMap;
use std::sync::Arc;

use serde_json::{Value as Json, json};

use crate::catalogue::Catalogue;
use crate::check::References;
use crate::schema::{Schema, ValueType};

/// Id under which the examples would be stored.
pub(super) const OWN_ID: &str = "this-segment";

/// Its traits and events.
pub(super) fn schema() -> Schema {
    use ValueType::{Boolean, Date, DateTime, Number, NumberList, String as Text, StringList};
    let types = |fields: &[(&str, ValueType)]| -> BTreeMap<String, ValueType> {
        fields.iter().map(|(name, of)| ((*name).to_owned(), *of)).collect()
    };
    let traits = types(&[
        ("gender", Text),
        ("age", Number),
        ("plan", Text),
        ("email", Text),
        ("postcode", Text),
        ("address.city", Text),
        ("newsletter", Boolean),
        ("last_login", DateTime),
        ("contract_end", Date),
        ("birthday", Date),
        ("languages", StringList),
        ("scores", NumberList),
    ]);
    let events = [
        ("video_view", types(&[("programme", Text), ("minutes", Number), ("completed", Boolean), ("device", Text)])),
        ("purchase", types(&[("product", Text), ("amount", Number)])),
        ("search", types(&[("words", Text)])),
    ];
    let events = events.into_iter().map(|(name, properties)| (name.to_owned(), properties)).collect();
    Schema { traits, events, ..Schema::default() }
}

/// Its segments, lists and catalogue.
pub(super) struct World {
    programmes: Arc<Catalogue>,
}

impl World {
    pub fn new() -> World {
        let mut programmes = Catalogue::default();
        let row = json!({
            "key": "NCIS", "genre": "Crime",
            "seasons": [{"from": "2024-09-23", "to": "2025-05-05"}, {"from": "2025-09-22"}],
        });
        // A row that could not be read would show in the examples' faults.
        let _ = row.as_object().map(|row| programmes.put(row, &BTreeMap::new()));
        World { programmes: Arc::new(programmes) }
    }
}

impl References for World {
    fn segment_rule(&self, id: &str) -> Option<Arc<Json>> {
        (id == "women-25-49").then(|| Arc::new(json!({"trait": "gender", "op": "eq", "value": "F"})))
    }

    fn list_exists(&self, id: &str) -> bool {
        id == "staff"
    }

    fn catalogue_of(&self, property: &str) -> Option<Arc<Catalogue>> {
        (property == "programme").then(|| self.programmes.clone())
    }
}
