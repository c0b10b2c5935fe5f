//! Rows of a few columns to bytes.

use std::io::Write;

use flate2::Compression;
use flate2::write::GzEncoder;

use super::parquet::ParquetEncoder;
use super::{Format, text};
use crate::error::ActivateError;

/// A text format's buffer is written out when it is this full.
const BUFFER: usize = 64 << 10;

/// A column.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Column {
    /// Its name, which needs no quoting.
    pub name: &'static str,
    /// Whole numbers; otherwise text.
    pub number: bool,
}

impl Column {
    /// A column of texts.
    pub const fn text(name: &'static str) -> Column {
        Column { name, number: false }
    }

    /// A column of whole numbers.
    pub const fn number(name: &'static str) -> Column {
        Column { name, number: true }
    }
}

/// A value of a row.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Cell<'a> {
    /// Text.
    Text(&'a str),
    /// A whole number.
    Number(u64),
}

/// Writes rows in one format.
pub struct Encoder<W: Write + Send> {
    kind: Kind<W>,
    columns: &'static [Column],
    rows: u64,
}

enum Kind<W: Write + Send> {
    Csv(Buffered<W>),
    Ndjson(Buffered<W>),
    Parquet(Box<ParquetEncoder<W>>),
}

impl<W: Write + Send> Encoder<W> {
    /// Begins a file; CSV gets its header.
    ///
    /// # Errors
    /// The format is not for rows.
    pub fn new(format: Format, columns: &'static [Column], out: W) -> Result<Encoder<W>, ActivateError> {
        let kind = match format {
            Format::Csv => Kind::Csv(Buffered::new(Sink::Plain(out))),
            Format::CsvGz => Kind::Csv(Buffered::new(Sink::gzip(out))),
            Format::Ndjson => Kind::Ndjson(Buffered::new(Sink::Plain(out))),
            Format::NdjsonGz => Kind::Ndjson(Buffered::new(Sink::gzip(out))),
            Format::Parquet => Kind::Parquet(Box::new(ParquetEncoder::new(columns, out)?)),
            Format::Roaring => return Err(ActivateError::NotForRows("roaring")),
        };
        let mut encoder = Encoder { kind, columns, rows: 0 };
        if let Kind::Csv(buffered) = &mut encoder.kind {
            let names: Vec<&str> = columns.iter().map(|column| column.name).collect();
            buffered.bytes.extend_from_slice(names.join(",").as_bytes());
            buffered.bytes.extend_from_slice(b"\r\n");
        }
        Ok(encoder)
    }

    /// Writes a row: one cell for each column, of its kind.
    ///
    /// # Errors
    /// Writing failed.
    #[inline]
    pub fn row(&mut self, cells: &[Cell<'_>]) -> Result<(), ActivateError> {
        self.rows += 1;
        match &mut self.kind {
            Kind::Csv(buffered) => {
                for (place, cell) in cells.iter().enumerate() {
                    if place > 0 {
                        buffered.bytes.push(b',');
                    }
                    csv_cell(&mut buffered.bytes, cell);
                }
                buffered.bytes.extend_from_slice(b"\r\n");
                Ok(buffered.make_room()?)
            }
            Kind::Ndjson(buffered) => {
                for (place, (column, cell)) in self.columns.iter().zip(cells).enumerate() {
                    buffered.bytes.push(if place == 0 { b'{' } else { b',' });
                    json_cell(&mut buffered.bytes, column, cell);
                }
                buffered.bytes.extend_from_slice(b"}\n");
                Ok(buffered.make_room()?)
            }
            Kind::Parquet(parquet) => parquet.row(cells),
        }
    }

    /// How rows that share cells are spelt: what of a row comes from its first cell.
    pub(super) fn head(&self, out: &mut Vec<u8>, cell: &Cell<'_>) {
        if matches!(self.kind, Kind::Ndjson(_)) {
            out.push(b'{');
            json_cell(out, &self.columns[0], cell);
        } else {
            csv_cell(out, cell);
        }
    }

    /// The rest of a row of two columns after [`Encoder::head`].
    pub(super) fn tail(&self, out: &mut Vec<u8>, cell: &Cell<'_>) {
        out.push(b',');
        if matches!(self.kind, Kind::Ndjson(_)) {
            json_cell(out, &self.columns[1], cell);
            out.extend_from_slice(b"}\n");
        } else {
            csv_cell(out, cell);
            out.extend_from_slice(b"\r\n");
        }
    }

    /// Writes rows with the same head, in a text format.
    pub(super) fn spelt<'t>(&mut self, head: &[u8], tails: impl Iterator<Item = &'t [u8]>) -> Result<(), ActivateError> {
        let (Kind::Csv(buffered) | Kind::Ndjson(buffered)) = &mut self.kind else {
            return Err(ActivateError::NotForRows("spelt text"));
        };
        for tail in tails {
            self.rows += 1;
            buffered.bytes.extend_from_slice(head);
            buffered.bytes.extend_from_slice(tail);
            buffered.make_room()?;
        }
        Ok(())
    }

    /// Whether [`Encoder::spelt`] works.
    pub(super) fn is_text(&self) -> bool {
        !matches!(self.kind, Kind::Parquet(_))
    }

    /// Ends the file. Returns the number of rows.
    ///
    /// # Errors
    /// Writing failed.
    pub fn finish(self) -> Result<u64, ActivateError> {
        match self.kind {
            Kind::Csv(buffered) | Kind::Ndjson(buffered) => buffered.finish()?,
            Kind::Parquet(parquet) => parquet.finish()?,
        }
        Ok(self.rows)
    }
}

fn csv_cell(out: &mut Vec<u8>, cell: &Cell<'_>) {
    match cell {
        Cell::Text(text) => text::csv(out, text),
        Cell::Number(number) => text::number(out, *number),
    }
}

fn json_cell(out: &mut Vec<u8>, column: &Column, cell: &Cell<'_>) {
    text::json(out, column.name);
    out.push(b':');
    match cell {
        Cell::Text(text) => text::json(out, text),
        Cell::Number(number) => text::number(out, *number),
    }
}

/// One buffer before a sink.
struct Buffered<W: Write> {
    bytes: Vec<u8>,
    sink: Sink<W>,
}

impl<W: Write> Buffered<W> {
    fn new(sink: Sink<W>) -> Buffered<W> {
        Buffered { bytes: Vec::with_capacity(BUFFER + 4096), sink }
    }

    #[inline]
    fn make_room(&mut self) -> std::io::Result<()> {
        if self.bytes.len() >= BUFFER { self.write_out() } else { Ok(()) }
    }

    fn write_out(&mut self) -> std::io::Result<()> {
        match &mut self.sink {
            Sink::Plain(out) => out.write_all(&self.bytes)?,
            Sink::Gzip(out) => out.write_all(&self.bytes)?,
        }
        self.bytes.clear();
        Ok(())
    }

    fn finish(mut self) -> std::io::Result<()> {
        self.write_out()?;
        match self.sink {
            Sink::Plain(mut out) => out.flush(),
            Sink::Gzip(out) => out.finish()?.flush(),
        }
    }
}

enum Sink<W: Write> {
    Plain(W),
    Gzip(Box<GzEncoder<W>>),
}

impl<W: Write> Sink<W> {
    /// The header carries no time of day, so that the same rows give the same bytes.
    fn gzip(out: W) -> Sink<W> {
        Sink::Gzip(Box::new(GzEncoder::new(out, Compression::fast())))
    }
}
