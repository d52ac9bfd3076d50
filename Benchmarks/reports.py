"""The views for reports on a large table: what a person waits for the last 24 hours, and what that costs the engine. And what
metrics cost it."""

import contextlib
import os
import statistics
import subprocess
import sys
import threading
import time
import urllib.request

from figures import SECOND, Figure, create_for_later, sleep_until
from pages import HOSTS, seed
from stand import Failure, cpu, now_us, wait_until

ID = "id >= UNHEX(RPAD(LPAD(HEX(1000 * UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)), 12, '0'), 32, '0'))"
DAYS = 20

QUESTIONS = [
    ("report_tasks, counted by queue and state", f"SELECT queue, state, COUNT(*) FROM report_tasks WHERE {ID} GROUP BY queue, state"),
    ("report_states", "SELECT * FROM report_states"),
    ("report_tasks, 1,000 rows", f"SELECT task_id, queue, state, plan_time, host, url, labels FROM report_tasks WHERE {ID} ORDER BY id DESC LIMIT 1000"),
    ("report_attempts, counted by class", f"SELECT class, COUNT(*) FROM report_attempts WHERE {ID} GROUP BY class"),
    ("report_attempts, 1,000 rows", f"SELECT task_id, attempt, queue, host, started_at, class, message FROM report_attempts WHERE {ID} ORDER BY id DESC LIMIT 1000"),
    ("report_minutely", "SELECT * FROM report_minutely WHERE minute >= UTC_TIMESTAMP() - INTERVAL 1 DAY"),
    ("report_hourly", "SELECT * FROM report_hourly WHERE hour >= UTC_TIMESTAMP() - INTERVAL 1 DAY"),
    ("report_daily", "SELECT * FROM report_daily WHERE day >= UTC_DATE()"),
    ("report_destinations", "SELECT * FROM report_destinations"),
    ("report_backlog", "SELECT * FROM report_backlog"),
    ("report_queues", "SELECT * FROM report_queues"),
    ("report_instances", "SELECT * FROM report_instances"),
    ("report_retries", "SELECT * FROM report_retries"),
    ("report_dead_letters", "SELECT task_id, queue, died_at, host, reason, last_class FROM report_dead_letters WHERE died_at >= UTC_TIMESTAMP() - INTERVAL 1 DAY"),
]


def reports(stand, scale):
    """Every view, for the last 24 hours, on 10 million finished tasks and 1 million live ones (short: 300,000 and 100,000)."""
    database = filled(stand, scale, unused=True)
    figures = []
    for name, question in QUESTIONS:
        times = [timed(stand, question, database) for _ in range(3)]
        # The first reads from disk what is not in the buffer pool.
        figures.append(Figure(f"{name}, slowest of three", max(times), "s", at_most=1))
        figures.append(Figure(f"{name}, fastest", min(times), "s"))
    return figures


def timed(stand, question, database):
    begun = time.monotonic()
    stand.sql(question, database)
    return time.monotonic() - begun


def filled(stand, scale, unused=False):
    """The database of the reports. One that is kept (--keep) is filled once, and again when its last 24 hours are long past, or
    other tasks were run in it since and it is to be unused."""
    history, live = scale.pick((10_000_000, 1_000_000), (300_000, 100_000))
    name = "bench_reports"
    size = f"{history} {live}"
    if [[name]] == stand.sql(f"SHOW DATABASES LIKE '{name}'") and stand.sql("SHOW TABLES LIKE 'bench_filled'", name):
        if stand.sql(f"SELECT 1 FROM bench_filled WHERE at > UTC_TIMESTAMP() - INTERVAL 6 HOUR AND size = '{size}'"
                     f" AND NOT (used AND {int(unused)})", name):
            stand.migrate(name)
            return name
    stand.database("reports")
    seed(stand, name, history, live)
    count(stand, name)
    stand.sql(f"CREATE TABLE bench_filled AS SELECT '{size}' AS size, UTC_TIMESTAMP() AS at, 0 AS used", name)
    stand.settle()
    return name


def reported(stand, scale):
    """Overdue tasks beside that history, by turns alone, with all reports one after the other without pause, and with a program
    that only counts; the same where the reports have a processor of their own; and what one round takes."""
    database = filled(stand, scale)
    stand.sql("UPDATE bench_filled SET used = 1", database)
    # What lives there stays as it is.
    stand.sql("UPDATE queues SET paused_at = UTC_TIMESTAMP(6) WHERE name LIKE 'queue-%'", database)
    count, turns = scale.pick(60_000, 5_000), scale.pick(3, 1)
    *others, last = sorted(os.sched_getaffinity(0))
    shared = Turns(stand, database, count)
    for _ in range(turns):
        shared.take("alone", contextlib.nullcontext())
        shared.take("reports", Loop(stand, database))
        shared.take("counting", Counting())
    figures = [
        *shared.figures("alone"),
        *shared.figures("reports", "beside them", at_most=5),
        *shared.figures("counting", "beside a program that only counts"),
    ]
    if others and not stand.mysql:   # which does not tell the thread of a session to whom may only read
        apart = Turns(stand, database, count)
        with confined(stand, others):
            for _ in range(turns):
                apart.take("alone", contextlib.nullcontext())
                apart.take("reports", Loop(stand, database, last))
                apart.take("counting", Counting(last))
        figures += [
            *apart.figures("alone", "reports on a processor of their own: alone"),
            *apart.figures("reports", "reports on a processor of their own: beside them", at_most=5),
            *apart.figures("counting", "reports on a processor of their own: a program that only counts there"),
        ]
    begun = cpu(stand.db_pid)
    locks = sum(locks_taken(stand, question, database) for _, question in QUESTIONS)
    used = cpu(stand.db_pid) - begun
    return [
        *figures, Figure("locks that the reports took", locks, at_most=0),
        Figure("all reports once, CPU of the database", used, "s"),
        Figure("  5 % of the processors' time: once in", used / 0.05 / os.cpu_count(), "s"),
    ]


def locks_taken(stand, question, database):
    """How many locks of rows and tables the engine of the server keeps for the report until the end of its transaction."""
    rows = stand.sql(
        f"START TRANSACTION; {question}; DO SLEEP(0.2); SELECT 'locks', trx_lock_structs + trx_rows_locked + trx_tables_locked"
        " FROM information_schema.INNODB_TRX WHERE trx_mysql_thread_id = CONNECTION_ID()", database)
    if rows[-1][0] != "locks":
        raise Failure(f"the transaction of a report is not listed: {question}")
    return int(rows[-1][1])


class Turns:
    """Drains, each beside something, by turns."""

    def __init__(self, stand, database, count):
        self.stand, self.database, self.count = stand, database, count
        self.rates, self.waits, self.done = {}, {}, {}

    def take(self, name, company):
        before, since = self.lock_waits(), now_us() // 1000
        with company:
            rate = drained(self.stand, self.database, self.count)
        self.rates.setdefault(name, []).append(rate)
        self.waits[name] = self.waits.get(name, 0) + self.lock_waits() - before
        self.done[name] = self.done.get(name, 0) + getattr(company, "done", 0)
        # The next reads as much as this one.
        first = f"UNHEX(RPAD(LPAD(HEX({since}), 12, '0'), 32, '0'))"
        self.stand.sql(f"DELETE FROM attempts WHERE task_id >= {first}; DELETE FROM tasks WHERE id >= {first}", self.database)
        self.stand.settle()

    def lock_waits(self):
        return 0 if self.stand.mysql else sum(self.stand.status("Innodb_row_lock_waits", "Innodb_deadlocks"))

    def figures(self, name, label=None, at_most=None):
        rate, alone = statistics.median(self.rates[name]), statistics.median(self.rates["alone"])
        figures = [Figure(label or name, rate, "tasks/s")]
        if name != "alone":
            figures.append(Figure("  less than alone", (1 - rate / alone) * 100, "%", at_most=at_most))
        if name == "reports":
            figures += [
                Figure("  reports read", self.done[name], at_least=1),
                # The engine's own transactions wait for each other too, now and then.
                Figure("  lock waits and deadlocks", self.waits[name]), Figure("    alone", self.waits["alone"]),
            ]
        return figures


@contextlib.contextmanager
def confined(stand, processors):
    """Keeps the database, and what is started by this thread, to these processors."""
    before = os.sched_getaffinity(0)
    confine(stand.db_pid, processors)
    os.sched_setaffinity(0, processors)
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)
        confine(stand.db_pid, before)


def confine(pid, processors):
    for thread in os.listdir(f"/proc/{pid}/task"):
        with contextlib.suppress(ProcessLookupError):   # it has ended
            os.sched_setaffinity(int(thread), processors)


def scraped(stand, scale):
    """Overdue tasks, by turns without metrics and with metrics scraped every second."""
    count = scale.pick(30_000, 5_000)
    rates = {False: [], True: []}
    scrapes = 0
    for scraping in (False, True) * scale.pick(3, 1):
        database = stand.database("scraped")
        scraper = Scraper() if scraping else None
        rates[scraping].append(drained(stand, database, count, **({"metrics": {"port": Scraper.port}} if scraping else {})))
        if scraper:
            scrapes += scraper.stop()
    off, on = (statistics.median(rates[each]) for each in (False, True))
    return [
        Figure("without metrics", off, "tasks/s"), Figure("scraped every second", on, "tasks/s"),
        Figure("less", (1 - on / off) * 100, "%"), Figure("scrapes", scrapes, at_least=1),
    ]


def drained(stand, database, count, **settings):
    """Tasks a second, from the first call to the last outcome, of tasks that are all due when the instance starts."""
    receiver = stand.receiver()
    loader = stand.instance(database, "loader", claim={"lookahead_ms": 2000})
    plan, ids, _ = create_for_later([loader], receiver.url, count, names="drained")
    loader.stop()
    sleep_until(plan)
    instance = stand.instance(database, "runner", wait=False, **settings)
    if not receiver.wait_for(count, 180):
        raise Failure(f"{receiver.count()} of {count} tasks were called within three minutes")
    wait_until(lambda: stand.number("SELECT COUNT(*) FROM claims", database) == 0, 30, 0.02)
    ended = now_us()
    records = receiver.records()
    if len({task for _, task, _ in records} & set(ids)) != count:
        raise Failure("not all tasks were called")
    instance.stop()
    receiver.stop(10)
    return count / ((ended - records[0][0]) / SECOND)


class Loop:
    """All reports again and again, on a connection of its own, whose thread in the database is kept to a processor."""

    END = "the report ends here"

    def __init__(self, stand, database, processor=None):
        self.done, self.ended, self.failure = 0, threading.Event(), None
        self.stand, self.processor = stand, processor
        self.thread = threading.Thread(target=self.run, args=(stand, database, processor))

    def __enter__(self):
        self.thread.start()

    def __exit__(self, *_):
        self.ended.set()
        self.thread.join()
        if self.processor is not None:
            # Its thread in the database may serve another session next.
            confine(self.stand.db_pid, os.sched_getaffinity(0))
        if self.failure:
            raise self.failure

    def run(self, stand, database, processor):
        if processor is not None:
            os.sched_setaffinity(0, {processor})   # this thread and the client
        try:
            with subprocess.Popen(
                    [stand.client, f"--defaults-file={stand.servers}/client.cnf", "-N", "-B", "--unbuffered", database],
                    stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as client:
                if processor is not None:
                    [thread] = self.ask(client, "SELECT TID FROM information_schema.PROCESSLIST WHERE ID = CONNECTION_ID()")
                    os.sched_setaffinity(int(thread), {processor})
                while not self.ended.is_set():
                    for _, question in QUESTIONS:
                        if self.ended.is_set():
                            break
                        self.ask(client, question)
                        self.done += 1
                client.stdin.close()
        except Exception as error:
            self.failure = error

    def ask(self, client, question):
        client.stdin.write(f"{question};\nSELECT '{self.END}';\n")
        client.stdin.flush()
        lines = []
        for line in client.stdout:
            if line.rstrip("\n") == self.END:
                return lines
            lines.append(line)
        raise Failure(f"the session of the reports has ended at: {question}")


class Counting:
    """One thread's work that has nothing to do with the database: what whoever never pauses takes of the processors."""

    def __init__(self, processor=None):
        self.processor = processor

    def __enter__(self):
        self.child = subprocess.Popen([sys.executable, "-c", "while True: pass"])
        if self.processor is not None:
            os.sched_setaffinity(self.child.pid, {self.processor})

    def __exit__(self, *_):
        self.child.kill()
        self.child.wait()


class Scraper:
    port = 19464

    def __init__(self):
        self.scrapes, self.ended = 0, threading.Event()
        self.thread = threading.Thread(target=self.run)
        self.thread.start()

    def run(self):
        while not self.ended.wait(1):
            with contextlib.suppress(OSError), urllib.request.urlopen(f"http://127.0.0.1:{self.port}/metrics", timeout=5) as answer:
                if b"schedulerd_outcomes_total" in answer.read():
                    self.scrapes += 1

    def stop(self):
        self.ended.set()
        self.thread.join()
        return self.scrapes


def count(stand, database):
    """80 kinds of attempts a minute, and 100 by host."""
    minute = f"CAST('{time.strftime('%Y-%m-%d %H:%M:00', time.gmtime())}' AS DATETIME)"
    for day in range(DAYS):
        begin = day * 1440 * 80
        stand.sql(
            "INSERT INTO rollups_minute (minute, queue_id, incarnation, outcome, class, lateness_us, duration_us, attempts)"
            f" SELECT {minute} - INTERVAL FLOOR(seq / 80) MINUTE, 1 + seq MOD 4, 1, IF(seq MOD 20 = 0, 3, 1),"
            " IF(seq MOD 20 = 0, 'status', 'success'), ELT(1 + FLOOR(seq / 4) MOD 4, 200, 500, 1000, 2000),"
            " ELT(1 + FLOOR(seq / 16) MOD 5, 1000, 2000, 5000, 10000, 20000), 5"
            f" FROM seq_{begin}_to_{begin + 1440 * 80 - 1}", database)
        # Each host answers in two ways.
        begin = day * 1440 * 2 * HOSTS
        stand.sql(
            "INSERT INTO rollups_destination (minute, incarnation, host, class, duration_us, attempts, last_started_at, last_message)"
            f" SELECT {minute} - INTERVAL FLOOR(seq / {2 * HOSTS}) MINUTE, 1, CONCAT('host', FLOOR(seq / 2) MOD {HOSTS}, '.example.com'),"
            " IF(seq MOD 20 = 0, 'status', 'success'), ELT(1 + seq MOD 2, 2000, 5000), 4,"
            f" {minute} - INTERVAL FLOOR(seq / {2 * HOSTS}) MINUTE, IF(seq MOD 20 = 0, 'status 503, 200 to 299 is success', NULL)"
            f" FROM seq_{begin}_to_{begin + 1440 * 2 * HOSTS - 1}", database)
    stand.sql("ANALYZE TABLE rollups_minute, rollups_destination", database)
