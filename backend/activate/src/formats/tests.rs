use std::collections::BTreeSet;
use std::io::{ErrorKind, Read};

use ::parquet::arrow::arrow_reader::ParquetRecordBatchReaderBuilder;
use arrow::array::{Array, StringArray, UInt64Array};
use bytes::Bytes;
use rollcall_engine::Uid;

use super::*;

const STRANGE: [&str; 9] =
    ["plain", "a,b", "quo\"te", "line\nend", "cr\r", "ünï-✓", " spaced ", "back\\slash\u{2028}\u{85}\t", "=1+1"];

fn inflate(bytes: &[u8]) -> Vec<u8> {
    let mut inflated = Vec::new();
    flate2::read::GzDecoder::new(bytes).read_to_end(&mut inflated).unwrap();
    inflated
}

fn read_csv(bytes: &[u8]) -> (Vec<String>, Vec<Vec<String>>) {
    let mut reader = csv::Reader::from_reader(bytes);
    let header = reader.headers().unwrap().iter().map(str::to_owned).collect();
    (header, reader.records().map(|record| record.unwrap().iter().map(str::to_owned).collect()).collect())
}

fn read_ndjson(bytes: &[u8]) -> Vec<serde_json::Value> {
    let text = std::str::from_utf8(bytes).unwrap();
    assert!(!text.contains(['\u{2028}', '\u{85}']), "no other line ends");
    text.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

fn list(format: Format) -> Vec<u8> {
    let mut bytes = Vec::new();
    assert_eq!(write_list(format, STRANGE, &mut bytes).unwrap(), STRANGE.len() as u64);
    bytes
}

#[test]
fn ids_survive_text_formats() {
    for (format, plain) in [(Format::Csv, list(Format::Csv)), (Format::CsvGz, inflate(&list(Format::CsvGz)))] {
        let (header, rows) = read_csv(&plain);
        assert_eq!(header, ["user_id"], "{format:?}");
        assert_eq!(rows.concat(), STRANGE);
    }
    for plain in [list(Format::Ndjson), inflate(&list(Format::NdjsonGz))] {
        let ids: Vec<String> = read_ndjson(&plain).iter().map(|row| row["user_id"].as_str().unwrap().to_owned()).collect();
        assert_eq!(ids, STRANGE);
    }
}

#[test]
fn csv_is_rfc_4180_to_the_byte() {
    let mut bytes = Vec::new();
    write_addresses(Format::Csv, [("u1", "a@example.org"), ("u,2", "q\"@example.org")], &mut bytes).unwrap();
    assert_eq!(bytes, b"user_id,email\r\nu1,a@example.org\r\n\"u,2\",\"q\"\"@example.org\"\r\n");
    let mut bytes = Vec::new();
    write_addresses(Format::Ndjson, [("u1", "a@example.org")], &mut bytes).unwrap();
    assert_eq!(bytes, b"{\"user_id\":\"u1\",\"email\":\"a@example.org\"}\n");
}

#[test]
fn parquet_carries_ids_and_numbers() {
    let mut bytes = Vec::new();
    write_users(Format::Parquet, (0..40_000u64).map(|uid| (uid << 20, format!("u{uid}"))), &mut bytes).unwrap();
    let reader = ParquetRecordBatchReaderBuilder::try_new(Bytes::from(bytes)).unwrap().build().unwrap();
    let mut next = 0;
    for batch in reader {
        let batch = batch.unwrap();
        let uids = batch.column_by_name("uid").unwrap().as_any().downcast_ref::<UInt64Array>().unwrap();
        let ids = batch.column_by_name("user_id").unwrap().as_any().downcast_ref::<StringArray>().unwrap();
        for row in 0..batch.num_rows() {
            assert_eq!((uids.value(row), ids.value(row)), (next << 20, format!("u{next}").as_str()));
            next += 1;
        }
    }
    assert_eq!(next, 40_000);
}

fn sets() -> Vec<(String, Members)> {
    let of = |wanted: &dyn Fn(u32) -> bool| {
        let mut members = Members::default();
        for number in (0..30_000).filter(|number| wanted(*number)) {
            members.insert(Uid { shard: (number % 3) as u16, local: number / 3 * 7 });
        }
        members
    };
    vec![
        ("all".to_owned(), of(&|_| true)),
        ("odd, \"odd\"".to_owned(), of(&|number| number % 2 == 1)),
        ("nobody".to_owned(), of(&|_| false)),
        ("few".to_owned(), of(&|number| number == 29_999 || number == 5)),
    ]
}

fn name(uid: Uid) -> Option<String> {
    Some(format!("u{}-{}", uid.shard, uid.local))
}

fn expected() -> BTreeSet<(String, String)> {
    let sets = sets();
    sets.iter().flat_map(|(id, members)| members.iter().map(move |uid| (name(uid).unwrap(), id.clone()))).collect()
}

#[test]
fn the_segment_map_has_a_row_for_each_membership_in_every_format() {
    let write = |format| {
        let mut bytes = Vec::new();
        let rows = write_segment_map(format, &sets(), 3, name, &mut bytes).unwrap();
        assert_eq!(rows, expected().len() as u64);
        bytes
    };
    let pairs: Vec<(String, String)> =
        read_csv(&inflate(&write(Format::CsvGz))).1.into_iter().map(|row| (row[0].clone(), row[1].clone())).collect();
    assert_eq!(pairs.len(), expected().len());
    assert_eq!(pairs.iter().cloned().collect::<BTreeSet<_>>(), expected());
    let users: Vec<&String> = pairs.iter().map(|pair| &pair.0).collect();
    let changes = users.windows(2).filter(|pair| pair[0] != pair[1]).count();
    assert_eq!(changes + 1, users.iter().collect::<BTreeSet<_>>().len(), "rows of a user stand together");
    let rows: BTreeSet<(String, String)> = read_ndjson(&write(Format::Ndjson))
        .iter()
        .map(|row| (row["user_id"].as_str().unwrap().to_owned(), row["segment_id"].as_str().unwrap().to_owned()))
        .collect();
    assert_eq!(rows, expected());
    let mut rows = BTreeSet::new();
    for batch in ParquetRecordBatchReaderBuilder::try_new(Bytes::from(write(Format::Parquet))).unwrap().build().unwrap() {
        let batch = batch.unwrap();
        let text = |column: usize, row: usize| {
            batch.column(column).as_any().downcast_ref::<StringArray>().unwrap().value(row).to_owned()
        };
        rows.extend((0..batch.num_rows()).map(|row| (text(0, row), text(1, row))));
    }
    assert_eq!(rows, expected());
}

#[test]
fn a_map_of_the_last_uid_there_is() {
    let mut members = Members::default();
    members.insert(Uid { shard: 0, local: u32::MAX });
    let mut bytes = Vec::new();
    assert_eq!(write_segment_map(Format::Csv, &[("s".to_owned(), members)], 1, name, &mut bytes).unwrap(), 1);
    assert_eq!(bytes, b"user_id,segment_id\r\nu0-4294967295,s\r\n");
}

#[test]
fn the_same_rows_give_the_same_bytes() {
    for format in [Format::Csv, Format::CsvGz, Format::Ndjson, Format::NdjsonGz, Format::Parquet] {
        assert_eq!(list(format), list(format), "{format:?}");
        assert_eq!(Format::parse(format.as_str()), Some(format));
    }
}

#[test]
fn roaring_is_for_sets_only() {
    assert!(matches!(write_list(Format::Roaring, STRANGE, Vec::new()), Err(ActivateError::NotForRows(_))));
    let members = sets()[1].1.clone();
    let mut bytes = Vec::new();
    assert_eq!(write_roaring(&members, &mut bytes).unwrap(), 15_000);
    assert_eq!(Members::from_treemap_bytes(&bytes).unwrap(), members);
}

#[test]
fn entity_tags() {
    let tag = entity_tag(&["digest", "ads", "csv"]);
    assert!(tag.len() == 34 && tag.starts_with('"') && tag.ends_with('"'));
    assert_ne!(tag, entity_tag(&["digest", "adsc", "sv"]));
    for header in [tag.clone(), format!("W/{tag}"), format!("\"x\", {tag} , \"y\""), "*".to_owned()] {
        assert!(tag_matches(&header, &tag), "{header}");
    }
    assert!(!tag_matches("\"x\"", &tag) && !tag_matches("", &tag));
}

#[tokio::test]
async fn a_stream_gives_the_whole_file_in_chunks() {
    let mut chunks = stream(|out| write_list(Format::Csv, (0..100_000).map(|number| format!("u{number}")), out));
    let mut bytes = Vec::new();
    let mut count = 0;
    while let Some(chunk) = chunks.recv().await {
        bytes.extend_from_slice(&chunk.unwrap());
        count += 1;
    }
    assert_eq!(read_csv(&bytes).1.len(), 100_000);
    assert!(count > 5, "{count} chunks");
}

#[tokio::test]
async fn a_reader_that_goes_away_ends_the_encoder() {
    let (told, ended) = tokio::sync::oneshot::channel();
    let mut chunks = stream(move |out| {
        let result = write_list(Format::Csv, (0u64..).map(|number| format!("u{number}")), out);
        let kind = match &result {
            Err(ActivateError::Io(error)) => Some(error.kind()),
            _ => None,
        };
        told.send(kind).unwrap();
        result
    });
    chunks.recv().await.unwrap().unwrap();
    drop(chunks);
    assert_eq!(ended.await.unwrap(), Some(ErrorKind::BrokenPipe));
}

#[tokio::test]
async fn a_file_that_is_not_whole_ends_with_an_error() {
    let failing = |panics: bool| {
        stream(move |out| {
            out.write_all(b"half")?;
            assert!(!panics, "on purpose");
            Err(ActivateError::NotForRows("anything"))
        })
    };
    for panics in [false, true] {
        let mut chunks = failing(panics);
        let mut last = None;
        while let Some(chunk) = chunks.recv().await {
            last = Some(chunk);
        }
        assert!(last.unwrap().is_err(), "panics: {panics}");
    }
}

/// Run with `--ignored --nocapture` in release.
#[test]
#[ignore = "a measurement"]
fn speed() {
    let segments: Vec<(String, Members)> = (0..50u32)
        .map(|segment| {
            let mut members = Members::default();
            for number in 0..400_000u32 {
                if number.wrapping_mul(2_654_435_761).rotate_left(segment) % 10 < 4 {
                    members.insert(Uid { shard: (number % 8) as u16, local: number / 8 });
                }
            }
            (format!("0192f0c4-7b6e-7c1d-8000-0000000000{segment:02}"), members)
        })
        .collect();
    for format in [Format::Csv, Format::CsvGz, Format::Ndjson, Format::Parquet] {
        let started = std::time::Instant::now();
        let rows = write_segment_map(format, &segments, 8, |uid| Some(format!("u{:08}", uid.to_u64())), std::io::sink()).unwrap();
        println!("map {format:?}: {rows} rows, {:.1} M/s", rows as f64 / started.elapsed().as_secs_f64() / 1e6);
    }
    let ids: Vec<String> = (0..2_000_000).map(|number| format!("u{number:08}")).collect();
    for format in [Format::Csv, Format::CsvGz, Format::Ndjson, Format::Parquet] {
        let started = std::time::Instant::now();
        let rows = write_list(format, &ids, std::io::sink()).unwrap();
        println!("list {format:?}: {rows} rows, {:.1} M/s", rows as f64 / started.elapsed().as_secs_f64() / 1e6);
    }
}
