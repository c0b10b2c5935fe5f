//! Sequences: users for whom some choice of different events does the steps in order.
//!
//! First each step's matching events are gathered, and only of users who have every step before it; then each user's events
//! are walked once in time. For every step it is kept at which times it can be the last one done, and by when the whole
//! sequence must end then (the best such deadline: which first event was chosen matters for nothing else).

mod chain;

use roaring::RoaringBitmap;
use rollcall_rules::{Clock, Duration, Instant, SequenceLeaf};

use crate::evaluate::Scope;
use crate::evaluate::scan::{Source, Span};
use crate::shard::Shard;

pub(crate) use chain::longest;

/// What an event of a user is to the sequence.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
enum Role {
    /// It could be this step.
    Step(u32),
    /// It may not lie between the step before this one and this one.
    Forbidden(u32),
}

/// An event of a user. The same event comes once for each of its roles.
#[derive(Clone, Copy, PartialEq, Eq, PartialOrd, Ord)]
struct Occurrence {
    uid: u32,
    time: i64,
    seq: u64,
    role: Role,
}

/// Users of the shard who did the sequence.
pub(crate) fn members(scope: &Scope<'_>, leaf: &SequenceLeaf, shard: &Shard) -> RoaringBitmap {
    let found = occurrences(scope, leaf, shard);
    let search = Search::new(leaf, &scope.clock);
    let users = found.chunk_by(|a, b| a.uid == b.uid);
    users.filter(|events| search.fits(events)).filter_map(|events| Some(events.first()?.uid)).collect()
}

/// What users who have every step did, sorted by user and time.
fn occurrences(scope: &Scope<'_>, leaf: &SequenceLeaf, shard: &Shard) -> Vec<Occurrence> {
    let span = scope.span(&leaf.window);
    let mut found = Vec::new();
    // The rarest step first: of the others only what those users did is looked at.
    let steps = leaf.steps.iter().zip(0..);
    let mut steps: Vec<(u32, Vec<Source<'_>>)> =
        steps.map(|(step, number)| (number, scope.sources(&step.matching, shard, span))).collect();
    steps.sort_by_cached_key(|(_, sources)| sources.iter().map(Source::most_users).sum::<usize>());
    let mut able: Option<Vec<bool>> = None;
    for (number, sources) in &steps {
        let mut users = vec![false; scope.users as usize];
        gather(sources, span, able.as_deref(), |uid, time, seq| {
            users[uid as usize] = true;
            found.push(Occurrence { uid, time, seq, role: Role::Step(*number) });
        });
        able = Some(users);
    }
    let able = able.unwrap_or_default();
    found.retain(|occurrence| able[occurrence.uid as usize]);
    for (step, number) in leaf.steps.iter().zip(0..) {
        let Some(without) = &step.without else { continue };
        gather(&scope.sources(without, shard, span), span, Some(&able), |uid, time, seq| {
            found.push(Occurrence { uid, time, seq, role: Role::Forbidden(number) });
        });
    }
    found.sort_unstable();
    found
}

/// Visits (uid, time, seq) of matching events, of some users if given.
fn gather(sources: &[Source<'_>], span: Span, among: Option<&[bool]>, mut visit: impl FnMut(u32, i64, u64)) {
    for source in sources {
        source.matching(span, |uid, row| {
            if among.is_none_or(|among| among[uid as usize]) {
                visit(uid, source.table.times[row], source.table.seqs.get(row));
            }
        });
    }
}

/// A bound in time that an event sets for later ones.
pub(crate) enum Reach {
    Unlimited,
    Micros(i64),
    /// Months and years follow the calendar.
    Calendar(Duration),
}

impl Reach {
    /// The bound that a `within` sets.
    pub fn new(duration: Option<Duration>) -> Reach {
        match duration {
            None => Reach::Unlimited,
            Some(duration) => duration.fixed_micros().map_or(Reach::Calendar(duration), Reach::Micros),
        }
    }

    /// The last instant within reach.
    pub fn end(&self, from: i64, clock: &Clock) -> i64 {
        match *self {
            Reach::Unlimited => i64::MAX,
            Reach::Micros(micros) => from.saturating_add(micros),
            Reach::Calendar(duration) => Clock { now: Instant(from), zone: clock.zone.clone() }.ahead(duration).0,
        }
    }
}

/// That a step can be the last one done at a time, and by when the last step must be done then.
struct Reached {
    time: i64,
    deadline: i64,
}

struct Search<'a> {
    clock: &'a Clock,
    /// Of the first event, for the last.
    whole: Reach,
    /// Of each step, from the step before.
    gaps: Vec<Reach>,
}

impl<'a> Search<'a> {
    fn new(leaf: &SequenceLeaf, clock: &'a Clock) -> Search<'a> {
        let gaps = leaf.steps.iter().map(|step| Reach::new(step.within)).collect();
        Search { clock, whole: Reach::new(leaf.within), gaps }
    }

    /// Whether some choice of a user's events, sorted by time, fits.
    fn fits(&self, events: &[Occurrence]) -> bool {
        let steps = self.gaps.len();
        let mut reached: Vec<Vec<Reached>> = (0..steps).map(|_| Vec::new()).collect();
        let mut forbidden: Vec<Option<i64>> = vec![None; steps];
        for moment in events.chunk_by(|a, b| a.time == b.time) {
            if let [Occurrence { time, role: Role::Step(step), .. }] = moment {
                // Nearly always: one event, which is one step.
                let step = *step as usize;
                let Some(deadline) = self.deadline(step, *time, &reached, forbidden[step]) else { continue };
                if step + 1 == steps {
                    return true;
                }
                reached[step].push(Reached { time: *time, deadline });
                continue;
            }
            let Some(time) = moment.first().map(|event| event.time) else { continue };
            let choices = Choices::of(moment, steps);
            let mut now: Vec<Option<i64>> = vec![None; steps];
            for first in choices.steps() {
                let Some(deadline) = self.deadline(first, time, &reached, forbidden[first]) else { continue };
                // All steps done at this instant follow one another and are different events.
                for last in now.iter_mut().skip(first).take(choices.longest(first)) {
                    *last = (*last).max(Some(deadline));
                }
            }
            if now.last().is_some_and(Option::is_some) {
                return true;
            }
            for (step, deadline) in now.into_iter().enumerate() {
                reached[step].extend(deadline.map(|deadline| Reached { time, deadline }));
            }
            for event in moment {
                if let Role::Forbidden(step) = event.role {
                    forbidden[step as usize] = Some(time);
                }
            }
        }
        false
    }

    /// The latest deadline of a sequence whose step `step` is done at `time`, and the one before it earlier; `None` if
    /// there is none. `forbidden` is the latest instant before `time` that may not lie between.
    fn deadline(&self, step: usize, time: i64, reached: &[Vec<Reached>], forbidden: Option<i64>) -> Option<i64> {
        let Some(before) = step.checked_sub(1) else { return Some(self.whole.end(time, self.clock)) };
        let gap = &self.gaps[step];
        let mut best = None;
        for previous in reached[before].iter().rev() {
            if forbidden.is_some_and(|forbidden| previous.time < forbidden) {
                break;
            }
            if gap.end(previous.time, self.clock) < time {
                match gap {
                    // Where the calendar has gaps a longer way back may reach further.
                    Reach::Calendar(_) => continue,
                    _ => break,
                }
            }
            if previous.deadline >= time {
                best = best.max(Some(previous.deadline));
            }
            if best == Some(i64::MAX) {
                break;
            }
        }
        best
    }
}

/// The different events of one instant, and the steps that each could be.
struct Choices {
    /// For each step, numbers of events.
    of_step: Vec<Vec<u32>>,
    events: usize,
}

impl Choices {
    fn of(moment: &[Occurrence], steps: usize) -> Choices {
        let mut of_step = vec![Vec::new(); steps];
        let mut events = 0;
        // An event's roles come together: the occurrences are sorted by seq.
        for roles in moment.chunk_by(|a, b| a.seq == b.seq) {
            for occurrence in roles {
                if let Role::Step(step) = occurrence.role {
                    of_step[step as usize].push(events as u32);
                }
            }
            events += 1;
        }
        Choices { of_step, events }
    }

    /// Steps that some event could be.
    fn steps(&self) -> impl Iterator<Item = usize> {
        self.of_step.iter().enumerate().filter(|(_, events)| !events.is_empty()).map(|(step, _)| step)
    }

    /// How many steps from `first` on can be done at once by different events: a matching, grown step by step.
    fn longest(&self, first: usize) -> usize {
        let mut taken_by: Vec<Option<usize>> = vec![None; self.events];
        let most = self.events.min(self.of_step.len() - first);
        (first..first + most).take_while(|step| self.place(*step, &mut taken_by, &mut vec![false; self.events])).count()
    }

    /// Finds an event for a step, moving earlier ones if need be.
    fn place(&self, step: usize, taken_by: &mut [Option<usize>], tried: &mut [bool]) -> bool {
        for event in self.of_step[step].iter().map(|event| *event as usize) {
            if std::mem::replace(&mut tried[event], true) {
                continue;
            }
            let free = match taken_by[event] {
                None => true,
                Some(other) => self.place(other, taken_by, tried),
            };
            if free {
                taken_by[event] = Some(step);
                return true;
            }
        }
        false
    }
}
