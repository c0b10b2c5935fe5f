"""Every failure leaves in one shape, and says where the fault is."""

import pytest

from support.client import Api

pytestmark = pytest.mark.quick


def test_unknown_paths(server, admin):
    Api(server.url).refused(404, "GET", "/api/v1/nothing-here")
    admin.refused(404, "GET", "/api/v1/segments/00000000-0000-0000-0000-000000000000")
    admin.refused(404, "GET", "/api/v1/segments/not-an-id")


def test_wrong_method(admin):
    admin.refused(405, "PATCH", "/api/v1/overview")


@pytest.mark.parametrize("content", ["{", "", "null", "[]", '{"name": 3}'])
def test_bodies_that_do_not_fit(admin, content):
    answer = admin.response("POST", "/api/v1/sources", content=content, headers={"Content-Type": "application/json"})
    assert answer.status_code in (400, 422), answer.text
    admin.refused(answer.status_code, "POST", "/api/v1/sources", content=content, headers={"Content-Type": "application/json"})


@pytest.mark.parametrize("query", [{"limit": "many"}, {"limit": "-1"}])
def test_bad_query(admin, query):
    answer = admin.response("GET", "/api/v1/audit-trail", params=query)
    assert answer.status_code in (400, 422), answer.text


FAULTS = [
    ({"all": []}, "/all", "empty_group"),
    ({"all": [{"everyone": True}, {"trait": "x", "op": "sideways", "value": 1}]}, "/all/1/op", "unknown_operator"),
    ({"event": "e", "window": {"last": "soon"}}, "/window/last", "bad_duration"),
    ({"segment": "no-such-segment"}, "/segment", "unknown_segment"),
    ({"list": "no-such-list"}, "/list", "unknown_list"),
    ({"everyone": True, "colour": "red"}, "/colour", "unknown_field"),
    ({"event": "e", "agg": "sum", "op": "gt", "value": 1}, "", "missing_field"),
    ({"trait": "x", "op": "regex", "value": "("}, "/value", "bad_regex"),
    ({"everyone": True, "tz": "Europe/Atlantis"}, "/tz", "bad_timezone"),
]


@pytest.mark.parametrize(("rule", "pointer", "code"), FAULTS, ids=[code for _, _, code in FAULTS])
def test_a_faulty_rule_is_told_where_and_what(admin, rule, pointer, code):
    for path, body in [("/api/v1/rules/preview", {"rule": rule}), ("/api/v1/segments", {"name": "faulty", "rule": rule})]:
        problem = admin.refused(422, "POST", path, json=body)
        faults = {(error["pointer"].removeprefix("/rule"), error["code"]) for error in problem["errors"]}
        assert faults == {(pointer, code)}
        assert all(error["detail"] for error in problem["errors"])


def test_validate_reports_all_faults_at_once_with_200(admin):
    rule = {"all": [{"event": "e", "window": {"last": "soon"}}, {"list": "no-such-list"}]}
    report = admin.post("/api/v1/rules/validate", json={"rule": rule})
    assert report["valid"] is False
    assert {(e["pointer"], e["code"]) for e in report["errors"]} == {
        ("/all/0/window/last", "bad_duration"), ("/all/1/list", "unknown_list"),
    }
    good = admin.post("/api/v1/rules/validate", json={"rule": {"trait": "never_seen", "op": "is_set"}})
    assert good["valid"] is True and good["errors"] == []
    assert [warning["pointer"] for warning in good["warnings"]], "a trait never seen is worth a warning"


def test_probes_documentation_and_page_are_open(server):
    for path in ("/healthz", "/readyz"):
        assert Api(server.url).get(path) == {"status": "ok"}
    for path in ("/docs", "/openapi.json", "/"):
        answer = Api(server.url).response("GET", path, follow_redirects=True)
        assert answer.status_code == 200, path
    assert "<html" in Api(server.url).response("GET", "/").text.lower()
    deep = Api(server.url).response("GET", "/segments", headers={"Accept": "text/html"})
    assert deep.status_code == 200 and "<html" in deep.text.lower(), "a page's address can be opened directly"


@pytest.mark.parametrize("path", ["/track", "/rollcall/v1/track", "/v2/batch", "/"])
def test_events_sent_to_a_wrong_path_do_not_look_delivered(server, path):
    answer = Api(server.url).response("POST", path, json={"event": "lost", "userId": "u1"})
    assert answer.status_code in (404, 405) and answer.json()["success"] is False


def test_answers_carry_the_headers_that_keep_browsers_safe(server):
    headers = Api(server.url).response("GET", "/").headers
    assert headers["x-content-type-options"] == "nosniff"
    assert "default-src" in headers["content-security-policy"]
    assert headers.get("x-frame-options", "").upper() == "DENY" or "frame-ancestors" in headers["content-security-policy"]
