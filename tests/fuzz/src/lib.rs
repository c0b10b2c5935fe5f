//! What has to hold for any rule, however it was written. `run.sh` feeds the targets, which are guided by coverage.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_rules::text::{parse, print};
use rollcall_rules::{Catalogue, Language, References, Schema, ValueType, check, describe_in};
use serde_json::{Value, json};

/// Every list and segment is there, and the property `s` is linked.
struct Everything;

impl References for Everything {
    fn segment_rule(&self, id: &str) -> Option<Arc<Value>> {
        // A chain, so that cycles and depth are met too.
        Some(Arc::new(if id.len() < 40 { json!({"not": {"segment": format!("{id}s")}}) } else { json!({"everyone": true}) }))
    }

    fn list_exists(&self, _: &str) -> bool {
        true
    }

    fn catalogue_of(&self, property: &str) -> Option<Arc<Catalogue>> {
        (property == "s").then(Arc::default)
    }
}

fn schema() -> Schema {
    let types: BTreeMap<String, ValueType> =
        [("s", 0), ("n", 1), ("b", 2), ("t", 3), ("d", 4), ("sl", 5), ("nl", 6), ("o", 7)]
            .into_iter()
            .map(|(path, at)| (path.to_owned(), ValueType::ALL[at]))
            .collect();
    Schema { traits: types.clone(), properties: types, ..Schema::default() }
}

/// Checks, describes and prints a rule.
pub fn rule(rule: &Value) {
    for schema in [schema(), Schema::default()] {
        if let Err(faults) = check(rule, Some("s"), &schema, &Everything) {
            assert!(!faults.is_empty());
            for fault in faults {
                assert!(rule.pointer(&fault.pointer).is_some(), "{} is not there", fault.pointer);
            }
        }
    }
    for language in [Language::English, Language::French] {
        describe_in(rule, language);
    }
    if let Ok(text) = print(rule) {
        assert_eq!(parse(&text).as_ref(), Ok(rule), "{text}");
    }
}

/// Reads a text; what it says is a rule like any other, and has a text.
pub fn text(written: &str) {
    match parse(written) {
        Ok(read) => {
            assert!(print(&read).is_ok(), "{read}");
            rule(&read);
        }
        Err(faults) => {
            let length = written.encode_utf16().count();
            assert!(!faults.is_empty() && faults.iter().all(|fault| fault.offset + fault.length <= length), "{faults:?}");
        }
    }
}
