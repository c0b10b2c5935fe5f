"""The schema is learnt from what arrives, can be declared, and what does not fit is kept for repair."""

import pytest

from support.tracking import Tracker, track

pytestmark = pytest.mark.quick


@pytest.fixture
def properties(admin):
    def of(event):
        events = {item["name"]: item for item in admin.get("/api/v1/schema")["events"]}
        return {item["path"]: item["type"] for item in events[event]["properties"]}
    return of


@pytest.fixture
def traits(admin):
    return lambda: {item["path"]: item["type"] for item in admin.get("/api/v1/schema")["traits"]}


def test_types_are_learnt(tracker, admin, properties, traits):
    tracker.track("u1", "Learnt", {
        "text": "x", "number": 1.5, "flag": True, "texts": ["a"], "numbers": [1, 2], "deep": {"er": {"still": 1}}, "nothing": None,
    })
    tracker.identify("u1", {"learnt_age": 30, "learnt_address": {"city": "Oslo"}})
    tracker.settled(admin)
    assert properties("Learnt") == {
        "text": "string", "number": "number", "flag": "boolean", "texts": "list<string>", "numbers": "list<number>",
        "deep": "object", "deep.er": "object", "deep.er.still": "number",
    }
    seen = traits()
    assert (seen["learnt_age"], seen["learnt_address"], seen["learnt_address.city"]) == ("number", "object", "string")
    event = next(item for item in admin.get("/api/v1/schema")["events"] if item["name"] == "Learnt")
    assert event["count"] == 1 and event["last_seen_at"]


def test_a_text_that_is_a_number_without_loss_is_one(tracker, admin):
    tracker.track("u1", "Priced", {"price": 1})
    tracker.track("u2", "Priced", {"price": "3"})
    totals = tracker.settled(admin)
    assert totals["accepted"] == 2
    assert admin.count({"event": "Priced", "where": [{"property": "price", "op": "eq", "value": 3}]}) == 1


@pytest.mark.parametrize("wrong", ["03", "3.0", " 3", "three", True, ["3"], {"amount": 3}], ids=repr)
def test_what_would_lose_something_is_quarantined(tracker, admin, wrong):
    tracker.track("u1", "Clash", {"price": 1})
    tracker.track("u2", "Clash", {"price": wrong}, message_id=f"clash-{wrong!r}")
    totals = tracker.settled(admin)
    assert (totals["accepted"], totals["quarantined"]) == (1, 1)
    kept = admin.get("/api/v1/quarantine", source_id=tracker.source["id"])["items"][0]
    assert "price" in kept["detail"] and "Clash" in kept["raw"]


def test_the_same_name_may_have_another_type_in_another_event(tracker, admin, properties):
    tracker.track("u1", "First kind", {"level": 3})
    tracker.track("u1", "Second kind", {"level": "gold"})
    assert tracker.settled(admin)["accepted"] == 2
    assert (properties("First kind")["level"], properties("Second kind")["level"]) == ("number", "string")


def test_a_declared_date_is_compared_as_a_day(tracker, admin, traits):
    admin.put("/api/v1/schema", json={"traits": {"birthday_declared": "date"}, "properties": {}})
    tracker.identify("u1", {"birthday_declared": "1990-05-17"})
    tracker.identify("u2", {"birthday_declared": "not a day"})
    totals = tracker.settled(admin)
    assert (totals["accepted"], totals["quarantined"]) == (1, 1)
    assert traits()["birthday_declared"] == "date"
    assert admin.count({"trait": "birthday_declared", "op": "on", "value": "1990-05-17"}) == 1


def test_a_type_in_use_cannot_be_declared_away(tracker, admin):
    tracker.identify("u1", {"settled_type": 5})
    tracker.settled(admin)
    body = {"traits": {"settled_type": "boolean"}, "properties": {}}
    admin.refused(409, "PUT", "/api/v1/schema", "type_in_use", json=body)


def test_a_literal_of_another_type_is_refused_with_its_place(tracker, admin):
    tracker.identify("u1", {"typed_age": 30})
    tracker.settled(admin)
    problem = admin.refused(422, "POST", "/api/v1/rules/preview", json={"rule": {"trait": "typed_age", "op": "gt", "value": "old"}})
    assert [(error["pointer"].removeprefix("/rule"), error["code"]) for error in problem["errors"]] == [("/value", "wrong_type")]


def test_values_with_most_users_first(server, admin):
    tracker = Tracker(server, admin.source("values"))
    tracker.batch([track(f"v{n}", "Chose", {"colour": "red" if n < 5 else "green" if n < 8 else "grey"}) for n in range(10)])
    for n in range(10):
        tracker.identify(f"v{n}", {"team": "A" if n < 7 else "B"})
    tracker.settled(admin)
    found = admin.get("/api/v1/schema/values", event="Chose", property="colour")
    assert [(item["value"], item["users"]) for item in found["items"]] == [("red", 5), ("green", 3), ("grey", 2)]
    assert found["distinct"] == 3
    found = admin.get("/api/v1/schema/values", event="Chose", property="colour", prefix="gr", limit=1)
    assert [item["value"] for item in found["items"]] == ["green"]
    assert [item["value"] for item in admin.get("/api/v1/schema/values", trait="team")["items"]] == ["A", "B"]


def test_an_auditor_sees_no_values(tracker, admin, auditor):
    """Addresses and the like name people as plainly as their ids."""
    tracker.identify("v1", {"email": "v1@people.example"})
    tracker.settled(admin)
    assert admin.get("/api/v1/schema/values", trait="email")["distinct"] == 1
    auditor.refused(403, "GET", "/api/v1/schema/values", "forbidden", params={"trait": "email"})
    auditor.refused(403, "GET", "/api/v1/schema/values", "forbidden", params={"event": "Chose", "property": "colour"})


def test_what_was_learnt_outlives_a_restart(server):
    admin = server.sign_in()
    before = admin.get("/api/v1/schema")
    server.restart()
    assert server.sign_in().get("/api/v1/schema") == before
