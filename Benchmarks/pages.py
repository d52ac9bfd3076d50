"""The administration pages on a large table: how long the server takes for each, and what they cost the engine."""

import datetime
import http.client
import re
import subprocess
import threading
import time
import urllib.parse

from figures import Figure, callback, percentile
from stand import Failure, now_us

SECOND = 1_000_000
DAY = 86_400 * SECOND
QUEUES, HOSTS, DAYS = 4, 50, 20
NAME, PASSWORD = "bench", "a password of the bench"
STEP = 250_000   # rows of one INSERT


def pages(stand, scale):
    """Every page on 10 million finished tasks and 1 million live ones (short: 300,000 and 100,000)."""
    history, live = scale.pick((10_000_000, 1_000_000), (300_000, 100_000))
    database = stand.database("pages")
    begun = time.monotonic()
    seed(stand, database, history, live)
    figures = [Figure("seeding", time.monotonic() - begun, "s")]
    # Nothing is run, so that the tables stay as they are.
    instance = stand.instance(database, roles="api,admin")
    browser = Browser(stand, instance, database)
    repeat = scale.pick(60, 20)
    for name, path, bound in paths(stand, database, history):
        times = browser.times(path, repeat)
        figures.append(Figure(f"{name}, p95", percentile(times, 0.95) * 1000, "ms", at_most=bound))
    first, deep = (browser.times(path, repeat) for path in ("/admin/tasks", deep_page(stand, database, history)))
    figures.append(Figure("page 10,000 of the tasks : page 1, median", percentile(deep, 0.5) / percentile(first, 0.5), at_most=1.5))
    return figures


def paths(stand, database, history):
    """(name, path, bound in ms)"""
    some = uuid(stand.sql(f"SELECT HEX(id) FROM tasks WHERE state = 3 ORDER BY id DESC LIMIT 1 OFFSET {history // 2000}", database)[0][0])
    day = (datetime.datetime.now(datetime.timezone.utc) - datetime.timedelta(days=DAYS // 2)).strftime("%Y-%m-%dT00:00:00Z")
    plain = [
        ("overview", ""), ("tasks", "/tasks"), ("tasks, page 10,000", None), ("one task", f"/tasks/{some}"),
        ("form of a new task", "/tasks/new"), ("running tasks", "/tasks?state=running"), ("tasks of a day", f"/tasks?to={day}"),
        ("dead letters", "/dead-letters"), ("dead letters of a queue", "/dead-letters?queue=queue-1"),
        ("quarantine", "/quarantine"), ("queues", "/queues"), ("instances", "/instances"), ("users", "/users"),
        ("audit log", "/audit"), ("account", "/account"),
    ]
    free = [
        # The newest million is not finished: none of it is what is looked for.
        ("succeeded tasks", "/tasks?state=succeeded"),
        ("tasks of a host", "/tasks?host=host7.example.com"), ("tasks of a host that nobody has", "/tasks?host=nobody.example.com"),
        ("tasks with a label", "/tasks?label=order%3D17"), ("tasks of a queue", "/tasks?queue=queue-2"),
        ("cancelled tasks of a queue and a host", "/tasks?state=cancelled&queue=queue-3&host=host3.example.com"),
        ("dead letters of a host", "/dead-letters?host=nobody.example.com"),
        ("dead letters by reason", "/dead-letters?reason=nothing+like+it"),
        ("count before a bulk retry", "/dead-letters/retry?reason=status"),
    ]
    deep = deep_page(stand, database, history)
    return [(name, deep if path is None else "/admin" + path, 100) for name, path in plain] + \
        [(f"free: {name}", "/admin" + path, 300) for name, path in free]


def deep_page(stand, database, history):
    offset = min(10_000 * 50, history // 2)
    return "/admin/tasks?before=" + uuid(stand.sql(f"SELECT HEX(id) FROM tasks ORDER BY id DESC LIMIT 1 OFFSET {offset}", database)[0][0])


def uuid(digits):
    digits = digits.lower()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


class Browser:
    """Signed in, on one connection."""

    def __init__(self, stand, instance, database):
        added = subprocess.run(
            [stand.binary, "user", "add", NAME, "--role", "administrator", "--password-stdin", "--config", stand.config(database, {})],
            input=PASSWORD + "\n", text=True, env=stand.env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT)
        if added.returncode:
            raise Failure(f"user add: {added.stdout}")
        self.instance, self.cookies = instance, {}
        self.origin = f"http://127.0.0.1:{instance.port}"
        self.connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=60)
        form = self.request("GET", "/admin/sign-in")[1]
        token = re.search(r'name="token" value="([^"]*)"', form)[1]
        status, _ = self.request("POST", "/admin/sign-in", {"token": token, "name": NAME, "password": PASSWORD})
        if status != 303:
            raise Failure(f"signing in was answered with {status}")

    def headers(self):
        return {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}

    def request(self, method, path, form=None):
        headers = self.headers()
        if form is not None:
            headers |= {"Origin": self.origin, "Content-Type": "application/x-www-form-urlencoded"}
        self.connection.request(method, path, urllib.parse.urlencode(form) if form is not None else None, headers)
        answer = self.connection.getresponse()
        for cookie in answer.headers.get_all("Set-Cookie") or []:
            name, _, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        return answer.status, answer.read().decode()

    def times(self, path, count):
        times = []
        for _ in range(count):
            begun = time.perf_counter()
            status, body = self.request("GET", path)
            times.append(time.perf_counter() - begun)
            if status != 200:
                raise Failure(f"{path} was answered with {status}: {body[-500:]}")
        return times


def watched(stand, scale):
    """500 tasks a second, without and with 20 open overviews."""
    seconds = scale.pick(30, 12)
    database = stand.database("watched")
    receiver = stand.receiver()
    instance = stand.instance(database)
    browser = Browser(stand, instance, database)
    used = {}
    for watchers in (0, 20, 0, 20):
        watching = [Watcher(instance, browser.headers()) for _ in range(watchers)]
        start = now_us() + 3 * SECOND
        rate = 500
        instance.post([callback(receiver.url, start + i * SECOND // rate) for i in range(rate * seconds)], clients=16)
        time.sleep(max(0, (start - now_us()) / SECOND))
        before = instance.cpu()
        time.sleep(seconds)
        used.setdefault(watchers, []).append(instance.cpu() - before)
        events = [watcher.stop() for watcher in watching]
        if watchers and min(events) < seconds // 4:
            raise Failure(f"the streams brought {events} events in {seconds} s")
    alone, seen = sum(used[0]), sum(used[20])
    return [
        Figure("CPU of the instance, nobody looks", alone / seconds / 2 * 100, "%"),
        Figure("CPU of the instance, 20 look", seen / seconds / 2 * 100, "%"),
        Figure("more", (seen / alone - 1) * 100, "%", at_most=5),
    ]


class Watcher:
    """An open stream of events."""

    def __init__(self, instance, headers):
        self.events = 0
        self.connection = http.client.HTTPConnection("127.0.0.1", instance.port, timeout=30)
        self.connection.request("GET", "/admin/live", headers=headers)
        self.answer = self.connection.getresponse()
        if self.answer.status != 200:
            raise Failure(f"/admin/live was answered with {self.answer.status}")
        self.thread = threading.Thread(target=self.read, daemon=True)
        self.thread.start()

    def read(self):
        try:
            while line := self.answer.readline():
                if line == b"\n":
                    self.events += 1
        except (OSError, ValueError, AttributeError):
            pass   # it was stopped

    def stop(self):
        events = self.events
        self.connection.sock and self.connection.sock.close()
        return events


# What is in the tables

def seed(stand, database, history, live):
    now = now_us()
    first = (now // DAY - DAYS) * DAY
    partitions = ", ".join(
        f"PARTITION p{datetime.datetime.fromtimestamp((first + d * DAY) // SECOND, datetime.timezone.utc):%Y%m%d} "
        f"VALUES LESS THAN (0x{(first + (d + 1) * DAY) // 1000:012x}{0:020x})" for d in range(DAYS + 1))
    for table in ("tasks", "attempts"):
        stand.sql(f"ALTER TABLE {table} REORGANIZE PARTITION later INTO ({partitions}, PARTITION later VALUES LESS THAN (MAXVALUE))", database)
    queues = ", ".join(f"({n}, 'queue-{n}', UTC_TIMESTAMP(6))" for n in range(1, QUEUES + 1))
    stand.sql(f"INSERT INTO queues (id, name, created_at) VALUES {queues}", database)
    span = now - 60 * SECOND - first
    for begin in range(0, history, STEP):
        finished(stand, database, begin, min(begin + STEP, history), first, span / history)
    stand.sql("INSERT INTO dead_letters (task_id, queue_id, died_at, reason) SELECT id, queue_id, finished_at,"
              " CONCAT('attempt 1 failed and no retry is left: status ', 500 + queue_id) FROM tasks WHERE state = 3", database)
    for begin in range(0, live, STEP):
        waiting(stand, database, begin, min(begin + STEP, live), now, first, span / live)
    stand.sql("INSERT INTO scheduled (queue_id, plan_time, task_id) SELECT queue_id, plan_time, id FROM tasks"
              " WHERE state = 0 AND entered_at IS NULL", database)
    stand.sql("INSERT INTO ready (queue_id, entered_at, task_id, plan_time) SELECT queue_id, entered_at, id, plan_time FROM tasks"
              " WHERE state = 0 AND entered_at IS NOT NULL", database)
    stand.sql("ANALYZE TABLE tasks, attempts, scheduled, ready, dead_letters", database)


COLUMNS = ("id, queue_id, state, attempt, requested_time, plan_time, entered_at, method, url, headers, body, success_rule,"
           " max_retries, retry_delays, timeout_ms, labels, created_at, finished_at")


def row(time_us, state, plan, finished_at, entered_at):
    """The SELECT list of one task whose number is `seq`; ids begin with their time of creation."""
    moment = f"('1970-01-01' + INTERVAL ({time_us}) MICROSECOND)"
    return (f"UNHEX(CONCAT(LPAD(HEX(FLOOR(({time_us}) / 1000)), 12, '0'), '7000', '8000', LPAD(HEX(seq), 12, '0'))),"
            f" 1 + seq MOD {QUEUES}, {state}, {'0' if finished_at == 'NULL' else '1'}, {moment}, {plan}, {entered_at}, 'POST',"
            f" CONCAT('https://host', seq MOD {HOSTS}, '.example.com/notify/', seq), 'Content-Type: application/json',"
            " CONCAT('{\"order\":', seq, ',\"event\":\"unpaid-timeout\",\"note\":\"', REPEAT('x', 100), '\"}'), 'status_2xx', 6,"
            " '5,15,30,180,3600,7200', 15000, CONCAT('{\"order\":\"', seq, '\"}'),"
            f" {moment}, {finished_at}")


def finished(stand, database, begin, end, first, step):
    made = f"{first} + FLOOR(seq * {step:.3f})"
    done = f"('1970-01-01' + INTERVAL ({made} + 5000000) MICROSECOND)"
    # Of a thousand: ten dead, one cancelled.
    state = "CASE WHEN seq MOD 1000 < 10 THEN 3 WHEN seq MOD 1000 = 10 THEN 4 ELSE 1 END"
    source = f"FROM seq_{begin + 1}_to_{end}"
    stand.sql(f"INSERT INTO tasks ({COLUMNS}) SELECT {row(made, state, done, done, 'NULL')} {source}", database)
    stand.sql(
        "INSERT INTO attempts (task_id, attempt, incarnation, version, plan_time, started_at, duration_us, succeeded, class, status,"
        " lookup_us, connect_us, tls_us, first_byte_us, total_us, address, response)"
        f" SELECT UNHEX(CONCAT(LPAD(HEX(FLOOR(({made}) / 1000)), 12, '0'), '7000', '8000', LPAD(HEX(seq), 12, '0'))), 1, 1, 1,"
        f" {done}, {done}, 5000, 1, 'success', 200, 10, 20, 0, 4000, 5000, '127.0.0.1:80', 'ok' {source}", database)


def waiting(stand, database, begin, end, now, first, step):
    """A twentieth overdue, a fifth within the hour, the rest within a month; created as evenly as the finished ones."""
    made = f"{first} + FLOOR(seq * {step:.3f})"
    ahead = ("CASE WHEN seq MOD 20 = 0 THEN -60000000 - CAST(seq AS SIGNED) WHEN seq MOD 5 = 0 THEN 120000000 + seq * 3400"
             " ELSE 3600000000 + seq * 2500000 END")
    plan = f"('1970-01-01' + INTERVAL ({now} + {ahead}) MICROSECOND)"
    entered = "CASE WHEN seq MOD 20 = 0 THEN UTC_TIMESTAMP(6) - INTERVAL seq MICROSECOND END"
    stand.sql(f"INSERT INTO tasks ({COLUMNS}) SELECT {row(made, '0', plan, 'NULL', entered)} FROM seq_{begin + 1}_to_{end}", database)
