"""Uploads are personal data on disk: bounded, and gone as soon as nobody needs them."""

import socket

import pytest

from support.server import Server
from support.waiting import eventually

MAX_BYTES = 100_000
PARAMETERS = {"name": "rows.ndjson", "source": "file"}
ROW = b'{"type":"track","userId":"u","event":"Spooled"}\n'


@pytest.fixture(scope="module")
def settings():
    return {"ROLLCALL_IMPORTS__MAX_BYTES": MAX_BYTES}


@pytest.fixture(scope="module")
def source(admin):
    return admin.source("file")


def spooled(server):
    folder = server.data_dir / "imports"
    return [path.name for path in folder.iterdir()] if folder.exists() else []


def test_files_have_a_largest_size(server, admin, source):
    content = ROW * (MAX_BYTES // len(ROW) + 1)
    told = admin.refused(413, "POST", "/api/v1/imports", code="too_large", params=PARAMETERS, content=content)
    assert "imports.max_bytes" in told["detail"]
    parts = (content[at:at + 20_000] for at in range(0, len(content), 20_000))
    admin.refused(413, "POST", "/api/v1/imports", code="too_large", params=PARAMETERS, content=parts)
    assert spooled(server) == []


def test_nothing_is_left_of_imports_that_end_however_they_end(server, admin, source):
    made = admin.post("/api/v1/imports", params=PARAMETERS, content=ROW, status=202)
    assert admin.imported(made["id"])["state"] == "done"
    made = admin.post("/api/v1/imports", params={**PARAMETERS, "compression": "gz"}, content=b"no gzip", status=202)
    assert admin.imported(made["id"])["state"] == "failed"
    made = admin.post("/api/v1/imports", params=PARAMETERS, content=ROW * 2000, status=202)
    admin.response("POST", f"/api/v1/imports/{made['id']}/cancel")
    eventually(lambda: spooled(server), lambda left: left == [], what="an empty spool")


def test_nothing_is_left_of_an_upload_that_broke_off(server, admin, source, key):
    bearer = key("collect").http.headers["authorization"]
    head = f"POST /api/v1/imports?name=x.ndjson&source=file HTTP/1.1\r\nHost: x\r\nAuthorization: {bearer}\r\nContent-Length: 9000\r\n\r\n"
    with socket.create_connection(("127.0.0.1", server.port)) as connection:
        connection.sendall(head.encode() + ROW * 20)
        eventually(lambda: spooled(server), what="the beginning in the spool")
    eventually(lambda: spooled(server), lambda left: left == [], what="an empty spool")


def test_what_a_killed_process_left_behind_goes_at_the_next_start(tmp_path):
    server = Server(tmp_path / "data").init()
    (server.data_dir / "imports").mkdir(exist_ok=True)
    (server.data_dir / "imports" / "left-behind").write_bytes(ROW)
    server.start()
    try:
        assert spooled(server) == []
    finally:
        server.stop()
