use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::Mutex;
use std::sync::atomic::{AtomicI64, Ordering};

use async_trait::async_trait;
use lettre::address::Envelope;
use rollcall_store::{
    BodyFormat, BuildId, CampaignContent, CampaignDrops, CampaignId, CampaignState, NewCampaign, Recipient, RecipientState,
    SegmentId, Store,
};
use tokio::sync::{Semaphore, watch};

use super::*;
use crate::email::{Delivery, OutgoingMessage, Transport};
use crate::error::ActivateError;

/// Answers by what the user id says, and writes down who was sent to.
#[derive(Default)]
struct FakeServer {
    sent: Mutex<Vec<String>>,
    /// Delivery of an attempt, by user id; accepted if there is none.
    script: Mutex<BTreeMap<String, Vec<Delivery>>>,
    in_flight: AtomicI64,
    most_in_flight: AtomicI64,
    /// Runs with every message.
    hook: Option<Box<dyn Fn(usize) + Send + Sync>>,
}

#[async_trait]
impl Transport for FakeServer {
    async fn send(&self, message: &OutgoingMessage) -> Delivery {
        let flying = self.in_flight.fetch_add(1, Ordering::SeqCst) + 1;
        self.most_in_flight.fetch_max(flying, Ordering::SeqCst);
        tokio::task::yield_now().await;
        let user = message.message_id.clone();
        let delivery = match self.script.lock().unwrap().get_mut(&user) {
            Some(answers) if !answers.is_empty() => answers.remove(0),
            _ => Delivery::Accepted,
        };
        if delivery == Delivery::Accepted {
            self.sent.lock().unwrap().push(user);
        }
        if let Some(hook) = &self.hook {
            hook(self.sent.lock().unwrap().len());
        }
        self.in_flight.fetch_sub(1, Ordering::SeqCst);
        delivery
    }
}

/// Puts the user id where the fake server finds it; withholds from users whose id ends with `-withdrawn`.
struct Letters;

#[async_trait]
impl Composer for Letters {
    async fn compose(&self, recipient: &Recipient) -> Result<Composed, ActivateError> {
        if recipient.user_id.ends_with("-withdrawn") {
            return Ok(Composed::Withheld { detail: "consent was withdrawn".to_owned() });
        }
        if recipient.user_id.ends_with("-broken") {
            return Err(ActivateError::Template("cannot be read".to_owned()));
        }
        let to = vec![recipient.address.parse().unwrap()];
        let envelope = Envelope::new(Some("news@example.org".parse().unwrap()), to).unwrap();
        Ok(Composed::Message(Box::new(OutgoingMessage { envelope, bytes: Vec::new(), message_id: recipient.user_id.clone() })))
    }
}

struct Bench {
    _folder: tempfile::TempDir,
    store: Store,
    campaign: CampaignId,
    server: Arc<FakeServer>,
    clock: Arc<AtomicI64>,
}

impl Bench {
    async fn new(users: &[&str], server: FakeServer) -> Bench {
        let folder = tempfile::tempdir().unwrap();
        let store = Store::open(&format!("sqlite://{}", folder.path().join("test.db").display())).await.unwrap();
        let content = CampaignContent {
            name: "Spring".to_owned(),
            segment_id: SegmentId::new("s"),
            subject: "S".to_owned(),
            body_format: BodyFormat::Html,
            body: "B".to_owned(),
            from_name: "N".to_owned(),
            from_address: "news@example.org".to_owned(),
        };
        let campaign = CampaignId::new("c");
        store.create_campaign(NewCampaign { id: campaign.clone(), content, created_by: None }, 1).await.unwrap();
        store.start_campaign(&campaign, &SegmentId::new("s"), &BuildId::new("b"), 1).await.unwrap();
        let rows = users.iter().map(|user| ((*user).to_owned(), format!("{user}@example.org"))).collect::<Vec<_>>();
        let drops = CampaignDrops { matched: users.len() as u64, ..CampaignDrops::default() };
        assert_eq!(queue_recipients(&store, &campaign, &drops, rows.clone().into_iter(), 1).await.unwrap(), users.len() as u64);
        // Queueing again after an interruption adds nobody.
        assert_eq!(queue_recipients(&store, &campaign, &drops, rows.into_iter(), 1).await.unwrap(), users.len() as u64);
        Bench { _folder: folder, store, campaign, server: Arc::new(server), clock: Arc::new(AtomicI64::new(1_000_000)) }
    }

    fn runner(&self) -> Runner {
        let clock = self.clock.clone();
        Runner {
            store: self.store.clone(),
            transport: self.server.clone(),
            composer: Arc::new(Letters),
            // Every look at the clock takes a second, so that waits pass.
            clock: Arc::new(move || clock.fetch_add(1_000_000, Ordering::SeqCst)),
            slots: Arc::new(Semaphore::new(4)),
            retry: Retry { first_wait: 1_000_000, longest_wait: 2_000_000, attempts: 3, unreachable: 6 },
            progress: Arc::new(|_| {}),
        }
    }

    async fn run(&self) -> Ending {
        let (_keep, stop) = watch::channel(false);
        self.runner().run(&self.campaign, stop).await.unwrap()
    }

    async fn states(&self) -> Vec<(String, RecipientState)> {
        let page = self.store.recipients(&self.campaign, None, None, 1000).await.unwrap();
        page.items.into_iter().map(|recipient| (recipient.user_id, recipient.state)).collect()
    }

    async fn report(&self) -> CampaignReport {
        report(&self.store, &self.store.campaign(&self.campaign).await.unwrap().unwrap()).await.unwrap()
    }

    fn sent(&self) -> Vec<String> {
        let mut sent = self.server.sent.lock().unwrap().clone();
        sent.sort();
        sent
    }
}

fn scripted(script: &[(&str, &[Delivery])]) -> FakeServer {
    let script = script.iter().map(|(user, answers)| ((*user).to_owned(), answers.to_vec())).collect();
    FakeServer { script: Mutex::new(script), ..FakeServer::default() }
}

fn said(detail: &str) -> String {
    detail.to_owned()
}

#[tokio::test]
async fn everybody_once_and_every_outcome_has_its_state() {
    let deferred = Delivery::Deferred { detail: said("451 later") };
    let server = scripted(&[
        ("b", &[Delivery::Refused { detail: said("550 no") }]),
        ("c", &[deferred.clone(), deferred.clone()]),
        ("d", &[deferred.clone(), deferred.clone(), deferred.clone(), deferred]),
        ("e", &[Delivery::Unknown { detail: said("gone") }]),
        ("f", &[Delivery::Unreachable { detail: said("not there") }]),
    ]);
    let bench = Bench::new(&["a", "b", "c", "d", "e", "f", "g-withdrawn"], server).await;
    assert_eq!(bench.run().await, Ending::Done);
    assert_eq!(bench.sent(), ["a", "c", "f"]);
    use RecipientState::{Failed, Sent, Unknown};
    let expected = [("a", Sent), ("b", Failed), ("c", Sent), ("d", Failed), ("e", Unknown), ("f", Sent), ("g-withdrawn", Failed)];
    assert_eq!(bench.states().await, expected.map(|(user, state)| (user.to_owned(), state)));
    let report = bench.report().await;
    assert_eq!((report.matched, report.sent, report.failed, report.unknown, report.queued, report.sending), (7, 3, 3, 1, 0, 0));
    assert_eq!(bench.store.campaign(&bench.campaign).await.unwrap().unwrap().state, CampaignState::Done);
}

#[tokio::test]
async fn no_more_in_flight_than_allowed() {
    let users: Vec<String> = (0..60).map(|number| format!("u{number:02}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let bench = Bench::new(&users, FakeServer::default()).await;
    let reports = Arc::new(Mutex::new(Vec::new()));
    let seen = reports.clone();
    let runner = Runner { progress: Arc::new(move |report| seen.lock().unwrap().push(report)), ..bench.runner() };
    let (_keep, stop) = watch::channel(false);
    assert_eq!(runner.run(&bench.campaign, stop).await.unwrap(), Ending::Done);
    assert_eq!(bench.sent(), users);
    assert!(bench.server.most_in_flight.load(Ordering::SeqCst) <= 4);
    let reports = reports.lock().unwrap();
    assert!(reports.windows(2).all(|pair| pair[0].sent <= pair[1].sent) && reports.last().unwrap().sent == 60);
}

#[tokio::test]
async fn a_campaign_that_waits_takes_no_slot_from_another() {
    let deferred = vec![Delivery::Deferred { detail: said("451 later") }; 3];
    let waiting = Bench::new(&["a"], scripted(&[("a", &deferred)])).await;
    let other = Bench::new(&["b", "c"], FakeServer::default()).await;
    let slots = Arc::new(Semaphore::new(1));
    // An hour passes for the second campaign only.
    let retry = Retry { first_wait: i64::MAX / 2, longest_wait: i64::MAX / 2, attempts: 3, unreachable: 6 };
    let runner = Runner { slots: slots.clone(), retry, ..waiting.runner() };
    let (stop, stopped) = watch::channel(false);
    let id = waiting.campaign.clone();
    let under_way = tokio::spawn(async move { runner.run(&id, stopped).await.unwrap() });
    while waiting.report().await.queued == 1 && waiting.server.script.lock().unwrap()["a"].len() == 3 {
        tokio::task::yield_now().await;
    }
    let (_keep, go_on) = watch::channel(false);
    assert_eq!(Runner { slots, ..other.runner() }.run(&other.campaign, go_on).await.unwrap(), Ending::Done);
    assert_eq!(other.sent(), ["b", "c"]);
    assert!(!under_way.is_finished());
    stop.send(true).unwrap();
    assert_eq!(under_way.await.unwrap(), Ending::ShuttingDown);
    assert_eq!(waiting.report().await.queued, 1);
}

#[tokio::test]
async fn what_was_in_flight_at_a_crash_is_unknown_and_never_sent_again() {
    let bench = Bench::new(&["a", "b", "c"], FakeServer::default()).await;
    // The process dies after claiming one: nothing notes an outcome.
    let claimed = bench.store.claim_recipients(&bench.campaign, 1, 2).await.unwrap();
    assert_eq!(claimed.len(), 1);
    let resumed = recover(&bench.store, 3).await.unwrap();
    assert_eq!(resumed.len(), 1);
    assert_eq!(bench.run().await, Ending::Done);
    assert_eq!(bench.sent(), ["b", "c"]);
    assert_eq!(bench.states().await[0].1, RecipientState::Unknown);
}

#[tokio::test]
async fn a_pause_lets_what_is_in_flight_end_and_a_resumed_campaign_goes_on() {
    let users: Vec<String> = (0..40).map(|number| format!("u{number:02}")).collect();
    let users: Vec<&str> = users.iter().map(String::as_str).collect();
    let (pause, mut paused) = tokio::sync::mpsc::unbounded_channel();
    let hook = move |sent: usize| {
        if sent == 10 {
            pause.send(()).unwrap();
        }
    };
    let bench = Bench::new(&users, FakeServer { hook: Some(Box::new(hook)), ..FakeServer::default() }).await;
    let (store, campaign) = (bench.store.clone(), bench.campaign.clone());
    let pausing = tokio::spawn(async move {
        paused.recv().await;
        store.move_campaign(&campaign, CampaignState::Paused, None, 5).await.unwrap();
    });
    assert_eq!(bench.run().await, Ending::Stopped(CampaignState::Paused));
    pausing.await.unwrap();
    let report = bench.report().await;
    assert!(report.sent >= 10 && report.sent + report.queued == 40 && report.sending == 0, "{report:?}");
    bench.store.move_campaign(&bench.campaign, CampaignState::Sending, None, 6).await.unwrap();
    assert_eq!(bench.run().await, Ending::Done);
    assert_eq!(bench.sent(), users);
}

#[tokio::test]
async fn a_server_that_is_never_there_fails_the_campaign_without_losing_anybody() {
    let down = vec![Delivery::Unreachable { detail: said("connection refused") }; 50];
    let bench = Bench::new(&["a", "b"], scripted(&[("a", &down), ("b", &down)])).await;
    let ending = bench.run().await;
    assert!(matches!(&ending, Ending::Failed(why) if why.contains("connection refused")), "{ending:?}");
    assert_eq!((bench.report().await.queued, bench.sent().len()), (2, 0));
    let campaign = bench.store.campaign(&bench.campaign).await.unwrap().unwrap();
    assert_eq!(campaign.state, CampaignState::Failed);
    // It is there again.
    bench.server.script.lock().unwrap().clear();
    bench.store.move_campaign(&bench.campaign, CampaignState::Sending, None, 9).await.unwrap();
    assert_eq!(bench.run().await, Ending::Done);
    assert_eq!(bench.sent(), ["a", "b"]);
}

#[tokio::test]
async fn an_error_of_ours_stops_the_run_and_keeps_the_recipient() {
    let bench = Bench::new(&["a", "b-broken"], FakeServer::default()).await;
    let (_keep, stop) = watch::channel(false);
    assert!(matches!(bench.runner().run(&bench.campaign, stop).await, Err(ActivateError::Template(_))));
    let states = bench.states().await;
    assert_eq!(states[1].1, RecipientState::Queued, "{states:?}");
}

#[tokio::test]
async fn shutting_down_leaves_the_campaign_to_the_next_process() {
    let bench = Bench::new(&["a"], FakeServer::default()).await;
    let (_keep, stop) = watch::channel(true);
    assert_eq!(bench.runner().run(&bench.campaign, stop).await.unwrap(), Ending::ShuttingDown);
    assert_eq!(bench.states().await[0].1, RecipientState::Queued);
    assert_eq!(bench.run().await, Ending::Done);
}

#[test]
fn waits_grow_and_end() {
    let retry = Retry::default();
    let minutes = |attempts| retry.not_before(0, attempts) / 60_000_000;
    assert_eq!([1, 2, 3, 4, 5, 40].map(minutes), [1, 4, 16, 60, 60, 60]);
}
