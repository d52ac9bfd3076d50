"""What cases give, and what they have in common."""

import time
from dataclasses import dataclass

from stand import Failure, now_us, rfc3339, wait_until

SECOND = 1_000_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


@dataclass
class Figure:
    name: str
    value: float
    unit: str = ""
    at_most: float | None = None
    at_least: float | None = None

    def met(self):
        """Whether the bound holds; None without one."""
        if self.at_most is None and self.at_least is None:
            return None
        return (self.at_most is None or self.value <= self.at_most) and (self.at_least is None or self.value >= self.at_least)


@dataclass
class Scale:
    short: bool
    idle_seconds: int
    growth_rows: int | None = None

    def pick(self, full, short):
        return short if self.short else full


def percentile(values, share):
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def callback(url, plan_us, **more):
    body = "order=4711&event=unpaid-timeout&note=0123456789012345678901234567890123456789"
    return {"plan_time": rfc3339(plan_us), "request": {"method": "POST", "url": url, "body": body}, **more}


def sleep_until(us):
    time.sleep(max(0, (us - now_us()) / SECOND))


def hex_id(task_id):
    return "0x" + task_id.replace("-", "")


def outcomes(stand, database):
    """(attempts recorded, tasks succeeded, rows still scheduled, ready or claimed)"""
    return tuple(int(n) for n in stand.sql(
        "SELECT (SELECT COUNT(*) FROM attempts), (SELECT COUNT(*) FROM tasks WHERE state = 1 AND finished_at IS NOT NULL),"
        " (SELECT COUNT(*) FROM scheduled) + (SELECT COUNT(*) FROM ready) + (SELECT COUNT(*) FROM claims)", database)[0])


def wait_for_outcomes(stand, database, count, seconds=30):
    wait_until(lambda: stand.number("SELECT COUNT(*) FROM attempts", database) >= count, seconds, 0.05)
    return outcomes(stand, database)


def create_for_later(instances, url, count, queues=1, names="queue"):
    """Creates `count` tasks due together, soon after the last of them is in, in so many queues of such names; their plan time,
    their ids, and how many more there are that are due in a year."""
    probe = 300   # tells the rate
    lines = [f"{names}-{n + 1}" for n in range(queues)]
    begun = time.monotonic()
    instances[0].post([callback(url, now_us() + 365 * 86400 * SECOND)] * probe)
    rate = probe / (time.monotonic() - begun)
    plan = now_us() + int((count / rate * 1.5 + 5) * SECOND)
    share = count // len(instances)
    ids = []
    for instance in instances:
        ids += instance.post([callback(url, plan, queue=lines[n % queues]) for n in range(share)], clients=64)
    if now_us() > plan - 3 * SECOND:
        raise Failure("creating the tasks took longer than foreseen; they were due before the last was in")
    return plan, ids, probe
