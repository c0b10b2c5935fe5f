//! Byte ranges to lines, columns and UTF-16 offsets.

use super::{TextFault, TextFaultCode};

/// A fault at a byte range.
#[derive(Debug)]
pub(super) struct Flaw {
    pub start: usize,
    pub end: usize,
    pub code: TextFaultCode,
    pub detail: String,
}

/// Places faults in a text, in one pass over it.
pub(super) fn place(text: &str, mut flaws: Vec<Flaw>) -> Vec<TextFault> {
    flaws.sort_by_key(|flaw| flaw.start);
    let (mut line, mut column, mut offset, mut position) = (1, 1, 0, 0);
    let mut placed = Vec::with_capacity(flaws.len());
    for flaw in flaws {
        for character in text.get(position..flaw.start).unwrap_or_default().chars() {
            offset += character.len_utf16();
            column += 1;
            if character == '\n' {
                line += 1;
                column = 1;
            }
        }
        position = flaw.start;
        let length = text.get(flaw.start..flaw.end).unwrap_or_default().encode_utf16().count();
        placed.push(TextFault { line, column, offset, length, code: flaw.code, detail: flaw.detail });
    }
    placed
}
