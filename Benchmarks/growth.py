"""Whether a drain is as fast beside many rows that are not due, and beside many that are finished."""

import time

from drain import drained
from figures import SECOND, Figure
from pages import COLUMNS, DAY, DAYS, STEP, row, seed
from stand import Failure, now_us


def growth(stand, scale):
    """A drain beside 10 thousand, 1 million and 10 million future rows, and beside as many finished ones (short, and by
    --growth-rows: up to so many)."""
    most = scale.growth_rows or scale.pick(10_000_000, 100_000)
    if stand.db["kind"] != "mariadb":
        raise Failure("the rows are made by a sequence table, which only MariaDB has")
    figures, first = [], None
    count = scale.pick(30000, 10000)
    for rows in sorted({10_000, *(n for n in (100_000, 1_000_000, 10_000_000) if n <= most)}):
        if rows == 100_000 and most > rows:
            continue
        for kind in ("future", "finished"):
            if kind == "finished" and rows == 10_000:
                continue
            database = stand.database("growth")
            begun = time.monotonic()
            seed(stand, database, rows if kind == "finished" else 0, 0)
            for begin in range(0, 0 if kind == "finished" else rows, STEP):
                future(stand, database, begin, min(begin + STEP, rows))
            stand.sql("ANALYZE TABLE tasks, scheduled, attempts", database)
            figures.append(Figure(f"{rows:,} {kind}: filling", time.monotonic() - begun, "s"))
            rate, found = drained(stand, f"{rows:,} {kind}", stand.receiver(), database, count, 1)
            first = first or rate
            figures.append(Figure(f"{rows:,} {kind}: drain", rate, "tasks/s"))
            if rate != first:
                figures.append(Figure(f"{rows:,} {kind}: of 10,000 future", rate / first, at_least=0.8 if kind == "future" else 0.9))
            figures += found[6:]
            stand.end_children()
            stand.sql(f"DROP DATABASE {database}")
    return figures


def future(stand, database, begin, end):
    """Rows due a day and more from now, in the queue that is drained too; made within the days that have partitions."""
    now = now_us()
    made = f"{(now // DAY - DAYS) * DAY} + seq * 1000"
    plan = f"('1970-01-01' + INTERVAL ({now} + {86_400 * SECOND} + seq * 1000) MICROSECOND)"
    source = f"FROM seq_{begin + 1}_to_{end}"
    stand.sql(f"INSERT INTO tasks ({COLUMNS}) SELECT {row(made, '0', plan, 'NULL', 'NULL')} {source}", database)
    stand.sql("INSERT INTO scheduled (queue_id, plan_time, task_id) SELECT 1, "
              f"{plan}, UNHEX(CONCAT(LPAD(HEX(FLOOR(({made}) / 1000)), 12, '0'), '7000', '8000', LPAD(HEX(seq), 12, '0'))) {source}", database)
