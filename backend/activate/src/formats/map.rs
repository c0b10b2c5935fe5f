//! The map of segments: one (user_id, segment_id) row for each member of each segment, the rows of a user together.
//!
//! Segments are sets of users; the map goes the other way. It is turned around in windows of [`WINDOW`] users: each
//! set's bits in the window are counted, then placed, so that memory holds one window whatever the sets' sizes. In text
//! formats a user's part and each segment's part of a row are spelt once and then only copied.

use std::io::Write;

use rollcall_engine::{Members, Uid};

use super::encoder::{Cell, Encoder};
use super::{Format, SEGMENT_MAP};
use crate::error::ActivateError;

/// Users turned around at once; with 65,536 segments that all have everybody, 512 MB.
const WINDOW: u32 = 4096;

/// Writes the map of `segments` (id and members). `shards` is the engine's number of shards and `user_id` its
/// dictionary; members that it does not know are left out. Returns the number of rows.
///
/// # Errors
/// Writing failed; the format is not for rows; more than 65,536 segments.
pub fn write_segment_map<U: AsRef<str>>(
    format: Format,
    segments: &[(String, Members)],
    shards: u16,
    mut user_id: impl FnMut(Uid) -> Option<U>,
    out: impl Write + Send,
) -> Result<u64, ActivateError> {
    if segments.len() > usize::from(u16::MAX) + 1 {
        return Err(ActivateError::NotForRows("a map of more than 65,536 segments"));
    }
    let mut encoder = Encoder::new(format, &SEGMENT_MAP, out)?;
    let tails = tails(&encoder, segments);
    let mut window = Window::default();
    let mut head = Vec::new();
    for shard in 0..shards {
        let mut next = window.first_user(segments, shard, 0);
        while let Some(start) = next {
            let end = start.saturating_add(WINDOW - 1);
            window.turn_around(segments, shard, start, end);
            for place in 0..=end - start {
                let of_user = window.of_user(place as usize);
                if of_user.is_empty() {
                    continue;
                }
                let Some(user_id) = user_id(Uid { shard, local: start + place }) else {
                    continue;
                };
                let user = Cell::Text(user_id.as_ref());
                if encoder.is_text() {
                    head.clear();
                    encoder.head(&mut head, &user);
                    encoder.spelt(&head, of_user.iter().map(|segment| tails.of(*segment)))?;
                } else {
                    for segment in of_user {
                        encoder.row(&[user, Cell::Text(&segments[usize::from(*segment)].0)])?;
                    }
                }
            }
            next = end.checked_add(1).and_then(|after| window.first_user(segments, shard, after));
        }
    }
    encoder.finish()
}

/// The ends of rows, one for each segment.
struct Tails {
    bytes: Vec<u8>,
    ends: Vec<usize>,
}

impl Tails {
    fn of(&self, segment: u16) -> &[u8] {
        &self.bytes[self.ends[usize::from(segment)]..self.ends[usize::from(segment) + 1]]
    }
}

fn tails<W: Write + Send>(encoder: &Encoder<W>, segments: &[(String, Members)]) -> Tails {
    let mut tails = Tails { bytes: Vec::new(), ends: vec![0] };
    for (id, _) in segments {
        encoder.tail(&mut tails.bytes, &Cell::Text(id));
        tails.ends.push(tails.bytes.len());
    }
    tails
}

/// The segments of each user of a window, user after user.
#[derive(Default)]
struct Window {
    ends: Vec<u32>,
    segments: Vec<u16>,
}

impl Window {
    fn of_user(&self, place: usize) -> &[u16] {
        let start = if place == 0 { 0 } else { self.ends[place - 1] };
        &self.segments[start as usize..self.ends[place] as usize]
    }

    /// The first user from `from` on that is in any segment.
    fn first_user(&self, segments: &[(String, Members)], shard: u16, from: u32) -> Option<u32> {
        segments.iter().filter_map(|(_, members)| members.shard(shard)?.range(from..).next()).min()
    }

    fn turn_around(&mut self, segments: &[(String, Members)], shard: u16, start: u32, end: u32) {
        self.ends.clear();
        self.ends.resize((end - start) as usize + 1, 0);
        let bitmaps = || segments.iter().enumerate().filter_map(|(number, (_, members))| Some((number, members.shard(shard)?)));
        for (_, bitmap) in bitmaps() {
            for local in bitmap.range(start..=end) {
                self.ends[(local - start) as usize] += 1;
            }
        }
        // Counts to where each user begins.
        let mut total = 0;
        for end in &mut self.ends {
            total += std::mem::replace(end, total);
        }
        self.segments.clear();
        self.segments.resize(total as usize, 0);
        // Placing moves each begin to its end.
        for (number, bitmap) in bitmaps() {
            for local in bitmap.range(start..=end) {
                let place = &mut self.ends[(local - start) as usize];
                self.segments[*place as usize] = number as u16;
                *place += 1;
            }
        }
    }
}
