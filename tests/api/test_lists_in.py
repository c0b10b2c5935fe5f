"""Uploaded lists: versions, unknown users, use in rules."""

import pytest

from support import people
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
