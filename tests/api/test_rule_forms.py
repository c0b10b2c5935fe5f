"""A rule as JSON, as text and in words."""

import pytest

RULE = {"all": [
    {"trait": "gender", "op": "eq", "value": "F"},
    {"event": "video_view", "where": [{"property": "programme", "op": "eq", "value": "NCIS"}], "window": {"last": "30d"}, "op": "gte", "value": 3},
    {"not": {"sequence": [{"event": "search"}, {"event": "video_view", "within": "1d"}]}},
]}


def test_text_reads_back_to_the_same_rule(marketer):
    forms = marketer.post("/api/v1/rules/forms", json={"rule": RULE})
    assert forms["rule"] == RULE
    assert marketer.post("/api/v1/rules/forms", json={"rule": forms["text"]}) == forms
    assert "video_view" in forms["words"]["en"] and "30 derniers jours" in forms["words"]["fr"]


def test_a_segment_may_be_given_as_text(marketer):
    text = 'count(video_view, last 30d) >= 2 and not (plan = "trial")'
    wanted = marketer.post("/api/v1/rules/forms", json={"rule": text})["rule"]
    made = marketer.post("/api/v1/segments", json={"name": "From text", "rule": text})
    assert made["rule"] == wanted
    assert marketer.post("/api/v1/rules/preview", json={"rule": text})["count"] == made["latest"]["count"]


@pytest.mark.parametrize("path", ["/api/v1/rules/forms", "/api/v1/rules/preview"])
def test_faults_of_a_text_say_where(marketer, path):
    problem = marketer.refused(422, "POST", path, json={"rule": "plan = \"gold\"\nand count(video_view >= 3"})
    assert problem["code"] == "invalid_rule"
    fault = problem["errors"][0]
    assert fault["text"]["line"] == 2 and fault["text"]["column"] > 1 and fault["text"]["offset"] > 13
    assert fault["detail"].startswith("Line 2, column")
