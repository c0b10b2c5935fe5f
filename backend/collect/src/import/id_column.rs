//! The user ids of an uploaded list.

use std::io::{Error, ErrorKind, Read, Result};

/// Gives each value of the first column of a CSV, without a header named `user_id` and without empty values. Values may be
/// quoted and then hold commas, quotes and line ends.
///
/// # Errors
/// Of the kind `InvalidData`, with the line, if it is not UTF-8; the file's own.
pub fn id_column(file: impl Read, mut take: impl FnMut(&str)) -> Result<()> {
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut record = csv::StringRecord::new();
    let mut first = true;
    while reader.read_record(&mut record).map_err(as_io)? {
        if let Some(id) = record.get(0).filter(|id| !id.is_empty()) {
            if !(first && id == "user_id") {
                take(id);
            }
            first = false;
        }
    }
    Ok(())
}

fn as_io(error: csv::Error) -> Error {
    let text = error.to_string();
    match error.into_kind() {
        csv::ErrorKind::Io(error) => error,
        _ => Error::new(ErrorKind::InvalidData, text),
    }
}

#[cfg(test)]
mod tests {
    use super::id_column;

    #[test]
    fn the_first_column_is_read_as_csv() {
        let mut ids = Vec::new();
        let file = "\u{feff}user_id,name\r\n\"a,b\",x\r\n\r\n\"quo\"\"te\"\r\n\"line\nend\",\"y\"\nplain\nuser_id";
        id_column(file.as_bytes(), |id| ids.push(id.to_owned())).unwrap();
        assert_eq!(ids, ["a,b", "quo\"te", "line\nend", "plain", "user_id"]);
        assert!(id_column(&b"\xff\n"[..], |_| {}).is_err());
    }
}
