"""received = accepted + duplicate + quarantined; every message ends in exactly one column."""

import pytest

from support.tracking import Tracker, ago, track

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def mixed(server, admin):
    tracker = Tracker(server, admin.source("mixed"))
    accepted = [track(f"u{n}", "Step", {"n": n}, message_id=f"m{n}") for n in range(50)]
    repeated = [track(f"u{n}", "Step", {"n": n}, message_id=f"m{n}") for n in range(0, 50, 5)]
    hidden = [track(None, "Step", message_id=f"h{n}", anonymousId=f"anon-{n}") for n in range(7)]
    wrong = [{"type": "track", "userId": "u1"} for _ in range(3)]
    tracker.batch(accepted + repeated + hidden + wrong, size=9)
    tracker.batch(repeated)
    tracker.settled(admin)
    return tracker


def test_every_column(mixed, admin):
    totals = admin.ledger(mixed.source["id"])
    assert totals == {"received": 80, "accepted": 57, "anonymous": 7, "duplicate": 20, "quarantined": 3}


def test_the_sum_over_sources_is_the_whole(mixed, server, admin):
    other = Tracker(server, admin.source("other"))
    other.track("u1", "Elsewhere")
    other.settled(admin)
    whole = admin.get("/api/v1/ledger")
    assert whole["balanced"] is True
    assert {item["source_id"] for item in whole["items"]} >= {mixed.source["id"], other.source["id"]}
    for column, total in whole["totals"].items():
        assert total == sum(item[column] for item in whole["items"])


def test_the_days_are_those_of_receiving(mixed, admin):
    days = admin.get(f"/api/v1/sources/{mixed.source['id']}/ledger", days=30)["items"]
    assert [day["day"] for day in days] == sorted((day["day"] for day in days), reverse=True)
    assert all(day["received"] for day in days) and 1 <= len(days) <= 2


def test_a_retry_counts_nowhere_else(mixed, admin):
    assert admin.count({"event": "Step", "op": "gte", "value": 2}) == 0
    assert admin.count({"event": "Step"}) == 50


def test_a_late_retry_with_other_content_changes_nothing(mixed, admin):
    mixed.batch([track("u3", "Step", {"n": 999}, at=ago(days=3), message_id="m3")])
    mixed.settled(admin)
    assert admin.count({"event": "Step", "where": [{"property": "n", "op": "eq", "value": 999}]}) == 0


def test_visitors_who_are_not_logged_in_are_in_no_segment(mixed, admin):
    assert admin.preview({"everyone": True})["count"] == 50
    overview = admin.get("/api/v1/overview")
    assert overview["users_known"] == 50 and overview["events_anonymous"] == 7


def test_balance_survives_a_restart(mixed, server, admin):
    before = admin.ledger(mixed.source["id"])
    server.restart()
    assert server.sign_in().ledger(mixed.source["id"]) == before
    mixed.batch([track("u3", "Step", message_id="m3")])
    after = mixed.settled(server.sign_in())
    assert after["duplicate"] == before["duplicate"] + 1, "the memory of message ids outlives the process"


def test_sources_show_today(mixed, server):
    source = next(s for s in server.sign_in().get("/api/v1/sources")["items"] if s["id"] == mixed.source["id"])
    assert source["received_today"] == source["accepted_today"] + source["duplicate_today"] + source["quarantined_today"]
    assert source["last_event_at"]
