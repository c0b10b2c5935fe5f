use std::io::Write;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::AtomicBool;

use arrow::array::{
    ArrayRef, BooleanArray, Date32Array, Decimal128Array, DictionaryArray, Float32Array, Int64Array, ListArray, RecordBatch,
    StringArray, TimestampMillisecondArray,
};
use arrow::datatypes::{Int32Type, UInt16Type};
use rollcall_log::{EventLog, Record};
use rollcall_rules::{Fact, Instant, Schema, Value};
use rollcall_store::{Import, ImportId, ImportProgress, ImportState, NewImport};
use serde_json::{Value as Json, json};

use super::*;
use crate::intake::{Intake, Outcome};
use crate::limits::Limits;
use crate::rig::{RECEIVED, Rig, quiet};

mod bounds;

const DIGEST: &str = "0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef";

const MAPPING: &str = r#"
type = "track"
event = "purchase"
user_id = "ID"
time = { column = "Date", format = "%Y%m%d", zone = "Europe/Paris" }
[properties]
amount = { column = "Amount", type = "number" }
note = { column = "Note" }
"#;

fn file(path: PathBuf, mapping: Option<&str>) -> ImportFile {
    let (format, compression) = detect(path.to_str().unwrap()).unwrap();
    ImportFile {
        path,
        format,
        compression,
        mapping: mapping.map(|text| Mapping::parse(text).unwrap()),
        digest: DIGEST.into(),
        import_id: "i1".into(),
    }
}

fn write(dir: &Path, name: &str, bytes: &[u8]) -> PathBuf {
    let path = dir.join(name);
    let bytes = match name.rsplit('.').next() {
        Some("gz") => {
            let mut encoder = flate2::write::GzEncoder::new(Vec::new(), flate2::Compression::fast());
            encoder.write_all(bytes).unwrap();
            encoder.finish().unwrap()
        }
        Some("zst") => zstd::encode_all(bytes, 1).unwrap(),
        _ => bytes.to_vec(),
    };
    std::fs::write(&path, bytes).unwrap();
    path
}

fn rows(file: &ImportFile) -> Vec<ImportRow> {
    ImportReader::open(file, 0).unwrap().map(Result::unwrap).collect()
}

fn outcomes(rows: &[ImportRow]) -> Vec<Outcome> {
    let mut intake = Intake::new(Schema::default(), Limits::default());
    let record = |row: &ImportRow| Record {
        offset: row.number,
        source: "shop".into(),
        received_at: RECEIVED,
        payload: row.payload.clone(),
    };
    rows.iter().map(|row| intake.take(&record(row), |_| false)).collect()
}

fn accepted(outcome: &Outcome) -> &Fact {
    match outcome {
        Outcome::Accepted(fact) => fact,
        other => panic!("{other:?}"),
    }
}

fn reason(outcome: &Outcome) -> &'static str {
    match outcome {
        Outcome::Quarantined { reason, .. } => reason,
        other => panic!("{other:?}"),
    }
}

fn properties(outcome: &Outcome) -> Vec<(&str, &Value)> {
    let Fact::Event(event) = accepted(outcome) else { panic!() };
    event.properties.iter().map(|(path, value)| (path.as_str(), value)).collect()
}

#[test]
fn csv_rows_become_messages_plain_and_compressed() {
    let dir = tempfile::tempdir().unwrap();
    let csv = "ID,Date,Amount,Note\n1,20260701,11.77,\"a \"\"b\"\", c\"\n2,20260112,12,\n";
    for name in ["a.csv", "a.csv.gz", "a.csv.zst"] {
        let rows = rows(&file(write(dir.path(), name, csv.as_bytes()), Some(MAPPING)));
        assert_eq!(rows.iter().map(|row| (row.number, row.rejected)).collect::<Vec<_>>(), [(1, false), (2, false)]);
        let outcomes = outcomes(&rows);
        let Fact::Event(event) = accepted(&outcomes[0]) else { panic!() };
        assert_eq!((event.name.as_str(), event.user_id.as_deref()), ("purchase", Some("1")));
        assert_eq!(event.message_id, "import:0123456789abcdef0123456789abcdef:1");
        assert_eq!(event.time, Instant::parse("2026-07-01T00:00:00+02:00").unwrap(), "a day in the mapping's zone");
        let note = Value::String("a \"b\", c".into());
        assert_eq!(properties(&outcomes[0]), [("amount", &Value::Number(11.77)), ("note", &note)]);
        assert_eq!(properties(&outcomes[1]), [("amount", &Value::Number(12.0))]);
    }
}

#[test]
fn bad_csv_rows_are_quarantined_with_their_bytes() {
    let dir = tempfile::tempdir().unwrap();
    let csv = b"\xef\xbb\xbfID,Date,Amount,Note\r\n1,20260701,cheap,x\r\n2,soon,1,x\r\n3,20260701\r\n\
        \"4\",20260701,1,\"bad \xff\"\r\n,20260701,1,x\r\n5,20260701,1,x";
    let rows = rows(&file(write(dir.path(), "a.csv", csv), Some(MAPPING)));
    let outcomes = outcomes(&rows);
    let reasons: Vec<_> = outcomes[..5].iter().map(reason).collect();
    assert_eq!(reasons, ["value_invalid", "timestamp_invalid", "row_malformed", "row_malformed", "no_user_anon_id"]);
    accepted(&outcomes[5]);
    let raw: Vec<_> = rows[..5].iter().map(|row| crate::envelope::raw_of(&row.payload)).collect();
    let kept = [&b"1,20260701,cheap,x"[..], b"2,soon,1,x", b"3,20260701", b"\"4\",20260701,1,\"bad \xff\"", b",20260701,1,x"];
    assert_eq!(raw, kept, "with columns that no message has");
}

#[test]
fn a_missing_column_is_named() {
    let dir = tempfile::tempdir().unwrap();
    let path = write(dir.path(), "a.csv", b"ID,Date,Note\n1,20260101,x\n");
    let error = ImportReader::open(&file(path, Some(MAPPING)), 0).err().unwrap();
    assert!(matches!(&error, ImportError::MissingColumn { column } if column == "Amount"), "{error}");
    let path = write(dir.path(), "b.csv", b"");
    assert!(matches!(ImportReader::open(&file(path, Some(MAPPING)), 0), Err(ImportError::MissingColumn { .. })));
}

#[test]
fn mappings_are_checked_with_the_place() {
    let table = [
        ("user_id = \"a\"\nevnt = \"x\"", "line 2"),
        ("event = \"e\"\nuser_id = \"a\"\n[properties]\np = { colum = \"c\" }", "line 4"),
        ("event = \"e\"\nuser_id = \"a\"\n[properties]\np = { column = \"c\", type = \"money\" }", "line 4"),
        ("event = \"e\"", "user_id"),
        ("user_id = \"a\"", "event"),
        ("user_id = \"a\"\nevent = \"e\"\nevent_column = \"c\"", "event"),
        ("type = \"identify\"\nuser_id = \"a\"\nevent = \"e\"", "track"),
        ("type = \"identify\"\nuser_id = \"a\"\n[properties]\np = { column = \"c\" }", "[traits]"),
        ("event = \"e\"\nuser_id = \"a\"\n[traits]\np = { column = \"c\" }", "[properties]"),
        ("event = \"e\"\nuser_id = \"a\"\ntime = { column = \"t\", zone = \"Mars/Base\" }", "Mars/Base"),
        ("event = \"e\"\nuser_id = \"a\"\ntime = { column = \"t\", format = \"%Q%!\" }", "format"),
        ("event = \"e\"\nuser_id = \"a\"\ntime = { column = \"t\", format = \"YYYY\" }", "no %"),
        ("event = \"e\"\nuser_id = \"a\"\ndelimiter = \"||\"", "delimiter"),
        ("event = \"e\"\nuser_id = \"a\"\n[properties]\np = { column = \"c\", format = \"%Y\" }", "datetime"),
        ("event = \"e\"\nuser_id = \"a\"\n[properties]\np = { column = \"c\", separator = \";\" }", "list"),
    ];
    for (text, part) in table {
        let error = Mapping::parse(text).unwrap_err().to_string();
        assert!(error.contains(part), "{text}: {error}");
    }
}

#[test]
fn profiles_and_every_type_from_csv() {
    let dir = tempfile::tempdir().unwrap();
    let mapping = r#"
type = "identify"
user_id = "id"
message_id = "mid"
delimiter = ";"
[traits]
born = { column = "born", type = "date", format = "%d/%m/%Y" }
seen = { column = "seen", type = "datetime", format = "unix" }
ok = { column = "ok", type = "boolean" }
tags = { column = "tags", type = "list<string>", separator = "|" }
scores = { column = "scores", type = "list<number>", separator = "|" }
extra = { column = "extra", type = "object" }
zip = { column = "zip", type = "string" }
"#;
    let csv = "id;mid;born;seen;ok;tags;scores;extra;zip\nu;m7;03/02/1990;1700000000;TRUE;a | b;1|2.5;{\"x\":1};01234\n";
    let outcomes = outcomes(&rows(&file(write(dir.path(), "a.csv", csv.as_bytes()), Some(mapping))));
    let Fact::Profile(profile) = accepted(&outcomes[0]) else { panic!() };
    assert_eq!((profile.message_id.as_str(), profile.received_at, profile.time), ("m7", Instant(RECEIVED), Instant(RECEIVED)));
    let traits: Vec<_> = profile.traits.iter().map(|update| (update.path.as_str(), update.value.clone().unwrap())).collect();
    let strings = Value::StringList(vec!["a".into(), "b".into()]);
    let expected = [
        ("born", Value::Date(rollcall_rules::Day::parse("1990-02-03").unwrap())),
        ("extra", Value::Object("{\"x\":1}".into())),
        ("extra.x", Value::Number(1.0)),
        ("ok", Value::Boolean(true)),
        ("scores", Value::NumberList(vec![1.0, 2.5])),
        ("seen", Value::DateTime(Instant(1_700_000_000_000_000))),
        ("tags", strings),
        ("zip", Value::String("01234".into())),
    ];
    assert_eq!(traits, expected);
}

#[test]
fn ndjson_lines_are_messages() {
    let dir = tempfile::tempdir().unwrap();
    let text = "{\"type\":\"track\",\"event\":\"e\",\"userId\":\"u\",\"messageId\":\"own\",\
        \"timestamp\":\"2020-01-01T00:00:00Z\",\"sentAt\":\"2020-01-02T00:00:00Z\"}\n\n  \nnot json\n\
        {\"type\":\"track\",\"event\":\"e\",\"userId\":\"u\"}\n[1]\n\
        {\"type\":\"identify\",\"userId\":\"u\",\"traits\":{\"a\":1}}";
    for name in ["a.ndjson", "a.jsonl.gz"] {
        let rows = rows(&file(write(dir.path(), name, text.as_bytes()), None));
        assert_eq!(rows.iter().map(|row| row.rejected).collect::<Vec<_>>(), [false, true, false, true, false]);
        let outcomes = outcomes(&rows);
        let Fact::Event(event) = accepted(&outcomes[0]) else { panic!() };
        assert_eq!(event.message_id, "own");
        assert_eq!(event.time, Instant::parse("2020-01-01T00:00:00Z").unwrap(), "no clock correction");
        assert_eq!(reason(&outcomes[1]), "line_malformed");
        assert_eq!(crate::envelope::raw_of(&rows[1].payload), b"not json");
        let Fact::Event(event) = accepted(&outcomes[2]) else { panic!() };
        assert_eq!(event.message_id, "import:0123456789abcdef0123456789abcdef:3");
        accepted(&outcomes[4]);
    }
    let long = format!("{{\"p\":\"{}\"}}\n{{\"type\":\"track\",\"event\":\"e\",\"userId\":\"u\"}}\n", "x".repeat(3 << 20));
    let outcomes = outcomes(&rows(&file(write(dir.path(), "long.ndjson", long.as_bytes()), None)));
    assert_eq!(reason(&outcomes[0]), "too_large");
    accepted(&outcomes[1]);
}

fn parquet_file(dir: &Path) -> PathBuf {
    let dictionary: DictionaryArray<Int32Type> = vec![Some("x"), None, Some("y")].into_iter().collect();
    let list = ListArray::from_iter_primitive::<UInt16Type, _, _>([Some(vec![Some(1), Some(2)]), None, Some(vec![])]);
    let columns: [(&str, ArrayRef); 9] = [
        ("user", Arc::new(Int64Array::from(vec![7, 8, 9]))),
        ("what", Arc::new(StringArray::from(vec![Some("buy"), Some("buy"), None]))),
        ("at", Arc::new(TimestampMillisecondArray::from(vec![1_700_000_000_123; 3]).with_timezone("UTC"))),
        ("amount", Arc::new(Float32Array::from(vec![1.5, 2.5, 3.5]))),
        ("price", Arc::new(Decimal128Array::from(vec![1177, 1200, 5]).with_precision_and_scale(10, 2).unwrap())),
        ("gift", Arc::new(BooleanArray::from(vec![Some(true), None, None]))),
        ("day", Arc::new(Date32Array::from(vec![0, 1, 2]))),
        ("code", Arc::new(dictionary)),
        ("sizes", Arc::new(list)),
    ];
    let batch = RecordBatch::try_from_iter(columns).unwrap();
    let path = dir.join("a.parquet");
    let output = std::fs::File::create(&path).unwrap();
    let mut writer = ::parquet::arrow::ArrowWriter::try_new(output, batch.schema(), None).unwrap();
    writer.write(&batch).unwrap();
    writer.close().unwrap();
    path
}

#[test]
fn parquet_rows_keep_their_types() {
    let dir = tempfile::tempdir().unwrap();
    let mapping = r#"
event_column = "what"
user_id = "user"
time = { column = "at" }
[properties]
amount = { column = "amount" }
price = { column = "price", type = "number" }
gift = { column = "gift" }
day = { column = "day" }
when = { column = "at" }
code = { column = "code" }
sizes = { column = "sizes", type = "list<number>" }
user = { column = "user", type = "string" }
"#;
    let import = file(parquet_file(dir.path()), Some(mapping));
    let rows = rows(&import);
    let outcomes = outcomes(&rows);
    let Fact::Event(event) = accepted(&outcomes[0]) else { panic!() };
    assert_eq!((event.user_id.as_deref(), event.time), (Some("7"), Instant(1_700_000_000_123_000)));
    let expected = [
        ("amount", Value::Number(1.5)),
        ("code", Value::String("x".into())),
        ("day", Value::Date(rollcall_rules::Day(0))),
        ("gift", Value::Boolean(true)),
        ("price", Value::Number(11.77)),
        ("sizes", Value::NumberList(vec![1.0, 2.0])),
        ("user", Value::String("7".into())),
        ("when", Value::DateTime(Instant(1_700_000_000_123_000))),
    ];
    assert_eq!(properties(&outcomes[0]), expected.each_ref().map(|(path, value)| (*path, value)));
    assert_eq!(properties(&outcomes[1]).len(), 5);
    assert_eq!(reason(&outcomes[2]), "event_not_defined");
    assert_eq!(ImportReader::open(&import, 2).unwrap().total(), Some(3));
    let wrong = ImportFile { compression: ImportCompression::Gzip, ..import.clone() };
    assert!(matches!(ImportReader::open(&wrong, 0), Err(ImportError::Unreadable(_))));
    let mapping = Mapping::parse("event = \"e\"\nuser_id = \"nobody\"").unwrap();
    let wrong = ImportFile { mapping: Some(mapping), ..import };
    assert!(matches!(ImportReader::open(&wrong, 0), Err(ImportError::MissingColumn { .. })));
}

#[test]
fn reading_goes_on_from_any_row() {
    let dir = tempfile::tempdir().unwrap();
    let csv: String = (0..50).map(|n| format!("{n},20260101,{n},\n")).collect();
    let csv = file(write(dir.path(), "a.csv.gz", format!("ID,Date,Amount,Note\n{csv}").as_bytes()), Some(MAPPING));
    let lines: String = (0..50).map(|n| format!("{}\n", json!({"type": "track", "event": "e", "userId": n}))).collect();
    let ndjson = file(write(dir.path(), "a.ndjson", lines.as_bytes()), None);
    let parquet = file(parquet_file(dir.path()), Some("event = \"e\"\nuser_id = \"user\""));
    for import in [csv, ndjson, parquet] {
        let all = rows(&import);
        for done in 0..=all.len() + 1 {
            let rest: Vec<_> = ImportReader::open(&import, done as u64).unwrap().map(Result::unwrap).collect();
            assert_eq!(rest, all[done.min(all.len())..]);
        }
    }
}

#[test]
fn a_cut_gzip_file_is_an_error_after_its_rows() {
    let dir = tempfile::tempdir().unwrap();
    let lines: String = (0..9000).map(|n| format!("{}\n", json!({"type": "track", "event": "e", "userId": n * 7919}))).collect();
    let path = write(dir.path(), "a.ndjson.gz", lines.as_bytes());
    let bytes = std::fs::read(&path).unwrap();
    std::fs::write(&path, &bytes[..bytes.len() / 2]).unwrap();
    let rows: Vec<_> = ImportReader::open(&file(path, None), 0).unwrap().collect();
    assert!(rows.len() > 100);
    assert!(matches!(rows.last(), Some(Err(ImportError::Io(_)))));
    assert!(rows[..rows.len() - 1].iter().all(Result::is_ok));
}

async fn queued(rig: &Rig, id: &str, path: &Path, mapping: Option<&str>) -> Import {
    let (format, compression) = detect(path.to_str().unwrap()).unwrap();
    let import = NewImport {
        id: ImportId::from(id),
        source_id: "shop".into(),
        name: "file".into(),
        format: format.as_str().into(),
        compression: compression.as_str().into(),
        mapping: mapping.map(str::to_owned),
        spool_path: path.to_str().unwrap().into(),
        file_digest: DIGEST.into(),
        bytes_total: std::fs::metadata(path).unwrap().len(),
        created_by: None,
    };
    // The real store wants a source.
    create_source(rig).await;
    rig.store.create_import(import, RECEIVED).await.unwrap()
}

async fn create_source(rig: &Rig) {
    let source = rollcall_store::NewSource { id: "shop".into(), name: "shop".into(), write_key: "wk".into() };
    let _ = rig.store.create_source(source, RECEIVED).await;
}

async fn run(rig: &Rig, import: &Import, cancel: &AtomicBool) -> Result<ImportEnding, ImportError> {
    let clock: Clock = Arc::new(|| Instant(RECEIVED));
    run_import(rig.log.as_ref(), &rig.take_in, &rig.store, import, clock, cancel, |_| ()).await
}

async fn stored(rig: &Rig, import: &Import) -> Import {
    rig.store.import(&import.id).await.unwrap().unwrap()
}

/// 9,000 rows: one of 100 is bad, one of 90 repeats the order before it.
fn orders() -> String {
    let row = |n: u64| {
        let amount = if n % 100 == 50 { "cheap".to_owned() } else { n.to_string() };
        let order = if n % 90 == 7 { n - 1 } else { n };
        format!("u{},20260101,{amount},o{order}\n", (if n % 90 == 7 { n - 1 } else { n }) % 77)
    };
    format!("ID,Date,Amount,Note\n{}", (0..9000).map(row).collect::<String>())
}

const ORDERS: &str = r#"
event = "purchase"
user_id = "ID"
message_id = "Note"
time = { column = "Date", format = "%Y%m%d" }
[properties]
amount = { column = "Amount", type = "number" }
"#;

fn counts(progress: &ImportProgress) -> (u64, u64, u64, u64) {
    (progress.rows_read, progress.accepted, progress.duplicate, progress.quarantined)
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_import_is_counted_and_importing_again_changes_nothing() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    let path = write(dir.path(), "orders.csv", orders().as_bytes());
    let import = queued(&rig, "i1", &path, Some(ORDERS)).await;
    assert_eq!(run(&rig, &import, &AtomicBool::new(false)).await.unwrap(), ImportEnding::Done);
    let done = stored(&rig, &import).await;
    assert_eq!((done.state, counts(&done.progress)), (ImportState::Done, (9000, 8810, 100, 90)));
    assert_eq!((done.progress.rows_total, done.progress.bytes_read), (Some(9000), import.bytes_total));
    assert_eq!(rig.engine.summary(Instant(RECEIVED)).events, 8810);
    let again = queued(&rig, "i2", &path, Some(ORDERS)).await;
    assert_eq!(run(&rig, &again, &AtomicBool::new(false)).await.unwrap(), ImportEnding::Done);
    assert_eq!(counts(&stored(&rig, &again).await.progress), (9000, 0, 8910, 90));
    assert_eq!(rig.engine.summary(Instant(RECEIVED)).events, 8810);
    let totals = rig.take_in.ledger_totals(Some(&"shop".into())).await.unwrap();
    assert_eq!((totals.received, totals.accepted, totals.is_balanced()), (18_000, 8810, true));
    rig.take_in.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn an_interrupted_import_goes_on() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    let path = write(dir.path(), "orders.csv.zst", orders().as_bytes());
    let import = queued(&rig, "i1", &path, Some(ORDERS)).await;
    // What a process does that stops after appending 4,000 rows and storing the progress of 2,000.
    assert!(rig.store.start_import(&import.id, RECEIVED).await.unwrap());
    let opened = file(path.clone(), Some(ORDERS));
    let appended: Vec<_> = rows(&opened).into_iter().take(4000).collect();
    for rows in appended.chunks(2000) {
        let record = |row: &ImportRow| rollcall_log::NewRecord {
            source: "shop".into(),
            received_at: RECEIVED,
            payload: row.payload.clone(),
        };
        rig.log.append(rows.iter().map(record).collect()).await.unwrap();
        if rig.log.end() == 2001 {
            rig.settle().await;
            let counts = rig.take_in.import_counts("i1").counts;
            let progress = ImportProgress {
                rows_read: 2000,
                accepted: counts.accepted,
                duplicate: counts.duplicate,
                quarantined: counts.quarantined,
                ..ImportProgress::default()
            };
            assert!(rig.store.update_import(&import.id, &progress).await.unwrap());
        }
    }
    rig.crash().await;
    let rig = Rig::open(dir.path(), quiet()).await;
    let import = stored(&rig, &import).await;
    assert_eq!(run(&rig, &import, &AtomicBool::new(false)).await.unwrap(), ImportEnding::Done);
    let done = stored(&rig, &import).await;
    let (read, accepted, duplicate, quarantined) = counts(&done.progress);
    assert_eq!((read, read), (9000, accepted + duplicate + quarantined), "every row ends in one column");
    assert_eq!(quarantined, 90);
    assert_eq!(rig.engine.summary(Instant(RECEIVED)).events, 8810, "and no event is there twice");
    rig.take_in.stop().await;
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn imports_fail_and_are_cancelled() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    let path = write(dir.path(), "orders.csv", orders().as_bytes());
    let failing = queued(&rig, "i1", &path, Some("event = \"e\"\nuser_id = \"nobody\"")).await;
    assert_eq!(run(&rig, &failing, &AtomicBool::new(false)).await.unwrap(), ImportEnding::Failed);
    let failed = stored(&rig, &failing).await;
    assert_eq!(failed.state, ImportState::Failed);
    assert!(failed.error.unwrap().contains("nobody"));
    let refused = queued(&rig, "i2", &path, Some("evnt = 1")).await;
    assert_eq!(run(&rig, &refused, &AtomicBool::new(false)).await.unwrap(), ImportEnding::Failed);
    let cancelled = queued(&rig, "i3", &path, Some(ORDERS)).await;
    assert_eq!(run(&rig, &cancelled, &AtomicBool::new(true)).await.unwrap(), ImportEnding::Cancelled);
    rig.store.cancel_import(&cancelled.id, RECEIVED).await.unwrap();
    assert_eq!(run(&rig, &cancelled, &AtomicBool::new(false)).await.unwrap(), ImportEnding::Cancelled);
    rig.take_in.stop().await;
}

/// The facts that come with the public purchase log; `ROLLCALL_CDNOW` is the path of `cdnow.csv`.
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "needs a file"]
async fn a_real_purchase_log() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    let path = PathBuf::from(std::env::var("ROLLCALL_CDNOW").unwrap());
    let mapping = ORDERS.replace("message_id = \"Note\"\n", "");
    let import = queued(&rig, "i1", &path, Some(&mapping)).await;
    let started = std::time::Instant::now();
    assert_eq!(run(&rig, &import, &AtomicBool::new(false)).await.unwrap(), ImportEnding::Done);
    println!("{:.0} rows/s", 69_659.0 / started.elapsed().as_secs_f64());
    assert_eq!(counts(&stored(&rig, &import).await.progress), (69_659, 69_659, 0, 0));
    rig.take_in.flush().await.unwrap();
    let summary = rig.engine.summary(Instant(RECEIVED));
    assert_eq!((summary.users, summary.events), (23_544, 69_659));
    let billionths = |fact: &Fact| match fact {
        Fact::Event(event) => serde_json::from_str::<Json>(&event.raw_properties).unwrap()["amount"].as_f64().unwrap() * 100.0,
        Fact::Profile(_) => 0.0,
    };
    let cents: i64 = rig.lake_facts().await.iter().map(|fact| billionths(fact).round() as i64).sum();
    assert_eq!(cents, 250_031_563);
    rig.take_in.stop().await;
}
