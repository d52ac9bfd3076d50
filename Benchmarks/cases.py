"""The cases. Each takes the stand and the scale, and returns its figures."""

import http.client
import json
import statistics
import time
import urllib.parse
from collections import Counter
from dataclasses import dataclass

from malformed import legacy_requests, named_fields, requests
from stand import Failure, cpu, now_us, rfc3339, wait_until

SECOND = 1_000_000
FORM = {"Content-Type": "application/x-www-form-urlencoded"}
NO_ANSWER = (OSError, http.client.HTTPException)


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


def create_for_later(instances, url, count):
    """Creates `count` tasks due together, soon after the last of them is in; their plan time and ids."""
    probe = 300   # tells the rate; due in a year, so never in the way
    begun = time.monotonic()
    instances[0].post([callback(url, now_us() + 365 * 86400 * SECOND)] * probe)
    rate = probe / (time.monotonic() - begun)
    plan = now_us() + int((count / rate * 1.5 + 5) * SECOND)
    share = count // len(instances)
    ids = []
    for instance in instances:
        ids += instance.post([callback(url, plan)] * share, clients=64)
    if now_us() > plan - 3 * SECOND:
        raise Failure("creating the tasks took longer than foreseen; they were due before the last was in")
    return plan, ids, probe


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
    plan_of = dict(zip(ids, plans))
    arrivals = [(arrival, task) for arrival, task, _ in receiver.records() if task in plan_of]
    if not arrivals:
        raise Failure("no callback arrived")
    late = [(arrival - plan_of[task]) / 1000 for arrival, task in arrivals]
    return [
        Figure("lateness p50", statistics.median(late), "ms", at_most=1.5),
        Figure("lateness p99", percentile(late, 0.99), "ms", at_most=5),
        Figure("lateness max", max(late), "ms"),
        Figure("early", sum(x < 0 for x in late), at_most=0),
        Figure("not run exactly once", count - sum(n == 1 for n in Counter(t for _, t in arrivals).values()), at_most=0),
    ]


def legacy(stand, scale):
    """One task by the legacy form and one by /v1, both 5 s ahead."""
    receiver = stand.receiver()
    database = stand.database("legacy")
    instance = stand.instance(database)
    second = now_us() // SECOND + 5
    form = urllib.parse.urlencode({"notify_url": receiver.url, "plan_time": second, "method_name": "POST", "notify_param": "order=1"})
    status, headers, body = instance.request("POST", "/api/task/save", form, FORM)
    if status != 200 or json.loads(body).get("code") != "ok":
        raise Failure(f"the legacy form was refused: {status} {body[:300]}")
    old = (headers["X-Task-Id"] or "").lower()
    plan = now_us() + 5 * SECOND
    new = instance.post([callback(receiver.url, plan)])[0]
    receiver.wait_for(2, 15)
    arrival_of = {task: arrival for arrival, task, _ in receiver.records()}
    wait_for_outcomes(stand, database, 2)
    figures = []
    for name, task, due in (("legacy form", old, second * SECOND), ("/v1/tasks", new, plan)):
        if task not in arrival_of:
            raise Failure(f"{name}: no callback for task {task or 'without X-Task-Id'}")
        figures.append(Figure(f"{name}: lateness", (arrival_of[task] - due) / 1000, "ms", at_least=0, at_most=10))
        logged = stand.number(f"SELECT COUNT(*) FROM attempts WHERE task_id = {hex_id(task)}", database)
        figures.append(Figure(f"{name}: attempts logged", logged, at_least=1, at_most=1))
    return figures


def drain(stand, scale):
    """Overdue tasks, by one and by two instances, beside the bare C program on the same database."""
    count = scale.pick(30000, 10000)
    figures = []
    alone = stand.receiver()
    figures.append(Figure("receiver alone, by wrk", stand.wrk(alone.port, "/cb", 64, 2)["rate"], "requests/s"))
    limits = [stand.limit(alone, count)]   # once more after each drain: the ratio is to what the machine did around it
    rate_of_one = None
    for instances in (1, 2):
        name = f"{instances} instance{'s' if instances > 1 else ''}"
        receiver = stand.receiver()
        database = stand.database("drain")
        loader = stand.instance(database, "loader", claim={"lookahead_ms": 2000})
        plan, ids, probe = create_for_later([loader], receiver.url, count)
        loader.stop()
        if receiver.count():
            raise Failure("tasks ran before the measurement began")
        sleep_until(plan)

        counters = "Questions", "Com_commit"
        before = stand.status(*counters)
        database_cpu, receiver_cpu = cpu(stand.db_pid), receiver.cpu()
        running = [stand.instance(database, f"i{i}", wait=False) for i in range(instances)]
        receiver.wait_for(count, 180)
        attempts, succeeded, left = wait_for_outcomes(stand, database, count)
        recorded = now_us()
        used = sum(i.cpu() for i in running), cpu(stand.db_pid) - database_cpu, receiver.cpu() - receiver_cpu
        questions, commits = (b - a for a, b in zip(before, stand.status(*counters)))

        limits.append(stand.limit(alone, count))
        limit = statistics.mean(limits[-2:])
        records = receiver.records()
        seconds = (records[-1][0] - records[0][0]) / SECOND
        times = Counter(task for _, task, _ in records)
        rate = len(records) / seconds
        rate_of_one = rate_of_one or rate
        figures += [
            Figure(f"{name}: limit around it: claim, POST, record in C", limit, "tasks/s"),
            Figure(f"{name}: first to last arrival", rate, "tasks/s"),
            Figure(f"{name}: first arrival to last outcome", count / ((recorded - records[0][0]) / SECOND), "tasks/s"),
            Figure(f"{name}: of limit", rate / limit, at_least=0.5),
        ]
        if instances > 1:
            figures.append(Figure(f"{name}: of 1 instance", rate / rate_of_one, at_least=0.9))
        figures += [
            Figure(f"{name}: duplicates", sum(n - 1 for n in times.values()), at_most=0),
            Figure(f"{name}: tasks without callback", count - len(set(ids) & set(times)), at_most=0),
            Figure(f"{name}: tasks without outcome", count - min(attempts, succeeded), at_most=0),
            Figure(f"{name}: rows left behind", left - probe, at_most=0),
            Figure(f"{name}: CPU of schedulerd", used[0], "s"),
            Figure(f"{name}: CPU of the database", used[1], "s"),
            Figure(f"{name}: CPU of the receiver", used[2], "s"),
            Figure(f"{name}: largest RSS", max(i.memory_mb("VmHWM") for i in running), "MB"),
            Figure(f"{name}: statements per task", questions / count),
            Figure(f"{name}: commits per task", commits / count),
            Figure(f"{name}: deadlocks in the log", sum(len(i.deadlock_lines()) for i in running), at_most=0),
        ]
        for instance in running:
            instance.stop()
    return figures


def once(stand, scale):
    """20,000 tasks due at the same moment, two instances: each exactly once, every outcome recorded."""
    count = scale.pick(20000, 10000)
    receiver = stand.receiver()
    database = stand.database("once")
    pair = [stand.instance(database, name) for name in ("a", "b")]
    plan, ids, probe = create_for_later(pair, receiver.url, count)
    sleep_until(plan)
    receiver.wait_for(count, 60)
    time.sleep(1)   # for a second call that should not come
    attempts, succeeded, left = wait_for_outcomes(stand, database, count)
    records = receiver.records()
    times = Counter(task for _, task, _ in records)
    return [
        Figure("tasks run exactly once", sum(times[task] == 1 for task in ids), at_least=count),
        Figure("callbacks of other tasks", len(set(times) - set(ids)), at_most=0),
        Figure("early", sum(arrival < plan for arrival, _, _ in records), at_most=0),
        Figure("attempts recorded", attempts, at_least=count, at_most=count),
        Figure("tasks recorded as succeeded", succeeded, at_least=count, at_most=count),
        Figure("rows left behind", left - probe, at_most=0),
        Figure("deadlocks in the log", sum(len(i.deadlock_lines()) for i in pair), at_most=0),
        Figure("plan time to last arrival", (records[-1][0] - plan) / SECOND, "s"),
        Figure("rate", count / ((records[-1][0] - records[0][0]) / SECOND), "tasks/s"),
    ]


def retry(stand, scale):
    """A receiver that fails three times, and one that always fails."""
    delays = [1, 2, 3]
    twice, never = stand.receiver(fail_first=3), stand.receiver(status=200, body='{"success":false}')
    database = stand.database("retry")
    instance = stand.instance(database, queue={"max_retry_num": 3, "retry_time_config": ["1_1", "2_1", "3_1"]})
    plan = now_us() + 2 * SECOND
    failing = {"max_retries": 3, "delays": [1, 1, 1]}
    ids = instance.post([callback(twice.url, plan, retry={"max_retries": 6, "delays": delays})] * 20)
    doomed = instance.post([callback(never.url, plan, retry=failing, success={"rule": "legacy_json_success"})] * 5)
    form = urllib.parse.urlencode({"notify_url": never.url, "plan_time": plan // SECOND, "method_name": "POST"})
    _, headers, _ = instance.request("POST", "/api/task/save", form, FORM)
    doomed.append((headers["X-Task-Id"] or "").lower())
    twice.wait_for(len(ids) * 4, 30)
    never.wait_for(len(doomed) * 4, 30)
    time.sleep(2)   # for a retry that should not come
    wait_for_outcomes(stand, database, (len(ids) + len(doomed)) * 4)

    arrivals = {task: [] for task in ids + doomed}
    wrong_numbers = 0
    for arrival, task, attempt in twice.records() + never.records():
        arrivals.setdefault(task, []).append(arrival)
        wrong_numbers += attempt != len(arrivals[task])
    off = [abs((b - a) / 1000 - delay * 1000)
           for task in ids for a, b, delay in zip(arrivals[task], arrivals[task][1:], delays)]
    dead = [task for task in doomed if instance.task(task)["state"] == "dead"]
    letters = stand.number("SELECT COUNT(*) FROM dead_letters", database)
    logged = [stand.number(f"SELECT COUNT(*) FROM attempts WHERE task_id = {hex_id(task)}", database) for task in doomed]
    return [
        Figure("succeeded at the fourth attempt", sum(len(arrivals[t]) == 4 and instance.task(t)["state"] == "succeeded" for t in ids),
               at_least=len(ids)),
        Figure("largest deviation from the delay", max(off, default=float("inf")), "ms", at_most=50),
        Figure("attempts numbered wrongly", wrong_numbers, at_most=0),
        Figure("always failing: dead", len(dead), at_least=len(doomed)),
        Figure("always failing: dead letters", letters, at_least=len(doomed), at_most=len(doomed)),
        Figure("always failing: with 4 calls, all logged",
               sum(n == 4 == len(arrivals[t]) for n, t in zip(logged, doomed)), at_least=len(doomed)),
    ]


def takeover(stand, scale):
    """kill -9 of the instance that has claimed 2,000 tasks."""
    count = 2000
    receiver = stand.receiver()
    database = stand.database("takeover")
    doomed, other = stand.instance(database, "doomed"), stand.instance(database, "other")
    plan = now_us() + 15 * SECOND
    ids = doomed.post([callback(receiver.url, plan)] * count)
    claimed = "SELECT COUNT(*) FROM claims JOIN instances USING (incarnation) WHERE name = 'doomed'"
    wait_until(lambda: stand.number(claimed, database) >= count // 2, 8, 0.2)
    held = stand.number(claimed, database)
    doomed.kill()
    killed = now_us()
    if killed > plan or not held:
        raise Failure(f"the instance held {held} claims when it was killed")
    receiver.wait_for(count, 60)
    time.sleep(1)
    wait_for_outcomes(stand, database, count)
    records = receiver.records()
    times = Counter(task for _, task, _ in records)
    return [
        Figure("claims held when killed", held, at_least=1),
        Figure("tasks lost", count - len(set(ids) & set(times)), at_most=0),
        Figure("tasks run twice", sum(n > 1 for n in times.values()), at_most=0),
        Figure("kill to last arrival", (records[-1][0] - killed) / SECOND if records else float("inf"), "s", at_most=20),
        Figure("plan time to last arrival", (records[-1][0] - plan) / SECOND if records else float("inf"), "s"),
        Figure("tasks recorded as succeeded", outcomes(stand, database)[1], at_least=count, at_most=count),
    ]


def idle(stand, scale):
    """Instances with nothing to do, one and four."""
    figures = []
    for instances in (1, 4):
        name = f"{instances} instance{'s' if instances > 1 else ''}"
        database = stand.database("idle")
        running = [stand.instance(database, f"i{i}") for i in range(instances)]
        time.sleep(5)
        # What asking costs by itself, to be taken off.
        own = [b - a for a, b in zip(stand.status("Questions"), stand.status("Questions"))][0]
        before, cpu_before, begun = stand.status("Questions")[0], sum(i.cpu() for i in running), time.monotonic()
        time.sleep(scale.idle_seconds)
        asked, cpu_used = stand.status("Questions")[0] - before - own, sum(i.cpu() for i in running) - cpu_before
        seconds = time.monotonic() - begun
        figures += [
            Figure(f"{name}: statements/s each", asked / seconds / instances, at_most=3),
            Figure(f"{name}: CPU each", 100 * cpu_used / seconds / instances, "%", at_most=0.5),
            Figure(f"{name}: RSS", max(i.memory_mb() for i in running), "MB", at_most=60),
        ]
        stand.end_children()
    return figures


def intake(stand, scale):
    """POST /v1/tasks by 16, 64 and 256 keep-alive clients; the legacy form by 64; a plain GET as what HTTP alone takes."""
    seconds = scale.pick(10, 4)
    database = stand.database("intake")
    instance = stand.instance(database)
    far = now_us() + 365 * 86400 * SECOND
    receiver = stand.receiver()
    body = json.dumps(callback(receiver.url, far))
    bare = stand.wrk(instance.port, "/healthz", 64, seconds)["rate"]
    figures = [Figure("GET /healthz, 64 clients", bare, "requests/s")]
    form = urllib.parse.urlencode(
        {"notify_url": receiver.url, "plan_time": far // SECOND, "method_name": "POST", "notify_param": "order=1"})
    stored = stand.number("SELECT COUNT(*) FROM tasks", database)
    accepted = 0
    for clients, path, text, kind in [(n, "/v1/tasks", body, "application/json") for n in (16, 64, 256)] + [
            (64, "/api/task/save", form, FORM["Content-Type"])]:
        result = stand.wrk(instance.port, path, clients, seconds, text, kind)
        accepted += result["requests"] - result["failed"]
        name = f"POST {path}, {clients} clients"
        figures += [
            Figure(f"{name}: accepted", result["rate"], "tasks/s"),
            Figure(f"{name}: p99", result["p99_ms"], "ms", at_most=15 if (clients, kind) == (64, "application/json") else None),
            Figure(f"{name}: failed", result["failed"], at_most=0),
        ]
        if clients == 64:
            figures.append(Figure(f"{name}: of GET /healthz", result["rate"] / bare, at_least=0.5 if path == "/v1/tasks" else None))
    stored = stand.number("SELECT COUNT(*) FROM tasks", database) - stored
    # wrk leaves off in the middle of a request, so a few more may be stored than were answered.
    figures.append(Figure("accepted but not stored", max(0, accepted - stored), at_most=0))
    return figures


def malformed(stand, scale):
    """Malformed requests of every kind: each a 4xx problem that names the field, none a 5xx, and the process lives."""
    instance = stand.instance(stand.database("malformed"))
    wrong, server_errors, total = [], 0, 0
    for kind, method, path, headers, body, fields in requests():
        total += 1
        try:
            status, answer_headers, answer = instance.request(method, path, body, headers)
        except NO_ANSWER as error:
            wrong.append(f"{kind}: {error!r}")
            continue
        server_errors += status >= 500
        named = named_fields(answer)
        if not 400 <= status < 500:
            wrong.append(f"{kind}: status {status}: {answer[:200]!r}")
        elif not (answer_headers["Content-Type"] or "").startswith("application/problem+json"):
            wrong.append(f"{kind}: status {status}, Content-Type {answer_headers['Content-Type']}: {answer[:200]!r}")
        elif fields and not any(name == field or name.startswith(field + ".") for name in named for field in fields):
            wrong.append(f"{kind}: status {status} names {sorted(named)}, expected one of {sorted(fields)}: {answer[:300]!r}")
    refused = list(legacy_requests())
    unrefused = []
    for kind, form in refused:
        try:
            status, _, answer = instance.request("POST", "/api/task/save", form, FORM)
        except NO_ANSWER as error:
            unrefused.append(f"legacy form, {kind}: {error!r}")
            continue
        server_errors += status >= 500
        if status != 200 or b'"code":"no"' not in answer.replace(b" ", b""):
            unrefused.append(f"legacy form, {kind}: status {status}: {answer[:200]!r}")
    for line in wrong + unrefused:
        print("  malformed:", line, flush=True)
    return [
        Figure("requests", total, at_least=200),
        Figure("answered otherwise than asked", len(wrong), at_most=0),
        Figure("server errors", server_errors, at_most=0),
        Figure("legacy forms", len(refused)),
        Figure("legacy forms answered otherwise", len(unrefused), at_most=0),
        Figure("ready afterwards", int(instance.alive() and instance.request("GET", "/readyz")[0] == 200), at_least=1),
    ]


# Name: case, how often it is run; the table shows medians.
CASES = {
    "lateness": (lateness, 3), "legacy": (legacy, 1), "drain": (drain, 3), "once": (once, 1), "retry": (retry, 1),
    "takeover": (takeover, 1), "idle": (idle, 1), "intake": (intake, 1), "malformed": (malformed, 1),
}
