"""Catalogues: rows in several formats, faults, links, and what rules make of them on both paths."""

import json
from datetime import datetime, timedelta, timezone

import pytest

from support import people
from support.tracking import Tracker
from support.waiting import eventually

pytestmark = pytest.mark.quick

HARBOUR = {"key": "Harbour", "genre": "Crime", "year": 2021, "tags": ["sea", "police"]}
SUMMIT = {"key": "Summit", "genre": "Documentary", "year": 1999}


def day(days_ago):
    return (datetime.now(timezone.utc) - timedelta(days=days_ago)).date().isoformat()


@pytest.fixture(scope="module")
def audience(server, admin):
    tracker = Tracker(server, admin.source("people"))
    people.load(tracker, admin)
    return tracker


@pytest.fixture
def programmes(audience, server, admin):
    """A catalogue of two programmes, linked to the property that names them."""
    made = admin.post("/api/v1/catalogues", json={"name": "Programmes", "links": ["programme"]}, status=201)
    yield upload(admin, made, [HARBOUR, SUMMIT])
    admin = server.sign_in()
    for segment in admin.get("/api/v1/segments")["items"]:
        admin.delete(f"/api/v1/segments/{segment['id']}")
    for catalogue in admin.get("/api/v1/catalogues")["items"]:
        admin.delete(f"/api/v1/catalogues/{catalogue['id']}", status=204)


def rows_of(catalogue):
    return f"/api/v1/catalogues/{catalogue['id']}/rows"


def upload(api, catalogue, rows, method="PUT", **params):
    return api.call(method, rows_of(catalogue), json=rows, params=params)


def watched(*where, **more):
    return {"event": "video_view", "where": [{"property": "programme." + name, "op": op, "value": value} for name, op, value in where], **more}


def types(catalogue):
    return {attribute["name"]: attribute["type"] for attribute in catalogue["attributes"]}


def test_rows_as_json_ndjson_and_csv_are_the_same(programmes, admin):
    assert (programmes["row_count"], programmes["version"], programmes["links"]) == (2, 2, ["programme"])
    assert types(programmes) == {"genre": "string", "year": "number", "tags": "list<string>"}
    lines = "\n".join(json.dumps(row) for row in (SUMMIT, HARBOUR))
    csv = 'title,genre,year,tags\nHarbour,Crime,2021,"[""sea"",""police""]"\nSummit,Documentary,1999,\n'
    for text, kind, params in ((lines, "application/x-ndjson", {}), (csv, "text/csv", {"key": "title"})):
        same = admin.put(rows_of(programmes), content=text.encode(), headers={"Content-Type": kind}, params=params)
        assert same["version"] == 2, "the same rows are no new version"
    assert admin.get(rows_of(programmes)) == {"items": [HARBOUR, SUMMIT], "total": 2, "next_cursor": None}
    admin.refused(400, "PUT", rows_of(programmes), content=b"<rows/>", headers={"Content-Type": "text/xml"})


def test_parquet(programmes, admin, tmp_path):
    pyarrow = pytest.importorskip("pyarrow")
    from pyarrow import parquet

    table = pyarrow.table({"key": ["Harbour", "Summit"], "genre": ["Crime", "Documentary"], "year": [2021, 1999], "tags": [["sea", "police"], None]})
    parquet.write_table(table, tmp_path / "rows.parquet")
    headers = {"Content-Type": "application/vnd.apache.parquet"}
    same = admin.put(rows_of(programmes), content=(tmp_path / "rows.parquet").read_bytes(), headers=headers)
    assert same["version"] == 2


def test_upserting_keeps_the_other_rows_and_replacing_does_not(programmes, admin):
    changed = upload(admin, programmes, [{"key": "Summit", "genre": "Drama"}, {"key": "News"}], "POST")
    assert (changed["row_count"], changed["version"]) == (3, 3)
    assert admin.get(rows_of(programmes), q="SUMM")["items"] == [{"key": "Summit", "genre": "Drama"}]
    assert upload(admin, programmes, [SUMMIT])["row_count"] == 1


def test_pages_and_search(programmes, admin):
    upload(admin, programmes, [{"key": f"p{number:03}", "genre": "Über" if number % 2 else "Kids"} for number in range(25)])
    rows = admin.pages(rows_of(programmes), limit=7)
    assert [row["key"] for row in rows] == [f"p{number:03}" for number in range(25)]
    found = admin.get(rows_of(programmes), q="über", limit=5)
    assert (found["total"], len(found["items"])) == (12, 5)
    assert len(admin.pages(rows_of(programmes), q="über", limit=5)) == 12
    assert admin.get(rows_of(programmes), q="nowhere") == {"items": [], "total": 0, "next_cursor": None}


def test_one_bad_row_refuses_the_upload_and_is_told(programmes, admin):
    bad = [{"key": "a", "year": 2000}, {"year": 1}, {"key": "b", "year": "soon"}, {"key": "c", "seasons": [{"to": day(0)}]}]
    problem = admin.refused(422, "POST", rows_of(programmes), "invalid_input", json=bad)
    assert [error["pointer"] for error in problem["errors"]] == ["/1/key", "/2/year", "/3/seasons"]
    assert problem["errors"][1]["detail"].startswith("Row 3, “year”:") and "soon" not in str(problem)
    assert admin.get(rows_of(programmes))["total"] == 2
    many = "key\n" + "again\n" * 200
    problem = admin.refused(422, "PUT", rows_of(programmes), content=many.encode(), headers={"Content-Type": "text/csv"})
    assert len(problem["errors"]) == 100 and "199" in problem["detail"] and "first 100" in problem["detail"]
    admin.refused(400, "PUT", rows_of(programmes), json={"rows": []})
    admin.refused(413, "PUT", rows_of(programmes), "too_large", content=b" " * ((64 << 20) + 1))
    admin.refused(400, "PUT", rows_of(programmes), content=b"genre\nx\n", headers={"Content-Type": "text/csv"})


def test_rules_on_attributes(programmes, admin):
    crime, documentary = watched(("genre", "eq", "Crime")), watched(("genre", "eq", "Documentary"))
    assert admin.count(crime) == len(people.those(people.episodes))
    assert admin.count(documentary) == len(people.those(lambda n: n % 2))
    assert admin.count(watched(("year", "lt", 2000))) == admin.count(documentary)
    assert admin.count(watched(("tags", "has", "sea"), op="gte", value=3)) == len(people.those(lambda n: people.episodes(n) >= 3))
    assert admin.count(watched(("genre", "in", ["Crime", "Documentary"]), ("year", "gt", 3000))) == 0
    never = admin.post("/api/v1/rules/validate", json={"rule": watched(("gerne", "eq", "Crime"))})
    assert never["valid"] and [warning["code"] for warning in never["warnings"]] == ["never_seen_attribute"]
    for rule, pointer, code in (
        (watched(("year", "contains", "2")), "/where/0/op", "operator_not_for_type"),
        (watched(("year", "eq", "soon")), "/where/0/value", "wrong_type"),
        ({"event": "video_view", "agg": "sum", "of": "programme.genre", "op": "gte", "value": 2}, "/agg", "operator_not_for_type"),
    ):
        problem = admin.refused(422, "POST", "/api/v1/rules/preview", "invalid_rule", json={"rule": rule})
        assert [(error["pointer"], error["code"]) for error in problem["errors"]] == [(pointer, code)], rule


def test_traits_may_be_linked(programmes, audience, admin):
    audience.identify("u01", {"favourite": "Harbour"})
    audience.identify("u02", {"favourite": "Summit"})
    audience.settled(admin)
    admin.patch(f"/api/v1/catalogues/{programmes['id']}", json={"links": ["programme", "favourite"]})
    assert admin.count({"trait": "favourite.genre", "op": "eq", "value": "Crime"}) == 1
    assert admin.count({"trait": "favourite.genre", "op": "neq", "value": "Crime"}) == 59


def test_seasons(programmes, admin):
    seasons = [{"from": day(4), "to": day(0)}, {"from": day(40), "to": day(5)}, {"from": day(-30)}]
    upload(admin, programmes, [{**HARBOUR, "seasons": seasons}], "POST")

    def season(which, **more):
        return {"event": "video_view", "window": {"season": {"property": "programme", "value": "Harbour", "which": which}}, **more}

    assert admin.count(season(0)) == len(people.those(lambda n: n % 2)), "Summit, two days ago"
    assert admin.count(season(-1)) == len(people.those(people.episodes))
    assert admin.count(season(-2)) == 0
    lapsed = {"all": [season(-1), season(0, op="eq", value=0)]}
    segment = admin.segment("lapsed", lapsed)
    build = admin.build(segment["id"])
    assert build["count"] == len(people.those(lambda n: people.episodes(n) and n % 2 == 0))
    assert admin.recount(segment["id"], build["id"])["agree"] is True
    unlinked = admin.refused(422, "POST", "/api/v1/rules/preview", json={"rule": {"event": "x", "window": {"season": {"property": "x", "value": "y"}}}})
    assert [error["code"] for error in unlinked["errors"]] == ["unknown_field"]


def test_a_changed_row_moves_segments_and_old_builds_still_agree(programmes, server, admin):
    segment = admin.segment("crime", watched(("genre", "eq", "Crime")))
    old = admin.build(segment["id"])
    upload(admin, programmes, [{**HARBOUR, "genre": "Comedy"}], "POST")
    new = admin.build(segment["id"])
    assert (old["count"], new["count"]) == (len(people.those(people.episodes)), 0)

    def recounted(api):
        return [api.recount(segment["id"], build["id"])["agree"] for build in (old, new)]

    assert recounted(admin) == [True, True]
    admin.put(f"/api/v1/segments/{segment['id']}", json={"name": "crime", "rule": people.EVERYONE})
    admin.delete(f"/api/v1/catalogues/{programmes['id']}", status=204)
    assert recounted(admin) == [True, True], "versions outlive their catalogue"


def test_members_move_by_themselves(programmes, admin):
    segment = admin.segment("by genre", watched(("genre", "eq", "Comedy")))
    upload(admin, programmes, [{**HARBOUR, "genre": "Comedy"}], "POST")
    wanted = len(people.those(people.episodes))
    eventually(lambda: len(admin.members(segment["id"])), lambda members: members == wanted, what="members")


def test_what_is_in_use_stays(programmes, admin):
    path = f"/api/v1/catalogues/{programmes['id']}"
    segment = admin.segment("the seafarers", watched(("year", "gt", 2000)))
    for method, to, change in (
        ("DELETE", path, None),
        ("PATCH", path, {"links": []}),
        ("PATCH", path, {"attributes": {"year": "string"}}),
    ):
        problem = admin.refused(409, method, to, "in_use", **({"json": change} if change else {}))
        assert "the seafarers" in problem["detail"]
    admin.refused(409, "PATCH", path, "type_in_use", json={"attributes": {"genre": "number"}})
    other = admin.post("/api/v1/catalogues", json={"name": "Other"})
    assert "Programmes" in admin.refused(409, "PATCH", f"/api/v1/catalogues/{other['id']}", "taken", json={"links": ["programme"]})["detail"]
    admin.refused(409, "POST", "/api/v1/catalogues", "taken", json={"name": "Third", "links": ["programme"]})
    admin.delete(f"/api/v1/segments/{segment['id']}")
    assert types(admin.patch(path, json={"attributes": {"year": "string"}}))["year"] == "string"
    admin.patch(path, json={"links": []})


def test_fields_are_checked(admin):
    for body, pointer in (
        ({"name": " "}, "/name"),
        ({"name": "x", "links": [""]}, "/links/0"),
        ({"name": "x", "attributes": {"a": "text"}}, "/attributes/a"),
        ({"name": "x", "attributes": {"seasons": "object"}}, "/attributes/seasons"),
    ):
        problem = admin.refused(422, "POST", "/api/v1/catalogues", "invalid_input", json=body)
        assert [error["pointer"] for error in problem["errors"]] == [pointer]
    admin.refused(404, "GET", "/api/v1/catalogues/none", "not_found")
    admin.refused(404, "PUT", "/api/v1/catalogues/none/rows", "not_found", json=[])


def test_a_machine_uploads_rows_and_it_is_written_down(programmes, admin, key):
    changed = upload(key("collect"), programmes, [{"key": "News"}], "POST")
    assert changed["row_count"] == 3
    lines = [line for line in admin.pages("/api/v1/audit-trail") if line["target_id"] == programmes["id"]]
    assert [line["action"] for line in lines] == ["catalogue.upload", "catalogue.upload", "catalogue.create"]
    assert lines[0]["actor_kind"] == "machine" and lines[0]["detail"]["version"] == 3


def test_a_catalogue_outlives_a_restart(programmes, server):
    admin = server.sign_in()
    before = (admin.get(f"/api/v1/catalogues/{programmes['id']}"), admin.count(watched(("genre", "eq", "Crime"))))
    server.restart()
    admin = server.sign_in()
    assert (admin.get(f"/api/v1/catalogues/{programmes['id']}"), admin.count(watched(("genre", "eq", "Crime")))) == before
