"""Signing in, the cookie, the token against forged requests, accounts that change under a session."""

import pytest

from conftest import PASSWORD, account
from support.client import Api, check_problem
from support.server import ADMIN_EMAIL, ADMIN_PASSWORD, Server

pytestmark = pytest.mark.quick


def test_signing_in_says_who_and_gives_a_token(server):
    api = Api(server.url)
    session = api.post("/api/v1/session", json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD})
    assert session["user"]["email"] == ADMIN_EMAIL and session["user"]["role"] == "admin"
    assert session["csrf_token"] and session["organisation"]["name"]
    again = api.get("/api/v1/session")
    assert again["user"] == session["user"] and again["csrf_token"]


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(server):
    answer = Api(server.url).response("POST", "/api/v1/session", json={"email": ADMIN_EMAIL, "password": ADMIN_PASSWORD})
    cookie = answer.headers["set-cookie"].lower()
    assert cookie.startswith("rollcall_session=") and "httponly" in cookie and "samesite=" in cookie and "path=/" in cookie


@pytest.mark.parametrize("email", [ADMIN_EMAIL, "nobody@test.example"])
def test_a_wrong_password_and_an_unknown_address_look_the_same(server, email):
    problem = Api(server.url).refused(
        401, "POST", "/api/v1/session", "invalid_credentials", json={"email": email, "password": "wrong"}
    )
    assert email not in str(problem)


def test_nobody_signed_in(server):
    Api(server.url).refused(401, "GET", "/api/v1/session", "not_signed_in")
    Api(server.url).refused(401, "GET", "/api/v1/segments")


@pytest.mark.parametrize("token", [None, "", "wrong"])
def test_unsafe_requests_with_a_cookie_need_the_token(server, token):
    api = server.sign_in()
    api.csrf = None
    headers = {} if token is None else {"X-CSRF-Token": token}
    api.refused(403, "POST", "/api/v1/sources", json={"name": "forged"}, headers=headers)
    assert "forged" not in [source["name"] for source in api.get("/api/v1/sources")["items"]]


def test_a_token_of_another_session_does_not_help(server, admin, marketer):
    headers = {"X-CSRF-Token": marketer.csrf}
    admin.refused(403, "POST", "/api/v1/sources", json={"name": "forged"}, headers=headers)


def test_after_signing_out_the_old_cookie_is_worth_nothing(server, admin):
    api = account(server, admin, "marketer", "signing-out@test.example")
    elsewhere = server.sign_in("signing-out@test.example", PASSWORD)
    cookie = api.http.cookies["rollcall_session"]
    api.delete("/api/v1/session", status=204)
    api.refused(401, "GET", "/api/v1/session", "not_signed_in")
    replay = Api(server.url).response("GET", "/api/v1/session", headers={"Cookie": f"rollcall_session={cookie}"})
    assert replay.status_code == 401
    elsewhere.refused(401, "GET", "/api/v1/session", "not_signed_in")


def test_a_person_changes_their_own_password_and_every_other_session_ends(server, admin):
    api = account(server, admin, "auditor", "own-password@test.example")
    elsewhere = server.sign_in("own-password@test.example", PASSWORD)
    path, wanted = "/api/v1/session/password", "a new long password"
    wrong = api.refused(422, "PUT", path, json={"current_password": "not this one", "new_password": wanted})
    assert wrong["errors"][0]["pointer"] == "/current_password"
    short = api.refused(422, "PUT", path, json={"current_password": PASSWORD, "new_password": "short"})
    assert short["errors"][0]["pointer"] == "/new_password"
    session = api.put(path, json={"current_password": PASSWORD, "new_password": wanted})
    assert api.get("/api/v1/session")["csrf_token"] == session["csrf_token"]
    elsewhere.refused(401, "GET", "/api/v1/session", "not_signed_in")
    Api(server.url).refused(401, "POST", "/api/v1/session", json={"email": "own-password@test.example", "password": PASSWORD})
    server.sign_in("own-password@test.example", wanted)
    done = [entry for entry in admin.get("/api/v1/audit-trail")["items"] if entry["action"] == "account.change_password"]
    assert [entry["actor_id"] for entry in done] == [api.user["id"]]


@pytest.mark.parametrize("cookie", ["", "garbage", "eyJhbGciOiJub25lIn0.eyJzdWIiOiJhZG1pbiJ9."])
def test_forged_cookies_are_refused(server, cookie):
    answer = Api(server.url).response("GET", "/api/v1/session", headers={"Cookie": f"rollcall_session={cookie}"})
    assert answer.status_code == 401
    check_problem(answer)


def test_a_disabled_account_is_out_at_once(server, admin):
    member = account(server, admin, "marketer", "leaver@test.example")
    admin.patch(f"/api/v1/users/{member.user['id']}", json={"disabled": True})
    member.refused(401, "GET", "/api/v1/session")
    Api(server.url).refused(401, "POST", "/api/v1/session", json={"email": "leaver@test.example", "password": PASSWORD})


def test_a_changed_role_holds_at_once(server, admin):
    member = account(server, admin, "marketer", "mover@test.example")
    member.get("/api/v1/quarantine")
    admin.patch(f"/api/v1/users/{member.user['id']}", json={"role": "auditor"})
    assert member.response("GET", "/api/v1/quarantine").status_code in (401, 403)


def test_accounts_are_listed_without_secrets(admin, marketer):
    accounts = admin.pages("/api/v1/users")
    by_email = {item["email"]: item for item in accounts}
    assert by_email["marketer@test.example"]["role"] == "marketer"
    assert not any("password" in key or "hash" in key for item in accounts for key in item)


def test_an_address_can_have_one_account(admin, marketer):
    again = {"email": "marketer@test.example", "name": "Again", "role": "auditor", "password": PASSWORD}
    admin.refused(409, "POST", "/api/v1/users", json=again)


def test_short_passwords_are_refused(admin):
    weak = {"email": "weak@test.example", "name": "Weak", "role": "auditor", "password": "short"}
    admin.refused(422, "POST", "/api/v1/users", json=weak)


def test_a_revoked_key_is_out_at_once(server, admin):
    made = admin.post("/api/v1/api-keys", json={"name": "old", "scopes": ["pull"]}, status=201)
    assert made["key"].startswith("rk_")
    machine = server.with_key(made["key"])
    assert machine.response("GET", "/api/v1/map/users", params={"purpose": "ads", "format": "csv"}).status_code == 200
    admin.delete(f"/api/v1/api-keys/{made['id']}", status=204)
    machine.refused(401, "GET", "/api/v1/map/users", params={"purpose": "ads", "format": "csv"})
    listed = {item["id"]: item for item in admin.get("/api/v1/api-keys")["items"]}[made["id"]]
    assert listed["revoked_at"] and "key" not in listed and made["key"] not in str(listed)


def test_guessing_passwords_is_slowed_down(tmp_path):
    server = Server(tmp_path / "data").init().start()
    try:
        guess = {"email": ADMIN_EMAIL, "password": "guess"}
        answers = [Api(server.url).response("POST", "/api/v1/session", json=guess) for _ in range(40)]
        statuses = [answer.status_code for answer in answers]
        assert statuses[0] == 401 and statuses[-1] == 429, statuses
        assert int(answers[-1].headers["retry-after"]) > 0
        check_problem(answers[-1])
    finally:
        server.stop()
