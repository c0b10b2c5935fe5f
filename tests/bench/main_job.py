"""Measures the main job on this machine: a file in, sizes while a rule is written, every list out. Prints a table.

    ~/.cache/rollcall/venv/bin/python tests/bench/main_job.py

The program is the one that deploy/quickstart.sh built; everything else is made in a temporary folder (2 GB) and deleted again.
Times are of whole commands and requests, over HTTP where a person or machine would use HTTP.
"""

import argparse
import json
import random
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from support.server import Server

PASSWORD = "rollcall-demo"
DAY = 86_400


def table(rows):
    print("\n| what | figure | of |\n|---|---|---|")
    for row in rows:
        print("| " + " | ".join(row) + " |")


def segment_spec(path, events):
    """Track calls as an SDK batches them, with message ids, of 100,000 users over two years."""
    dice = random.Random(1)
    programmes = [f"programme {n}" for n in range(500)]
    with open(path, "w", encoding="utf-8") as file:
        for n in range(events):
            at = time.gmtime(1_700_000_000 + dice.randrange(730 * DAY))
            properties = {"programme": dice.choice(programmes), "seconds": dice.randrange(7200), "device": dice.choice(["tv", "phone", "web"])}
            message = {
                "type": "track", "messageId": f"m-{n:09}", "userId": f"u{dice.randrange(100_000):06}", "event": "video_view",
                "timestamp": time.strftime("%Y-%m-%dT%H:%M:%SZ", at), "properties": properties,
            }
            file.write(json.dumps(message, separators=(",", ":")) + "\n")


def import_file(folder, events):
    file = folder / "events.ndjson"
    segment_spec(file, events)
    server = Server(folder / "import").init()
    start = time.monotonic()
    told = json.loads(server.run("import", file, "--source", "bench", "--data-dir", server.data_dir, "--json", timeout=3600))
    seconds = time.monotonic() - start
    assert (told["accepted"], told["rows_read"]) == (events, events), told
    size = file.stat().st_size / 1e6
    return ("import of Segment-spec NDJSON, durable, deduped, in lake and index", f"{seconds:.1f} s", f"{events:,} events, {size:.0f} MB")


def load_demo(folder):
    server = Server(folder / "demo", ROLLCALL_LOG="warn")
    start = time.monotonic()
    server.run("demo", "--data-dir", server.data_dir, timeout=3600)
    return server, ("demo data made and loaded", f"{time.monotonic() - start:.1f} s", "100,000 users, 5,000,000 events")


def previews(admin, repeats):
    """The first look at each segment's rule after the start, and the median of more."""
    rows = []
    for segment in admin.get("/api/v1/segments")["items"]:
        rule, took = admin.get(f"/api/v1/segments/{segment['id']}")["rule"], []
        for _ in range(repeats):
            start = time.monotonic()
            answer = admin.preview(rule)
            took.append((time.monotonic() - start) * 1e3)
        rows.append((
            f"preview: {segment['name']}", f"first {took[0]:.1f} ms, median {statistics.median(took):.1f} ms, worst {max(took):.1f} ms",
            f"{answer['count']:,} of {answer['population']:,} users, {len(answer['nodes'])} nodes, {answer['events']:,} events",
        ))
    return rows


def memory(server, field):
    status = Path(f"/proc/{server.process.pid}/status").read_text(encoding="ascii")
    return next(int(line.split()[1]) for line in status.splitlines() if line.startswith(field)) / 1024


def export(server, admin, lines):
    """The map of all segments, with so many segments of everybody that it has the lines wanted."""
    machine = server.with_key(admin.post("/api/v1/api-keys", json={"name": "bench", "scopes": ["pull"]})["key"])

    def take():
        start, count, size = time.monotonic(), 0, 0
        with machine.http.stream("GET", "/api/v1/map/segments", params={"purpose": "ads", "format": "csv"}) as answer:
            assert answer.status_code == 200
            for chunk in answer.iter_raw():
                count, size = count + chunk.count(b"\n"), size + len(chunk)
        return count - 1, size, time.monotonic() - start

    everybody = admin.segment("bench 0", {"everyone": True})
    steps = admin.get(f"/api/v1/segments/{everybody['id']}/waterfall", purpose="ads")["steps"]
    per_segment = next(step["count"] for step in steps if step["name"] == "deliverable")
    rows = []
    for wanted in (lines // 10, lines):
        have = take()[0]
        for n in range(-(-max(0, wanted - have) // per_segment)):
            admin.segment(f"bench {wanted} {n}", {"everyone": True})
        before = memory(server, "VmRSS:")
        # What the peak is counted from.
        Path(f"/proc/{server.process.pid}/clear_refs").write_text("5", encoding="ascii")
        count, size, seconds = take()
        peak = memory(server, "VmHWM:")
        rows.append((
            "map of (user, segment) as CSV over HTTP", f"{seconds:.1f} s, {count / seconds / 1e6:.1f} M lines/s",
            f"{count:,} lines, {size / 1e6:.0f} MB; resident {before:.0f} MB before, peak {peak:.0f} MB while sending",
        ))
    return rows


def main():
    arguments = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    arguments.add_argument("--events", type=int, default=1_000_000, help="events in the imported file")
    arguments.add_argument("--lines", type=int, default=20_000_000, help="lines of the map")
    arguments.add_argument("--repeats", type=int, default=20, help="previews of each rule")
    chosen = arguments.parse_args()
    with tempfile.TemporaryDirectory(prefix="rollcall-bench.") as folder:
        rows = [import_file(Path(folder), chosen.events)]
        server, row = load_demo(Path(folder))
        rows.append(row)
        server.start()
        try:
            admin = server.sign_in("admin@demo.example", PASSWORD)
            rows += previews(admin, chosen.repeats)
            rows += export(server, admin, chosen.lines)
        finally:
            server.stop()
    table(rows)


if __name__ == "__main__":
    main()
