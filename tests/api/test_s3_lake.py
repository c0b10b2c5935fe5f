"""The same server with its lake in an S3 bucket: what is taken in is there after a restart, and a recount reads it back."""

import shutil
import subprocess
import sys
import uuid
from pathlib import Path

import httpx
import pytest

from support import people
from support.server import Server, end_with_parent, free_port
from support.tracking import Tracker
from support.waiting import eventually


@pytest.fixture
def bucket(tmp_path):
    """A real S3 server with one bucket; the address of the server."""
    url = f"http://127.0.0.1:{free_port()}"
    command = [Path(sys.executable).parent / "moto_server", "-H", "127.0.0.1", "-p", url.rsplit(":", 1)[1]]
    with open(tmp_path / "s3.log", "wb") as log:
        server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT, preexec_fn=end_with_parent)
    try:
        def made():
            try:
                return httpx.put(f"{url}/rollcall-lake", timeout=5).status_code == 200
            except httpx.TransportError:
                return False
        eventually(made, within=30, what="the S3 server answers")
        yield url
    finally:
        server.terminate()
        server.wait(timeout=20)


def test_a_lake_in_a_bucket_survives_restart_and_rebuild(tmp_path, bucket):
    server = Server(
        tmp_path / "data",
        ROLLCALL_LAKE_URL="s3://rollcall-lake/some/prefix",
        ROLLCALL_LAKE_STORAGE__ENDPOINT=bucket,
        ROLLCALL_LAKE_STORAGE__REGION="us-east-1",
        ROLLCALL_LAKE_STORAGE__ACCESS_KEY_ID="test",
        ROLLCALL_LAKE_STORAGE__SECRET_ACCESS_KEY="test",
        ROLLCALL_LAKE_STORAGE__ALLOW_HTTP="true",
    ).init().start()
    try:
        admin = server.sign_in()
        tracker = Tracker(server, admin.source(uuid.uuid4().hex))
        sent = people.load(tracker, admin)
        both = admin.segment("both", {"all": [people.WOMEN, people.VIEWERS]})
        build = admin.build(both["id"])
        assert admin.recount(both["id"])["agree"] is True
        server.stop()
        assert not (tmp_path / "data" / "lake").exists()
        shutil.rmtree(tmp_path / "data" / "index")
        server.run("rebuild-index", "--data-dir", tmp_path / "data")
        server.start()
        admin = server.sign_in()
        assert admin.ledger(tracker.source["id"])["accepted"] == sent
        assert admin.build(both["id"])["digest"] == build["digest"]
        assert admin.recount(both["id"])["agree"] is True
    finally:
        server.stop()
