"""kill -9 while clients send: what was acknowledged is there once, what was not can be sent again."""

import threading
import time
import uuid

import httpx
import pytest

from support.server import Server
from support.tracking import Tracker, track
from support.users import digest
from support.waiting import eventually

SENDERS = 4
BATCH = 20


@pytest.fixture
def server(tmp_path):
    # Small flushes, so that the kills fall before, into and after them.
    server = Server(tmp_path / "data", ROLLCALL_TAKE_IN__FLUSH_ROWS=500, ROLLCALL_TAKE_IN__FLUSH_SECONDS=1).init().start()
    yield server
    if server.process:
        server.kill()


class Sender(threading.Thread):
    """One user per message, so that the members of a segment name the messages that arrived."""

    def __init__(self, server, source, stop):
        super().__init__(daemon=True)
        self.tracker, self.stop = Tracker(server, source), stop
        self.tried, self.acknowledged = [], []
        self.cut_off = False

    def run(self):
        while not self.stop.is_set():
            users = [uuid.uuid4().hex for _ in range(BATCH)]
            self.tried.append(users)
            try:
                self.tracker.send("/v1/batch", {"batch": batch(users)}, BATCH)
            except httpx.TransportError:
                self.cut_off = True
                return
            self.acknowledged.append(users)


def batch(users):
    return [track(user, "Survived", {"user": user}, message_id=f"m-{user}") for user in users]


def flat(batches):
    return {user for users in batches for user in users}


def members(admin, segment):
    admin.build(segment["id"])
    return admin.members(segment["id"])


def caught_up(server, admin):
    """Waits until the whole log is taken in, what nobody holds an answer for too: records are taken in in their order."""
    marker = Tracker(server, admin.source(f"marker {uuid.uuid4().hex}"))
    marker.track("marker", "Marked")
    path = f"/api/v1/sources/{marker.source['id']}/ledger"
    eventually(lambda: admin.get(path)["totals"]["received"], lambda seen: seen == 1, within=60, what="the log taken in")


@pytest.mark.parametrize("seconds", [0.3, 1.1, 2.5])
def test_kill_while_collecting(server, seconds):
    admin = server.sign_in()
    source = admin.source("crash")
    segment = admin.segment("survivors", {"event": "Survived"})
    tried, acknowledged = set(), set()
    for round_number in range(3):
        stop = threading.Event()
        senders = [Sender(server, source, stop) for _ in range(SENDERS)]
        for sender in senders:
            sender.start()
        time.sleep(seconds + round_number * 0.37)
        server.kill()
        stop.set()
        for sender in senders:
            sender.join(30)
            assert sender.cut_off and not sender.is_alive(), "it was sending when the server died"
            tried |= flat(sender.tried)
            acknowledged |= flat(sender.acknowledged)
        server.start()
        admin = server.sign_in()
        caught_up(server, admin)
        arrived = members(admin, segment)
        assert len(arrived) == len(set(arrived))
        assert not acknowledged - set(arrived), "acknowledged and lost"
        assert set(arrived) <= tried, "from nowhere"
        assert admin.count({"event": "Survived", "op": "gte", "value": 2}) == 0, "taken in twice"
        totals = admin.ledger(source["id"])
        assert totals["accepted"] == len(arrived) and totals["duplicate"] == totals["quarantined"] == 0
    assert len(acknowledged) > BATCH, "the test sent something"

    # Clients send again what they hold no answer for, and one sends everything again.
    tracker = Tracker(server, source)
    everything = sorted(tried)
    before = admin.ledger(source["id"])
    tracker.batch(batch(everything))
    totals = tracker.settled(admin, before["received"] + len(everything))
    assert totals["accepted"] == len(everything), "every message once"
    assert totals["duplicate"] == before["accepted"]
    assert sorted(members(admin, segment)) == everything
    recounted(admin, segment, everything)


def recounted(admin, segment, everything):
    """The lake went through the same kills as the index."""
    result = admin.recount(segment["id"])
    assert result["agree"] is True, result
    assert result["lake"] == {"count": len(everything), "digest": digest(everything)}


def test_kill_again_and_again_while_starting(server):
    admin = server.sign_in()
    tracker = Tracker(server, admin.source("crash"))
    users = [f"u{n}" for n in range(3000)]
    tracker.batch(batch(users))
    server.kill()
    for pause in (0.0, 0.05, 0.1, 0.2, 0.4):
        server.process = server.launch()
        time.sleep(pause)
        server.kill()
    server.start()
    admin = server.sign_in()
    assert tracker.settled(admin)["accepted"] == len(users)
    segment = admin.segment("survivors", {"event": "Survived"})
    assert sorted(members(admin, segment)) == sorted(users)
    recounted(admin, segment, users)
