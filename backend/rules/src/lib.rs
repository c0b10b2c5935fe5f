//! The rule language: what a rule says, whether it is valid, and what its words mean in time.
//!
//! Data flow: rule JSON -> [`mod@check`] (against a [`Schema`] and a [`References`]) -> [`CheckedRule`], a typed tree in
//! which every literal has the type of what it is compared with. Both evaluation paths (bitmap engine, SQL over the
//! lake) take the same `CheckedRule` plus an instant and a watermark; they share nothing else.
//! [`fact`] defines the typed records that rules are evaluated over; collection makes them with [`mod@convert`] (JSON to typed
//! values, without loss) and [`flatten`] (objects to paths). [`mod@describe`] puts a rule into words, [`text`] is its text
//! form, and [`normal`] tells which rules are the same. [`mod@warn`] adds what a rule should be warned of given what was
//! collected. [`language`] has the tables of words that [`mod@check`] goes by, told for people.
//!
//! Pure: no clock, no I/O, no randomness.

pub mod catalogue;
pub mod check;
pub mod convert;
pub mod describe;
pub mod digest;
pub mod exact;
pub mod fact;
pub mod flatten;
#[cfg(test)]
pub(crate) mod generate;
pub mod language;
pub mod normal;
pub mod predicate;
pub mod schema;
pub mod text;
pub mod time;
pub mod tree;
pub mod value;
pub mod warn;

pub use catalogue::{Attribute, Catalogue, CatalogueRow, CatalogueVersion, Linked, Row};
pub use check::{Fault, FaultCode, References, Warning, check};
pub use convert::{ConvertError, convert, infer};
pub use describe::{Language, describe, describe_in};
pub use fact::{EventFact, Fact, ProfileFact, TraitUpdate};
pub use flatten::{flatten_properties, flatten_traits};
pub use predicate::{NumberTest, PathPredicate, StringTest, Test};
pub use schema::{Schema, ValueType};
pub use time::{Clock, Day, Duration, Instant, Season, TimePoint, TimeRange, TimeTest, Window, Zone};
pub use tree::{
    CheckedRule, EventLeaf, EventMatch, EventNames, Filter, FirstTimeLeaf, Measure, Node, NodeKind, NumberPredicate, Operand,
    Percent, RankBy, Ranking, RegularLeaf, SequenceLeaf, Step, SumTest, TopNode, TopSize, TraitLeaf,
};
pub use value::Value;
pub use warn::{Collected, UnhealthyDay, warn};
