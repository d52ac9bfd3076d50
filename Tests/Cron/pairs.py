"""Writes Tests/Cron/croniter.tsv: cron expressions, times to begin at, and when they come next.

    python3 -m venv venv && venv/bin/pip install -r requirements.txt && venv/bin/python pairs.py > croniter.tsv

Columns: expression, zone, the time (unix seconds), what comes next by croniter, and what is to come by schedulerd's rule.
The two differ only when clocks change, and each difference is made here from croniter's own answer:
- croniter lets everything come in both hours of a doubled hour. By schedulerd's rule (that of Vixie's cron) what has an hour
  without `*` comes in the first only.
- croniter lets everything that falls into a skipped hour come at its end, and adds the second. By schedulerd's rule it comes
  at the very end, and nothing is made up for when the hour is written with `*`.
"""

import datetime
import sys
from zoneinfo import ZoneInfo

from croniter import croniter

COUNT = 6

# Expressions for any time; five fields, or six with the second in front.
PLAIN = [
    "* * * * *", "*/5 * * * *", "*/7 * * * *", "0 * * * *", "30 4 * * *", "0 0 * * *", "59 23 * * *", "15 10,14 * * *",
    "0 9-17 * * *", "0 9-17/2 * * *", "5/20 * * * *", "0 22-2 * * *", "0 0 1 * *", "0 0 31 * *", "0 0 29 2 *", "0 0 L * *",
    "0 0 15W * *", "0 0 1W * *", "0 0 31W * *", "0 12 * * 1-5", "0 12 * * mon-fri", "0 12 * * sun", "0 12 * * 7",
    "0 12 * * sat,sun", "0 0 * * 5#1", "0 0 * * 5#2", "0 0 * * mon#5", "0 0 * * L5", "0 0 * * 1#1,3#3", "0 0 1,15 * 5",
    "0 0 13 * fri", "0 0 */2 * *", "0 0 1-7 * 1", "0 0 * jan *", "0 0 1 jan,jul *", "0 0 1 */3 *", "0 0 1 11-2 *",
    "30 6 * 6-8 1,3,5", "0 0 L 2 *", "10-20/3 3 * * *", "0 0 ? * 3", "0 0 10 * ?", "1,2,3,50-59 12 1-3 4 *",
    "* * * * * *", "*/15 * * * * *", "30 0 12 * * *", "10,40 */30 * * * *", "0 0 0 1 1 *", "5 59 23 31 12 *",
    "59 59 23 * * 0", "@hourly", "@daily", "@weekly", "@monthly", "@yearly",
]
STARTS = ["2026-01-01T00:00:00", "2027-02-27T23:59:30", "2028-02-28T12:34:56", "2026-12-31T23:59:59"]

# A zone, and its changes in a year: when to begin, in UTC.
ZONES = {
    "Europe/Berlin": ["2026-03-28T22:00:00", "2026-10-24T20:00:00"],
    "America/New_York": ["2026-03-08T04:00:00", "2026-11-01T02:00:00"],
    "Australia/Lord_Howe": ["2026-10-03T13:00:00", "2027-04-03T12:00:00"],  # by half an hour
    "America/Santiago": ["2026-09-06T01:00:00", "2026-04-05T00:00:00"],  # at midnight
    "Asia/Tehran": ["2022-03-21T18:00:00", "2022-09-21T17:00:00"],  # no more since
    "Africa/Casablanca": ["2022-03-26T23:00:00", "2022-05-08T00:00:00"],  # backwards in Ramadan
    "UTC": ["2026-03-29T00:00:00"],
    "Asia/Kolkata": ["2026-03-29T00:00:00"],  # half an hour beside UTC's hours
}
AROUND = [
    "30 2 * * *", "0 2 * * *", "15 2,3 * * *", "0 3 * * *", "*/20 2 * * *", "30 1-3 * * *", "0 * * * *", "*/30 * * * *",
    "20,50 * * * *", "15 */2 * * *", "30 0 * * *", "0 0 * * *", "45 23 * * *", "45 1 * * *", "10 30 2 * * *", "*/40 59 1 * * *",
    "30 2 * * 0", "@daily", "@hourly",
]


def next_times(expression, zone, start):
    tz = ZoneInfo(zone)
    begin = datetime.datetime.fromisoformat(start).replace(tzinfo=datetime.timezone.utc)
    seconds_first = len(expression.split()) == 6
    hour = {"@hourly": "*"}.get(expression) or ("0" if expression.startswith("@") else expression.split()[-4])
    iterator = croniter(expression, begin.astimezone(tz), second_at_beginning=seconds_first)
    answers, kept = [], []
    while len(answers) < COUNT or len(kept) < COUNT:
        time = iterator.get_next(datetime.datetime)
        second = int(time.timestamp())
        if len(answers) < COUNT:
            answers.append(second)
        local = time.astimezone(tz)
        if hour.startswith("*"):
            if croniter.match(expression, local.replace(tzinfo=None), second_at_beginning=seconds_first):
                kept.append(second)
        elif is_made_up(expression, local, seconds_first):
            kept.append(second - local.second)
        elif not local.fold:
            kept.append(second)
    return answers, kept[:COUNT]


def is_made_up(expression, local, seconds_first):
    return not croniter.match(expression, local.replace(tzinfo=None), second_at_beginning=seconds_first)


def write(expression, zone, start):
    begin = datetime.datetime.fromisoformat(start).replace(tzinfo=datetime.timezone.utc)
    answers, kept = next_times(expression, zone, start)
    print(expression, zone, int(begin.timestamp()), ",".join(map(str, answers)), ",".join(map(str, kept)), sep="\t")


for expression in PLAIN:
    for start in STARTS:
        write(expression, "UTC", start)
for zone, starts in ZONES.items():
    for start in starts:
        for expression in AROUND:
            write(expression, zone, start)
