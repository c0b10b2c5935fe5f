"""kill -9 while a file is imported: it goes on (by itself in the server), and every row counts once."""

import json
import subprocess

import pytest

from support.server import Server, binary, end_with_parent
from support.waiting import eventually

ROWS = 150_000
USERS = 1000


@pytest.fixture
def server(tmp_path):
    server = Server(tmp_path / "data", ROLLCALL_TAKE_IN__FLUSH_ROWS=7000, ROLLCALL_TAKE_IN__FLUSH_SECONDS=1).init().start()
    yield server
    if server.process:
        server.kill()


def rows():
    """Row n: user n % USERS buys for n % 7; every 10,000th row is broken."""
    for n in range(ROWS):
        if n % 10_000 == 9_999:
            yield '{"type":"track"'
        else:
            message = {"type": "track", "userId": f"u{n % USERS}", "event": "Bought", "timestamp": "2024-05-01T12:00:00Z"}
            yield json.dumps({**message, "properties": {"amount": n % 7}})


def start(admin, source, content):
    parameters = {"source_id": source["id"], "name": "rows.ndjson", "format": "ndjson", "compression": "plain"}
    return admin.post("/api/v1/imports", params=parameters, content=content, status=202)["id"]


@pytest.mark.parametrize("moments", [[0.02], [0.3, 0.6], [0.05, 0.1, 0.5, 0.9]])
def test_kill_while_importing(server, moments):
    admin = server.sign_in()
    source = admin.source("file")
    content = "\n".join(rows()).encode()
    made = start(admin, source, content)
    kills = 0
    for moment in moments:
        # The ledger tells at once what is taken in, the import only now and then how far it is.
        accepted = lambda: admin.ledger(source["id"])["accepted"]
        eventually(accepted, lambda seen: seen >= moment * ROWS, within=60, every=0.005, what=f"{moment} of the rows")
        if admin.get(f"/api/v1/imports/{made}")["state"] == "done":
            break
        server.kill()
        kills += 1
        server.start()
        admin = server.sign_in()
    assert kills > 0, "the import was over before the first kill"
    done = admin.imported(made)
    assert done["state"] == "done", done
    broken = ROWS // 10_000
    assert done["rows_read"] == ROWS == done["accepted"] + done["duplicate"] + done["quarantined"]
    totals = admin.ledger(source["id"])
    assert totals["accepted"] == ROWS - broken, "each row once"
    assert totals["quarantined"] >= broken, "a broken row that was read again after a kill is put aside again"
    # What was read again after a kill is a duplicate of itself, and in no number that people see.
    assert admin.count({"event": "Bought"}) == USERS
    assert admin.count({"event": "Bought", "op": "gte", "value": ROWS // USERS + 1}) == 0
    spent = sum(n % 7 for n in range(0, ROWS, USERS) if n % 10_000 != 9_999)
    first = {"event": "Bought", "agg": "sum", "of": "amount", "op": "eq", "value": spent}
    segment = admin.segment("who spent as much as u0", first)
    admin.build(segment["id"])
    assert "u0" in admin.members(segment["id"])
    assert admin.recount(segment["id"])["agree"] is True

    again = start(admin, source, content)
    done = admin.imported(again)
    assert done["accepted"] == 0, "the same file again adds nothing"
    assert admin.count({"event": "Bought", "op": "gte", "value": ROWS // USERS + 1}) == 0


def test_kill_the_command_while_it_imports(tmp_path):
    server = Server(tmp_path / "data", ROLLCALL_TAKE_IN__FLUSH_ROWS=7000, ROLLCALL_TAKE_IN__FLUSH_SECONDS=1).init()
    large, small = tmp_path / "rows.ndjson", tmp_path / "small.ndjson"
    large.write_text("\n".join(rows()))
    small.write_text('{"type":"track","userId":"other","event":"Else"}\n')
    command = lambda file: ["import", file, "--source", "file", "--json"]
    # Of some 30 MB; what was read again after a kill is in the log again.
    for megabytes in (3, 12):
        process = subprocess.Popen(
            [binary(), *command(large)], env=server.environment(),
            stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, preexec_fn=end_with_parent,
        )
        eventually(lambda: log_bytes(server.data_dir) > megabytes * 1_000_000, within=60, every=0.005, what=f"{megabytes} MB")
        assert process.poll() is None, "the import was over before the kill"
        process.kill()
        process.wait(10)
    assert json.loads(server.run(*command(small)))["accepted"] == 1, "the file that was asked for, not the one cut off"
    done = json.loads(server.run(*command(large)))
    assert done["state"] == "done", done
    assert done["rows_read"] == ROWS == done["accepted"] + done["duplicate"] + done["quarantined"]
    assert list((server.data_dir / "imports").iterdir()) == []

    server.start()
    try:
        admin = server.sign_in()
        [source] = admin.get("/api/v1/sources")["items"]
        assert admin.ledger(source["id"])["accepted"] == ROWS - ROWS // 10_000 + 1, "each row once"
        assert admin.count({"event": "Bought"}) == USERS
        assert admin.count({"event": "Bought", "op": "gte", "value": ROWS // USERS + 1}) == 0
        assert len(admin.get("/api/v1/imports")["items"]) == 2, "cut off twice, and still one import"
    finally:
        server.stop()


def log_bytes(data_dir):
    return sum(path.stat().st_size for path in (data_dir / "log").glob("*.log"))
