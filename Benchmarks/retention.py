"""A day of history is dropped while tasks are accepted and run: how long it takes, and who has to wait meanwhile."""

import datetime
import glob
import mmap
import os
import re
import statistics
import subprocess
import threading
import time

from figures import Figure, callback, percentile
from stand import Failure, now_us, wait_until

SECOND = 1_000_000
DAY = 86_400 * SECOND
STEP = 500_000
NAME = "bench_retention"


def retention(stand, scale):
    """Drops a day of 5 million tasks with an attempt each (short: 200,000) beside 300 tasks a second and a probe of claims."""
    count = scale.pick(5_000_000, 200_000)
    fill(stand, count)
    stand.settle()
    syncs = deletion(stand, max(os.path.getsize(file) for file in glob.glob(f"{stand.servers}/data/{NAME}/*.ibd")))
    receiver = stand.receiver()
    # It runs the tasks and removes nothing; the other begins to remove as soon as it is there.
    first = stand.instance(NAME, "a", retention={"days": 0})
    load = Load(first, receiver.url, 300)
    probe = Probe(stand)
    time.sleep(10)
    second_at = now_us() / SECOND
    begun = time.monotonic()
    second = stand.instance(NAME, "b", retention={"days": 30})
    if not wait_until(lambda: stand.number("SELECT COUNT(*) FROM retention WHERE removed_at IS NOT NULL", NAME), 300, 0.2):
        raise Failure("the day was not removed:\n" + second.log_text()[-2000:])
    whole = time.monotonic() - begun
    time.sleep(2)
    probe.end()
    plan_of = load.end()
    receiver.wait_for(len(plan_of), 30)
    arrivals = [(arrival, task) for arrival, task, _ in receiver.records() if task in plan_of]
    late = [(arrival - plan_of[task]) / 1000 for arrival, task in arrivals]
    ended, drop_s = removal(second.log_text())
    # That it is done is written down before it is logged.
    drop_at = ended - drop_s - 0.1
    quiet, others, worst = probe.longest(0, second_at), probe.longest(second_at, drop_at), probe.longest(drop_at, ended)
    left = stand.number("SELECT COUNT(*) FROM attempts WHERE incarnation = 4711", NAME)
    return [
        Figure("tasks in the day, with an attempt each", count),
        Figure("to drop both partitions", drop_s, "s", at_most=2),
        Figure("to look through the day before, with rests", whole - drop_s, "s"),
        *(Figure(f"probe: longest {kind} while it is dropped", worst[kind], "ms", at_most=50 if kind == "claim" else None) for kind in KINDS),
        *(Figure(f"probe: longest {kind} while it is looked through", others[kind], "ms") for kind in KINDS),
        *(Figure(f"probe: longest {kind} in the 10 s before", quiet[kind], "ms") for kind in KINDS),
        Figure("without the database: longest sync of a file", syncs[0], "ms"),
        Figure("  while one as large as the day's is deleted", syncs[1], "ms"),
        Figure("calls meanwhile: lateness p50", statistics.median(late), "ms"),
        Figure("calls meanwhile: lateness p99", percentile(late, 0.99), "ms"),
        Figure("calls meanwhile: latest", max(late), "ms"),
        Figure("calls missing", len(plan_of) - len(set(task for _, task in arrivals)), at_most=0),
        Figure("attempts of the day left", left, at_most=0),
    ]


KINDS = ("accept", "claim", "start", "outcome")


class Probe:
    """probe.c; ends with its input."""

    def __init__(self, stand):
        self.steps = []
        self.child = subprocess.Popen(
            [stand.tool("probe"), "--sock", stand.db["socket"], "--user", stand.db["user"], "--pass", stand.db["password"],
             "--db", NAME, "--ms", "2"], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)

    def end(self):
        out, _ = self.child.communicate("", timeout=30)
        if self.child.returncode:
            raise Failure("the probe failed")
        for line in out.splitlines():
            kind, began, ms = line.split()
            self.steps.append((kind, float(began), float(ms)))

    def longest(self, since=0, until=float("inf")):
        """By kind, in milliseconds, of what went on within a time in seconds since 1970."""
        longest = dict.fromkeys(KINDS, 0)
        for kind, began, ms in self.steps:
            if began < until and began + ms / 1000 > since:
                longest[kind] = max(longest[kind], ms)
        return longest


def removal(log):
    """When the day was removed, in seconds since 1970, and how long dropping it took."""
    time, ms = re.search(r"^(\S+) .*day of history removed.*drop_ms=(\d+)", log, re.M).groups()
    return datetime.datetime.fromisoformat(time).timestamp(), int(ms) / 1000


def deletion(stand, size):
    """How long syncs of a file take, in milliseconds at most: else, and while one of that size is deleted on the same disk."""
    large, small, step = stand.path("large", "bin"), stand.path("small", "bin"), 4 << 20
    with mmap.mmap(-1, step) as block:   # aligned, as O_DIRECT wants it
        file = os.open(large, os.O_CREAT | os.O_WRONLY | os.O_DIRECT)
        for offset in range(0, size, step):   # as a tablespace grows
            os.posix_fallocate(file, offset, step)
            os.pwrite(file, block, offset)
        os.fsync(file)
        os.close(file)
    file, end, times = os.open(small, os.O_CREAT | os.O_WRONLY), threading.Event(), []
    os.pwrite(file, bytes(64 << 20), 0)
    os.fsync(file)

    def write():
        while not end.wait(0.002):
            os.pwrite(file, bytes(4096), len(times) % 16_384 * 4096)
            begun = time.monotonic()
            os.fdatasync(file)
            times.append((begun, time.monotonic()))

    thread = threading.Thread(target=write)
    thread.start()
    try:
        time.sleep(5)
        begun = time.monotonic()
        os.unlink(large)
        time.sleep(1)   # some file systems do the work afterwards
    finally:
        end.set()
        thread.join()
        os.close(file)
    longest = [0, 0]
    for first, last in times:
        longest[last > begun] = max(longest[last > begun], (last - first) * 1000)
    return longest


class Load:
    """Tasks at a steady rate, each due two seconds after it is sent."""

    def __init__(self, instance, url, rate):
        self.instance, self.url, self.rate = instance, url, rate
        self.plan_of, self.failure = {}, None
        self.over = threading.Event()
        self.thread = threading.Thread(target=self.run, daemon=True)
        self.thread.start()

    def run(self):
        try:
            while not self.over.is_set():
                begun = time.monotonic()
                plans = [now_us() + 2 * SECOND + i * SECOND // self.rate for i in range(self.rate)]
                ids = self.instance.post([callback(self.url, plan) for plan in plans], clients=8)
                self.plan_of.update(zip(ids, plans))
                time.sleep(max(0, 1 - (time.monotonic() - begun)))
        except Exception as error:
            self.failure = error

    def end(self):
        self.over.set()
        self.thread.join(60)
        if self.failure:
            raise self.failure
        return self.plan_of


def fill(stand, count):
    """A day 40 days ago, of attempts of incarnation 4711. What is there from another time is taken."""
    if stand.sql(f"SHOW DATABASES LIKE '{NAME}'"):
        if stand.number("SELECT COUNT(*) FROM (SELECT 1 FROM attempts WHERE incarnation = 4711 LIMIT 1) x", NAME):
            return
    stand.database("retention")
    begin = (now_us() // DAY - 40) * DAY
    day = datetime.datetime.fromtimestamp(begin // SECOND, datetime.timezone.utc)
    for table in ("tasks", "attempts"):
        stand.sql(f"ALTER TABLE {table} REORGANIZE PARTITION later INTO (PARTITION p{day:%Y%m%d} VALUES LESS THAN"
                  f" (0x{(begin + DAY) // 1000:012x}{0:020x}), PARTITION later VALUES LESS THAN (MAXVALUE))", NAME)
    stand.sql("INSERT INTO queues (id, name, created_at) VALUES (1, 'default', UTC_TIMESTAMP(6))", NAME)
    made = f"{begin} + FLOOR(seq * {DAY / (count + 1):.3f})"
    moment = f"('1970-01-01' + INTERVAL ({made}) MICROSECOND)"
    task = f"UNHEX(CONCAT(LPAD(HEX(FLOOR(({made}) / 1000)), 12, '0'), '7000', '8000', LPAD(HEX(seq), 12, '0')))"
    tables = [
        "INSERT INTO tasks (id, queue_id, state, attempt, requested_time, plan_time, method, url, body, success_rule, max_retries,"
        f" retry_delays, timeout_ms, labels, created_at, finished_at) SELECT {task}, 1, 1, 1, {moment}, {moment}, 'POST',"
        " CONCAT('http://shop.example.com/close?order=', seq), CONCAT('order=', seq, '&event=unpaid-timeout&note=', REPEAT('0', 40)),"
        f" 'status_2xx', 6, '5,15,30,180,3600,7200', 15000, CONCAT('{{\"order\":\"', seq, '\"}}'), {moment}, {moment} FROM ",
        "INSERT INTO attempts (task_id, attempt, incarnation, version, plan_time, started_at, duration_us, succeeded, class, status,"
        " lookup_us, connect_us, tls_us, first_byte_us, total_us, address, response)"
        f" SELECT {task}, 1, 4711, 1, {moment}, {moment}, 5000, 1, 'success', 200, 10, 20, 0, 4000, 5000, '10.1.2.3:80',"
        " '{\"code\":0,\"message\":\"ok\"}' FROM "]
    for first in range(1, count + 1, STEP):
        for table in tables:
            stand.sql(stand.counting(table, first, min(first + STEP - 1, count)), NAME)
