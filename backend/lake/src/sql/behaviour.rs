//! Sequences, first times, habits and rankings.

use rollcall_rules::{
    Clock, FirstTimeLeaf, Percent, RankBy, Ranking, RegularLeaf, SequenceLeaf, TimeRange, TopNode, TopSize, Window,
};

use super::leaf::{Taken, window};
use super::{Translator, quote};
use crate::error::LakeError;
use crate::functions::sequence::{Bounds, is_forbidden_before, is_step};

/// A percentage of more places than this, of any number of users, is less than one user.
const MOST_PLACES: u32 = 26;

impl Translator<'_> {
    /// Users who did the steps in order: all their events that matter, put to `did_in_order`.
    pub(super) fn sequence_query(&self, leaf: &SequenceLeaf, clock: &Clock) -> String {
        let range = leaf.window.resolve(clock);
        let mut rows = Vec::new();
        let mut every_step = Vec::new();
        for (number, step) in leaf.steps.iter().enumerate() {
            rows.push(self.matching(&step.matching, range, &Taken::Role(is_step(number)), clock));
            every_step.push(format!("bool_or(v = {})", is_step(number)));
            if let Some(without) = &step.without {
                rows.push(self.matching(without, range, &Taken::Role(is_forbidden_before(number)), clock));
            }
        }
        let rows = rows.join("\n      UNION ALL\n      ");
        let (able, bounds) = (quote::join(&every_step, " AND "), quote::text(&Bounds::text(leaf, &clock.zone)));
        format!(
            "SELECT user_id FROM (\n      {rows}\n    ) GROUP BY user_id\n    \
             HAVING {able} AND did_in_order(\"time\", seq, v, {bounds})"
        )
    }

    /// Users whose earliest matching event lies in the window.
    pub(super) fn first_time_query(&self, leaf: &FirstTimeLeaf, clock: &Clock) -> String {
        let all = Window::Always.resolve(clock);
        let rows = self.matching(&leaf.matching, all, &Taken::Base("\"time\" AS v".to_owned()), clock);
        let inside = window("min(v)", leaf.window.resolve(clock));
        format!("SELECT user_id FROM (\n      {rows}\n    ) GROUP BY user_id HAVING TRUE{inside}")
    }

    /// Users with enough matching events in enough periods.
    pub(super) fn regular_query(&self, leaf: &RegularLeaf, clock: &Clock) -> String {
        let edges = leaf.edges(clock);
        let range = TimeRange { from: edges.last().copied(), to: Some(clock.now.next()) };
        let edges: Vec<String> = edges.iter().map(|edge| edge.0.to_string()).collect();
        let period = Taken::Base(format!("period_of(\"time\", '{}') AS v", edges.join(",")));
        let rows = self.matching(&leaf.matching, range, &period, clock);
        format!(
            "SELECT user_id FROM (\n      SELECT user_id, v FROM (\n      {rows}\n      ) WHERE v IS NOT NULL\n      \
             GROUP BY user_id, v HAVING count(*) >= {}\n    ) GROUP BY user_id HAVING count(*) >= {}",
            leaf.count, leaf.min_periods
        )
    }

    /// The best users and all who tie with the last of them: those whose rank is not beyond the number kept.
    pub(super) fn top_query(&self, top: &TopNode, clock: &Clock, place: &str) -> Result<String, LakeError> {
        let (ranked, order) = self.ranked(&top.by, clock);
        let among = match &top.among {
            None => String::new(),
            Some(among) => {
                let mut inner = Translator { relations: Vec::new(), numbers: std::collections::HashMap::new(), ..*self };
                let condition = inner.condition(among, clock, &format!("{place} among "))?;
                format!("\n      WHERE r.user_id IN (SELECT m.user_id FROM (\n{}\n) AS m)", inner.finish(&condition))
            }
        };
        let kept = match top.size {
            TopSize::Count(count) => format!("place <= {count}"),
            TopSize::Percent(percent) => within_percent(percent),
        };
        Ok(format!(
            "SELECT user_id FROM (\n      SELECT r.user_id, rank() OVER (ORDER BY {order}) AS place, count(*) OVER () AS ranked\n      \
             FROM (\n      {ranked}\n      ) AS r{among}\n    ) WHERE {kept}"
        ))
    }

    /// Users with a matching event and a value, and the order in which they are ranked.
    fn ranked(&self, by: &Ranking, clock: &Clock) -> (String, &'static str) {
        let range = by.window.resolve(clock);
        let rows = |taken: Taken<'_>| self.matching(&by.matching, range, &taken, clock);
        let zone = quote::text(clock.zone.name());
        let (rows, score, order) = match &by.by {
            RankBy::Count => (rows(Taken::Nothing), "count(*) AS score", "score DESC"),
            RankBy::Days => {
                (rows(Taken::Base(format!("zone_day(\"time\", {zone}) AS v"))), "count(DISTINCT v) AS score", "score DESC")
            }
            RankBy::Distinct(of) => {
                let (values, events) = (rows(Taken::Values(of)), rows(Taken::Nothing));
                let rows = format!(
                    "SELECT user_id, v FROM (\n      {values}\n      )\n      UNION ALL\n      \
                     SELECT user_id, CAST(NULL AS VARCHAR) AS v FROM (\n      {events}\n      )"
                );
                (rows, "count(DISTINCT v) AS score", "score DESC")
            }
            RankBy::Sum(of) => {
                (rows(Taken::Number(of)), "coalesce(sum(billionths(v)), CAST('0' AS DECIMAL(38, 0))) AS score", "score DESC")
            }
            // Quotients that differ, differ in 20 decimal places if fewer than 10^9 values are divided by.
            RankBy::Avg(of) => (
                rows(Taken::Number(of)),
                "whole_part(sum(billionths(v)), count(billionths(v))) AS score, \
                 decimals(sum(billionths(v)), count(billionths(v))) AS rest",
                "score DESC, rest DESC",
            ),
            RankBy::Min(of) => (rows(Taken::Number(of)), "min(v) AS score", "score DESC"),
            RankBy::Max(of) => (rows(Taken::Number(of)), "max(v) AS score", "score DESC"),
        };
        let grouped = format!("SELECT user_id, {score} FROM (\n      {rows}\n      ) GROUP BY user_id");
        (format!("SELECT * FROM (\n      {grouped}\n      ) WHERE score IS NOT NULL"), order)
    }
}

/// `place <= ceil(x / 100 * ranked)`, which is `place - 1 < x / 100 * ranked` for whole places, in whole numbers.
fn within_percent(percent: Percent) -> String {
    if percent.places() > MOST_PLACES {
        return "place <= 1".to_owned();
    }
    let whole = quote::billionths(10_i128.pow(percent.places() + 2));
    let digits = quote::billionths(i128::from(percent.digits()));
    format!("times({whole}, CAST(place AS BIGINT) - 1) < times({digits}, CAST(ranked AS BIGINT))")
}
