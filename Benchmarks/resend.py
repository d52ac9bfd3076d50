"""Requests that are sent again, and many dead letters at once."""

import json
import random
import statistics
import threading
import time
import uuid
from collections import Counter

from cases import NO_ANSWER
from figures import SECOND, Figure, callback, percentile, sleep_until
from stand import now_us


def same(stand, scale):
    """The same POST sent 5 times at once with one Idempotency-Key to three instances, which are killed meanwhile."""
    rounds = scale.pick(300, 40)
    database = stand.database("same")
    instances = [stand.instance(database, name) for name in "abc"]
    url = "http://127.0.0.1:1/"
    stop, kills = threading.Event(), []

    def kill_some():
        while not stop.wait(random.uniform(0.1, 0.6)):
            index = random.randrange(3)
            victim = instances[index]
            victim.kill()
            kills.append(victim.name)
            instances[index] = stand.instance(database, victim.name, port=victim.port)

    answers = [[] for _ in range(rounds)]

    def send(number, instance_index, key):
        """Until there is an answer, as a client does."""
        end = time.monotonic() + 60
        while time.monotonic() < end:
            instance = instances[instance_index]
            try:
                status, _, answer = instance.request("POST", "/v1/tasks", bodies[number], {"Content-Type": "application/json", "Idempotency-Key": key})
            except NO_ANSWER:
                time.sleep(0.02)
                instance_index = (instance_index + 1) % 3
                continue
            if status in (409, 503):
                time.sleep(0.05)
                continue
            answers[number].append((status, answer))
            return
        answers[number].append((0, b""))

    bodies = {}
    killer = threading.Thread(target=kill_some)
    killer.start()
    for number in range(rounds):
        bodies[number] = json.dumps(callback(url, now_us() + 3600 * SECOND, labels={"round": str(number)}))
        key = str(uuid.uuid4())
        senders = [threading.Thread(target=send, args=(number, i % 3, key)) for i in range(5)]
        for sender in senders:
            sender.start()
        for sender in senders:
            sender.join()
    stop.set()
    killer.join()
    made = Counter(json.loads(labels)["round"] for labels, in stand.sql("SELECT labels FROM tasks", database))
    return [
        Figure("requests", rounds),
        Figure("instances killed", len(kills), at_least=rounds // 40),
        Figure("rounds with another number of tasks than one", sum(made[str(n)] != 1 for n in range(rounds)), at_most=0),
        Figure("rounds with answers that differ", sum(len({body for _, body in given}) != 1 for given in answers), at_most=0),
        Figure("requests answered otherwise than with 201", sum(status != 201 for given in answers for status, _ in given), at_most=0),
    ]


def letters(stand, scale):
    """Lateness of 50 fresh tasks a second while dead letters are retried, 500,000 of them (short: 20,000), beside that without."""
    count, seconds = scale.pick((500_000, 40), (20_000, 12))
    rate = 1000
    database = stand.database("letters")
    receiver = stand.receiver()
    dead(stand, database, count, receiver.url)
    instance = stand.instance(database, retention={"partitions_ahead_days": 3})
    before = fresh(instance, receiver, seconds)
    status, _, answer = instance.request("POST", "/v1/dead-letters:retry", json.dumps({"per_second": rate}), {"Content-Type": "application/json"})
    operation = json.loads(answer)
    path = f"/v1/bulk-operations/{operation.get('id')}"
    seen = []

    def look():
        while not over.wait(1):
            seen.append(json.loads(instance.request("GET", path)[2])["done"])

    over = threading.Event()
    watcher = threading.Thread(target=look)
    watcher.start()
    during = fresh(instance, receiver, seconds)
    over.set()
    watcher.join()
    cancelled = json.loads(instance.request("POST", path + ":cancel", "")[2])
    time.sleep(1)
    ended = json.loads(instance.request("GET", path)[2])
    steps = [b - a for a, b in zip(seen, seen[1:])]
    return [
        Figure("dead letters", count),
        Figure("accepted (status)", status, at_least=202, at_most=202),
        Figure("total told", operation.get("total", 0)),
        Figure("retried in the time", ended["done"], at_least=min(count, rate * seconds // 2)),
        Figure("seconds without progress to be seen", sum(step <= 0 for step in steps) if ended["done"] < count else 0, at_most=2),
        Figure("done after it was cancelled", ended["done"] - cancelled["done"], at_most=0),
        Figure("lateness p50 without", statistics.median(before), "ms"),
        Figure("lateness p50 with", statistics.median(during), "ms"),
        Figure("lateness p99 without", percentile(before, 0.99), "ms"),
        Figure("lateness p99 with", percentile(during, 0.99), "ms"),
        Figure("p99 moves by", percentile(during, 0.99) - percentile(before, 0.99), "ms", at_most=5),
    ]


def fresh(instance, receiver, seconds):
    """How late tasks are that were made now, in milliseconds."""
    start = now_us() + 3 * SECOND
    plans = [start + i * SECOND // 50 for i in range(50 * seconds)]
    tasks = [callback(receiver.url, plan) for plan in plans]
    plan_of = dict(zip(instance.post(tasks, clients=4), plans))
    sleep_until(plans[-1])
    time.sleep(2)
    return [(arrival - plan_of[task]) / 1000 for arrival, task, _ in receiver.records() if task in plan_of]


def dead(stand, database, count, url):
    now = now_us()
    stand.sql("INSERT INTO queues (id, name, created_at) VALUES (1, 'default', UTC_TIMESTAMP(6)), (2, 'b', UTC_TIMESTAMP(6)),"
              " (3, 'c', UTC_TIMESTAMP(6)), (4, 'd', UTC_TIMESTAMP(6))", database)
    step = 50_000
    for begin in range(0, count, step):
        made = f"{now - 3600 * SECOND} + seq * 1000"
        moment = f"('1970-01-01' + INTERVAL ({made}) MICROSECOND)"
        stand.sql(
            "INSERT INTO tasks (id, queue_id, state, attempt, requested_time, plan_time, method, url, body, success_rule, max_retries,"
            " retry_delays, timeout_ms, created_at, finished_at)"
            f" SELECT UNHEX(CONCAT(LPAD(HEX(FLOOR(({made}) / 1000)), 12, '0'), '7000', '8000', LPAD(HEX(seq), 12, '0'))),"
            f" 1 + seq MOD 4, 3, 1, {moment}, {moment}, 'POST', '{url}', 'order=1', 'status_2xx', 0, '', 15000, {moment}, {moment}"
            f" FROM seq_{begin + 1}_to_{min(begin + step, count)}", database)
    stand.sql("INSERT INTO dead_letters (task_id, queue_id, died_at, reason) SELECT id, queue_id, finished_at, 'no retry is left' FROM tasks;"
              " ANALYZE TABLE tasks, dead_letters", database)
