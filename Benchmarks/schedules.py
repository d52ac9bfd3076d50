"""A schedule each second, while instances are killed: each second has one task, in the database and at the receiver."""

import datetime
import json
import random
import statistics
import time
from collections import Counter, defaultdict

from figures import SECOND, Figure, percentile, sleep_until
from stand import Failure, now_us, wait_until


def rfc3339(us):
    return datetime.datetime.fromtimestamp(us // SECOND, datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ")


def schedule(stand, options):
    """A run each second for ten minutes (short: one) by three instances; one is killed every seven seconds and begun again."""
    seconds = 60 if options.short else 600
    chance = random.Random(options.seed)
    receiver = stand.receiver()
    database = stand.database("schedule")
    names = ["a", "b", "c"]
    settings = {"cluster": {"lease_s": 10, "heartbeat_s": 2}}
    instances = {name: stand.instance(database, name, **settings) for name in names}
    start = (now_us() // SECOND + 10) * SECOND
    definition = {
        "name": "each-second", "every_s": 1, "starts_at": rfc3339(start), "ends_at": rfc3339(start + (seconds - 1) * SECOND),
        "missed": "run_all", "missed_limit": 1000, "task": {"request": {"url": receiver.url}, "retry": {"max_retries": 5, "delays": [1]}},
    }
    status, _, answer = instances["a"].request(
        "POST", "/v1/schedules", json.dumps(definition), {"Content-Type": "application/json"})
    if status != 201:
        raise Failure(f"the schedule was not made: {status} {answer}")
    kills, moment = 0, start
    while moment + 7 * SECOND < start + seconds * SECOND:
        moment += 7 * SECOND
        sleep_until(moment + chance.randrange(SECOND))
        name = chance.choice(names)
        instances[name].kill()
        kills += 1
        time.sleep(chance.uniform(0.2, 2))
        instances[name] = stand.instance(database, name, port=instances[name].port, **settings)
    sleep_until(start + seconds * SECOND)

    def ended():
        return stand.number("SELECT COUNT(*) FROM tasks WHERE state = 1", database) >= seconds
    wait_until(ended, 60, 0.5)
    time.sleep(3)   # what would come twice, comes
    rows = stand.sql("SELECT LOWER(HEX(id)), JSON_UNQUOTE(JSON_EXTRACT(labels, '$.schedule_run')) FROM tasks", database)
    run_of = {row[0]: row[1] for row in rows}
    wanted = [rfc3339(start + i * SECOND) for i in range(seconds)]
    stored = Counter(run_of.values())
    arrivals = defaultdict(list)
    for arrival, task, _ in receiver.records():
        arrivals[task.replace("-", "")].append(arrival)
    called = Counter(run_of[task] for task in arrivals if task in run_of)
    time_of = dict(zip(wanted, (start + i * SECOND for i in range(seconds))))
    late = sorted((min(times) - time_of[run_of[task]]) / 1000 for task, times in arrivals.items() if task in run_of)
    return [
        Figure("runs that were to be", seconds),
        Figure("instances killed", kills, at_least=1),
        Figure("tasks in the database", len(run_of), at_least=seconds, at_most=seconds),
        Figure("seconds without a task", sum(stored[run] == 0 for run in wanted), at_most=0),
        Figure("seconds with more than one", sum(count > 1 for count in stored.values()), at_most=0),
        Figure("seconds without a called task", sum(called[run] == 0 for run in wanted), at_most=0),
        Figure("seconds with more than one called task", sum(count > 1 for count in called.values()), at_most=0),
        Figure("calls of tasks that are not in the database", sum(task not in run_of for task in arrivals), at_most=0),
        Figure("tasks called more than once, by their instance's death", sum(len(times) > 1 for times in arrivals.values())),
        Figure("early", sum(x < 0 for x in late), at_most=0),
        Figure("lateness p50", statistics.median(late), "ms"),
        Figure("lateness p90", percentile(late, 0.9), "ms"),
        Figure("lateness max: a lease, and what comes after it", late[-1], "ms"),
    ]


CASES = {"schedule": schedule}
