//! Random facts and rules with many ties and edges, from a seed.

use std::collections::BTreeMap;
use std::sync::Arc;

use rollcall_rules::flatten::null_mark;
use rollcall_rules::predicate::fold;
use rollcall_rules::time::{Period, Unit};
use rollcall_rules::{
    CheckedRule, Day, Duration, EventFact, EventLeaf, EventMatch, EventNames, Fact, Filter, Instant, Measure, Node, NodeKind,
    NumberPredicate, NumberTest, PathPredicate, ProfileFact, StringTest, SumTest, Test, TimePoint, TimeTest, TopNode, TraitLeaf,
    TraitUpdate, Value, ValueType, Window, Zone,
};

pub const HOUR: i64 = 3_600_000_000;
/// Two days before Paris puts its clocks back.
pub const START: i64 = 1_792_713_600_000_000;

/// Days from [`START`] to a month and a year earlier, a clock change in spring, and two leap days.
const ELSEWHERE: [i64; 5] = [-30, -365, -209, -968, 493];

pub struct Dice(pub u64);

impl Dice {
    pub fn below(&mut self, limit: u64) -> u64 {
        // SplitMix64.
        self.0 = self.0.wrapping_add(0x9E37_79B9_7F4A_7C15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xBF58_476D_1CE4_E5B9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94D0_49BB_1331_11EB);
        (z ^ (z >> 31)) % limit
    }

    pub fn one_in(&mut self, n: u64) -> bool {
        self.below(n) == 0
    }

    pub fn pick<T: Clone>(&mut self, of: &[T]) -> T {
        of[self.below(of.len() as u64) as usize].clone()
    }

    /// Few distinct times, so that many are equal; a few days, around a clock change, and some elsewhere.
    pub fn time(&mut self) -> Instant {
        let edge = self.pick(&[0, 0, 0, 1, -1]);
        let days = if self.one_in(4) { self.pick(&ELSEWHERE) } else { 0 };
        Instant(START + days * 24 * HOUR + self.below(120) as i64 * HOUR + edge)
    }

    pub fn zone(&mut self) -> Zone {
        let name = self.pick(&["UTC", "Europe/Paris", "America/St_Johns"]);
        Zone::by_name(name).unwrap()
    }

    pub fn user(&mut self) -> String {
        format!("user-{}", self.below(14))
    }

    pub fn text(&mut self) -> String {
        self.pick(&["x", "X", "y", "", "Straße", "STRASSE", "xy", "Zoë"]).to_owned()
    }

    pub fn number(&mut self) -> f64 {
        self.pick(&[0.0, 1.0, 2.0, -1.0, 0.1, 0.2, 0.3, 1e21, 2.5, 9_007_199_254_740_991.0, 9_007_199_254_740_992.0])
    }

    pub fn value(&mut self, value_type: ValueType) -> Value {
        let few = self.below(3);
        match value_type {
            ValueType::String => Value::String(self.text()),
            ValueType::Number => Value::Number(self.number()),
            ValueType::Boolean => Value::Boolean(self.one_in(2)),
            ValueType::DateTime => Value::DateTime(self.time()),
            ValueType::Date => Value::Date(Day((START / (24 * HOUR)) as i32 + self.below(6) as i32)),
            ValueType::StringList => Value::StringList((0..few).map(|_| self.text()).collect()),
            ValueType::NumberList => Value::NumberList((0..few).map(|_| self.number()).collect()),
            ValueType::Object => Value::Object(format!("{{\"k\":{}}}", self.below(3))),
        }
    }

    /// One path per type, one with two types, one with many texts.
    fn properties(&mut self) -> Vec<(String, Value)> {
        let mut properties = Vec::new();
        for (path, value_type) in TYPED {
            if self.one_in(2) {
                properties.push((path.to_owned(), self.value(value_type)));
            }
        }
        if self.one_in(2) {
            let value_type = self.pick(&[ValueType::String, ValueType::Number]);
            properties.push(("mixed".to_owned(), self.value(value_type)));
        }
        // Literal keys with the names of paths to attributes, some of them null.
        for path in ["s.n", "n.n", "s.s", "mixed.sl"] {
            match self.below(16) {
                0 => properties.push((path.to_owned(), Value::Number(self.number()))),
                1 => properties.push((path.to_owned(), Value::String(self.text()))),
                2 => properties.push((null_mark(path), Value::Boolean(true))),
                _ => {}
            }
        }
        if !self.one_in(8) {
            properties.push(("many".to_owned(), Value::String(format!("text {}", self.below(60)))));
        }
        properties.sort_by(|a, b| a.0.cmp(&b.0));
        properties
    }

    fn updates(&mut self) -> Vec<TraitUpdate> {
        let mut updates = Vec::new();
        let update = |key: &str, path: &str, value| TraitUpdate { key: key.to_owned(), path: path.to_owned(), value };
        for (path, value_type) in TYPED {
            match self.below(6) {
                0 => updates.push(update(path, path, None)),
                1 => updates.push(update(path, path, Some(self.value(value_type)))),
                _ => {}
            }
        }
        match self.below(8) {
            0 => updates.push(update("a", "a", None)),
            1 => {
                updates.push(update("a", "a", Some(Value::Object("{}".to_owned()))));
                updates.push(update("a", "a.b", Some(self.value(ValueType::String))));
                updates.push(update("a", "a.b.c", Some(self.value(ValueType::String))));
            }
            2 => updates.push(update("a.b", "a.b", Some(self.value(ValueType::String)))),
            3 => updates.push(update("a.b", "a.b", None)),
            4 => {
                updates.push(update("a.b", "a.b", Some(Value::Object("{}".to_owned()))));
                updates.push(update("a.b", "a.b.c", Some(self.value(ValueType::String))));
            }
            _ => {}
        }
        match self.below(12) {
            0 => updates.push(update("s.n", "s.n", None)),
            1 => updates.push(update("s.n", "s.n", Some(self.value(ValueType::Number)))),
            2 => updates.push(update("n.t", "n.t", None)),
            _ => {}
        }
        if self.one_in(3) {
            updates.push(update("many", "many", Some(Value::String(format!("text {}", self.below(60))))));
        }
        updates
    }

    pub fn fact(&mut self, seq: u64) -> Fact {
        let user_id = if self.one_in(15) { None } else { Some(self.user()) };
        let anonymous_id = self.one_in(2).then(|| "anonymous".to_owned());
        let (source, message_id, time) = ("web".to_owned(), format!("m{seq}"), self.time());
        if self.one_in(3) {
            let traits = self.updates();
            let (raw_traits, context) = (String::new(), String::new());
            let received_at = time;
            return Fact::Profile(ProfileFact {
                seq,
                source,
                user_id,
                anonymous_id,
                message_id,
                time,
                received_at,
                traits,
                raw_traits,
                context,
            });
        }
        Fact::Event(EventFact {
            seq,
            source,
            user_id,
            anonymous_id,
            message_id,
            name: self.pick(&["view", "view", "view", "order", "click"]).to_owned(),
            time,
            received_at: time,
            properties: self.properties(),
            raw_properties: String::new(),
            context: String::new(),
        })
    }

    pub fn rule(&mut self, depth: u64) -> CheckedRule {
        let zone = self.zone();
        CheckedRule { root: self.node(String::new(), depth), zone, source: serde_json::Value::Null, catalogues: BTreeMap::new() }
    }

    pub fn node(&mut self, pointer: String, depth: u64) -> Node {
        let kinds = if depth == 0 { 11 } else { 17 };
        let children = |dice: &mut Dice, word: &str| {
            let count = 1 + dice.below(3);
            (0..count).map(|at| dice.node(format!("{pointer}/{word}/{at}"), depth - 1)).collect()
        };
        let kind = match self.below(kinds) {
            0 if self.one_in(3) => NodeKind::Everyone,
            1 if self.one_in(2) => NodeKind::List { id: self.pick(&["one", "two"]).to_owned() },
            2 if self.one_in(3) => NodeKind::LinkedTrait(self.linked()),
            0..=2 => NodeKind::Trait(self.trait_leaf()),
            3..=7 => NodeKind::Event(self.event_leaf()),
            8 => NodeKind::Sequence(self.sequence()),
            9 => NodeKind::FirstTime(self.first_time()),
            10 => NodeKind::Regular(self.regular()),
            11 => {
                let among = self.one_in(2).then(|| Box::new(self.node(format!("{pointer}/top/among"), depth - 1)));
                NodeKind::Top(TopNode { size: self.top_size(), by: self.ranking(), among })
            }
            12 | 13 => NodeKind::All(children(self, "all")),
            14 => NodeKind::Any(children(self, "any")),
            15 => NodeKind::Not(Box::new(self.node(format!("{pointer}/not"), depth - 1))),
            _ => {
                let rule = Arc::new(self.rule(depth - 1));
                // The id names the rule, so it must be its own.
                NodeKind::Segment { id: format!("segment{pointer}-{depth}-{}", self.0), rule }
            }
        };
        Node { pointer, kind }
    }

    fn trait_leaf(&mut self) -> TraitLeaf {
        let path = self.pick(&["s", "n", "b", "t", "d", "sl", "nl", "o", "a", "a.b", "a.b", "a.b.c", "many", "never"]);
        TraitLeaf { path: path.to_owned(), predicate: self.predicate(path), or_key: false }
    }

    pub fn matching(&mut self) -> EventMatch {
        let mut names = vec!["order".to_owned(), "view".to_owned()];
        names.rotate_left(self.below(2) as usize);
        names.truncate(1 + self.below(2) as usize);
        names.sort();
        let events = if self.one_in(6) { EventNames::Every } else { EventNames::Named(names) };
        let filters = if self.one_in(2) { Vec::new() } else { self.filters(1) };
        EventMatch { events, filters }
    }

    fn event_leaf(&mut self) -> EventLeaf {
        EventLeaf { matching: self.matching(), window: self.window(), measure: self.measure() }
    }

    /// A condition on one value of an event.
    fn compared(&mut self) -> Filter {
        if self.one_in(3) {
            return Filter::Linked(self.linked());
        }
        let path = self.path();
        Filter::Property { path: path.to_owned(), predicate: self.predicate(path) }
    }

    fn filters(&mut self, depth: u64) -> Vec<Filter> {
        (0..1 + self.below(2)).map(|_| self.filter(depth)).collect()
    }

    fn filter(&mut self, depth: u64) -> Filter {
        match self.below(if depth == 0 { 3 } else { 6 }) {
            3 => Filter::All(self.filters(depth - 1)),
            4 => Filter::Any(self.filters(depth - 1)),
            2 if self.one_in(3) => Filter::Linked(self.linked()),
            5 => Filter::Not(Box::new(self.filter(depth - 1))),
            _ => {
                let path = self.path();
                Filter::Property { path: path.to_owned(), predicate: self.predicate(path) }
            }
        }
    }

    pub fn path(&mut self) -> &'static str {
        self.pick(&["s", "n", "b", "t", "d", "sl", "nl", "o", "mixed", "mixed", "many", "many", "never"])
    }

    pub fn predicate(&mut self, path: &str) -> PathPredicate {
        let negated = self.one_in(4);
        if self.one_in(5) {
            return PathPredicate { negated, tests: ValueType::ALL.into_iter().map(|of| (of, Test::IsSet)).collect() };
        }
        let texts = [ValueType::String, ValueType::StringList];
        let numbers = [ValueType::Number, ValueType::NumberList];
        let tests = match path {
            "many" => {
                let texts: Vec<String> = (0..1 + self.below(2)).map(|_| format!("text {}", self.below(60))).collect();
                vec![(ValueType::String, Test::String(StringTest::OneOf { texts, ignore_case: false }))]
            }
            "s" | "a" | "a.b" | "a.b.c" | "never" => vec![(ValueType::String, Test::String(self.string_test()))],
            "n" => vec![(ValueType::Number, Test::Number(self.number_test()))],
            "b" => vec![(ValueType::Boolean, Test::Boolean(self.one_in(2)))],
            "t" | "d" => {
                let test = self.time_test();
                vec![(ValueType::DateTime, Test::Time(test.clone())), (ValueType::Date, Test::Time(test))]
            }
            "sl" if self.one_in(3) => {
                let ignore_case = self.one_in(2);
                let wanted = (0..1 + self.below(2)).map(|_| self.folded(ignore_case)).collect();
                vec![(ValueType::StringList, Test::HasAllStrings { wanted, ignore_case })]
            }
            "nl" if self.one_in(3) => {
                vec![(ValueType::NumberList, Test::HasAllNumbers(vec![self.number(), self.number()]))]
            }
            "sl" => texts.map(|of| (of, Test::String(self.string_test()))).to_vec(),
            "nl" => numbers.map(|of| (of, Test::Number(self.number_test()))).to_vec(),
            _ => {
                vec![(ValueType::String, Test::String(self.string_test())), (ValueType::Number, Test::Number(self.number_test()))]
            }
        };
        PathPredicate { negated, tests }
    }

    fn folded(&mut self, ignore_case: bool) -> String {
        let text = self.text();
        if ignore_case { fold(&text) } else { text }
    }

    fn string_test(&mut self) -> StringTest {
        let ignore_case = self.one_in(2);
        let text = self.folded(ignore_case);
        match self.below(6) {
            0 => StringTest::Contains { text, ignore_case },
            1 => StringTest::StartsWith { text, ignore_case },
            2 => StringTest::EndsWith { text, ignore_case },
            3 => StringTest::Regex(regex::Regex::new("^[xX].?$").unwrap()),
            _ => StringTest::OneOf { texts: vec![text, self.folded(ignore_case)], ignore_case },
        }
    }

    fn number_test(&mut self) -> NumberTest {
        let x = self.number();
        match self.below(6) {
            0 => NumberTest::OneOf(vec![x, self.number()]),
            1 => NumberTest::Gt(x),
            2 => NumberTest::Gte(x),
            3 => NumberTest::Lt(x),
            4 => NumberTest::Lte(x),
            _ => NumberTest::Between(x, x + 1.0),
        }
    }

    fn point(&mut self) -> TimePoint {
        let value_type = self.pick(&[ValueType::Date, ValueType::DateTime]);
        match self.value(value_type) {
            Value::Date(day) => TimePoint::Day(day),
            _ => TimePoint::Instant(self.time()),
        }
    }

    pub fn duration(&mut self) -> Duration {
        if self.one_in(5) {
            return Duration { amount: 1 + self.below(2) as u32, unit: self.pick(&[Unit::Week, Unit::Month, Unit::Year]) };
        }
        Duration { amount: 1 + self.below(40) as u32, unit: self.pick(&[Unit::Hour, Unit::Hour, Unit::Day]) }
    }

    fn time_test(&mut self) -> TimeTest {
        match self.below(8) {
            0 => TimeTest::Before(self.point()),
            1 => TimeTest::After(self.point()),
            2 => TimeTest::On(self.point()),
            3 => TimeTest::Between(self.point(), self.point()),
            4 => TimeTest::WithinLast(self.duration()),
            5 => TimeTest::WithinNext(self.duration()),
            6 => TimeTest::MoreThanAgo(self.duration()),
            _ => TimeTest::Anniversary(self.below(3) as u32),
        }
    }

    pub fn window(&mut self) -> Window {
        let shift = self.one_in(4).then(|| self.duration());
        match self.below(7) {
            0 => Window::Last { duration: self.duration(), shift },
            1 => {
                let newer = Duration { amount: 1 + self.below(20) as u32, unit: Unit::Hour };
                Window::BetweenAgo { older: Duration { amount: newer.amount + 30, unit: Unit::Hour }, newer, shift }
            }
            2 => Window::Range { from: self.one_in(2).then(|| self.point()), to: self.one_in(2).then(|| self.point()) },
            3 => {
                let period = self.pick(&PERIODS);
                Window::Calendar { period, shift }
            }
            _ => Window::Always,
        }
    }

    fn count_predicate(&mut self) -> NumberPredicate {
        let x = self.below(4) as f64;
        let test = match self.below(6) {
            0 => NumberTest::OneOf(vec![x]),
            1 => NumberTest::Gt(x),
            2 => NumberTest::Lte(x),
            3 => NumberTest::Between(x, x + 2.0),
            _ => NumberTest::Gte(x),
        };
        NumberPredicate { negated: self.one_in(5), test }
    }

    fn sum_test(&mut self) -> SumTest {
        let x = i128::from(self.below(40)) * 100_000_000 - 1_000_000_000;
        match self.below(6) {
            0 => SumTest::Eq(x),
            1 => SumTest::Gt(x),
            2 => SumTest::Gte(x),
            3 => SumTest::Lt(x),
            4 => SumTest::Lte(x),
            _ => SumTest::Between(x, x + 1_000_000_000),
        }
    }

    fn measure(&mut self) -> Measure {
        match self.below(12) {
            0 => Measure::Days(self.count_predicate()),
            1 | 2 => Measure::Distinct { of: self.operand(false), predicate: self.count_predicate() },
            3 => Measure::Sum { of: self.operand(true), test: self.sum_test(), negated: self.one_in(4) },
            4 => Measure::Avg { of: self.operand(true), test: self.sum_test(), negated: self.one_in(4) },
            5 => Measure::Min {
                of: self.operand(true),
                predicate: NumberPredicate { negated: self.one_in(4), test: self.number_test() },
            },
            6 => Measure::Max {
                of: self.operand(true),
                predicate: NumberPredicate { negated: self.one_in(4), test: self.number_test() },
            },
            7 => Measure::First { condition: self.compared() },
            8 => Measure::Last { condition: self.compared() },
            _ => Measure::Count(self.count_predicate()),
        }
    }
}

const PERIODS: [Period; 9] = [
    Period::Today,
    Period::Yesterday,
    Period::ThisWeek,
    Period::LastWeek,
    Period::ThisMonth,
    Period::LastMonth,
    Period::ThisYear,
    Period::LastYear,
    Period::LastDays(2),
];

const TYPED: [(&str, ValueType); 8] = [
    ("b", ValueType::Boolean),
    ("d", ValueType::Date),
    ("n", ValueType::Number),
    ("nl", ValueType::NumberList),
    ("o", ValueType::Object),
    ("s", ValueType::String),
    ("sl", ValueType::StringList),
    ("t", ValueType::DateTime),
];
