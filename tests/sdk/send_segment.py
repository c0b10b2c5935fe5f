"""Sends the known set with segment-analytics-python: `send_segment.py URL KEY KNOWN [gzip]`."""

import json
import sys

from segment.analytics.client import Client

url, key, known_json, *more = sys.argv[1:]
known = json.loads(known_json)
failures = []
client = Client(key, host=url, gzip="gzip" in more, on_error=lambda error, items: failures.append(error), upload_size=7)
user = known["user"]
client.identify(user, known["traits"])
for event in known["events"]:
    client.track(user, event["event"], event["properties"])
for n in range(known["ticks"]):
    client.track(user, "Ticked", {"n": n, "sdk": known["sdk"]})
client.page(user, known["page"]["category"], known["page"]["name"], known["page"]["properties"])
client.screen(user, known["screen"]["category"], known["screen"]["name"], known["screen"]["properties"])
client.group(user, known["group"]["id"], known["group"]["traits"])
client.alias(known["previous"], user)
client.shutdown()
sys.exit(f"not delivered: {failures}" if failures else 0)
