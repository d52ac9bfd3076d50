"""How late calls are, one by one and under load, and how soon a process makes its first."""

import statistics
import time
from collections import Counter

from figures import SECOND, Figure, callback, percentile, sleep_until
from stand import Failure, cpu, now_us


def lateness(stand, scale):
    """1,000 tasks spread evenly over 20 s, one instance."""
    count = 1000
    receiver = stand.receiver()
    instance = stand.instance(stand.database("lateness"))
    start = now_us() + 3 * SECOND
    plans = [start + i * 20 * SECOND // count for i in range(count)]
    ids = instance.post([callback(receiver.url, plan) for plan in plans], clients=16)
    sleep_until(plans[-1])   # without asking the receiver in between
    receiver.wait_for(count, 15)
    return late(receiver, dict(zip(ids, plans)), "lateness", p50=1, p99=3)


def steady(stand, scale):
    """500, 1,000 and 3,000 tasks a second arrive, each for a time 2 to 30 s ahead (short: 2 to 8 s, for 6 s), one instance."""
    arriving, furthest = scale.pick((20, 30), (6, 8))
    with stand.machine() as machine:
        time.sleep(2)
    figures = beside(machine, "nothing runs")
    for rate, bound in ((500, None), (1000, 5), (3000, 20)):
        receiver = stand.receiver()
        instance = stand.instance(stand.database("steady"))
        before, database_before = instance.cpu(), cpu(stand.db_pid)
        with stand.machine() as machine:
            plan_of, producers = stand.arrive(instance.port, receiver.url, rate, arriving, furthest)
        sleep_until(max(plan_of.values()))
        receiver.wait_for(len(plan_of), 30)
        figures += late(receiver, plan_of, f"{rate}/s", p99=bound)
        figures += [
            Figure(f"{rate}/s: POST /v1/tasks, p99", producers["p99_ms"], "ms"),
            *beside(machine, f"{rate}/s, while they arrive"),
            Figure(f"{rate}/s: CPU of schedulerd", 100 * (instance.cpu() - before) / (arriving + furthest), "%"),
            Figure(f"{rate}/s: CPU of the database", 100 * (cpu(stand.db_pid) - database_before) / (arriving + furthest), "%"),
        ]
        stand.end_children()
    return figures


def beside(machine, name):
    """What a lone commit and a lone sync took."""
    return [Figure(f"{name}: {what} {which}", machine[f"{key}_{which}_ms"], "ms")
            for key, what in (("syncs", "a bare sync,"), ("commits", "a bare commit,")) for which in ("p50", "p99", "max")]


def late(receiver, plan_of, name, p50=None, p99=None):
    """Of tasks and when each was due."""
    arrivals = [(arrival, task) for arrival, task, _ in receiver.records() if task in plan_of]
    if not arrivals:
        raise Failure("no callback arrived")
    waited = [(arrival - plan_of[task]) / 1000 for arrival, task in arrivals]
    return [
        Figure(f"{name}: p50", statistics.median(waited), "ms", at_most=p50),
        Figure(f"{name}: p99", percentile(waited, 0.99), "ms", at_most=p99),
        Figure(f"{name}: max", max(waited), "ms"),
        Figure(f"{name}: early", sum(x < 0 for x in waited), at_most=0),
        Figure(f"{name}: not run exactly once", len(plan_of) - sum(n == 1 for n in Counter(t for _, t in arrivals).values()), at_most=0),
    ]


def start(stand, scale):
    """From the start of a process to its first call, with an overdue task waiting."""
    receiver = stand.receiver()
    database = stand.database("start")
    loader = stand.instance(database, "loader", claim={"lookahead_ms": 2000})
    plan = now_us() + 6 * SECOND
    loader.post([callback(receiver.url, plan)])
    loader.stop()
    sleep_until(plan)
    begun = now_us()
    stand.instance(database, wait=False)
    if not receiver.wait_for(1, 20):
        raise Failure("no callback arrived")
    return [Figure("start to first call", (receiver.records()[0][0] - begun) / 1000, "ms")]
