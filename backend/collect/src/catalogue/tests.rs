use rollcall_rules::{CatalogueVersion, Value};
use serde_json::json;

use super::*;

fn none() -> BTreeMap<String, ValueType> {
    BTreeMap::new()
}

fn taken(file: &str, format: RowFormat, key: &str, declared: &BTreeMap<String, ValueType>) -> Result<Catalogue, UploadError> {
    let mut catalogue = Catalogue::default();
    take_rows(&mut catalogue, Bytes::copy_from_slice(file.as_bytes()), format, key, declared).map(|()| catalogue)
}

fn faults(outcome: Result<Catalogue, UploadError>) -> Vec<(usize, String)> {
    match outcome {
        Err(UploadError::Rows(faults, total)) => {
            assert_eq!(faults.len(), total.min(FAULTS_TOLD));
            assert!(faults.iter().all(|fault| fault.detail.ends_with('.')), "{faults:?}");
            faults.into_iter().map(|fault| (fault.row, fault.field)).collect()
        }
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_same_rows_in_every_format_are_the_same_catalogue() {
    let seasons = json!([{"from": "2025-09-01", "to": "2025-12-20"}, {"from": "2026-09-01T18:00:00Z"}]);
    let rows = json!([
        {"key": "NCIS", "genre": "Drama", "year": 2003, "live": false, "tags": ["a", "b"], "seasons": seasons},
        {"key": "7", "genre": "Info, live", "year": null, "live": true},
    ]);
    let lines: String = rows.as_array().unwrap().iter().map(|row| format!("{row}\n\n")).collect();
    let csv = "\u{feff}title,genre,year,live,tags,seasons\n\
        NCIS,Drama,2003,false,\"[\"\"a\"\",\"\"b\"\"]\",\
        \"[{\"\"from\"\":\"\"2025-09-01\"\",\"\"to\"\":\"\"2025-12-20\"\"},{\"\"from\"\":\"\"2026-09-01T18:00:00Z\"\"}]\"\n\
        7,\"Info, live\",,true,,\n";
    let declared = BTreeMap::from([("tags".to_owned(), ValueType::StringList)]);
    let wanted = taken(&rows.to_string(), RowFormat::Json, "key", &declared).unwrap();
    assert_eq!(taken(&lines, RowFormat::Ndjson, "key", &declared).unwrap(), wanted);
    assert_eq!(taken(csv, RowFormat::Csv, "title", &declared).unwrap(), wanted);
    assert_eq!(wanted.attributes["year"], ValueType::Number);
    assert_eq!(Json::Object(row_json("NCIS", &wanted.rows["NCIS"])), rows[0]);
    assert!(!wanted.rows["7"].attributes.contains_key("year"), "null is not set");
}

#[test]
fn the_cells_of_a_column_have_one_type_unless_it_is_known() {
    let csv = "key,code,number,empty\na,1,1,\nb,02,2.5,\n";
    let catalogue = taken(csv, RowFormat::Csv, "key", &none()).unwrap();
    let types: Vec<ValueType> = catalogue.attributes.values().copied().collect();
    assert_eq!(types, [ValueType::String, ValueType::Number], "02 is no number, and nothing is known of an empty column");
    let declared = BTreeMap::from([("number".to_owned(), ValueType::String)]);
    let catalogue = taken(csv, RowFormat::Csv, "key", &declared).unwrap();
    assert_eq!(catalogue.rows["b"].attributes["number"], Value::String("2.5".to_owned()));
}

#[test]
fn every_row_that_does_not_fit_is_told_with_its_field() {
    let rows = json!([
        {"key": "a", "year": 2003}, {"year": 1}, {"key": "b", "year": "x"}, {"key": "a"}, 7, {"key": ["c"]},
        {"key": "d", "seasons": [{"to": "2026-01-01"}]}, {"key": "e", "": 1}, {"key": "k".repeat(1025)},
    ]);
    let found = faults(taken(&rows.to_string(), RowFormat::Json, "key", &none()));
    let found: Vec<(usize, &str)> = found.iter().map(|(row, field)| (*row, field.as_str())).collect();
    let wanted = [(2, "key"), (3, "year"), (4, "key"), (5, ""), (6, "key"), (7, "seasons"), (8, ""), (9, "key")];
    assert_eq!(found, wanted);
    assert_eq!(faults(taken("{\"key\":1}\n{\n", RowFormat::Ndjson, "key", &none())), [(2, String::new())]);
    assert_eq!(faults(taken("id,key\n1,x\n", RowFormat::Csv, "id", &none())), [(1, "key".to_owned())]);
    let many = format!("key\n{}", "a\n".repeat(150));
    assert_eq!(faults(taken(&many, RowFormat::Csv, "key", &none())).len(), FAULTS_TOLD);
}

#[test]
fn files_that_are_something_else_are_refused() {
    for (file, format) in [
        ("{}", RowFormat::Json),
        ("[", RowFormat::Json),
        ("name\na\n", RowFormat::Csv),
        ("key,a,a\n1,2,3\n", RowFormat::Csv),
        ("key,a\n1,2,3\n", RowFormat::Csv),
        ("key", RowFormat::Parquet),
    ] {
        let outcome = taken(file, format, "key", &none());
        assert!(matches!(outcome, Err(UploadError::Unreadable(_))), "{file}: {outcome:?}");
    }
    let many: String = (0..=MOST_ROWS).map(|number| format!("{{\"key\":{number}}}\n")).collect();
    assert!(matches!(taken(&many, RowFormat::Ndjson, "key", &none()), Err(UploadError::TooLarge(_))));
}

#[test]
fn a_packed_catalogue_comes_back_as_it_was() {
    let declared = BTreeMap::from([("born".to_owned(), ValueType::Date), ("at".to_owned(), ValueType::DateTime)]);
    let rows = json!([
        {"key": 1, "born": "2020-02-29", "at": "2026-01-01T00:00:00.5Z", "n": 0.1, "ns": [1, 2.5], "o": {"x": [1]}, "yes": true,
         "s": "", "none": [], "seasons": [{"from": "2026-01-01"}]},
        {"key": "é"},
    ]);
    let mut catalogue = taken(&rows.to_string(), RowFormat::Json, "key", &declared).unwrap();
    catalogue.version = CatalogueVersion { id: "c".to_owned(), version: 3 };
    assert_eq!(unpack(&pack(&catalogue).unwrap(), catalogue.version.clone()).unwrap(), catalogue);
}

#[test]
fn what_the_first_format_packed_is_read() {
    let old = hex::decode(include_str!("../../tests-data/catalogue-1.hex").trim()).unwrap();
    let catalogue = unpack(&old, CatalogueVersion::default()).unwrap();
    assert_eq!(catalogue.attributes, BTreeMap::from([("year".to_owned(), ValueType::Number)]));
    let row = json!({"key": "NCIS", "year": 2003, "seasons": [{"from": "2026-09-01", "to": "2026-12-20"}]});
    assert_eq!(Json::Object(row_json("NCIS", &catalogue.rows["NCIS"])), row);
}
