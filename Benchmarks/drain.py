"""Overdue tasks: how fast a backlog is worked off, beside the bare C program on the same database."""

import statistics
from collections import Counter

from figures import SECOND, Figure, create_for_later, sleep_until, wait_for_outcomes
from stand import Failure, cpu, now_us


def drain(stand, scale):
    """Overdue tasks of one queue, by one and by two instances; each within what the C program does before and after it."""
    figures, rate_of_one = [], None
    alone = stand.receiver()
    figures.append(Figure("receiver alone, by wrk", stand.wrk(alone.port, "/cb", 64, 2)["rate"], "requests/s"))
    count = scale.pick(30000, 10000)
    limits = [stand.limit(alone, count)]
    for instances in (1, 2):
        name = f"{instances} instance{'s' if instances > 1 else ''}"
        rate, found = drained(stand, name, stand.receiver(), stand.database("drain"), count, instances)
        limits.append(stand.limit(alone, count))
        limit = statistics.mean(limits[-2:])
        rate_of_one = rate_of_one or rate
        figures += [Figure(f"{name}: limit around it: claim, POST, record in C", limit, "tasks/s"),
                    Figure(f"{name}: of limit", rate / limit, at_least=0.5)]
        if instances > 1:
            figures.append(Figure(f"{name}: of 1 instance", rate / rate_of_one, at_least=0.9))
        figures += found
    return figures


def queues(stand, scale):
    """The same by one instance, with one and four queues and with receivers that answer at once and after 50 ms."""
    figures = []
    for delay in (0, 50):
        receiver = stand.receiver(delay_ms=delay) if delay else stand.receiver()
        count = scale.pick(30000, 10000)
        # As many calls at once as schedulerd makes of a backlog.
        limit = stand.limit(receiver, count, conc=224 if delay else 64)
        figures.append(Figure(f"{delay} ms: limit in C", limit, "tasks/s"))
        for lines in (1, 4):
            name = f"{delay} ms, {lines} queue{'s' if lines > 1 else ''}"
            target = stand.receiver(delay_ms=delay) if delay else stand.receiver()
            rate, found = drained(stand, name, target, stand.database("drain"), count, 1, lines)
            figures += [Figure(f"{name}: of limit", rate / limit)] + found[:1] + found[2:5]
    return figures


def drained(stand, name, receiver, database, count, instances, queues=1):
    """Lets instances work off a backlog. Returns tasks per second and the figures."""
    loader = stand.instance(database, "loader", claim={"lookahead_ms": 2000})
    plan, ids, probe = create_for_later([loader], receiver.url, count, queues)
    loader.stop()
    if receiver.count():
        raise Failure("tasks ran before the measurement began")
    sleep_until(plan)

    counters = "Questions", "Com_commit"
    waiting = stand.number("SELECT (SELECT COUNT(*) FROM scheduled) + (SELECT COUNT(*) FROM ready)", database) - count
    attempts_before = stand.number("SELECT COUNT(*) FROM attempts", database)
    before = stand.status(*counters)
    database_cpu, receiver_cpu = cpu(stand.db_pid), receiver.cpu()
    running = [stand.instance(database, f"i{i}", wait=False) for i in range(instances)]
    receiver.wait_for(count, 180)
    attempts, succeeded, left = wait_for_outcomes(stand, database, attempts_before + count)
    recorded = now_us()
    used = sum(i.cpu() for i in running), cpu(stand.db_pid) - database_cpu, receiver.cpu() - receiver_cpu
    questions, commits = (b - a for a, b in zip(before, stand.status(*counters)))
    records = receiver.records()
    seconds = (records[-1][0] - records[0][0]) / SECOND
    times = Counter(task for _, task, _ in records)
    rate = len(records) / seconds
    figures = [
        Figure(f"{name}: first to last arrival", rate, "tasks/s"),
        Figure(f"{name}: first arrival to last outcome", count / ((recorded - records[0][0]) / SECOND), "tasks/s"),
        Figure(f"{name}: duplicates", sum(n - 1 for n in times.values()), at_most=0),
        Figure(f"{name}: tasks without callback", count - len(set(ids) & set(times)), at_most=0),
        Figure(f"{name}: tasks without outcome", count - min(attempts - attempts_before, succeeded), at_most=0),
        Figure(f"{name}: rows left behind", left - waiting, at_most=0),
        Figure(f"{name}: CPU of schedulerd", used[0], "s"),
        Figure(f"{name}: CPU of the database", used[1], "s"),
        Figure(f"{name}: CPU of the receiver", used[2], "s"),
        Figure(f"{name}: CPU of schedulerd : of the database", used[0] / used[1], at_most=1),
        Figure(f"{name}: largest RSS", max(i.memory_mb("VmHWM") for i in running), "MB"),
        Figure(f"{name}: statements per task", questions / count),
        Figure(f"{name}: commits per task", commits / count),
        Figure(f"{name}: deadlocks in the log", sum(len(i.deadlock_lines()) for i in running), at_most=0),
    ]
    for instance in running:
        instance.stop()
    return rate, figures
