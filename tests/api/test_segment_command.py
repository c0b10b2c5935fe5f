"""`rollcall segment`: rules from the command line, to a running server with a key and on a data folder of one's own."""

import json
import subprocess

import pytest

from support import people
from support.server import binary
from support.tracking import Tracker

pytestmark = pytest.mark.quick

FANS = 'gender = "F"\nand count(video_view where programme = "Harbour") >= 3'
CANONICAL = FANS.replace("\n", " ")


def segment(*arguments, stdin=None, **environment):
    clean = {"PATH": "/usr/bin", "HOME": "/tmp", "NO_PROXY": "127.0.0.1", **environment}
    command = [str(binary()), "segment", *map(str, arguments)]
    return subprocess.run(command, input=stdin, capture_output=True, text=True, timeout=120, env=clean, check=False)


def good(*arguments, **more):
    done = segment(*arguments, **more)
    assert done.returncode == 0, f"{arguments}: {done.returncode}\n{done.stdout}\n{done.stderr}"
    return done.stdout


@pytest.fixture(scope="module")
def audience(server, admin):
    people.load(Tracker(server, admin.source("people")), admin)


@pytest.fixture(scope="module")
def asked(server, admin, audience):
    """The options that name the server and a key to it."""
    key = admin.post("/api/v1/api-keys", json={"name": "segments from git", "scopes": ["segments", "pull"]})["key"]
    return ["--url", server.url, "--key", key]


def wanted():
    return people.those(lambda n: n % 2 == 0 and people.episodes(n) >= 3)


def test_words_and_format_need_no_server(tmp_path):
    assert good("words", FANS).startswith("gender is F, and did video_view (programme is Harbour) at least 3 times")
    assert "au moins 3 fois" in good("words", "-", "--language", "fr", stdin=FANS)
    rule = json.loads(good("format", FANS, "--json"))
    assert rule == people.WOMEN_VIEWERS
    (tmp_path / "rule.json").write_text(json.dumps(rule))
    assert good("format", "--file", tmp_path / "rule.json") == CANONICAL + "\n"
    assert good("format", "--check", CANONICAL) == ""
    assert segment("format", "--check", FANS).returncode == 1


def test_a_fault_of_the_text_is_underlined():
    done = segment("words", 'plan = "gold"\nand count(video_view >= 3')
    assert done.returncode == 1 and done.stdout == ""
    lines = done.stderr.splitlines()
    assert lines[0].startswith("rule:2:22: error: Expected ") and "Line 2" not in lines[0]
    assert lines[1:] == ["  2 | and count(video_view >= 3", "    | " + " " * 21 + "^^"]


def test_a_fault_that_validation_finds_is_underlined_too(asked, tmp_path):
    path = tmp_path / "bad.rule"
    path.write_text('age contains "x"\nand did purchase 3 times\nand list "nobody"')
    done = segment("check", "--file", path, *asked)
    assert done.returncode == 1
    lines = done.stderr.splitlines()
    assert lines[0].startswith(f"{path}:1:5: error: “contains” does not work here") and lines[0].endswith("(operator_not_for_type)")
    assert lines[1:3] == ['  1 | age contains "x"', "    |     ^^^^^^^^"]
    assert f"{path}:3:10: error:" in done.stderr and done.stderr.rstrip().endswith("^" * len('"nobody"'))
    same = json.loads(segment("check", "--file", path, "--json", *asked).stdout)
    assert same["valid"] is False and [error["code"] for error in same["errors"]] == ["operator_not_for_type", "unknown_list"]


def test_a_fault_in_json_is_shown_by_its_pointer(asked):
    done = segment("check", json.dumps({"all": [{"trait": "age", "op": "gte", "value": "old"}]}), *asked)
    assert done.returncode == 1
    assert "error at /all/0/value: " in done.stderr and '\n  "old"' in done.stderr
    assert "rule:1:9: this is not JSON" in segment("check", '{"all": }', *asked).stderr


def test_warnings_are_told_and_the_rule_is_valid(asked):
    done = segment("check", "did vidoe_view", *asked)
    assert done.returncode == 0 and done.stdout == "The rule is valid.\n"
    assert "rule:1:5: warning: No event “vidoe_view”" in done.stderr and "^" * len("vidoe_view") in done.stderr


def test_a_preview_counts_every_line(asked):
    lines = good("preview", FANS, *asked).splitlines()
    assert [line.split()[0] for line in lines[:3]] == [str(len(wanted())), "30", "24"]
    assert f"{len(wanted())} of 60 users" in "\n".join(lines)
    answer = json.loads(good("preview", "-", "--json", *asked, stdin=FANS))
    assert answer["count"] == len(wanted()) and len(answer["nodes"]) == 3


def test_a_segment_from_text_to_file(asked, admin, tmp_path):
    made = json.loads(good("create", "--name", "Harbour women", "--description", "From git", FANS, "--json", *asked))
    again = segment("create", "--name", "Harbour women", FANS, *asked)
    assert again.returncode == 1 and made["id"] in again.stderr and "update" in again.stderr, "a script that runs twice"
    assert made["rule"] == people.WOMEN_VIEWERS and made["latest"]["count"] == len(wanted())
    assert admin.get(f"/api/v1/segments/{made['id']}")["description"] == "From git"
    assert "Harbour women" in good("list", "harbour", *asked) and good("list", "nothing like it", *asked) == ""
    shown = good("show", "Harbour women", *asked)
    assert CANONICAL in shown and made["latest"]["digest"] in shown
    changed = json.loads(good("update", "Harbour women", 'gender = "F"', "--json", *asked))
    assert (changed["version"], changed["latest"]["count"]) == (2, 30)
    again = json.loads(good("update", made["id"], 'gender = "F"', "--json", *asked))
    assert again["version"] == 2, "the same rule is no new version"
    assert "30 of 60 users" in good("build", "Harbour women", *asked)
    path = tmp_path / "out.csv"
    good("export", "Harbour women", "--purpose", "ads", "--output", path, *asked)
    allowed = people.those(lambda n: n % 2 == 0 and people.allows_ads(n))
    assert sorted(path.read_text().split()[1:]) == allowed and list(tmp_path.iterdir()) == [path]
    assert good("export", made["id"], "--purpose", "ads", *asked) == path.read_text()


def test_what_is_refused_says_why(asked, server, key):
    assert "there is no segment “nobody”" in segment("show", "nobody", *asked).stderr
    assert "--url needs --key" in segment("check", "everyone", "--url", server.url).stderr
    pull = ["--url", server.url, "--key", key("pull").http.headers["authorization"].removeprefix("Bearer ")]
    assert "not open to this API key" in segment("preview", "everyone", *pull).stderr
    done = segment("create", "--name", "x", "did (", "--json", *asked)
    assert done.returncode == 1 and json.loads(done.stdout)["code"] == "invalid_rule"
    assert "rule:1:6: error:" in segment("create", "--name", "x", "did (", *asked).stderr


def test_the_data_folder_is_opened_by_its_operator(server, audience):
    done = segment("preview", "everyone", "--data-dir", server.data_dir)
    assert done.returncode != 0 and "--url" in done.stderr, "a running server has it"
    missing = server.data_dir.parent / "nowhere"
    assert segment("preview", "everyone", "--data-dir", missing).returncode != 0 and not missing.exists()
    server.stop()
    try:
        local = ["--data-dir", server.data_dir]
        assert json.loads(good("preview", FANS, "--json", *local))["count"] == len(wanted())
        made = json.loads(good("create", "--name", "Made offline", FANS, "--json", *local))
        assert good("export", made["id"], "--purpose", "email", *local).splitlines()[0].startswith("user_id")
        assert "rule:1:5: error" in segment("check", 'age contains "x"', *local).stderr
    finally:
        server.start()
    assert server.sign_in().get(f"/api/v1/segments/{made['id']}")["latest"]["count"] == len(wanted())


def test_help_teaches():
    done = segment("--help")
    assert "rollcall segment preview" in done.stdout and "scope" in done.stdout
