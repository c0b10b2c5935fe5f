"""A small audience whose every fact can be computed beside the server.

Person n of 60: `u00` to `u59`; woman if n is even; n + 10 years old; allows advertising if n is divisible by 3 and e-mail if by
4; has an address unless n is divisible by 20; watched n % 5 episodes of "Harbour" and one of "Summit" if n is odd.
"""

from support.tracking import ago, identify, track

PEOPLE = range(60)


def name(n):
    return f"u{n:02}"


def episodes(n):
    return n % 5


def allows_ads(n):
    return n % 3 == 0


def allows_email(n):
    return n % 4 == 0


def address(n):
    return None if n % 20 == 0 else f"{name(n)}@people.example"


def messages():
    for n in PEOPLE:
        traits = {"gender": "F" if n % 2 == 0 else "M", "age": n + 10, "consent_ads": allows_ads(n), "consent_email": allows_email(n)}
        if address(n):
            traits["email"] = address(n)
        yield identify(name(n), traits, at=ago(days=40), message_id=f"identify-{n}")
        for episode in range(episodes(n)):
            properties = {"programme": "Harbour", "episode": episode + 1, "minutes": 10.5 * (episode + 1)}
            yield track(name(n), "video_view", properties, at=ago(days=5 + episode), message_id=f"harbour-{n}-{episode}")
        if n % 2:
            yield track(name(n), "video_view", {"programme": "Summit", "episode": 1}, at=ago(days=2), message_id=f"summit-{n}")


def load(tracker, api):
    """Sends everything and waits; how many messages there were."""
    everything = list(messages())
    tracker.batch(everything)
    totals = tracker.settled(api)
    assert totals["accepted"] == len(everything), totals
    return len(everything)


def those(condition):
    return sorted(name(n) for n in PEOPLE if condition(n))


VIEWERS = {"event": "video_view", "where": [{"property": "programme", "op": "eq", "value": "Harbour"}], "op": "gte", "value": 3}
WOMEN = {"trait": "gender", "op": "eq", "value": "F"}
WOMEN_VIEWERS = {"all": [WOMEN, VIEWERS]}
EVERYONE = {"everyone": True}
