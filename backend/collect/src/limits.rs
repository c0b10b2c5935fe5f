//! Every bound of collection in one place.

/// What collection accepts. Beyond a bound of a request the request is refused; beyond a bound of a message the
/// message is acknowledged and quarantined, so that one bad message never costs its batch.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Limits {
    /// Bytes of a request body as sent. Default 4 MiB: the largest batch that a known SDK sends.
    pub body_bytes: usize,
    /// Bytes of a request body after gunzip. Default 16 MiB.
    pub inflated_bytes: usize,
    /// Messages in a batch. Default 2,500, as Segment documents.
    pub batch_messages: usize,
    /// Bytes of one message; beyond: `too_large`. Default 32 KiB, as Segment documents.
    pub message_bytes: usize,
    /// Characters of a message id; beyond: `message_id_too_long`. Default 100, as Segment documents.
    pub message_id_chars: usize,
    /// Bytes of a user, anonymous, group or previous id; beyond: `id_too_long`. Default 1,024.
    pub id_bytes: usize,
    /// Bytes of an event name; beyond: `event_name_too_long`. Default 255.
    pub event_name_bytes: usize,
    /// Bytes of a property or trait path; beyond: `property_name_too_long`. Default 255.
    pub path_bytes: usize,
    /// Paths that one message may set; beyond: `too_many_properties`. Default 1,000.
    pub paths_per_message: usize,
    /// How deep objects may nest in properties and traits; beyond: `too_deep`. Default 32.
    pub depth: usize,
    /// Distinct paths known per event name, and of traits; a message with a new one beyond: `too_many_properties`.
    /// Default 2,000.
    pub known_paths: usize,
    /// Distinct event names known; a message with a new one beyond: `too_many_events`. Default 2,000.
    pub known_events: usize,
    /// How far a corrected time may lie after the time of receipt before it is set to it, microseconds. Default 1 s.
    pub future_tolerance_micros: i64,
}

impl Default for Limits {
    fn default() -> Limits {
        Limits {
            body_bytes: 4 << 20,
            inflated_bytes: 16 << 20,
            batch_messages: 2_500,
            message_bytes: 32 << 10,
            message_id_chars: 100,
            id_bytes: 1_024,
            event_name_bytes: 255,
            path_bytes: 255,
            paths_per_message: 1_000,
            depth: 32,
            known_paths: 2_000,
            known_events: 2_000,
            future_tolerance_micros: 1_000_000,
        }
    }
}
