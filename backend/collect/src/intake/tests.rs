use rollcall_rules::{EventFact, Instant, ProfileFact, TraitUpdate, Value};
use serde_json::{Value as Json, json};

use super::*;
use crate::tracking::{MessageType, RouteKind, TrackingRequest, decode};

/// 2026-11-20T12:00:00Z.
const RECEIVED: i64 = 1_795_176_000_000_000;
const SECOND: i64 = 1_000_000;

fn intake() -> Intake {
    Intake::new(Schema::default(), Limits::default())
}

fn record_of(offset: u64, payload: Vec<u8>) -> Record {
    Record { offset, source: "web".into(), received_at: RECEIVED, payload }
}

/// A record as it comes from `/v1/batch`, with `sentAt` if given.
fn batched(offset: u64, message: &Json, sent_at: Option<&str>) -> Record {
    let mut body = json!({"batch": [message], "writeKey": "wk"});
    if let Some(sent_at) = sent_at {
        body["sentAt"] = sent_at.into();
    }
    let body = body.to_string();
    let request = TrackingRequest {
        kind: RouteKind::Batch,
        authorization: None,
        write_key_header: None,
        content_encoding: None,
        anonymous_id_header: None,
        remote_ip: None,
        body: body.as_bytes(),
    };
    let decoded = decode(&request, Instant(RECEIVED), &Limits::default()).unwrap();
    record_of(offset, decoded.payloads.into_iter().next().unwrap())
}

fn take(intake: &mut Intake, offset: u64, message: &Json) -> Outcome {
    intake.take(&batched(offset, message, None), |_| false)
}

fn event(outcome: Outcome) -> EventFact {
    match outcome {
        Outcome::Accepted(Fact::Event(event)) => event,
        other => panic!("{other:?}"),
    }
}

fn profile(outcome: Outcome) -> ProfileFact {
    match outcome {
        Outcome::Accepted(Fact::Profile(profile)) => profile,
        other => panic!("{other:?}"),
    }
}

fn reason(outcome: Outcome) -> &'static str {
    match outcome {
        Outcome::Quarantined { reason, detail } => {
            assert!(!detail.is_empty());
            reason
        }
        other => panic!("{other:?}"),
    }
}

fn text(value: &str) -> Value {
    Value::String(value.into())
}

#[test]
fn a_track_message_becomes_an_event() {
    let message = json!({
        "type": "track", "event": "purchase", "userId": "u1", "anonymousId": "a1", "messageId": "m1",
        "timestamp": "2026-11-19T10:00:00.5+01:00",
        "properties": {"price": 3.5, "b": true, "a.b": "literal", "a": {"b": "path", "c": [1, 2]}, "nothing": null},
        "context": {"app": {"name": "x y"}}
    });
    let fact = event(take(&mut intake(), 7, &message));
    assert_eq!((fact.seq, fact.source.as_str(), fact.name.as_str()), (7, "web", "purchase"));
    assert_eq!((fact.user_id.as_deref(), fact.anonymous_id.as_deref(), fact.message_id.as_str()), (Some("u1"), Some("a1"), "m1"));
    assert_eq!(fact.time, Instant::parse("2026-11-19T09:00:00.5Z").unwrap());
    assert_eq!(fact.received_at, Instant(RECEIVED));
    let paths: Vec<_> = fact.properties.iter().map(|(path, value)| (path.as_str(), value.clone())).collect();
    assert_eq!(
        paths,
        [
            ("a", Value::Object(r#"{"b":"path","c":[1,2]}"#.into())),
            ("a.b", text("literal")),
            ("a.c", Value::NumberList(vec![1.0, 2.0])),
            ("b", Value::Boolean(true)),
            ("price", Value::Number(3.5)),
        ]
    );
    assert_eq!(fact.context, r#"{"app":{"name":"x y"}}"#);
    let raw: Json = serde_json::from_str(&fact.raw_properties).unwrap();
    assert_eq!(raw, message["properties"]);
}

#[test]
fn white_space_goes_and_nothing_else() {
    let raw = "{\"type\": \"track\", \"event\": \"e\", \"userId\": \"u\", \
        \"properties\": { \"a b\" : \"x \\\" y\\\\\" ,\n \"n\": 1.50 }}";
    let payload = format!("{{\"v\":1,\"message\":{raw}}}").into_bytes();
    let fact = event(intake().take(&record_of(1, payload), |_| false));
    assert_eq!(fact.raw_properties, "{\"a b\":\"x \\\" y\\\\\",\"n\":1.50}");
    assert_eq!(fact.properties, [("a b".to_owned(), text("x \" y\\")), ("n".to_owned(), Value::Number(1.5))]);
}

#[test]
fn an_identify_message_becomes_a_profile_update_from_both_places() {
    let rudder = json!({"type": "identify", "userId": "u", "context": {"traits": {"age": 3, "city": "Rome"}, "library": {}}});
    let fact = profile(take(&mut intake(), 1, &rudder));
    let update = |key: &str, value| TraitUpdate { key: key.into(), path: key.into(), value };
    assert_eq!(fact.traits, [update("age", Some(Value::Number(3.0))), update("city", Some(text("Rome")))]);
    assert_eq!(fact.raw_traits, r#"{"age":3,"city":"Rome"}"#);
    let both = json!({"type": "identify", "userId": "u", "traits": {"age": 4, "gone": null},
        "context": {"traits": {"age": 3, "city": "Rome"}}});
    let fact = profile(take(&mut intake(), 1, &both));
    assert_eq!(fact.traits, [update("city", Some(text("Rome"))), update("age", Some(Value::Number(4.0))), update("gone", None)]);
    let nested = json!({"type": "identify", "userId": "u", "traits": {"address": {"city": "Rome"}}});
    let fact = profile(take(&mut intake(), 1, &nested));
    assert_eq!(fact.traits[1], TraitUpdate { key: "address".into(), path: "address.city".into(), value: Some(text("Rome")) });
    let bare = profile(take(&mut intake(), 1, &json!({"type": "identify", "anonymousId": "a"})));
    assert_eq!((bare.user_id, bare.traits.len(), bare.raw_traits.as_str()), (None, 0, "{}"));
}

#[test]
fn the_traits_in_a_tracks_context_are_only_context() {
    let mut intake = intake();
    let fact =
        event(take(&mut intake, 1, &json!({"type": "track", "event": "e", "userId": "u", "context": {"traits": {"age": 3}}})));
    assert_eq!(fact.context, r#"{"traits":{"age":3}}"#);
    assert!(intake.schema().traits.is_empty());
}

#[test]
fn page_screen_group_and_alias_become_events() {
    let mut intake = intake();
    let page = event(take(
        &mut intake,
        1,
        &json!({"type": "page", "userId": "u", "name": "Home", "category": "Docs", "properties": {"url": "/", "name": "old"}}),
    ));
    assert_eq!(page.name, "page");
    let expected = [("category", text("Docs")), ("name", text("Home")), ("url", text("/"))];
    assert_eq!(page.properties, expected.map(|(path, value)| (path.to_owned(), value)));
    assert_eq!(page.raw_properties, r#"{"url":"/","name":"Home","category":"Docs"}"#);
    let screen = event(take(&mut intake, 2, &json!({"type": "screen", "userId": "u"})));
    assert_eq!((screen.name.as_str(), screen.raw_properties.as_str()), ("screen", "{}"));
    let group = event(take(&mut intake, 3, &json!({"type": "group", "userId": "u", "groupId": 12, "traits": {"plan": "x"}})));
    assert_eq!(group.name, "group");
    assert_eq!(group.properties, [("group_id".to_owned(), text("12")), ("plan".to_owned(), text("x"))]);
    let alias = event(take(&mut intake, 4, &json!({"type": "alias", "userId": "new", "previousId": "old"})));
    assert_eq!((alias.name.as_str(), alias.user_id.as_deref()), ("alias", Some("new")));
    assert_eq!(alias.properties, [("previous_id".to_owned(), text("old"))]);
    assert_eq!(alias.raw_properties, r#"{"previous_id":"old"}"#);
}

#[test]
fn every_reason() {
    let long = "x".repeat(300);
    let many: serde_json::Map<String, Json> = (0..1001).map(|at| (format!("p{at}"), at.into())).collect();
    let mut deep = json!(1);
    for _ in 0..33 {
        deep = json!({ "d": deep });
    }
    let table = [
        ("message_not_object", json!(5)),
        ("type_missing", json!({"userId": "u"})),
        ("type_unknown", json!({"type": "purchase", "userId": "u"})),
        ("type_unknown", json!({"type": 4, "userId": "u"})),
        ("no_user_anon_id", json!({"type": "track", "event": "e"})),
        ("no_user_anon_id", json!({"type": "track", "event": "e", "userId": "", "anonymousId": null})),
        ("id_not_string", json!({"type": "track", "event": "e", "userId": {"a": 1}})),
        ("id_not_string", json!({"type": "track", "event": "e", "userId": true})),
        ("id_too_long", json!({"type": "track", "event": "e", "userId": "u".repeat(1025)})),
        ("id_has_nul", json!({"type": "track", "event": "e", "userId": "u\u{0}v"})),
        ("event_not_defined", json!({"type": "track", "userId": "u"})),
        ("event_not_defined", json!({"type": "track", "userId": "u", "event": ""})),
        ("event_not_string", json!({"type": "track", "userId": "u", "event": 3})),
        ("event_name_too_long", json!({"type": "track", "userId": "u", "event": long})),
        ("properties_not_object", json!({"type": "track", "userId": "u", "event": "e", "properties": [1]})),
        ("traits_not_object", json!({"type": "identify", "userId": "u", "traits": "x"})),
        ("context_not_object", json!({"type": "track", "userId": "u", "event": "e", "context": []})),
        ("name_not_string", json!({"type": "page", "userId": "u", "name": 1})),
        ("category_not_string", json!({"type": "page", "userId": "u", "category": 1})),
        ("id_required", json!({"type": "group", "userId": "u"})),
        ("previous_id_missing", json!({"type": "alias", "userId": "u"})),
        ("message_id_too_long", json!({"type": "track", "event": "e", "userId": "u", "messageId": "m".repeat(101)})),
        ("id_not_string", json!({"type": "track", "event": "e", "userId": "u", "messageId": ["m"]})),
        ("timestamp_invalid", json!({"type": "track", "event": "e", "userId": "u", "timestamp": "yesterday"})),
        ("timestamp_invalid", json!({"type": "track", "event": "e", "userId": "u", "timestamp": 1_700_000_000})),
        (
            "number_not_exact",
            json!({"type": "track", "event": "e", "userId": "u", "properties": {"n": 9_007_199_254_740_993_i64}}),
        ),
        ("too_many_properties", json!({"type": "track", "event": "e", "userId": "u", "properties": many})),
        ("too_deep", json!({"type": "track", "event": "e", "userId": "u", "properties": {"p": deep}})),
        ("property_name_too_long", json!({"type": "track", "event": "e", "userId": "u", "properties": {"p".repeat(256): 1}})),
        ("too_large", json!({"type": "track", "event": "e", "userId": "u", "properties": {"p": "x".repeat(33_000)}})),
    ];
    for (expected, message) in table {
        assert_eq!(reason(take(&mut intake(), 1, &message)), expected, "{message}");
    }
}

#[test]
fn unreadable_messages_are_quarantined() {
    let table = [
        ("malformed", r#"{"type":"track","type":"track","userId":"u","event":"e"}"#.to_owned()),
        ("malformed", r#"{"type":"track","userId":"u","event":"e","properties":{"p":"\ud800"}}"#.to_owned()),
        ("number_not_exact", r#"{"type":"track","userId":"u","event":"e","properties":{"p":1e999}}"#.to_owned()),
        (
            "too_deep",
            format!(r#"{{"type":"track","userId":"u","event":"e","properties":{{"p":{}{}}}}}"#, "[".repeat(500), "]".repeat(500)),
        ),
    ];
    for (expected, message) in table {
        let payload = format!("{{\"v\":1,\"message\":{message}}}").into_bytes();
        assert_eq!(reason(intake().take(&record_of(1, payload), |_| false)), expected, "{message:.80}");
    }
    for payload in [&b"not json"[..], b"{\"v\":2,\"message\":{}}", b"{}"] {
        assert_eq!(reason(intake().take(&record_of(1, payload.to_vec()), |_| false)), "malformed");
    }
}

#[test]
fn ids_given_as_numbers_become_texts() {
    let fact = event(take(
        &mut intake(),
        9,
        &json!({"type": "track", "event": "e", "userId": 12345678901234567890_u64, "anonymousId": -1}),
    ));
    assert_eq!((fact.user_id.as_deref(), fact.anonymous_id.as_deref()), (Some("12345678901234567890"), Some("-1")));
    assert_eq!(fact.message_id, "srv:9");
}

#[test]
fn clocks_are_corrected() {
    let at = |seconds: i64| Instant(RECEIVED + seconds * SECOND).to_rfc3339();
    // (timestamp, originalTimestamp, sentAt of the batch, sentAt of the message) -> (seconds from receipt, clamped)
    let table = [
        (Some(-10), None, None, None, -10, false),
        (None, None, Some(0), None, 0, false),
        (Some(-10), None, Some(-4), None, -6, false),
        (None, Some(-10), Some(-4), None, -6, false),
        (Some(-99), Some(-10), Some(-4), None, -6, false),
        (Some(-10), None, Some(-4), Some(-8), -6, false),
        (Some(-10), None, None, Some(-8), -2, false),
        // A client whose clock is an hour ahead.
        (Some(3590), None, Some(3600), None, -10, false),
        // A time after its own sending.
        (Some(50), None, Some(0), None, 0, true),
        (Some(1), None, Some(0), None, 1, false),
        // Without `sentAt` nothing is known about the client's clock, but nothing has happened that is yet to come.
        (Some(-50), None, None, None, -50, false),
        (Some(50), None, None, None, 0, true),
    ];
    for (timestamp, original, batch_sent, own_sent, expected, clamped) in table {
        let mut message = json!({"type": "track", "event": "e", "userId": "u"});
        let fields = [("timestamp", timestamp), ("originalTimestamp", original), ("sentAt", own_sent)];
        for (key, seconds) in fields {
            if let Some(seconds) = seconds {
                message[key] = at(seconds).into();
            }
        }
        let record = batched(1, &message, batch_sent.map(at).as_deref());
        let mut intake = intake();
        let checked = intake.check(&record);
        assert_eq!(checked.clamped, clamped, "{message}");
        let fact = event(intake.decide(&record, checked, false));
        assert_eq!((fact.time.0 - RECEIVED) / SECOND, expected, "{message}");
    }
    let record = batched(1, &json!({"type": "track", "event": "e", "userId": "u", "timestamp": at(-5)}), Some("not a time"));
    assert_eq!(event(intake().take(&record, |_| false)).time, Instant(RECEIVED - 5 * SECOND));
}

#[test]
fn duplicates_are_told_per_user_or_visitor() {
    let mut intake = intake();
    let message = |user: Option<&str>, id: &str| {
        let mut message = json!({"type": "track", "event": "e", "userId": user, "anonymousId": "a"});
        message["messageId"] = id.into();
        message
    };
    assert!(matches!(take(&mut intake, 1, &message(Some("u"), "m")), Outcome::Accepted(_)));
    assert_eq!(take(&mut intake, 2, &message(Some("u"), "m")), Outcome::Duplicate { message_id: "m".into() });
    assert!(matches!(take(&mut intake, 3, &message(Some("v"), "m")), Outcome::Accepted(_)));
    assert!(matches!(take(&mut intake, 4, &message(None, "m")), Outcome::Accepted(_)));
    assert!(matches!(take(&mut intake, 5, &message(None, "m")), Outcome::Duplicate { .. }));
    intake.settle();
    let record = batched(6, &message(Some("u"), "m"), None);
    let key = MessageKey::of("u", "m");
    assert!(matches!(intake.take(&record, |asked| asked == key), Outcome::Duplicate { .. }));
    assert!(matches!(intake.take(&record, |_| false), Outcome::Accepted(_)));
}

#[test]
fn a_quarantined_record_hides_no_later_one_and_teaches_nothing() {
    let mut intake = intake();
    let message = |price: Json, extra: Json| {
        let properties = json!({"extra": extra, "price": price});
        json!({"type": "track", "event": "e", "userId": "u", "messageId": "m", "properties": properties})
    };
    take(
        &mut intake,
        1,
        &json!({"type": "track", "event": "e", "userId": "u", "messageId": "first", "properties": {"price": 1}}),
    );
    assert_eq!(reason(take(&mut intake, 2, &message(json!("dear"), json!(1)))), "type_clash");
    assert_eq!(intake.schema().property_type("e", "extra"), None);
    assert!(matches!(take(&mut intake, 3, &message(json!(2), json!("text"))), Outcome::Accepted(_)));
    assert_eq!(intake.schema().property_type("e", "extra"), Some(ValueType::String));
    assert!(matches!(take(&mut intake, 4, &message(json!("dear"), json!("text"))), Outcome::Duplicate { .. }));
}

#[test]
fn types_are_learnt_per_event_and_convert_without_loss() {
    let mut intake = intake();
    let mut send = |offset, event: &str, value: Json| {
        take(&mut intake, offset, &json!({"type": "track", "event": event, "userId": "u", "properties": {"p": value}}))
    };
    assert!(matches!(send(1, "a", json!(3)), Outcome::Accepted(_)));
    assert_eq!(event(send(2, "a", json!("3"))).properties[0].1, Value::Number(3.0));
    assert_eq!(reason(send(3, "a", json!("03"))), "type_clash");
    assert_eq!(reason(send(4, "a", json!(true))), "type_clash");
    assert_eq!(event(send(5, "b", json!("03"))).properties[0].1, text("03"));
    assert_eq!(event(send(6, "b", json!(4))).properties[0].1, text("4"));
    let Outcome::Quarantined { detail, .. } = send(7, "a", json!({"x": 1})) else { panic!() };
    assert!(detail.starts_with("p (expected number)"), "{detail}");
    assert!(intake.settle());
    assert!(!intake.settle());
}

#[test]
fn declared_types_win() {
    let mut schema = Schema::default();
    schema.properties.insert("at".into(), ValueType::DateTime);
    schema.traits.insert("born".into(), ValueType::Date);
    let mut intake = Intake::new(schema, Limits::default());
    let fact = event(take(
        &mut intake,
        1,
        &json!({"type": "track", "event": "e", "userId": "u", "properties": {"at": "2026-01-01T00:00:00Z"}}),
    ));
    assert!(matches!(fact.properties[0].1, Value::DateTime(_)));
    assert_eq!(intake.schema().events["e"]["at"], ValueType::DateTime);
    let fact = profile(take(&mut intake, 2, &json!({"type": "identify", "userId": "u", "traits": {"born": "1990-02-03"}})));
    assert!(matches!(fact.traits[0].value, Some(Value::Date(_))));
    assert_eq!(
        reason(take(&mut intake, 3, &json!({"type": "identify", "userId": "u", "traits": {"born": "soon"}}))),
        "type_clash"
    );
}

#[test]
fn a_path_reached_by_two_keys_has_one_type() {
    let message = json!({"type": "identify", "userId": "u", "traits": {"a.b": 1, "a": {"b": "x"}}});
    assert_eq!(reason(take(&mut intake(), 1, &message)), "type_clash");
    let message = json!({"type": "identify", "userId": "u", "traits": {"a.b": "y", "a": {"b": 5}}});
    let fact = profile(take(&mut intake(), 1, &message));
    assert_eq!(fact.traits[2].value, Some(text("5")));
}

#[test]
fn the_order_of_the_log_decides_and_not_the_order_of_checking() {
    let mut intake = intake();
    let first = batched(1, &json!({"type": "track", "event": "e", "userId": "u", "properties": {"p": 1}}), None);
    let second = batched(2, &json!({"type": "track", "event": "e", "userId": "u", "properties": {"p": "2"}}), None);
    let third = batched(3, &json!({"type": "track", "event": "e", "userId": "u", "properties": {"p": "x"}}), None);
    let checked: Vec<_> = [&first, &second, &third].map(|record| intake.check(record)).into();
    let mut checked = checked.into_iter();
    assert_eq!(event(intake.decide(&first, checked.next().unwrap(), false)).properties[0].1, Value::Number(1.0));
    assert_eq!(event(intake.decide(&second, checked.next().unwrap(), false)).properties[0].1, Value::Number(2.0));
    assert_eq!(reason(intake.decide(&third, checked.next().unwrap(), false)), "type_clash");
}

#[test]
fn the_number_of_known_names_is_bounded() {
    let limits = Limits { known_events: 2, known_paths: 3, ..Limits::default() };
    let mut intake = Intake::new(Schema::default(), limits);
    for name in ["a", "b"] {
        assert!(matches!(take(&mut intake, 1, &json!({"type": "track", "event": name, "userId": name})), Outcome::Accepted(_)));
    }
    assert_eq!(reason(take(&mut intake, 2, &json!({"type": "track", "event": "c", "userId": "u"}))), "too_many_events");
    let wide = json!({"type": "track", "event": "a", "userId": "u", "properties": {"p1": 1, "p2": 1, "p3": 1, "p4": 1}});
    assert_eq!(reason(take(&mut intake, 3, &wide)), "too_many_properties");
}

#[test]
fn what_a_batch_and_headers_say_is_merged() {
    let body =
        json!({"batch": [{"type": "track", "event": "e", "context": {"direct": true, "b": 2}}], "context": {"a": 1, "b": 1}})
            .to_string();
    let request = TrackingRequest {
        kind: RouteKind::Batch,
        authorization: Some("Basic d2s6"),
        write_key_header: None,
        content_encoding: None,
        anonymous_id_header: Some("YW5vbg"),
        remote_ip: Some("192.0.2.1".into()),
        body: body.as_bytes(),
    };
    let decoded = decode(&request, Instant(RECEIVED), &Limits::default()).unwrap();
    let fact = event(intake().take(&record_of(1, decoded.payloads[0].clone()), |_| false));
    assert_eq!(fact.anonymous_id.as_deref(), Some("anon"));
    assert_eq!(fact.context, r#"{"a":1,"direct":true,"b":2,"ip":"192.0.2.1"}"#);
}

#[test]
fn the_route_implies_the_type() {
    let request = TrackingRequest {
        kind: RouteKind::Single(MessageType::Track),
        authorization: Some("Basic d2s6"),
        write_key_header: None,
        content_encoding: None,
        anonymous_id_header: None,
        remote_ip: None,
        body: br#"{"event":"e","userId":"u","type":"identify"}"#,
    };
    let decoded = decode(&request, Instant(RECEIVED), &Limits::default()).unwrap();
    assert_eq!(event(intake().take(&record_of(1, decoded.payloads[0].clone()), |_| false)).name, "e");
}

/// The envelope as version 1 first wrote it.
#[test]
fn version_1_of_the_envelope_is_still_read() {
    let payload = concat!(
        r#"{"v":1,"type":"track","sent_at":"2026-11-20T12:00:10Z","anonymous_id":"a","ip":"192.0.2.1","#,
        r#""context":{"direct":true},"message":{"event":"e","timestamp":"2026-11-20T12:00:00Z"}}"#
    );
    let fact = event(intake().take(&record_of(1, payload.into()), |_| false));
    assert_eq!((fact.name.as_str(), fact.anonymous_id.as_deref()), ("e", Some("a")));
    assert_eq!(fact.time, Instant(RECEIVED - 10 * SECOND));
    assert_eq!(fact.context, r#"{"direct":true,"ip":"192.0.2.1"}"#);
    let import = concat!(
        r#"{"v":1,"import":"i","message_id":"import:ab:1","types":{"day":"date"},"#,
        r#""message":{"type":"track","event":"e","userId":"u","properties":{"day":"2026-01-02"}}}"#
    );
    let fact = event(intake().take(&record_of(1, import.into()), |_| false));
    assert_eq!(fact.message_id, "import:ab:1");
    assert!(matches!(fact.properties[0].1, Value::Date(_)));
    let rejected = concat!(
        r#"{"v":1,"import":"i","message_id":"import:ab:2","#,
        r#""rejected":{"reason":"row_malformed","detail":"3 fields"},"message":"1,2,3"}"#
    );
    assert_eq!(reason(intake().take(&record_of(1, rejected.into()), |_| false)), "row_malformed");
    assert_eq!(crate::envelope::raw_of(rejected.as_bytes()), b"1,2,3");
}
