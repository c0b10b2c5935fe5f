use std::sync::atomic::AtomicU8;

use super::*;

fn record(number: u64) -> NewRecord {
    NewRecord {
        source: format!("source-{}", number % 3),
        received_at: 1_700_000_000_000_000 + number as i64,
        payload: format!("{{\"n\":{number}}}").into_bytes(),
    }
}

fn records(numbers: Range<u64>) -> Arc<[NewRecord]> {
    numbers.map(record).collect()
}

fn small_segments() -> FileLogOptions {
    FileLogOptions { segment_bytes: 1000, ..FileLogOptions::default() }
}

fn open(dir: &Path) -> FileLog {
    FileLog::open(dir, FileLogOptions::default()).unwrap()
}

fn all(log: &FileLog) -> Vec<Record> {
    log.read(1, usize::MAX, usize::MAX).unwrap()
}

/// Asserts that the log holds exactly records `numbers`, the first at offset `start`.
fn assert_holds(log: &FileLog, start: u64, numbers: Range<u64>) {
    let expected: Vec<_> = numbers
        .enumerate()
        .map(|(at, number)| {
            let NewRecord { source, received_at, payload } = record(number);
            Record { offset: start + at as u64, source, received_at, payload }
        })
        .collect();
    assert_eq!(all(log), expected);
    assert_eq!(log.end(), start + expected.len() as u64);
}

fn newest_file(dir: &Path) -> PathBuf {
    let mut names: Vec<_> = std::fs::read_dir(dir).unwrap().map(|entry| entry.unwrap().path()).collect();
    names.retain(|path| path.extension().is_some_and(|extension| extension == "log"));
    names.sort();
    names.pop().unwrap()
}

#[tokio::test]
async fn appends_are_read_back_in_order_and_after_reopening() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    assert_eq!((log.start(), log.end()), (1, 1));
    assert_eq!(log.append(records(0..3)).await.unwrap(), 1..4);
    assert_eq!(log.append(Arc::default()).await.unwrap(), 4..4);
    assert_eq!(log.append(records(3..5)).await.unwrap(), 4..6);
    assert_holds(&log, 1, 0..5);
    assert_eq!(*log.subscribe().borrow(), 6);
    drop(log);
    let log = open(dir.path());
    assert_holds(&log, 1, 0..5);
    assert_eq!(log.append(records(5..6)).await.unwrap(), 6..7);
    assert_holds(&log, 1, 0..6);
}

#[tokio::test]
async fn a_second_opener_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    assert!(matches!(FileLog::open(dir.path(), FileLogOptions::default()), Err(LogError::Io(_))));
    drop(log);
    open(dir.path());
}

#[tokio::test]
async fn reads_respect_both_limits_from_any_offset() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path(), small_segments()).unwrap();
    for chunk in 0..20 {
        log.append(records(chunk * 10..chunk * 10 + 10)).await.unwrap();
    }
    assert!(log.shared.segments.read().len() > 3, "the test needs several segments");
    for from in 1..=201 {
        let read = log.read(from, 7, usize::MAX).unwrap();
        let expected: Vec<_> = (from..(from + 7).min(201)).collect();
        assert_eq!(read.iter().map(|record| record.offset).collect::<Vec<_>>(), expected);
    }
    assert_eq!(log.read(1, usize::MAX, 1).unwrap().len(), 1);
    assert_eq!(log.read(1, usize::MAX, 17).unwrap().len(), 3);
    assert_eq!(log.read(0, 1, 1).unwrap()[0].offset, 1);
    assert!(log.read(201, 10, 10).unwrap().is_empty());
    assert!(log.read(9999, 10, 10).unwrap().is_empty());
}

#[tokio::test]
async fn a_torn_tail_is_cut_at_every_byte_of_the_last_record() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    log.append(records(0..4)).await.unwrap();
    let file = newest_file(dir.path());
    let before = std::fs::metadata(&file).unwrap().len();
    log.append(records(4..5)).await.unwrap();
    drop(log);
    let whole = std::fs::read(&file).unwrap();
    for length in before..whole.len() as u64 {
        std::fs::write(&file, &whole[..length as usize]).unwrap();
        let log = open(dir.path());
        assert_holds(&log, 1, 0..4);
        assert_eq!(std::fs::metadata(&file).unwrap().len(), before);
        log.append(records(7..8)).await.unwrap();
        assert_eq!(all(&log)[4].payload, record(7).payload);
    }
    std::fs::write(&file, &whole).unwrap();
    assert_holds(&open(dir.path()), 1, 0..5);
}

#[tokio::test]
async fn a_last_write_that_reached_the_disk_with_holes_is_cut_whole() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    log.append(records(0..2)).await.unwrap();
    let file = newest_file(dir.path());
    let before = std::fs::metadata(&file).unwrap().len() as usize;
    log.append(records(2..9)).await.unwrap();
    drop(log);
    let whole = std::fs::read(&file).unwrap();
    for hole in before..whole.len() {
        let mut bytes = whole.clone();
        bytes[hole] ^= 0xff;
        std::fs::write(&file, &bytes).unwrap();
        let log = open(dir.path());
        let kept = log.end() - 1;
        assert!((2..9).contains(&kept), "flipped byte {hole}: kept {kept}");
        assert_holds(&log, 1, 0..kept);
    }
}

#[tokio::test]
async fn damage_to_acknowledged_records_is_reported_at_every_byte() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    log.append(records(0..1)).await.unwrap();
    let file = newest_file(dir.path());
    let first_end = std::fs::metadata(&file).unwrap().len() as usize;
    log.append(records(1..3)).await.unwrap();
    drop(log);
    let whole = std::fs::read(&file).unwrap();
    for at in 0..first_end {
        let mut bytes = whole.clone();
        bytes[at] ^= 0x41;
        std::fs::write(&file, &bytes).unwrap();
        let opened = FileLog::open(dir.path(), FileLogOptions::default());
        assert!(matches!(opened, Err(LogError::Corrupt { .. })), "flipped byte {at}");
    }
}

#[tokio::test]
async fn damage_in_an_older_segment_is_reported_on_reading() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path(), small_segments()).unwrap();
    for chunk in 0..5 {
        log.append(records(chunk * 30..chunk * 30 + 30)).await.unwrap();
    }
    drop(log);
    let file = dir.path().join(segment::file_name(1));
    let mut bytes = std::fs::read(&file).unwrap();
    let middle = bytes.len() / 2;
    bytes[middle] ^= 1;
    std::fs::write(&file, &bytes).unwrap();
    let log = open(dir.path());
    assert!(matches!(log.read(1, 1000, usize::MAX), Err(LogError::Corrupt { .. })));
    bytes.truncate(middle);
    std::fs::write(&file, &bytes).unwrap();
    drop(log);
    assert!(matches!(open(dir.path()).read(1, 1000, usize::MAX), Err(LogError::Corrupt { .. })));
}

#[tokio::test]
async fn an_interrupted_creation_of_a_segment_is_repeated() {
    for torn in [&[][..], &segment::header(41)[..11], &[0; 20]] {
        let dir = tempfile::tempdir().unwrap();
        let log = FileLog::open(dir.path(), small_segments()).unwrap();
        log.append(records(0..40)).await.unwrap();
        drop(log);
        std::fs::write(dir.path().join(segment::file_name(41)), torn).unwrap();
        let log = open(dir.path());
        assert_holds(&log, 1, 0..40);
        log.append(records(40..41)).await.unwrap();
        assert_holds(&log, 1, 0..41);
    }
}

#[tokio::test(flavor = "multi_thread", worker_threads = 4)]
async fn concurrent_appends_get_every_offset_once_and_readers_see_only_durable_records() {
    let dir = tempfile::tempdir().unwrap();
    let log = Arc::new(FileLog::open(dir.path(), FileLogOptions { segment_bytes: 20_000, ..Default::default() }).unwrap());
    let reader = tokio::spawn({
        let log = log.clone();
        async move {
            let mut end = log.subscribe();
            let mut next = 1;
            while next < 3201 {
                for record in log.read(next, 100, usize::MAX).unwrap() {
                    assert_eq!(record.offset, next);
                    next += 1;
                }
                if next < 3201 && log.end() == next {
                    end.changed().await.unwrap();
                }
            }
        }
    });
    let writers: Vec<_> = (0..16u64)
        .map(|writer| {
            let log = log.clone();
            tokio::spawn(async move {
                let mut mine = Vec::new();
                for step in 0..50 {
                    let number = writer * 1000 + step * 4;
                    let range = log.append(records(number..number + 4)).await.unwrap();
                    mine.push((range.start, number));
                }
                mine
            })
        })
        .collect();
    let mut placed = Vec::new();
    for writer in writers {
        placed.extend(writer.await.unwrap());
    }
    tokio::time::timeout(std::time::Duration::from_secs(20), reader).await.unwrap().unwrap();
    let kept = all(&log);
    assert_eq!(kept.len(), 3200);
    for (start, number) in placed {
        for step in 0..4 {
            assert_eq!(kept[(start + step - 1) as usize].payload, record(number + step).payload);
        }
    }
}

#[tokio::test]
async fn trim_deletes_whole_segments_only_and_offsets_go_on() {
    let dir = tempfile::tempdir().unwrap();
    let log = FileLog::open(dir.path(), small_segments()).unwrap();
    for chunk in 0..10 {
        log.append(records(chunk * 20..chunk * 20 + 20)).await.unwrap();
    }
    let second = log.shared.segments.read()[1].base;
    log.trim(second - 1).unwrap();
    assert_eq!(log.start(), 1);
    log.trim(second).unwrap();
    assert_eq!(log.start(), second);
    assert_eq!(log.read(1, 1, 1).unwrap()[0].offset, second);
    log.trim(u64::MAX).unwrap();
    let start = log.start();
    assert!(start > second && start <= log.end());
    drop(log);
    let log = FileLog::open(dir.path(), small_segments()).unwrap();
    assert_eq!((log.start(), log.end()), (start, 201));
    assert_eq!(log.append(records(0..1)).await.unwrap(), 201..202);
}

/// A disk that fails as told: 0 works, 1 is full after half a write, 2 cannot sync, 3 cannot cut either.
struct Faulty {
    file: Box<dyn Medium>,
    mode: Arc<AtomicU8>,
}

impl Medium for Faulty {
    fn write_at(&mut self, position: u64, bytes: &[u8]) -> io::Result<()> {
        match self.mode.load(Ordering::SeqCst) {
            1 | 3 => {
                self.file.write_at(position, &bytes[..bytes.len() / 2])?;
                Err(io::ErrorKind::StorageFull.into())
            }
            _ => self.file.write_at(position, bytes),
        }
    }

    fn sync(&mut self) -> io::Result<()> {
        if self.mode.load(Ordering::SeqCst) == 2 { Err(io::Error::other("bad sector")) } else { self.file.sync() }
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        if self.mode.load(Ordering::SeqCst) == 3 { Err(io::Error::other("bad sector")) } else { self.file.truncate(length) }
    }
}

fn open_faulty(dir: &Path, options: FileLogOptions) -> (FileLog, Arc<AtomicU8>) {
    let mode = Arc::new(AtomicU8::new(0));
    let told = mode.clone();
    let log = FileLog::open_with(dir, options, |file| Box::new(Faulty { file, mode: told })).unwrap();
    (log, mode)
}

#[tokio::test]
async fn a_full_disk_refuses_and_the_next_append_is_sound() {
    let dir = tempfile::tempdir().unwrap();
    let (log, mode) = open_faulty(dir.path(), FileLogOptions::default());
    log.append(records(0..2)).await.unwrap();
    mode.store(1, Ordering::SeqCst);
    assert!(matches!(log.append(records(2..9)).await, Err(LogError::Full)));
    assert!(matches!(log.append(records(2..3)).await, Err(LogError::Full)));
    assert_holds(&log, 1, 0..2);
    mode.store(0, Ordering::SeqCst);
    assert_eq!(log.append(records(2..4)).await.unwrap(), 3..5);
    assert_holds(&log, 1, 0..4);
    drop(log);
    assert_holds(&open(dir.path()), 1, 0..4);
}

#[tokio::test]
async fn a_failed_sync_or_cut_closes_the_log_until_it_is_opened_again() {
    for fault in [2, 3] {
        let dir = tempfile::tempdir().unwrap();
        let (log, mode) = open_faulty(dir.path(), FileLogOptions::default());
        log.append(records(0..2)).await.unwrap();
        mode.store(fault, Ordering::SeqCst);
        assert!(matches!(log.append(records(2..3)).await, Err(LogError::Io(_) | LogError::Full)));
        mode.store(0, Ordering::SeqCst);
        assert!(matches!(log.append(records(3..4)).await, Err(LogError::Closed)));
        assert!(!log.is_open());
        assert_holds(&log, 1, 0..2);
        drop(log);
        let log = open(dir.path());
        assert!(log.end() >= 3);
        assert_eq!(all(&log)[..2].iter().map(|record| record.offset).collect::<Vec<_>>(), [1, 2]);
        log.append(records(9..10)).await.unwrap();
    }
}

#[test]
fn the_queue_is_bounded_in_bytes() {
    let one = segment::encoded_len(&record(1));
    let queue = Queue::new(2 * one);
    let _large = queue.push(records(1..9)).unwrap();
    assert!(matches!(queue.push(records(1..2)), Err(LogError::Overloaded)));
    let queue = Queue::new(2 * one);
    let _kept = (queue.push(records(1..2)).unwrap(), queue.push(records(1..2)).unwrap());
    assert!(matches!(queue.push(records(1..2)), Err(LogError::Overloaded)));
    queue.close();
    assert!(matches!(queue.push(records(1..2)), Err(LogError::Closed)));
}

#[tokio::test]
async fn an_impossible_record_is_refused_alone() {
    let dir = tempfile::tempdir().unwrap();
    let log = open(dir.path());
    let long = NewRecord { source: "s".repeat(70_000), ..record(1) };
    assert!(matches!(log.append([record(0), long].into()).await, Err(LogError::Io(_))));
    assert_eq!(log.append(records(0..1)).await.unwrap(), 1..2);
}

/// Version 1 as first written: a segment from offset 7 with two records of one batch.
const FIXTURE_V1: &str = concat!(
    "52434c470100000007000000000000000f03164225000000c4f0e1a4070000000000000001401e18240a060000000000",
    "0800736f757263652d317b226e223a317d25000000b78805d3080000000000000002401e18240a060001000000080073",
    "6f757263652d327b226e223a327d",
);

#[tokio::test]
async fn version_1_is_still_read() {
    let dir = tempfile::tempdir().unwrap();
    let bytes: Vec<u8> =
        (0..FIXTURE_V1.len()).step_by(2).map(|at| u8::from_str_radix(&FIXTURE_V1[at..at + 2], 16).unwrap()).collect();
    std::fs::write(dir.path().join(segment::file_name(7)), &bytes).unwrap();
    let log = open(dir.path());
    assert_holds(&log, 7, 1..3);
    let mut written = segment::header(7).to_vec();
    segment::encode(&mut written, &record(1), 7, 0);
    segment::encode(&mut written, &record(2), 8, 1);
    assert_eq!(written, bytes, "a change of format needs a new version byte");
}

#[tokio::test]
async fn an_unknown_version_is_refused() {
    let dir = tempfile::tempdir().unwrap();
    let mut header = segment::header(1);
    header[4] = 9;
    std::fs::write(dir.path().join(segment::file_name(1)), header).unwrap();
    let Err(error) = FileLog::open(dir.path(), FileLogOptions::default()) else { panic!("opened") };
    assert!(error.to_string().contains("version 9"), "{error}");
}

/// `cargo test --release -p rollcall-log -- --ignored --nocapture bench`
#[tokio::test(flavor = "multi_thread", worker_threads = 2)]
#[ignore = "a measurement"]
async fn bench_append_and_read() {
    let dir = tempfile::tempdir_in(std::env::var("ROLLCALL_BENCH_DIR").unwrap_or("/tmp".into())).unwrap();
    let log = Arc::new(open(dir.path()));
    let started = std::time::Instant::now();
    let writers: Vec<_> = (0..4)
        .map(|_| {
            let log = log.clone();
            tokio::spawn(async move {
                for _ in 0..250 {
                    let batch =
                        (0..1000).map(|n| NewRecord { source: "web".into(), received_at: n, payload: vec![b'x'; 500] }).collect();
                    log.append(batch).await.unwrap();
                }
            })
        })
        .collect();
    for writer in writers {
        writer.await.unwrap();
    }
    let elapsed = started.elapsed();
    println!("append: {:.0} records/s", 1e6 / elapsed.as_secs_f64());
    let started = std::time::Instant::now();
    let mut next = 1;
    while next < log.end() {
        next += log.read(next, 20_000, 8 << 20).unwrap().len() as u64;
    }
    println!("read: {:.0} records/s", 1e6 / started.elapsed().as_secs_f64());
}
