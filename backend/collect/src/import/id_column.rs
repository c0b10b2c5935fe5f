//! The user ids of an uploaded list.

/// The first column of a CSV, without a header named `user_id` and without empty values. Values may be quoted and then
/// hold commas, quotes and line ends.
///
/// # Errors
/// A sentence: which line is not UTF-8.
pub fn id_column(file: &[u8]) -> Result<Vec<String>, String> {
    let file = file.strip_prefix(b"\xef\xbb\xbf").unwrap_or(file);
    let mut reader = csv::ReaderBuilder::new().has_headers(false).flexible(true).from_reader(file);
    let mut ids = Vec::new();
    let mut record = csv::StringRecord::new();
    while reader.read_record(&mut record).map_err(|error| error.to_string())? {
        ids.extend(record.get(0).filter(|id| !id.is_empty()).map(str::to_owned));
    }
    if ids.first().is_some_and(|id| id == "user_id") {
        ids.remove(0);
    }
    Ok(ids)
}

#[cfg(test)]
mod tests {
    use super::id_column;

    #[test]
    fn the_first_column_is_read_as_csv() {
        let file = "\u{feff}user_id,name\r\n\"a,b\",x\r\n\r\n\"quo\"\"te\"\r\n\"line\nend\",\"y\"\nplain";
        assert_eq!(id_column(file.as_bytes()).unwrap(), ["a,b", "quo\"te", "line\nend", "plain"]);
        assert!(id_column(b"\xff\n").is_err());
    }
}
