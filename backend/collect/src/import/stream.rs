//! The bytes of a file: counted as they are read, without their compression.

use std::fs::File;
use std::io::{self, BufReader, Read};
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use super::ImportCompression;

/// How many bytes of the file have been read, for progress.
pub(super) type BytesRead = Arc<AtomicU64>;

/// Opens a file for reading from its beginning.
pub(super) fn open(path: &Path, compression: ImportCompression, count: BytesRead) -> io::Result<Box<dyn Read + Send>> {
    let file = BufReader::with_capacity(256 << 10, Counted { file: File::open(path)?, count });
    Ok(match compression {
        ImportCompression::Plain => Box::new(file),
        ImportCompression::Gzip => Box::new(flate2::bufread::MultiGzDecoder::new(file)),
        ImportCompression::Zstd => Box::new(zstd::stream::read::Decoder::with_buffer(file)?),
    })
}

struct Counted {
    file: File,
    count: BytesRead,
}

impl Read for Counted {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.count.fetch_add(read as u64, Ordering::Relaxed);
        Ok(read)
    }
}
