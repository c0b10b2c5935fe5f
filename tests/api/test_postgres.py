"""The same server with PostgreSQL instead of SQLite: one walk through everything that is stored."""

import os
import subprocess
import uuid

import pytest

from conftest import account
from support import people
from support.server import Server
from support.tracking import Tracker
from support.users import read_csv

URL = os.environ.get("ROLLCALL_TEST_POSTGRES_URL")


@pytest.mark.skipif(not URL, reason="ROLLCALL_TEST_POSTGRES_URL is not set (tests/run.sh sets it)")
def test_everything_that_is_stored_is_there_after_a_restart(tmp_path):
    name = f"rollcall_{uuid.uuid4().hex}"
    subprocess.run(["psql", URL, "--quiet", "--command", f"create database {name}"], check=True, timeout=60)
    server = Server(tmp_path / "data", ROLLCALL_DATABASE_URL=URL.rsplit("/", 1)[0] + f"/{name}").init().start()
    try:
        admin = server.sign_in()
        unique = uuid.uuid4().hex
        email = f"{unique}@test.example"
        account(server, admin, "auditor", email)
        tracker = Tracker(server, admin.source(unique))
        sent = people.load(tracker, admin)
        women = admin.segment(f"women {unique}", people.WOMEN)
        above = admin.segment(f"above {unique}", {"all": [{"segment": women["id"]}, people.VIEWERS]})
        edited = {"name": f"women {unique}", "rule": {"not": {"not": people.WOMEN}}}
        admin.put(f"/api/v1/segments/{women['id']}", json=edited)
        build = admin.build(above["id"])
        machine = admin.post("/api/v1/api-keys", json={"name": unique, "scopes": ["pull"]})
        staff = admin.post("/api/v1/lists", json={"name": unique, "user_ids": ["u01"]})
        server.restart()
        admin = server.sign_in()
        assert admin.ledger(tracker.source["id"])["accepted"] == sent
        assert [v["version"] for v in admin.get(f"/api/v1/segments/{women['id']}/versions")["items"]] == [2, 1]
        assert admin.build(above["id"])["digest"] == build["digest"]
        assert admin.count({"list": staff["id"]}) == 1
        taken = server.with_key(machine["key"]).response(
            "GET", f"/api/v1/segments/{above['id']}/list", params={"purpose": "ads", "format": "csv"}
        )
        assert len(read_csv(taken.content)) == len(people.those(lambda n: n % 6 == 0 and people.episodes(n) >= 3))
        assert admin.recount(above["id"])["agree"] is True
        assert email in [item["email"] for item in admin.pages("/api/v1/users")]
        assert women["id"] in [line["target_id"] for line in admin.pages("/api/v1/audit-trail")]
    finally:
        server.stop()
