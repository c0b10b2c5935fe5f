//! Attributes of catalogue rows as values of events. Which row an event's key names is found once for each distinct key of a
//! table, so a row of the table costs one look into an array.

use std::borrow::Cow;

use rollcall_rules::flatten::null_mark;
use rollcall_rules::{Attribute, Value, ValueType};
use rustc_hash::FxHashMap;

use crate::evaluate::distinct::number_bits;
use crate::table::{Codes, Column, Dictionary, Table, Values};
use crate::tail::object_identity;

/// The values of an attribute, by key.
pub(crate) struct AttributeValues<'a> {
    attribute: &'a Attribute,
    values: Vec<Cow<'a, Value>>,
    /// The same as numbers; NaN for what is none.
    numbers: Vec<f64>,
    /// Places by key: 1 + position in the values.
    by_text: FxHashMap<&'a str, u32>,
    by_number: FxHashMap<u64, u32>,
    /// As booleans are stored: nothing, false, true.
    by_boolean: [u32; 3],
}

impl<'a> AttributeValues<'a> {
    /// Puts the rows of the catalogue in order.
    pub fn new(attribute: &'a Attribute) -> AttributeValues<'a> {
        let mut found = AttributeValues {
            attribute,
            values: Vec::new(),
            numbers: Vec::new(),
            by_text: FxHashMap::default(),
            by_number: FxHashMap::default(),
            by_boolean: [0; 3],
        };
        for row in attribute.rows() {
            found.values.push(match row.value {
                Value::Object(json) => Cow::Owned(Value::Object(object_identity(json))),
                value => Cow::Borrowed(value),
            });
            found.numbers.push(if let Value::Number(number) = row.value { *number } else { f64::NAN });
            let place = found.values.len() as u32;
            found.by_text.insert(row.text, place);
            if let Some(number) = row.number {
                found.by_number.insert(number_bits(number), place);
            }
            if let Some(boolean) = row.boolean {
                found.by_boolean[1 + usize::from(boolean)] = place;
            }
        }
        found
    }

    /// The values in the order of their keys; objects as events keep them.
    pub fn values(&self) -> impl Iterator<Item = &Value> {
        self.values.iter().map(Cow::as_ref)
    }

    /// The number at a position.
    pub fn number(&self, position: usize) -> f64 {
        self.numbers[position]
    }

    /// Binds them to the keys in a table.
    pub fn bind<'t>(&'t self, table: Table<'t>) -> AttributeRows<'t> {
        let keys = table.columns.at(&self.attribute.key).into_iter().filter_map(|column| match column.values {
            Values::Texts { codes, dictionary, .. } if column.value_type == ValueType::String => {
                Some(Keys::Texts(codes, self.by_code(&dictionary)))
            }
            Values::Numbers(numbers) => Some(Keys::Numbers(numbers, &self.by_number)),
            Values::Booleans(booleans) => Some(Keys::Booleans(booleans, self.by_boolean)),
            _ => None,
        });
        let mut literal = table.columns.at(&self.attribute.path);
        literal.extend(table.columns.at(&null_mark(&self.attribute.path)));
        AttributeRows { literal, keys: keys.collect() }
    }

    /// Places by code, 0 being "no value". The shorter of dictionary and catalogue is walked over.
    fn by_code(&self, dictionary: &Dictionary<'_>) -> Vec<u32> {
        let mut places = vec![0; dictionary.len() + 1];
        if dictionary.len() <= self.by_text.len() {
            for (position, place) in places[1..].iter_mut().enumerate() {
                *place = self.by_text.get(dictionary.get(position)).copied().unwrap_or(0);
            }
        } else {
            for (text, place) in &self.by_text {
                if let Some(position) = dictionary.find(text) {
                    places[position as usize + 1] = *place;
                }
            }
        }
        places
    }
}

/// Which value of an attribute each row of one table has.
pub(crate) struct AttributeRows<'a> {
    /// A literal key decides, whatever its value, also null.
    literal: Vec<Column<'a>>,
    keys: Vec<Keys<'a>>,
}

enum Keys<'a> {
    Texts(Codes<'a>, Vec<u32>),
    Numbers(&'a [f64], &'a FxHashMap<u64, u32>),
    Booleans(&'a [u8], [u32; 3]),
}

impl AttributeRows<'_> {
    /// The position of a row's value; `None` if there is no such catalogue row, or the event has the literal key.
    #[inline]
    pub fn position(&self, row: usize) -> Option<usize> {
        let place = self.keys.iter().map(|keys| keys.place(row)).find(|place| *place != 0)?;
        let hidden = self.literal.iter().any(|column| column.is_set(row));
        (!hidden).then_some(place as usize - 1)
    }
}

impl Keys<'_> {
    #[inline]
    fn place(&self, row: usize) -> u32 {
        match self {
            Keys::Texts(codes, places) => places[codes.get(row) as usize],
            // NaN, which stands for "no value", is no key.
            Keys::Numbers(numbers, places) => {
                numbers.get(row).and_then(|number| places.get(&number_bits(*number))).copied().unwrap_or(0)
            }
            Keys::Booleans(booleans, places) => booleans.get(row).map_or(0, |boolean| places[usize::from(*boolean)]),
        }
    }
}
