//! Campaigns, recipients, suppressions.

use std::collections::HashSet;

use crate::tests::fixtures::{NOW, create};
use crate::tests::{Fresh, assert_conflict, on_both};
use crate::{
    BodyFormat, BuildId, Campaign, CampaignContent, CampaignDrops, CampaignId, CampaignState, NewCampaign, NewRecipient,
    NewSuppression, RecipientCounts, RecipientOutcome, RecipientState, SegmentId, Store,
};

on_both!(
    only_drafts_are_rewritten_or_deleted,
    a_campaign_goes_through_its_states,
    a_draft_starts_with_a_build_of_its_segment_or_not_at_all,
    a_segment_that_campaigns_need_stays,
    a_user_and_an_address_are_queued_once,
    no_recipient_is_claimed_twice,
    outcomes_are_noted_for_claimed_recipients_only,
    what_was_in_flight_is_unknown_after_a_restart,
    recipients_come_in_pages,
    suppressions_are_noted_once,
);

fn content(name: &str) -> CampaignContent {
    CampaignContent {
        name: name.to_owned(),
        segment_id: SegmentId::new("s"),
        subject: "Hello {{ name }}".to_owned(),
        body_format: BodyFormat::Mjml,
        body: "<mjml></mjml>".to_owned(),
        from_name: "Us".to_owned(),
        from_address: "us@example.com".to_owned(),
    }
}

async fn campaign(store: &Store, id: &str) -> Campaign {
    let new = NewCampaign { id: CampaignId::new(id), content: content(id), created_by: None };
    store.create_campaign(new, NOW).await.unwrap()
}

async fn start(store: &Store, id: &CampaignId) -> Campaign {
    store.start_campaign(id, &SegmentId::new("s"), &BuildId::new("b"), NOW + 1).await.unwrap().unwrap()
}

async fn sending(store: &Store, id: &str, recipients: usize) -> CampaignId {
    let id = campaign(store, id).await.id;
    start(store, &id).await;
    let recipients: Vec<NewRecipient> = (0..recipients).map(|number| recipient(&format!("u{number:05}"))).collect();
    store.queue_recipients(&id, &recipients, NOW).await.unwrap();
    id
}

fn recipient(user: &str) -> NewRecipient {
    NewRecipient { user_id: user.to_owned(), address: format!("{user}@example.com"), address_hash: format!("hash of {user}") }
}

async fn only_drafts_are_rewritten_or_deleted(fresh: &Fresh) {
    let store = &fresh.store;
    let created = campaign(store, "c").await;
    assert_eq!(store.campaign(&created.id).await.unwrap(), Some(created.clone()));
    let rewritten = store.update_campaign(&created.id, &content("New")).await.unwrap().unwrap();
    assert_eq!(rewritten.content.name, "New");
    let none = CampaignId::new("none");
    assert_eq!(store.update_campaign(&none, &content("New")).await.unwrap(), None);
    assert!(!store.delete_campaign(&none).await.unwrap());
    start(store, &created.id).await;
    assert_conflict(store.update_campaign(&created.id, &content("Newer")).await, "campaign_not_draft");
    assert_conflict(store.delete_campaign(&created.id).await, "campaign_not_draft");
    let draft = campaign(store, "d").await;
    assert!(store.delete_campaign(&draft.id).await.unwrap());
    assert_eq!(store.campaigns().await.unwrap().len(), 1);
}

async fn a_campaign_goes_through_its_states(fresh: &Fresh) {
    use CampaignState::{Cancelled, Done, Draft, Failed, Paused, Sending};
    let store = &fresh.store;
    let id = campaign(store, "c").await.id;
    let go = |next, error, at| {
        let id = &id;
        async move { store.move_campaign(id, next, error, at).await }
    };
    for next in [Draft, Sending, Paused, Done, Failed, Cancelled] {
        assert_conflict(go(next, None, NOW).await, "campaign_state");
    }
    assert_eq!(start(store, &id).await.started_at, Some(NOW + 1));
    assert_conflict(go(Sending, None, NOW).await, "campaign_state");
    let failed = go(Failed, Some("no server"), NOW + 2).await.unwrap().unwrap();
    assert_eq!((failed.error.as_deref(), failed.finished_at), (Some("no server"), Some(NOW + 2)));
    let resumed = go(Sending, None, NOW + 3).await.unwrap().unwrap();
    assert_eq!((resumed.error, resumed.started_at, resumed.finished_at), (None, Some(NOW + 1), None));
    assert_eq!(store.campaigns_in(Sending).await.unwrap().len(), 1);
    go(Paused, None, NOW + 4).await.unwrap();
    go(Sending, None, NOW + 5).await.unwrap();

    let drops = CampaignDrops { matched: 10, no_consent: 1, suppressed: 2, no_address: 3, duplicate_address: 1 };
    assert!(store.set_campaign_drops(&id, &drops).await.unwrap());
    let done = go(Done, None, NOW + 6).await.unwrap().unwrap();
    assert_eq!((done.drops, done.build_id.as_ref()), (Some(drops), Some(&BuildId::new("b"))));
    assert_eq!(store.campaign(&id).await.unwrap(), Some(done));
    for next in CampaignState::ALL {
        assert_conflict(go(*next, None, NOW).await, "campaign_state");
    }
    assert_eq!(store.move_campaign(&CampaignId::new("none"), Sending, None, NOW).await.unwrap(), None);
}

async fn a_draft_starts_with_a_build_of_its_segment_or_not_at_all(fresh: &Fresh) {
    let store = &fresh.store;
    let draft = campaign(store, "c").await;
    let (id, other) = (draft.id.clone(), SegmentId::new("t"));
    let old = BuildId::new("of s");
    // Somebody chooses another segment between the look at the members and the start.
    let changed = CampaignContent { segment_id: other.clone(), ..content("c") };
    store.update_campaign(&id, &changed).await.unwrap();
    assert_conflict(store.start_campaign(&id, &SegmentId::new("s"), &old, NOW).await, "campaign_changed");
    let untouched = store.campaign(&id).await.unwrap().unwrap();
    assert_eq!((untouched.state, untouched.build_id, untouched.started_at), (CampaignState::Draft, None, None));
    let started = store.start_campaign(&id, &other, &BuildId::new("of t"), NOW).await.unwrap().unwrap();
    assert_eq!(started.build_id, Some(BuildId::new("of t")));
    assert_eq!(store.campaign(&id).await.unwrap(), Some(started));
    assert_conflict(store.start_campaign(&id, &other, &old, NOW).await, "campaign_state");
    assert_eq!(store.start_campaign(&CampaignId::new("none"), &other, &old, NOW).await.unwrap(), None);
}

async fn a_segment_that_campaigns_need_stays(fresh: &Fresh) {
    use CampaignState::{Cancelled, Failed, Paused, Sending};
    let store = &fresh.store;
    let segment = create(store, "s").await.id;
    let id = campaign(store, "c").await.id;
    let needed = async |state: CampaignState| {
        assert_conflict(store.trash_segment(&segment, NOW).await, "segment_in_use");
        let users = store.campaigns_using_segment(&segment).await.unwrap();
        assert_eq!(users.iter().map(|user| (&user.id, user.state)).collect::<Vec<_>>(), [(&id, state)]);
    };
    needed(CampaignState::Draft).await;
    start(store, &id).await;
    needed(Sending).await;
    for state in [Paused, Sending, Failed] {
        store.move_campaign(&id, state, None, NOW).await.unwrap();
        needed(state).await;
    }
    store.move_campaign(&id, Cancelled, None, NOW).await.unwrap();
    assert!(store.campaigns_using_segment(&segment).await.unwrap().is_empty());
    assert!(store.trash_segment(&segment, NOW).await.unwrap());
    // Written while the segment was on its way to the trash.
    campaign(store, "late").await;
    assert_conflict(store.purge_trash().await, "segment_in_use");
}

async fn a_user_and_an_address_are_queued_once(fresh: &Fresh) {
    let store = &fresh.store;
    let id = sending(store, "c", 0).await;
    let twin = NewRecipient { address_hash: recipient("a").address_hash, ..recipient("twin") };
    let batch = [recipient("a"), recipient("b"), twin.clone(), recipient("a")];
    assert_eq!(store.queue_recipients(&id, &batch, NOW).await.unwrap(), 2);
    assert_eq!(store.queue_recipients(&id, &batch, NOW).await.unwrap(), 0, "queued again after a crash");
    let many: Vec<_> = (0..1234).map(|number| recipient(&format!("u{number}"))).collect();
    assert_eq!(store.queue_recipients(&id, &many, NOW).await.unwrap(), 1234);
    let other = sending(store, "d", 0).await;
    assert_eq!(store.queue_recipients(&other, &[twin], NOW).await.unwrap(), 1, "campaigns do not share recipients");
    assert_eq!(store.recipient_counts(&id).await.unwrap().total(), 1236);
    assert_conflict(store.queue_recipients(&CampaignId::new("none"), &[recipient("a")], NOW).await, "foreign_key");
}

async fn no_recipient_is_claimed_twice(fresh: &Fresh) {
    let store = &fresh.store;
    let id = sending(store, "c", 500).await;
    let senders = (0..8).map(|_| {
        let (store, id) = (store.clone(), id.clone());
        tokio::spawn(async move {
            let mut claimed = Vec::new();
            loop {
                let batch = store.claim_recipients(&id, 7, NOW).await.unwrap();
                assert!(batch.len() <= 7);
                if batch.is_empty() {
                    return claimed;
                }
                claimed.extend(batch.into_iter().map(|recipient| recipient.user_id));
            }
        })
    });
    let mut all = Vec::new();
    for sender in senders.collect::<Vec<_>>() {
        all.extend(sender.await.unwrap());
    }
    assert_eq!(all.len(), 500);
    assert_eq!(all.iter().collect::<HashSet<_>>().len(), 500);
    assert_eq!(store.recipient_counts(&id).await.unwrap(), RecipientCounts { sending: 500, ..Default::default() });
}

async fn outcomes_are_noted_for_claimed_recipients_only(fresh: &Fresh) {
    let store = &fresh.store;
    let id = sending(store, "c", 4).await;
    let note = |user: &'static str, outcome: RecipientOutcome| {
        let id = &id;
        async move { store.finish_recipient(id, user, &outcome, NOW + 1).await.unwrap() }
    };
    let detail = || "because".to_owned();
    assert!(!note("u00000", RecipientOutcome::Sent).await, "not claimed");
    let claimed = store.claim_recipients(&id, 10, NOW).await.unwrap();
    assert_eq!(claimed.len(), 4);
    assert!(claimed.iter().all(|one| one.state == RecipientState::Sending && one.attempts == 1));
    assert!(note("u00000", RecipientOutcome::Sent).await);
    assert!(!note("u00000", RecipientOutcome::Failed { detail: detail() }).await, "noted already");
    assert!(note("u00001", RecipientOutcome::Failed { detail: detail() }).await);
    assert!(note("u00002", RecipientOutcome::Unknown { detail: detail() }).await);
    assert!(note("u00003", RecipientOutcome::Requeued { detail: detail(), not_before: NOW + 100, tried: true }).await);
    let expected = RecipientCounts { queued: 1, sending: 0, sent: 1, failed: 1, unknown: 1 };
    assert_eq!(store.recipient_counts(&id).await.unwrap(), expected);

    assert!(store.claim_recipients(&id, 10, NOW + 99).await.unwrap().is_empty());
    assert_eq!(store.next_recipient_at(&id).await.unwrap(), Some(NOW + 100));
    store.move_campaign(&id, CampaignState::Paused, None, NOW).await.unwrap();
    assert!(store.claim_recipients(&id, 10, NOW + 100).await.unwrap().is_empty(), "paused");
    store.move_campaign(&id, CampaignState::Sending, None, NOW).await.unwrap();
    let again = store.claim_recipients(&id, 10, NOW + 100).await.unwrap();
    assert_eq!((again[0].user_id.as_str(), again[0].attempts), ("u00003", 2));
    let untried = RecipientOutcome::Requeued { detail: detail(), not_before: NOW + 100, tried: false };
    assert!(note("u00003", untried).await);
    assert_eq!(store.claim_recipients(&id, 10, NOW + 100).await.unwrap()[0].attempts, 2, "our error is not an attempt");
    assert_eq!(store.next_recipient_at(&id).await.unwrap(), None);
}

async fn what_was_in_flight_is_unknown_after_a_restart(fresh: &Fresh) {
    let store = &fresh.store;
    let id = sending(store, "c", 3).await;
    store.claim_recipients(&id, 2, NOW).await.unwrap();
    let again = Store::open(&fresh.url).await.unwrap();
    assert_eq!(again.give_up_claimed_recipients(NOW + 5).await.unwrap(), 2);
    assert_eq!(again.give_up_claimed_recipients(NOW + 6).await.unwrap(), 0);
    let expected = RecipientCounts { queued: 1, unknown: 2, ..RecipientCounts::default() };
    assert_eq!(again.recipient_counts(&id).await.unwrap(), expected);
    assert_eq!(again.claim_recipients(&id, 10, NOW + 7).await.unwrap().len(), 1);
    assert!(!again.finish_recipient(&id, "u00000", &RecipientOutcome::Sent, NOW).await.unwrap());
    again.close().await;
}

async fn recipients_come_in_pages(fresh: &Fresh) {
    let store = &fresh.store;
    let id = sending(store, "c", 5).await;
    store.claim_recipients(&id, 1, NOW).await.unwrap();
    let first = store.recipients(&id, None, None, 3).await.unwrap();
    assert_eq!(first.next.as_deref(), Some("u00002"));
    let second = store.recipients(&id, None, first.next.as_deref(), 3).await.unwrap();
    assert_eq!((second.items.len(), second.next), (2, None));
    let claimed = store.recipients(&id, Some(RecipientState::Sending), None, 3).await.unwrap();
    assert_eq!(claimed.items.len(), 1);
}

async fn suppressions_are_noted_once(fresh: &Fresh) {
    let store = &fresh.store;
    let new = |user: &str, reason: &str| NewSuppression {
        purpose: "email".to_owned(),
        user_id: user.to_owned(),
        reason: reason.to_owned(),
        campaign_id: Some(CampaignId::new("c")),
    };
    assert!(store.suppress(&new("a", "unsubscribed"), NOW).await.unwrap());
    assert!(!store.suppress(&new("a", "bounced"), NOW + 1).await.unwrap());
    assert!(store.suppress(&new("c", "bounced"), NOW).await.unwrap());
    assert!(store.suppress(&NewSuppression { purpose: "ads".to_owned(), ..new("b", "asked") }, NOW).await.unwrap());
    let many: Vec<String> = (0..2000).map(|number| format!("u{number}")).collect();
    let asked: Vec<&str> = many.iter().map(String::as_str).chain(["a", "b", "c"]).collect();
    let found = store.suppressed_among("email", &asked).await.unwrap();
    assert_eq!(found, HashSet::from(["a".to_owned(), "c".to_owned()]));
    assert!(store.suppressed_among("email", &[]).await.unwrap().is_empty());
    let page = store.suppressions("email", None, 1).await.unwrap();
    assert_eq!((page.items[0].reason.as_str(), page.next.as_deref()), ("unsubscribed", Some("a")));
    let page = store.suppressions("email", page.next.as_deref(), 1).await.unwrap();
    assert_eq!((page.items[0].user_id.as_str(), page.next), ("c", None));
    assert_eq!(store.suppressed_by(&CampaignId::new("c")).await.unwrap(), 3);
}
