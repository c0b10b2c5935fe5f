//! One partial result per user, gathered over the rows of many sources.
//!
//! Where few users are touched, each source gives a list sorted by uid and the lists are merged; where many are and there are
//! several sources, an array over all users of the shard is faster. Either way work does not grow with users that did nothing,
//! beyond clearing that array.

use rustc_hash::FxHashMap;

/// Partial results sorted by uid.
pub(crate) type PerUser<S> = Vec<(u32, S)>;

/// The array is used if at least one user in so many is touched.
const DENSE_SHARE: usize = 8;

/// Gathers partial results.
pub(crate) enum Accumulator<S> {
    /// By uid; bits say which are set.
    Dense { states: Vec<Option<S>> },
    /// A list for each source done, and the current one.
    Sparse { parts: Vec<PerUser<S>>, current: PerUser<S>, index: Option<FxHashMap<u32, usize>> },
}

impl<S: Copy> Accumulator<S> {
    /// Whether an array over all users is worth it.
    pub fn is_dense(users: u32, touched: usize, sources: usize) -> bool {
        sources > 1 && touched.saturating_mul(DENSE_SHARE) >= users as usize
    }

    /// For a shard of `users`, of whom up to `touched` will come, from `sources`.
    pub fn new(users: u32, touched: usize, sources: usize) -> Accumulator<S> {
        if Self::is_dense(users, touched, sources) {
            return Accumulator::Dense { states: vec![None; users as usize] };
        }
        Accumulator::Sparse { parts: Vec::new(), current: Vec::new(), index: None }
    }

    /// The next source begins; `grouped` if its users come in growing order.
    pub fn begin(&mut self, grouped: bool) {
        if let Accumulator::Sparse { parts, current, index } = self {
            finish_part(parts, current, index);
            *index = (!grouped).then(FxHashMap::default);
        }
    }

    /// Changes the result of a user; `None` if there is none yet.
    #[inline]
    pub fn update(&mut self, uid: u32, change: impl FnOnce(Option<S>) -> S) {
        match self {
            Accumulator::Dense { states } => {
                let state = &mut states[uid as usize];
                *state = Some(change(*state));
            }
            Accumulator::Sparse { current, index: None, .. } => match current.last_mut() {
                Some((last, state)) if *last == uid => *state = change(Some(*state)),
                _ => current.push((uid, change(None))),
            },
            Accumulator::Sparse { current, index: Some(index), .. } => match index.get(&uid) {
                Some(at) => current[*at].1 = change(Some(current[*at].1)),
                None => {
                    index.insert(uid, current.len());
                    current.push((uid, change(None)));
                }
            },
        }
    }

    /// Everybody's result; those of one user from several sources are merged.
    pub fn finish(self, merge: impl Fn(S, S) -> S) -> PerUser<S> {
        match self {
            Accumulator::Dense { states } => states.into_iter().zip(0..).filter_map(|(state, uid)| Some((uid, state?))).collect(),
            Accumulator::Sparse { mut parts, mut current, mut index } => {
                finish_part(&mut parts, &mut current, &mut index);
                merged(parts, merge)
            }
        }
    }
}

fn finish_part<S>(parts: &mut Vec<PerUser<S>>, current: &mut PerUser<S>, index: &mut Option<FxHashMap<u32, usize>>) {
    let mut part = std::mem::take(current);
    if index.take().is_some() {
        part.sort_unstable_by_key(|(uid, _)| *uid);
    }
    if !part.is_empty() {
        parts.push(part);
    }
}

/// One list sorted by uid from several.
fn merged<S: Copy>(mut parts: Vec<PerUser<S>>, merge: impl Fn(S, S) -> S) -> PerUser<S> {
    if parts.len() < 2 {
        return parts.pop().unwrap_or_default();
    }
    let mut all = parts.concat();
    // The standard stable sort merges sorted runs without comparing everything.
    all.sort_by_key(|(uid, _)| *uid);
    all.dedup_by(|next, kept| {
        let same = next.0 == kept.0;
        if same {
            kept.1 = merge(kept.1, next.1);
        }
        same
    });
    all
}
