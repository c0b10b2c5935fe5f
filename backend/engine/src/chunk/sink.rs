//! Writing sections to a file, with their positions and a running checksum.

use std::fs::File;
use std::io::{self, BufWriter, Write};

use bytemuck::Pod;

use crate::chunk::format::{ALIGNMENT, Directory, HEADER, MAGIC, Section, Texts, VERSION};

/// A chunk file being written.
pub(crate) struct Sink {
    file: BufWriter<File>,
    position: u64,
    checksum: crc32fast::Hasher,
}

impl Sink {
    /// Starts a file.
    pub fn new(file: File) -> io::Result<Sink> {
        let mut sink = Sink { file: BufWriter::with_capacity(1 << 20, file), position: 0, checksum: crc32fast::Hasher::new() };
        let mut header = [0; HEADER];
        header[..8].copy_from_slice(MAGIC);
        header[8] = VERSION;
        sink.put(&header)?;
        Ok(sink)
    }

    fn put(&mut self, bytes: &[u8]) -> io::Result<()> {
        self.file.write_all(bytes)?;
        self.checksum.update(bytes);
        self.position += bytes.len() as u64;
        Ok(())
    }

    /// Writes one section.
    pub fn section<T: Pod>(&mut self, items: &[T]) -> io::Result<Section> {
        let bytes: &[u8] = bytemuck::cast_slice(items);
        let section = Section { at: self.position, len: bytes.len() as u64 };
        self.put(bytes)?;
        let padding = bytes.len().next_multiple_of(ALIGNMENT) - bytes.len();
        self.put(&[0; ALIGNMENT][..padding])?;
        Ok(section)
    }

    /// Writes texts.
    pub fn texts<'a>(&mut self, texts: impl Iterator<Item = &'a [u8]>) -> io::Result<Texts> {
        let (mut ends, mut bytes) = (Vec::new(), Vec::new());
        for text in texts {
            bytes.extend_from_slice(text);
            ends.push(u32::try_from(bytes.len()).map_err(|_| io::Error::other("a dictionary exceeds 4 GB"))?);
        }
        Ok(Texts { ends: self.section(&ends)?, bytes: self.section(&bytes)? })
    }

    /// Writes directory and footer, and makes the file durable.
    pub fn finish(mut self, directory: &Directory) -> io::Result<()> {
        let at = self.position;
        let text = serde_json::to_vec(directory).map_err(io::Error::other)?;
        self.put(&text)?;
        self.put(&at.to_le_bytes())?;
        self.put(&(text.len() as u64).to_le_bytes())?;
        let checksum = self.checksum.clone().finalize();
        self.put(&checksum.to_le_bytes())?;
        self.put(&[0; 4])?;
        self.put(MAGIC)?;
        self.file.flush()?;
        self.file.get_ref().sync_all()
    }
}
