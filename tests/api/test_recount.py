"""The second path: SQL over raw events finds the same users as the bitmaps, for builds of now and of before."""

import sqlite3
from concurrent.futures import ThreadPoolExecutor

import pytest

from support import people
from support.tracking import Tracker


@pytest.fixture(scope="module")
def audience(server, admin):
    tracker = Tracker(server, admin.source("people"))
    people.load(tracker, admin)
    return tracker


def assert_agrees(result, build):
    assert result["agree"] is True, result
    assert result["engine"] == result["lake"] == {"count": build["count"], "digest": build["digest"]}
    assert result["only_engine"] == result["only_lake"] == []
    assert (result["only_engine_count"], result["only_lake_count"]) == (0, 0)


RULES = [
    people.EVERYONE, people.WOMEN_VIEWERS, {"not": people.VIEWERS}, {"trait": "email", "op": "is_not_set"},
    {"event": "video_view", "agg": "sum", "of": "minutes", "op": "gte", "value": 31.5},
    {"event": "video_view", "op": "lte", "value": 1, "window": {"last": "6d"}},
    {"event": "video_view", "agg": "first", "of": "programme", "op": "starts_with", "value": "har", "ignore_case": True},
    {"event": "*", "agg": "days", "op": "gte", "value": 2, "tz": "Pacific/Auckland"},
]


@pytest.mark.parametrize("number", range(len(RULES)))
def test_both_paths_agree(audience, admin, number):
    segment = admin.segment(f"recounted {number}", RULES[number])
    build = admin.build(segment["id"])
    result = admin.recount(segment["id"], build["id"])
    assert_agrees(result, build)
    assert (result["build_id"], result["watermark_seq"], result["instant"]) == (build["id"], build["watermark_seq"], build["instant"])


def test_a_past_build_is_recounted_as_of_then(audience, admin):
    segment = admin.segment("past", {"event": "Later"})
    before = admin.build(segment["id"])
    audience.track("u01", "Later")
    audience.settled(admin)
    after = admin.build(segment["id"])
    assert (before["count"], after["count"]) == (0, 1)
    assert_agrees(admin.recount(segment["id"], before["id"]), before)
    assert_agrees(admin.recount(segment["id"], after["id"]), after)


def test_lists_and_segments_of_then(audience, admin):
    staff = admin.post("/api/v1/lists", json={"name": "staff", "user_ids": ["u00", "u02"]})
    women = admin.segment("women", people.WOMEN)
    segment = admin.segment("combined", {"all": [{"segment": women["id"]}, {"not": {"list": staff["id"]}}]})
    build = admin.build(segment["id"])
    assert build["count"] == 28
    admin.put(f"/api/v1/lists/{staff['id']}", json={"name": "staff", "user_ids": ["u04"]})
    assert_agrees(admin.recount(segment["id"], build["id"]), build)


def test_a_list_uploaded_while_segments_are_built(audience, admin):
    """Each build says which version it was evaluated with, whatever arrives meanwhile."""
    moving = admin.post("/api/v1/lists", json={"name": "moving", "user_ids": ["u00"]})
    segment = admin.segment("on the moving list", {"list": moving["id"]})

    def upload(number):
        ids = [f"u{n:02}" for n in range(number % 7)]
        admin.put(f"/api/v1/lists/{moving['id']}", json={"user_ids": ids})

    with ThreadPoolExecutor(2) as pool:
        uploads = pool.map(upload, range(30))
        builds = [admin.build(segment["id"]) for _ in range(12)]
        list(uploads)
    for build in builds:
        assert_agrees(admin.recount(segment["id"], build["id"]), build)


def test_a_build_whose_members_are_forgotten_is_recounted_by_its_digest(audience, server):
    admin = server.sign_in()
    segment = admin.segment("long ago", people.WOMEN)
    build = admin.build(segment["id"])
    with sqlite3.connect(server.data_dir / "rollcall.db") as database:
        database.execute("DELETE FROM build_members WHERE build_id IN (SELECT id FROM builds WHERE segment_id = ?)", (segment["id"],))
    assert_agrees(admin.recount(segment["id"], build["id"]), build)
    with sqlite3.connect(server.data_dir / "rollcall.db") as database:
        database.execute("UPDATE builds SET digest = ? WHERE id = ?", ("0" * 64, build["id"]))
    assert admin.recount(segment["id"], build["id"])["agree"] is False


def test_an_auditor_may_recount_and_sees_pseudonyms_only(audience, admin, auditor):
    segment = admin.segment("for the auditor", people.WOMEN)
    build = admin.build(segment["id"])
    result = auditor.recount(segment["id"])
    assert result["agree"] is True and result["engine"]["count"] == build["count"]
    listed = auditor.get("/api/v1/recounts", segment_id=segment["id"])["items"]
    assert [item["id"] for item in listed] == [result["id"]]


def test_after_a_restart_the_past_still_counts(audience, server):
    admin = server.sign_in()
    segment = admin.segment("over a restart", people.WOMEN_VIEWERS)
    build = admin.build(segment["id"])
    server.restart()
    assert_agrees(server.sign_in().recount(segment["id"], build["id"]), build)
