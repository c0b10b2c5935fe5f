//! Conditions on profiles.
//!
//! Of each top-level key only the newest update counts, as a whole. Which key a path means depends on what the profile
//! has: for `a.b.c` the literal key `a.b.c`, else the key `a.b`, else `a`; a key counts as there once it was ever sent,
//! also with null. The query yields the users for whom the positive test holds.

use rollcall_rules::{Clock, TraitLeaf, ValueType};

use super::{Translator, filter, quote};
use crate::columns::trait_column;

impl Translator<'_> {
    pub(super) fn trait_query(&self, leaf: &TraitLeaf, clock: &Clock) -> String {
        let holders = self.holders_query(leaf, clock);
        if !leaf.or_key {
            return holders;
        }
        let (visible, path) = (self.visible(), quote::text(&leaf.path));
        format!("{holders}\n    UNION ALL\n    SELECT user_id FROM traits WHERE {visible} AND key = {path}")
    }

    fn holders_query(&self, leaf: &TraitLeaf, clock: &Clock) -> String {
        let columns = ValueType::ALL.map(|value_type| (quote::name(trait_column(value_type)), value_type));
        let test = filter::positive(columns.into_iter(), &leaf.predicate, clock);
        let path = quote::text(&leaf.path);
        let keys = keys(&leaf.path);
        let newest = "rank() OVER (PARTITION BY user_id, key ORDER BY \"time\" DESC, seq DESC) AS age";
        let values: Vec<String> = ValueType::ALL.iter().map(|value_type| quote::name(trait_column(*value_type))).collect();
        let values = values.join(", ");
        let visible = self.visible();
        if let [key] = keys.as_slice() {
            return format!(
                "SELECT user_id FROM (\n      SELECT user_id, {values}, {newest}\n      \
                 FROM traits WHERE {visible} AND key = {key} AND path = {path}\n    ) WHERE age = 1 AND {test}",
                key = quote::text(key)
            );
        }
        let listed = quote::texts(&keys);
        let whens: Vec<String> =
            keys.iter().enumerate().map(|(choice, key)| format!("WHEN {} THEN {choice}", quote::text(key))).collect();
        let choice = format!("CASE key {} END", whens.join(" "));
        format!(
            "SELECT user_id FROM (\n      \
             SELECT user_id, path, {values}, rank() OVER (PARTITION BY user_id ORDER BY choice) AS place\n      FROM (\n        \
             SELECT user_id, path, {choice} AS choice, {values}, {newest}\n        \
             FROM traits WHERE {visible} AND key IN ({listed}) AND (path = key OR path = {path})\n      \
             ) WHERE age = 1\n    ) WHERE place = 1 AND path = {path} AND {test}"
        )
    }
}

/// The keys that a path may begin with, the literal one first.
fn keys(path: &str) -> Vec<String> {
    let shorter = path.rmatch_indices('.').map(|(dot, _)| path[..dot].to_owned());
    std::iter::once(path.to_owned()).chain(shorter).collect()
}

#[cfg(test)]
mod tests {
    use super::keys;

    #[test]
    fn the_literal_key_comes_first_and_the_shortest_last() {
        assert_eq!(keys("plan"), ["plan"]);
        assert_eq!(keys("a.b.c"), ["a.b.c", "a.b", "a"]);
    }
}
