//! The conformance cases: our own, and those kept beside the project when they are there.

use super::*;

fn for_each_case(mut each: impl FnMut(&Json, Schema, Stored)) {
    let mut text = std::fs::read_to_string("../../tests/conformance/cases.jsonl").unwrap();
    text += &std::fs::read_to_string("../../../shared/conformance/cases.jsonl").unwrap_or_default();
    for line in text.lines() {
        let case: Json = serde_json::from_str(line).unwrap();
        let declared = &case["schema"];
        let mut schema =
            Schema { traits: types(&declared["traits"]), properties: types(&declared["properties"]), ..Schema::default() };
        learn(&mut schema, &case["events"], &case["identifies"]);
        let lists: Vec<&str> = case["lists"].as_object().into_iter().flatten().map(|(id, _)| id.as_str()).collect();
        let mut stored = Stored::from(&case["segments"], &lists);
        for (property, name) in case["links"].as_object().into_iter().flatten() {
            let mut catalogue = Catalogue::default();
            let types = types(&declared["catalogues"][name.as_str().unwrap()]);
            for row in case["catalogues"][name.as_str().unwrap()]["rows"].as_array().into_iter().flatten() {
                catalogue.put(row.as_object().unwrap(), &types).unwrap();
            }
            stored.catalogues.insert(property.clone(), Arc::new(catalogue));
        }
        each(&case, schema, stored);
    }
}

fn rule_of(case: &Json) -> Json {
    let mut rule = case["rule"].clone();
    if let (Some(object), Some(zone)) = (rule.as_object_mut(), case.get("tz")) {
        object.insert("tz".to_owned(), zone.clone());
    }
    rule
}

#[test]
fn refused_cases_give_exactly_their_faults() {
    let mut wrong = Vec::new();
    let mut run = 0;
    for_each_case(|case, schema, stored| {
        let Some(refused) = case.get("refused") else { return };
        run += 1;
        let faults = check(&rule_of(case), case["as"].as_str(), &schema, &stored).err().unwrap_or_default();
        if pairs(&faults) != expected(refused) {
            wrong.push(format!("{}: expected {refused}, got {faults:?}", case["id"]));
        }
    });
    eprintln!("{run} refused cases, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn other_cases_are_accepted() {
    let mut wrong = Vec::new();
    let mut accepted = 0;
    for_each_case(|case, schema, stored| {
        if case.get("expect").is_none() {
            return;
        }
        match check(&rule_of(case), case["as"].as_str(), &schema, &stored) {
            Ok(_) => accepted += 1,
            Err(faults) => wrong.push(format!("{}: {} {faults:?}", case["id"], case["rule"])),
        }
    });
    eprintln!("{accepted} accepted, {} wrong", wrong.len());
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}
