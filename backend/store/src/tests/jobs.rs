//! The job queue.

use std::collections::HashSet;

use serde_json::json;

use crate::tests::fixtures::NOW;
use crate::tests::{Fresh, on_both};
use crate::{JobFilter, JobId, JobState, NewJob};

on_both!(
    a_job_is_active_once,
    jobs_are_claimed_in_turn,
    a_lost_claim_reports_nothing,
    a_failed_attempt_is_tried_again,
    no_job_is_claimed_twice,
    ended_jobs_are_pruned,
);

fn job(id: &str, kind: &str, key: &str) -> NewJob {
    NewJob { id: JobId::new(id), kind: kind.to_owned(), key: key.to_owned(), payload: json!({"segment": key}), run_after: NOW }
}

async fn a_job_is_active_once(fresh: &Fresh) {
    let store = &fresh.store;
    let (first, new) = store.enqueue_job(job("1", "refresh", "s"), NOW).await.unwrap();
    assert!(new);
    assert_eq!((first.state, &first.payload, &first.progress), (JobState::Queued, &json!({"segment": "s"}), &json!(null)));
    let (same, new) = store.enqueue_job(job("2", "refresh", "s"), NOW).await.unwrap();
    assert!(!new);
    assert_eq!(same, first);
    assert!(store.enqueue_job(job("3", "recount", "s"), NOW).await.unwrap().1);
    let claimed = store.claim_job(&["refresh"], NOW, NOW + 10).await.unwrap().unwrap();
    assert!(!store.enqueue_job(job("4", "refresh", "s"), NOW).await.unwrap().1, "running counts as active");
    assert!(store.finish_job(&claimed.id, claimed.attempts, NOW + 1).await.unwrap());
    assert!(store.enqueue_job(job("5", "refresh", "s"), NOW).await.unwrap().1);
    assert_eq!(store.job(&JobId::new("2")).await.unwrap(), None);
    let filter = JobFilter { kind: Some("refresh"), key: Some("s"), state: None };
    assert_eq!(store.jobs(filter, 10).await.unwrap().len(), 2);
    let done = JobFilter { state: Some(JobState::Done), ..JobFilter::default() };
    assert_eq!(store.jobs(done, 10).await.unwrap()[0].finished_at, Some(NOW + 1));
}

async fn jobs_are_claimed_in_turn(fresh: &Fresh) {
    let store = &fresh.store;
    for (id, kind, after) in [("1", "a", 5), ("2", "b", 1), ("3", "a", 2), ("4", "c", 0)] {
        let new = NewJob { run_after: NOW + after, ..job(id, kind, id) };
        store.enqueue_job(new, NOW).await.unwrap();
    }
    let claim = |at: i64| async move {
        let claimed = store.claim_job(&["a", "b"], NOW + at, NOW + at + 100).await.unwrap();
        claimed.map(|job| job.id.into_string())
    };
    assert_eq!(claim(0).await, None, "too early, or of another kind");
    assert_eq!(claim(3).await.as_deref(), Some("2"));
    assert_eq!(claim(3).await.as_deref(), Some("3"));
    assert_eq!(claim(3).await, None);
    assert_eq!(claim(5).await.as_deref(), Some("1"));
}

async fn a_lost_claim_reports_nothing(fresh: &Fresh) {
    let store = &fresh.store;
    store.enqueue_job(job("1", "refresh", "s"), NOW).await.unwrap();
    let first = store.claim_job(&["refresh"], NOW, NOW + 10).await.unwrap().unwrap();
    assert_eq!((first.state, first.attempts, first.lease_until), (JobState::Running, 1, Some(NOW + 10)));
    assert!(store.renew_job(&first.id, 1, NOW + 20, &json!({"done": 3})).await.unwrap());
    assert_eq!(store.claim_job(&["refresh"], NOW + 19, NOW + 30).await.unwrap(), None, "the lease holds");
    let second = store.claim_job(&["refresh"], NOW + 20, NOW + 40).await.unwrap().unwrap();
    assert_eq!((second.attempts, &second.progress, second.started_at), (2, &json!({"done": 3}), Some(NOW)));
    assert!(!store.renew_job(&first.id, 1, NOW + 50, &json!(null)).await.unwrap());
    assert!(!store.finish_job(&first.id, 1, NOW).await.unwrap());
    assert!(!store.fail_job(&first.id, 1, "x", NOW).await.unwrap());
    assert!(!store.retry_job(&first.id, 1, "x", NOW).await.unwrap());
    assert!(store.cancel_job(&first.id, NOW + 21).await.unwrap());
    assert!(!store.renew_job(&first.id, 2, NOW + 50, &json!(null)).await.unwrap(), "the worker learns it");
    assert!(!store.cancel_job(&first.id, NOW + 22).await.unwrap());
}

async fn a_failed_attempt_is_tried_again(fresh: &Fresh) {
    let store = &fresh.store;
    store.enqueue_job(job("1", "refresh", "s"), NOW).await.unwrap();
    store.claim_job(&["refresh"], NOW, NOW + 10).await.unwrap().unwrap();
    let id = JobId::new("1");
    assert!(store.retry_job(&id, 1, "disk full", NOW + 60).await.unwrap());
    assert_eq!(store.claim_job(&["refresh"], NOW + 59, NOW + 99).await.unwrap(), None);
    let again = store.claim_job(&["refresh"], NOW + 60, NOW + 99).await.unwrap().unwrap();
    assert_eq!((again.attempts, again.error.as_deref()), (2, Some("disk full")));
    assert!(store.fail_job(&id, 2, "still full", NOW + 61).await.unwrap());
    let failed = store.job(&id).await.unwrap().unwrap();
    assert_eq!((failed.state, failed.error.as_deref()), (JobState::Failed, Some("still full")));
    assert_eq!((failed.lease_until, failed.finished_at), (None, Some(NOW + 61)));
}

async fn no_job_is_claimed_twice(fresh: &Fresh) {
    let store = &fresh.store;
    for number in 0..40 {
        store.enqueue_job(job(&format!("{number:02}"), "refresh", &number.to_string()), NOW).await.unwrap();
    }
    let workers: Vec<_> = (0..6)
        .map(|_| {
            let store = store.clone();
            tokio::spawn(async move {
                let mut claimed = Vec::new();
                while let Some(job) = store.claim_job(&["refresh"], NOW, NOW + 10).await.unwrap() {
                    claimed.push(job.id);
                }
                claimed
            })
        })
        .collect();
    let mut all = Vec::new();
    for worker in workers {
        all.extend(worker.await.unwrap());
    }
    assert_eq!((all.len(), all.iter().collect::<HashSet<_>>().len()), (40, 40));
}

async fn ended_jobs_are_pruned(fresh: &Fresh) {
    let store = &fresh.store;
    for id in ["1", "2"] {
        store.enqueue_job(job(id, "refresh", id), NOW).await.unwrap();
    }
    store.cancel_job(&JobId::new("1"), NOW + 1).await.unwrap();
    assert_eq!(store.prune_jobs(NOW + 1).await.unwrap(), 0);
    assert_eq!(store.prune_jobs(NOW + 2).await.unwrap(), 1);
    assert_eq!(store.jobs(JobFilter::default(), 10).await.unwrap().len(), 1);
}
