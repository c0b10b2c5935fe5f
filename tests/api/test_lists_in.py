"""Uploaded lists: versions, unknown users, use in rules."""

from concurrent.futures import ThreadPoolExecutor

import pytest

from support import people, users
from support.tracking import Tracker

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def audience(server, admin):
    people.load(Tracker(server, admin.source("people")), admin)


def count(admin, listing):
    return admin.count({"list": listing["id"]})


def upload(admin, name, text):
    headers = {"Content-Type": "text/csv"}
    return admin.post("/api/v1/lists", params={"name": name}, content=text.encode(), headers=headers, status=201)


def test_a_list_as_json_and_as_text(audience, admin):
    ids = ["u01", "u02", "u03", "stranger"]
    as_json = admin.post("/api/v1/lists", json={"name": "as json", "user_ids": ids}, status=201)
    for made in (as_json, upload(admin, "as text", "\n".join(ids) + "\n")):
        assert (made["count"], made["known"], made["unknown"], made["version"]) == (4, 3, 1, 1)
        assert count(admin, made) == 3, "a list makes nobody known"


def test_repeated_ids_and_line_ends_of_other_systems(audience, admin):
    made = upload(admin, "messy", "\ufeffu01\r\nu01\r\n\r\nu02")
    assert (made["count"], made["known"]) == (2, 2)


def test_replacing_and_appending_make_versions(audience, admin):
    made = admin.post("/api/v1/lists", json={"name": "changing", "user_ids": ["u01"]})
    replaced = admin.put(f"/api/v1/lists/{made['id']}", json={"name": "changing", "user_ids": ["u02", "u03"]})
    assert (replaced["count"], replaced["version"]) == (2, 2)
    appended = admin.post(f"/api/v1/lists/{made['id']}/append", json={"user_ids": ["u03", "u04"]})
    assert (appended["count"], appended["version"]) == (3, 3)
    assert count(admin, made) == 3


def test_a_replacement_may_rename_and_nothing_is_ignored(audience, admin):
    made = admin.post("/api/v1/lists", json={"name": "before", "user_ids": ["u01"]})
    path = f"/api/v1/lists/{made['id']}"
    assert admin.put(path, json={"name": "after", "user_ids": ["u01"]})["name"] == "after"
    text = {"content": b"u02\n", "headers": {"Content-Type": "text/plain"}}
    assert admin.put(path, params={"name": "again"}, **text)["name"] == "again"
    assert admin.put(path, **text)["name"] == "again", "without a name the list keeps its own"
    assert admin.refused(422, "PUT", path, json={"id": "x", "user_ids": []})["errors"][0]["pointer"] == "/id"
    assert admin.refused(422, "POST", f"{path}/append", json={"name": "x", "user_ids": []})["errors"][0]["pointer"] == "/name"
    admin.refused(422, "PUT", path, json={"name": " ", "user_ids": []})
    for method, to, params in (("PUT", path, {"id": "x"}), ("POST", f"{path}/append", {"name": "x"}), ("POST", f"{path}/append", {"id": "x"})):
        admin.refused(400, method, to, "bad_request", params=params, **text)
    admin.refused(400, "POST", "/api/v1/lists", "bad_request", params={"name": "x"}, json={"name": "y", "user_ids": []})


def test_only_csv_has_columns_and_quotes(audience, server, admin):
    strange = ["a,b", 'quo"te', "x" * 1024]
    tracker = Tracker(server, admin.source("strange ids"))
    for user in strange:
        tracker.identify(user, {"strange": True})
    tracker.settled(admin)
    headers = {"Content-Type": "text/plain; charset=utf-8"}
    content = ("user_id\n" + "\n".join(strange)).encode()
    lines = admin.post("/api/v1/lists", params={"name": "lines"}, content=content, headers=headers)
    assert (lines["known"], lines["unknown"]) == (3, 1), "a line is an id, whatever it says"
    assert count(admin, lines) == 3
    table = upload(admin, "table", 'user_id,note\n"a,b",one\n"quo""te",two\n' + "x" * 1024 + ",three\n")
    assert (table["known"], table["unknown"]) == (3, 0)
    admin.refused(422, "POST", "/api/v1/lists", json={"name": "long", "user_ids": ["x" * 1025]})


def test_uploads_at_the_same_time_lose_nothing(audience, admin):
    made = admin.post("/api/v1/lists", json={"name": "busy", "user_ids": []})
    ids = [f"u{n:02}" for n in range(12)]
    with ThreadPoolExecutor(6) as pool:
        append = f"/api/v1/lists/{made['id']}/append"
        answers = list(pool.map(lambda user: admin.post(append, json={"user_ids": [user]}), ids))
    assert sorted(answer["version"] for answer in answers) == list(range(2, 14))
    assert count(admin, made) == len(ids)


def test_a_list_works_in_a_rule_both_ways(audience, admin):
    made = admin.post("/api/v1/lists", json={"name": "staff", "user_ids": ["u00", "u02", "u05"]})
    rule = {"all": [people.WOMEN, {"not": {"list": made["id"]}}]}
    assert admin.count(rule) == 28
    segment = admin.segment("women who are not staff", rule)
    admin.build(segment["id"])
    admin.refused(409, "DELETE", f"/api/v1/lists/{made['id']}", "in_use")


def test_a_list_outlives_a_restart(audience, server):
    admin = server.sign_in()
    made = admin.post("/api/v1/lists", json={"name": "kept", "user_ids": ["u07", "u09"]})
    server.restart()
    admin = server.sign_in()
    assert count(admin, made) == 2
    assert made["id"] in [item["id"] for item in admin.get("/api/v1/lists")["items"]]


def test_a_deleted_list_is_gone_from_rules(audience, server):
    admin = server.sign_in()
    made = admin.post("/api/v1/lists", json={"name": "short-lived", "user_ids": ["u01"]})
    admin.delete(f"/api/v1/lists/{made['id']}", status=204)
    problem = admin.refused(422, "POST", "/api/v1/rules/preview", json={"rule": {"list": made["id"]}})
    assert [error["code"] for error in problem["errors"]] == ["unknown_list"]


def test_a_list_made_again_under_its_id_is_a_new_one(audience, server):
    admin = server.sign_in()
    first = admin.post("/api/v1/lists", json={"id": "L", "name": "first", "user_ids": ["u01", "u02", "u03"]})
    segment = admin.segment("on the list", {"list": "L"})
    old = admin.build(segment["id"])
    admin.delete(f"/api/v1/segments/{segment['id']}")
    admin.delete("/api/v1/lists/L", status=204)
    second = admin.post("/api/v1/lists", json={"id": "L", "name": "second", "user_ids": ["u04"]})
    assert second["version"] > first["version"]
    admin.post(f"/api/v1/segments/{segment['id']}/restore")
    new = admin.build(segment["id"])
    assert (old["count"], new["count"]) == (3, 1)

    def recounted():
        return [admin.recount(segment["id"], build["id"])["agree"] for build in (old, new)]

    assert recounted() == [True, True]
    server.restart()
    admin = server.sign_in()
    assert count(admin, second) == 1, "the old members do not come back"
    assert recounted() == [True, True]


def unknown(api, made, **params):
    return api.response("GET", f"/api/v1/lists/{made['id']}/unknown", params=params)


def test_unknown_users_are_reported_to_whoever_may_see_ids(audience, server, admin, marketer, auditor):
    strangers = [f"stranger {n:02}" for n in range(12)] + ['comma, "quote"']
    plain = {"content": "\n".join(["u01", *strangers, "u02"]).encode(), "headers": {"Content-Type": "text/plain"}}
    made = admin.post("/api/v1/lists", params={"name": "mostly strangers"}, **plain)
    assert (made["count"], made["known"], made["unknown"]) == (15, 2, 13)
    assert made["unknown_sample"] == sorted(strangers)[:5]
    answer = unknown(marketer, made)
    assert answer.headers["x-rollcall-count"] == "13" and "attachment" in answer.headers["content-disposition"]
    assert [row["user_id"] for row in users.read_csv(answer.content)] == sorted(strangers)
    assert [row["user_id"] for row in users.read_ndjson(unknown(admin, made, format="ndjson").content)] == sorted(strangers)
    auditor.refused(403, "GET", f"/api/v1/lists/{made['id']}/unknown")
    seen = {item["id"]: item for item in auditor.get("/api/v1/lists")["items"]}[made["id"]]
    assert seen["unknown"] == 13 and seen["unknown_sample"] == [], "an auditor sees how many"
    again = admin.post("/api/v1/lists", params={"name": "again"}, content=answer.content, headers={"Content-Type": "text/csv"})
    assert (again["count"], again["unknown"]) == (13, 13), "what is downloaded can be corrected and uploaded"
    admin.refused(400, "GET", f"/api/v1/lists/{made['id']}/unknown", params={"format": "roaring"})
    admin.refused(404, "GET", "/api/v1/lists/nobody/unknown")


def test_an_unknown_user_who_appears_is_reported_no_longer(audience, server, admin):
    made = admin.post("/api/v1/lists", json={"name": "soon known", "user_ids": ["late-1", "late-2"]})
    tracker = Tracker(server, admin.source("latecomers"))
    tracker.identify("late-1", {"late": True})
    tracker.settled(admin)
    now = {item["id"]: item for item in admin.get("/api/v1/lists")["items"]}[made["id"]]
    assert (now["known"], now["unknown"], now["unknown_sample"]) == (1, 1, ["late-2"])
    assert [row["user_id"] for row in users.read_csv(unknown(admin, made).content)] == ["late-2"]


def test_many_ids_are_counted_exactly(audience, server, admin):
    """Every line is read once, whatever chunk of the upload it arrives in."""
    ids = [f"member-{n:07}" for n in range(200_000)]
    made = upload(admin, "many", "\n".join(ids + ids[:50_000] + ["u01"]))
    assert (made["count"], made["known"], made["unknown"]) == (200_001, 1, 200_000)
    assert [row["user_id"] for row in users.read_csv(unknown(admin, made).content)] == ids
    more = "\n".join(f"member-{n:07}" for n in range(150_000, 250_000)).encode()
    path = f"/api/v1/lists/{made['id']}/append"
    grown = admin.post(path, content=more, headers={"Content-Type": "text/plain"})
    assert grown["count"] == 250_001
