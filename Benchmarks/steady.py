"""How late calls are, one by one and under load, and how soon a process makes its first."""

import json
import random
import statistics
from collections import Counter

from clients import http_post, paced
from figures import SECOND, Figure, callback, percentile, sleep_until
from stand import Failure, now_us


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
    figures = []
    for rate, bound in ((500, None), (1000, 5), (3000, 20)):
        receiver = stand.receiver()
        instance = stand.instance(stand.database("steady"))
        chance, plans = random.Random(rate), []

        def payload(_):
            plans.append(now_us() + int(chance.uniform(2, furthest) * SECOND))
            return http_post("/v1/tasks", "application/json", json.dumps(callback(receiver.url, plans[-1])))

        before = instance.cpu()
        answers = paced(instance.port, payload, rate, arriving, 64)
        refused = [answer for answer in answers if answer[0] != 201]
        if refused:
            raise Failure(f"{len(refused)} tasks were not created; the first: {refused[0]}")
        sleep_until(max(plans))
        receiver.wait_for(len(plans), 30)
        plan_of = dict(zip((json.loads(body)["id"].lower() for _, body in answers), plans))
        figures += late(receiver, plan_of, f"{rate}/s", p99=bound)
        figures.append(Figure(f"{rate}/s: CPU of schedulerd", 100 * (instance.cpu() - before) / (arriving + furthest), "%"))
        stand.end_children()
    return figures


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
