//! The engine's public face: opening, taking in, evaluating.

use std::collections::BTreeMap;
use std::fs::{File, TryLockError};
use std::path::{Path, PathBuf};
use std::sync::Arc;

use parking_lot::{Mutex, RwLock, RwLockReadGuard};
use rayon::prelude::*;
use roaring::RoaringBitmap;
use rollcall_rules::{CheckedRule, Fact, Instant, TopNode};

use crate::answer::{Evaluation, NodeCount};
use crate::chunk::Chunk;
use crate::error::EngineError;
use crate::evaluate::accumulate::PerUser;
use crate::evaluate::answers::{Answers, LeafKeys};
use crate::evaluate::top::{Score, Tops, tops_of};
use crate::evaluate::{DayTables, Evaluator, Inputs, Kept, pointers};
use crate::lists::{List, UnknownIds};
use crate::manifest::{self, Manifest};
use crate::members::{Members, Uid};
use crate::messages::{MessageKey, scope_hash};
use crate::shard::Shard;

/// How to open the engine.
#[derive(Debug, Clone)]
pub struct EngineOptions {
    /// Number of shards; fixed once the index exists.
    pub shards: u16,
    /// Most memory for answers of leaves that are kept, bytes; with 0 each is computed every time.
    pub answers_bytes: usize,
    /// Events of a name are kept apart by time where there are so many of them.
    pub part_rows: usize,
}

impl Default for EngineOptions {
    fn default() -> EngineOptions {
        EngineOptions { shards: 8, answers_bytes: 256 << 20, part_rows: 1 << 15 }
    }
}

/// The index. Reads run beside each other; taking in waits for running reads and they for it, a few milliseconds at a time.
///
/// Do not call it from inside a rayon thread pool: its own threads must never wait for its lock.
pub struct Engine {
    pub(crate) dir: PathBuf,
    /// Held locked as long as the engine lives.
    _lock: File,
    pub(crate) shards: u16,
    pub(crate) state: RwLock<State>,
    /// What is on disk. Locked while chunks are swapped, always before `state`.
    pub(crate) manifest: Mutex<Manifest>,
    /// One flush at a time.
    pub(crate) flushing: Mutex<()>,
    /// One merge at a time; it does not keep a flush waiting.
    pub(crate) compacting: Mutex<()>,
    lists: RwLock<BTreeMap<String, Arc<List>>>,
    answers: Answers,
    pub(crate) part_rows: usize,
    pub(crate) threads: rayon::ThreadPool,
}

/// What a watermark names.
pub(crate) struct State {
    pub shards: Vec<Shard>,
    pub watermark: u64,
    /// Watermark of the frozen tails.
    pub frozen_up_to: u64,
    pub durable_seq: u64,
}

/// So many facts are taken in before readers get a turn.
const FACTS_PER_TURN: usize = 4096;

impl Engine {
    /// Opens the index in a directory, or creates it.
    ///
    /// # Errors
    /// A damaged file is named; so is a directory that another process has open.
    pub fn open(dir: &Path, options: EngineOptions) -> Result<Engine, EngineError> {
        let shards = options.shards.max(1);
        manifest::create_dirs(dir)?;
        let lock = lock(dir)?;
        let threads = rayon::ThreadPoolBuilder::new().thread_name(|number| format!("engine-{number}"));
        let threads = threads.build().map_err(|error| EngineError::Threads(error.to_string()))?;
        let manifest = match Manifest::read(dir)? {
            Some(manifest) => manifest,
            None => {
                let manifest = Manifest::new(shards);
                manifest.commit(dir)?;
                manifest
            }
        };
        if manifest.shards.len() != usize::from(shards) {
            return Err(EngineError::ShardCount { found: manifest.shards.len() as u16, wanted: shards });
        }
        manifest.remove_others(dir)?;
        let opened: Result<Vec<Shard>, EngineError> =
            threads.install(|| manifest.shards.par_iter().map(|names| open_shard(dir, names)).collect());
        let durable_seq = manifest.durable_seq;
        let state = State { shards: opened?, watermark: durable_seq, frozen_up_to: durable_seq, durable_seq };
        Ok(Engine {
            dir: dir.to_owned(),
            _lock: lock,
            shards,
            state: RwLock::new(state),
            manifest: Mutex::new(manifest),
            flushing: Mutex::default(),
            compacting: Mutex::default(),
            lists: RwLock::default(),
            answers: Answers::new(shards, options.answers_bytes),
            part_rows: options.part_rows,
            threads,
        })
    }

    /// Everything up to this seq survives a crash.
    pub fn durable_seq(&self) -> u64 {
        self.state.read().durable_seq
    }

    /// Everything up to this seq has been taken in.
    pub fn watermark(&self) -> u64 {
        self.state.read().watermark
    }

    /// Whether a message was taken in, ever.
    pub fn seen(&self, key: MessageKey) -> bool {
        self.state.read().shards[usize::from(key.shard(self.shards))].seen(key.key)
    }

    /// Takes in facts, in the order of seq. The watermark becomes `up_to`, which may be beyond the last fact; facts at or below
    /// the watermark have been taken in before and are passed over. Visible at once. Facts without a user are only remembered as
    /// messages. Duplicates are for the caller to drop ([`Engine::seen`]).
    pub fn append(&self, facts: &[Fact], up_to: u64) {
        let keys: Vec<MessageKey> =
            self.threads.install(|| facts.par_iter().with_min_len(256).map(MessageKey::of_fact).collect());
        for (facts, keys) in facts.chunks(FACTS_PER_TURN).zip(keys.chunks(FACTS_PER_TURN)) {
            let mut state = self.state.write();
            for (fact, key) in facts.iter().zip(keys) {
                if fact.seq() > state.watermark {
                    state.shards[usize::from(key.shard(self.shards))].append(fact, *key);
                }
            }
            state.watermark = state.watermark.max(facts.last().map_or(0, Fact::seq));
        }
        let mut state = self.state.write();
        state.watermark = state.watermark.max(up_to);
    }

    /// Gives the engine a version of a list, in place of any other. Lists are kept in memory only.
    pub fn set_list(&self, id: &str, version: u64, user_ids: &[impl AsRef<str>]) {
        let list = Arc::new(List::new(version, user_ids, self.shards));
        self.lists.write().insert(id.to_owned(), list);
    }

    /// Forgets a list.
    pub fn remove_list(&self, id: &str) {
        self.lists.write().remove(id);
    }

    /// How many ids of a list are known users, if the engine has it.
    pub fn list_known(&self, id: &str) -> Option<u64> {
        let list = self.lists.read().get(id)?.clone();
        let state = self.state.read();
        let shards = state.shards.iter().enumerate();
        Some(shards.map(|(number, shard)| list.members(number as u16, &shard.users).len()).sum())
    }

    /// Ids of a list that no known user has, if the engine has the list: at most `most` of each shard.
    pub fn list_unknown(&self, id: &str, most: usize) -> Option<UnknownIds> {
        let list = self.lists.read().get(id)?.clone();
        let state = self.state.read();
        Some(UnknownIds::of(&list, state.shards.iter().map(|shard| &shard.users), most))
    }

    /// The version of a list, if the engine has it.
    pub fn list_version(&self, id: &str) -> Option<u64> {
        self.lists.read().get(id).map(|list| list.version)
    }

    /// Members of a rule and of each of its nodes, at an instant and the current watermark.
    ///
    /// # Errors
    /// [`EngineError::UnknownList`] if the rule, or a segment it refers to, names a list that was not set.
    pub fn evaluate(&self, rule: &CheckedRule, now: Instant) -> Result<Evaluation, EngineError> {
        let rule = rule.resolved(now);
        let rule = rule.as_ref();
        let lists = self.lists_of(rule)?;
        let keys = LeafKeys::of(rule);
        let state = self.state.read();
        let days = state.day_tables(now);
        let inputs = Inputs { now, days: &days, lists: &lists, kept: Kept { answers: &self.answers, keys: &keys } };
        let tops = self.settle_tops(rule, &state, inputs, |_, _| ());
        let on_shard = |(number, shard): (usize, &Shard)| {
            let mut evaluator = Evaluator::new(shard, number as u16, inputs, &tops);
            let mut counts = Vec::new();
            let members = evaluator.members(&rule.root, &rule.zone, &mut counts);
            (members, counts, evaluator.population(), shard.events_until(now.0))
        };
        let parts: Vec<(RoaringBitmap, Vec<u64>, u64, u64)> =
            self.threads.install(|| state.shards.par_iter().enumerate().map(on_shard).collect());
        let mut names = Vec::new();
        pointers(&rule.root, &mut names);
        let count = |node: usize| parts.iter().map(|(_, counts, _, _)| counts[node]).sum();
        Ok(Evaluation {
            nodes: names.into_iter().enumerate().map(|(node, pointer)| NodeCount { pointer, count: count(node) }).collect(),
            population: parts.iter().map(|(_, _, population, _)| population).sum(),
            events: parts.iter().map(|(_, _, _, events)| events).sum(),
            watermark: state.watermark,
            members: Members::from_shards(parts.into_iter().map(|(members, ..)| members).collect()),
        })
    }

    /// Settles every ranking of a rule; `each` is shown the scores of each shard before who is kept is all that remains.
    pub(crate) fn settle_tops(
        &self,
        rule: &CheckedRule,
        state: &State,
        inputs: Inputs<'_>,
        mut each: impl FnMut(&TopNode, &[PerUser<Score>]),
    ) -> Tops {
        let mut tops = Tops::default();
        for (top, zone) in tops_of(rule) {
            let ranked = |(number, shard): (usize, &Shard)| Evaluator::new(shard, number as u16, inputs, &tops).ranked(top, zone);
            let scores: Vec<_> = self.threads.install(|| state.shards.par_iter().enumerate().map(ranked).collect());
            each(top, &scores);
            tops.settle(top, &scores);
        }
        tops
    }

    /// The lists that a rule names.
    pub(crate) fn lists_of(&self, rule: &CheckedRule) -> Result<BTreeMap<String, Arc<List>>, EngineError> {
        let lists = self.lists.read();
        let find = |id: String| match lists.get(&id) {
            Some(list) => Ok((id, list.clone())),
            None => Err(EngineError::UnknownList(id)),
        };
        rule.list_ids().into_iter().map(find).collect()
    }

    /// The id of a user.
    pub fn user_id(&self, uid: Uid) -> Option<String> {
        let state = self.state.read();
        state.shards.get(usize::from(uid.shard))?.users.id(uid.local).map(str::to_owned)
    }

    /// The user with an id.
    pub fn uid(&self, user_id: &str) -> Option<Uid> {
        let hash = scope_hash(user_id);
        let shard = (hash % u64::from(self.shards)) as u16;
        let local = self.state.read().shards[usize::from(shard)].users.find(hash, user_id)?;
        Some(Uid { shard, local })
    }

    /// The state, for reading.
    pub(crate) fn read(&self) -> RwLockReadGuard<'_, State> {
        self.state.read()
    }
}

impl State {
    /// Earliest and latest event time.
    pub fn event_times(&self) -> Option<(i64, i64)> {
        let tables = || self.shards.iter().flat_map(Shard::all_events).map(|(_, table)| table);
        let oldest = tables().map(|table| table.min_time).min()?;
        Some((oldest, tables().map(|table| table.max_time).max()?))
    }

    /// Days between the first event and `now`.
    pub(crate) fn day_tables(&self, now: Instant) -> DayTables {
        let (from, to) = self.event_times().unwrap_or((0, 0));
        DayTables::between(from, to.min(now.0))
    }
}

/// Keeps other processes out of a directory.
fn lock(dir: &Path) -> Result<File, EngineError> {
    let path = dir.join("lock");
    let file = File::create(&path).map_err(EngineError::io(&path))?;
    match file.try_lock() {
        Ok(()) => Ok(file),
        Err(TryLockError::WouldBlock) => Err(EngineError::Locked(dir.to_owned())),
        Err(TryLockError::Error(error)) => Err(EngineError::io(path)(error)),
    }
}

fn open_shard(dir: &Path, names: &[String]) -> Result<Shard, EngineError> {
    let mut shard = Shard::default();
    for name in names {
        let path = manifest::chunk_path(dir, name);
        let chunk = Chunk::open(&path)?;
        if chunk.first_uid() != shard.users.len() {
            return Err(EngineError::corrupt(path, "its users do not follow those of the chunks before it"));
        }
        for id in chunk.ids() {
            let id = std::str::from_utf8(id).map_err(|error| EngineError::corrupt(&path, error.to_string()))?;
            shard.users.find_or_add(scope_hash(id), id);
        }
        for (uid, time) in chunk.first_seen() {
            if uid >= shard.users.len() {
                return Err(EngineError::corrupt(path, "it names a user that it does not have"));
            }
            shard.users.note(uid, time);
        }
        shard.chunks.push(Arc::new(chunk));
    }
    shard.named = shard.users.len();
    Ok(shard)
}
