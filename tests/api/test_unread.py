"""A request that is refused before its body is read leaves the connection fit for the next, or says that it closes it."""

import http.client
import socket

import pytest

pytestmark = pytest.mark.quick

BODY = b'{"name": "never read"}'


@pytest.fixture
def connection(server):
    connection = http.client.HTTPConnection("127.0.0.1", server.port, timeout=30)
    connection.connect()
    connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    yield connection
    connection.close()


def begin(connection, length, **headers):
    """Sends the head of a request that nobody is signed in for; its body is still to come."""
    connection.putrequest("POST", "/api/v1/sources")
    for name, value in {"Content-Type": "application/json", "Content-Length": length, **headers}.items():
        connection.putheader(name, value)
    connection.endheaders()


def answer(connection):
    response = connection.getresponse()
    response.read()
    return response


def test_a_body_that_comes_after_the_refusal_was_certain(connection):
    for _ in range(20):
        begin(connection, len(BODY))
        connection.sock.settimeout(0.05)
        with pytest.raises(TimeoutError):
            connection.sock.recv(1, socket.MSG_PEEK)
        connection.sock.settimeout(30)
        connection.send(BODY)
        refusal = answer(connection)
        assert (refusal.status, refusal.getheader("Connection")) == (401, None)
    connection.request("GET", "/healthz")
    assert answer(connection).status == 200, "the same connection still serves"


def test_a_body_too_large_to_read_for_nothing(connection):
    begin(connection, 1 << 30)
    connection.send(b" " * (17 << 20))
    refusal = answer(connection)
    assert (refusal.status, refusal.getheader("Connection")) == (401, "close")


def test_who_asks_before_sending_is_answered_at_once(connection):
    begin(connection, 1 << 30, Expect="100-continue")
    refusal = answer(connection)
    assert (refusal.status, refusal.getheader("Connection")) == (401, "close")
