"""Warnings of what was collected: windows before the oldest event, and "did not do" over days that were not healthy."""

import sqlite3
from datetime import datetime, timedelta, timezone

import pytest

from support.tracking import Tracker, ago, track

pytestmark = pytest.mark.quick

EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)


def day(days_ago):
    return (datetime.now(timezone.utc) - timedelta(days=days_ago)).date().isoformat()


@pytest.fixture(scope="module")
def site(server, admin):
    """A source with three weeks of history: nothing was received 6 days ago, and a tenth was put aside 4 days ago."""
    tracker = Tracker(server, admin.source("the site"))
    tracker.batch([track("u1", "view", at=ago(days=20)), track("u1", "view", at=ago(days=1)), track("u2", "click", at=ago(days=2))])
    tracker.settled(admin)
    server.stop()
    with sqlite3.connect(server.data_dir / "rollcall.db") as database:
        for days_ago in (n for n in range(1, 22) if n != 6):
            received_on = (datetime.now(timezone.utc) - timedelta(days=days_ago) - EPOCH).days
            lost = 10 if days_ago == 4 else 0
            database.execute(
                "INSERT INTO ledger (source_id, day, received, accepted, anonymous, duplicate, quarantined, last_received_at) "
                "VALUES (?, ?, 100, ?, 0, 0, ?, 0)",
                (tracker.source["id"], received_on, 100 - lost, lost),
            )
    server.start()
    return tracker.source["id"]


@pytest.fixture
def api(site, server):
    return server.sign_in()


def warnings(api, rule):
    """As the preview gives them; validation must give the same."""
    found = api.preview(rule)["warnings"]
    assert api.post("/api/v1/rules/validate", json={"rule": rule})["warnings"] == found
    return [(warning["pointer"], warning["code"], warning["detail"]) for warning in found]


def test_the_ledger_tells_unhealthy_days(site, api):
    for path in ("/api/v1/ledger", f"/api/v1/sources/{site}/ledger"):
        unhealthy = api.get(path)["unhealthy"]
        assert [(found["source_id"], found["day"], found["reason"]) for found in unhealthy] == [
            (site, day(4), "quarantined"), (site, day(6), "silent"),
        ]
        assert unhealthy[0]["detail"] == "10 of 100 records received were put aside."
        assert api.get(path, days=3)["unhealthy"] == []


def test_a_window_before_the_oldest_event(api):
    [(pointer, code, detail)] = warnings(api, {"all": [{"everyone": True}, {"event": "view", "window": {"last": "30d"}}]})
    assert (pointer, code) == ("/all/1/window", "before_oldest_event")
    assert day(30) in detail and day(20) in detail
    assert warnings(api, {"event": "view"}) == []
    assert warnings(api, {"event": "view", "window": {"last": "19d"}}) == []
    assert [w[:2] for w in warnings(api, "did (view, from 2001-01-01)")] == [("/window", "before_oldest_event")]


def test_not_done_over_unhealthy_days(api):
    [(pointer, code, detail)] = warnings(api, {"not": {"any": [{"event": "view"}, {"event": "click", "op": "lt", "value": 1}]}})
    assert (pointer, code) == ("/not/any/0", "unhealthy_days")
    assert "“the site”" in detail and f"{day(6)} and {day(4)}" in detail
    never = {"event": "view", "op": "eq", "value": 0, "window": {"last": "5d"}}
    [(pointer, code, detail)] = warnings(api, never)
    assert (pointer, code) == ("", "unhealthy_days") and day(4) in detail and day(6) not in detail
    assert warnings(api, {"event": "view", "op": "eq", "value": 0, "window": {"last": "2d"}}) == []
    assert warnings(api, {"not": never}) == []
    assert warnings(api, {"event": "view"}) == []
    segment = api.segment("never seen lately", never)
    assert [w[:2] for w in warnings(api, {"all": [{"segment": segment["id"]}, {"everyone": True}]})] == [("/all/0", "unhealthy_days")]
