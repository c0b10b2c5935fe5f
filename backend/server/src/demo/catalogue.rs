//! The programmes that the demo service shows: what they are, when they run, how popular they are.

use serde_json::{Value, json};

use super::random::Random;

/// Genres, the commonest first.
pub const GENRES: [&str; 12] = [
    "Drama",
    "Crime",
    "Comedy",
    "Reality",
    "Documentary",
    "Science Fiction",
    "News",
    "Sport",
    "Kids",
    "Romance",
    "Cooking",
    "Thriller",
];

/// How many programmes there are.
pub const PROGRAMMES: usize = 500;

/// A programme.
#[derive(Debug, Clone)]
pub struct Programme {
    /// Title, unique.
    pub title: String,
    /// Index into [`GENRES`].
    pub genre: usize,
    /// `series`, `film` or `show`.
    pub kind: &'static str,
    /// First of the three months (1 to 12) in which new episodes run each year; `None` runs all year.
    pub first_month: Option<u32>,
    /// The year of season 1.
    pub first_year: i32,
    /// Relative popularity.
    pub weight: f64,
}

/// Titles that people recognise, the most watched first.
const FAMOUS: [(&str, usize, u32); 8] = [
    ("NCIS", 1, 10),
    ("Grey's Anatomy", 0, 2),
    ("Midsomer Murders", 1, 1),
    ("Doctor Who", 5, 5),
    ("The Great British Bake Off", 10, 9),
    ("Downton Abbey", 0, 11),
    ("Planet Earth", 4, 3),
    ("Match of the Day", 7, 8),
];

const FIRST_WORDS: [[&str; 10]; 12] = [
    ["Silent", "Broken", "Distant", "Hollow", "Paper", "Winter", "Saltwater", "Borrowed", "Northern", "Amber"],
    ["Cold", "Dead", "Harbour", "Midnight", "Missing", "Blue", "Iron", "Lower", "Second", "Crooked"],
    ["Almost", "Nearly", "Fairly", "Meet the", "Oh No,", "Barely", "Kind of", "Still", "Totally", "Just"],
    ["Love", "Island", "Extreme", "Secret", "Celebrity", "Village", "Rescue", "Ultimate", "Wedding", "Garage"],
    ["Hidden", "Wild", "Ancient", "Inside", "Lost", "Deep", "Living", "Secret Life of", "Beyond", "Forgotten"],
    ["Orbital", "Zero", "Solar", "Quantum", "Last", "Star", "Parallel", "Binary", "Far", "Hyper"],
    ["Morning", "Evening", "World", "Weekend", "Business", "Europe", "City", "Late", "Open", "Front"],
    ["Grand", "Road to", "Match", "Total", "Centre", "Premier", "Golden", "Extra", "Home", "Super"],
    ["Captain", "Little", "Magic", "Professor", "Tiny", "Super", "Princess", "Robo", "Happy", "Jolly"],
    ["Summer", "Letters to", "Forever", "Dear", "Second", "Paris", "Moonlight", "Promise of", "Garden of", "Always"],
    ["Kitchen", "Home", "Street", "Sweet", "Grandma's", "Fire &", "Harvest", "Sunday", "Market", "Spice"],
    ["Dark", "Blind", "Silent", "Burning", "Sleeper", "Black", "Glass", "Final", "Shadow", "Double"],
];

const LAST_WORDS: [[&str; 10]; 12] = [
    ["Tides", "Kingdom", "Hearts", "Fathers", "Shore", "Seasons", "Letters", "House", "Light", "Roads"],
    ["Case", "Precinct", "Evidence", "Harbour", "Witness", "Unit", "Street", "Line", "Verdict", "Alibi"],
    ["Roommates", "Neighbours", "Normal", "Grown-ups", "Family", "Adults", "Cousins", "Fine", "Friends", "Geniuses"],
    ["Makeover", "Challenge", "Bachelor", "Auction", "Survivors", "Kitchen", "Builders", "Dancers", "Bargains", "Exchange"],
    ["Rivers", "Empires", "Oceans", "Cities", "Machines", "Forests", "Minds", "Railways", "Planets", "Deserts"],
    ["Station", "Horizon", "Colony", "Protocol", "Signal", "Drift", "Frontier", "Garden", "Engine", "Voyage"],
    ["Report", "Briefing", "Today", "Update", "Debate", "Wire", "Agenda", "Dispatch", "Desk", "Review"],
    ["Slam", "Finals", "Day", "Arena", "League", "Racing", "Cup", "Goals", "Stadium", "Tour"],
    ["Pals", "Bear", "Adventures", "Academy", "Rangers", "Farm", "Pirates", "Detectives", "Workshop", "Train"],
    ["Promises", "Juliet", "Hearts", "Vows", "Chances", "Nights", "Waltz", "Roses", "You", "Tomorrow"],
    ["Masters", "Table", "Feast", "Secrets", "Diaries", "Duel", "Academy", "Stories", "Recipes", "Journey"],
    ["Account", "Trust", "Asset", "Exit", "Hour", "Protocol", "Descent", "Deadline", "Target", "Cell"],
];

/// The catalogue of a seed, the most popular first.
pub fn programmes(seed: u64) -> Vec<Programme> {
    let mut random = Random::new(seed, 1);
    let mut titles: Vec<(usize, usize, usize)> = Vec::new();
    for genre in 0..GENRES.len() {
        titles.extend((0..100).map(|pair| (genre, pair / 10, pair % 10)));
    }
    // Common genres keep more of their pairs of words.
    let mut kept = vec![0; GENRES.len()];
    for last in (1..titles.len()).rev() {
        titles.swap(last, random.index(last + 1));
    }
    titles.retain(|(genre, ..)| {
        kept[*genre] += 1;
        kept[*genre] <= 76 - genre * 5
    });
    let famous = FAMOUS.iter().map(|(title, genre, month)| ((*title).to_owned(), *genre, Some(*month)));
    let invented: Vec<_> = titles
        .into_iter()
        .map(|(genre, first, last)| (format!("{} {}", FIRST_WORDS[genre][first], LAST_WORDS[genre][last]), genre, None))
        .collect();
    let mut all: Vec<_> = famous.chain(invented).take(PROGRAMMES).collect();
    // NCIS stays among the most watched; the other famous ones spread over the first fifty.
    for place in (1..FAMOUS.len()).rev() {
        all.swap(place, place * 6 + random.index(6));
    }
    all.into_iter().enumerate().map(|(rank, (title, genre, month))| programme(&mut random, rank, title, genre, month)).collect()
}

fn programme(random: &mut Random, rank: usize, title: String, genre: usize, month: Option<u32>) -> Programme {
    let all_year = matches!(GENRES[genre], "News" | "Kids" | "Sport");
    let film = month.is_none() && !all_year && random.chance(150);
    let seasonal = !film && !all_year && random.chance(800);
    let any_month = 1 + random.below(12) as u32;
    Programme {
        title,
        genre,
        kind: if film {
            "film"
        } else if all_year {
            "show"
        } else {
            "series"
        },
        first_month: month.or(seasonal.then_some(any_month)),
        first_year: 2012 + random.below(11) as i32,
        weight: 1.0 / (rank as f64 + 4.0),
    }
}

impl Programme {
    /// How popular it is in a month: off season, people catch up.
    pub fn weight_in(&self, month: u32) -> f64 {
        match self.first_month {
            Some(first) if (month + 12 - first) % 12 >= 3 => self.weight * 0.06,
            Some(_) => self.weight * 2.2,
            None => self.weight,
        }
    }

    /// The newest season in a month of a year; films have season 1.
    pub fn season(&self, year: i32, month: u32) -> u32 {
        let begun = self.first_month.is_none_or(|first| month >= first);
        let season = year - self.first_year + i32::from(begun);
        if self.kind == "film" { 1 } else { season.max(1) as u32 }
    }

    /// The catalogue's row: key `title`, `genre`, `kind`, `first_year`, and `seasons`, a list of `{from, to}` in calendar days.
    pub fn row(&self, last_year: i32) -> Value {
        let season = |year: i32| {
            let first = self.first_month?;
            let (to_year, to_month) = if first > 10 { (year + 1, first - 10) } else { (year, first + 2) };
            let last_day = match to_month {
                2 => 28,
                4 | 6 | 9 | 11 => 30,
                _ => 31,
            };
            Some(json!({
                "from": format!("{year}-{first:02}-01"),
                "to": format!("{to_year}-{to_month:02}-{last_day}"),
            }))
        };
        let seasons: Vec<Value> = (self.first_year..=last_year).filter_map(season).collect();
        json!({"title": self.title, "genre": GENRES[self.genre], "kind": self.kind, "first_year": self.first_year, "seasons": seasons})
    }
}
