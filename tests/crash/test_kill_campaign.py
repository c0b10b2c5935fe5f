"""kill -9 while a campaign is being sent: nobody gets it twice, and whoever may or may not have got it is counted as such."""

import pytest

from support.mail import MailServer
from support.server import Server
from support.tracking import Tracker, identify
from support.waiting import eventually

PEOPLE = 120
IN_FLIGHT = 4


@pytest.fixture
def mail():
    with MailServer(delay=0.03) as mail:
        yield mail


@pytest.fixture
def server(tmp_path, mail):
    server = Server(tmp_path / "data", ROLLCALL_SMTP__CONCURRENCY=IN_FLIGHT, **mail.settings()).init().start()
    yield server
    if server.process:
        server.kill()


def report(admin, campaign):
    return admin.get(f"/api/v1/campaigns/{campaign['id']}")


@pytest.mark.parametrize("kills", [1, 3])
def test_kill_while_sending(server, mail, kills):
    admin = server.sign_in()
    tracker = Tracker(server, admin.source("people"))
    tracker.batch([identify(f"u{n}", {"email": f"u{n}@people.example", "consent_email": True}) for n in range(PEOPLE)])
    tracker.settled(admin)
    segment = admin.segment("everyone", {"everyone": True})
    admin.build(segment["id"])
    campaign = admin.post("/api/v1/campaigns", json={
        "name": "Crash", "segment_id": segment["id"], "subject": "Once", "body_format": "html",
        "body": "<p>Hello</p><a href='{{ unsubscribe_url }}'>Unsubscribe</a>", "from_name": "R", "from_address": "r@test.example",
    })
    admin.post(f"/api/v1/campaigns/{campaign['id']}/send", status=202)
    for kill in range(kills):
        wanted = PEOPLE * (kill + 1) // (kills + 1)
        eventually(lambda: len(mail.recipients()), lambda taken: taken >= wanted, within=60, what=f"{wanted} messages out")
        server.kill()
        server.start()
        admin = server.sign_in()
        state = report(admin, campaign)["state"]
        assert state in ("sending", "paused"), state
        if state == "paused":
            admin.post(f"/api/v1/campaigns/{campaign['id']}/resume", status=202)
    done = eventually(lambda: report(admin, campaign), lambda c: c["state"] == "done", within=90, what="the end")
    got = mail.recipients()
    assert len(got) == len(set(got)), "somebody got it twice"
    counts = done["report"]
    assert counts["sent"] + counts["failed"] + counts["unknown"] == counts["matched"] == PEOPLE
    recipients = {item["user_id"]: item["state"] for item in admin.pages(f"/api/v1/campaigns/{campaign['id']}/recipients")}
    assert len(recipients) == PEOPLE
    reached = {address.split("@")[0] for address in got}
    for user, state in recipients.items():
        assert state in ("sent", "unknown"), (user, state)
        assert state == "unknown" or user in reached, f"{user} is called sent and was not"
    assert counts["unknown"] == sum(state == "unknown" for state in recipients.values()) <= kills * IN_FLIGHT, "only what was in flight"
