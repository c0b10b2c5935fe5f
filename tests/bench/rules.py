"""Fifteen rules: in words, as Rollcall takes them, and as SQL for DuckDB and ClickHouse.

The SQL says what the rule language says: windows include both ends, users level with the last of a ranking are in.
"""

import datetime as dt

P, C = "p0003", "c0005"
TWENTY = [f"p{number:04}" for number in range(10, 30)]
VIEW = "event='video_view'"


def of_programme(*keys):
    return {"property": "programme", "op": "in", "value": list(keys)} if len(keys) > 1 else {"property": "programme", "op": "eq", "value": keys[0]}


def last(duration):
    return {"last": duration}


DRAMA = {"property": "programme.genre", "op": "eq", "value": "Drama"}
WOMEN = {"all": [{"trait": "gender", "op": "eq", "value": "F"}, {"trait": "age", "op": "between", "value": [25, 49]}]}
SEASON = {
    "event": "video_view", "where": [of_programme(P)], "window": {"from": "2025-08-01", "to": "2025-10-31"}, "op": "gte", "value": 3,
}
NO_LOGIN = {"not": {"event": "login", "window": last("60d")}}
EVER = {"event": "video_view", "where": [of_programme(P)]}


def in_year(year):
    return {"event": "video_view", "where": [of_programme(P)], "window": {"from": f"{year}-08-01", "to": f"{year}-10-31"}}


def rules():
    """Name, words, rule."""
    device = {"property": "device", "op": "eq", "value": "tv"}
    return [
        ("R1", "women aged 25 to 49", WOMEN),
        ("R2", "watched P, ever", EVER),
        ("R3", "watched P 3 times in last year's season", SEASON),
        ("R4", "watched P on TV twice, 30 days",
         {"event": "video_view", "where": [of_programme(P), device], "window": last("30d"), "op": "gte", "value": 2}),
        ("R5", "more than 10 hours of drama, 90 days",
         {"event": "video_view", "where": [DRAMA], "window": last("90d"), "agg": "sum", "of": "seconds", "op": "gt", "value": 36_000}),
        ("R6", "no login, 60 days", NO_LOGIN),
        ("R7", "saw ad C, then P within 7 days",
         {"sequence": [
             {"event": "ad_impression", "where": [{"property": "campaign", "op": "eq", "value": C}]},
             {"event": "video_view", "where": [of_programme(P)], "within": "7d"},
         ]}),
        ("R8", "5 different programmes, 30 days",
         {"event": "video_view", "window": last("30d"), "agg": "distinct", "of": "programme", "op": "gte", "value": 5}),
        ("R9", "R1 and R3, a login in 60 days, consent",
         {"all": [*WOMEN["all"], SEASON, {"not": NO_LOGIN}, {"trait": "consent_marketing", "op": "eq", "value": True}]}),
        ("R10", "any of 20 programmes, 365 days", {"event": "video_view", "where": [of_programme(*TWENTY)], "window": last("365d")}),
        ("R11", "first event ever, 30 days", {"first_time": {"event": "*", "window": last("30d")}}),
        ("R12", "top 10 % by time watched, 90 days",
         {"top": {"percent": 10, "by": {"event": "video_view", "window": last("90d"), "agg": "sum", "of": "seconds"}}}),
        ("R13", "100 views, ever", {"event": "video_view", "op": "gte", "value": 100}),
        ("R14", "watched P in each of three seasons", {"all": [in_year(year) for year in (2024, 2025, 2026)]}),
        ("R15", "drama in 7 days, but never P",
         {"all": [{"event": "video_view", "where": [DRAMA], "window": last("7d")}, {"not": EVER}]}),
    ]


def sql(dialect, now):
    """By name of the rule, a SELECT of uids. `now` is a moment in UTC."""
    duck = dialect == "duckdb"

    def stamp(moment):
        text = moment.strftime("%Y-%m-%d %H:%M:%S.%f")
        return f"TIMESTAMP '{text}'" if duck else f"toDateTime64('{text}',6,'UTC')"

    def ago(days):
        return f"time>={stamp(now - dt.timedelta(days=days))} AND time<={stamp(now)}"

    def season(year):
        start, end = dt.datetime(year, 8, 1), dt.datetime(year, 11, 1)
        return f"time>={stamp(start)} AND time<{stamp(end)}"

    watched = f"{VIEW} AND programme='{P}'"
    drama = f"{VIEW} AND programme IN (SELECT programme FROM programmes WHERE genre='Drama')"
    twenty = ",".join(f"'{key}'" for key in TWENTY)
    three = f"SELECT uid FROM events WHERE {watched} AND {season(2025)} GROUP BY uid HAVING count(*)>=3"
    login = f"SELECT uid FROM events WHERE event='login' AND {ago(60)}"
    views, ads = f"SELECT uid, time FROM events WHERE {watched}", f"SELECT uid, time FROM events WHERE event='ad_impression' AND campaign='{C}'"
    total = f"SELECT uid, sum(seconds) AS s FROM events WHERE {VIEW} AND {ago(90)} GROUP BY uid"
    years = [f"max(CASE WHEN {season(year)} THEN 1 ELSE 0 END)=1" for year in (2024, 2025, 2026)]
    anti = (lambda left, right: f"SELECT uid FROM ({left}) l ANTI JOIN ({right}) r USING (uid)") if duck else (
        lambda left, right: f"SELECT uid FROM ({left}) WHERE uid NOT IN ({right})"
    )
    women = "gender='F' AND age BETWEEN 25 AND 49"
    distinct = "count(DISTINCT programme)" if duck else "uniqUpTo(4)(programme)"
    join = (
        f"SELECT DISTINCT v.uid AS uid FROM ({views}) v JOIN ({ads}) a ON v.uid=a.uid WHERE v.time>=a.time AND v.time<=a.time+INTERVAL 7 DAY"
        if duck else
        f"SELECT DISTINCT v.uid AS uid FROM ({views}) v ASOF JOIN ({ads}) a ON v.uid=a.uid AND v.time>=a.time WHERE v.time<=a.time+INTERVAL 7 DAY"
    )
    best = (
        f"WITH d AS MATERIALIZED ({total}) SELECT uid FROM d WHERE s>=(SELECT min(s) FROM (SELECT s FROM d ORDER BY s DESC "
        "LIMIT (SELECT ceil(count(*)*0.1)::BIGINT FROM d)))"
        if duck else
        f"WITH d AS ({total}), (SELECT toUInt64(ceil(count()*0.1)) FROM d) AS k SELECT uid FROM "
        f"(SELECT uid, rank() OVER (ORDER BY s DESC) AS place FROM d) WHERE place<=k"
    )
    month, before = f"SELECT uid FROM events WHERE {ago(30)}", f"SELECT uid FROM events WHERE time<{stamp(now - dt.timedelta(days=30))}"
    first = anti(month.replace("SELECT", "SELECT DISTINCT"), before) if duck else (
        "SELECT arrayJoin(bitmapToArray(bitmapAndnot("
        f"({month.replace('uid', 'groupBitmapState(uid)', 1)}), ({before.replace('uid', 'groupBitmapState(uid)', 1)})))) AS uid"
    )
    return {
        "R1": f"SELECT uid FROM users WHERE {women}",
        "R2": f"SELECT DISTINCT uid FROM events WHERE {watched}",
        "R3": three,
        "R4": f"SELECT uid FROM events WHERE {watched} AND device='tv' AND {ago(30)} GROUP BY uid HAVING count(*)>=2",
        "R5": f"SELECT uid FROM events WHERE {drama} AND {ago(90)} GROUP BY uid HAVING sum(seconds)>36000",
        "R6": anti("SELECT uid FROM users", login),
        "R7": join,
        "R8": f"SELECT uid FROM events WHERE {VIEW} AND {ago(30)} GROUP BY uid HAVING {distinct}>=5",
        "R9": f"SELECT uid FROM users WHERE {women} AND consent_marketing AND uid IN ({three}) AND uid IN ({login})",
        "R10": f"SELECT DISTINCT uid FROM events WHERE {VIEW} AND programme IN ({twenty}) AND {ago(365)}",
        "R11": first,
        "R12": best,
        "R13": f"SELECT uid FROM events WHERE {VIEW} GROUP BY uid HAVING count(*)>=100",
        "R14": f"SELECT uid FROM events WHERE {watched} GROUP BY uid HAVING {' AND '.join(years)}",
        "R15": anti(f"SELECT DISTINCT uid FROM events WHERE {drama} AND {ago(7)}", f"SELECT uid FROM events WHERE {watched}"),
    }
