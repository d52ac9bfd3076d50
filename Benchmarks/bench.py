"""Runs the benchmark's cases on private servers and prints one table. Started by scripts/bench."""

import argparse
import json
import math
import os
import platform
import signal
import statistics
import subprocess
import sys
import time

from breaker import breaker
from capacity import capacity
from cases import legacy, malformed, once, retry, takeover
from costs import costs
from drain import drain, queues
from export import export
from figures import Scale
from growth import growth
from intake import intake
from limits import CASES as LIMITS
from messages import messages
from pages import pages, watched
from reports import reported, reports, scraped
from rest import idle, memory
from retention import retention
from resend import letters, same
from stand import Failure, Stand
from steady import lateness, start, steady

# Name: case, how often it is run; the table shows medians. Those that nobody asks for are run when no case is named.
CASES = {"lateness": (lateness, 3), "drain": (drain, 3), "steady": (steady, 3), "intake": (intake, 3), "queues": (queues, 3),
         "idle": (idle, 1), "memory": (memory, 3), "start": (start, 3)}
OTHERS = {"growth": (growth, 1), "costs": (costs, 1), "messages": (messages, 3), "pages": (pages, 1), "watched": (watched, 1),
          "reports": (reports, 1), "reported": (reported, 1), "scraped": (scraped, 1), "legacy": (legacy, 1), "once": (once, 1),
          "retry": (retry, 1), "takeover": (takeover, 1), "breaker": (breaker, 1),
          "malformed": (malformed, 1), "retention": (retention, 1), "export": (export, 1), "capacity": (capacity, 1),
          "same": (same, 1), "letters": (letters, 1), **LIMITS}


def main():
    # So that an end by signal ends the servers and instances too.
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="scripts/bench", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"{', '.join(CASES)}: all of these by default; {', '.join(OTHERS)}")
    parser.add_argument("--short", action="store_true", help="smaller and once each")
    parser.add_argument("--repeat", type=int, help="how often each case is run")
    parser.add_argument("--idle-seconds", type=int, help="how long `idle` looks (60; short: 10)")
    parser.add_argument("--growth-rows", type=int, help="the most rows that `growth` fills in (10,000,000; short: 100,000)")
    parser.add_argument("--mysql", metavar="DIR", help="on the MySQL that scripts/mysql put there, instead of MariaDB")
    parser.add_argument("--json", metavar="FILE", default=".build/bench.json", help="where the figures go (%(default)s)")
    parser.add_argument("--binary", help="a schedulerd built already")
    parser.add_argument("--keep", metavar="DIR", help="where the servers' data is kept: `reports` need not fill it each time")
    parser.add_argument("--tools", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    cases = {**CASES, **OTHERS}
    unknown = [name for name in options.cases if name not in cases]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}; there are {', '.join(cases)}")
    scale = Scale(options.short, options.idle_seconds or (10 if options.short else 60), options.growth_rows)
    if "growth" in options.cases and (options.growth_rows or 0 if options.short else options.growth_rows or 10_000_000) > 2_000_000:
        os.environ.setdefault("SERVERS_BUFFER_POOL", "8G")   # it is to hold what is filled in

    # As `schedulerd doctor` advises: room for all that a case writes, near whose end the database makes everybody wait for
    # pages, and threads of their own for the log.
    os.environ.setdefault("SERVERS_DB_OPTIONS", "--innodb-redo-log-capacity=4G --innodb-log-writer-threads=ON" if options.mysql
                          else "--innodb-log-file-size=4G")

    begun, results, failed = time.time(), [], []
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with Stand(root, os.path.abspath(options.binary), options.tools, os.path.abspath(options.keep) if options.keep else options.folder,
               os.path.abspath(options.mysql) if options.mysql else None) as stand:
        about = describe(stand, options)
        print("\n".join(f"{key}: {value}" for key, value in about.items()), flush=True)
        for name in options.cases or CASES:
            case, often = cases[name]
            often = options.repeat or (1 if options.short else often)
            print(f"\n{name}: {case.__doc__}", flush=True)
            runs, load, started = [], os.getloadavg()[0], time.monotonic()
            try:
                for _ in range(often):
                    runs.append(case(stand, scale))
                    stand.end_children()
            except Exception as error:   # the other cases can still be run
                failed.append(name)
                print(f"  FAILED: {error if isinstance(error, Failure) else repr(error)}", flush=True)
                stand.end_children()
            rows = [merge(same) for same in zip(*runs)]
            results.append({"case": name, "runs": len(runs), "load_before": load, "seconds": time.monotonic() - started, "figures": rows})
            show(rows, len(runs), load)

    missed = [f"{r['case']}: {f['name']}" for r in results for f in r["figures"] if f["met"] is False]
    print(f"\n{len(results)} cases in {time.time() - begun:.0f} s;", f"{len(missed)} bounds missed, {len(failed)} cases failed")
    for line in missed:
        print("  missed:", line)
    os.makedirs(os.path.dirname(os.path.abspath(options.json)), exist_ok=True)
    with open(options.json, "w") as file:
        json.dump({"about": about, "began": begun, "results": results, "failed": failed}, file, indent=2)
    sys.exit(1 if missed or failed else 0)


def describe(stand, options):
    with open("/proc/cpuinfo") as info:
        model = next((line.partition(":")[2].strip() for line in info if line.startswith("model name")), platform.machine())
    disk = subprocess.run(["stat", "-f", "-c", "%T", stand.folder], stdout=subprocess.PIPE, text=True).stdout.strip()
    commit = subprocess.run(["git", "-C", stand.root, "describe", "--always", "--dirty"], stdout=subprocess.PIPE,
                            stderr=subprocess.DEVNULL, text=True)
    return {
        "machine": f"{os.cpu_count()} × {model}, Linux {platform.release()}",
        "database": f"{stand.db['kind']} {stand.version}, every COMMIT durable, data on {disk}, all on one machine",
        "commit": commit.stdout.strip() or "unknown",
        "scale": "short" if options.short else "full",
    }


def merge(same):
    """One row out of the same figure of every run: the median; of what must never happen, the worst."""
    first = same[0]
    values = [figure.value for figure in same]
    first.value = max(values) if first.at_most == 0 else statistics.median(values)
    return {"name": first.name, "value": first.value, "unit": first.unit, "least": min(values), "most": max(values),
            "at_least": first.at_least, "at_most": first.at_most, "met": first.met()}


def number(value):
    whole = not math.isfinite(value) or value == int(value) or abs(value) >= 1000
    return f"{value:,.0f}" if whole else f"{value:.3g}"


def show(rows, runs, load):
    for row in rows:
        bounds = [f"{sign} {number(row[key])}" for sign, key in (("≥", "at_least"), ("≤", "at_most")) if row[key] is not None]
        spread = f"{number(row['least'])} – {number(row['most'])}" if runs > 1 and row["least"] != row["most"] else ""
        verdict = {None: "", True: "ok", False: "MISSED"}[row["met"]]
        print(f"  {row['name']:<46} {number(row['value']):>10} {row['unit']:<11} {spread:<22} {' '.join(bounds):<18} {verdict}".rstrip())
    if rows and load > 0.5:
        print(f"  (the machine was not idle before: load {load:.1f})")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
