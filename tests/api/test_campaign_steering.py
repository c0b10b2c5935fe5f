"""A campaign under way: held and resumed, beside others that wait, through errors of ours; and what auditors see of it."""

import base64
import sqlite3
from contextlib import closing

import pytest

from support.mail import MailServer
from support.tracking import Tracker, identify
from support.waiting import eventually

PEOPLE = [f"u{n:03}" for n in range(150)]


def answer(address):
    user = address.split("@")[0]
    return {"grey": "451 come back later", "u007": f"550 <{address}> no such mailbox"}.get(user)


@pytest.fixture(scope="module")
def mail():
    with MailServer(delay=0.02, refuse=answer) as server:
        yield server


@pytest.fixture(scope="module")
def settings(mail):
    return {**mail.settings(), "ROLLCALL_CONSENT__EMAIL": '{"list":"optin"}'}


def opt_in(admin):
    admin.post("/api/v1/lists", json={"id": "optin", "name": "Opted in", "user_ids": [*PEOPLE, "grey"]}, status=201)


@pytest.fixture(scope="module")
def segments(server, admin):
    tracker = Tracker(server, admin.source("people"))
    tracker.batch([identify(user, {"email": f"{user}@people.example", "group": "crowd"}) for user in PEOPLE])
    tracker.identify("grey", {"email": "grey@people.example", "group": "grey"})
    tracker.settled(admin)
    opt_in(admin)
    return {group: admin.segment(group, {"trait": "group", "op": "eq", "value": group}) for group in ("crowd", "grey")}


@pytest.fixture
def campaign(segments, marketer, fresh_name):
    """Writes a draft to a group; the path of it."""
    def write(group):
        made = marketer.post("/api/v1/campaigns", json={
            "name": fresh_name(group), "segment_id": segments[group]["id"], "subject": "Hello", "body_format": "html",
            "body": "<p>{{ user_id }}</p><a href='{{ unsubscribe_url }}'>Unsubscribe</a>",
            "from_name": "R", "from_address": "r@test.example",
        })
        return f"/api/v1/campaigns/{made['id']}"
    return write


def ended(api, path, within=60):
    return eventually(lambda: api.get(path), lambda c: c["state"] in ("done", "failed"), within=within, what="the end")


def under_way(api, path, sent=10):
    return eventually(lambda: api.get(path), lambda c: c["report"]["sent"] >= sent, within=30, what=f"{sent} messages out")


@pytest.fixture(scope="module")
def waiting(segments, marketer):
    """A campaign whose only recipient is put off for a minute at least; every other test has it in the background."""
    made = marketer.post("/api/v1/campaigns", json={
        "name": "Greylisted", "segment_id": segments["grey"]["id"], "subject": "Hello", "body_format": "html",
        "body": "<a href='{{ unsubscribe_url }}'>Unsubscribe</a>", "from_name": "R", "from_address": "r@test.example",
    })
    path = f"/api/v1/campaigns/{made['id']}"
    marketer.post(f"{path}/send", status=202)
    items = eventually(lambda: marketer.pages(f"{path}/recipients"), lambda items: items and items[0]["detail"], what="an attempt")
    assert items[0]["state"] == "queued" and "451" in items[0]["detail"]
    return path


def test_a_pause_holds_everybody_who_is_still_queued(waiting, campaign, marketer, auditor, mail):
    path = campaign("crowd")
    marketer.refused(409, "POST", f"{path}/pause")
    mail.taken.clear()
    marketer.post(f"{path}/send", status=202)
    under_way(marketer, path)
    assert marketer.post(f"{path}/pause")["state"] == "paused"
    held = eventually(lambda: marketer.get(path), lambda c: c["report"]["sending"] == 0, within=2, what="a standstill")["report"]
    assert held["queued"] > 0
    trail = auditor.pages("/api/v1/audit-trail")
    assert [line["actor_kind"] for line in trail if (line["action"], line["target_id"]) == ("campaign.pause", path.split("/")[-1])] == ["person"]
    assert marketer.get(path)["report"] == held and len(mail.recipients()) == held["sent"]
    marketer.post(f"{path}/resume", status=202)
    report = ended(marketer, path)["report"]
    assert (report["sent"], report["failed"]) == (len(PEOPLE) - 1, 1)
    assert len(mail.recipients()) == len(set(mail.recipients())) == len(PEOPLE) - 1
    marketer.refused(409, "POST", f"{path}/pause")


def test_a_campaign_that_waits_holds_up_no_other(waiting, campaign, marketer):
    path = campaign("crowd")
    marketer.post(f"{path}/send", status=202)
    assert ended(marketer, path)["state"] == "done"
    other = marketer.get(waiting)
    assert (other["state"], other["report"]["queued"]) == ("sending", 1)


def test_nobody_is_given_up_while_consent_cannot_be_looked_at(campaign, admin, server):
    path = campaign("crowd")
    admin.post(f"{path}/send", status=202)
    under_way(admin, path)
    admin.delete("/api/v1/lists/optin")
    eventually(lambda: "a campaign stands still" in server.log_tail(1000), within=30, what="a standstill")
    stands = admin.get(path)
    assert stands["state"] == "sending" and stands["report"]["failed"] <= 1 and stands["report"]["queued"] > 0
    opt_in(admin)
    report = ended(admin, path)["report"]
    assert (report["sent"], report["failed"]) == (len(PEOPLE) - 1, 1), "only the one without a mailbox"


def test_auditors_page_through_recipients_without_ids_and_addresses(waiting, campaign, marketer, auditor):
    path = campaign("crowd")
    marketer.post(f"{path}/send", status=202)
    ended(marketer, path)
    open_view = {item["user_id"]: item for item in marketer.pages(f"{path}/recipients")}
    assert sorted(open_view) == PEOPLE and "u007@people.example" in open_view["u007"]["detail"]
    items = auditor.pages(f"{path}/recipients")
    assert len({item["user_id"] for item in items}) == len(PEOPLE) and all(item["user_id"].startswith("p_") for item in items)
    assert [item["detail"] for item in items if item["state"] == "failed"] == ["550"]
    cursor = auditor.get(f"{path}/recipients")["next_cursor"]
    plain = base64.urlsafe_b64decode(cursor + "==")
    assert cursor not in PEOPLE and not [user for user in PEOPLE if user.encode() in plain]
    for wrong in ("u050", cursor[:-1], cursor[::-1]):
        auditor.refused(422, "GET", f"{path}/recipients", params={"cursor": wrong})
    auditor.refused(422, "GET", f"{waiting}/recipients", params={"cursor": cursor})


def test_a_segment_stays_while_a_campaign_needs_it(admin, campaign, marketer, segments):
    path = campaign("crowd")
    name = marketer.get(path)["name"]
    segment = f"/api/v1/segments/{segments['crowd']['id']}"
    problem = marketer.refused(409, "DELETE", segment, "in_use")
    assert name in problem["detail"] and "draft" in problem["detail"], problem
    marketer.delete(path)
    marketer.delete(segment)
    marketer.post(f"{segment}/restore")


def test_a_campaign_whose_members_are_gone_says_so(server, campaign, marketer):
    path = campaign("crowd")
    server.stop()
    with closing(sqlite3.connect(server.data_dir / "rollcall.db")) as database, database:
        database.execute("UPDATE campaigns SET state = 'sending', build_id = 'gone' WHERE id = ?", (path.split("/")[-1],))
    server.start()
    gone = ended(marketer, path)
    assert gone["state"] == "failed" and "no longer kept" in gone["error"], gone
    assert marketer.post(f"{path}/cancel")["state"] == "cancelled"
