"""Waiting for what the server does on its own time: bounded, and loud about what it last saw."""

import time


def eventually(look, until=bool, within=15.0, every=0.05, what="condition"):
    """Calls `look` until `until(result)` holds and returns that result."""
    deadline = time.monotonic() + within
    while True:
        seen = look()
        if until(seen):
            return seen
        if time.monotonic() > deadline:
            raise AssertionError(f"{what}: not within {within} s; last seen: {seen!r}")
        time.sleep(every)
