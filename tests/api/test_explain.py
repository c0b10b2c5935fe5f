"""Why one user is in or out: the verdict on every node, the deciding events and traits, by how much it failed, as of any instant."""

from datetime import datetime, timedelta, timezone

import pytest

from support.tracking import Tracker, ago, identify, track

pytestmark = pytest.mark.quick

DAY = 86_400


def view(user, days, programme="Harbour", **more):
    return track(user, "video_view", {"programme": programme, "minutes": 10.5, **more}, at=ago(days=days), message_id=f"{user} {days}")


@pytest.fixture(scope="module")
def audience(server, admin):
    tracker = Tracker(server, admin.source("people"))
    tracker.batch([
        identify("ann", {"gender": "F", "plan": "free"}, at=ago(days=40)),
        identify("ann", {"plan": "gold"}, at=ago(days=20)),
        identify("ann", {"gender": "F"}, at=ago(days=10)),
        view("ann", 34), view("ann", 12), view("ann", 5), view("ann", 2, "Summit"),
        track("ann", "order", {"amount": 30}, at=ago(days=11)), track("ann", "order", {"amount": 45.5}, at=ago(days=3)),
        identify("bob", {"gender": "M", "plan": None}, at=ago(days=30)),
        view("bob", 1, "Summit"),
        identify("cy", {"gender": "F"}, at=ago(days=3)),
    ])
    tracker.settled(admin)
    return tracker


WOMEN = {"trait": "gender", "op": "eq", "value": "F"}
HARBOUR = [{"property": "programme", "op": "eq", "value": "Harbour"}]


def views(least, **more):
    return {"event": "video_view", "where": HARBOUR, "window": {"last": "30d"}, "op": "gte", "value": least, **more}


def explain(api, user, rule=None, **more):
    body = {"user_id": user, **({} if rule is None else {"rule": rule}), **more}
    return api.post("/api/v1/rules/explain", json=body)


def only(explained):
    [node] = explained["nodes"]
    assert node["pointer"] == "" and node["depth"] == 0 and node["holds"] == explained["member"]
    return node


def days_ago(instant):
    return (datetime.now(timezone.utc) - datetime.fromisoformat(instant)).total_seconds() / DAY


def test_in_with_the_deciding_events(audience, marketer):
    found = explain(marketer, "ann", {"all": [WOMEN, views(2), {"not": {"trait": "plan", "op": "eq", "value": "free"}}]})
    assert found["known"] and found["member"] and found["sentence"] == "In."
    assert found["watermark_seq"] > 0 and days_ago(found["instant"]) < 1 and 39 < days_ago(found["known_since"]) < 41
    verdicts = {node["pointer"]: (node["holds"], node["depth"]) for node in found["nodes"]}
    assert verdicts == {"": (True, 0), "/all/0": (True, 1), "/all/1": (True, 1), "/all/2": (True, 1), "/all/2/not": (False, 2)}
    assert found["nodes"][0]["words"] == "All of these" and found["nodes"][0]["sentence"] == "All 3 lines below hold."
    event = found["nodes"][2]
    assert event["words"].startswith("did video_view (programme is Harbour)")
    assert event["sentence"] == "2 times in the window."
    evidence = event["evidence"]
    assert evidence["kind"] == "event" and evidence["matching"] == 2 and evidence["measured"]["value"] == 2
    assert [round(days_ago(one["at"])) for one in evidence["events"]] == [5, 12]
    assert evidence["events"][0]["properties"][0] == {"path": "programme", "value": "Harbour"}, "what the rule looks at comes first"
    assert evidence["near"] == [] and days_ago(evidence["from"]) == pytest.approx(30, abs=0.1)


def test_out_by_how_much_and_what_nearly_matched(audience, marketer):
    node = only(explain(marketer, "ann", views(3)))
    assert not node["holds"]
    assert node["sentence"].startswith("2 of 3 times in the window. One on ") and node["sentence"].endswith("is 4 days too early.")
    evidence = node["evidence"]
    assert evidence["measured"] == {"value": 2, "short_by": 1}
    early, other = evidence["near"]
    assert early["why"] == "early" and early["seconds"] == pytest.approx(4 * DAY, abs=60)
    assert other["why"] == "filters" and other["filters"] == ["/where/0"]
    assert "programme is “Summit”, but the rule wants: programme is Harbour." in other["sentence"]


def test_too_many_and_never(audience, marketer):
    assert only(explain(marketer, "ann", {"event": "order", "op": "lte", "value": 1}))["sentence"] == "2 times, not at most 1."
    never = only(explain(marketer, "bob", {"event": "order"}))
    assert never["sentence"] == "Never did it." and never["evidence"]["measured"] == {"value": 0, "short_by": 1}
    assert only(explain(marketer, "bob", {"event": "order", "op": "eq", "value": 0}))["holds"]


AGGREGATES = {
    "sum": ({"agg": "sum", "of": "amount", "op": "gte", "value": 100}, 75.5, "amount adds up to 75.5, 24.5 short of 100."),
    "avg": ({"agg": "avg", "of": "amount", "op": "gt", "value": 40}, 37.75, "The mean amount is 37.75 over 2 values, 2.25 short of 40."),
    "max": ({"agg": "max", "of": "amount", "op": "lt", "value": 40}, 45.5, "The greatest amount is 45.5, not less than 40."),
    "days": ({"agg": "days", "op": "gte", "value": 5}, 2, "2 of 5 days."),
    "distinct": ({"agg": "distinct", "of": "amount", "op": "gte", "value": 3}, 2, "2 of 3 different values of amount."),
    "no number": ({"agg": "min", "of": "nothing", "op": "lt", "value": 3}, None, "No event has a number in nothing."),
}


@pytest.mark.parametrize("case", AGGREGATES)
def test_aggregates(audience, marketer, case):
    more, value, sentence = AGGREGATES[case]
    node = only(explain(marketer, "ann", {"event": "order", **more}))
    assert node["evidence"]["measured"]["value"] == value and node["sentence"] == sentence and not node["holds"]


def test_the_last_event_decides(audience, marketer):
    node = only(explain(marketer, "ann", {"event": "video_view", "agg": "last", "of": "programme", "op": "eq", "value": "Harbour"}))
    assert "The last one, on " in node["sentence"] and "has programme “Summit”." in node["sentence"]
    [event] = node["evidence"]["events"]
    assert round(days_ago(event["at"])) == 2


def test_a_trait_with_its_past(audience, marketer):
    gold = only(explain(marketer, "ann", {"trait": "plan", "op": "eq", "value": "free"}))
    assert not gold["holds"] and gold["sentence"].startswith("plan is “gold” since ") and "before that “free”" in gold["sentence"]
    evidence = gold["evidence"]
    assert (evidence["value"], evidence["before"]) == ("gold", "free") and evidence["updated_seq"] > 0
    assert round(days_ago(evidence["since"])) == 20
    women = only(explain(marketer, "ann", WOMEN))["evidence"]
    assert round(days_ago(women["since"])) == 40 and round(days_ago(women["updated_at"])) == 10, "confirmed, not changed"
    missing = only(explain(marketer, "bob", {"trait": "plan", "op": "is_set"}))
    assert not missing["holds"] and missing["evidence"]["value"] is None
    assert only(explain(marketer, "bob", {"trait": "city", "op": "neq", "value": "Oslo"}))["sentence"] == "city was never set."


def test_a_sequence_and_where_it_stops(audience, marketer):
    rule = {"sequence": [{"event": "order"}, {"event": "video_view", "where": HARBOUR, "within": "7d"}, {"event": "order", "within": "1d"}]}
    node = only(explain(marketer, "ann", rule))
    assert node["sentence"].startswith("2 of 3 steps: step 3 is missing.")
    assert [event["name"] for event in node["evidence"]["chain"]] == ["order", "video_view"]
    late = node["evidence"]["near"][0]
    assert late["why"] == "after_step" and late["seconds"] == pytest.approx(DAY, abs=60)
    rule["sequence"][2]["within"] = "3d"
    done = only(explain(marketer, "ann", rule))
    assert done["holds"] and len(done["evidence"]["chain"]) == 3 and done["sentence"].startswith("All 3 steps, from ")


def test_first_time_regular_and_ranking(audience, marketer):
    first = only(explain(marketer, "ann", {"first_time": {"event": "video_view", "window": {"last": "30d"}}}))
    assert first["sentence"].endswith("4 days too early.") and round(days_ago(first["evidence"]["first"]["at"])) == 34
    regular = only(explain(marketer, "ann", {"regular": {"event": "video_view", "period": "1w", "periods": 5, "min_periods": 4}}))
    assert [period["count"] for period in regular["evidence"]["periods"]] == [2, 1, 0, 0, 1]
    assert regular["sentence"].startswith("Often enough in 3 of the last 5 periods; 4 are needed.")
    top = {"top": {"count": 1, "by": {"event": "video_view"}}}
    assert explain(marketer, "ann", top)["member"]
    second = only(explain(marketer, "bob", top))
    assert (second["evidence"]["rank"], second["evidence"]["ranked"], second["evidence"]["kept"]) == (2, 2, 1)
    assert second["sentence"] == "Rank 2 of 2 with 1; the best 1 are in, down to 4."
    assert only(explain(marketer, "cy", top))["sentence"] == "Never did it, so not ranked."


def test_lists_and_segments(audience, marketer):
    staff = marketer.post("/api/v1/lists", json={"name": "staff", "user_ids": ["bob", "nobody"]}, status=201)
    inner = marketer.segment("viewers in spring", views(3))
    rule = {"any": [{"list": staff["id"]}, {"segment": inner["id"]}]}
    found = explain(marketer, "ann", rule)
    assert [node["sentence"] for node in found["nodes"]] == [
        "None of the 2 lines below holds.", "Not on the list.", "Not in the segment “viewers in spring”.",
    ]
    [segment] = found["segments"]
    assert segment["id"] == inner["id"] and segment["name"] == "viewers in spring"
    assert segment["nodes"][0]["sentence"].startswith("2 of 3 times")
    found = explain(marketer, "bob", rule)
    assert found["member"] and found["nodes"][1]["sentence"] == "On the list."
    assert [node["decisive"] for node in found["nodes"]] == [True, True, False]


def test_an_attribute_of_a_catalogue(audience, admin, marketer):
    made = admin.post("/api/v1/catalogues", json={"name": "Programmes", "links": ["programme"]}, status=201)
    rows = [{"key": "Harbour", "genre": "Crime"}, {"key": "Summit", "genre": "Documentary"}]
    admin.put(f"/api/v1/catalogues/{made['id']}/rows", json=rows)
    rule = {"event": "video_view", "where": [{"property": "programme.genre", "op": "eq", "value": "Crime"}]}
    assert explain(marketer, "ann", rule)["member"]
    node = only(explain(marketer, "bob", rule))
    assert "programme.genre is “Documentary”, but the rule wants: programme.genre is Crime." in node["sentence"]


def test_as_of_another_instant(audience, marketer):
    assert explain(marketer, "ann", views(2), at=ago(days=8))["member"]
    assert not explain(marketer, "ann", views(2), at=ago(days=13))["member"]
    early = explain(marketer, "cy", WOMEN, at=ago(days=4))
    assert not early["known"] and not early["member"] and early["nodes"] == [] and early["known_since"]
    assert early["sentence"].startswith("Not in: the user was not known yet")
    later = (datetime.now(timezone.utc) + timedelta(minutes=5)).isoformat()
    for at, code in ((later, "out_of_range"), ("yesterday", "bad_date")):
        problem = marketer.refused(422, "POST", "/api/v1/rules/explain", json={"user_id": "ann", "rule": WOMEN, "at": at})
        assert [(fault["pointer"], fault["code"]) for fault in problem["errors"]] == [("/at", code)]


def test_nobody_with_this_id(audience, marketer):
    found = explain(marketer, "nobody", WOMEN)
    assert not found["known"] and not found["member"] and found["known_since"] is None and found["nodes"] == []
    assert found["sentence"].startswith("Nobody with this id is known")


def test_a_segment_its_versions_and_a_build(audience, admin, marketer):
    segment = marketer.segment("women", WOMEN)
    build = marketer.build(segment["id"])
    assert explain(marketer, "ann", segment_id=segment["id"])["member"]
    marketer.put(f"/api/v1/segments/{segment['id']}", json={"name": "women", "rule": {"not": WOMEN}})
    assert not explain(marketer, "ann", segment_id=segment["id"])["member"]
    assert explain(marketer, "ann", segment_id=segment["id"], version=1)["member"]
    built = explain(marketer, "ann", build_id=build["id"])
    assert built["member"] and built["build"] == {"id": build["id"], "member": True, "watermark_seq": build["watermark_seq"]}
    assert built["instant"] == build["instant"]
    # What arrives later for an earlier time is in the explanation, not in the build.
    audience.identify("ann", {"gender": "X"}, at=ago(days=5))
    audience.settled(admin)
    late = explain(marketer, "ann", build_id=build["id"])
    assert not late["member"] and late["build"]["member"] is True
    audience.identify("ann", {"gender": "F"}, at=ago(days=5))
    audience.settled(admin)
    missing = {"user_id": "ann", "segment_id": segment["id"], "version": 9}
    marketer.refused(404, "POST", "/api/v1/rules/explain", json=missing)
    marketer.refused(422, "POST", "/api/v1/rules/explain", json={"user_id": "ann", "build_id": build["id"], "at": ago(days=1)})


def test_the_count_and_the_explanations_agree(audience, marketer):
    segment = marketer.segment("agreement", {"any": [views(2), {"trait": "gender", "op": "neq", "value": "F"}]})
    marketer.build(segment["id"])
    members = sorted(marketer.members(segment["id"]))
    assert sorted(user for user in ("ann", "bob", "cy") if explain(marketer, user, segment_id=segment["id"])["member"]) == members


def test_rules_as_text_and_what_is_refused(audience, marketer):
    assert explain(marketer, "ann", 'gender = "F"')["member"]
    problem = marketer.refused(422, "POST", "/api/v1/rules/explain", "invalid_rule", json={"user_id": "ann", "rule": {"all": []}})
    assert problem["errors"][0]["code"] == "empty_group"
    for body in (
        {"user_id": "ann"}, {"user_id": "ann", "rule": WOMEN, "segment_id": "x"}, {"user_id": "", "rule": WOMEN},
        {"user_id": "ann", "rule": WOMEN, "version": 1}, {"rule": WOMEN}, {"user_id": "ann", "rule": WOMEN, "more": 1},
    ):
        marketer.refused(422, "POST", "/api/v1/rules/explain", json=body)
    marketer.refused(404, "POST", "/api/v1/rules/explain", json={"user_id": "ann", "segment_id": "none"})


def test_looking_at_a_person_is_noted_without_the_id(audience, marketer, auditor, key):
    segment = marketer.segment("seen", WOMEN)
    explain(marketer, "ann", segment_id=segment["id"])
    line = auditor.get("/api/v1/audit-trail", limit=1)["items"][0]
    assert (line["action"], line["target_kind"], line["actor"]) == ("user.explain", "user", "Marketer")
    assert line["target_id"].startswith("p_") and line["detail"]["segment_id"] == segment["id"]
    assert '"ann"' not in str(auditor.pages("/api/v1/audit-trail")).replace("'", '"')
    for api in (auditor, key("pull", "crm", "collect")):
        api.refused(403, "POST", "/api/v1/rules/explain", "forbidden", json={"user_id": "ann", "rule": WOMEN})
