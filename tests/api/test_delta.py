"""Deltas: a consumer that holds the list of a build and applies the delta holds exactly the list of now."""

import pytest

from support.tracking import Tracker
from support.users import digest, read_csv
from support.waiting import eventually

pytestmark = pytest.mark.quick

MEMBER = {"trait": "plan", "op": "eq", "value": "gold"}


class Consumer:
    """Takes a list once and follows it by deltas, as an ad server or a mailer would."""

    def __init__(self, api, segment, purpose):
        self.api, self.purpose, self.path = api, purpose, f"/api/v1/segments/{segment['id']}"
        self.build, self.users = self.take()

    def take(self):
        answer = self.api.response("GET", f"{self.path}/list", params={"purpose": self.purpose, "format": "csv"})
        assert answer.status_code == 200, answer.text
        return answer.headers["x-rollcall-build"], {row["user_id"] for row in read_csv(answer.content)}

    def follow(self):
        """Applies the delta and compares with the list of now; the delta."""
        delta = self.api.get(f"{self.path}/delta", since=self.build, purpose=self.purpose)
        assert set(delta["added"]) & set(delta["removed"]) == set()
        for _ in range(2):
            self.users = (self.users - set(delta["removed"])) | set(delta["added"])
        self.build = delta["to_build"]
        assert self.users == self.take()[1]
        assert (delta["count"], delta["digest"]) == (len(self.users), digest(self.users))
        return delta


@pytest.fixture
def gold(server, admin, fresh_name):
    """A segment of its own: how to change its people, and its rebuilding."""
    plan = fresh_name("plan")
    tracker = Tracker(server, admin.source(plan))
    segment = admin.segment(plan, {**MEMBER, "value": plan})

    def be(user, **traits):
        tracker.identify(f"{plan} {user}", {"plan": plan, "consent_ads": True, "consent_email": True, **traits})

    def settle(build=False):
        tracker.settled(admin)
        return admin.build(segment["id"]) if build else None

    return plan, segment, be, settle


@pytest.mark.parametrize("rebuilt", [False, True], ids=["same build", "later build"])
def test_whoever_withdraws_is_removed(gold, key, rebuilt):
    plan, segment, be, settle = gold
    for user in "abcd":
        be(user)
    be("never", consent_ads=False)
    settle(build=True)
    ads = Consumer(key("pull"), segment, "ads")
    assert len(ads.users) == 4
    be("a", consent_ads=False)
    be("b", consent_ads=None)
    be("e")
    settle(build=rebuilt)
    delta = ads.follow()
    assert {f"{plan} a", f"{plan} b"} <= set(delta["removed"])
    assert f"{plan} never" not in delta["removed"], "nobody is named who never left the house"
    assert f"{plan} c" not in delta["added"], "what is held in any case is not sent again"
    be("a", consent_ads=True)
    settle(build=rebuilt)
    ads.follow()


def test_consent_that_comes_and_goes_while_a_build_is_the_latest(gold, key):
    """The build's instant says nothing about those: whoever took the list in between may hold them."""
    plan, segment, be, settle = gold
    be("a")
    be("late", consent_ads=False)
    settle(build=True)
    be("late", consent_ads=True)
    settle()
    holder = Consumer(key("pull"), segment, "ads")
    assert f"{plan} late" in holder.users
    be("late", consent_ads=False)
    settle()
    holder.follow()
    be("late", consent_ads=True)
    settle()
    holder.follow()


def test_addresses_decide_for_mail_in_list_and_delta_alike(gold, admin, key):
    plan, segment, be, settle = gold
    shared = f"shared@{plan.replace(' ', '-')}.example"
    be("first", email=shared)
    be("second", email=shared.upper())
    be("third", email=f"third@{shared[7:]}")
    be("none")
    settle(build=True)
    mailer = Consumer(key("crm"), segment, "email")
    assert len(mailer.users) == 2, mailer.users
    keeper = (mailer.users - {f"{plan} third"}).pop()
    other = next(f"{plan} {user}" for user in ("first", "second") if f"{plan} {user}" != keeper)
    be(keeper.removeprefix(f"{plan} "), email=shared, consent_email=False)
    be("third", email="not an address")
    be("none", email=f"none@{shared[7:]}")
    settle(build=True)
    delta = mailer.follow()
    assert mailer.users == {other, f"{plan} none"}
    assert {keeper, f"{plan} third"} <= set(delta["removed"])
    lines = key("crm").response("GET", "/api/v1/map/segments", params={"purpose": "email", "format": "csv"})
    assert {row["user_id"] for row in read_csv(lines.content) if row["segment_id"] == segment["id"]} == mailer.users
    asked = [f"{plan} {user}" for user in ("first", "second", "third", "none")]
    items = key("crm").post("/api/v1/lookup", params={"purpose": "email"}, json={"user_ids": asked})["items"]
    assert {item["user_id"] for item in items if item["segments"] == [segment["id"]]} == mailer.users


def test_members_that_come_and_go(gold, key):
    plan, segment, be, settle = gold
    for user in "abc":
        be(user)
    settle(build=True)
    ads = Consumer(key("pull"), segment, "ads")
    be("a", plan="silver")
    be("d")
    settle(build=True)
    be("b", plan="silver", consent_ads=False)
    settle(build=True)
    delta = ads.follow()
    assert ads.users == {f"{plan} c", f"{plan} d"} and delta["from_build"] != delta["to_build"]


def test_a_build_of_another_segment_is_refused(gold, admin, key):
    _, segment, be, settle = gold
    be("a")
    build = settle(build=True)
    other = admin.segment("other", {"everyone": True})
    eventually(lambda: admin.get(f"/api/v1/segments/{other['id']}")["latest"])
    key("pull").refused(410, "GET", f"/api/v1/segments/{other['id']}/delta", params={"since": build["id"], "purpose": "ads"})
