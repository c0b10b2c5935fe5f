"""Tracking calls as clients make them, and the wait until they are taken in."""

import base64
import gzip as gz
import json
import uuid
from datetime import datetime, timedelta, timezone

import httpx

from support.waiting import eventually


def now():
    return datetime.now(timezone.utc)


def ago(**span):
    """An instant in the past as a client writes it."""
    return (now() - timedelta(**span)).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Tracker:
    """Sends to one source and remembers how much the server acknowledged."""

    def __init__(self, server, source):
        self.server, self.source = server, source
        self.key = source["write_key"]
        self.http = httpx.Client(base_url=server.url, timeout=60, trust_env=False)
        self.acknowledged = 0

    def basic(self, key=None):
        return {"Authorization": "Basic " + base64.b64encode(f"{key or self.key}:".encode()).decode()}

    def raw(self, path, body, headers=None, gzip=False):
        """One request with exactly these bytes and headers; the bare answer."""
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        headers = dict(headers or {})
        if gzip:
            content = gz.compress(content)
            headers["Content-Encoding"] = "gzip"
        headers.setdefault("Content-Type", "application/json")
        return self.http.post(path, content=content, headers=headers)

    def send(self, path, body, messages=1):
        answer = self.raw(path, body, self.basic())
        assert answer.status_code == 200, f"{path}: {answer.status_code} {answer.text[:500]}"
        assert answer.json()["success"] is True
        self.acknowledged += messages

    def batch(self, messages, size=400):
        for start in range(0, len(messages), size):
            part = messages[start:start + size]
            self.send("/v1/batch", {"batch": part}, len(part))

    def track(self, user, event, properties=None, **more):
        self.send("/v1/track", track(user, event, properties, **more))

    def identify(self, user, traits, **more):
        self.send("/v1/identify", identify(user, traits, **more))

    def settled(self, api, received=None):
        """Waits until all that was acknowledged is in the ledger; its totals."""
        expected = self.acknowledged if received is None else received
        path = f"/api/v1/sources/{self.source['id']}/ledger"
        eventually(lambda: api.get(path)["totals"]["received"], lambda seen: seen >= expected, what=f"{expected} received")
        totals = api.ledger(self.source["id"])
        assert totals["received"] == expected, totals
        return totals


def track(user, event, properties=None, at=None, message_id=None, **more):
    return _message("track", user, at, message_id, event=event, properties=properties or {}, **more)


def identify(user, traits, at=None, message_id=None, **more):
    return _message("identify", user, at, message_id, traits=traits, **more)


def _message(kind, user, at, message_id, **more):
    message = {"type": kind, "messageId": message_id or str(uuid.uuid4()), "timestamp": at or ago(seconds=1), **more}
    if user is not None:
        message["userId"] = user
    return message
