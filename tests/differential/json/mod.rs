//! Random cases in the format of the conformance cases, and what they mean: written down naively over the JSON itself, apart
//! from validation, collection and both evaluation paths. Only arithmetic with durations and time zones and the folding of case
//! are the product's own; the conformance cases hold those.

pub mod meaning;
pub mod population;
pub mod predicate;
pub mod rules;
pub mod time;

use serde_json::Value;

/// Whether JSON that was a rule before something was left out still is one, over any data.
pub fn is_rule(json: &Value) -> bool {
    struct Everything;
    impl rollcall_rules::References for Everything {
        fn segment_rule(&self, _: &str) -> Option<std::sync::Arc<Value>> {
            Some(std::sync::Arc::new(serde_json::json!({"everyone": true})))
        }

        fn list_exists(&self, _: &str) -> bool {
            true
        }
    }
    let faults = rollcall_rules::check(json, None, &rollcall_rules::Schema::default(), &Everything).err().unwrap_or_default();
    faults.iter().all(|fault| fault.pointer.contains("/season") && fault.pointer.ends_with("/property"))
}
