//! What bounds memory, and what happens beyond.

use std::ops::Range;
use std::pin::Pin;

use rollcall_log::{LogError, NewRecord};
use tokio::sync::watch;

use super::*;

fn reasons(rows: &[ImportRow]) -> Vec<Option<&'static str>> {
    let reason = |outcome: &Outcome| match outcome {
        Outcome::Quarantined { reason, .. } => Some(*reason),
        _ => None,
    };
    outcomes(rows).iter().map(reason).collect()
}

#[test]
fn a_csv_row_that_is_too_long_costs_itself_only_and_little_memory() {
    let dir = tempfile::tempdir().unwrap();
    let long = "x".repeat(5 << 20);
    for quote in ["", "\""] {
        for end in ["\n", "\r\n"] {
            let csv = format!(
                "ID,Date,Amount,Note{end}1,20260101,1,\"a \"\"b\"\", c\"{end}2,20260101,2,{quote}{long}{quote}{end}3,20260101,3,z{end}"
            );
            let csv = file(write(dir.path(), "a.csv", csv.as_bytes()), Some(MAPPING));
            let all = rows(&csv);
            assert_eq!(reasons(&all), [None, Some("too_large"), None]);
            let raw = crate::envelope::raw_of(&all[1].payload);
            assert!(raw.starts_with(format!("2,20260101,2,{quote}xxx").as_bytes()) && raw.len() <= (1 << 20) + 2);
            let last = outcomes(&all[2..]);
            assert_eq!(properties(&last[0]), [("amount", &Value::Number(3.0)), ("note", &Value::String("z".into()))]);
            for done in 1..=3 {
                let rest: Vec<_> = ImportReader::open(&csv, done).unwrap().map(Result::unwrap).collect();
                assert_eq!(rest, all[done as usize..]);
            }
        }
    }
}

#[test]
fn a_quote_that_is_never_closed_is_one_row() {
    let dir = tempfile::tempdir().unwrap();
    let rest: String = (0..200_000).map(|n| format!("{n},20260101,{n},\n")).collect();
    let csv = format!("ID,Date,Amount,Note\n1,20260101,1,fine\n2,20260101,2,\"open\n{rest}");
    let rows = rows(&file(write(dir.path(), "a.csv", csv.as_bytes()), Some(MAPPING)));
    assert_eq!(reasons(&rows), [None, Some("too_large")]);
    assert!(crate::envelope::raw_of(&rows[1].payload).starts_with(b"2,20260101,2,\"open\n0,20260101,0,"));
}

/// A log that notes the sizes of appends, and refuses what it is told to as one that can never take it.
struct Watched<'a> {
    log: &'a dyn EventLog,
    refuse: &'static str,
    sizes: parking_lot::Mutex<Vec<usize>>,
}

impl EventLog for Watched<'_> {
    fn append<'a, 'b>(
        &'a self,
        records: Arc<[NewRecord]>,
    ) -> Pin<Box<dyn Future<Output = Result<Range<u64>, LogError>> + Send + 'b>>
    where
        'a: 'b,
        Self: 'b,
    {
        if records.iter().any(|record| String::from_utf8_lossy(&record.payload).contains(self.refuse)) {
            let refused = LogError::Io(std::io::Error::new(std::io::ErrorKind::InvalidInput, "too large"));
            return Box::pin(std::future::ready(Err(refused)));
        }
        self.sizes.lock().push(records.iter().map(|record| record.payload.len()).sum());
        self.log.append(records)
    }

    fn read(&self, from: u64, max_records: usize, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        self.log.read(from, max_records, max_bytes)
    }

    fn end(&self) -> u64 {
        self.log.end()
    }

    fn is_open(&self) -> bool {
        self.log.is_open()
    }

    fn start(&self) -> u64 {
        self.log.start()
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.log.subscribe()
    }

    fn trim(&self, before: u64) -> Result<(), LogError> {
        self.log.trim(before)
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
async fn appends_are_bounded_in_bytes_and_a_record_that_the_log_cannot_take_ends_its_import_only() {
    let dir = tempfile::tempdir().unwrap();
    let rig = Rig::open(dir.path(), quiet()).await;
    let log = Watched { log: rig.log.as_ref(), refuse: "unloved", sizes: parking_lot::Mutex::default() };
    let line = |user: &str, padding: usize| {
        let properties = json!({"p": "x".repeat(padding)});
        format!("{}\n", json!({"type": "track", "event": "e", "userId": user, "properties": properties}))
    };
    let bad = write(dir.path(), "bad.ndjson", line("unloved", 0).as_bytes());
    let lines: String = (0..30).map(|n| line(&format!("u{n}"), 900_000)).collect();
    let good = write(dir.path(), "good.ndjson", lines.as_bytes());
    let (bad, good) = (queued(&rig, "i1", &bad, None).await, queued(&rig, "i2", &good, None).await);
    for (id, ending) in [(bad.id.clone(), ImportEnding::Failed), (good.id.clone(), ImportEnding::Done)] {
        let next = rig.store.next_import().await.unwrap().unwrap();
        assert_eq!(next.id, id);
        let clock: Clock = Arc::new(|| Instant(RECEIVED));
        let ended = run_import(&log, &rig.take_in, &rig.store, &next, clock, &AtomicBool::new(false), |_| ()).await;
        assert_eq!(ended.unwrap(), ending);
    }
    let failed = stored(&rig, &bad).await;
    assert!(failed.error.unwrap().contains("too large"));
    assert_eq!(stored(&rig, &good).await.progress.rows_read, 30);
    let largest = log.sizes.lock().iter().copied().max().unwrap();
    assert!((8 << 20..10 << 20).contains(&largest), "{largest}");
    rig.take_in.stop().await;
}
