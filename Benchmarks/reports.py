"""The views for reports on a large table: what a person waits for the last 24 hours."""

import time

from figures import Figure
from pages import seed

ID = "id >= UNHEX(RPAD(LPAD(HEX(1000 * UNIX_TIMESTAMP(NOW() - INTERVAL 1 DAY)), 12, '0'), 32, '0'))"
DAYS = 20

QUESTIONS = [
    ("report_tasks, counted by queue and state", f"SELECT queue, state, COUNT(*) FROM report_tasks WHERE {ID} GROUP BY queue, state"),
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
    history, live = scale.pick((10_000_000, 1_000_000), (300_000, 100_000))
    database = stand.database("reports")
    seed(stand, database, history, live)
    count(stand, database)
    figures = []
    for name, question in QUESTIONS:
        times = []
        for _ in range(3):
            begun = time.monotonic()
            stand.sql(question, database)
            times.append(time.monotonic() - begun)
        # The first reads from disk what is not in the buffer pool.
        figures.append(Figure(f"{name}, slowest of three", max(times), "s", at_most=1))
    return figures


def count(stand, database):
    """80 kinds of attempts a minute."""
    minute = f"CAST('{time.strftime('%Y-%m-%d %H:%M:00', time.gmtime())}' AS DATETIME)"
    for day in range(DAYS):
        begin = day * 1440 * 80
        stand.sql(
            "INSERT INTO rollups_minute (minute, queue_id, incarnation, outcome, class, lateness_us, duration_us, attempts)"
            f" SELECT {minute} - INTERVAL FLOOR(seq / 80) MINUTE, 1 + seq MOD 4, 1, IF(seq MOD 20 = 0, 3, 1),"
            " IF(seq MOD 20 = 0, 'status', 'success'), ELT(1 + FLOOR(seq / 4) MOD 4, 200, 500, 1000, 2000),"
            " ELT(1 + FLOOR(seq / 16) MOD 5, 1000, 2000, 5000, 10000, 20000), 5"
            f" FROM seq_{begin}_to_{begin + 1440 * 80 - 1}", database)
    stand.sql("ANALYZE TABLE rollups_minute", database)
