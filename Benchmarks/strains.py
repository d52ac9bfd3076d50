"""Single strains, one at a time: a moved clock, a database that goes away under load, masses of tasks."""

import email.utils
import signal
import statistics
import time
from collections import Counter, defaultdict

from figures import Figure, callback, percentile, sleep_until, wait_for_outcomes
from stand import Clock, Failure, now_us, wait_until

SECOND = 1_000_000


def clock(stand, options):
    """An instance whose host's clock jumps an hour ahead, then an hour back, while it runs 100 tasks/s."""
    seconds, rate = 30, 100
    receiver = stand.receiver()
    moved = Clock(stand)
    instance = stand.instance(stand.database("clock"), clock=moved)
    start = now_us() + 4 * SECOND
    plans = [start + i * SECOND // rate for i in range(seconds * rate)]
    ids = instance.post([callback(receiver.url, plan) for plan in plans], clients=16)
    if now_us() > start:
        raise Failure("creating the tasks took longer than foreseen")
    seen = []
    for moment, shift in ((10, 3600), (20, -3600)):
        sleep_until(start + moment * SECOND + SECOND // 2)
        moved.move(shift)
        time.sleep(2)
        date = email.utils.parsedate_to_datetime(instance.request("GET", "/healthz")[1]["Date"])
        seen.append(date.timestamp() - time.time())
    receiver.wait_for(len(ids), 30)
    plan_of = dict(zip(ids, plans))
    late = defaultdict(list)
    for arrival, task, _ in receiver.records():
        late[(plan_of[task] - start) // SECOND].append((arrival - plan_of[task]) / 1000)
    every = [x for values in late.values() for x in values]
    return [
        Figure("clock of the process after the first jump", seen[0], "s", at_least=3590, at_most=3610),
        Figure("clock of the process after the second", seen[1], "s", at_least=-3610, at_most=-3590),
        Figure("tasks called", len(every), at_least=len(ids), at_most=len(ids)),
        Figure("early", sum(x < 0 for x in every), at_most=0),
        Figure("lateness p50", statistics.median(every), "ms"),
        Figure("lateness p99", percentile(every, 0.99), "ms"),
        # A clock would move all calls of a second; a busy machine moves some.
        Figure("largest change of a second's tenth percentile",
               max(abs(percentile(values, 0.1) - percentile(every, 0.1)) for values in late.values()), "ms", at_most=5),
    ]


def restart(stand, options):
    """500 tasks/s on two instances; the database is killed and, later, restarted in order."""
    rate, seconds = 500, 50
    receiver = stand.receiver()
    database = stand.database("restart")
    settings = {"claim": {"lookahead_ms": 5000}, "master_db": {"socket": ""}}
    pair = [stand.instance(database, name, dispatch={"user_agent": name}, **settings) for name in ("a", "b")]
    start = now_us() + int(rate * seconds / 2500 * SECOND) + 8 * SECOND
    plans = [start + i * SECOND // rate for i in range(rate * seconds)]
    half = len(plans) // 2
    ids = []
    for instance, part in zip(pair, (plans[:half], plans[half:])):
        ids += instance.post([callback(receiver.url, plan) for plan in part], clients=64)
    if now_us() > start:
        raise Failure("creating the tasks took longer than foreseen")
    outages = []
    for moment, number, away in ((8, signal.SIGKILL, 3), (28, signal.SIGTERM, 0)):
        sleep_until(start + moment * SECOND)
        began = now_us()
        stand.database_server.end(number)
        time.sleep(away)
        not_ready = sum(instance.request("GET", "/readyz")[0] != 200 for instance in pair)
        stand.database_server.start()
        if not wait_until(stand.database_greets, 60, 0.005):
            raise Failure("the database does not come back")
        outages.append((began, now_us(), not_ready))
    receiver.wait_for(len(ids), 60)
    time.sleep(2)
    attempts, succeeded, left = wait_for_outcomes(stand, database, len(ids), 20)
    calls = receiver.calls()
    times = Counter(call.task for call in calls)
    plan_of = dict(zip(ids, plans))
    figures = []
    for name, (began, back, not_ready) in zip(("killed", "restarted"), outages):
        firsts = [min((c.arrival - back for c in calls if c.agent == agent and c.arrival > back), default=60 * SECOND) / SECOND
                  for agent in ("a", "b")]
        overdue = [c.arrival for c in calls if began - SECOND < plan_of[c.task] < back]
        figures += [
            Figure(f"{name}: away", (back - began) / SECOND, "s"),
            Figure(f"{name}: back to the first call", min(firsts), "s", at_most=3),
            Figure(f"{name}: back to the other instance's first", max(firsts), "s", at_most=3),
            Figure(f"{name}: back until all that was due is called", (max(overdue) - back) / SECOND, "s"),
        ]
    return figures + [
        Figure("tasks lost", sum(task not in times for task in ids), at_most=0),
        Figure("called more than once", sum(n > 1 for n in times.values())),
        Figure("early", sum(c.arrival < plan_of[c.task] for c in calls), at_most=0),
        Figure("recorded as succeeded", succeeded, at_least=len(ids), at_most=len(ids)),
        Figure("rows left behind", left, at_most=0),
        Figure("instances that ended", sum(not i.alive() for i in pair), at_most=0),
    ]


def succession(stand, options):
    """Three instances under 200 tasks/s; again and again one of them gets kill -9, or SIGTERM, and the others take over."""
    rounds, rate, lease = (1 if options.short else 5), 200, 10
    receiver = stand.receiver()
    database = stand.database("succession")
    run = lambda name: stand.instance(database, name, cluster={"lease_s": lease}, dispatch={"user_agent": name})
    trio = {name: run(name) for name in "abc"}
    ends = [("kill", lease + 8), ("SIGTERM", 4)]
    seconds = rounds * sum(pause + 3 for _, pause in ends) + 5
    start = now_us() + int(rate * seconds / 2000 * SECOND) + 5 * SECOND
    plans = [start + i * SECOND // rate for i in range(rate * seconds)]
    ids = [task.replace("-", "") for task in trio["a"].post([callback(receiver.url, plan) for plan in plans], clients=64)]
    if now_us() > start:
        raise Failure("creating the tasks took longer than foreseen")
    sleep_until(start + SECOND)
    seen, left, names = [], 0, iter("abc" * rounds)
    for how, pause in ends * rounds:
        name = next(names)
        held = stand.claims_of(name, database)
        if how == "kill":
            trio[name].kill()
            held = stand.claims_of(name, database)
        elif not trio[name].stop():
            raise Failure(f"{name} did not end with status 0")
        else:
            left += len(stand.claims_of(name, database))
        # What is due later may meet the next one's end.
        seen.append((how, now_us(), [(task, plan) for task, plan in held if plan < now_us() + (pause - 1) * SECOND]))
        time.sleep(pause)
        trio[name] = run(name)
        time.sleep(1)
    if not receiver.wait_for(len(ids), 30):
        raise Failure(f"only {receiver.count()} of {len(ids)} tasks were called")
    time.sleep(2)
    arrivals = defaultdict(list)
    for call in receiver.calls():
        arrivals[call.task.replace("-", "")].append(call.arrival)
    figures = []
    for how, bound in (("kill", lease + 5), ("SIGTERM", 2)):
        waits, claims = [], []
        for way, ended, held in seen:
            if way == how:
                claims.append(len(held))
                # What was called already and waits for its outcome may be called again, or not.
                waits += [(min(at for at in arrivals[task] if at >= ended) - max(plan, ended)) / SECOND
                          for task, plan in held if any(at >= ended for at in arrivals[task])]
        figures += [Figure(f"{how}: claims held and soon due, on average", statistics.mean(claims), at_least=1),
                    Figure(f"{how}: longest until its tasks are called, or plan", max(waits), "s", at_most=bound)]
    plan_of = dict(zip(ids, plans))
    return figures + [
        Figure("claims left after SIGTERM", left, at_most=0),
        Figure("tasks lost", sum(not arrivals[task] for task in ids), at_most=0),
        Figure("called more than once", sum(len(times) > 1 for times in arrivals.values())),
        Figure("early", sum(min(times) < plan_of[task] for task, times in arrivals.items() if times), at_most=0),
    ]


def make_partitions(stand, database):
    """An instance makes them when it starts; with millions of tasks in the last one that would take long."""
    instance = stand.instance(database, "first")
    if not wait_until(lambda: "partitions added" in instance.log_text(), 30, 0.1):
        raise Failure("the first instance made no partitions")
    instance.stop()


def fill(stand, database, queue, url, count, plan_sql, timeout_ms):
    """`count` tasks by SQL, with ids of the present; `plan_sql` gives the plan time of number n."""
    # Numbers from 0, made of digits: a table of 1,000, joined with itself.
    stand.sql("CREATE TABLE IF NOT EXISTS fill (n INT UNSIGNED NOT NULL PRIMARY KEY)", database)
    stand.sql("INSERT IGNORE INTO fill VALUES " + ",".join(f"({n})" for n in range(1000)), database)
    stand.sql(f"INSERT INTO queues (name, created_at) VALUES ('{queue}', UTC_TIMESTAMP(6))", database)
    number = stand.number(f"SELECT id FROM queues WHERE name = '{queue}'", database)
    for begin in range(0, count, 100_000):
        n = f"({begin} + a.n * 1000 + b.n)"
        first = now_us() // 1000
        task_id = f"UNHEX(CONCAT(LPAD(HEX({first} + {n} DIV 1000), 12, '0'), '7{number:03x}8', LPAD(HEX({n}), 15, '0')))"
        source = f"FROM fill a JOIN fill b WHERE a.n < {min(100_000, count - begin) // 1000}"
        stand.sql(
            "SET SESSION TRANSACTION ISOLATION LEVEL READ COMMITTED; SET SESSION time_zone = '+00:00'; START TRANSACTION; "
            "INSERT INTO tasks (id, queue_id, state, requested_time, plan_time, method, url, body, success_rule, max_retries,"
            " retry_delays, timeout_ms, max_redirects, on_lost, created_at)"
            f" SELECT {task_id}, {number}, 0, {plan_sql.format(n=n)}, {plan_sql.format(n=n)}, 'POST', '{url}', REPEAT('x', 100),"
            f" 'status_2xx', 0, '60', {timeout_ms}, 0, 0, UTC_TIMESTAMP(6) {source}; "
            "INSERT INTO scheduled (queue_id, plan_time, task_id)"
            f" SELECT {number}, {plan_sql.format(n=n)}, {task_id} {source}; COMMIT", database)


def memory(stand, options):
    """A million overdue tasks for a receiver that hangs, five million for later, 10,000 calls in flight an instance."""
    overdue, later, in_flight = (100_000, 500_000, 10_000) if options.short else (1_000_000, 5_000_000, 10_000)
    receiver, hanging = stand.receiver(), stand.receiver()
    database = stand.database("memory")
    make_partitions(stand, database)
    begun = time.monotonic()
    fill(stand, database, "backlog", hanging.url + "/hang", overdue,
         f"TIMESTAMP('{past(3600)}') + INTERVAL {{n}} MICROSECOND", 600_000)
    fill(stand, database, "later", receiver.url, later, f"TIMESTAMP('{past(-86400)}') + INTERVAL {{n}} * 1000 MICROSECOND", 5000)
    filled = time.monotonic() - begun
    pair = [stand.instance(database, name, dispatch={"max_in_flight": in_flight, "destination_share_percent": 100},
                           shutdown={"drain_s": 1}) for name in ("a", "b")]
    wait_until(lambda: hanging.count() > 0, 30, 0.5)
    # No call ends, so no more overdue ones are begun than at first.
    figures = [Figure("tasks", overdue + later), Figure("filled in", filled, "s")]
    figures += fresh_tasks(pair, receiver, "beside calls that hang")
    figures.append(Figure("overdue calls that hang meanwhile", hanging.count(), at_least=1))
    fill(stand, database, "on time", hanging.url + "/hang", 2 * in_flight,
         f"TIMESTAMP('{past(-40)}') + INTERVAL {{n}} * 1000 MICROSECOND", 600_000)
    wait_until(lambda: hanging.count() >= 2 * in_flight, 90, 0.5)   # one may claim more than it can begin
    time.sleep(3)
    figures.append(Figure("calls that hang, in all", hanging.count(), at_least=1.5 * in_flight))
    figures += [Figure(f"largest RSS, instance {i.name}", i.memory_mb("VmHWM"), "MB", at_most=300) for i in pair]
    for instance in pair:
        instance.stop(20)
    return figures


def backlog(stand, options):
    """A million overdue tasks for a receiver that answers at once, and fresh tasks of another queue beside them."""
    count = 100_000 if options.short else 1_000_000
    receiver, other = stand.receiver(), stand.receiver()
    database = stand.database("backlog")
    make_partitions(stand, database)
    fill(stand, database, "backlog", other.url, count, f"TIMESTAMP('{past(3600)}') + INTERVAL {{n}} MICROSECOND", 5000)
    pair = [stand.instance(database, name) for name in ("a", "b")]
    other.wait_for(1000, 30)
    before, begun = other.count(), time.monotonic()
    figures = fresh_tasks(pair, receiver, "beside a backlog that drains", 10 if options.short else 20)
    rate = (other.count() - before) / (time.monotonic() - begun)
    if other.count() >= count:
        raise Failure("the backlog was gone before the measurement ended")
    return figures + [Figure("backlog meanwhile", rate, "tasks/s"),
                      *(Figure(f"largest RSS, instance {i.name}", i.memory_mb("VmHWM"), "MB", at_most=300) for i in pair)]


def fresh_tasks(instances, receiver, name, seconds=15, rate=50):
    plans = [now_us() + 3 * SECOND + i * SECOND // rate for i in range(seconds * rate)]
    # Some at each instance, as a load balancer would have it.
    ids = [None] * len(plans)
    for index, instance in enumerate(instances):
        part = slice(index, None, len(instances))
        ids[part] = instance.post([callback(receiver.url, plan, queue="fresh") for plan in plans[part]], clients=16)
    sleep_until(plans[-1])
    receiver.wait_for(len(ids), 30)
    plan_of = dict(zip(ids, plans))
    late = [(arrival - plan_of[task]) / 1000 for arrival, task, _ in receiver.records() if task in plan_of] or [float("inf")]
    return [Figure(f"fresh tasks called, {name}", len(late), at_least=len(ids), at_most=len(ids)),
            Figure("  lateness p50", statistics.median(late), "ms"), Figure("  lateness p99", percentile(late, 0.99), "ms"),
            Figure("  lateness max", max(late), "ms"), Figure("  early", sum(x < 0 for x in late), at_most=0)]


def past(seconds):
    return time.strftime("%Y-%m-%d %H:%M:%S", time.gmtime(time.time() - seconds))


CASES = {"clock": clock, "restart": restart, "succession": succession, "backlog": backlog, "memory": memory}
