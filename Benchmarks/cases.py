"""Cases of what must hold. Each takes the stand and the scale, and returns its figures."""

import http.client
import json
import time
import urllib.parse
from collections import Counter

from figures import FORM, SECOND, Figure, callback, create_for_later, hex_id, outcomes, sleep_until, wait_for_outcomes
from malformed import legacy_requests, named_fields, requests
from stand import Failure, now_us, wait_until

NO_ANSWER = (OSError, http.client.HTTPException)

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
    # All fail at once: a breaker would let them wait.
    instance = stand.instance(database, queue={"max_retry_num": 3, "retry_time_config": ["1_1", "2_1", "3_1"]},
                              breaker={"failures": 0})
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
