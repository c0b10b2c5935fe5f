//! A build run again by the second path.

use std::collections::BTreeMap;

use rollcall_lake::Lake;
use rollcall_rules::digest::digest_of_sorted;
use rollcall_rules::{CheckedRule, Instant};

use crate::AuditError;

/// What to recount.
#[derive(Debug, Clone, Copy)]
pub struct RecountRequest<'a> {
    /// The build's rule, with the rules that it referred to then.
    pub rule: &'a CheckedRule,
    /// The build's instant.
    pub instant: Instant,
    /// Records up to this seq count.
    pub watermark: u64,
    /// Version of each list at the build.
    pub lists: &'a BTreeMap<String, u64>,
    /// The build's members, sorted by bytes; `None` if they are no longer kept, then its count and digest decide.
    pub engine_ids: Option<&'a [String]>,
    /// The build's count.
    pub engine_count: u64,
    /// The build's digest.
    pub engine_digest: &'a str,
}

/// What the second path found, and how it differs.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Recounted {
    /// Members by SQL over raw events.
    pub count: u64,
    /// Digest over the sorted user ids.
    pub digest: String,
    /// Whether both sets are the same.
    pub agree: bool,
    /// The first users that only the engine has.
    pub only_engine: Vec<String>,
    /// The first users that only the lake has.
    pub only_lake: Vec<String>,
    /// How many users only the engine has.
    pub only_engine_count: u64,
    /// How many users only the lake has.
    pub only_lake_count: u64,
}

/// Recounts a build. The caller sees to it that the lake has everything up to the watermark. At most `shown` user ids of
/// each side of a difference are kept.
///
/// # Errors
/// The lake could not answer.
pub async fn recount(lake: &Lake, request: &RecountRequest<'_>, shown: usize) -> Result<Recounted, AuditError> {
    let found = lake.evaluate(request.rule, request.instant, request.watermark, request.lists).await?;
    let Some(engine_ids) = request.engine_ids else {
        // A set is equal to itself: what is left to compare is the digest.
        let found = compare(&found, request.engine_digest, &found, shown);
        return Ok(Recounted { agree: found.agree && found.count == request.engine_count, ..found });
    };
    Ok(compare(engine_ids, request.engine_digest, &found, shown))
}

/// Compares two sets of user ids, both sorted by bytes. They agree only if the sets and the digests are the same.
pub fn compare(engine_ids: &[String], engine_digest: &str, lake_ids: &[String], shown: usize) -> Recounted {
    let mut result = Recounted {
        count: lake_ids.len() as u64,
        digest: digest_of_sorted(lake_ids.iter().map(String::as_str)),
        agree: false,
        only_engine: Vec::new(),
        only_lake: Vec::new(),
        only_engine_count: 0,
        only_lake_count: 0,
    };
    let note = |ids: &mut Vec<String>, id: &String| {
        if ids.len() < shown {
            ids.push(id.clone());
        }
    };
    let (mut engine, mut lake) = (engine_ids.iter().peekable(), lake_ids.iter().peekable());
    loop {
        let order = match (engine.peek(), lake.peek()) {
            (Some(left), Some(right)) => left.cmp(right),
            (Some(_), None) => std::cmp::Ordering::Less,
            (None, Some(_)) => std::cmp::Ordering::Greater,
            (None, None) => break,
        };
        if order.is_le()
            && let Some(id) = engine.next()
            && order.is_lt()
        {
            result.only_engine_count += 1;
            note(&mut result.only_engine, id);
        }
        if order.is_ge()
            && let Some(id) = lake.next()
            && order.is_gt()
        {
            result.only_lake_count += 1;
            note(&mut result.only_lake, id);
        }
    }
    result.agree = result.only_engine_count == 0 && result.only_lake_count == 0 && result.digest == engine_digest;
    result
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ids(of: &[&str]) -> Vec<String> {
        of.iter().map(|id| (*id).to_owned()).collect()
    }

    #[test]
    fn differences_are_named_and_counted() {
        let engine = ids(&["a", "b", "d", "e"]);
        let lake = ids(&["b", "c", "e", "f", "g"]);
        let found = compare(&engine, "", &lake, 2);
        assert!(!found.agree);
        assert_eq!((found.only_engine, found.only_engine_count), (ids(&["a", "d"]), 2));
        assert_eq!((found.only_lake, found.only_lake_count), (ids(&["c", "f"]), 3));
    }

    #[test]
    fn equal_sets_with_another_digest_do_not_agree() {
        let both = ids(&["a", "b"]);
        let digest = digest_of_sorted(both.iter().map(String::as_str));
        assert!(compare(&both, &digest, &both, 10).agree);
        assert!(!compare(&both, "another", &both, 10).agree);
    }
}
