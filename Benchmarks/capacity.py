"""What a task takes: bytes in the tables, in the logs of the server, in memory, and time of processors (docs/capacity.md)."""

import glob
import os
import time

from figures import Figure, callback, create_for_later, sleep_until, wait_for_outcomes
from pages import seed
from stand import cpu, now_us, wait_until

SECOND = 1_000_000


def capacity(stand, scale):
    """Tables of a million rows each (short: 100,000), 20,000 tasks through one instance, and 40,000 claims."""
    rows = scale.pick(1_000_000, 100_000)
    return [*tables(stand, rows), *path(stand, scale.pick(20_000, 5_000)), *claims(stand, scale.pick(40_000, 10_000))]


def tables(stand, rows):
    figures = []
    database = stand.database("capacity")
    seed(stand, database, rows, 0)
    for table in ("tasks", "attempts", "dead_letters"):
        count = stand.number(f"SELECT COUNT(*) FROM {table}", database)
        figures += size(stand, database, table, count)
    database = stand.database("capacity_live")
    seed(stand, database, 0, rows)
    for table in ("scheduled", "ready"):
        figures += size(stand, database, table, stand.number(f"SELECT COUNT(*) FROM {table}", database))
    stand.sql(
        "INSERT INTO rollups_minute (minute, queue_id, incarnation, outcome, class, lateness_us, duration_us, attempts)"
        " SELECT '2026-01-01' + INTERVAL FLOOR(seq / 80) MINUTE, 1 + seq MOD 4, 1, 1, 'success',"
        " ELT(1 + FLOOR(seq / 4) MOD 4, 200, 500, 1000, 2000), ELT(1 + FLOOR(seq / 16) MOD 5, 1000, 2000, 5000, 10000, 20000), 5"
        f" FROM seq_0_to_{rows // 5 - 1}", database)
    return figures + size(stand, database, "rollups_minute", rows // 5)


def size(stand, database, table, count):
    """Bytes a row, by the files and by what the server says is used in them."""
    folder = os.path.join(stand.servers, "data", database)
    files = sum(os.path.getsize(name) for pattern in (f"{table}.ibd", f"{table}#[Pp]#*.ibd")
                for name in glob.glob(os.path.join(folder, pattern)))
    stand.sql(f"ANALYZE TABLE {table}", database)
    used = stand.number("SELECT SUM(DATA_LENGTH + INDEX_LENGTH) FROM information_schema.TABLES"
                        f" WHERE TABLE_SCHEMA = '{database}' AND TABLE_NAME = '{table}'", "")
    return [Figure(f"{table}: rows", count), Figure(f"{table}: bytes a row, used by the table and its indexes", used / count, "bytes"),
            Figure(f"{table}: bytes a row, of its files", files / count, "bytes")]


def path(stand, count):
    """One instance accepts them and runs them."""
    receiver = stand.receiver()
    database = stand.database("capacity_path")
    instance = stand.instance(database, claim={"lookahead_ms": 2000})
    meters = Meters(stand, instance)
    plan, ids, _ = create_for_later([instance], receiver.url, count)
    accepted = meters.lap()
    sleep_until(plan)
    meters.lap()
    receiver.wait_for(count, 180)
    wait_for_outcomes(stand, database, count, 60)
    run = meters.lap()
    records = receiver.records()
    minutes = stand.number("SELECT COUNT(DISTINCT minute) FROM rollups_minute", database)
    figures = []
    for name, lap in (("accepted over HTTP", accepted), ("run", run)):
        figures += [Figure(f"{name}: {what} per task", value / count * factor, unit) for what, value, factor, unit in (
            ("redo log", lap["redo"], 1, "bytes"), ("binary log", lap["binlog"], 1, "bytes"),
            ("processor of schedulerd", lap["cpu"], 1e6, "µs"), ("processor of the database", lap["db_cpu"], 1e6, "µs"))]
    per_core = count / (run["cpu"] + run["db_cpu"] + accepted["cpu"] + accepted["db_cpu"])
    return figures + [
        Figure("accepted and run, per second of a processor", per_core, "tasks"),
        Figure("run: first to last call", len(records) / ((records[-1][0] - records[0][0]) / SECOND), "tasks/s"),
        Figure("rollup rows a minute, one queue, one instance",
               stand.number("SELECT COUNT(*) FROM rollups_minute", database) / max(1, minutes)),
        Figure("connections of an instance", stand.number(
            "SELECT COUNT(*) FROM information_schema.PROCESSLIST WHERE DB = 'bench_capacity_path'", "")),
    ]


def claims(stand, count):
    """Memory of what is claimed and waits in the wheel."""
    database = stand.database("capacity_claims")
    instance = stand.instance(database, claim={"lookahead_ms": 3_600_000, "high_watermark": count + 1000, "low_watermark": count})
    due = now_us() + 3000 * SECOND
    instance.post([callback("http://127.0.0.1:9/", due)] * 1000)   # what the first tasks take is not the claims'
    time.sleep(2)
    before = instance.memory_mb()
    begin = now_us()
    stand.sql(
        "INSERT INTO tasks (id, queue_id, state, requested_time, plan_time, method, url, success_rule, max_retries, retry_delays,"
        f" timeout_ms, created_at) SELECT UNHEX(CONCAT(LPAD(HEX({begin // 1000}), 12, '0'), '7000', '8000', LPAD(HEX(seq), 12, '0'))),"
        f" 1, 0, UTC_TIMESTAMP(6) + INTERVAL 2400 SECOND, UTC_TIMESTAMP(6) + INTERVAL 2400 SECOND, 'GET', 'http://127.0.0.1:9/',"
        f" 'status_2xx', 0, '', 1000, UTC_TIMESTAMP(6) FROM seq_1_to_{count};"
        "INSERT INTO scheduled (queue_id, plan_time, task_id) SELECT queue_id, plan_time, id FROM tasks WHERE method = 'GET'", database)
    wait_until(lambda: stand.number("SELECT COUNT(*) FROM claims", database) >= count, 60, 0.5)
    held = stand.number("SELECT COUNT(*) FROM claims", database) - 1000
    time.sleep(2)
    return [Figure("an instance without claims, RSS", before, "MB"),
            Figure("claims held", held),
            Figure("memory per claim", (instance.memory_mb() - before) * 1e6 / held, "bytes")]


class Meters:
    """What was used since the last lap."""

    def __init__(self, stand, instance):
        self.stand, self.instance = stand, instance
        self.last = self.read()

    def read(self):
        stand = self.stand
        binlog = sum(int(row[1]) for row in stand.sql("SHOW BINARY LOGS")) if stand.sql("SELECT @@log_bin")[0][0] == "1" else float("nan")
        return {"redo": stand.status("Innodb_os_log_written")[0], "binlog": binlog, "cpu": self.instance.cpu(), "db_cpu": cpu(stand.db_pid)}

    def lap(self):
        now = self.read()
        used = {key: now[key] - self.last[key] for key in now}
        self.last = now
        return used
