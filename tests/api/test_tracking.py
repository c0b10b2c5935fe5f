"""The Segment-compatible routes: what clients send, in every dress that they send it in."""

import base64
import gzip
import json

import pytest

from support.client import check_problem
from support.tracking import identify, track
from support.waiting import eventually

pytestmark = pytest.mark.quick

SINGLE = {
    "track": {"userId": "u1", "event": "Opened", "properties": {"n": 1}},
    "identify": {"userId": "u1", "traits": {"plan": "pro"}},
    "page": {"userId": "u1", "name": "Home", "properties": {"path": "/"}},
    "screen": {"userId": "u1", "name": "Main", "properties": {}},
    "group": {"userId": "u1", "groupId": "g1", "traits": {"seats": 3}},
    "alias": {"userId": "u1", "previousId": "old"},
}


@pytest.mark.parametrize("short", [False, True])
@pytest.mark.parametrize("kind", SINGLE)
def test_single_routes_long_and_short(tracker, admin, kind, short):
    path = f"/v1/{kind[0] if short else kind}"
    tracker.send(path, {**SINGLE[kind], "messageId": f"{path}-1"})
    assert tracker.settled(admin)["accepted"] == 1
    record = admin.get(f"/api/v1/sources/{tracker.source['id']}/recent")["items"][0]
    assert (record["outcome"], record["type"], record["user_id"]) == ("accepted", kind, "u1")
    assert record["message_id"] == f"{path}-1"


@pytest.mark.parametrize("path", ["/v1/batch", "/v1/b"])
def test_batch_routes(tracker, admin, path):
    tracker.send(path, {"batch": [{"type": kind, **body} for kind, body in SINGLE.items()]}, len(SINGLE))
    assert tracker.settled(admin)["accepted"] == len(SINGLE)


BODY = {"userId": "u2", "event": "Dressed", "messageId": "m"}
DRESSES = {
    "basic": lambda t: ({**BODY}, t.basic()),
    "key in body": lambda t: ({**BODY, "writeKey": t.key}, {}),
    "key in header": lambda t: ({**BODY}, {"X-Write-Key": t.key}),
    "text/plain": lambda t: ({**BODY}, {**t.basic(), "Content-Type": "text/plain"}),
    "form type": lambda t: ({**BODY}, {**t.basic(), "Content-Type": "application/x-www-form-urlencoded"}),
    "no password colon": lambda t: ({**BODY}, {"Authorization": "Basic " + base64.b64encode(t.key.encode()).decode()}),
}


@pytest.mark.parametrize("zipped", [False, True], ids=["plain", "gzip"])
@pytest.mark.parametrize("dress", DRESSES)
def test_keys_types_and_compression(tracker, admin, dress, zipped):
    body, headers = DRESSES[dress](tracker)
    body["messageId"] = f"{dress}-{zipped}"  # one user's message counts once, whichever source it comes by
    answer = tracker.raw("/v1/track", body, headers, gzip=zipped)
    assert (answer.status_code, answer.json().get("success")) == (200, True), answer.text
    assert tracker.settled(admin, 1)["accepted"] == 1


@pytest.mark.parametrize("headers", [
    {},
    {"Authorization": "Basic " + base64.b64encode(b"no-such-key:").decode()},
    {"Authorization": "Basic !!!"},
    {"X-Write-Key": "no-such-key"},
], ids=["none", "unknown", "unreadable", "unknown header"])
def test_bad_keys(tracker, admin, headers):
    answer = tracker.raw("/v1/track", BODY, headers)
    assert answer.status_code == 401
    refusal(answer)


def test_a_disabled_source_takes_nothing(tracker, admin):
    admin.patch(f"/api/v1/sources/{tracker.source['id']}", json={"disabled": True})
    assert tracker.raw("/v1/track", BODY, tracker.basic()).status_code in (401, 403)
    admin.patch(f"/api/v1/sources/{tracker.source['id']}", json={"disabled": False})
    tracker.send("/v1/track", BODY)
    assert tracker.settled(admin)["received"] == 1


def test_after_rotation_only_the_new_key_works(tracker, admin):
    rotated = admin.post(f"/api/v1/sources/{tracker.source['id']}/rotate-key")
    assert rotated["write_key"] != tracker.key
    assert tracker.raw("/v1/track", BODY, tracker.basic()).status_code == 401
    assert tracker.raw("/v1/track", BODY, tracker.basic(rotated["write_key"])).status_code == 200


@pytest.mark.parametrize(("body", "gzipped"), [
    (b"", False), (b"{", False), (b"[]", False), (b'"text"', False), (b"\xff\xfe", False), (b"not gzip", True),
], ids=["empty", "cut off", "array", "text", "not utf-8", "not gzip"])
def test_unreadable_bodies(tracker, admin, body, gzipped):
    headers = {**tracker.basic(), **({"Content-Encoding": "gzip"} if gzipped else {})}
    answer = tracker.raw("/v1/track", body, headers)
    assert answer.status_code == 400, answer.text
    refusal(answer)
    assert admin.ledger(tracker.source["id"])["received"] == 0


def test_a_bad_key_is_refused_before_the_body_is_read(tracker):
    assert tracker.raw("/v1/track", b"not even json", tracker.basic("no-such-key")).status_code == 401


def test_of_a_large_message_the_debugger_keeps_the_beginning(tracker, admin):
    tracker.send("/v1/track", {**BODY, "messageId": "large", "properties": {"text": "x" * 300_000}})
    tracker.send("/v1/track", {**BODY, "messageId": "small"})
    tracker.settled(admin)
    small, large = admin.get(f"/api/v1/sources/{tracker.source['id']}/recent")["items"]
    assert (small["raw_cut"], small["raw"]["messageId"]) == (False, "small")
    assert large["raw_cut"] is True and large["raw"].startswith("{") and len(large["raw"]) <= 32 << 10


@pytest.mark.parametrize("body", [{}, {"batch": {}}, {"batch": "x"}])
def test_a_batch_is_a_list(tracker, body):
    answer = tracker.raw("/v1/batch", body, tracker.basic())
    assert answer.status_code == 400
    refusal(answer)


def test_too_large(tracker, admin):
    huge = {**BODY, "properties": {"text": "x" * 6_000_000}}
    answer = tracker.raw("/v1/track", huge, tracker.basic())
    assert answer.status_code == 413
    refusal(answer)


def test_a_small_request_cannot_unpack_into_a_large_one(tracker):
    bomb = gzip.compress(b'{"userId":"u","event":"e","properties":{"t":"' + b"x" * 200_000_000 + b'"}}')
    assert len(bomb) < 1_000_000
    answer = tracker.raw("/v1/track", bomb, {**tracker.basic(), "Content-Encoding": "gzip"})
    assert answer.status_code == 413
    refusal(answer)


def refusal(answer):
    """Tracking errors say it in the words of both worlds."""
    problem = check_problem(answer)
    assert problem["success"] is False and problem["message"]


@pytest.mark.parametrize("path", ["/v1/t", "/v1/i", "/v1/p", "/v1/b", "/v1/batch", "/v1/track", "/v1/m"])
def test_browsers_of_other_sites_may_send(tracker, path):
    answer = tracker.http.options(path, headers={
        "Origin": "https://www.shop.example",
        "Access-Control-Request-Method": "POST",
        "Access-Control-Request-Headers": "authorization,content-type,x-retry-count,anonymousid,sentat",
    })
    assert answer.status_code in (200, 204)
    assert answer.headers["access-control-allow-origin"] in ("*", "https://www.shop.example")
    allowed = answer.headers["access-control-allow-headers"].lower()
    assert allowed == "*" or all(name in allowed for name in ("authorization", "content-type", "x-retry-count", "anonymousid", "sentat"))
    assert "POST" in answer.headers["access-control-allow-methods"]


def test_browsers_of_other_sites_may_not_reach_the_management_routes(server, admin):
    answer = admin.response("OPTIONS", "/api/v1/segments", headers={
        "Origin": "https://evil.example", "Access-Control-Request-Method": "POST",
    })
    assert "access-control-allow-origin" not in answer.headers


def test_a_sent_event_may_be_read_by_the_page_that_sent_it(tracker):
    answer = tracker.raw("/v1/t", {**BODY, "writeKey": tracker.key}, {"Origin": "https://www.shop.example", "Content-Type": "text/plain"})
    assert answer.headers["access-control-allow-origin"] in ("*", "https://www.shop.example")


def test_settings_for_the_browser_sdk(tracker):
    answer = tracker.http.get(f"/v1/projects/{tracker.key}/settings")
    assert answer.status_code == 200
    assert answer.json()["integrations"]["Segment.io"]["apiKey"] == tracker.key


def test_telemetry_is_dropped(tracker, admin):
    answer = tracker.raw("/v1/m", {"series": [{"type": "Counter", "metric": "x", "value": 1, "tags": {}}]}, {"Content-Type": "text/plain"})
    assert 200 <= answer.status_code < 300
    assert admin.ledger(tracker.source["id"])["received"] == 0


WRONG = {
    "no user": {"type": "track", "event": "e"},
    "empty user": {"type": "track", "userId": "", "event": "e"},
    "no event": {"type": "track", "userId": "u"},
    "event not text": {"type": "track", "userId": "u", "event": 3},
    "properties not an object": {"type": "track", "userId": "u", "event": "e", "properties": []},
    "traits not an object": {"type": "identify", "userId": "u", "traits": "x"},
    "no type": {"userId": "u", "event": "e"},
    "unknown type": {"type": "dance", "userId": "u"},
    "bad time": {"type": "track", "userId": "u", "event": "e", "timestamp": "yesterday"},
    "not an object": 7,
}


@pytest.mark.parametrize("fault", WRONG)
def test_a_wrong_message_in_a_batch_is_kept_for_repair_and_the_rest_taken(tracker, admin, fault):
    good = track("u3", "Fine", message_id=f"good-{fault}")
    tracker.send("/v1/batch", {"batch": [WRONG[fault], good]}, 2)
    totals = tracker.settled(admin)
    assert (totals["accepted"], totals["quarantined"]) == (1, 1)
    kept = admin.get("/api/v1/quarantine", source_id=tracker.source["id"])["items"]
    assert len(kept) == 1 and kept[0]["reason"] and kept[0]["detail"]
    assert json.dumps(WRONG[fault], separators=(",", ":"))[1:-1].split(",")[0].split(":")[0] in kept[0]["raw"].replace(" ", "")


def test_explicit_nulls_are_absent(tracker, admin):
    tracker.send("/v1/track", {"userId": "u4", "anonymousId": None, "event": "Nulls", "context": None, "messageId": None, "properties": None})
    assert tracker.settled(admin)["accepted"] == 1


def test_clock_skew_is_corrected_by_sent_at(tracker, admin):
    """The client's clock is two days slow: what it calls two days ago has just happened."""
    from support.tracking import ago
    tracker.send("/v1/track", {
        "userId": "skewed", "event": "Skewed", "messageId": "skew-1", "timestamp": ago(days=2, seconds=3), "sentAt": ago(days=2),
    })
    tracker.settled(admin)
    rule = {"event": "Skewed", "window": {"last": "1h"}}
    assert eventually(lambda: admin.count(rule), what="the event counts as recent") == 1


def test_the_same_id_of_two_users_is_two_events(tracker, admin):
    tracker.batch([track("a1", "Twice", message_id="same"), track("a2", "Twice", message_id="same")])
    assert tracker.settled(admin)["accepted"] == 2
    assert admin.count({"event": "Twice"}) == 2


def test_identify_traits_of_the_context_count(tracker, admin):
    tracker.send("/v1/identify", {"userId": "ctx", "context": {"traits": {"shoe": 43}}})
    tracker.settled(admin)
    assert admin.count({"trait": "shoe", "op": "eq", "value": 43}) == 1


def test_one_message_is_identify_with_the_builder(tracker, admin):
    tracker.batch([identify("b1", {"colour": "red"}), identify("b1", {"colour": None, "size": 3})])
    tracker.settled(admin)
    assert admin.count({"trait": "colour", "op": "is_set"}) == 0
    assert admin.count({"trait": "size", "op": "eq", "value": 3}) == 1
