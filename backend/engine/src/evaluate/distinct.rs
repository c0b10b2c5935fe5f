//! Counting distinct values per user as sorted (uid, value number) pairs.

use rollcall_rules::{Day, Instant, Value, ValueType};
use rustc_hash::FxHashMap;

use crate::evaluate::accumulate::PerUser;
use crate::evaluate::scan::{Source, Span};
use crate::table::{Column, Dictionary, NO_DAY, NO_INSTANT, Values};

/// A number for each distinct value, the same in all sources. Elements of lists are the values they would be alone.
#[derive(Default)]
pub(crate) struct Identities<'a> {
    texts: FxHashMap<(bool, &'a str), u32>,
    others: FxHashMap<(ValueType, u64), u32>,
    next: u32,
}

impl<'a> Identities<'a> {
    /// Adds the values at a path in matching rows as (uid, value) pairs.
    pub fn pairs(&mut self, source: &Source<'a>, path: &str, span: Span, pairs: &mut Pairs) {
        for column in source.table.columns.at(path) {
            pairs.begin();
            self.column(&column, |visit| source.matching(span, visit), pairs);
        }
    }

    /// The values of some rows of a column; `rows` calls its argument with uid and row.
    pub fn column(&mut self, column: &Column<'a>, rows: impl FnOnce(&mut dyn FnMut(u32, usize)), pairs: &mut Pairs) {
        match &column.values {
            Values::Texts { codes, dictionary, .. } => {
                let mut known = Known::new(*dictionary, column.value_type == ValueType::Object);
                rows(&mut |uid, row| {
                    if let Some(position) = codes.get(row).checked_sub(1) {
                        pairs.push(uid, known.number(self, position));
                    }
                });
            }
            Values::TextLists { lists, elements, dictionary } => {
                let mut known = Known::new(*dictionary, false);
                rows(&mut |uid, row| {
                    for position in lists.range(row).map_or(&[][..], |range| &elements[range]) {
                        pairs.push(uid, known.number(self, *position));
                    }
                });
            }
            Values::NumberLists { lists, elements } => rows(&mut |uid, row| {
                for number in lists.range(row).map_or(&[][..], |range| &elements[range]) {
                    pairs.push(uid, self.other(ValueType::Number, number_bits(*number)));
                }
            }),
            Values::Numbers(numbers) => rows(&mut |uid, row| {
                if let Some(number) = numbers.get(row).filter(|number| !number.is_nan()) {
                    pairs.push(uid, self.other(ValueType::Number, number_bits(*number)));
                }
            }),
            Values::Booleans(booleans) => rows(&mut |uid, row| {
                if let Some(boolean) = booleans.get(row).filter(|boolean| **boolean != 0) {
                    pairs.push(uid, self.other(ValueType::Boolean, u64::from(*boolean)));
                }
            }),
            Values::Instants(instants) => rows(&mut |uid, row| {
                if let Some(instant) = instants.get(row).filter(|instant| **instant != NO_INSTANT) {
                    pairs.push(uid, self.other(ValueType::DateTime, *instant as u64));
                }
            }),
            Values::Days(days) => rows(&mut |uid, row| {
                if let Some(day) = days.get(row).filter(|day| **day != NO_DAY) {
                    pairs.push(uid, self.other(ValueType::Date, *day as u64));
                }
            }),
        }
    }

    /// The numbers of a value, or of a list's elements. An object is given as events keep it.
    pub fn of_value(&mut self, value: &'a Value) -> Vec<u32> {
        match value {
            Value::String(text) => vec![self.text(false, text)],
            Value::Object(identity) => vec![self.text(true, identity)],
            Value::StringList(texts) => texts.iter().map(|text| self.text(false, text)).collect(),
            Value::Number(number) => vec![self.other(ValueType::Number, number_bits(*number))],
            Value::NumberList(numbers) => {
                numbers.iter().map(|number| self.other(ValueType::Number, number_bits(*number))).collect()
            }
            Value::Boolean(boolean) => vec![self.other(ValueType::Boolean, 1 + u64::from(*boolean))],
            Value::DateTime(instant) => vec![self.other(ValueType::DateTime, instant.0 as u64)],
            Value::Date(day) => vec![self.other(ValueType::Date, day.0 as u64)],
        }
    }

    /// Every value with its number, except objects.
    pub fn values(&self) -> impl Iterator<Item = (u32, Value)> {
        let texts = self.texts.iter().filter(|((object, _), _)| !object);
        let texts = texts.map(|((_, text), number)| (*number, Value::String((*text).to_owned())));
        texts.chain(self.others.iter().map(|((value_type, bits), number)| (*number, value_of(*value_type, *bits))))
    }

    fn text(&mut self, object: bool, text: &'a str) -> u32 {
        let next = &mut self.next;
        *self.texts.entry((object, text)).or_insert_with(|| post_increment(next))
    }

    fn other(&mut self, value_type: ValueType, bits: u64) -> u32 {
        let next = &mut self.next;
        *self.others.entry((value_type, bits)).or_insert_with(|| post_increment(next))
    }
}

fn value_of(value_type: ValueType, bits: u64) -> Value {
    match value_type {
        ValueType::Boolean => Value::Boolean(bits == 2),
        ValueType::DateTime => Value::DateTime(Instant(bits as i64)),
        ValueType::Date => Value::Date(Day(bits as i32)),
        _ => Value::Number(f64::from_bits(bits)),
    }
}

fn post_increment(next: &mut u32) -> u32 {
    *next += 1;
    *next - 1
}

/// Equal numbers have equal bits.
pub(crate) fn number_bits(number: f64) -> u64 {
    // Adding zero makes negative zero zero.
    (number + 0.0).to_bits()
}

/// Value numbers of one dictionary, looked up once per text that occurs.
struct Known<'a> {
    dictionary: Dictionary<'a>,
    object: bool,
    /// 0: not looked up yet; else 1 + number.
    numbers: Vec<u32>,
}

impl<'a> Known<'a> {
    fn new(dictionary: Dictionary<'a>, object: bool) -> Known<'a> {
        Known { dictionary, object, numbers: vec![0; dictionary.len()] }
    }

    fn number(&mut self, identities: &mut Identities<'a>, position: u32) -> u32 {
        let position = position as usize;
        if self.numbers[position] == 0 {
            self.numbers[position] = 1 + identities.text(self.object, self.dictionary.get(position));
        }
        self.numbers[position] - 1
    }
}

/// Distinct (uid, value number) pairs.
#[derive(Default)]
pub(crate) struct Pairs {
    /// Packed: uid, then value.
    packed: Vec<u64>,
    /// Where the pairs of the user at the end begin.
    run: usize,
    /// Whether more than one source has given pairs, or users did not come in order.
    unsorted: bool,
}

impl Pairs {
    /// The next source begins.
    pub fn begin(&mut self) {
        self.end_run();
        self.unsorted |= !self.packed.is_empty();
    }

    /// Adds a pair.
    #[inline]
    pub fn push(&mut self, uid: u32, value: u32) {
        let pair = u64::from(uid) << 32 | u64::from(value);
        match self.packed.last() {
            Some(last) if *last == pair => return,
            Some(last) if (*last >> 32) as u32 != uid => {
                self.unsorted |= (*last >> 32) as u32 > uid;
                self.end_run();
            }
            _ => {}
        }
        self.packed.push(pair);
    }

    /// Users mostly come one after the other, so what is left to do at the end is little.
    fn end_run(&mut self) {
        let run = &mut self.packed[self.run..];
        if !run.is_sorted_by(|a, b| a < b) {
            run.sort_unstable();
            let mut kept = self.run;
            for at in self.run + 1..self.packed.len() {
                if self.packed[at] != self.packed[kept] {
                    kept += 1;
                    self.packed[kept] = self.packed[at];
                }
            }
            self.packed.truncate(kept + 1);
        }
        self.run = self.packed.len();
    }

    /// Sorted, without repeats: uid and value.
    pub fn sorted(mut self) -> impl Iterator<Item = (u32, u32)> {
        self.end_run();
        if self.unsorted {
            // The standard stable sort merges the sources' sorted runs.
            self.packed.sort();
            self.packed.dedup();
        }
        self.packed.into_iter().map(|pair| ((pair >> 32) as u32, pair as u32))
    }

    /// How many values each user has.
    pub fn per_user(self) -> PerUser<u64> {
        let mut counts: PerUser<u64> = Vec::new();
        for (uid, _) in self.sorted() {
            match counts.last_mut() {
                Some((last, count)) if *last == uid => *count += 1,
                _ => counts.push((uid, 1)),
            }
        }
        counts
    }
}
