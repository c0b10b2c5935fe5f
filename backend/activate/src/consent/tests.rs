use std::collections::BTreeSet;

use proptest::prelude::*;

use super::*;

fn uid(number: u32) -> Uid {
    Uid { shard: (number % 3) as u16, local: number / 3 }
}

fn members(numbers: impl IntoIterator<Item = u32>) -> Members {
    let mut members = Members::default();
    for number in numbers {
        members.insert(uid(number));
    }
    members
}

fn counts(waterfall: &Waterfall) -> [u64; 4] {
    waterfall.drops().map(|(_, members)| members.len())
}

#[test]
fn each_step_drops_what_the_one_before_left() {
    let ads = waterfall(&members(0..10), &members(0..7), &members([6, 7, 20]), None, &Barred::default());
    assert_eq!(counts(&ads), [3, 1, 0, 0]);
    assert_eq!((ads.deliverable, ads.address_digest), (members(0..6), None));
    let address = |of: Uid| match of.local * 3 + u32::from(of.shard) {
        0 => None,
        1 => Some("not an address".to_owned()),
        2 => Some("Same@example.org ".to_owned()),
        5 => Some("same@EXAMPLE.org".to_owned()),
        number => Some(format!("user{number}@example.org")),
    };
    let email = waterfall(&members(0..10), &members(0..7), &members([6, 7, 20]), Some(&address), &Barred::default());
    assert_eq!(counts(&email), [3, 1, 2, 1]);
    assert_eq!(email.deliverable, members([2, 3, 4]), "of the two with one address, the first");
}

#[test]
fn nobody_is_mailed_at_the_address_of_somebody_suppressed() {
    let address = |of: Uid| Some(if of.local == 0 { "Shared@example.org" } else { "own@example.org" }.to_owned());
    let barred = Barred::of(["shared@EXAMPLE.org", "not an address"].into_iter());
    let email = waterfall(&members([0, 3]), &members([0, 3]), &members([1]), Some(&address), &barred);
    assert_eq!((email.suppressed, email.deliverable), (members([0]), members([3])));
}

#[test]
fn what_is_not_an_address() {
    for text in
        ["", "@", "a@", "@b.c", "a b@example.org", "a@b\r\nBcc: c@d.e", "a@localhost", "a,b@example.org", "<a@example.org>"]
    {
        assert_eq!(Address::parse(text), None, "{text}");
    }
    for text in ["a@example.org", " a@example.org\n", "o'hara+tag@sub.example.org", "ü@exämple.org"] {
        assert!(Address::parse(text).is_some(), "{text}");
    }
}

#[test]
fn the_address_digest_sees_who_has_which_address() {
    let digest = |one: &str, two: &str| {
        let address = |of: Uid| Some(if of.local == 0 { one } else { two }.to_owned());
        waterfall(&members([0, 3]), &members([0, 3]), &Members::default(), Some(&address), &Barred::default()).address_digest
    };
    let first = digest("a@example.org", "b@example.org");
    assert!(first.is_some() && first == digest("a@example.org", "b@example.org"));
    assert_ne!(first, digest("b@example.org", "a@example.org"));
    assert_ne!(first, digest("a@example.org", "a@example.org"));
}

proptest! {
    #[test]
    fn drops_are_disjoint_and_add_up(
        matched in proptest::collection::btree_set(0u32..200, 0..150),
        consenting in proptest::collection::btree_set(0u32..200, 0..200),
        suppressed in proptest::collection::btree_set(0u32..200, 0..60),
        addresses in proptest::collection::vec(proptest::option::of(0u32..60), 200),
    ) {
        let (matched, consenting, suppressed) = (members(matched), members(consenting), members(suppressed));
        let address = |of: Uid| {
            let number = (of.local * 3 + u32::from(of.shard)) as usize;
            addresses[number].map(|address| format!("{address}@example.org"))
        };
        let ads = waterfall(&matched, &consenting, &suppressed, None, &Barred::default());
        let barred: BTreeSet<String> = suppressed.iter().filter_map(address).collect();
        let email = waterfall(&matched, &consenting, &suppressed, Some(&address), &Barred::of(barred.iter().map(String::as_str)));
        for waterfall in [&ads, &email] {
            let mut all = waterfall.deliverable.clone();
            for (name, drop) in waterfall.drops() {
                prop_assert!(all.and(drop).is_empty(), "{} overlaps", name);
                all = all.or(drop);
            }
            prop_assert_eq!(&all, &waterfall.matched);
            prop_assert_eq!(waterfall.deliverable.len() + counts(waterfall).iter().sum::<u64>(), waterfall.matched.len());
        }
        let kept: BTreeSet<_> = email.deliverable.iter().filter_map(address).collect();
        let offered: BTreeSet<_> = ads.deliverable.iter().filter_map(address).filter(|address| !barred.contains(address)).collect();
        prop_assert_eq!(kept.len() as u64, email.deliverable.len(), "nobody shares one");
        prop_assert_eq!(kept, offered, "no address is lost");
    }
}
