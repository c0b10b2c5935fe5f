//! A demonstration: a streaming service's viewers, programmes and three years of what they did.
//!
//! Data flow: a seed gives the catalogue ([`catalogue`]) and the viewers ([`people`]); [`timeline`] walks the days up to
//! `end` and says who does what; [`write`] makes each moment the envelope that a tracking request would have become, for
//! the caller to append to the log. Nothing here looks at a clock or at ambient randomness: the same seed, sizes and end
//! give the same bytes. All people are invented, their addresses lie in domains reserved for examples.
//!
//! Before loading, declare [`DECLARED_TRAITS`]: a text is a datetime only where the schema says so.

mod campaign;
mod catalogue;
mod clock;
mod people;
mod random;
mod segments;
mod timeline;
mod write;

#[cfg(test)]
mod tests;

pub use campaign::DRAFT_CAMPAIGN;
pub use segments::segments;

use clock::{DAY, SECOND, civil};
use timeline::{Moment, Timeline};
use write::Writer;

/// Days of history.
const DAYS: i64 = 3 * 365 + 1;

/// Traits whose type the data does not show: path and type, as the schema names types.
pub const DECLARED_TRAITS: [(&str, &str); 1] = [("signed_up_at", "datetime")];

/// What to generate.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Demo {
    /// Another seed gives other people who do other things.
    pub seed: u64,
    /// How many users, at least 1.
    pub users: u32,
    /// How many events, exactly, unless they are fewer than the users' subscriptions and cancellations (about one for
    /// each user). Profile updates come on top: one for each user and one for each change of plan.
    pub events: u64,
    /// Microseconds since 1970: everything happens before, in 1,096 days.
    pub end: i64,
}

/// A message for the log.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct DemoMessage {
    /// Envelope, version 1.
    pub payload: Vec<u8>,
    /// When the server would have received it, microseconds since 1970.
    pub received_at: i64,
}

impl Default for Demo {
    fn default() -> Demo {
        Demo { seed: 1, users: 100_000, events: 5_000_000, end: 1_795_219_200_000_000 }
    }
}

impl Demo {
    /// All messages, in order of time.
    pub fn messages(&self) -> impl Iterator<Item = DemoMessage> + use<> {
        let start = self.end - DAYS * DAY;
        let year = civil(self.end - SECOND).0;
        let catalogue = catalogue::programmes(self.seed);
        let people = people::people(self.seed, self.users.max(1), start, self.end, year);
        Messages {
            timeline: Timeline::new(self.seed, start, self.end, self.events, catalogue, people),
            writer: Writer::new(self.seed, year),
            day: Vec::new(),
            next: 0,
        }
    }

    /// The catalogue: one row for each programme, key `title`.
    pub fn programmes(&self) -> Vec<serde_json::Value> {
        let year = civil(self.end - SECOND).0;
        catalogue::programmes(self.seed).iter().map(|programme| programme.row(year)).collect()
    }
}

struct Messages {
    timeline: Timeline,
    writer: Writer,
    day: Vec<Moment>,
    next: usize,
}

impl Iterator for Messages {
    type Item = DemoMessage;

    fn next(&mut self) -> Option<DemoMessage> {
        while self.next == self.day.len() {
            self.next = 0;
            if !self.timeline.next_day(&mut self.day) {
                return None;
            }
        }
        let moment = self.day[self.next];
        self.next += 1;
        let payload = self.writer.envelope(&moment, self.timeline.catalogue(), self.timeline.people());
        Some(DemoMessage { payload, received_at: moment.time + SECOND })
    }
}
