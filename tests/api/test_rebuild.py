"""The index is disposable: deleted and rebuilt from the lake, it answers as before."""

import shutil

import pytest

from support import people
from support.server import Server
from support.tracking import Tracker
from support.users import read_csv


def answers(admin, segments):
    """Everything that the index is asked for."""
    builds = {segment["name"]: admin.build(segment["id"]) for segment in segments}
    users = read_csv(admin.response("GET", "/api/v1/map/users", params={"purpose": "ads", "format": "csv"}).content)
    return {
        "digests": {name: (build["digest"], build["count"], build["population"]) for name, build in builds.items()},
        "uids": {row["uid"]: row["user_id"] for row in users},
        "events": {event["name"]: event["count"] for event in admin.get("/api/v1/schema")["events"]},
        "nodes": admin.preview(people.WOMEN_VIEWERS)["nodes"],
        "segments of u06": sorted(admin.get("/api/v1/lookup/u06", purpose="ads")["segments"]),
    }


@pytest.fixture
def loaded(tmp_path):
    server = Server(tmp_path / "data").init().start()
    admin = server.sign_in()
    tracker = Tracker(server, admin.source("people"))
    people.load(tracker, admin)
    tracker.identify("u06", {"gender": None, "note": "late"})
    tracker.settled(admin)
    staff = admin.post("/api/v1/lists", json={"name": "staff", "user_ids": ["u00", "u02", "stranger"]})
    segments = [
        admin.segment("everyone", people.EVERYONE), admin.segment("women", people.WOMEN), admin.segment("viewers", people.VIEWERS),
        admin.segment("not staff", {"not": {"list": staff["id"]}}),
        admin.segment("minutes", {"event": "video_view", "agg": "sum", "of": "minutes", "op": "gte", "value": 31.5}),
    ]
    yield server, tracker, segments
    if server.process:
        server.stop()


def test_rebuilt_by_command(loaded):
    server, _, segments = loaded
    before = answers(server.sign_in(), segments)
    server.stop()
    server.run("rebuild-index", "--data-dir", server.data_dir)
    server.start()
    assert answers(server.sign_in(), segments) == before


def test_rebuilt_by_itself_when_the_folder_is_gone(loaded):
    server, tracker, segments = loaded
    before = answers(server.sign_in(), segments)
    server.stop()
    shutil.rmtree(server.data_dir / "index")
    server.start()
    admin = server.sign_in()
    assert answers(admin, segments) == before
    tracker.batch(list(people.messages()))
    assert tracker.settled(admin)["duplicate"] == len(list(people.messages())), "the memory of message ids is rebuilt too"
