//! Byte ranges to lines, columns and UTF-16 offsets.

use std::ops::Range;

use super::{TextFault, TextFaultCode, TextPlace};

/// A fault at a byte range.
#[derive(Debug)]
pub(super) struct Flaw {
    pub start: usize,
    pub end: usize,
    pub code: TextFaultCode,
    pub detail: String,
}

/// Places faults in a text.
pub(super) fn place(text: &str, flaws: Vec<Flaw>) -> Vec<TextFault> {
    let ranges = flaws.into_iter().map(|flaw| (flaw.start..flaw.end, (flaw.code, flaw.detail))).collect();
    let placed = place_all(text, ranges).into_iter().map(|(place, (code, detail))| {
        let TextPlace { line, column, offset, length } = place;
        TextFault { line, column, offset, length, code, detail }
    });
    placed.collect()
}

/// Places byte ranges in a text, in one pass over it; they come back in the order of the text.
pub(super) fn place_all<T>(text: &str, mut ranges: Vec<(Range<usize>, T)>) -> Vec<(TextPlace, T)> {
    ranges.sort_by_key(|(range, _)| range.start);
    let (mut line, mut column, mut offset, mut position) = (1, 1, 0, 0);
    let mut placed = Vec::with_capacity(ranges.len());
    for (range, item) in ranges {
        for character in text.get(position..range.start).unwrap_or_default().chars() {
            offset += character.len_utf16();
            column += 1;
            if character == '\n' {
                line += 1;
                column = 1;
            }
        }
        position = range.start;
        let length = text.get(range).unwrap_or_default().encode_utf16().count();
        placed.push((TextPlace { line, column, offset, length }, item));
    }
    placed
}
