//! User ids of an upload: read as they arrive, and kept one after the other, so that millions of them cost little more than
//! their letters.

use std::io::{self, BufRead, BufReader, Cursor, ErrorKind, Read};

use bytes::Bytes;
use futures::{Stream, StreamExt as _};
use tokio::sync::mpsc;

use crate::error::{AppError, Code, Result};

/// How a file of user ids is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum IdFile {
    /// One id a line, as it stands.
    Lines,
    /// The first column of a CSV, without a header named `user_id`.
    Csv,
}

/// User ids, in the order in which they were given.
#[derive(Debug, Default)]
pub struct UserIds {
    text: String,
    ends: Vec<usize>,
}

impl UserIds {
    /// Adds one.
    pub fn push(&mut self, id: &str) {
        self.text.push_str(id);
        self.ends.push(self.text.len());
    }

    /// Each in turn.
    pub fn iter(&self) -> impl Iterator<Item = &str> {
        let starts = std::iter::once(0).chain(self.ends.iter().copied());
        starts.zip(&self.ends).filter_map(|(start, end)| self.text.get(start..*end))
    }

    /// Sorted, without repeats and empty ids.
    pub(super) fn sorted(&self) -> Vec<&str> {
        let mut sorted: Vec<&str> = self.iter().filter(|id| !id.is_empty()).collect();
        sorted.sort_unstable();
        sorted.dedup();
        sorted
    }

    /// Refuses ids that are longer than collection takes them.
    pub(super) fn refuse_long(&self, longest: usize) -> Result<()> {
        match self.iter().position(|id| id.len() > longest) {
            None => Ok(()),
            Some(index) => {
                let detail = format!("A user id has at most {longest} bytes.");
                Err(AppError::field(&format!("/user_ids/{index}"), "too_long", &detail))
            }
        }
    }
}

impl<S: AsRef<str>> FromIterator<S> for UserIds {
    fn from_iter<I: IntoIterator<Item = S>>(ids: I) -> Self {
        let mut all = Self::default();
        ids.into_iter().for_each(|id| all.push(id.as_ref()));
        all
    }
}

/// Reads a file of user ids while it arrives. An error of the kind `FileTooLarge` says that there is more than is taken.
///
/// # Errors
/// It is not UTF-8, is cut off, or too large.
pub async fn read_user_ids(chunks: impl Stream<Item = io::Result<Bytes>> + Send, written: IdFile) -> Result<UserIds> {
    let (sender, receiver) = mpsc::channel(4);
    let reading = tokio::task::spawn_blocking(move || read(Arriving { chunks: receiver, rest: Bytes::new() }, written));
    let mut chunks = std::pin::pin!(chunks);
    while let Some(chunk) = chunks.next().await {
        // A reader that has ended says why.
        if sender.send(chunk).await.is_err() {
            break;
        }
    }
    drop(sender);
    reading.await?.map_err(|error| match error.kind() {
        ErrorKind::FileTooLarge => AppError::new(Code::TooLarge, "The upload is larger than this route takes."),
        ErrorKind::InvalidData => AppError::new(Code::BadRequest, format!("The upload cannot be read: {error}.")),
        _ => AppError::new(Code::BadRequest, "The upload could not be read to its end."),
    })
}

/// What arrives, for a reader that blocks.
struct Arriving {
    chunks: mpsc::Receiver<io::Result<Bytes>>,
    rest: Bytes,
}

impl Read for Arriving {
    fn read(&mut self, out: &mut [u8]) -> io::Result<usize> {
        while self.rest.is_empty() {
            match self.chunks.blocking_recv() {
                Some(chunk) => self.rest = chunk?,
                None => return Ok(0),
            }
        }
        let part = self.rest.split_to(self.rest.len().min(out.len()));
        out[..part.len()].copy_from_slice(&part);
        Ok(part.len())
    }
}

fn read(mut file: impl Read, written: IdFile) -> io::Result<UserIds> {
    const MARK: &[u8] = b"\xef\xbb\xbf";
    let mut head = Vec::new();
    file.by_ref().take(MARK.len() as u64).read_to_end(&mut head)?;
    if head == MARK {
        head.clear();
    }
    let file = BufReader::with_capacity(256 << 10, Cursor::new(head).chain(file));
    let mut ids = UserIds::default();
    match written {
        IdFile::Csv => rollcall_collect::import::id_column(file, |id| ids.push(id))?,
        IdFile::Lines => lines(file, &mut ids)?,
    }
    Ok(ids)
}

fn lines(mut file: impl BufRead, ids: &mut UserIds) -> io::Result<()> {
    let mut line = Vec::new();
    for number in 1u64.. {
        line.clear();
        if file.read_until(b'\n', &mut line)? == 0 {
            break;
        }
        let end = line.strip_suffix(b"\n").unwrap_or(&line);
        let end = end.strip_suffix(b"\r").unwrap_or(end);
        let id = std::str::from_utf8(end)
            .map_err(|_| io::Error::new(ErrorKind::InvalidData, format!("line {number} is not UTF-8")))?;
        ids.push(id);
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A file in chunks of so many bytes.
    async fn taken(file: &str, chunk: usize, written: IdFile) -> Vec<String> {
        let chunks: Vec<io::Result<Bytes>> = file.as_bytes().chunks(chunk).map(|part| Ok(Bytes::copy_from_slice(part))).collect();
        let ids = read_user_ids(futures::stream::iter(chunks), written).await.unwrap();
        ids.iter().map(str::to_owned).collect()
    }

    #[tokio::test]
    async fn chunks_cut_ids_anywhere() {
        let lines = "\u{feff}u1\r\n\nü2\nlast, \"one\"";
        let csv = "\u{feff}\"a,\u{e9}\",x\n\"quo\"\"te\"\nplain";
        for chunk in 1..40 {
            assert_eq!(taken(lines, chunk, IdFile::Lines).await, ["u1", "", "ü2", "last, \"one\""]);
            assert_eq!(taken(csv, chunk, IdFile::Csv).await, ["a,é", "quo\"te", "plain"]);
        }
        assert!(taken("", 1, IdFile::Lines).await.is_empty());
    }

    #[tokio::test]
    async fn what_cannot_be_read_says_why() {
        let refused = |chunks: Vec<io::Result<Bytes>>| async {
            read_user_ids(futures::stream::iter(chunks), IdFile::Lines).await.unwrap_err()
        };
        let error = refused(vec![Ok("u1\n".into()), Ok(Bytes::from_static(b"\xff\n"))]).await;
        assert!(error.code == Code::BadRequest && error.detail.contains("line 2"), "{error}");
        assert_eq!(refused(vec![Ok("u1".into()), Err(ErrorKind::FileTooLarge.into())]).await.code, Code::TooLarge);
        assert_eq!(refused(vec![Err(ErrorKind::ConnectionReset.into())]).await.code, Code::BadRequest);
    }

    #[test]
    fn sorted_without_repeats_and_empty_ids() {
        let ids: UserIds = ["b", "", "a", "b", "é"].into_iter().collect();
        assert_eq!(ids.sorted(), ["a", "b", "é"]);
        assert!(ids.refuse_long(2).is_ok() && ids.refuse_long(1).is_err());
    }
}
