//! The thread's loop: commands, batches, and when to flush.

use std::collections::{BTreeMap, VecDeque};
use std::sync::Arc;
use std::time::{Duration, Instant as Moment};

use rollcall_engine::Engine;
use rollcall_lake::{Lake, LakeError};
use rollcall_log::EventLog;
use rollcall_rules::{Instant, Schema, ValueType};
use tokio::sync::{mpsc, oneshot, watch};
use tokio::task::JoinHandle;

use super::flush::{ClosedRows, Rows};
use super::recovery::Recovered;
use super::{Shared, TakeInOptions};
use crate::error::CollectError;
use crate::intake::Intake;

/// Longest pause between two tries of a flush.
const LONGEST_PAUSE: Duration = Duration::from_secs(60);

/// What callers ask of the thread.
pub(super) enum Command {
    /// Flush everything that the log holds now.
    Flush(oneshot::Sender<Result<u64, CollectError>>),
    /// Declare types.
    Declare {
        traits: BTreeMap<String, ValueType>,
        properties: BTreeMap<String, ValueType>,
        now: Instant,
        answer: oneshot::Sender<Result<Arc<Schema>, CollectError>>,
    },
    /// Flush and end.
    Stop,
    /// End at once.
    #[cfg(test)]
    Abandon,
}

/// Whether the loop goes on.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Course {
    On,
    /// Ends once the log is taken in and flushed.
    Stopping,
    /// Ends now.
    Ended,
}

/// Someone who waits for a flush.
struct Waiter {
    /// The last record that must be in it.
    target: u64,
    answer: oneshot::Sender<Result<u64, CollectError>>,
}

/// The thread's state.
pub(super) struct Worker {
    pub(super) log: Arc<dyn EventLog>,
    pub(super) engine: Arc<Engine>,
    pub(super) lake: Arc<Lake>,
    pub(super) shared: Arc<Shared>,
    pub(super) options: TakeInOptions,
    pub(super) intake: Intake,
    /// The next record to take in.
    pub(super) next: u64,
    /// Everything up to here is flushed.
    pub(super) checkpoint: u64,
    /// When the last record taken in was received.
    pub(super) taken_in_at: i64,
    /// Records taken in since the checkpoint.
    pub(super) waiting: usize,
    /// Their bytes in the log.
    pub(super) waiting_bytes: usize,
    /// Of these, the bytes that [`Worker::uncommitted`] covers.
    pub(super) planned_bytes: usize,
    /// When the oldest of them was taken in.
    pub(super) since: Option<Moment>,
    /// Rows for the lake.
    pub(super) open: Rows,
    /// Older rows for the lake, oldest first.
    pub(super) closed: VecDeque<Arc<ClosedRows>>,
    /// The commit of the oldest closed rows.
    pub(super) committing: Option<JoinHandle<Result<(), LakeError>>>,
    /// A plan that only the store has left to do.
    pub(super) uncommitted: Option<u64>,
    /// The index could not be written: its files may come to stand at the last record taken in, which the plan names, so
    /// nothing more is taken in until it can.
    pub(super) index_failed: bool,
    pub(super) compacting: Option<JoinHandle<()>>,
    pub(super) watermark: watch::Sender<u64>,
    commands: mpsc::UnboundedReceiver<Command>,
    end: watch::Receiver<u64>,
    waiters: Vec<Waiter>,
    course: Course,
    failures: u32,
    /// No flush by itself before this, after one that failed.
    flush_after: Option<Moment>,
    /// No reading before this, after a read that failed.
    read_after: Option<Moment>,
}

impl Worker {
    pub(super) fn new(
        log: Arc<dyn EventLog>,
        engine: Arc<Engine>,
        lake: Arc<Lake>,
        shared: Arc<Shared>,
        options: TakeInOptions,
        recovered: Recovered,
        (commands, watermark): (mpsc::UnboundedReceiver<Command>, watch::Sender<u64>),
    ) -> Worker {
        let end = log.subscribe();
        Worker {
            log,
            engine,
            lake,
            shared,
            intake: Intake::new(recovered.schema, options.limits.clone()),
            options,
            next: recovered.checkpoint.seq + 1,
            checkpoint: recovered.checkpoint.seq,
            taken_in_at: recovered.checkpoint.taken_in_at.unwrap_or_default(),
            waiting: 0,
            waiting_bytes: 0,
            planned_bytes: 0,
            since: None,
            open: Rows::default(),
            closed: VecDeque::new(),
            committing: None,
            uncommitted: None,
            index_failed: false,
            compacting: None,
            watermark,
            commands,
            end,
            waiters: Vec::new(),
            course: Course::On,
            failures: 0,
            flush_after: None,
            read_after: None,
        }
    }

    /// Runs until stopped.
    pub(super) async fn run(mut self) {
        while self.course != Course::Ended {
            while let Ok(command) = self.commands.try_recv() {
                self.obey(command).await;
            }
            let took = self.advance();
            self.flush_if_due().await;
            let idle = took == 0;
            if idle && self.course == Course::Stopping {
                self.last_flush().await;
                break;
            }
            if idle && self.course == Course::On {
                self.wait().await;
            }
        }
        for waiter in self.waiters {
            let _ = waiter.answer.send(Err(CollectError::Stopped));
        }
        if let Some(task) = self.committing {
            let _ = task.await;
        }
        if let Some(task) = self.compacting {
            let _ = task.await;
        }
    }

    async fn obey(&mut self, command: Command) {
        match command {
            Command::Flush(answer) => self.waiters.push(Waiter { target: self.log.end() - 1, answer }),
            Command::Declare { traits, properties, now, answer } => {
                let declared = self.declare(&traits, &properties, now).await;
                let _ = answer.send(declared);
            }
            Command::Stop => self.course = Course::Stopping,
            #[cfg(test)]
            Command::Abandon => self.course = Course::Ended,
        }
    }

    /// Takes in one batch, unless too much waits for the lake or the last try has just failed.
    fn advance(&mut self) -> usize {
        if !self.may_read() || self.course == Course::Ended {
            return 0;
        }
        match self.take_batch() {
            Ok(took) => {
                self.read_after = None;
                took
            }
            Err(error) => {
                self.read_after = Some(self.note_failure(&error));
                self.answer_all(&error.to_string());
                0
            }
        }
    }

    fn may_read(&self) -> bool {
        let paused = self.read_after.is_some_and(|moment| Moment::now() < moment);
        let room = self.waiting < self.options.max_waiting_rows && self.waiting_bytes < self.options.max_waiting_bytes;
        !paused && !self.index_failed && room
    }

    /// Flushes when it is time to: at once for callers and small tails, after an early commit for large ones.
    async fn flush_if_due(&mut self) {
        let asked = self.waiters.iter().any(|waiter| waiter.target < self.next);
        if asked {
            let flushed = self.try_flush().await;
            self.answer(flushed);
            return;
        }
        if self.flush_after.is_some_and(|moment| Moment::now() < moment) {
            return;
        }
        let ready = match &self.committing {
            Some(task) => task.is_finished(),
            None if !self.is_due() => false,
            None if self.open.len() >= self.options.early_rows && self.closed.is_empty() => {
                self.start_early_commit();
                false
            }
            None => true,
        };
        if ready && let Err(error) = self.try_flush().await {
            self.answer_all(&error);
        }
    }

    fn is_due(&self) -> bool {
        let aged = self.since.is_some_and(|since| since.elapsed() >= self.options.flush_age);
        let many = self.waiting >= self.options.flush_rows || self.waiting_bytes >= self.options.flush_bytes;
        self.waiting > 0 && (aged || many || self.uncommitted.is_some() || self.index_failed)
    }

    async fn try_flush(&mut self) -> Result<u64, String> {
        match Box::pin(self.flush()).await {
            Ok(seq) => {
                self.failures = 0;
                self.flush_after = None;
                let mut status = self.shared.status.lock();
                status.last_error = None;
                status.failures = 0;
                Ok(seq)
            }
            Err(error) => {
                self.flush_after = Some(self.note_failure(&error));
                Err(error.to_string())
            }
        }
    }

    fn answer(&mut self, flushed: Result<u64, String>) {
        let reached = self.next;
        let (due, waiting) = std::mem::take(&mut self.waiters).into_iter().partition(|waiter| waiter.target < reached);
        self.waiters = waiting;
        for waiter in due {
            let _ = waiter.answer.send(flushed.clone().map_err(CollectError::Flush));
        }
    }

    /// Tells everyone who waits for a flush that there was none.
    fn answer_all(&mut self, error: &str) {
        for waiter in self.waiters.drain(..) {
            let _ = waiter.answer.send(Err(CollectError::Flush(error.to_owned())));
        }
    }

    /// Notes a failure; returns when to try again.
    fn note_failure(&mut self, error: &CollectError) -> Moment {
        tracing::error!(take_in.error = %error, take_in.failures = self.failures + 1, "taking in failed; it will be tried again");
        let pause = self.options.retry_after.saturating_mul(1 << self.failures.min(16)).min(LONGEST_PAUSE);
        self.failures += 1;
        let mut status = self.shared.status.lock();
        status.last_error = Some(error.to_string());
        status.failures = self.failures;
        Moment::now() + pause
    }

    async fn last_flush(&mut self) {
        let flushed = self.try_flush().await;
        self.answer(flushed);
        self.course = Course::Ended;
    }

    /// Waits for records, commands, the end of an early commit, or the time of the next try.
    async fn wait(&mut self) {
        let may_read = self.may_read();
        if *self.end.borrow_and_update() > self.next && may_read {
            return;
        }
        let deadline = self.deadline();
        let wake = tokio::select! {
            command = self.commands.recv() => command.map_or(Wake::Deserted, Wake::Command),
            changed = self.end.changed(), if may_read => if changed.is_ok() { Wake::Look } else { Wake::Deserted },
            () = finished(&self.committing), if self.committing.is_some() => Wake::Look,
            () = tokio::time::sleep_until(deadline.into()) => Wake::Look,
        };
        match wake {
            Wake::Command(command) => self.obey(command).await,
            Wake::Deserted => self.course = Course::Ended,
            Wake::Look => {}
        }
    }

    /// When to look again at the latest.
    fn deadline(&self) -> Moment {
        let now = Moment::now();
        let aged = self.since.filter(|_| self.committing.is_none()).map(|since| since + self.options.flush_age);
        let retry = self.flush_after.filter(|&moment| moment > now);
        let flush = if self.waiting > 0 { retry.or(aged) } else { None };
        let times = [flush, self.read_after.filter(|&moment| moment > now)];
        times.into_iter().flatten().min().unwrap_or(now + Duration::from_secs(3600))
    }
}

/// What ended a wait.
enum Wake {
    Command(Command),
    /// Something may be done now.
    Look,
    /// Whoever started the thread has dropped it, or the log is gone.
    Deserted,
}

/// Resolves when the task has ended, without taking its result.
async fn finished(task: &Option<JoinHandle<Result<(), LakeError>>>) {
    while task.as_ref().is_some_and(|task| !task.is_finished()) {
        tokio::time::sleep(Duration::from_millis(5)).await;
    }
}
