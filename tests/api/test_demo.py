"""The demo organisation: loaded offline, repeatable, and worth looking at."""

from datetime import datetime, timezone

import pytest

from support.server import Server

PASSWORD = "rollcall-demo"
TODAY = datetime.now(timezone.utc).date()


def load(server):
    server.run("demo", "--data-dir", server.data_dir, "--users", 500, "--events", 5000, "--days-end", TODAY)


@pytest.fixture(scope="module")
def server(tmp_path_factory):
    server = Server(tmp_path_factory.mktemp("demo") / "data")
    load(server)
    yield server.start()
    server.stop()


@pytest.fixture(scope="module")
def admin(server):
    return server.sign_in("admin@demo.example", PASSWORD)


@pytest.mark.parametrize("role", ["admin", "marketer", "auditor"])
def test_everybody_can_sign_in(server, role):
    assert server.sign_in(f"{role}@demo.example", PASSWORD).user["role"] == role


def test_seven_segments_with_people_in_them(admin):
    segments = admin.get("/api/v1/segments")["items"]
    assert len(segments) == 7
    for segment in segments:
        assert 0 < admin.build(segment["id"])["count"] < 500, segment["name"]
        assert segment["description"]


def test_events_and_users_are_as_many_as_asked_for(admin):
    overview = admin.get("/api/v1/overview")
    assert overview["users_known"] == 500 and overview["mail_ready"] is False
    assert 4500 <= overview["events_accepted"] <= 6000
    assert admin.get("/api/v1/ledger")["balanced"] is True


def test_the_programmes_are_a_catalogue(admin):
    made, = admin.get("/api/v1/catalogues")["items"]
    assert (made["row_count"], made["links"]) == (500, ["programme"])
    assert 0 < made["rows_with_seasons"] < 500
    ncis, = admin.get(f"/api/v1/catalogues/{made['id']}/rows", q="ncis")["items"]
    assert ncis["genre"] == "Crime" and len(ncis["seasons"]) > 2
    crime = {"event": "video_view", "where": [{"property": "programme.genre", "op": "eq", "value": "Crime"}]}
    assert admin.count(crime) == admin.count({"event": "video_view", "where": [{"property": "genre", "op": "eq", "value": "Crime"}]})


def test_a_campaign_waits_to_be_sent(admin):
    campaigns = admin.get("/api/v1/campaigns")["items"]
    assert [campaign["state"] for campaign in campaigns] == ["draft"]


def test_the_same_numbers_give_the_same_demo(server, admin, tmp_path):
    def counts(api):
        segments = api.get("/api/v1/segments")["items"]
        return {segment["name"]: api.count(segment["rule"]) for segment in segments if "'segment'" not in str(segment["rule"])}

    again = Server(tmp_path / "data")
    load(again)
    again.start()
    try:
        assert counts(again.sign_in("admin@demo.example", PASSWORD)) == counts(admin)
    finally:
        again.stop()
