"""Where the time of a drain goes: CPU by thread of schedulerd and the database, and stacks by perf where it is there."""

import os
import shutil
import subprocess
import time

from cases import Figure, create_for_later, outcomes, sleep_until
from stand import TICK, cpu, now_us, wait_until

SECOND = 1_000_000


def threads(pid):
    """CPU seconds of each thread, by number."""
    used = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue
        used[thread] = ((int(fields[11])) / TICK, int(fields[12]) / TICK)
    return used


def costs(stand, scale):
    """A drain under a profiler; the report lies beside the figures."""
    stand.sql("CREATE DATABASE IF NOT EXISTS bench_limit")
    count = scale.pick(60000, 30000)
    receiver = stand.receiver()
    database = stand.database("profile")
    loader = stand.instance(database, "loader", claim={"lookahead_ms": 2000})
    plan, _, _ = create_for_later([loader], receiver.url, count)
    loader.stop()
    sleep_until(plan)
    before = threads(stand.db_pid)
    counters = ["Questions", "Com_commit"]
    asked = stand.status(*counters)
    begun = receiver.cpu()
    instance = stand.instance(database, wait=False)
    recorder = None
    target = os.environ.get("PROFILE", "")
    if target:
        wait_until(lambda: receiver.count() > 500, 30, 0.01)
        pid = instance.pid if target == "schedulerd" else stand.db_pid
        recorder = subprocess.Popen(["perf", "record", "-q", "-F", "999", "-g", "-p", str(pid), "-o", "/tmp/perf/perf.data"])
    receiver.wait_for(count, 180)
    wait_until(lambda: outcomes(stand, database)[2] <= 300, 30, 0.05)
    ended = now_us()
    if recorder:
        recorder.send_signal(2)
        recorder.wait()
    heard = receiver.cpu() - begun
    records = receiver.records()
    seconds = (records[-1][0] - records[0][0]) / SECOND
    whole = (ended - records[0][0]) / SECOND
    mine = threads(instance.pid)
    theirs = {t: (u - before.get(t, (0, 0))[0], s - before.get(t, (0, 0))[1]) for t, (u, s) in threads(stand.db_pid).items()}
    for name, used in (("schedulerd", mine), ("database", theirs)):
        print(f"  {name}: {sum(u for u, _ in used.values()):.2f} user + {sum(s for _, s in used.values()):.2f} system; threads: ",
              ", ".join(f"{u:.2f}+{s:.2f}" for u, s in sorted(used.values(), key=sum, reverse=True)[:8]))
    for mode in ("insert", "full"):
        start = cpu(stand.db_pid), receiver.cpu(), sum(os.times()[2:4])
        speed = stand.limit(receiver, count, mode) if mode == "full" else subprocess.run(
            [stand.tool("limit"), "--mode", mode, "--rows", str(count), "--sock", stand.db["socket"], "--user", stand.db["user"],
             "--pass", stand.db["password"], "--db", "bench_limit"], check=False) and 0
        print(f"  limit {mode}: {speed:.0f}/s; CPU of database {cpu(stand.db_pid) - start[0]:.2f}, receiver {receiver.cpu() - start[1]:.2f}, itself {sum(os.times()[2:4]) - start[2]:.2f}")
    total = sum(map(sum, mine.values())) + sum(map(sum, theirs.values())) + heard
    q, c = (b - a for a, b in zip(asked, stand.status(*counters)))
    return [
        Figure("rate", count / seconds, "tasks/s"), Figure("seconds", seconds), Figure("to the last outcome", whole),
        Figure("CPU in all", total, "s"), Figure("receiver", heard, "s"), Figure("us of CPU per task", total / count * 1e6),
        Figure("of two processors", total / whole / 2), Figure("statements per 1000", q / count * 1000), Figure("commits per 1000", c / count * 1000),
    ]
