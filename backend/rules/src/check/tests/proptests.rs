//! Whatever the JSON, checking ends with a tree or with faults that point into it.

use proptest::prelude::*;

use super::*;
use crate::describe::describe;
use crate::time::{Clock, Instant};
use crate::tree::{Node, NodeKind};

/// Words that rules are made of, so that random JSON comes close to them.
const FIELDS: [&str; 34] = [
    "all",
    "any",
    "not",
    "everyone",
    "trait",
    "event",
    "where",
    "property",
    "op",
    "value",
    "window",
    "agg",
    "of",
    "ignore_case",
    "label",
    "tz",
    "segment",
    "list",
    "last",
    "between_ago",
    "from",
    "to",
    "calendar",
    "season",
    "shift",
    "sequence",
    "within",
    "without",
    "first_time",
    "regular",
    "top",
    "by",
    "percent",
    "count",
];
const TEXTS: [&str; 26] = [
    "eq",
    "in",
    "between",
    "gte",
    "is_set",
    "regex",
    "has_all",
    "within_last",
    "anniversary",
    "on",
    "sum",
    "first",
    "avg",
    "view",
    "buy",
    "*",
    "n",
    "s",
    "mixed",
    "born",
    "langs",
    "30d",
    "1mo",
    "2026-01-01",
    "today",
    "(",
];

fn scalars() -> impl Strategy<Value = Json> {
    prop_oneof![
        Just(json!(null)),
        any::<bool>().prop_map(|truth| json!(truth)),
        (-3_i64..40).prop_map(|number| json!(number)),
        any::<f64>().prop_map(|number| json!(number)),
        (0..TEXTS.len()).prop_map(|index| json!(TEXTS[index])),
        ".{0,4}".prop_map(|text| json!(text)),
    ]
}

fn documents() -> impl Strategy<Value = Json> {
    scalars().prop_recursive(6, 60, 5, |inner| {
        let field = (0..FIELDS.len()).prop_map(|index| FIELDS[index].to_owned());
        prop_oneof![
            1 => proptest::collection::vec(inner.clone(), 0..4).prop_map(Json::Array),
            3 => proptest::collection::vec((field, inner), 0..5).prop_map(|fields| Json::Object(fields.into_iter().collect())),
        ]
    })
}

/// Conditions with everything in its place, and any operator with any literal.
fn conditions() -> impl Strategy<Value = Json> {
    let literal = prop_oneof![scalars(), proptest::collection::vec(scalars(), 0..3).prop_map(Json::Array)];
    (0..TEXTS.len(), 0..TEXTS.len(), literal, any::<bool>()).prop_map(|(path, op, value, of_event)| {
        if of_event {
            json!({"event": "view", "where": [{"property": TEXTS[path], "op": TEXTS[op], "value": value}]})
        } else {
            json!({"trait": TEXTS[path], "op": TEXTS[op], "value": value})
        }
    })
}

fn outcome(rule: &Json) -> Result<(), TestCaseError> {
    let _ = describe(rule);
    match check_here(rule) {
        Ok((checked, _)) => {
            prop_assert_eq!(&checked.source, rule);
            walk(&checked.root, rule)?;
        }
        Err(faults) => {
            prop_assert!(!faults.is_empty());
            for fault in faults {
                prop_assert!(rule.pointer(&fault.pointer).is_some(), "{} is not in {}", fault.pointer, rule);
            }
        }
    }
    Ok(())
}

/// Every node points to itself, and its window can be resolved.
fn walk(node: &Node, rule: &Json) -> Result<(), TestCaseError> {
    prop_assert!(rule.pointer(&node.pointer).is_some());
    match &node.kind {
        NodeKind::All(children) | NodeKind::Any(children) => children.iter().try_for_each(|child| walk(child, rule)),
        NodeKind::Not(child) => walk(child, rule),
        NodeKind::Event(leaf) => {
            leaf.window.resolve(&Clock { now: Instant(0), zone: crate::time::Zone::utc() });
            Ok(())
        }
        _ => Ok(()),
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn any_json(rule in documents()) {
        outcome(&rule)?;
    }

    #[test]
    fn any_condition(rule in conditions()) {
        outcome(&rule)?;
    }

    #[test]
    fn order_of_keys_does_not_matter(rule in documents()) {
        let sorted: Json = {
            let mut copy = rule.clone();
            copy.sort_all_objects();
            copy
        };
        let codes = |rule: &Json| check_here(rule).err().map(|faults| pairs(&faults));
        prop_assert_eq!(codes(&rule), codes(&sorted));
    }
}
