"""Compares Rollcall with DuckDB and ClickHouse on fifteen rules over a made-up streaming service, in one run. Prints a table.

    tests/bench/run.sh --scale 50            # 50 million events, a million users; about 12 GB on disk, half an hour to load
    tests/bench/run.sh --scale 1 --rules R2,R13

Everyone loads the same files their best way, which is kept in --folder for the next run. Rules then run in turns: each round asks
every system once, the first round is thrown away, medians of the others count. All counts have to be equal. Peers run inside this
process with as many threads as the machine has processors; Rollcall runs as its own server, asked over HTTP, with nothing kept of
earlier answers. "engine" is what its answer says that evaluation took, with every line of the rule counted and the whole set of
users made; "HTTP" is the request as this client sees it. Times move from machine to machine: compare the ratios.
"""

import argparse
import datetime as dt
import json
import math
import os
import platform
import shutil
import statistics
import sys
import time
from http.client import HTTPConnection
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from peers import PEERS
from rules import rules, sql
from support.server import Server
from world import World

END, DAYS = "2026-11-01", 1096


def mapping(head, time, table, columns):
    """A mapping file for `rollcall import` in which every column keeps its name."""
    values = [f'{column} = {{ column = "{column}" }}' for column in columns.split()]
    return "\n".join([*head, 'user_id = "user_id"', f'time = {{ column = "{time}" }}', f"[{table}]", *values])


EVENTS_MAPPING = mapping(['type = "track"', 'event_column = "event"'], "time", "properties", "programme device seconds campaign")
USERS_MAPPING = mapping(['type = "identify"'], "joined", "traits", "gender age country plan consent_marketing consent_ads")


def note(text):
    print(text, file=sys.stderr, flush=True)


class Rollcall:
    name = "Rollcall"

    def __init__(self, data, folder):
        self.data, self.folder = data, folder
        self.server = Server(folder / "data", ROLLCALL_LOG="warn", ROLLCALL_ENGINE__ANSWERS_BYTES=0, ROLLCALL_REFRESH__TIME_SECONDS=3600)

    def prepare(self):
        done = self.folder / "done"
        if not done.exists():
            shutil.rmtree(self.folder, ignore_errors=True)
            self.folder.mkdir(parents=True)
            self.server.init()
            start = time.monotonic()
            self.take_in(self.data / "users.parquet", USERS_MAPPING)
            for month in sorted((self.data / "events").glob("*.parquet")):
                self.take_in(month, EVENTS_MAPPING)
                note(f"Rollcall has {month.stem}")
            done.write_text(f"{time.monotonic() - start:.1f}")
        size = sum(path.stat().st_size for path in (self.folder / "data" / "index").rglob("*") if path.is_file())
        return float(done.read_text()), size

    def take_in(self, file, mapping):
        path = self.folder / "mapping.toml"
        path.write_text(mapping)
        told = json.loads(self.server.run("import", file, "--source", "bench", "--mapping", path, "--json", timeout=36_000))
        assert told["accepted"] == told["rows_read"], told

    def open(self):
        start = time.monotonic()
        self.server.start(within=600)
        self.api = self.server.sign_in()
        self.started = time.monotonic() - start
        for catalogue in self.api.get("/api/v1/catalogues")["items"]:
            self.api.delete(f"/api/v1/catalogues/{catalogue['id']}", status=204)
        made = self.api.post("/api/v1/catalogues", json={"name": "Programmes", "links": ["programme"]}, status=201)
        rows = json.loads((self.data / "programmes.json").read_text())
        self.api.call("PUT", f"/api/v1/catalogues/{made['id']}/rows", json=rows)

        # The tests' client takes milliseconds of its own.
        key = self.api.post("/api/v1/api-keys", json={"name": "bench", "scopes": ["segments"]}, status=201)["key"]
        self.headers = {"Authorization": f"Bearer {key}", "Content-Type": "application/json"}
        self.connection = HTTPConnection("127.0.0.1", self.server.port)

    def ask(self, rule, at):
        """Count, milliseconds of the evaluation, milliseconds of the request."""
        start = time.perf_counter()
        self.connection.request("POST", "/api/v1/rules/preview", json.dumps({"rule": rule, "at": at}), self.headers)
        answer = json.loads(self.connection.getresponse().read())
        return answer["count"], answer["elapsed_ms"], (time.perf_counter() - start) * 1e3

    def resident(self):
        status = Path(f"/proc/{self.server.process.pid}/status").read_text(encoding="ascii")
        return next(int(line.split()[1]) for line in status.splitlines() if line.startswith("VmRSS:")) / 1024


def timed(ask, select):
    start = time.perf_counter()
    found = ask(select)
    return found, (time.perf_counter() - start) * 1e3


def measure(rollcall, peers, chosen, rounds):
    """For each rule: users, and by column the milliseconds of each round."""
    now = dt.datetime.fromisoformat(END)
    selects = {peer.name: sql(peer.dialect, now) for peer in peers}
    for name, words, rule in chosen:
        took, counts = {}, {}
        for number in range(rounds + 1):
            for peer in peers:
                counts[peer.name], count = timed(peer.count, selects[peer.name][name])
                members, ids = timed(peer.members, selects[peer.name][name])
                assert len(members) == counts[peer.name], f"{name}: {peer.name} counts {counts[peer.name]} and lists {len(members)}"
                if number:
                    took.setdefault(peer.name, []).append(count)
                    took.setdefault(peer.name + " ids", []).append(ids)
            counts["Rollcall"], engine, http = rollcall.ask(rule, f"{END}T00:00:00Z")
            if number:
                took.setdefault("engine", []).append(engine)
                took.setdefault("HTTP", []).append(http)
        assert len(set(counts.values())) == 1, f"{name} ({words}): {counts}"
        yield name, words, counts["Rollcall"], {column: statistics.median(times) for column, times in took.items()}


def mean(ratios):
    return math.exp(statistics.fmean(math.log(ratio) for ratio in ratios))


def table(results, peers):
    columns = [column for peer in peers for column in (peer.name, peer.name + " ids")]
    print(f"\n| rule | users | {' | '.join(columns)} | engine | HTTP | best / engine | best / HTTP |\n|{'---|' * (len(columns) + 6)}")
    ratios = {"count": [], "ids": [], "HTTP": []}
    for name, words, users, took in results:
        count, ids = (min(took[peer.name + suffix] for peer in peers) for suffix in ("", " ids"))
        ratios["count"].append(count / took["engine"])
        ratios["ids"].append(ids / took["engine"])
        ratios["HTTP"].append(count / took["HTTP"])
        figures = " | ".join(f"{took[column]:.1f}" for column in columns)
        print(f"| {name} {words} | {users:,} | {figures} | {took['engine']:.2f} | {took['HTTP']:.2f} | {ratios['count'][-1]:.1f} | {ratios['HTTP'][-1]:.1f} |")
    print(f"\nMilliseconds, medians. Geometric means: best count / engine {mean(ratios['count']):.1f}, best ids / engine {mean(ratios['ids']):.1f}, "
          f"best count / HTTP {mean(ratios['HTTP']):.1f}. Worst: {min(ratios['count']):.2f}, {min(ratios['ids']):.2f}, {min(ratios['HTTP']):.2f}. "
          f"Longest evaluation {max(took['engine'] for *_, took in results):.1f} ms.")


def machine():
    model = next((line.split(":")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines() if line.startswith("model name")), "?")
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 1e9
    return f"{model}, {os.cpu_count()} processors, {memory:.0f} GB, {platform.system()} {platform.release()}"


def main():
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("--scale", type=float, default=1, help="million events")
    arguments.add_argument("--users", type=int, help="users; a fiftieth of the events if not given, at least 10,000")
    arguments.add_argument("--folder", type=Path, default=Path("/tmp/rollcall-bench"), help="where everything is kept")
    arguments.add_argument("--rules", help="only these, such as R2,R13")
    arguments.add_argument("--rounds", type=int, default=5)
    given = arguments.parse_args()
    events = int(given.scale * 1e6)
    users = given.users or max(10_000, events // 50)
    folder = given.folder / f"{events}-{users}"
    data = folder / "files"
    if not (data / "done").exists():
        note(f"Making {events:,} events of {users:,} users in {folder}")
        shutil.rmtree(data, ignore_errors=True)
        World(users, events, 2000, DAYS, END, 1).write(data)
        (data / "done").touch()
    rollcall, peers = Rollcall(data, folder / "rollcall"), [kind(data, folder / kind.name.lower(), os.cpu_count()) for kind in PEERS]
    for system in [*peers, rollcall]:
        note(f"Loading {system.name}")
        seconds, size = system.prepare()
        print(f"{system.name}: loaded in {seconds:.0f} s, {size / events:.1f} bytes an event" + (" in its index" if system is rollcall else ""))
    wanted = given.rules and given.rules.split(",")
    chosen = [rule for rule in rules() if not wanted or rule[0] in wanted]
    try:
        for system in [*peers, rollcall]:
            system.open()
        results = list(measure(rollcall, peers, chosen, given.rounds))
        table(results, peers)
        versions = ", ".join(f"{peer.name} {peer.version}" for peer in peers)
        print(f"{events:,} events, {users:,} users. {versions}. Rollcall ready after {rollcall.started:.1f} s, {rollcall.resident():.0f} MB resident. {machine()}.")
    finally:
        rollcall.server.stop()


if __name__ == "__main__":
    main()
