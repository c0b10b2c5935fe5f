"""Sends the known set with rudder-sdk-python: `send_rudder.py URL KEY KNOWN`."""

import json
import sys

from rudderstack.analytics.client import Client

url, key, known_json = sys.argv[1:]
known = json.loads(known_json)
failures = []
client = Client(key, host=url, on_error=lambda error, items: failures.append(error), upload_size=7)
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
