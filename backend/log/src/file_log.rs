//! The log in segment files of one directory: opening, reading, trimming.

use std::fs::{File, OpenOptions};
use std::io;
use std::ops::Range;
use std::os::unix::fs::FileExt;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};
use std::thread::JoinHandle;

use async_trait::async_trait;
use parking_lot::{Mutex, RwLock};
use tokio::sync::watch;

use crate::segment::{self, HEADER_BYTES, Parsed, SparseIndex};
use crate::writer::{Medium, Published, Queue, Writer, from_io};
use crate::{EventLog, LogError, NewRecord, Record};

#[cfg(test)]
mod tests;

/// Bytes asked of the disk at once when reading.
const READ_BYTES: usize = 1 << 20;

/// Sizes of a [`FileLog`].
#[derive(Debug, Clone)]
pub struct FileLogOptions {
    /// A segment that has reached this many bytes is not written any more. Default 64 MiB.
    pub segment_bytes: u64,
    /// Bytes that may wait for the disk before appends are refused. Default 64 MiB.
    pub queue_bytes: usize,
    /// Bytes that one write and one sync put down at most (a larger single append goes alone). Default 8 MiB.
    pub batch_bytes: usize,
}

impl Default for FileLogOptions {
    fn default() -> FileLogOptions {
        FileLogOptions { segment_bytes: 64 << 20, queue_bytes: 64 << 20, batch_bytes: 8 << 20 }
    }
}

/// The embedded [`EventLog`]: segment files in one directory, which it locks against other processes.
pub struct FileLog {
    shared: Arc<Shared>,
    queue: Arc<Queue>,
    writer: Option<JoinHandle<()>>,
    _lock: File,
}

struct Shared {
    dir: PathBuf,
    /// Oldest first; never empty.
    segments: RwLock<Vec<Arc<Segment>>>,
    end: watch::Sender<u64>,
}

/// One segment file as readers see it.
struct Segment {
    base: u64,
    name: String,
    file: File,
    /// Durable bytes.
    length: AtomicU64,
    index: Mutex<SparseIndex>,
}

impl FileLog {
    /// Opens (or creates) the log in `dir`. An unfinished write at its end is cut away.
    ///
    /// # Errors
    /// [`LogError::Corrupt`] if acknowledged records no longer read back, [`LogError::Io`] also when another process
    /// has it open.
    pub fn open(dir: &Path, options: FileLogOptions) -> Result<FileLog, LogError> {
        FileLog::open_with(dir, options, |medium| medium)
    }

    /// As [`FileLog::open`]; `wrap` may put something between the writer and the file it first writes to.
    fn open_with(
        dir: &Path,
        options: FileLogOptions,
        wrap: impl FnOnce(Box<dyn Medium>) -> Box<dyn Medium>,
    ) -> Result<FileLog, LogError> {
        std::fs::create_dir_all(dir)?;
        let lock = OpenOptions::new().create(true).truncate(false).write(true).open(dir.join("lock"))?;
        lock.try_lock().map_err(|error| LogError::Io(error.into()))?;
        let (segments, end) = open_segments(dir)?;
        let newest = segments.last().map_or(HEADER_BYTES, |segment| segment.length.load(Ordering::Acquire));
        let medium = match segments.last() {
            Some(segment) => Box::new(segment.file.try_clone()?),
            None => return Err(LogError::Closed),
        };
        let shared = Arc::new(Shared { dir: dir.to_owned(), segments: RwLock::new(segments), end: watch::Sender::new(end) });
        let queue = Arc::new(Queue::new(options.queue_bytes));
        let writer = Writer {
            queue: queue.clone(),
            published: shared.clone(),
            medium: wrap(medium),
            length: newest,
            end,
            segment_bytes: options.segment_bytes,
            batch_bytes: options.batch_bytes,
        };
        let writer = std::thread::Builder::new().name("event-log".into()).spawn(move || writer.run())?;
        Ok(FileLog { shared, queue, writer: Some(writer), _lock: lock })
    }
}

impl Drop for FileLog {
    /// Writes what is queued, then stops the writer.
    fn drop(&mut self) {
        self.queue.close();
        if let Some(writer) = self.writer.take() {
            let _ = writer.join();
        }
    }
}

#[async_trait]
impl EventLog for FileLog {
    async fn append(&self, records: Arc<[NewRecord]>) -> Result<Range<u64>, LogError> {
        if records.is_empty() {
            let end = self.end();
            return Ok(end..end);
        }
        if !records.iter().all(segment::fits) {
            return Err(LogError::Io(io::Error::new(io::ErrorKind::InvalidInput, "record is too large for the event log")));
        }
        let answer = self.queue.push(records)?;
        answer.await.unwrap_or(Err(LogError::Closed))
    }

    fn read(&self, from: u64, max_records: usize, max_bytes: usize) -> Result<Vec<Record>, LogError> {
        let end = self.end();
        let mut records = Vec::new();
        let mut from = from.max(self.start());
        let mut bytes = 0;
        while from < end && records.len() < max_records && (bytes < max_bytes || records.is_empty()) {
            let (segment, limit) = self.shared.segment_of(from, end);
            let before = records.len();
            segment.read(from, limit, max_records, max_bytes, &mut bytes, &mut records)?;
            from += (records.len() - before) as u64;
        }
        Ok(records)
    }

    fn end(&self) -> u64 {
        *self.shared.end.borrow()
    }

    fn is_open(&self) -> bool {
        self.queue.is_open()
    }

    fn start(&self) -> u64 {
        self.shared.segments.read().first().map_or(1, |segment| segment.base)
    }

    fn subscribe(&self) -> watch::Receiver<u64> {
        self.shared.end.subscribe()
    }

    fn trim(&self, before: u64) -> Result<(), LogError> {
        let removed: Vec<_> = {
            let mut segments = self.shared.segments.write();
            // A segment ends where the next begins; the newest always stays, its name carries the next offset.
            let keep_from = segments.windows(2).take_while(|pair| pair[1].base <= before).count();
            segments.drain(..keep_from).collect()
        };
        // Oldest first, so that a crash in between leaves a log without holes.
        for segment in &removed {
            std::fs::remove_file(self.shared.dir.join(&segment.name))?;
        }
        if removed.is_empty() { Ok(()) } else { Ok(sync_dir(&self.shared.dir)?) }
    }
}

impl Shared {
    /// The segment that holds `offset`, and the offset after its last durable record.
    fn segment_of(&self, offset: u64, end: u64) -> (Arc<Segment>, u64) {
        let segments = self.segments.read();
        let at = segments.partition_point(|segment| segment.base <= offset).saturating_sub(1);
        let limit = segments.get(at + 1).map_or(end, |next| next.base.min(end));
        (segments[at].clone(), limit)
    }
}

impl Published for Shared {
    fn roll(&self, base: u64) -> Result<Box<dyn Medium>, LogError> {
        let segment = Segment::create(&self.dir, base)?;
        let medium = Box::new(segment.file.try_clone()?);
        self.segments.write().push(Arc::new(segment));
        Ok(medium)
    }

    fn durable(&self, first: u64, position: u64, length: u64, end: u64) {
        if let Some(segment) = self.segments.read().last() {
            segment.index.lock().note(first, position);
            segment.length.store(length, Ordering::Release);
        }
        self.end.send_replace(end);
    }
}

impl Medium for File {
    fn write_at(&mut self, position: u64, bytes: &[u8]) -> io::Result<()> {
        self.write_all_at(bytes, position)
    }

    fn sync(&mut self) -> io::Result<()> {
        self.sync_data()
    }

    fn truncate(&mut self, length: u64) -> io::Result<()> {
        self.set_len(length)?;
        self.sync_data()
    }
}

impl Segment {
    /// Creates an empty segment, durably: the file first, then its name in the directory.
    fn create(dir: &Path, base: u64) -> Result<Segment, LogError> {
        let name = segment::file_name(base);
        let path = dir.join(&name);
        let made = (|| {
            let file = OpenOptions::new().read(true).write(true).create(true).truncate(true).open(&path)?;
            file.write_all_at(&segment::header(base), 0)?;
            file.sync_all()?;
            sync_dir(dir)?;
            Ok(file)
        })();
        match made {
            Ok(file) => {
                let (length, index) = (AtomicU64::new(HEADER_BYTES), Mutex::new(SparseIndex::new(base)));
                Ok(Segment { base, name, file, length, index })
            }
            Err(error) => {
                let _ = std::fs::remove_file(&path);
                Err(from_io(&error))
            }
        }
    }

    /// Adds records from offset `from` up to below `limit` until the caller's limits are reached.
    fn read(
        &self,
        from: u64,
        limit: u64,
        max_records: usize,
        max_bytes: usize,
        bytes: &mut usize,
        records: &mut Vec<Record>,
    ) -> Result<(), LogError> {
        let (mut offset, mut position) = self.index.lock().nearest(from);
        let length = self.length.load(Ordering::Acquire);
        let mut buffer = Vec::new();
        let mut at = 0;
        while offset < limit && records.len() < max_records && (*bytes < max_bytes || records.is_empty()) {
            match segment::parse(&buffer[at..]) {
                Parsed::Whole(record) if record.offset == offset => {
                    self.index.lock().note(offset, position);
                    if offset >= from {
                        *bytes += record.payload.len();
                        records.push(record.to_record());
                    }
                    offset += 1;
                    at += record.size;
                    position += record.size as u64;
                }
                Parsed::Short(needed) if position + needed as u64 <= length => {
                    let ahead = needed.max(READ_BYTES).min((length - position) as usize);
                    buffer.resize(ahead, 0);
                    at = 0;
                    self.file.read_exact_at(&mut buffer, position)?;
                }
                Parsed::Whole(_) => return Err(self.corrupt(position, "record is out of order")),
                Parsed::Short(_) => return Err(self.corrupt(position, "segment ends before its last record")),
                Parsed::Bad(reason) => return Err(self.corrupt(position, reason)),
            }
        }
        self.index.lock().note_resume(offset, position);
        Ok(())
    }

    fn corrupt(&self, position: u64, reason: &str) -> LogError {
        LogError::Corrupt { segment: self.name.clone(), position, reason: reason.to_owned() }
    }
}

/// Opens all segments of `dir`, cutting a torn end; gives them and the next offset.
fn open_segments(dir: &Path) -> Result<(Vec<Arc<Segment>>, u64), LogError> {
    let mut bases = Vec::new();
    for entry in std::fs::read_dir(dir)? {
        bases.extend(entry?.file_name().to_str().and_then(segment::base_of));
    }
    bases.sort_unstable();
    let Some(newest) = bases.pop() else { return Ok((vec![Arc::new(Segment::create(dir, 1)?)], 1)) };
    let mut segments = Vec::new();
    for base in bases {
        segments.push(Arc::new(open_older(dir, base)?));
    }
    let (segment, end) = open_newest(dir, newest)?;
    segments.push(Arc::new(segment));
    Ok((segments, end))
}

fn open_older(dir: &Path, base: u64) -> Result<Segment, LogError> {
    let name = segment::file_name(base);
    let file = File::open(dir.join(&name))?;
    let length = file.metadata()?.len();
    let mut header = vec![0; HEADER_BYTES.min(length) as usize];
    file.read_exact_at(&mut header, 0)?;
    if let Err(reason) = segment::check_header(&header, base) {
        return Err(LogError::Corrupt { segment: name, position: 0, reason });
    }
    Ok(Segment { base, name, file, length: AtomicU64::new(length), index: Mutex::new(SparseIndex::new(base)) })
}

fn open_newest(dir: &Path, base: u64) -> Result<(Segment, u64), LogError> {
    let name = segment::file_name(base);
    let file = OpenOptions::new().read(true).write(true).open(dir.join(&name))?;
    let mut bytes = vec![0; file.metadata()?.len() as usize];
    file.read_exact_at(&mut bytes, 0)?;
    if bytes.len() < HEADER_BYTES as usize || bytes.iter().all(|&byte| byte == 0) {
        // Creating it was interrupted, so nothing was ever written to it.
        return Ok((Segment::create(dir, base)?, base));
    }
    let corrupt = |position, reason| LogError::Corrupt { segment: name.clone(), position, reason };
    segment::check_header(&bytes, base).map_err(|reason| corrupt(0, reason))?;
    let found = segment::recover(&bytes, base).map_err(|(position, reason)| corrupt(position, reason))?;
    if found.length < bytes.len() as u64 {
        let cut = bytes.len() as u64 - found.length;
        tracing::warn!(log.segment = %name, log.cut_bytes = cut, log.end = found.end, "cut an unfinished write");
        file.set_len(found.length)?;
    }
    // What was read here may have reached only the page cache before a crash of the writer; readers may see it now.
    file.sync_all()?;
    let segment = Segment { base, name, file, length: AtomicU64::new(found.length), index: Mutex::new(found.index) };
    Ok((segment, found.end))
}

/// Makes created and deleted names durable.
fn sync_dir(dir: &Path) -> io::Result<()> {
    File::open(dir)?.sync_all()
}
