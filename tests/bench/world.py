"""A streaming-TV service as Parquet files: users, programmes, and events of three years. The same flags give the same rows.

Every day has its own random numbers, so memory does not grow with the number of events. What people do is uneven as in life:
few users do most, few programmes are seen most, half of what somebody watches is one of six favourites, most programmes have a
season of three months each year, and people come and go.
"""

import datetime as dt
import json
from pathlib import Path

import numpy as np
import pyarrow as pa
import pyarrow.parquet as pq

EVENTS = ["video_view", "ad_impression", "login", "email_open"]
SHARES = np.cumsum([0.70, 0.22, 0.05, 0.03])
DEVICES = ["tv", "mobile", "web", "tablet", "console"]
DEVICE_SHARES = np.cumsum([0.45, 0.25, 0.15, 0.10, 0.05])
GENRES = ["Drama", "Comedy", "News", "Sport", "Kids", "Film", "Reality", "Documentary", "Music", "Quiz", "Crime", "Lifestyle"]
GENRE_SHARES = [0.16, 0.13, 0.08, 0.10, 0.09, 0.12, 0.09, 0.07, 0.04, 0.04, 0.05, 0.03]
COUNTRIES = ["NL", "DE", "BE", "FR", "GB", "ES", "IT", "PL", "SE", "NO"]
PLANS, PLAN_SHARES = ["free", "basic", "standard", "premium"], [0.35, 0.25, 0.25, 0.15]
# How busy each hour of a day is, UTC.
HOURS = np.cumsum([3, 2, 1, 1, 1, 1, 2, 3, 4, 4, 4, 4, 5, 5, 5, 5, 6, 7, 9, 11, 12, 11, 8, 5]) / 119
CAMPAIGNS = 1000
DAY = 86_400_000_000  # microseconds, as all times here


def falling(count, slope, shift=0.0):
    return 1 / np.power(np.arange(1, count + 1) + shift, slope)


def pick(shares, dice):
    """Positions in growing shares, which end anywhere."""
    return np.searchsorted(shares, dice * shares[-1], side="right").clip(max=len(shares) - 1)


class World:
    def __init__(self, users, events, programmes, days, end, seed):
        self.users, self.events, self.days, self.seed = users, events, days, seed
        self.start = dt.datetime.fromisoformat(end).replace(tzinfo=dt.timezone.utc) - dt.timedelta(days=days)
        dice = np.random.default_rng([seed, 1])
        self.ids = np.char.add("u", np.char.zfill(np.arange(users).astype("U8"), 8))
        self.gender = dice.choice(["F", "M", "X"], users, p=[0.49, 0.49, 0.02])
        self.age = (13 + dice.beta(1.6, 2.2, users) * 75).astype("i4")
        self.country = dice.choice(COUNTRIES, users, p=falling(10, 1) / falling(10, 1).sum())
        self.plan = dice.choice(PLANS, users, p=PLAN_SHARES)
        self.marketing, self.ads = dice.random(users) < 0.6, dice.random(users) < 0.7
        self.joined = np.where(dice.random(users) < 0.6, 0, dice.integers(0, days, users))
        left = self.joined + 1 + (dice.random(users) * (days - self.joined)).astype("i4")
        self.left = np.where(dice.random(users) < 0.25, left, days + 10_000)
        self.busy = falling(users, 0.8, users / 1000)[dice.permutation(users)]
        self.device = pick(DEVICE_SHARES, dice.random(users))
        dice = np.random.default_rng([seed, 2])
        self.programmes = [f"p{number:04}" for number in range(1, programmes + 1)]
        self.genre = dice.choice(GENRES, programmes, p=GENRE_SHARES)
        self.genre[2] = "Drama"
        # Month in which the season of three months begins; 0 if it runs all year.
        self.season = np.where(dice.random(programmes) < 0.6, dice.integers(1, 13, programmes), 0)
        self.season[2] = 8
        self.loved = falling(programmes, 1.0)
        self.favourites = pick(np.cumsum(self.loved), dice.random((users, 6)))
        self.campaigns = np.cumsum(falling(CAMPAIGNS, 0.8))
        # Weekends are busier, and every year a little.
        weight = [(1.25 if self.date(day).weekday() >= 5 else 1) * (1 + 0.15 * day / 365) for day in range(days)]
        self.edges = np.round(np.cumsum(weight) / np.sum(weight) * events).astype("i8")

    def date(self, day):
        return self.start + dt.timedelta(days=day)

    def on_air(self, month):
        return (self.season == 0) | ((month - self.season) % 12 < 3)

    def count(self, day):
        return int(self.edges[day] - (self.edges[day - 1] if day else 0))

    def events_of(self, day, count):
        """So many events of a day, in order of time; days beyond the end are the future."""
        dice = np.random.default_rng([self.seed, 7, day])
        there = np.flatnonzero((self.joined <= day) & (day < self.left))
        user = there[pick(np.cumsum(self.busy[there]), dice.random(count))]
        name = pick(SHARES, dice.random(count))
        time = pick(HOURS, dice.random(count)) * (DAY // 24) + dice.integers(0, DAY // 24 // 1000, count) * 1000
        time = np.sort(time) + int(self.date(day).timestamp()) * 1_000_000
        month = self.date(day).month
        programme = pick(np.cumsum(self.loved * np.where(self.on_air(month), 1, 0.02)), dice.random(count))
        favourite = self.favourites[user, dice.integers(0, 6, count)]
        loyal = (dice.random(count) < 0.5) & (self.on_air(month)[favourite] | (dice.random(count) < 0.02))
        programme = np.where(loyal, favourite, programme)
        device = np.where(dice.random(count) < 0.6, self.device[user], pick(DEVICE_SHARES, dice.random(count)))
        seconds = np.exp(dice.normal(6.9, 1.0, count)).clip(10, 14_400).astype("i4")
        campaign = pick(self.campaigns, dice.random(count))
        view, ad, login, mail = (name == number for number in range(4))

        def coded(codes, texts, there):
            return pa.DictionaryArray.from_arrays(pa.array(codes.astype("i2"), mask=~there), texts)

        return pa.table({
            "uid": pa.array(user.astype("u4")), "user_id": self.ids[user], "event": coded(name, EVENTS, name >= 0),
            "time": pa.array(time, pa.timestamp("us", tz="UTC")), "programme": coded(programme, self.programmes, view | ad),
            "device": coded(device, DEVICES, view | ad | login), "seconds": pa.array(seconds, mask=~view),
            "campaign": coded(campaign, [f"c{number:04}" for number in range(1, CAMPAIGNS + 1)], ad | mail),
        })

    def write(self, folder):
        """users.parquet, programmes.parquet (and .json), events/YYYY-MM.parquet in order of time."""
        folder = Path(folder)
        (folder / "events").mkdir(parents=True, exist_ok=True)
        joined = (int(self.start.timestamp()) * 1_000_000 + self.joined.astype("i8") * DAY)
        pq.write_table(pa.table({
            "uid": pa.array(np.arange(self.users, dtype="u4")), "user_id": self.ids, "gender": self.gender, "age": self.age,
            "country": self.country, "plan": self.plan, "consent_marketing": self.marketing, "consent_ads": self.ads,
            "joined": pa.array(joined, pa.timestamp("us", tz="UTC")),
        }), folder / "users.parquet")
        pq.write_table(pa.table({"programme": self.programmes, "genre": self.genre}), folder / "programmes.parquet")
        rows = [{"key": key, "genre": str(genre)} for key, genre in zip(self.programmes, self.genre)]
        (folder / "programmes.json").write_text(json.dumps(rows))
        months = {}
        for day in range(self.days):
            months.setdefault(self.date(day).strftime("%Y-%m"), []).append(day)
        for month, days in months.items():
            with pq.ParquetWriter(folder / "events" / f"{month}.parquet", self.events_of(days[0], 0).schema, compression="zstd") as file:
                for day in days:
                    file.write_table(self.events_of(day, self.count(day)))
