//! Rules that are refused, from this project's own cases.

use super::*;

#[test]
fn every_case_gives_exactly_its_faults() {
    let mut wrong = Vec::new();
    for line in include_str!("../../../tests-data/refused.jsonl").lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let mut stored = stored();
        stored.segments.extend(Stored::from(&case["segments"], &[]).segments);
        let faults = check(&case["rule"], case["as"].as_str(), &schema(), &stored).err().unwrap_or_default();
        if pairs(&faults) != expected(&case["refused"]) {
            wrong.push(format!("{}: expected {}, got {faults:?}", case["rule"], case["refused"]));
        }
        for fault in &faults {
            assert!(fault.detail.ends_with('.') && fault.detail.len() > 20, "{}", fault.detail);
            let named = fault.pointer.is_empty() || case["rule"].pointer(&fault.pointer).is_some();
            assert!(named, "{} is not in {}", fault.pointer, case["rule"]);
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn faults_come_in_document_order() {
    let rule = json!({"all": [
        {"value": true, "op": "eq", "trait": "age"},
        {"event": "view", "window": {"last": "x"}, "agg": "sum", "where": [{"property": "n"}], "extra": 1},
        {"any": []}
    ], "tz": "Nowhere"});
    let pointers: Vec<String> = check_here(&rule).unwrap_err().into_iter().map(|fault| fault.pointer).collect();
    let wanted = [
        "/all/0/value",
        "/all/1",
        "/all/1",
        "/all/1",
        "/all/1/window/last",
        "/all/1/where/0",
        "/all/1/extra",
        "/all/2/any",
        "/tz",
    ];
    assert_eq!(pointers, wanted);
}

#[test]
fn codes_are_snake_case() {
    assert_eq!(serde_json::to_value(FaultCode::OperatorNotForType).unwrap(), json!("operator_not_for_type"));
    assert_eq!(serde_json::to_value(FaultCode::BadTimezone).unwrap(), json!("bad_timezone"));
}
