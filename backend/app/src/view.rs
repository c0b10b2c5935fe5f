//! Small conversions shared by the views that use cases return.

use std::borrow::Cow;

use rollcall_rules::Instant;

/// Microseconds as RFC 3339 in UTC.
pub(crate) fn time(micros: i64) -> String {
    Instant(micros).to_rfc3339()
}

/// A message without the write key that some clients put into its body: who may read records may not thereby write them.
pub(crate) fn without_write_key(raw: &str) -> Cow<'_, str> {
    const FIELD: &str = "\"writeKey\"";
    let mut rest = raw;
    let mut kept = String::new();
    while let Some(at) = rest.find(FIELD) {
        let (before, after) = rest.split_at(at + FIELD.len());
        kept.push_str(before);
        rest = after;
        let value = after.trim_start().strip_prefix(':').map(str::trim_start).and_then(|value| value.strip_prefix('"'));
        if let Some(value) = value {
            kept.push_str(":\"...\"");
            rest = value.split_once('"').map_or("", |(_, rest)| rest);
        }
    }
    if kept.is_empty() {
        return Cow::Borrowed(raw);
    }
    kept.push_str(rest);
    Cow::Owned(kept)
}

#[cfg(test)]
mod tests {
    use super::without_write_key;

    #[test]
    fn write_keys_are_left_out() {
        for (raw, shown) in [
            ("{\"writeKey\" : \"secret\",\"event\":\"e\"}", "{\"writeKey\":\"...\",\"event\":\"e\"}"),
            ("{\"a\":1}", "{\"a\":1}"),
            ("{\"writeKey\":7}", "{\"writeKey\":7}"),
            ("cut off \"writeKey\":\"sec", "cut off \"writeKey\":\"...\""),
        ] {
            assert_eq!(without_write_key(raw), shown);
        }
    }
}
