"""Writes Tests/Cron/offsets.tsv: zones, times (unix seconds) and offsets by Python's zoneinfo.

    venv/bin/python offsets.py > offsets.tsv
"""

import datetime
from zoneinfo import ZoneInfo

ZONES = [
    "Europe/Berlin", "Europe/London", "Europe/Dublin", "America/New_York", "America/Sao_Paulo", "America/Santiago",
    "America/St_Johns", "Australia/Lord_Howe", "Asia/Kolkata", "Asia/Kathmandu", "Asia/Tehran", "Asia/Gaza", "Asia/Shanghai",
    "Africa/Casablanca", "Africa/Cairo", "Pacific/Chatham", "Pacific/Apia", "Antarctica/Troll", "Etc/GMT+3", "UTC",
]
# Their governments decide from year to year, so databases differ about what is to come.
UNCERTAIN = {"Africa/Casablanca", "Africa/Cairo", "Asia/Gaza"}
UTC = datetime.timezone.utc


def offset(zone, second):
    return int(datetime.datetime.fromtimestamp(second, UTC).astimezone(zone).utcoffset().total_seconds())


for name in ZONES:
    zone = ZoneInfo(name)
    for year in [1950, 1987, 2011, 2026, 2027, 2036, 2040, 2099]:
        if name in UNCERTAIN and year > 2022:
            continue
        for month, day in [(1, 15), (7, 15)]:
            second = int(datetime.datetime(year, month, day, 12, tzinfo=UTC).timestamp())
            print(name, second, offset(zone, second), sep="\t")
    # Right before and after each change of some years.
    for year in [2022, 2026, 2039]:
        if name in UNCERTAIN and year > 2022:
            continue
        start = int(datetime.datetime(year, 1, 1, tzinfo=UTC).timestamp())
        for hour in range(0, 366 * 24):
            low, high = start + hour * 3600, start + (hour + 1) * 3600
            if offset(zone, low) == offset(zone, high):
                continue
            while high - low > 1:
                middle = (low + high) // 2
                low, high = (middle, high) if offset(zone, middle) == offset(zone, low) else (low, middle)
            print(name, low, offset(zone, low), sep="\t")
            print(name, high, offset(zone, high), sep="\t")
