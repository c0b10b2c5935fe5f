"""E-mail to a segment: nobody without consent, nobody twice, every drop named, results visible."""

import re

import pytest

from support import people
from support.mail import MailServer
from support.tracking import Tracker
from support.waiting import eventually

BODY = """<mjml><mj-body><mj-section><mj-column><mj-text>Dear {{ user_id }}, you are {{ traits.age }}.</mj-text>
<mj-text><a href="{{ unsubscribe_url }}">Unsubscribe</a></mj-text></mj-column></mj-section></mj-body></mjml>"""


@pytest.fixture(scope="module")
def mail():
    refuse = {"u08@people.example": "550 no such mailbox"}
    with MailServer(refuse=refuse.get) as server:
        yield server


@pytest.fixture(scope="module")
def settings(mail):
    return mail.settings()


@pytest.fixture(scope="module")
def segment(server, admin):
    tracker = Tracker(server, admin.source("people"))
    people.load(tracker, admin)
    tracker.identify("u12", {"email": "U04@people.example"})  # the address of u04 in other letters
    tracker.settled(admin)
    segment = admin.segment("everyone", people.EVERYONE)
    admin.build(segment["id"])
    return segment


def draft(segment, **change):
    return {
        "name": "Spring", "segment_id": segment["id"], "subject": "Hello {{ user_id }}", "body_format": "mjml", "body": BODY,
        "from_name": "Rollcall", "from_address": "news@test.example", **change,
    }


def finished(api, campaign):
    path = f"/api/v1/campaigns/{campaign['id']}"
    return eventually(lambda: api.get(path), lambda c: c["state"] in ("done", "failed"), within=60, what="the campaign's end")


def unsubscribe_link(taken):
    return re.search(r"<(http[^>]+)>", taken.message["list-unsubscribe"]).group(1)


ALLOWED = people.those(lambda n: people.allows_email(n) and people.address(n))


@pytest.fixture(scope="module")
def sent(segment, marketer, mail):
    campaign = marketer.post("/api/v1/campaigns", json=draft(segment), status=201)
    assert campaign["state"] == "draft"
    marketer.post(f"/api/v1/campaigns/{campaign['id']}/send", status=202)
    return finished(marketer, campaign)


def test_everybody_with_consent_and_an_address_once(sent, mail):
    expected = {f"{user}@people.example" for user in ALLOWED} - {"u08@people.example", "u12@people.example"}
    got = [recipient.lower() for recipient in mail.recipients()]
    assert sorted(got) == sorted(expected)


def test_the_report_adds_up(sent):
    report = sent["report"]
    assert sent["state"] == "done" and report["matched"] == len(people.PEOPLE)
    assert report["no_consent"] == len(people.those(lambda n: not people.allows_email(n)))
    assert report["no_address"] == len(people.those(lambda n: people.allows_email(n) and not people.address(n)))
    assert report["duplicate_address"] == 1
    assert (report["sent"], report["failed"]) == (len(ALLOWED) - 2, 1)
    assert (report["queued"], report["sending"], report["unknown"]) == (0, 0, 0)
    ends = ("no_consent", "suppressed", "no_address", "duplicate_address", "sent", "failed", "unknown")
    assert report["matched"] == sum(report[end] for end in ends)


def test_a_message_speaks_to_its_reader_and_lets_them_go(sent, mail, server):
    taken = next(t for t in mail.taken if t.recipient == "u16@people.example")
    message = taken.message
    assert message["subject"] == "Hello u16" and "u16" in taken.text and "Dear u16, you are 26." in re.sub(r"\s+", " ", taken.html)
    assert message["from"].addresses[0].addr_spec == "news@test.example" and message["message-id"] and message["date"]
    assert message["list-unsubscribe-post"] == "List-Unsubscribe=One-Click"
    link = unsubscribe_link(taken)
    assert link.startswith(server.url + "/u/") and link in taken.html


def test_recipients_show_what_became_of_each(sent, marketer):
    path = f"/api/v1/campaigns/{sent['id']}/recipients"
    by_user = {item["user_id"]: item for item in marketer.pages(path)}
    assert by_user["u16"]["state"] == "sent" and by_user["u08"]["state"] == "failed" and "no such mailbox" in by_user["u08"]["detail"]
    assert [item["user_id"] for item in marketer.pages(path, state="failed")] == ["u08"]


def test_one_click_unsubscribing_holds_for_the_next_campaign(sent, segment, marketer, mail, server):
    link = unsubscribe_link(next(t for t in mail.taken if t.recipient == "u24@people.example"))
    path = link.removeprefix(server.url)
    page = server.anonymous().response("GET", path)
    assert page.status_code == 200 and "u24" not in page.text
    assert "u24@people.example" in mail.recipients()
    answer = server.anonymous().response("POST", path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200
    mail.taken.clear()
    campaign = marketer.post("/api/v1/campaigns", json=draft(segment, name="Summer"))
    marketer.post(f"/api/v1/campaigns/{campaign['id']}/send")
    report = finished(marketer, campaign)["report"]
    assert report["suppressed"] == 1 and "u24@people.example" not in mail.recipients()
    assert len(mail.recipients()) == len(set(mail.recipients())) == report["sent"]
    assert marketer.get(f"/api/v1/campaigns/{sent['id']}")["report"]["unsubscribed"] == 1


def test_a_forged_token_unsubscribes_nobody(sent, server):
    for method in ("GET", "POST"):
        cut = server.anonymous().response(method, "/u/forged", data={"List-Unsubscribe": "One-Click"})
        assert cut.status_code == 404 and cut.headers["content-type"].startswith("text/html")
        assert "cut short" in cut.text


def test_reading_the_link_alone_unsubscribes_nobody(sent, mail, server, marketer, segment):
    """Mail scanners open every link."""
    taken = next(t for t in mail.taken if t.recipient == "u28@people.example")
    link = unsubscribe_link(taken)
    server.anonymous().response("GET", link.removeprefix(server.url))
    steps = {step["name"]: step for step in marketer.get(f"/api/v1/segments/{segment['id']}/waterfall", purpose="email")["steps"]}
    assert steps["suppressed"]["dropped"] == 1, "only the one of before"


def test_a_preview_shows_a_person_and_the_faults(segment, marketer):
    fields = {"subject": "For {{ user_id }}", "body_format": "mjml", "body": BODY}
    shown = marketer.post("/api/v1/campaigns/preview", json={**fields, "user_id": "u16"})
    assert shown["subject"] == "For u16" and "Dear u16, you are 26." in re.sub(r"\s+", " ", shown["html"]) and shown["errors"] == []
    assert "u16" in shown["text"]
    broken = marketer.post("/api/v1/campaigns/preview", json={**fields, "body": "<mjml><mj-body>{{ open"})
    assert broken["errors"] and broken["errors"][0]["message"]


def test_a_mail_without_a_visible_link_to_unsubscribe_is_refused(segment, marketer):
    bare = {"subject": "Hi", "body_format": "html", "body": "<p>Hello</p>"}
    refused = marketer.refused(422, "POST", "/api/v1/campaigns", "invalid_input", json=draft(segment, **bare))
    assert refused["errors"][0]["pointer"] == "/body" and "unsubscribe_url" in refused["detail"]
    shown = marketer.post("/api/v1/campaigns/preview", json=bare)
    assert "unsubscribe_url" in shown["errors"][0]["message"]


def test_values_of_users_cannot_become_markup(server, admin, marketer, segment):
    tracker = Tracker(server, admin.source("markup"))
    tracker.identify("<b>bold</b>", {"markup": True})
    tracker.settled(admin)
    shown = marketer.post("/api/v1/campaigns/preview", json={
        "subject": "Hi", "body_format": "html", "body": "<p>{{ user_id }}</p>{{ unsubscribe_url }}", "user_id": "<b>bold</b>",
    })
    assert "<b>bold</b>" not in shown["html"]


def test_a_test_mail_goes_to_one_address(segment, marketer, mail, server):
    mail.taken.clear()
    campaign = marketer.post("/api/v1/campaigns", json=draft(segment, name="Tested"))
    marketer.post(f"/api/v1/campaigns/{campaign['id']}/test", json={"address": "me@test.example"}, status=202)
    eventually(mail.recipients, what="the test mail")
    assert mail.recipients() == ["me@test.example"]
    assert marketer.get(f"/api/v1/campaigns/{campaign['id']}")["state"] == "draft"
    # Whoever tries its link unsubscribes nobody.
    waterfall = f"/api/v1/segments/{segment['id']}/waterfall"
    before = marketer.get(waterfall, purpose="email")["steps"]
    path = unsubscribe_link(mail.taken[0]).removeprefix(server.url)
    assert "test mail" in server.anonymous().response("GET", path).text
    answer = server.anonymous().response("POST", path, data={"List-Unsubscribe": "One-Click"})
    assert answer.status_code == 200 and "nobody" in answer.text
    assert marketer.get(waterfall, purpose="email")["steps"] == before
    marketer.post(f"/api/v1/campaigns/{campaign['id']}/test", json={"address": "me@test.example"}, status=202)
    assert len({taken.message["message-id"] for taken in mail.taken}) == 2


def test_only_a_draft_can_be_changed(sent, segment, marketer):
    marketer.refused(409, "PUT", f"/api/v1/campaigns/{sent['id']}", json=draft(segment, subject="Other"))
    marketer.refused(409, "POST", f"/api/v1/campaigns/{sent['id']}/send")


def test_unsubscribing_holds_for_everybody_at_the_address(segment, marketer, mail, server):
    """u04 and u12 read the same mailbox; the mail is made for one of them."""
    def campaign(name):
        mail.taken.clear()
        made = marketer.post("/api/v1/campaigns", json=draft(segment, name=name))
        marketer.post(f"/api/v1/campaigns/{made['id']}/send")
        return finished(marketer, made)["report"]

    before = campaign("Autumn")
    shared, = [taken for taken in mail.taken if taken.recipient.lower() == "u04@people.example"]
    path = unsubscribe_link(shared).removeprefix(server.url)
    assert server.anonymous().response("POST", path, data={"List-Unsubscribe": "One-Click"}).status_code == 200
    after = campaign("Winter")
    assert "u04@people.example" not in [recipient.lower() for recipient in mail.recipients()]
    assert (after["suppressed"], after["duplicate_address"]) == (before["suppressed"] + 2, before["duplicate_address"] - 1)
