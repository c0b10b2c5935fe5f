"""Lists that leave the house: only with consent, in four formats, provable, and not sent again when unchanged."""

import gzip
import re

import pytest

from support import people
from support.tracking import Tracker
from support.users import digest, read_csv, read_ndjson, read_parquet, read_roaring

pytestmark = pytest.mark.quick


@pytest.fixture(scope="module")
def segment(server, admin):
    people.load(Tracker(server, admin.source("people")), admin)
    segment = admin.segment("everyone", people.EVERYONE)
    admin.build(segment["id"])
    return segment


@pytest.fixture(scope="module")
def puller(key):
    return key("pull")


@pytest.fixture(scope="module")
def crm(key):
    return key("crm")


ALLOW_ADS = people.those(people.allows_ads)
ALLOW_EMAIL = people.those(lambda n: people.allows_email(n) and people.address(n))


def fetch(api, segment, purpose="ads", format="csv", **headers):
    return api.response("GET", f"/api/v1/segments/{segment['id']}/list", params={"purpose": purpose, "format": format}, headers=headers)


def names(api):
    users = read_csv(api.response("GET", "/api/v1/map/users", params={"purpose": "ads", "format": "csv"}).content)
    return {int(row["uid"]): row["user_id"] for row in users}


@pytest.mark.parametrize("format", ["csv", "ndjson", "parquet", "roaring"])
def test_four_formats_carry_the_same_set(segment, puller, format):
    answer = fetch(puller, segment, format=format)
    assert answer.status_code == 200, answer.text
    read = {"csv": read_csv, "ndjson": read_ndjson, "parquet": read_parquet}.get(format)
    rows = read(answer.content) if read else read_roaring(answer.content, names(puller))
    users = [row["user_id"] for row in rows]
    assert sorted(users) == ALLOW_ADS and len(users) == len(set(users))
    assert all(set(row) == {"user_id"} for row in rows), "advertising gets ids and nothing else"
    assert int(answer.headers["x-rollcall-count"]) == len(ALLOW_ADS)
    assert int(answer.headers["x-rollcall-matched"]) == len(people.PEOPLE)
    assert answer.headers["x-rollcall-digest"] == digest(ALLOW_ADS)
    assert answer.headers["x-rollcall-build"]
    assert re.fullmatch(rf'attachment; filename="everyone-ads-\d{{4}}-\d\d-\d\d\.{format}"', answer.headers["content-disposition"])


def test_the_list_for_mail_has_addresses(segment, crm):
    rows = read_csv(fetch(crm, segment, "email").content)
    assert sorted((row["user_id"], row["email"]) for row in rows) == [(user, f"{user}@people.example") for user in ALLOW_EMAIL]


def test_a_list_needs_a_purpose(segment, puller):
    path = f"/api/v1/segments/{segment['id']}/list"
    puller.refused(400, "GET", path, "purpose_required", params={"format": "csv"})
    assert puller.response("GET", path, params={"purpose": "curiosity", "format": "csv"}).status_code in (400, 422)


def test_each_key_has_its_purpose(segment, puller, crm, auditor):
    assert fetch(puller, segment, "email").status_code == 403
    assert fetch(auditor, segment, "ads").status_code == 403
    assert fetch(crm, segment, "email").status_code == 200


def test_an_unchanged_list_is_not_sent_again(segment, puller, admin):
    first = fetch(puller, segment)
    tag = first.headers["etag"]
    assert tag.startswith('"'), "a strong tag: the same bytes"
    second = fetch(puller, segment, **{"If-None-Match": tag})
    assert second.status_code == 304 and not second.content and second.headers["etag"] == tag
    assert fetch(puller, segment, format="ndjson").headers["etag"] != tag, "another format, other bytes"
    admin.build(segment["id"])
    assert fetch(puller, segment, **{"If-None-Match": tag}).status_code == 304, "a new build with the same members"


def test_withdrawn_consent_holds_at_the_next_pull(server, admin, segment, puller):
    tracker = Tracker(server, admin.source("withdrawal"))
    before = fetch(puller, segment)
    tracker.identify("u03", {"consent_ads": False})
    tracker.settled(admin)
    after = fetch(puller, segment, **{"If-None-Match": before.headers["etag"]})
    assert after.status_code == 200
    assert {row["user_id"] for row in read_csv(after.content)} == set(ALLOW_ADS) - {"u03"}
    tracker.identify("u03", {"consent_ads": True})
    tracker.settled(admin)
    assert {row["user_id"] for row in read_csv(fetch(puller, segment).content)} == set(ALLOW_ADS)


def test_the_steps_between_rule_and_list_add_up(segment, admin):
    for purpose, allowed in (("ads", people.allows_ads), ("email", people.allows_email)):
        steps = admin.get(f"/api/v1/segments/{segment['id']}/waterfall", purpose=purpose)["steps"]
        by_name = {step["name"]: step for step in steps}
        dropped = sum(step.get("dropped") or 0 for step in steps)
        assert by_name["matched"]["count"] - dropped == by_name["deliverable"]["count"]
        assert by_name["no_consent"]["dropped"] == len(people.those(lambda n: not allowed(n)))
    assert by_name["no_address"]["dropped"] == len(people.those(lambda n: people.allows_email(n) and not people.address(n)))
    assert by_name["deliverable"]["count"] == len(ALLOW_EMAIL)


def test_the_map_of_segments_has_a_line_per_membership(segment, puller, admin):
    women = admin.segment("women", people.WOMEN)
    admin.build(women["id"])
    expected = {(user, segment["id"]) for user in ALLOW_ADS}
    expected |= {(user, women["id"]) for user in people.those(lambda n: people.allows_ads(n) and n % 2 == 0)}
    zipped = ("csv.gz", lambda content: read_csv(gzip.decompress(content)))
    for format, read in (("csv", read_csv), ("ndjson", read_ndjson), ("parquet", read_parquet), zipped):
        answer = puller.response("GET", "/api/v1/map/segments", params={"purpose": "ads", "format": format})
        assert answer.status_code == 200, answer.text
        lines = [(row["user_id"], row["segment_id"]) for row in read(answer.content)]
        assert len(lines) == len(set(lines)) and set(lines) == expected, format


def test_the_map_of_users_has_each_uid_once_and_nobody_without_consent(segment, puller):
    users = names(puller)
    assert sorted(users.values()) == ALLOW_ADS
    puller.refused(400, "GET", "/api/v1/map/users", "purpose_required", params={"format": "csv"})
    assert all(uid >> 32 < 8 for uid in users), "the high half is the shard"


def test_lookup_of_one_and_of_many(segment, puller, admin):
    women = next(item for item in admin.get("/api/v1/segments")["items"] if item["name"] == "women")
    found = puller.get("/api/v1/lookup/u06", purpose="ads")
    assert found["user_id"] == "u06" and set(found["segments"]) == {segment["id"], women["id"]}
    assert puller.get("/api/v1/lookup/u02", purpose="ads")["segments"] == [], "a member without consent"
    puller.refused(404, "GET", "/api/v1/lookup/nobody", "unknown_user", params={"purpose": "ads"})
    items = puller.post("/api/v1/lookup", params={"purpose": "ads"}, json={"user_ids": ["u06", "nobody", "u02"]})["items"]
    found = [(item["user_id"], item["known"], len(item["segments"])) for item in items]
    assert found == [("u06", True, 2), ("nobody", False, 0), ("u02", True, 0)]
    many = {"user_ids": [f"x{n}" for n in range(1001)]}
    puller.refused(413, "POST", "/api/v1/lookup", "too_large", params={"purpose": "ads"}, json=many)


def test_user_ids_survive_every_format(server, admin, puller):
    """Commas, quotes, line ends, other scripts: an id is a text, and comes back as it was."""
    strange = ["a,b", 'quo"te', "line\nend", "ünï-✓", " spaced ", "=1+1", "007"]
    tracker = Tracker(server, admin.source("strange"))
    for user in strange:
        tracker.identify(user, {"strange": True, "consent_ads": True})
    tracker.settled(admin)
    segment = admin.segment("strange", {"trait": "strange", "op": "eq", "value": True})
    admin.build(segment["id"])
    for format, read in (("csv", read_csv), ("ndjson", read_ndjson), ("parquet", read_parquet)):
        answer = fetch(puller, segment, format=format)
        assert sorted(row["user_id"] for row in read(answer.content)) == sorted(strange), format
        assert answer.headers["x-rollcall-digest"] == digest(strange)
