"""An event moves its segments within seconds, without anybody asking."""

import json
import threading
import time

import pytest

from conftest import account
from support.tracking import Tracker
from support.waiting import eventually


@pytest.fixture(scope="module")
def tracker(server, admin):
    return Tracker(server, admin.source("live"))


def latest(admin, segment):
    build = admin.get(f"/api/v1/segments/{segment['id']}")["latest"]
    return build["count"] if build else None


def test_a_segment_follows_an_event_within_five_seconds(tracker, admin):
    segment = admin.segment("buyers", {"event": "Bought"})
    eventually(lambda: latest(admin, segment), lambda count: count == 0, what="the first build")
    for number in range(3):
        start = time.monotonic()
        tracker.track(f"buyer-{number}", "Bought")
        eventually(lambda: latest(admin, segment), lambda count: count == number + 1, within=5, what="the refreshed count")
        assert time.monotonic() - start < 5


def test_a_segment_of_a_segment_follows_too(tracker, admin):
    base = admin.segment("base", {"event": "Ordered"})
    above = admin.segment("above", {"not": {"segment": base["id"]}})
    eventually(lambda: latest(admin, above), lambda count: count is not None, what="the first build")
    tracker.track("chained", "Arrived")
    tracker.settled(admin)
    before = eventually(lambda: latest(admin, above), lambda count: count == admin.count(above["rule"]), within=5)
    tracker.track("chained", "Ordered")
    eventually(lambda: latest(admin, above), lambda count: count == before - 1, within=5, what="the segment above")


def test_windows_roll_off_without_an_event(tracker, admin):
    segment = admin.segment("just now", {"event": "Blinked", "window": {"last": "6s"}})
    tracker.track("blinker", "Blinked")
    eventually(lambda: latest(admin, segment), lambda count: count == 1, within=5, what="in the window")
    eventually(lambda: latest(admin, segment), lambda count: count == 0, within=90, every=0.5, what="out of the window")


def test_the_live_stream_tells_the_page(tracker, admin, server):
    segment = admin.segment("streamed", {"event": "Streamed"})
    eventually(lambda: latest(admin, segment), lambda count: count == 0, what="the first build")
    told = []
    done = threading.Event()

    def listen():
        with admin.http.stream("GET", "/api/v1/live", timeout=20) as answer:
            assert answer.headers["content-type"].startswith("text/event-stream")
            done.set()
            name = None
            for line in answer.iter_lines():
                if line.startswith("event:"):
                    name = line[6:].strip()
                elif line.startswith("data:"):
                    told.append((name, json.loads(line[5:])))
                if any(kind == "segment" and data["id"] == segment["id"] and data["count"] == 1 for kind, data in told):
                    return

    listener = threading.Thread(target=listen, daemon=True)
    listener.start()
    assert done.wait(10)
    tracker.track("streamer", "Streamed")
    listener.join(10)
    assert not listener.is_alive(), f"told only {told}"
    assert "watermark" in {kind for kind, _ in told}


def test_a_feed_ends_with_the_rights_of_who_reads_it(server, admin):
    """Within the half minute after which a feed looks again."""
    member = account(server, admin, "marketer", "listener@test.example")
    with member.http.stream("GET", "/api/v1/live", timeout=40) as answer:
        assert answer.status_code == 200
        admin.patch(f"/api/v1/users/{member.user['id']}", json={"disabled": True})
        start = time.monotonic()
        for _ in answer.iter_lines():
            assert time.monotonic() - start < 40, "the feed goes on"


def test_the_live_view_of_a_source_shows_each_record_with_its_outcome(tracker, admin):
    tracker.track("seen", "Shown", {"n": 1}, message_id="shown-1")
    tracker.send("/v1/batch", {"batch": [{"type": "track", "userId": "seen"}]})
    tracker.track("seen", "Shown", {"n": 1}, message_id="shown-1")
    tracker.settled(admin)
    records = admin.get(f"/api/v1/sources/{tracker.source['id']}/recent", limit=3)["items"]
    assert [record["outcome"] for record in records] == ["duplicate", "quarantined", "accepted"]
    assert [record["seq"] for record in records] == sorted((record["seq"] for record in records), reverse=True)
    assert records[1]["reason"] and records[2]["name"] == "Shown" and records[2]["raw"]
