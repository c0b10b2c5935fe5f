//! Writing the columns of a new table from the columns of its sources.

use std::collections::BTreeMap;
use std::io;

use rollcall_rules::ValueType;

use crate::chunk::format::{ColumnAt, PostingsAt, Texts, ValuesAt};
use crate::chunk::sink::Sink;
use crate::table::{Column, Dictionary, NO_DAY, NO_INSTANT, Table, Values};

/// With fewer distinct texts than this no text is rare, and scanning is as good as looking up.
const FEWEST_TEXTS_WITH_POSTINGS: usize = 8;

/// A path and type with its column in each source, if there.
type Sources<'a> = Vec<Option<Column<'a>>>;

/// Writes every column that occurs in a source, in the new order of rows.
pub(crate) fn write(sink: &mut Sink, tables: &[Table<'_>], rows: &[(u32, u32)]) -> io::Result<Vec<ColumnAt>> {
    let mut columns: BTreeMap<(&str, ValueType), Sources<'_>> = BTreeMap::new();
    for (source, table) in tables.iter().enumerate() {
        for column in table.columns.all() {
            let sources = columns.entry((column.path, column.value_type)).or_insert_with(|| vec![None; tables.len()]);
            sources[source] = Some(column);
        }
    }
    let written = columns.into_iter().map(|((path, value_type), sources)| {
        let values = write_values(sink, value_type, &sources, rows)?;
        Ok(ColumnAt { path: path.to_owned(), value_type, values })
    });
    written.collect()
}

fn write_values(sink: &mut Sink, value_type: ValueType, sources: &Sources<'_>, rows: &[(u32, u32)]) -> io::Result<ValuesAt> {
    Ok(match value_type {
        ValueType::String | ValueType::Object => write_texts(sink, value_type == ValueType::String, sources, rows)?,
        ValueType::Number => ValuesAt::Numbers(sink.section(&gather(sources, rows, f64::NAN, |values, row| match values {
            Values::Numbers(numbers) => numbers.get(row).copied(),
            _ => None,
        }))?),
        ValueType::Boolean => ValuesAt::Booleans(sink.section(&gather(sources, rows, 0_u8, |values, row| match values {
            Values::Booleans(booleans) => booleans.get(row).copied(),
            _ => None,
        }))?),
        ValueType::DateTime => {
            ValuesAt::Instants(sink.section(&gather(sources, rows, NO_INSTANT, |values, row| match values {
                Values::Instants(instants) => instants.get(row).copied(),
                _ => None,
            }))?)
        }
        ValueType::Date => ValuesAt::Days(sink.section(&gather(sources, rows, NO_DAY, |values, row| match values {
            Values::Days(days) => days.get(row).copied(),
            _ => None,
        }))?),
        ValueType::StringList => write_text_lists(sink, sources, rows)?,
        ValueType::NumberList => write_number_lists(sink, sources, rows)?,
    })
}

/// One value per row of the new table.
fn gather<T: Copy>(
    sources: &Sources<'_>,
    rows: &[(u32, u32)],
    none: T,
    value: impl Fn(&Values<'_>, usize) -> Option<T>,
) -> Vec<T> {
    let of = |(source, row): &(u32, u32)| {
        let column = sources[*source as usize].as_ref();
        column.and_then(|column| value(&column.values, *row as usize)).unwrap_or(none)
    };
    rows.iter().map(of).collect()
}

/// The texts that some rows have, sorted, and the new position of each of them by source and old position.
struct Union<'a> {
    texts: Vec<&'a [u8]>,
    positions: Vec<Vec<u32>>,
}

impl<'a> Union<'a> {
    fn of(sources: &Sources<'a>, rows: &[(u32, u32)]) -> Union<'a> {
        let dictionary = |column: &Option<Column<'a>>| match column.as_ref().map(|column| &column.values) {
            Some(Values::Texts { dictionary, .. } | Values::TextLists { dictionary, .. }) => Some(*dictionary),
            _ => None,
        };
        let dictionaries: Vec<Option<Dictionary<'a>>> = sources.iter().map(dictionary).collect();
        let sizes = || dictionaries.iter().map(|dictionary| dictionary.as_ref().map_or(0, Dictionary::len));
        let mut named = vec![false; sources.len()];
        rows.iter().for_each(|(source, _)| named[*source as usize] = true);
        let used = |(size, named): (usize, &bool)| if *named { vec![false; size] } else { Vec::new() };
        let mut used: Vec<Vec<bool>> = sizes().zip(&named).map(used).collect();
        for (source, row) in rows {
            let (source, row) = (*source as usize, *row as usize);
            match sources[source].as_ref().map(|column| &column.values) {
                Some(Values::Texts { codes, .. }) => {
                    if let Some(position) = codes.get(row).checked_sub(1) {
                        used[source][position as usize] = true;
                    }
                }
                Some(Values::TextLists { lists, elements, .. }) => {
                    for position in lists.range(row).map_or(&[][..], |range| &elements[range]) {
                        used[source][*position as usize] = true;
                    }
                }
                _ => {}
            }
        }
        let mut entries: Vec<(&[u8], usize, usize)> = Vec::new();
        for (source, dictionary) in dictionaries.iter().enumerate() {
            let Some(dictionary) = dictionary else { continue };
            let positions = (0..used[source].len()).filter(|position| used[source][*position]);
            entries.extend(positions.map(|position| (dictionary.bytes_of(position), source, position)));
        }
        entries.sort();
        let mut union = Union { texts: Vec::new(), positions: sizes().map(|size| vec![0; size]).collect() };
        for (text, source, position) in entries {
            if union.texts.last() != Some(&text) {
                union.texts.push(text);
            }
            union.positions[source][position] = union.texts.len() as u32 - 1;
        }
        union
    }

    fn write(&self, sink: &mut Sink) -> io::Result<Texts> {
        sink.texts(self.texts.iter().copied())
    }
}

fn write_texts(sink: &mut Sink, with_postings: bool, sources: &Sources<'_>, rows: &[(u32, u32)]) -> io::Result<ValuesAt> {
    let union = Union::of(sources, rows);
    let code = |(source, row): &(u32, u32)| match sources[*source as usize].as_ref().map(|column| &column.values) {
        Some(Values::Texts { codes, .. }) => {
            let position = codes.get(*row as usize).checked_sub(1);
            position.map_or(0, |position| union.positions[*source as usize][position as usize] + 1)
        }
        _ => 0,
    };
    let codes: Vec<u32> = rows.iter().map(code).collect();
    let (width, section) = if union.texts.len() < 1 << 8 {
        (1, sink.section(&codes.iter().map(|code| *code as u8).collect::<Vec<u8>>())?)
    } else if union.texts.len() < 1 << 16 {
        (2, sink.section(&codes.iter().map(|code| *code as u16).collect::<Vec<u16>>())?)
    } else {
        (4, sink.section(&codes)?)
    };
    let postings = if with_postings && union.texts.len() >= FEWEST_TEXTS_WITH_POSTINGS {
        Some(write_postings(sink, &codes, union.texts.len())?)
    } else {
        None
    };
    Ok(ValuesAt::Texts { width, codes: section, dictionary: union.write(sink)?, postings })
}

fn write_postings(sink: &mut Sink, codes: &[u32], texts: usize) -> io::Result<PostingsAt> {
    let mut next = vec![0_u32; texts + 1];
    for code in codes.iter().filter(|code| **code != 0) {
        next[*code as usize] += 1;
    }
    for position in 1..=texts {
        next[position] += next[position - 1];
    }
    // Now next[p] is where the rows of text p start; filling moves it to where they end.
    let mut rows = vec![0_u32; next[texts] as usize];
    for (row, code) in codes.iter().enumerate().filter(|(_, code)| **code != 0) {
        let place = &mut next[*code as usize - 1];
        rows[*place as usize] = row as u32;
        *place += 1;
    }
    Ok(PostingsAt { ends: sink.section(&next[..texts])?, rows: sink.section(&rows)? })
}

fn write_text_lists(sink: &mut Sink, sources: &Sources<'_>, rows: &[(u32, u32)]) -> io::Result<ValuesAt> {
    let union = Union::of(sources, rows);
    let (mut numbers, mut ends, mut all) = (Vec::with_capacity(rows.len()), Vec::new(), Vec::new());
    for (source, row) in rows {
        let values = sources[*source as usize].as_ref().map(|column| &column.values);
        let range = match values {
            Some(Values::TextLists { lists, elements, .. }) => lists.range(*row as usize).map(|range| &elements[range]),
            _ => None,
        };
        if let Some(list) = range {
            all.extend(list.iter().map(|position| union.positions[*source as usize][*position as usize]));
            ends.push(all.len() as u32);
        }
        numbers.push(range.map_or(0, |_| ends.len() as u32));
    }
    Ok(ValuesAt::TextLists {
        numbers: sink.section(&numbers)?,
        ends: sink.section(&ends)?,
        elements: sink.section(&all)?,
        dictionary: union.write(sink)?,
    })
}

fn write_number_lists(sink: &mut Sink, sources: &Sources<'_>, rows: &[(u32, u32)]) -> io::Result<ValuesAt> {
    let (mut numbers, mut ends, mut all) = (Vec::with_capacity(rows.len()), Vec::new(), Vec::new());
    for (source, row) in rows {
        let values = sources[*source as usize].as_ref().map(|column| &column.values);
        let range = match values {
            Some(Values::NumberLists { lists, elements }) => lists.range(*row as usize).map(|range| &elements[range]),
            _ => None,
        };
        if let Some(list) = range {
            all.extend_from_slice(list);
            ends.push(all.len() as u32);
        }
        numbers.push(range.map_or(0, |_| ends.len() as u32));
    }
    Ok(ValuesAt::NumberLists { numbers: sink.section(&numbers)?, ends: sink.section(&ends)?, elements: sink.section(&all)? })
}
