"""Segments: rules that keep versions, sizes on every node, builds that can be compared, a trash."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support import people
from support.tracking import Tracker, ago, track
from support.users import digest
from support.waiting import eventually

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def audience(server, admin):
    tracker = Tracker(server, admin.source("people"))
    people.load(tracker, admin)
    return tracker


WOMEN_VIEWERS = people.those(lambda n: n % 2 == 0 and people.episodes(n) >= 3)


def test_a_preview_counts_every_node(audience, admin):
    rule = {"all": [people.WOMEN, {"any": [people.VIEWERS, {"not": {"trait": "age", "op": "lt", "value": 60}}]}]}
    women = {n for n in people.PEOPLE if n % 2 == 0}
    viewers = {n for n in people.PEOPLE if people.episodes(n) >= 3}
    young = {n for n in people.PEOPLE if n + 10 < 60}
    old = set(people.PEOPLE) - young
    preview = admin.preview(rule)
    nodes = {node["pointer"]: node["count"] for node in preview["nodes"]}
    assert nodes == {
        "": len(women & (viewers | old)),
        "/all/0": len(women),
        "/all/1": len(viewers | old),
        "/all/1/any/0": len(viewers),
        "/all/1/any/1": len(old),
        "/all/1/any/1/not": len(young),
    }
    assert preview["count"] == nodes[""] and preview["population"] == len(people.PEOPLE)
    assert [node["pointer"] for node in preview["nodes"]][0] == ""
    assert preview["events"] == sum(people.episodes(n) + n % 2 for n in people.PEOPLE)
    assert preview["watermark_seq"] > 0 and preview["instant"] and preview["oldest_event_at"]


def test_a_preview_as_of_an_instant(audience, admin):
    rule = {"any": [people.VIEWERS, {"everyone": True}]}
    then = admin.post("/api/v1/rules/preview", json={"rule": rule, "at": "2020-01-01T00:00:00Z"})
    assert (then["count"], then["population"], then["instant"]) == (0, 0, "2020-01-01T00:00:00Z")
    assert admin.preview(rule)["population"] >= len(people.PEOPLE)
    for at, code in (("yesterday", "bad_date"), ("2999-01-01T00:00:00Z", "out_of_range")):
        refused = admin.refused(422, "POST", "/api/v1/rules/preview", json={"rule": rule, "at": at})
        assert [(error["pointer"], error["code"]) for error in refused["errors"]] == [("/at", code)]


def test_a_preview_warns_of_what_was_never_seen(audience, admin):
    preview = admin.preview({"any": [{"event": "never_heard_of"}, people.WOMEN]})
    assert [warning["pointer"] for warning in preview["warnings"]] == ["/any/0/event"]
    assert preview["count"] == 30


RULES = {
    "sum": ({"event": "video_view", "agg": "sum", "of": "minutes", "op": "eq", "value": 105.0}, lambda n: people.episodes(n) == 4),
    "average": ({"event": "video_view", "agg": "avg", "of": "minutes", "op": "gt", "value": 20}, lambda n: people.episodes(n) >= 3),
    "distinct": ({"event": "video_view", "agg": "distinct", "of": "programme", "op": "eq", "value": 2}, lambda n: n % 2 and people.episodes(n)),
    "never": ({"event": "video_view", "op": "eq", "value": 0}, lambda n: n % 2 == 0 and people.episodes(n) == 0),
    "window": ({"event": "video_view", "window": {"last": "3d"}}, lambda n: n % 2),
    "between ago": ({"event": "video_view", "window": {"between_ago": ["7d", "6d"]}}, lambda n: people.episodes(n) >= 2),
    "list of events": ({"event": ["video_view", "nothing"], "op": "gte", "value": 5}, lambda n: people.episodes(n) + n % 2 >= 5),
    "any event": ({"event": "*"}, lambda n: people.episodes(n) + n % 2),
    "last": ({"event": "video_view", "agg": "last", "of": "programme", "op": "eq", "value": "Summit"}, lambda n: n % 2),
    "not set": ({"trait": "email", "op": "is_not_set"}, lambda n: not people.address(n)),
    "age": ({"trait": "age", "op": "between", "value": [25, 49]}, lambda n: 25 <= n + 10 <= 49),
}


@pytest.mark.parametrize("case", RULES)
def test_rules_find_who_they_say(audience, admin, case):
    rule, condition = RULES[case]
    segment = admin.segment(f"rule {case}", rule)
    admin.build(segment["id"])
    assert sorted(admin.members(segment["id"])) == people.those(condition)


def test_a_build_says_what_it_counted(audience, admin):
    segment = admin.segment("women who watch", people.WOMEN_VIEWERS, description="for the spring campaign")
    build = admin.post(f"/api/v1/segments/{segment['id']}/builds", status=201)
    assert build["count"] == len(WOMEN_VIEWERS) and build["digest"] == digest(WOMEN_VIEWERS)
    assert build["population"] == len(people.PEOPLE) and build["segment_version"] == segment["version"] == 1
    assert build["rule"] == people.WOMEN_VIEWERS
    assert sorted(admin.members(segment["id"])) == WOMEN_VIEWERS
    latest = admin.get(f"/api/v1/segments/{segment['id']}")["latest"]
    assert (latest["build_id"], latest["count"], latest["digest"]) == (build["id"], build["count"], build["digest"])


def test_building_twice_gives_the_same_digest(audience, admin):
    segment = admin.segment("twice", people.WOMEN)
    first, second = admin.build(segment["id"]), admin.build(segment["id"])
    assert first["digest"] == second["digest"] and (second["added"], second["removed"]) == (0, 0)


def test_members_come_in_pages_with_their_traits(audience, admin):
    segment = admin.segment("paged", people.WOMEN)
    admin.build(segment["id"])
    first = admin.get(f"/api/v1/segments/{segment['id']}/members", limit=7)
    assert len(first["items"]) == 7 and first["next_cursor"] and first["count"] == 30 and first["pseudonymous"] is False
    assert first["items"][0]["traits"]["gender"] == "F"
    everyone = [item["user_id"] for item in admin.pages(f"/api/v1/segments/{segment['id']}/members", limit=7)]
    assert sorted(everyone) == people.those(lambda n: n % 2 == 0), "no member twice, none missing"


def test_an_edit_makes_a_version_and_keeps_the_old(audience, admin):
    segment = admin.segment("edited", people.WOMEN)
    path = f"/api/v1/segments/{segment['id']}"
    edited = admin.put(path, json={"name": "edited", "rule": people.VIEWERS, "if_version": 1})
    assert edited["version"] == 2
    admin.refused(409, "PUT", path, "version_conflict", json={"name": "edited", "rule": people.WOMEN, "if_version": 1})
    versions = admin.get(f"{path}/versions")["items"]
    assert [(v["version"], v["rule"]) for v in versions] == [(2, people.VIEWERS), (1, people.WOMEN)]
    assert versions[0]["author"]["name"]
    build = admin.build(segment["id"])
    assert build["segment_version"] == 2 and build["count"] == len(people.those(lambda n: people.episodes(n) >= 3))


def test_saving_without_a_change_is_not_a_version(audience, admin):
    segment = admin.segment("same", people.WOMEN)
    again = admin.put(f"/api/v1/segments/{segment['id']}", json={"name": "same", "rule": people.WOMEN})
    assert again["version"] == 1


def test_history_and_delta_follow_the_builds(audience, admin):
    rule = {"event": "Joined the delta"}
    segment = admin.segment("delta", rule)
    path = f"/api/v1/segments/{segment['id']}"
    audience.track("u01", "Joined the delta")
    audience.settled(admin)
    first = admin.build(segment["id"])
    audience.batch([track("u02", "Joined the delta"), track("u03", "Joined the delta")])
    audience.settled(admin)
    second = admin.build(segment["id"])
    delta = admin.get(f"{path}/delta", since=first["id"], purpose="ads")
    assert (delta["from_build"], delta["to_build"]) == (first["id"], second["id"])
    # u03 allows advertising, u02 does not: a delta is a list too.
    assert delta["added"] == ["u03"] and delta["removed"] == []
    admin.refused(410, "GET", f"{path}/delta", "build_gone", params={"since": "00000000-0000-0000-0000-000000000000", "purpose": "ads"})
    points = admin.get(f"{path}/history")["points"]
    assert {1, 3} <= {point["count"] for point in points}
    assert [point["at"] for point in points] == sorted(point["at"] for point in points)
    builds = admin.pages(f"{path}/builds", limit=1)
    assert [build["id"] for build in builds].index(second["id"]) < [build["id"] for build in builds].index(first["id"])


def test_who_leaves_is_in_the_delta_too(audience, admin):
    segment = admin.segment("leaving", {"trait": "mood", "op": "eq", "value": "good"})
    audience.identify("u06", {"mood": "good"}, at=ago(hours=2))
    audience.settled(admin)
    first = admin.build(segment["id"])
    audience.identify("u06", {"mood": "bad"}, at=ago(hours=1))
    audience.settled(admin)
    second = admin.build(segment["id"])
    assert (first["count"], second["count"], second["removed"]) == (1, 0, 1)
    assert admin.get(f"/api/v1/segments/{segment['id']}/delta", since=first["id"], purpose="ads")["removed"] == ["u06"]


def test_late_news_does_not_overwrite_newer_news(audience, admin):
    audience.identify("u08", {"city": "Oslo"}, at=ago(hours=1))
    audience.identify("u08", {"city": "Rome"}, at=ago(hours=5))
    audience.settled(admin)
    assert admin.count({"trait": "city", "op": "eq", "value": "Oslo"}) == 1
    assert admin.count({"trait": "city", "op": "eq", "value": "Rome"}) == 0


def test_trash_restore_and_emptying(audience, admin, marketer):
    segment = admin.segment("thrown away", people.WOMEN)
    path = f"/api/v1/segments/{segment['id']}"
    admin.delete(path, status=204)
    assert segment["id"] not in [item["id"] for item in admin.get("/api/v1/segments")["items"]]
    assert segment["id"] in [item["id"] for item in admin.get("/api/v1/segments", trashed="true")["items"]]
    restored = admin.post(f"{path}/restore")
    assert restored["id"] == segment["id"] and not restored.get("trashed_at")
    admin.delete(path)
    marketer.refused(403, "DELETE", "/api/v1/trash")
    assert admin.delete("/api/v1/trash")["deleted"] >= 1
    admin.refused(404, "GET", path)


def test_a_segment_that_others_stand_on_cannot_be_thrown_away(audience, admin):
    base = admin.segment("base", people.WOMEN)
    above = admin.segment("above", {"all": [{"segment": base["id"]}, people.VIEWERS]})
    assert admin.build(above["id"])["count"] == len(WOMEN_VIEWERS)
    admin.refused(409, "DELETE", f"/api/v1/segments/{base['id']}", "in_use")
    problem = admin.refused(422, "PUT", f"/api/v1/segments/{base['id']}", json={"name": "base", "rule": {"segment": above["id"]}})
    assert [(error["pointer"].removeprefix("/rule"), error["code"]) for error in problem["errors"]] == [("/segment", "cycle")]


def test_search_finds_by_name(audience, admin):
    admin.segment("Zebra owners", people.WOMEN)
    assert [item["name"] for item in admin.get("/api/v1/segments", q="zebra")["items"]] == ["Zebra owners"]


def test_an_auditor_sees_pseudonyms_that_stay_the_same(audience, admin, auditor):
    segment = admin.segment("audited", people.WOMEN)
    admin.build(segment["id"])
    path = f"/api/v1/segments/{segment['id']}/members"
    seen = auditor.get(path, limit=500)
    assert seen["pseudonymous"] is True and seen["count"] == 30
    names = [item["user_id"] for item in seen["items"]]
    assert len(set(names)) == 30
    assert all(name.startswith("p_") and len(name) == 18 for name in names)
    assert not any(item.get("traits") for item in seen["items"])
    assert sorted(names) == sorted(item["user_id"] for item in auditor.get(path, limit=500)["items"])


def test_the_same_question_has_the_same_answer_after_a_restart(audience, server):
    admin = server.sign_in()
    segment = admin.segment("restarted", people.WOMEN_VIEWERS)
    before = admin.build(segment["id"])
    server.restart()
    admin = server.sign_in()
    kept = {build["id"]: build for build in admin.pages(f"/api/v1/segments/{segment['id']}/builds")}
    assert kept[before["id"]]["digest"] == before["digest"]
    after = admin.build(segment["id"])
    assert (after["digest"], after["population"]) == (before["digest"], before["population"])


def test_of_edits_at_the_same_time_the_last_one_stands(audience, admin):
    segment = admin.segment("contended", people.WOMEN)
    path = f"/api/v1/segments/{segment['id']}"
    with ThreadPoolExecutor(8) as pool:
        edit = lambda number: admin.put(path, json={"name": f"contended {number}", "rule": people.WOMEN})
        list(pool.map(edit, range(24)))
    newest = admin.get(f"{path}/versions")["items"][0]
    held = admin.get(path)
    assert (held["version"], held["name"]) == (newest["version"], newest["name"]) and newest["version"] == 25
    with ThreadPoolExecutor(4) as pool:
        edits = [pool.submit(admin.response, "PUT", path, json={"name": f"late {n}", "rule": people.WOMEN}) for n in range(12)]
        trashed = pool.submit(admin.response, "DELETE", path)
    assert trashed.result().status_code == 204 and all(edit.result().status_code in (200, 404) for edit in edits)
    admin.refused(404, "GET", f"{path}/members")


def test_freshness_is_told(audience, server):
    admin = server.sign_in()
    segment = admin.segment("fresh", people.WOMEN)
    seen = eventually(lambda: admin.get(f"/api/v1/segments/{segment['id']}"), lambda s: s["latest"], what="a first build by itself")
    assert seen["freshness"]["state"] in ("fresh", "building") and seen["owner"]["name"]
