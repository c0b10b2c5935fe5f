"""A client for the REST API that checks, on every answer, what every answer promises."""

import httpx

from support.waiting import eventually

PROBLEM_FIELDS = {"type", "title", "status", "detail", "code", "instance"}


class Api:
    def __init__(self, url, key=None):
        self.url = url
        self.csrf = None
        headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.http = httpx.Client(base_url=url, headers=headers, timeout=60, trust_env=False)

    def sign_in(self, email, password):
        session = self.post("/api/v1/session", json={"email": email, "password": password})
        self.csrf = session["csrf_token"]
        self.user = session["user"]
        return self

    def response(self, method, path, **arguments):
        """The bare answer, whatever its status."""
        headers = dict(arguments.pop("headers", None) or {})
        if self.csrf and method not in ("GET", "HEAD", "OPTIONS"):
            headers.setdefault("X-CSRF-Token", self.csrf)
        return self.http.request(method, path, headers=headers, **arguments)

    def call(self, method, path, status=None, **arguments):
        """The JSON of a successful answer (`None` if it has no body)."""
        answer = self.response(method, path, **arguments)
        expected = {status} if status else {200, 201, 202, 204}
        assert answer.status_code in expected, f"{method} {path}: {answer.status_code} {answer.text[:2000]}"
        return answer.json() if answer.content else None

    def get(self, path, **params):
        return self.call("GET", path, params=params)

    def post(self, path, **arguments):
        return self.call("POST", path, **arguments)

    def put(self, path, **arguments):
        return self.call("PUT", path, **arguments)

    def patch(self, path, **arguments):
        return self.call("PATCH", path, **arguments)

    def delete(self, path, **arguments):
        return self.call("DELETE", path, **arguments)

    def refused(self, status, method, path, code=None, **arguments):
        """A refusal in the one shape that all have; its body."""
        answer = self.response(method, path, **arguments)
        assert answer.status_code == status, f"{method} {path}: {answer.status_code}, not {status}: {answer.text[:2000]}"
        problem = check_problem(answer)
        assert code is None or problem["code"] == code, problem
        return problem

    def pages(self, path, **params):
        """Every item of a list that comes in pages."""
        items, cursor = [], None
        for _ in range(10_000):
            page = self.get(path, **params, **({"cursor": cursor} if cursor else {}))
            items += page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return items
        raise AssertionError(f"{path}: the pages do not end")

    # What tests do again and again.

    def source(self, name):
        return self.post("/api/v1/sources", json={"name": name})

    def segment(self, name, rule, **more):
        return self.post("/api/v1/segments", json={"name": name, "rule": rule, **more})

    def build(self, segment_id):
        return self.post(f"/api/v1/segments/{segment_id}/builds")

    def preview(self, rule):
        return self.post("/api/v1/rules/preview", json={"rule": rule})

    def count(self, rule):
        return self.preview(rule)["count"]

    def members(self, segment_id):
        return [item["user_id"] for item in self.pages(f"/api/v1/segments/{segment_id}/members", limit=500)]

    def recount(self, segment_id, build_id=None, within=120):
        """Asks for a recount by the second path and waits for its result."""
        body = {"build_id": build_id} if build_id else {}
        path = f"/api/v1/recounts/{self.post(f'/api/v1/segments/{segment_id}/recount', json=body, status=202)['id']}"
        done = eventually(lambda: self.get(path), lambda r: r["state"] in ("done", "failed"), within, 0.2, "the recount")
        assert done["state"] == "done", done
        return done

    def imported(self, import_id, within=180):
        """Waits for the end of an import; its last state."""
        path = f"/api/v1/imports/{import_id}"
        return eventually(lambda: self.get(path), lambda i: i["state"] in ("done", "failed"), within, 0.1, "the import's end")

    def ledger(self, source_id):
        ledger = self.get(f"/api/v1/sources/{source_id}/ledger")
        for row in [*ledger["items"], ledger["totals"]]:
            assert row["received"] == row["accepted"] + row["duplicate"] + row["quarantined"], ledger
        assert ledger["balanced"] is True, ledger
        return ledger["totals"]


def check_problem(answer):
    assert answer.headers["content-type"].split(";")[0] == "application/problem+json", answer.headers
    problem = answer.json()
    assert PROBLEM_FIELDS <= set(problem), problem
    assert problem["status"] == answer.status_code, problem
    assert problem["title"] and problem["code"] and problem["instance"], problem
    for error in problem.get("errors") or []:
        assert set(error) >= {"pointer", "code", "detail"}, problem
        assert error["pointer"] == "" or error["pointer"].startswith("/"), problem
    return problem
