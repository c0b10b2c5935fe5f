"""Files: every row ends in the ledger, broken rows are kept for repair, a file sent twice adds nothing."""

import gzip
import io
import json

import pyarrow
import pyarrow.parquet
import pytest
import zstandard

from support.server import ROOT

CDNOW = ROOT.parent / "shared" / "data" / "cdnow.csv"


def run(admin, source, content, format="ndjson", compression="plain", **more):
    parameters = {"source_id": source["id"], "name": f"sample.{format}", "format": format, "compression": compression, **more}
    made = admin.post("/api/v1/imports", params=parameters, content=content, status=202)
    done = admin.imported(made["id"])
    assert done["state"] == "done", done
    assert done["rows_read"] == done["accepted"] + done["duplicate"] + done["quarantined"]
    return done


def messages(count):
    for n in range(count):
        yield {"type": "track", "userId": f"i{n % 10}", "event": "Imported", "timestamp": "2023-01-01T00:00:00Z", "properties": {"n": n}}


def ndjson(rows):
    return b"".join(json.dumps(row).encode() + b"\n" for row in rows)


COMPRESSIONS = {"plain": bytes, "gz": gzip.compress, "zst": zstandard.ZstdCompressor().compress}


@pytest.mark.parametrize("compression", COMPRESSIONS)
def test_ndjson_in_each_compression(admin, fresh_name, compression):
    source = admin.source(fresh_name("file"))
    content = COMPRESSIONS[compression](ndjson(messages(100)))
    done = run(admin, source, content, compression=compression)
    assert (done["rows_read"], done["accepted"], done["bytes_read"]) == (100, 100, done["bytes_total"])
    assert admin.ledger(source["id"])["accepted"] == 100


def test_broken_rows_are_kept_and_the_rest_is_taken(admin, fresh_name):
    source = admin.source(fresh_name("file"))
    good = list(messages(5))
    content = ndjson(good[:2]) + b'{"type":"track"\n' + b'{"type":"track","event":"e"}\n' + ndjson(good[2:])
    done = run(admin, source, content)
    assert (done["accepted"], done["quarantined"]) == (5, 2)
    kept = admin.pages("/api/v1/quarantine", source_id=source["id"])
    assert len(kept) == 2 and all(item["raw"] for item in kept)


def test_a_row_of_a_table_is_kept_as_it_was(admin, fresh_name):
    source = admin.source(fresh_name("file"))
    rows = b"ID,Amount,Order\nu1,1,A-1\n,2,A-2\nu3,three,A-3\n"
    mapping = 'event = "Ordered"\nuser_id = "ID"\n[properties]\namount = { column = "Amount", type = "number" }\n'
    done = run(admin, source, rows, format="csv", mapping=mapping)
    assert (done["accepted"], done["quarantined"]) == (1, 2)
    kept = {item["raw"] for item in admin.pages("/api/v1/quarantine", source_id=source["id"])}
    assert kept == {",2,A-2", "u3,three,A-3"}, "with columns that the mapping does not name"


def test_the_same_file_again_adds_nothing(admin, fresh_name):
    source = admin.source(fresh_name("file"))
    content = ndjson({**message, "event": "Once only"} for message in messages(50))
    assert run(admin, source, content)["accepted"] == 50
    again = run(admin, source, content)
    assert (again["accepted"], again["duplicate"]) == (0, 50)
    assert admin.count({"event": "Once only", "op": "gte", "value": 6}) == 0


def test_old_events_are_in_old_windows(admin, fresh_name):
    run(admin, admin.source(fresh_name("file")), ndjson({**message, "event": "Long ago"} for message in messages(10)))
    window = {"from": "2023-01-01", "to": "2023-01-01"}
    assert admin.count({"event": "Long ago", "window": window}) == 10
    assert admin.count({"event": "Long ago", "window": {"last": "1y"}}) == 0


def test_a_key_to_collect_may_import_and_look_at_it(admin, key, fresh_name):
    source = admin.source(fresh_name("file"))
    machine = key("collect")
    parameters = {"source_id": source["id"], "name": "x", "format": "ndjson", "compression": "plain"}
    made = machine.post("/api/v1/imports", params=parameters, content=ndjson(messages(3)), status=202)
    assert machine.imported(made["id"])["accepted"] == 3


def test_faults_of_the_request_are_told_before_anything_is_read(admin, fresh_name):
    source = admin.source(fresh_name("file"))
    good = {"source_id": source["id"], "name": "x", "format": "ndjson", "compression": "plain"}
    for wrong in ({"format": "xml"}, {"compression": "rar"}, {"mapping": "this is [not toml"}):
        answer = admin.response("POST", "/api/v1/imports", params={**good, **wrong}, content=b"{}")
        assert answer.status_code in (400, 422), (wrong, answer.text)
    admin.refused(404, "POST", "/api/v1/imports", params={**good, "source_id": "nobody"}, content=b"{}")
    assert admin.ledger(source["id"])["received"] == 0


# CSV and Parquet name their columns; the mapping says what they are.
MAPPING = """
type = "track"
event = "EVENT"
user_id = "ID"
time = { column = "Date", format = "%Y%m%d", zone = "UTC" }

[properties]
amount = { column = "Amount", type = "number" }
"""


def own_sample():
    """Like the CDNOW log, small: customer n buys n times, n for amount n + 0.1 each."""
    lines = ["ID,Date,Amount"]
    lines += [f"{n},2017{month:02}{day:02},{n}.1" for n in range(1, 31) for month, day in ((1 + k % 12, 1 + k) for k in range(n))]
    return "\n".join(lines).encode() + b"\n", {"customers": 30, "rows": 465, "twice": 29, "ten": 21}


def cdnow():
    return CDNOW.read_bytes(), {"customers": 23_544, "rows": 69_659, "twice": 11_663, "ten": 1_155}


there = pytest.mark.skipif(not CDNOW.exists(), reason="no cdnow.csv beside the repository")


@pytest.mark.parametrize("sample", [own_sample, pytest.param(cdnow, marks=there)])
def test_facts_of_a_purchase_log_by_rules_and_by_recount(admin, fresh_name, sample):
    content, facts = sample()
    event = fresh_name("purchase")
    source = admin.source(fresh_name("log"))
    done = run(admin, source, content, format="csv", mapping=MAPPING.replace("EVENT", event))
    assert (done["accepted"], done["quarantined"]) == (facts["rows"], 0)
    expected = {
        "customers": {"event": event},
        "twice": {"event": event, "op": "gte", "value": 2},
        "ten": {"event": event, "op": "gte", "value": 10},
    }
    for name, rule in expected.items():
        segment = admin.segment(f"{event} {name}", rule)
        build = admin.build(segment["id"])
        assert build["count"] == facts[name], name
        result = admin.recount(segment["id"])
        assert result["agree"] is True and result["lake"]["count"] == facts[name], name


def test_parquet(admin, fresh_name):
    event = fresh_name("purchase")
    table = pyarrow.table({"ID": [1, 2, 2], "Date": ["20170101", "20170102", "20170103"], "Amount": [1.5, 2.5, 3.0]})
    content = io.BytesIO()
    pyarrow.parquet.write_table(table, content)
    mapping = MAPPING.replace("EVENT", event)
    done = run(admin, admin.source(fresh_name("log")), content.getvalue(), format="parquet", mapping=mapping)
    assert done["accepted"] == 3
    assert admin.count({"event": event, "agg": "sum", "of": "amount", "op": "eq", "value": 5.5}) == 1
