"""How much memory `schedulerd export` takes, whatever the number of rows."""

import os
import subprocess
import time

from figures import Figure
from pages import seed
from stand import Failure, rfc3339, now_us

SECOND = 1_000_000
FEW = 100_000


def export(stand, scale):
    """The peak of its memory for 100,000 rows and for 2 million (short: 400,000), as CSV and as JSON Lines."""
    many = scale.pick(2_000_000, 400_000)
    database = stand.database("export")
    seed(stand, database, many, 0)
    config = stand.config(database, {})
    # The time by which the first 100,000 were created.
    middle = stand.sql(f"SELECT DATE_FORMAT(created_at, '%Y-%m-%dT%H:%i:%s.%fZ') FROM tasks ORDER BY id LIMIT 1 OFFSET {FEW}", database)[0][0]
    figures = []
    for rows in ("tasks", "attempts"):
        for kind in ("csv", "jsonl"):
            few, _, counted = run(stand, config, rows, kind, middle)
            if counted != FEW + (kind == "csv"):
                raise Failure(f"{counted} lines for {FEW} rows")
            much, seconds, counted = run(stand, config, rows, kind, rfc3339(now_us()))
            if counted != many + (kind == "csv"):
                raise Failure(f"{counted} lines for {many} rows")
            figures += [
                Figure(f"{rows}, {kind}: {FEW:,} rows", few, "MB"),
                Figure(f"{rows}, {kind}: {many:,} rows", much, "MB"),
                # Where the heap's pages come to lie is chance; a row more that is kept would be a hundred bytes.
                Figure(f"{rows}, {kind}: ratio", much / few, at_most=1.15),
                Figure(f"{rows}, {kind}: speed", many / seconds, "rows/s"),
            ]
    return figures


def run(stand, config, rows, kind, to):
    """(VmHWM in MB, seconds, lines)"""
    begin = time.monotonic()
    with subprocess.Popen(
            [stand.binary, "export", rows, "--from", "2000-01-01T00:00:00Z", "--to", to, "--format", kind, "--config", config],
            env=stand.env, stdout=subprocess.PIPE) as child:
        lines = 0
        while piece := child.stdout.read(1 << 20):
            lines += piece.count(b"\n")
        _, status, usage = os.wait4(child.pid, 0)
        child.returncode = os.waitstatus_to_exitcode(status)
    if child.returncode:
        raise Failure(f"export ended with {child.returncode}")
    return usage.ru_maxrss / 1024, time.monotonic() - begin, lines
