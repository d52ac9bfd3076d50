"""Limits of queues, as the receiver sees them, with four instances of which one is killed and replaced; and how far a backlog in
one queue delays another."""

import json
import time
from bisect import bisect_left

from figures import Figure, SECOND
from stand import Failure, now_us, wait_until
from strains import fill, fresh_tasks, make_partitions, past

WINDOW = 5 * SECOND
LEASE = 10 * SECOND


def limits(stand, scale):
    """20,000 overdue tasks with a limit of 100/s, and beside them tasks of 200 ms with a limit of 10 in flight; four instances, one killed and one added."""
    count, seconds = scale.pick((20_000, 75), (5000, 45))
    rated, narrow = stand.receiver(), stand.receiver()
    database = stand.database("limits")
    make_partitions(stand, database)
    fill(stand, database, "rated", rated.url, count, f"TIMESTAMP('{past(60)}') + INTERVAL {{n}} * 0 MICROSECOND", 5000)
    fill(stand, database, "narrow", narrow.url + "/slow/200", scale.pick(10_000, 4000),
         f"TIMESTAMP('{past(60)}') + INTERVAL {{n}} MICROSECOND", 5000)
    # Before any instance sees them: what holds from the first call on.
    stand.sql("UPDATE queues SET rate_per_second = 100 WHERE name = 'rated'; UPDATE queues SET max_concurrency = 10 WHERE name = 'narrow'",
              database)
    instances = [stand.instance(database, name) for name in "abcd"]
    if not wait_until(lambda: rated.count() > 0 and narrow.count() > 0, 30, 0.05):
        raise Failure("nothing was called")
    time.sleep(3)
    begun = now_us()
    time.sleep(seconds / 4)
    instances[1].kill()
    killed = now_us()
    time.sleep(2)
    stand.instance(database, "e")
    time.sleep(seconds * 3 / 4)
    end = now_us()

    arrivals = [call.arrival for call in rated.calls()]
    whole = windows(arrivals, begun, end)
    settled = windows(arrivals, begun, killed) + windows(arrivals, killed + LEASE, end)
    most, after = most_at_once(narrow.calls(), killed + LEASE, end)
    return [
        Figure("calls a second in 5 s, at most", max(whole), at_most=105),
        Figure("  at least, but for a lease after the kill", min(settled), at_least=95),
        Figure("  at least, ever", min(whole)),
        Figure("most in flight, limit 10", most, at_most=10),
        Figure("  on average, but for a lease after the kill", after, at_least=8),
        Figure("claims that wait", stand.number("SELECT COUNT(*) FROM claims WHERE started_at IS NULL", database), at_most=0),
    ]


def windows(arrivals, begin, end):
    """Calls a second in each window that begins at a multiple of a tenth of a second."""
    return [(bisect_left(arrivals, start + WINDOW) - bisect_left(arrivals, start)) * SECOND / WINDOW
            for start in range(begin, end - WINDOW, SECOND // 10)]


def most_at_once(calls, begin, end):
    """The most that were in flight together, and how many were on average between two times. A call ends when its answer was
    sent or its caller was gone."""
    changes = sorted([(call.arrival, 1) for call in calls] + [(call.ended, -1) for call in calls if call.ended], key=lambda c: (c[0], c[1]))
    running = most = 0
    busy, last = 0, begin
    for at, change in changes:
        if begin < at:
            busy += running * (min(at, end) - last) if last < end else 0
            last = min(at, end)
        running += change
        most = max(most, running)
    return most, busy / (end - begin)


def fairness(stand, scale):
    """On-time tasks of one queue, without and with a million overdue tasks in another of the same class; and overdue ones of a higher class."""
    count = scale.pick(1_000_000, 100_000)
    receiver, second, other = stand.receiver(), stand.receiver(), stand.receiver()
    database = stand.database("fairness")
    make_partitions(stand, database)
    pair = [stand.instance(database, name) for name in ("a", "b")]
    alone = fresh_tasks(pair, receiver, "alone", scale.pick(60, 10))
    fill(stand, database, "backlog", other.url, count, f"TIMESTAMP('{past(3600)}') + INTERVAL {{n}} MICROSECOND", 5000)
    other.wait_for(1000, 30)
    beside = fresh_tasks(pair, second, "beside the backlog", scale.pick(60, 10))
    if other.count() >= count:
        raise Failure("the backlog was gone before the measurement ended")
    p99 = [figures[2].value for figures in (alone, beside)]
    answer = pair[0].request("POST", "/v1/queues", json.dumps({"name": "urgent", "priority": 10}), {"Content-Type": "application/json"})
    if answer[0] != 201:
        raise Failure(f"the queue was not made: {answer}")
    before = receiver.count()
    asked = now_us()
    ids = pair[0].post([{"queue": "urgent", "plan_time": 1, "request": {"url": receiver.url}}] * 200)
    receiver.wait_for(before + len(ids), 30)
    last = max(arrival for arrival, task, _ in receiver.records() if task in set(ids))
    return alone + beside + [
        Figure("p99 more than alone", p99[1] - p99[0], "ms", at_most=5),
        Figure("200 overdue tasks of a higher class called within", (last - asked) / 1000, "ms"),
    ]


CASES = {"limits": (limits, 1), "fairness": (fairness, 1)}
