"""The command line: says what is wrong, prints what can be set."""

import subprocess

import pytest

from support.server import ADMIN_EMAIL, Server, binary

pytestmark = pytest.mark.quick


def run(*arguments, **environment):
    clean = {"PATH": "/usr/bin", "HOME": "/tmp", **environment}
    return subprocess.run([str(binary()), *map(str, arguments)], capture_output=True, text=True, timeout=60, env=clean, check=False)


def test_configuration_is_printed_as_toml_with_every_default():
    import tomllib
    done = run("config")
    assert done.returncode == 0
    assert "listen" in done.stdout and "flush_rows" in done.stdout
    tomllib.loads(done.stdout)


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_completions(shell):
    done = run("completions", shell)
    assert done.returncode == 0 and "rollcall" in done.stdout


def test_a_misspelt_setting_is_named():
    done = run("serve", ROLLCALL_LISEN="127.0.0.1:1")
    assert done.returncode != 0 and "lisen" in done.stderr.lower()


@pytest.mark.parametrize(("setting", "value", "said"), [
    ("ROLLCALL_CONSENT__ADS", "hello", "consent.ads"),
    ("ROLLCALL_CONSENT__EMAIL", '{"nonsense":1}', "consent.email"),
    ("ROLLCALL_SMTP__TLS", "ssl", "smtp.tls"),
])
def test_a_setting_that_could_never_work_is_refused_at_the_start(tmp_path, setting, value, said):
    done = run("serve", "--data-dir", tmp_path / "data", ROLLCALL_LISTEN="127.0.0.1:0", **{setting: value})
    assert done.returncode != 0 and said in done.stderr, done.stderr


def test_an_instance_that_cannot_be_made_leaves_nothing_behind(tmp_path):
    folder = tmp_path / "data"
    done = run("init", "--data-dir", folder, "--admin-email", "a@test.example", ROLLCALL_PASSWORD="short")
    assert done.returncode != 0 and "10 characters" in done.stderr and not folder.exists()


def test_a_taken_port_is_said_so(server):
    done = run("serve", ROLLCALL_DATA_DIR=str(server.data_dir.parent / "other"), ROLLCALL_LISTEN=f"127.0.0.1:{server.port}")
    assert done.returncode != 0 and str(server.port) in done.stderr


def test_a_data_folder_in_use_is_not_opened_twice(server):
    from support.server import free_port
    done = run("serve", ROLLCALL_DATA_DIR=str(server.data_dir), ROLLCALL_LISTEN=f"127.0.0.1:{free_port()}")
    assert done.returncode != 0 and str(server.data_dir) in done.stderr


def test_init_does_not_overwrite(server):
    done = run("init", "--data-dir", server.data_dir, "--admin-email", ADMIN_EMAIL, "--admin-password", "a different password")
    assert done.returncode != 0
    server.sign_in()


def test_weak_first_passwords_are_refused(tmp_path):
    done = run("init", "--data-dir", tmp_path / "data", "--admin-email", ADMIN_EMAIL, "--admin-password", "short")
    assert done.returncode != 0 and "password" in done.stderr.lower()


def test_a_stop_signal_ends_it_cleanly(tmp_path):
    server = Server(tmp_path / "data").init().start()
    server.stop(within=15)


def test_import_over_the_network_with_a_key(server, admin, tmp_path):
    source = admin.source("from a file")
    key = admin.post("/api/v1/api-keys", json={"name": "importer", "scopes": ["collect"]})["key"]
    rows = "".join(f'{{"type":"track","userId":"f{n}","event":"Filed","timestamp":"2025-01-01T00:00:00Z"}}\n' for n in range(100))
    (tmp_path / "rows.ndjson").write_text(rows)
    done = run("import", tmp_path / "rows.ndjson", "--source", "from a file", "--url", server.url, "--key", key)
    assert done.returncode == 0, done.stderr
    assert admin.ledger(source["id"])["accepted"] == 100
