"""Unmodified tracking SDKs, each sending one known set: everything arrives once, with its traits and properties."""

import json
import shutil
import subprocess
import sys

import pytest

from support.server import ROOT
from support.tracking import Tracker

HERE = ROOT / "tests" / "sdk"
NODE = ROOT / "tests" / "sdk-node"
PYTHON = [sys.executable]

SDKS = {
    "segment-python": [*PYTHON, HERE / "send_segment.py"],
    "segment-python-gzip": [*PYTHON, HERE / "send_segment.py", "gzip"],
    "rudder-python": [*PYTHON, HERE / "send_rudder.py"],
    "segment-node": ["node", NODE / "segment.mjs"],
    "rudder-node": ["node", NODE / "rudder.mjs"],
    "segment-browser": ["node", NODE / "browser.mjs", "standard"],
    "segment-browser-batching": ["node", NODE / "browser.mjs", "batching"],
}


def known_set(sdk):
    return {**json.loads((HERE / "known.json").read_text().replace("$SDK", sdk)), "sdk": sdk}


@pytest.fixture(scope="module", params=SDKS)
def sent(request, server, admin):
    sdk = request.param
    program, script, *options = SDKS[sdk]
    if program == "node" and not shutil.which("node"):
        pytest.fail("node is not installed")
    known = known_set(sdk)
    tracker = Tracker(server, admin.source(sdk))
    done = subprocess.run(
        [program, str(script), server.url, tracker.key, json.dumps(known), *options],
        capture_output=True, text=True, timeout=120, check=False, cwd=script.parent,
    )
    assert done.returncode == 0, f"{sdk}: {done.stdout}\n{done.stderr}"
    return sdk, known, tracker


def calls(known):
    return 1 + len(known["events"]) + known["ticks"] + 4


def test_everything_arrives_once(sent, admin):
    _, known, tracker = sent
    totals = tracker.settled(admin, calls(known))
    assert (totals["accepted"], totals["duplicate"], totals["quarantined"]) == (calls(known), 0, 0)
    records = admin.get(f"/api/v1/sources/{tracker.source['id']}/recent", limit=50)["items"]
    kinds = [record["type"] for record in records]
    assert sorted(kinds) == sorted(["identify", "page", "screen", "group", "alias"] + ["track"] * (known["ticks"] + len(known["events"])))
    assert len({record["message_id"] for record in records}) == len(records)
    assert {record["user_id"] for record in records} == {known["user"]}


def test_properties_arrive_with_their_types(sent, admin):
    sdk, known, tracker = sent
    tracker.settled(admin, calls(known))
    mine = {"property": "sdk", "op": "eq", "value": sdk}

    def count(event, *where, **more):
        return admin.count({"event": event, "where": [mine, *where], **more})

    watched = known["events"][0]
    for path, value in watched["properties"].items():
        operator = "has_all" if isinstance(value, list) else "eq"
        path, value = ("player.os", "tv") if path == "player" else (path, value)
        assert count(watched["event"], {"property": path, "op": operator, "value": value}) == 1, path
    other = known["events"][1]
    assert count(other["event"], {"property": "query", "op": "eq", "value": other["properties"]["query"]}) == 1
    ticks = known["ticks"]
    assert count("Ticked", op="eq", value=ticks) == 1
    assert count("Ticked", agg="sum", of="n", op="eq", value=ticks * (ticks - 1) // 2) == 1
    assert count("Ticked", agg="distinct", of="n", op="eq", value=ticks) == 1
    assert count("Ticked", window={"last": "1h"}) == 1, "with the time at which it happened"


def test_traits_arrive(sent, admin):
    sdk, known, tracker = sent
    tracker.settled(admin, calls(known))
    segment = admin.segment(sdk, {"trait": "sdk", "op": "eq", "value": sdk})
    admin.build(segment["id"])
    [member] = admin.get(f"/api/v1/segments/{segment['id']}/members")["items"]
    assert member["user_id"] == known["user"]
    seen = member["traits"]
    for name in ("plan", "age", "vip", "tags"):
        assert seen[name] == known["traits"][name], name
    assert seen.get("address.city", (seen.get("address") or {}).get("city")) == "Oslo"


def test_nothing_of_a_group_becomes_a_trait_of_the_user(sent, admin):
    sdk, known, tracker = sent
    tracker.settled(admin, calls(known))
    assert admin.count({"all": [{"trait": "sdk", "op": "eq", "value": sdk}, {"trait": "seats", "op": "is_set"}]}) == 0
