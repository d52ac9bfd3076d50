"""The case of a destination that hangs beside one that works."""

import os
import signal
from collections import Counter

from figures import SECOND, Figure, callback, percentile, sleep_until
from stand import now_us, wait_until


def healthy_lateness(receiver, plan_of):
    """Of the first call of each task, in milliseconds."""
    first = {}
    for arrival, task, _ in receiver.records():
        if task in plan_of:
            first.setdefault(task, arrival)
    return [(arrival - plan_of[task]) / 1000 for task, arrival in first.items()]


def breaker(stand, scale):
    """A destination that lets every call hang, with many tasks due, beside 500/s for a healthy one; then it works again."""
    hanging_tasks = scale.pick(50_000, 5_000)
    timeout_ms = scale.pick(30_000, 5_000)
    quiet_s, trouble_s = scale.pick(20, 10), scale.pick(70, 20)
    rate = scale.pick(500, 200)
    healthy, hanging = stand.receiver(), stand.receiver(hangs=1)
    database = stand.database("breaker")
    instance = stand.instance(database)

    def post(receiver, plans, **more):
        ids = instance.post([callback(receiver.url, plan, **more) for plan in plans])
        return dict(zip(ids, plans))

    # Far enough ahead that the tasks of the trouble are in before the quiet time begins.
    total = hanging_tasks + rate * (quiet_s + trouble_s)
    quiet = now_us() + (5 + total // 1500) * SECOND
    trouble = quiet + (quiet_s + 2) * SECOND
    before = post(healthy, [quiet + i * SECOND // rate for i in range(rate * quiet_s)])
    beside = post(healthy, [trouble + i * SECOND // rate for i in range(rate * trouble_s)])
    hung = post(hanging, [trouble] * hanging_tasks, timeout_ms=timeout_ms)
    ready_at = now_us()
    sleep_until(trouble + trouble_s * SECOND)
    wait_until(lambda: healthy.count() >= len(before) + len(beside), 30)
    late_before, late_beside = healthy_lateness(healthy, before), healthy_lateness(healthy, beside)

    # Calls that were begun after twenty had failed and were recorded, and that were no probes.
    calls = sorted(call.arrival for call in hanging.calls())
    deferred = stand.number("SELECT COUNT(*) FROM tasks WHERE deferred_from IS NOT NULL", database)
    opened_at = calls[min(len(calls), 20) - 1] + timeout_ms * 1000 + SECOND // 2
    late_calls = [arrival for arrival in calls if opened_at < arrival < opened_at + 3 * SECOND]
    os.kill(hanging.pid, signal.SIGUSR2)
    recovered = now_us()
    done = wait_until(
        lambda: stand.number("SELECT COUNT(*) FROM tasks WHERE state = 1", database) == len(before) + len(beside) + len(hung),
        300, 0.5)
    took = (now_us() - recovered) / SECOND
    arrivals = Counter((task, attempt) for _, task, attempt in hanging.records())
    attempts = stand.number(
        "SELECT COUNT(*) FROM attempts a JOIN tasks t ON t.id = a.task_id WHERE t.timeout_ms = %d" % timeout_ms, database)
    left = stand.number("SELECT COUNT(*) FROM tasks WHERE state <> 1", database)
    p99, p99_before = percentile(late_beside, 0.99), percentile(late_before, 0.99)
    return [
        Figure("tasks were in before their time", int(ready_at < quiet), at_least=1),
        Figure("healthy p50 before", percentile(late_before, 0.5), "ms"),
        Figure("healthy p50 beside", percentile(late_beside, 0.5), "ms"),
        Figure("healthy p99 before", p99_before, "ms"),
        Figure("healthy p99 beside", p99, "ms"),
        Figure("healthy max beside", max(late_beside), "ms"),
        Figure("healthy p99 moves", p99 - p99_before, "ms", at_most=5),
        Figure("healthy not called once", len(before) + len(beside) - len(late_before) - len(late_beside), at_most=0),
        Figure("calls made while it hung", len(calls)),
        Figure("calls begun after 20 failures", len(late_calls), at_most=0),
        Figure("tasks put off", deferred),
        Figure("delivered after recovery", int(bool(done)), at_least=1),
        Figure("seconds until all were", took, "s"),
        Figure("not delivered", left, at_most=0),
        Figure("attempts without a call", attempts - len(arrivals), at_most=0),
        Figure("calls without an attempt", len(arrivals) - attempts, at_most=0),
    ]
