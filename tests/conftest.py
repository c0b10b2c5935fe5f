"""Fixtures of all suites. Every test file has a server of its own, so that what it counts is only what it sent."""

import itertools

import pytest

from support.server import Server
from support.tracking import Tracker

PASSWORD = "another long password"


def pytest_report_header():
    from support.server import binary
    return f"rollcall binary: {binary()}"


@pytest.fixture(scope="module")
def settings():
    """More environment variables for the server of a test file; files override this."""
    return {}


@pytest.fixture(scope="module")
def server(tmp_path_factory, settings):
    server = Server(tmp_path_factory.mktemp("rollcall") / "data", **settings).init().start()
    yield server
    server.stop()


@pytest.fixture(scope="module")
def admin(server):
    return server.sign_in()


@pytest.fixture(scope="module")
def marketer(server, admin):
    return account(server, admin, "marketer")


@pytest.fixture(scope="module")
def auditor(server, admin):
    return account(server, admin, "auditor")


@pytest.fixture(scope="module")
def key(server, admin):
    """Makes a client that holds a machine key with these scopes."""
    def make(*scopes):
        made = admin.post("/api/v1/api-keys", json={"name": "-".join(scopes), "scopes": list(scopes)})
        return server.with_key(made["key"])
    return make


@pytest.fixture
def tracker(server, admin, fresh_name):
    return Tracker(server, admin.source(fresh_name("source")))


numbers = itertools.count(1)


@pytest.fixture(scope="session")
def fresh_name():
    return lambda stem: f"{stem} {next(numbers)}"


def account(server, admin, role, email=None):
    email = email or f"{role}@test.example"
    admin.post("/api/v1/users", json={"email": email, "name": role.title(), "role": role, "password": PASSWORD})
    return server.sign_in(email, PASSWORD)
