"""Who did what, when, to what: written by the server, readable by auditors, without secrets."""

import sqlite3

import pytest

from conftest import PASSWORD, account
from support import people

pytestmark = pytest.mark.quick


def test_each_change_leaves_a_line(server, admin, auditor):
    segment = admin.segment("trailed", people.EVERYONE)
    admin.put(f"/api/v1/segments/{segment['id']}", json={"name": "renamed", "rule": people.EVERYONE})
    admin.delete(f"/api/v1/segments/{segment['id']}")
    source = admin.source("trailed source")
    made = admin.post("/api/v1/api-keys", json={"name": "trailed key", "scopes": ["pull"]})
    member = account(server, admin, "marketer", "trailed@test.example")
    trail = auditor.pages("/api/v1/audit-trail", limit=5)
    targets = [(line["target_id"], line["action"]) for line in trail]
    of_segment = [action for target, action in targets if target == segment["id"]]
    assert len(of_segment) == 3 and len(set(of_segment)) == 3, of_segment
    for target in (source["id"], made["id"], member.user["id"]):
        assert target in [seen for seen, _ in targets]
    assert [line["at"] for line in trail] == sorted((line["at"] for line in trail), reverse=True)
    line = next(line for line in trail if line["target_id"] == segment["id"])
    assert line["actor"] and line["actor_kind"] and line["target_kind"] == "segment"
    assert line["actor_id"] == admin.user["id"], "names change, and two people may have one"
    text = str(trail)
    assert PASSWORD not in text and made["key"] not in text and source["write_key"] not in text


def test_what_a_machine_takes_is_written_down(admin, key):
    segment = admin.segment("taken", people.EVERYONE)
    build = admin.build(segment["id"])
    machine = key("pull")
    path, what = f"/api/v1/segments/{segment['id']}/list", {"purpose": "ads", "format": "csv"}
    etag = machine.response("GET", path, params=what).headers["etag"]
    unchanged = machine.response("GET", path, params=what, headers={"If-None-Match": etag})
    headers = machine.response("HEAD", path, params=what)
    assert (unchanged.status_code, headers.status_code, headers.content, headers.headers["etag"]) == (304, 200, b"", etag)
    assert headers.headers.get("content-length") != "0", "as if the list were empty"
    machine.get(f"/api/v1/segments/{segment['id']}/delta", since=build["id"], purpose="ads")
    lines = [line for line in admin.pages("/api/v1/audit-trail") if line["target_id"] == segment["id"]]
    taken = sorted(line["action"] for line in lines if line["actor_kind"] == "machine")
    assert taken == ["list.delta", "list.take"], "who is told that nothing changed, or asks for headers, takes nothing"


def test_the_trail_cannot_be_changed(admin):
    line = admin.get("/api/v1/audit-trail")["items"][0]
    for method in ("DELETE", "PUT", "PATCH"):
        assert admin.response(method, f"/api/v1/audit-trail/{line['id']}").status_code in (404, 405)


def test_the_chain_is_checked(server):
    """Changed as by somebody who owns the disk."""
    admin = server.sign_in()
    before = admin.get("/api/v1/audit-trail/check")
    assert before["intact"] is True and before["fault"] is None and before["entries"] > 0
    assert before["head"] == admin.get("/api/v1/audit-trail", limit=1)["items"][0]["hash"]
    with sqlite3.connect(server.data_dir / "rollcall.db") as database:
        sql, = database.execute("SELECT sql FROM sqlite_master WHERE name = 'audit_trail_no_update'").fetchone()
        actor, = database.execute("SELECT actor_id FROM audit_trail WHERE id = 2").fetchone()
        database.execute("DROP TRIGGER audit_trail_no_update")
        database.execute("UPDATE audit_trail SET actor_id = 'somebody else' WHERE id = 2")
    broken = admin.get("/api/v1/audit-trail/check")
    assert broken["intact"] is False and broken["entries"] == 1 and "2" in broken["fault"], broken
    with sqlite3.connect(server.data_dir / "rollcall.db") as database:
        database.execute("UPDATE audit_trail SET actor_id = ? WHERE id = 2", (actor,))
        database.execute(sql)
    assert admin.get("/api/v1/audit-trail/check") == before


def test_a_marketer_does_not_read_it(marketer):
    marketer.refused(403, "GET", "/api/v1/audit-trail")
