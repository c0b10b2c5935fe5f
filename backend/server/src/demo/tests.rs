use std::collections::{BTreeMap, BTreeSet};

use serde_json::Value;

use super::*;

const END: i64 = 1_795_219_200_000_000;

fn small(seed: u64) -> Demo {
    Demo { seed, users: 500, events: 5000, end: END }
}

fn message(message: &DemoMessage) -> Value {
    let envelope: Value = serde_json::from_slice(&message.payload).unwrap();
    assert_eq!(envelope["v"], 1);
    assert_eq!(envelope.as_object().unwrap().len(), 2);
    envelope["message"].clone()
}

fn messages(demo: &Demo) -> Vec<Value> {
    demo.messages().map(|one| message(&one)).collect()
}

fn micros(message: &Value) -> i64 {
    message["timestamp"].as_str().unwrap().parse::<jiff::Timestamp>().unwrap().as_microsecond()
}

#[test]
fn the_same_numbers_give_the_same_bytes_and_others_do_not() {
    let all = |demo: Demo| demo.messages().collect::<Vec<_>>();
    assert_eq!(all(small(7)), all(small(7)));
    assert_ne!(all(small(7)), all(small(8)));
}

#[test]
fn sizes_are_what_was_asked_for() {
    let all = messages(&small(1));
    let (tracks, identifies): (Vec<&Value>, Vec<&Value>) = all.iter().partition(|message| message["type"] == "track");
    assert_eq!(tracks.len(), 5000);
    let known: BTreeSet<&str> = identifies.iter().filter_map(|message| message["userId"].as_str()).collect();
    assert_eq!(known.len(), 500);
    assert!(tracks.iter().all(|message| known.contains(message["userId"].as_str().unwrap())));
    let ids: BTreeSet<&str> = all.iter().filter_map(|message| message["messageId"].as_str()).collect();
    assert_eq!(ids.len(), all.len());
}

#[test]
fn time_only_goes_forward_within_three_years() {
    let mut last = i64::MIN;
    for one in small(2).messages() {
        let time = micros(&message(&one));
        assert!((END - DAYS * DAY..END).contains(&time), "{time}");
        assert!(time <= one.received_at && one.received_at <= END);
        assert!(time / DAY >= last / DAY, "a day never comes back");
        last = time;
    }
}

#[test]
fn every_event_has_its_properties() {
    let mut seen: BTreeMap<String, BTreeSet<String>> = BTreeMap::new();
    for message in messages(&small(3)).iter().filter(|message| message["type"] == "track") {
        let keys = message["properties"].as_object().unwrap().keys().cloned();
        seen.entry(message["event"].as_str().unwrap().to_owned()).or_default().extend(keys);
    }
    let keys = |event: &str| seen[event].iter().map(String::as_str).collect::<Vec<_>>().join(" ");
    assert_eq!(keys("video_view"), "completed device duration_s genre programme season");
    assert_eq!(keys("ad_impression"), "campaign programme");
    assert_eq!((keys("login").as_str(), keys("search").as_str()), ("device", "query"));
    assert_eq!((keys("subscribe").as_str(), keys("cancel").as_str()), ("plan", "plan"));
    assert_eq!(seen.len(), 6);
}

#[test]
fn the_catalogue_has_500_titles_and_seasons_of_three_months() {
    let rows = small(1).programmes();
    let titles: BTreeSet<&str> = rows.iter().filter_map(|row| row["title"].as_str()).collect();
    assert_eq!(titles.len(), 500);
    let ncis = rows.iter().find(|row| row["title"] == "NCIS").unwrap();
    assert_eq!(ncis["genre"], "Crime");
    let last = ncis["seasons"].as_array().unwrap().last().unwrap();
    assert_eq!((last["from"].as_str(), last["to"].as_str()), (Some("2026-10-01"), Some("2026-12-31")));
}

#[test]
fn a_few_programmes_are_most_of_what_is_watched_and_shows_have_seasons() {
    let all = messages(&Demo { users: 3000, events: 60_000, ..small(1) });
    let mut views: BTreeMap<&str, u64> = BTreeMap::new();
    let mut ncis = [0; 12];
    for message in all.iter().filter(|message| message["event"] == "video_view") {
        *views.entry(message["properties"]["programme"].as_str().unwrap()).or_default() += 1;
        if message["properties"]["programme"] == "NCIS" {
            ncis[civil(micros(message)).1 as usize - 1] += 1;
        }
    }
    let mut counts: Vec<u64> = views.values().copied().collect();
    counts.sort_unstable_by(|a, b| b.cmp(a));
    let total: u64 = counts.iter().sum();
    let top: u64 = counts.iter().take(50).sum();
    assert!(views.len() > 400 && top * 2 > total, "{} titles, {top} of {total}", views.len());
    let on_air: u64 = ncis[9..].iter().sum();
    assert!(on_air * 2 > ncis.iter().sum::<u64>(), "{ncis:?}");
}

#[test]
fn addresses_cannot_be_anybodys() {
    for message in messages(&small(4)) {
        if let Some(address) = message["traits"]["email"].as_str() {
            assert!(
                address.is_ascii() && people::DOMAINS.iter().any(|domain| address.ends_with(&format!("@{domain}"))),
                "{address}"
            );
        }
    }
}

/// Who would be in each segment, reckoned without the engine.
fn sizes(demo: &Demo) -> [usize; 7] {
    let all = messages(demo);
    let day = |message: &Value| (END - micros(message)) / DAY;
    let mut traits: BTreeMap<&str, Value> = BTreeMap::new();
    let mut tallies: BTreeMap<&str, [i64; 8]> = BTreeMap::new();
    for message in &all {
        let user = message["userId"].as_str().unwrap();
        let known = traits.entry(user).or_insert_with(|| serde_json::json!({}));
        for (key, value) in message["traits"].as_object().into_iter().flatten() {
            known[key] = value.clone();
        }
        let tally = tallies.entry(user).or_default();
        let (properties, event) = (&message["properties"], message["event"].as_str().unwrap_or_default());
        let (age, view) = (day(message), event == "video_view");
        tally[0] += i64::from(view);
        tally[1] += i64::from(view && age < 60);
        tally[2] += i64::from(view && age < 90 && properties["genre"] == "Drama" && properties["completed"] == true);
        tally[3] += i64::from(view && age < 365 && properties["programme"] == "NCIS");
        tally[4] += if view && age < 30 { properties["duration_s"].as_i64().unwrap() } else { 0 };
        let ncis_on_air = |first: &str, last: &str| {
            let on_air = (first..=last).contains(&&message["timestamp"].as_str().unwrap()[..10]);
            i64::from(view && properties["programme"] == "NCIS" && on_air)
        };
        tally[6] += ncis_on_air("2025-10-01", "2025-12-31");
        tally[7] += ncis_on_air("2026-10-01", "2026-12-31");
        tally[5] += i64::from(!event.is_empty() && age < 30) - 1000 * i64::from(event == "cancel" && age < 90);
    }
    let count =
        |holds: &dyn Fn(&Value, &[i64; 8]) -> bool| traits.iter().filter(|(user, traits)| holds(traits, &tallies[*user])).count();
    [
        count(&|traits, _| traits["gender"] == "F" && traits["age"].as_i64().is_some_and(|age| (25..=49).contains(&age))),
        count(&|_, tally| tally[0] > 0 && tally[1] == 0),
        count(&|_, tally| tally[2] >= 3),
        count(&|_, tally| tally[3] >= 2),
        count(&|_, tally| tally[4] > 14_400),
        count(&|traits, tally| traits["consent_email"] == true && traits["email"].is_string() && tally[5] > 0),
        count(&|_, tally| tally[6] > 0 && tally[7] == 0),
    ]
}

#[test]
fn no_segment_is_empty_or_everybody_even_in_a_small_demo() {
    for seed in 1..6 {
        let sizes = sizes(&small(seed));
        assert!(sizes.iter().all(|size| (1..500).contains(size)), "seed {seed}: {sizes:?}");
    }
    let sizes = sizes(&Demo { users: 4000, events: 200_000, ..small(1) });
    assert!(sizes.iter().all(|size| (40..3600).contains(size)), "{sizes:?}");
}

#[test]
fn the_campaign_goes_to_a_segment_of_the_demo() {
    assert!(segments().iter().any(|(name, ..)| *name == DRAFT_CAMPAIGN.segment));
    assert!(DRAFT_CAMPAIGN.body.contains("{{ unsubscribe_url }}") && DRAFT_CAMPAIGN.body.starts_with("<mjml>"));
}
