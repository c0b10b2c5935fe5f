//! The demo service's viewers: who they are, when they came, what they like, when they left.

use super::clock::DAY;
use super::random::Random;

/// Countries with some of their cities and their share of a hundred viewers.
pub const COUNTRIES: [(&str, [&str; 5], u64); 6] = [
    ("FR", ["Paris", "Lyon", "Marseille", "Lille", "Nantes"], 30),
    ("GB", ["London", "Manchester", "Leeds", "Bristol", "Glasgow"], 25),
    ("DE", ["Berlin", "Hamburg", "Köln", "München", "Leipzig"], 18),
    ("ES", ["Madrid", "Barcelona", "Sevilla", "Valencia", "Bilbao"], 12),
    ("IT", ["Roma", "Milano", "Torino", "Napoli", "Bologna"], 10),
    ("BE", ["Bruxelles", "Antwerpen", "Gent", "Liège", "Namur"], 5),
];

/// First names of women, men and everybody.
pub const FIRST_NAMES: [[&str; 20]; 3] = [
    [
        "Alice", "Camille", "Chloé", "Emma", "Léa", "Sofia", "Giulia", "Hannah", "Ingrid", "Olivia", "Amelia", "Zoë", "Lucía",
        "Martina", "Nora", "Paula", "Sarah", "Yasmin", "Clara", "Fatima",
    ],
    [
        "Adam", "Ben", "Carlos", "David", "Enzo", "Felix", "Hugo", "Ivan", "Jakob", "José", "Karim", "Liam", "Luca", "Marco",
        "Noah", "Oscar", "Paul", "Samuel", "Thomas", "Yusuf",
    ],
    [
        "Alex",
        "Andrea",
        "Ariel",
        "Charlie",
        "Dominique",
        "Eden",
        "Jules",
        "Kim",
        "Lou",
        "Morgan",
        "Noa",
        "Robin",
        "Sacha",
        "Sam",
        "Sascha",
        "Toni",
        "Kai",
        "Quinn",
        "Remi",
        "Sidney",
    ],
];

/// Family names; they only show in addresses.
pub const LAST_NAMES: [&str; 24] = [
    "martin", "bernard", "dubois", "smith", "jones", "taylor", "mueller", "schmidt", "fischer", "garcia", "lopez", "rossi",
    "russo", "ferrari", "peeters", "janssens", "brown", "evans", "moreau", "laurent", "weber", "wagner", "romero", "ricci",
];

/// Domains that can never be somebody's (RFC 2606).
pub const DOMAINS: [&str; 4] = ["example.com", "example.org", "example.net", "mail.example"];

/// Genders as sent; [`Person::gender`] is an index, 3 means not told.
pub const GENDERS: [&str; 3] = ["F", "M", "X"];

/// Plans, the cheapest first.
pub const PLANS: [&str; 3] = ["free", "basic", "premium"];

/// A viewer.
#[derive(Debug, Clone)]
pub struct Person {
    /// When the account was made.
    pub signed_up_at: i64,
    /// When the viewer stopped coming.
    pub left_at: Option<i64>,
    /// When a viewer on the free plan took a paid one.
    pub upgraded_at: Option<i64>,
    /// How often the viewer comes, relative to others.
    pub weight: f64,
    /// Year of birth, if told.
    pub birth_year: Option<u16>,
    /// Index into [`GENDERS`], or 3.
    pub gender: u8,
    /// Index into the first names of the gender.
    pub first_name: u8,
    /// Index into [`LAST_NAMES`].
    pub last_name: u8,
    /// Index into [`COUNTRIES`].
    pub country: u8,
    /// Index into the country's cities.
    pub city: u8,
    /// Index into [`PLANS`], at the beginning.
    pub plan: u8,
    /// Index into [`DOMAINS`]; `None` has no address.
    pub domain: Option<u8>,
    /// Shares the address of the viewer before.
    pub shares_address: bool,
    /// Allows advertising by segment.
    pub consent_ads: bool,
    /// Allows e-mail.
    pub consent_email: bool,
    /// Indices of genres, the dearest first.
    pub genres: [u8; 3],
    /// How many of `genres` count.
    pub genres_liked: u8,
    /// Mostly watches on this device.
    pub device: u8,
}

/// Everybody, in the order of their ids.
pub fn people(seed: u64, users: u32, start: i64, end: i64, year: i32) -> Vec<Person> {
    let mut random = Random::new(seed, 2);
    (0..users).map(|number| person(&mut random, number, start, end, year)).collect()
}

fn person(random: &mut Random, number: u32, start: i64, end: i64, year: i32) -> Person {
    let signed_up_at = if random.chance(450) {
        start - random.below(4 * 365 * DAY as u64) as i64
    } else {
        start + random.below((end - start - DAY) as u64) as i64
    };
    let free_from = signed_up_at.max(start) + 7 * DAY;
    let later = |random: &mut Random, of_thousand: u64| {
        let happens = random.chance(of_thousand);
        let room = end - free_from;
        (happens && room > DAY).then(|| free_from + random.below(room as u64) as i64)
    };
    let plan = random.pick(&[0u8, 0, 0, 1, 1, 1, 1, 2, 2, 2]);
    let left_at = later(random, 320);
    let upgraded_at = if plan == 0 { later(random, 250).filter(|at| left_at.is_none_or(|left| *at < left)) } else { None };
    let gender = random.pick(&[0u8, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 1, 1, 1, 1, 1, 1, 1, 2, 3]);
    let (country, city) = place(random);
    let genres = genres(random, gender);
    Person {
        signed_up_at,
        left_at,
        upgraded_at,
        // Few come daily, many now and then.
        weight: 1.0 / (0.03 + random.unit()),
        birth_year: random.chance(950).then(|| birth_year(random, year)),
        gender,
        first_name: random.below(20) as u8,
        last_name: random.below(LAST_NAMES.len() as u64) as u8,
        country,
        city,
        plan,
        domain: random.chance(965).then(|| random.below(DOMAINS.len() as u64) as u8),
        shares_address: number > 0 && random.chance(12),
        consent_ads: random.chance(640),
        consent_email: random.chance(520),
        genres,
        genres_liked: 1 + random.below(3) as u8,
        device: random.pick(&[0u8, 0, 0, 0, 1, 1, 1, 2, 2, 3]),
    }
}

fn place(random: &mut Random) -> (u8, u8) {
    let mut share = random.below(100);
    let mut country = 0;
    while share >= COUNTRIES[country].2 {
        share -= COUNTRIES[country].2;
        country += 1;
    }
    // The first city is twice as large as any other.
    (country as u8, random.pick(&[0u8, 0, 1, 2, 3, 4]))
}

/// 16 to 85, most between 25 and 55.
fn birth_year(random: &mut Random, year: i32) -> u16 {
    let age = 16 + random.below(24) + random.below(24) + random.below(24);
    (year as u64 - age) as u16
}

fn genres(random: &mut Random, gender: u8) -> [u8; 3] {
    const WOMEN: [u8; 12] = [0, 0, 0, 1, 1, 2, 3, 9, 10, 4, 5, 11];
    const OTHERS: [u8; 12] = [7, 7, 0, 1, 1, 2, 5, 5, 4, 6, 11, 0];
    let table = if gender == 0 { &WOMEN } else { &OTHERS };
    let first = random.pick(table);
    let mut second = random.pick(table);
    if second == first {
        second = (first + 1) % 12;
    }
    let mut third = random.below(12) as u8;
    while third == first || third == second {
        third = (third + 1) % 12;
    }
    [first, second, third]
}
