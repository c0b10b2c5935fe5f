//! Who does what when: a day at a time, so that memory holds the viewers and one day.
//!
//! A day's number of sessions follows the weekday, the month and the growth of the service; a session is a sign-in, at
//! times a search, and some programmes with advertisements before them. Sign-ups, upgrades and departures were decided
//! with the viewers ([`super::people`]) and are merged in.

use super::catalogue::{GENRES, PROGRAMMES, Programme};
use super::clock::{DAY, SECOND, civil, weekday};
use super::people::Person;
use super::random::{Random, Weighted};

/// Something that happens.
#[derive(Debug, Clone, Copy)]
pub struct Moment {
    /// When.
    pub time: i64,
    /// Who: an index into the viewers.
    pub user: u32,
    /// What.
    pub what: What,
}

/// What can happen.
#[derive(Debug, Clone, Copy)]
pub enum What {
    /// All traits are sent.
    Profile,
    /// The trait `plan` changes to this index of [`super::people::PLANS`].
    PlanChange(u8),
    /// A sign-in.
    Login {
        /// Index into [`super::write::DEVICES`].
        device: u8,
    },
    /// A programme is watched.
    View {
        /// Index into the catalogue.
        programme: u16,
        /// Season.
        season: u16,
        /// Index into [`super::write::DEVICES`].
        device: u8,
        /// For how long.
        seconds: u32,
        /// To the end.
        completed: bool,
    },
    /// A search for a programme's title or, from [`PROGRAMMES`] on, for a genre.
    Search(u16),
    /// An advertisement before a programme.
    Ad {
        /// Index into [`super::write::ADVERTISERS`].
        campaign: u8,
        /// Index into the catalogue.
        programme: u16,
    },
    /// A paid plan begins.
    Subscribe(u8),
    /// A paid plan ends.
    Cancel(u8),
}

/// Percentages of a usual day: Monday to Sunday.
const WEEKDAYS: [f64; 7] = [88.0, 86.0, 88.0, 90.0, 108.0, 122.0, 118.0];
/// Percentages of a usual month: January to December.
const MONTHS: [f64; 12] = [116.0, 112.0, 104.0, 98.0, 92.0, 84.0, 80.0, 82.0, 96.0, 106.0, 114.0, 116.0];
/// Weight of each hour of the day, UTC.
const HOURS: [f64; 24] =
    [3.0, 1.6, 0.8, 0.5, 0.4, 0.6, 1.2, 2.2, 2.6, 2.4, 2.4, 2.8, 4.0, 3.8, 3.0, 3.0, 3.6, 5.0, 7.6, 10.5, 13.0, 12.5, 9.0, 5.5];
const ADVERTISERS: u64 = super::write::ADVERTISERS.len() as u64;

/// The days of a demo, in order.
pub struct Timeline {
    seed: u64,
    random: Random,
    start: i64,
    end: i64,
    day: i64,
    /// Cumulative share of all events at the end of each day.
    shares: Vec<f64>,
    wanted: u64,
    made: u64,
    catalogue: Vec<Programme>,
    people: Vec<Person>,
    by_activity: Weighted,
    favourites: Weighted,
    by_hour: Weighted,
    month: Month,
    decided: Vec<Moment>,
    next_decided: usize,
}

/// What is on in a month.
struct Month {
    year: i32,
    month: u32,
    all: Weighted,
    by_genre: Vec<(Weighted, Vec<u16>)>,
}

impl Month {
    fn new(catalogue: &[Programme], year: i32, month: u32) -> Month {
        let weights: Vec<f64> = catalogue.iter().map(|programme| programme.weight_in(month)).collect();
        let of_genre = |genre: usize| {
            let members: Vec<u16> =
                (0..catalogue.len()).filter(|index| catalogue[*index].genre == genre).map(|index| index as u16).collect();
            let weights: Vec<f64> = members.iter().map(|index| weights[usize::from(*index)]).collect();
            (Weighted::new(&weights), members)
        };
        Month { year, month, all: Weighted::new(&weights), by_genre: (0..GENRES.len()).map(of_genre).collect() }
    }
}

impl Timeline {
    /// The days from `start` to `end` (whole days apart) with about `events` events.
    pub fn new(seed: u64, start: i64, end: i64, events: u64, catalogue: Vec<Programme>, people: Vec<Person>) -> Timeline {
        let days = (end - start) / DAY;
        let mut sum = 0.0;
        let mut shares: Vec<f64> = (0..days)
            .map(|day| {
                let instant = start + day * DAY;
                sum +=
                    (0.55 + 0.45 * day as f64 / days as f64) * WEEKDAYS[weekday(instant)] * MONTHS[civil(instant).1 as usize - 1];
                sum
            })
            .collect();
        shares.iter_mut().for_each(|share| *share /= sum);
        let decided = decided(&people, start, end);
        let scheduled =
            decided.iter().filter(|moment| matches!(moment.what, What::Subscribe(_) | What::Cancel(_))).count() as u64;
        let (year, month, _) = civil(start);
        Timeline {
            seed,
            random: Random::new(seed, 3),
            start,
            end,
            day: 0,
            shares,
            wanted: events.saturating_sub(scheduled),
            made: 0,
            by_activity: Weighted::new(&people.iter().map(|person| person.weight).collect::<Vec<f64>>()),
            favourites: Weighted::new(&catalogue.iter().map(|programme| programme.weight).collect::<Vec<f64>>()),
            by_hour: Weighted::new(&HOURS),
            month: Month::new(&catalogue, year, month),
            catalogue,
            people,
            decided,
            next_decided: 0,
        }
    }

    /// The catalogue.
    pub fn catalogue(&self) -> &[Programme] {
        &self.catalogue
    }

    /// The viewers.
    pub fn people(&self) -> &[Person] {
        &self.people
    }

    /// The next day, sorted by time, into `moments`; false at the end.
    pub fn next_day(&mut self, moments: &mut Vec<Moment>) -> bool {
        moments.clear();
        let Some(share) = self.shares.get(self.day as usize) else {
            return false;
        };
        let until = (self.wanted as f64 * share).round() as u64;
        let day_start = self.start + self.day * DAY;
        let (year, month, _) = civil(day_start);
        if (year, month) != (self.month.year, self.month.month) {
            self.month = Month::new(&self.catalogue, year, month);
        }
        // Perhaps nobody is there to do it: then the next day makes up for it.
        let mut tries = 0;
        while self.made < until && tries < 200 {
            match self.somebody(day_start) {
                Some(user) => {
                    tries = 0;
                    self.session(user, day_start, until, moments);
                }
                None => tries += 1,
            }
        }
        while let Some(moment) = self.decided.get(self.next_decided).filter(|moment| moment.time < day_start + DAY) {
            moments.push(*moment);
            self.next_decided += 1;
        }
        moments.sort_by_key(|moment| moment.time);
        self.day += 1;
        true
    }

    fn somebody(&mut self, day_start: i64) -> Option<u32> {
        let user = self.by_activity.pick(&mut self.random);
        let person = &self.people[user];
        let there = person.signed_up_at < day_start && person.left_at.is_none_or(|left| left >= day_start + DAY);
        there.then_some(user as u32)
    }

    fn session(&mut self, user: u32, day_start: i64, until: u64, moments: &mut Vec<Moment>) {
        let hour = self.by_hour.pick(&mut self.random) as i64;
        let in_hour = self.random.below(3_600_000) as i64 * 1000;
        let of_day = hour * 3600 * SECOND + in_hour;
        let mut time = day_start + (of_day - day_start.rem_euclid(DAY)).rem_euclid(DAY);
        let device = if self.random.chance(800) { self.people[user as usize].device } else { self.random.below(4) as u8 };
        let mut happens = |timeline: &mut Timeline, time: i64, what: What| {
            if timeline.made < until {
                timeline.made += 1;
                moments.push(Moment { time: time.min(timeline.end - SECOND), user, what });
            }
        };
        if self.random.chance(700) {
            happens(self, time, What::Login { device });
        }
        if self.random.chance(140) {
            time += self.seconds(5, 60);
            let sought = self.random.below((PROGRAMMES + GENRES.len()) as u64) as u16;
            happens(self, time, What::Search(sought));
        }
        let binge = if self.random.chance(130) { 2 + self.random.below(5) } else { 0 };
        let mut programme = self.programme(user);
        for view in 0..1 + self.random.below(3) + binge {
            if view > 0 && self.random.chance(if binge > 0 { 150 } else { 500 }) {
                programme = self.programme(user);
            }
            time += self.seconds(3, 90);
            if self.people[user as usize].plan < 2 && self.random.chance(420) {
                let campaign = self.random.below(ADVERTISERS) as u8;
                happens(self, time, What::Ad { campaign, programme });
                time += 20 * SECOND;
            }
            let what = self.view(programme, device);
            happens(self, time, what);
            if let What::View { seconds, .. } = what {
                time += i64::from(seconds) * SECOND;
            }
        }
    }

    fn seconds(&mut self, least: u64, most: u64) -> i64 {
        // Milliseconds, as clients send them.
        (least * 1000 + self.random.below((most - least) * 1000)) as i64 * 1000
    }

    fn view(&mut self, programme: u16, device: u8) -> What {
        let about = &self.catalogue[usize::from(programme)];
        let length = match about.kind {
            "film" => 4800 + self.random.below(3000),
            "series" => 2400 + self.random.below(1200),
            _ => 1200 + self.random.below(1500),
        };
        let completed = self.random.chance(640);
        let seconds = if completed { length } else { 30 + self.random.below(length - 60) };
        let season = about.season(self.month.year, self.month.month);
        // Some start with an earlier season.
        let season = if self.random.chance(180) { 1 + self.random.below(u64::from(season)) as u32 } else { season };
        What::View { programme, season: season as u16, device, seconds: seconds as u32, completed }
    }

    fn programme(&mut self, user: u32) -> u16 {
        if self.random.chance(380) {
            let mut own = Random::new(self.seed ^ (u64::from(user) << 20), 4);
            let turns = self.random.below(2);
            (0..turns).for_each(|_| _ = self.favourites.pick(&mut own));
            let favourite = self.favourites.pick(&mut own);
            let programme = &self.catalogue[favourite];
            let on_air = programme.weight_in(self.month.month) >= programme.weight;
            if on_air || self.random.chance(250) {
                return favourite as u16;
            }
        }
        let person = &self.people[user as usize];
        if self.random.chance(650) {
            let genre = person.genres[self.random.index(usize::from(person.genres_liked))];
            let (weighted, members) = &self.month.by_genre[usize::from(genre)];
            return members[weighted.pick(&mut self.random)];
        }
        self.month.all.pick(&mut self.random) as u16
    }
}

/// Profiles, plan changes, subscriptions and cancellations, sorted by time.
fn decided(people: &[Person], start: i64, end: i64) -> Vec<Moment> {
    let mut moments = Vec::with_capacity(people.len() * 2);
    for (user, person) in people.iter().enumerate() {
        let mut happens = |time: i64, what: What| moments.push(Moment { time: time.min(end - SECOND), user: user as u32, what });
        let before = person.signed_up_at < start;
        // Accounts from before the service began to collect arrive in its first six hours.
        let arrival = start + (user as i64 % 21_600) * SECOND;
        happens(if before { arrival } else { person.signed_up_at }, What::Profile);
        let mut plan = person.plan;
        if plan > 0 && !before {
            happens(person.signed_up_at + 40 * SECOND, What::Subscribe(plan));
        }
        if let Some(at) = person.upgraded_at {
            plan = 1 + (user % 2) as u8;
            happens(at, What::Subscribe(plan));
            happens(at + SECOND, What::PlanChange(plan));
        }
        if let (Some(at), true) = (person.left_at, plan > 0) {
            happens(at, What::Cancel(plan));
            happens(at + SECOND, What::PlanChange(0));
        }
    }
    moments.sort_by_key(|moment| moment.time);
    moments
}
