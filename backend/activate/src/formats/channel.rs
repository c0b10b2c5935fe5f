//! From an encoder that blocks to an HTTP body that is polled.

use std::io::{Error, ErrorKind, Result, Write};
use std::panic::{AssertUnwindSafe, catch_unwind};

use bytes::{Bytes, BytesMut};
use tokio::sync::mpsc::{Receiver, Sender, channel};

use crate::error::ActivateError;

/// Bytes of a chunk.
const CHUNK: usize = 64 << 10;
/// Chunks that wait for a slow reader.
const WAITING: usize = 4;

/// The chunks of a body; an error at the end means that the body is not whole, so that the connection is to be broken
/// rather than ended.
pub type Chunks = Receiver<Result<Bytes>>;

/// Writes into a bounded channel and waits while it is full, so that memory stays constant however slow the reader is.
/// Only for threads that may block. When the reader is gone, writing fails with `BrokenPipe`, which ends the encoder.
pub struct ChannelWriter {
    sender: Sender<Result<Bytes>>,
    buffer: BytesMut,
}

impl ChannelWriter {
    /// A writer and the chunks it gives.
    pub fn new() -> (ChannelWriter, Chunks) {
        let (sender, receiver) = channel(WAITING);
        (ChannelWriter { sender, buffer: BytesMut::with_capacity(CHUNK) }, receiver)
    }

    fn send(&mut self) -> Result<()> {
        let chunk = std::mem::replace(&mut self.buffer, BytesMut::with_capacity(CHUNK)).freeze();
        self.sender.blocking_send(Ok(chunk)).map_err(|_| Error::from(ErrorKind::BrokenPipe))
    }
}

impl Write for ChannelWriter {
    fn write(&mut self, bytes: &[u8]) -> Result<usize> {
        self.buffer.extend_from_slice(bytes);
        if self.buffer.len() >= CHUNK {
            self.send()?;
        }
        Ok(bytes.len())
    }

    fn flush(&mut self) -> Result<()> {
        if self.buffer.is_empty() { Ok(()) } else { self.send() }
    }
}

/// Runs an encoder on a blocking thread of the current tokio runtime and gives its bytes as chunks. If it fails or
/// panics, the last chunk is an error.
pub fn stream(write: impl FnOnce(&mut ChannelWriter) -> std::result::Result<u64, ActivateError> + Send + 'static) -> Chunks {
    let (mut writer, chunks) = ChannelWriter::new();
    tokio::task::spawn_blocking(move || {
        let written = catch_unwind(AssertUnwindSafe(|| {
            write(&mut writer)?;
            Ok::<(), ActivateError>(writer.flush()?)
        }));
        let reason = match written {
            Ok(Ok(())) => return,
            Ok(Err(error)) if error.is_hang_up() => return,
            Ok(Err(error)) => error.to_string(),
            Err(_) => "the encoder panicked".to_owned(),
        };
        tracing::error!(error.message = reason, "a list could not be written to its end");
        // Fails only if the reader is gone too.
        let _ = writer.sender.blocking_send(Err(Error::other(reason)));
    });
    chunks
}
