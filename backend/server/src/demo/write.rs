//! Moments to the envelopes that the log keeps: `{"v":1,"message":{...}}`, where `message` is what a tracking client
//! sends. Written by hand, since a demo is millions of them. No text of the tables needs escaping.

use super::catalogue::{GENRES, PROGRAMMES, Programme};
use super::clock::{DAY, civil};
use super::people::{COUNTRIES, DOMAINS, FIRST_NAMES, GENDERS, LAST_NAMES, PLANS, Person};
use super::timeline::{Moment, What};

/// What people watch on.
pub const DEVICES: [&str; 4] = ["tv", "mobile", "web", "tablet"];

/// Whose advertisements are shown.
pub const ADVERTISERS: [&str; 12] = [
    "Volta electric cars",
    "Nordlys travel",
    "Sonnenkorn muesli",
    "Atlas insurance",
    "Brio running shoes",
    "Casa Verde furniture",
    "Lumen phones",
    "Aria perfume",
    "Terra coffee",
    "Polar ice cream",
    "Quick mobile",
    "Maison bank",
];

/// Writes messages of one demo.
pub struct Writer {
    seed: u64,
    year: i32,
    number: u64,
}

impl Writer {
    /// `year` is the year in which ages are true.
    pub fn new(seed: u64, year: i32) -> Writer {
        Writer { seed, year, number: 0 }
    }

    /// The envelope of a moment.
    pub fn envelope(&mut self, moment: &Moment, catalogue: &[Programme], people: &[Person]) -> Vec<u8> {
        self.number += 1;
        let mut out = Vec::with_capacity(400);
        let profile = matches!(moment.what, What::Profile | What::PlanChange(_));
        put(
            &mut out,
            if profile {
                r#"{"v":1,"message":{"type":"identify","messageId":"demo-"#
            } else {
                r#"{"v":1,"message":{"type":"track","messageId":"demo-"#
            },
        );
        number(&mut out, self.seed);
        out.push(b'-');
        number(&mut out, self.number);
        put(&mut out, r#"","userId":""#);
        user_id(&mut out, moment.user);
        put(&mut out, r#"","timestamp":""#);
        timestamp(&mut out, moment.time);
        match moment.what {
            What::Profile => self.profile(&mut out, moment.user, people),
            What::PlanChange(plan) => quoted(&mut out, r#"","traits":{"plan":"#, PLANS[usize::from(plan)]),
            What::Login { device } => {
                quoted(&mut out, r#"","event":"login","properties":{"device":"#, DEVICES[usize::from(device)])
            }
            What::View { programme, season, device, seconds, completed } => {
                let programme = &catalogue[usize::from(programme)];
                quoted(&mut out, r#"","event":"video_view","properties":{"programme":"#, &programme.title);
                quoted(&mut out, r#","genre":"#, GENRES[programme.genre]);
                put(&mut out, r#","season":"#);
                number(&mut out, u64::from(season));
                quoted(&mut out, r#","device":"#, DEVICES[usize::from(device)]);
                put(&mut out, r#","duration_s":"#);
                number(&mut out, u64::from(seconds));
                put(&mut out, if completed { r#","completed":true"# } else { r#","completed":false"# });
            }
            What::Search(sought) => {
                let sought = usize::from(sought);
                let query = if sought < PROGRAMMES { &catalogue[sought].title } else { GENRES[sought - PROGRAMMES] };
                quoted(&mut out, r#"","event":"search","properties":{"query":"#, query);
            }
            What::Ad { campaign, programme } => {
                quoted(&mut out, r#"","event":"ad_impression","properties":{"campaign":"#, ADVERTISERS[usize::from(campaign)]);
                quoted(&mut out, r#","programme":"#, &catalogue[usize::from(programme)].title);
            }
            What::Subscribe(plan) => quoted(&mut out, r#"","event":"subscribe","properties":{"plan":"#, PLANS[usize::from(plan)]),
            What::Cancel(plan) => quoted(&mut out, r#"","event":"cancel","properties":{"plan":"#, PLANS[usize::from(plan)]),
        }
        put(&mut out, "}}}");
        out
    }

    fn profile(&self, out: &mut Vec<u8>, user: u32, people: &[Person]) {
        let person = &people[user as usize];
        let first_name = first_name(person);
        quoted(out, r#"","traits":{"first_name":"#, first_name);
        if let Some(gender) = GENDERS.get(usize::from(person.gender)) {
            quoted(out, r#","gender":"#, gender);
        }
        if let Some(birth_year) = person.birth_year {
            put(out, r#","birth_year":"#);
            number(out, u64::from(birth_year));
            put(out, r#","age":"#);
            number(out, (self.year as u64).saturating_sub(u64::from(birth_year)));
        }
        let (country, cities, _) = COUNTRIES[usize::from(person.country)];
        quoted(out, r#","country":"#, country);
        quoted(out, r#","city":"#, cities[usize::from(person.city)]);
        quoted(out, r#","plan":"#, PLANS[usize::from(person.plan)]);
        if let Some(domain) = person.domain {
            let shared = people.get((user as usize).wrapping_sub(1)).filter(|_| person.shares_address);
            let (owner, number_of) = shared.map_or((person, user), |owner| (owner, user - 1));
            put(out, r#","email":""#);
            address(out, owner, number_of, owner.domain.unwrap_or(domain));
            out.push(b'"');
        }
        put(out, r#","signed_up_at":""#);
        timestamp(out, person.signed_up_at);
        put(out, if person.consent_ads { r#"","consent_ads":true"# } else { r#"","consent_ads":false"# });
        put(out, if person.consent_email { r#","consent_email":true"# } else { r#","consent_email":false"# });
        put(out, r#","genres_liked":["#);
        for (place, genre) in person.genres.iter().take(usize::from(person.genres_liked)).enumerate() {
            quoted(out, if place > 0 { "," } else { "" }, GENRES[usize::from(*genre)]);
        }
        out.push(b']');
    }
}

fn first_name(person: &Person) -> &'static str {
    FIRST_NAMES[usize::from(person.gender).min(2)][usize::from(person.first_name)]
}

fn put(out: &mut Vec<u8>, text: &str) {
    out.extend_from_slice(text.as_bytes());
}

/// `before` and then a JSON string.
fn quoted(out: &mut Vec<u8>, before: &str, text: &str) {
    put(out, before);
    out.push(b'"');
    put(out, text);
    out.push(b'"');
}

fn number(out: &mut Vec<u8>, mut number: u64) {
    let mut digits = [0; 20];
    let mut at = digits.len();
    loop {
        at -= 1;
        digits[at] = b'0' + (number % 10) as u8;
        number /= 10;
        if number == 0 {
            break;
        }
    }
    out.extend_from_slice(&digits[at..]);
}

fn padded(out: &mut Vec<u8>, value: u64, digits: usize) {
    let mut scale = 10u64.pow(digits as u32 - 1);
    while scale > 0 {
        out.push(b'0' + (value / scale % 10) as u8);
        scale /= 10;
    }
}

fn user_id(out: &mut Vec<u8>, user: u32) {
    out.push(b'u');
    padded(out, u64::from(user) + 1, 7);
}

fn timestamp(out: &mut Vec<u8>, time: i64) {
    let (year, month, day) = civil(time);
    let millis = time.rem_euclid(DAY) as u64 / 1000;
    padded(out, year as u64, 4);
    out.push(b'-');
    padded(out, u64::from(month), 2);
    out.push(b'-');
    padded(out, u64::from(day), 2);
    out.push(b'T');
    padded(out, millis / 3_600_000, 2);
    out.push(b':');
    padded(out, millis / 60_000 % 60, 2);
    out.push(b':');
    padded(out, millis / 1000 % 60, 2);
    out.push(b'.');
    padded(out, millis % 1000, 3);
    out.push(b'Z');
}

/// `first.last123@domain`, ASCII.
fn address(out: &mut Vec<u8>, person: &Person, user: u32, domain: u8) {
    for letter in first_name(person).chars() {
        match letter {
            'é' | 'ë' => out.push(b'e'),
            'í' => out.push(b'i'),
            other => out.extend(u8::try_from(other.to_ascii_lowercase()).ok().filter(u8::is_ascii)),
        }
    }
    out.push(b'.');
    put(out, LAST_NAMES[usize::from(person.last_name)]);
    number(out, u64::from(user) + 1);
    out.push(b'@');
    put(out, DOMAINS[usize::from(domain)]);
}
