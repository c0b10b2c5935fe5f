//! Cells of text formats. A cell that needs no quoting, nearly every one, is one pass to see and one copy.

/// Appends a number in decimal.
pub(super) fn number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

/// Appends a CSV field (RFC 4180): quoted if it holds a comma, a quote or a line end.
pub(super) fn csv(out: &mut Vec<u8>, text: &str) {
    // No early end: the compiler turns the whole pass into vector instructions.
    let special = |found, byte: &u8| found | matches!(*byte, b',' | b'"' | b'\n' | b'\r');
    if !text.as_bytes().iter().fold(false, special) {
        out.extend_from_slice(text.as_bytes());
        return;
    }
    out.push(b'"');
    for byte in text.bytes() {
        if byte == b'"' {
            out.push(b'"');
        }
        out.push(byte);
    }
    out.push(b'"');
}

/// Appends a JSON string. Line ends of every script are escaped too, so that a reader of lines never splits one.
pub(super) fn json(out: &mut Vec<u8>, text: &str) {
    out.push(b'"');
    let special = |found, byte: &u8| found | (*byte < 0x20) | (*byte >= 0x7f) | matches!(*byte, b'"' | b'\\');
    if text.as_bytes().iter().fold(false, special) {
        text.chars().for_each(|letter| json_char(out, letter));
    } else {
        out.extend_from_slice(text.as_bytes());
    }
    out.push(b'"');
}

fn json_char(out: &mut Vec<u8>, letter: char) {
    match letter {
        '"' | '\\' => out.extend([b'\\', letter as u8]),
        '\0'..='\u{1f}' | '\u{7f}'..='\u{9f}' | '\u{2028}' | '\u{2029}' => {
            const HEX: &[u8; 16] = b"0123456789abcdef";
            let code = letter as usize;
            out.extend([b'\\', b'u', HEX[code >> 12 & 15], HEX[code >> 8 & 15], HEX[code >> 4 & 15], HEX[code & 15]]);
        }
        _ => out.extend_from_slice(letter.encode_utf8(&mut [0; 4]).as_bytes()),
    }
}
