use std::io::Write;

use serde_json::{Value as Json, json};

use super::*;

const BASIC: &str = "Basic d2s6"; // wk:

fn request(kind: RouteKind, body: &[u8]) -> TrackingRequest<'_> {
    TrackingRequest {
        kind,
        authorization: None,
        write_key_header: None,
        content_encoding: None,
        anonymous_id_header: None,
        remote_ip: None,
        body,
    }
}

fn batch(body: &Json) -> Vec<u8> {
    body.to_string().into_bytes()
}

fn run(request: &TrackingRequest<'_>) -> Result<Decoded, TrackingError> {
    decode(request, Instant(0), &Limits::default())
}

fn envelopes(decoded: &Decoded) -> Vec<Json> {
    decoded.payloads.iter().map(|payload| serde_json::from_slice(payload).unwrap()).collect()
}

fn gzip(body: &[u8]) -> Vec<u8> {
    let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
    encoder.write_all(body).unwrap();
    encoder.finish().unwrap()
}

#[test]
fn every_route_has_its_kind() {
    use MessageType::{Alias, Group, Identify, Page, Screen, Track};
    let table = [
        ("track", RouteKind::Single(Track)),
        ("t", RouteKind::Single(Track)),
        ("identify", RouteKind::Single(Identify)),
        ("i", RouteKind::Single(Identify)),
        ("page", RouteKind::Single(Page)),
        ("p", RouteKind::Single(Page)),
        ("screen", RouteKind::Single(Screen)),
        ("s", RouteKind::Single(Screen)),
        ("group", RouteKind::Single(Group)),
        ("g", RouteKind::Single(Group)),
        ("alias", RouteKind::Single(Alias)),
        ("a", RouteKind::Single(Alias)),
        ("batch", RouteKind::Batch),
        ("b", RouteKind::Batch),
        ("m", RouteKind::Telemetry),
    ];
    for (segment, kind) in table {
        assert_eq!(RouteKind::of(segment), Some(kind), "{segment}");
    }
    assert_eq!(RouteKind::of("metrics"), None);
}

#[test]
fn segment_node_batch() {
    let body = batch(&json!({
        "batch": [
            {"type": "track", "event": "a", "userId": "u", "messageId": "node-next-1-x", "timestamp": "2026-11-20T12:00:00.000Z",
             "context": {"library": {"name": "@segment/analytics-node", "version": "3.1.0"}}, "integrations": {},
             "_metadata": {"nodeVersion": "22"}},
            {"type": "identify", "userId": "u", "traits": {"age": 3}}
        ],
        "writeKey": "wk", "sentAt": "2026-11-20T12:00:01.000Z"
    }));
    let decoded = run(&TrackingRequest { authorization: Some(BASIC), ..request(RouteKind::Batch, &body) }).unwrap();
    assert_eq!(decoded.write_key, "wk");
    let envelopes = envelopes(&decoded);
    assert_eq!(envelopes.len(), 2);
    assert_eq!(envelopes[0]["v"], 1);
    assert_eq!(envelopes[0]["sent_at"], "2026-11-20T12:00:01.000Z");
    assert_eq!(envelopes[0]["message"]["event"], "a");
    assert_eq!(envelopes[1]["message"]["type"], "identify");
    assert!(envelopes[1].get("type").is_none());
}

#[test]
fn segment_browser_single_as_text_plain() {
    let body = concat!(
        r#"{"timestamp":"2026-11-20T12:00:00.000Z","event":"a","type":"track","writeKey":"page-key","#,
        r#""sentAt":"2026-11-20T12:00:00.100Z","_metadata":{"bundled":[]}}"#
    );
    let single = request(RouteKind::Single(MessageType::Track), body.as_bytes());
    let decoded = run(&TrackingRequest { authorization: Some(BASIC), ..single.clone() }).unwrap();
    assert_eq!(decoded.write_key, "wk", "the Basic user name goes before the body");
    assert_eq!(run(&single).unwrap().write_key, "page-key");
    let envelope = &decoded.payloads[0];
    let text = std::str::from_utf8(envelope).unwrap();
    assert!(text.contains(body), "the message is kept byte for byte");
    assert_eq!(envelopes(&decoded)[0]["type"], "track");
}

#[test]
fn rudder_batches_are_gzipped_whatever_the_headers_say() {
    let body = batch(&json!({"batch": [{"type": "track", "event": "a", "userId": "u", "anonymousId": null}], "sentAt": "x"}));
    let zipped = gzip(&body);
    for encoding in [Some("gzip"), Some("GZIP"), None, Some("identity")] {
        let sent =
            TrackingRequest { content_encoding: encoding, authorization: Some(BASIC), ..request(RouteKind::Batch, &zipped) };
        assert_eq!(run(&sent).unwrap().payloads.len(), 1, "{encoding:?}");
    }
    let plain_but_labelled =
        TrackingRequest { content_encoding: Some("gzip"), authorization: Some(BASIC), ..request(RouteKind::Batch, &body) };
    assert_eq!(run(&plain_but_labelled).unwrap().payloads.len(), 1);
    let brotli = TrackingRequest { content_encoding: Some("br"), ..request(RouteKind::Batch, &body) };
    assert_eq!(run(&brotli).unwrap_err().status(), 415);
    let cut = TrackingRequest { authorization: Some(BASIC), ..request(RouteKind::Batch, &zipped[..zipped.len() / 2]) };
    assert_eq!(run(&cut), Err(TrackingError::InvalidGzip));
}

#[test]
fn jitsu_key_is_in_a_header() {
    let body = br#"{"type":"track","event":"a","writeKey":"WK:***","anonymousId":"z"}"#;
    let sent = TrackingRequest { write_key_header: Some("real"), ..request(RouteKind::Single(MessageType::Track), body) };
    assert_eq!(run(&sent).unwrap().write_key, "real");
}

#[test]
fn rudder_browser_anonymous_id_header() {
    let body = br#"{"type":"track","event":"a"}"#;
    let sent = TrackingRequest {
        authorization: Some(BASIC),
        anonymous_id_header: Some("YW5vbi0x"),
        ..request(RouteKind::Single(MessageType::Track), body)
    };
    assert_eq!(envelopes(&run(&sent).unwrap())[0]["anonymous_id"], "anon-1");
}

#[test]
fn batch_context_and_direct_address() {
    let body = batch(&json!({
        "batch": [{"type": "track", "event": "a", "userId": "u", "context": {"direct": true}}, 5, {"no": "type"}],
        "context": {"app": {"name": "x"}}
    }));
    let sent =
        TrackingRequest { authorization: Some(BASIC), remote_ip: Some("192.0.2.1".into()), ..request(RouteKind::Batch, &body) };
    let found = envelopes(&run(&sent).unwrap());
    assert_eq!(found.len(), 3, "bad items are for the quarantine, not for a refusal");
    assert_eq!(found[0]["context"]["app"]["name"], "x");
    assert_eq!(found[0]["ip"], "192.0.2.1");
    let without = batch(&json!({"batch": [{"type": "track", "event": "a", "userId": "u"}]}));
    let sent = TrackingRequest { body: &without, ..sent };
    assert!(envelopes(&run(&sent).unwrap())[0].get("ip").is_none());
}

#[test]
fn telemetry_is_dropped() {
    let decoded = run(&request(RouteKind::Telemetry, b"{\"series\":[]}")).unwrap();
    assert!(decoded.payloads.is_empty());
}

#[test]
fn refusals() {
    let many: Vec<Json> = (0..2501).map(|_| json!({})).collect();
    let many = batch(&json!({ "batch": many }));
    let table: [(&[u8], TrackingError, u16); 9] = [
        (b"{", TrackingError::InvalidJson, 400),
        (b"", TrackingError::InvalidJson, 400),
        (b"\xff\xfe{}", TrackingError::InvalidJson, 400),
        (b"[1]", TrackingError::NotAnObject, 400),
        (b"{}", TrackingError::BatchNotAList, 400),
        (b"{\"batch\":{}}", TrackingError::BatchNotAList, 400),
        (b"{\"batch\":null}", TrackingError::BatchNotAList, 400),
        (b"{\"batch\":[]}", TrackingError::EmptyBatch, 400),
        (&many, TrackingError::BatchTooLarge, 413),
    ];
    for (body, error, status) in table {
        let sent = TrackingRequest { authorization: Some(BASIC), ..request(RouteKind::Batch, body) };
        assert_eq!(run(&sent), Err(error.clone()));
        assert_eq!(error.status(), status);
    }
    let no_key = request(RouteKind::Batch, b"{\"batch\":[{}]}");
    assert_eq!(run(&no_key).unwrap_err().status(), 401);
    for authorization in ["Basic !!!", "Basic", "Bearer abc", "Basic Og=="] {
        assert_eq!(
            run(&TrackingRequest { authorization: Some(authorization), ..no_key.clone() }),
            Err(TrackingError::NoWriteKey)
        );
    }
}

#[test]
fn a_batchs_context_cannot_blow_up_the_log() {
    let messages: Vec<Json> = (0..2500).map(|_| json!({})).collect();
    let body = batch(&json!({"batch": messages, "context": {"c": "x".repeat(10_000)}, "writeKey": "wk"}));
    assert_eq!(run(&request(RouteKind::Batch, &body)), Err(TrackingError::BodyTooLarge));
}

#[test]
fn records_carry_source_and_time() {
    let body = br#"{"event":"a","userId":"u","writeKey":"wk"}"#;
    let single = request(RouteKind::Single(MessageType::Track), body);
    let decoded = decode(&single, Instant(7), &Limits::default()).unwrap();
    let payload = decoded.payloads[0].clone();
    assert_eq!(*decoded.into_records("s1"), [NewRecord { source: "s1".into(), received_at: 7, payload }]);
}

#[test]
fn sizes_are_bounded_before_and_after_gunzip() {
    let limits = Limits { body_bytes: 1000, inflated_bytes: 2000, ..Limits::default() };
    let large = vec![b' '; 1001];
    assert_eq!(decode(&request(RouteKind::Batch, &large), Instant(0), &limits), Err(TrackingError::BodyTooLarge));
    let bomb = gzip(&vec![b' '; 1 << 20]);
    assert!(
        bomb.len() > 1000 || decode(&request(RouteKind::Batch, &bomb), Instant(0), &limits) == Err(TrackingError::BodyTooLarge)
    );
    let limits = Limits { inflated_bytes: 2000, ..Limits::default() };
    assert_eq!(decode(&request(RouteKind::Batch, &bomb), Instant(0), &limits), Err(TrackingError::BodyTooLarge));
}
