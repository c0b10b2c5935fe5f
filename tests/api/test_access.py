"""Every route times everybody who might knock, against the table in access.py."""

import json
import re

import pytest

from access import ACCESS, EVERYONE, PEOPLE, QUERY, TRACKING, purpose
from conftest import account
from support.client import check_problem
from support.openapi import sample_body, sample_query
from support.server import ROOT

pytestmark = pytest.mark.quick

METHODS = {"get", "post", "put", "patch", "delete"}
SOMEBODY = sorted(EVERYONE)


def committed():
    return json.loads((ROOT / "openapi" / "openapi.json").read_text())


def routes(openapi):
    """`{name}` of a path parameter is the writer's choice; the table calls it by its role."""
    found = set()
    for path, methods in openapi["paths"].items():
        if not path.startswith(TRACKING) and path != "/sourceConfig/":
            found |= {(method.upper(), path) for method in methods if method in METHODS}
    return found


def row(method, path):
    named = path.replace("{user_id}", "\0")
    if path.startswith("/u/"):
        return f"{method} {path}"
    return f"{method} " + re.sub(r"\{[^}]*\}", "{id}", named).replace("\0", "{user_id}")


DESCRIPTION = committed()
ROUTES = sorted(routes(DESCRIPTION))


def test_the_committed_description_is_the_one_served(server):
    assert server.anonymous().get("/openapi.json") == committed()


def test_every_route_has_a_row_and_every_row_a_route():
    described = {row(method, path) for method, path in ROUTES}
    open_to_all = {name for name, who in ACCESS.items() if who == EVERYONE}
    assert described - set(ACCESS) == set(), "routes that nobody has thought about"
    assert set(ACCESS) - described - open_to_all == set(), "rows without a route"


@pytest.fixture(scope="module")
def waiting(server, admin, marketer, auditor, key):
    return {
        "anonymous": server.anonymous(), "admin": admin, "marketer": marketer, "auditor": auditor,
        **{scope: key(scope) for scope in ("collect", "pull", "crm", "segments")},
    }


@pytest.fixture(scope="module")
def leaving(server, admin, waiting):
    """Signing out ends every session of the account, so those who do have an account for it."""
    return {who: account(server, admin, who, f"leaving-{who}@test.example") if who in PEOPLE else api for who, api in waiting.items()}


@pytest.mark.parametrize("who", SOMEBODY)
@pytest.mark.parametrize(("method", "path"), ROUTES, ids=[f"{method} {path}" for method, path in ROUTES])
def test_who_is_let_in(waiting, leaving, method, path, who):
    name = row(method, path)
    api = (leaving if name == "DELETE /api/v1/session" else waiting)[who]
    headers = {"X-CSRF-Token": api.csrf} if api.csrf and method != "GET" else {}
    operation = DESCRIPTION["paths"][path][method.lower()]
    query = {**sample_query(DESCRIPTION, operation), "purpose": purpose(who), **QUERY.get(name, {})}
    body = sample_body(DESCRIPTION, operation)
    request = api.http.build_request(
        method, re.sub(r"\{[^}]*\}", "00000000-0000-0000-0000-000000000000", path), params=query, headers=headers,
        **({} if body is None else {"json": body}),
    )
    answer = api.http.send(request, stream=True)  # some answers never end
    try:
        if who in ACCESS[name]:
            assert answer.status_code < 500, answer.read()
            if answer.status_code in (401, 403):
                answer.read()
                assert answer.json()["code"] == "invalid_credentials", f"{who} is kept out: {answer.text}"
        else:
            answer.read()
            assert answer.status_code == (401 if who == "anonymous" else 403), f"{who}: {answer.status_code} {answer.text[:300]}"
            check_problem(answer)
    finally:
        answer.close()


def test_write_keys_are_for_the_admin_only(server, admin, waiting):
    admin.source("kept secret")
    assert all(source["write_key"] for source in admin.get("/api/v1/sources")["items"])
    for who in ("marketer", "auditor"):
        assert all(source["write_key"] is None for source in waiting[who].get("/api/v1/sources")["items"])


def test_a_key_may_have_several_scopes(key):
    both = key("pull", "crm")
    assert both.response("GET", "/api/v1/map/segments", params={"purpose": "ads", "format": "csv"}).status_code == 200
    assert both.response("GET", "/api/v1/campaigns").status_code == 200
    both.refused(403, "POST", "/api/v1/imports", "forbidden", params={"name": "x", "source": "x", "format": "ndjson"})


def test_an_unknown_scope_is_refused(admin):
    admin.refused(422, "POST", "/api/v1/api-keys", json={"name": "x", "scopes": ["everything"]})
