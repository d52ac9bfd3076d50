"""Where the time of a drain goes: CPU by thread of schedulerd and the database, beside the bare C program."""

import os
import shutil
import subprocess

from figures import SECOND, Figure, create_for_later, outcomes, sleep_until
from stand import TICK, cpu, now_us, wait_until


def costs(stand, scale):
    """A drain by one instance. With PROFILE=schedulerd or PROFILE=database, and Debian's linux-perf: what its functions take."""
    count = scale.pick(60000, 30000)
    receiver = stand.receiver()
    database = stand.database("costs")
    loader = stand.instance(database, "loader", claim={"lookahead_ms": 2000})
    plan, _, probe = create_for_later([loader], receiver.url, count)
    loader.stop()
    sleep_until(plan)
    before, heard = threads(stand.db_pid), receiver.cpu()
    counters = "Questions", "Com_commit"
    asked = stand.status(*counters)
    instance = stand.instance(database, wait=False)
    profiler = Profiler(stand, receiver, instance)
    receiver.wait_for(count, 180)
    wait_until(lambda: outcomes(stand, database)[2] <= probe, 30, 0.05)
    ended = now_us()
    profiler.stop()
    heard = receiver.cpu() - heard
    mine = list(threads(instance.pid).values())
    theirs = [used - before.get(thread, 0) for thread, used in threads(stand.db_pid).items()]
    statements, commits = (b - a for a, b in zip(asked, stand.status(*counters)))
    records = receiver.records()
    total = sum(mine) + sum(theirs) + heard
    figures = [
        Figure("first to last arrival", count / ((records[-1][0] - records[0][0]) / SECOND), "tasks/s"),
        Figure("CPU in all", total / count * 1e6, "µs a task"),
        Figure("of all processors", total / ((ended - records[0][0]) / SECOND) / os.cpu_count()),
        Figure("schedulerd", sum(mine) / count * 1e6, "µs a task"),
        Figure("schedulerd: its busiest thread", max(mine) / count * 1e6, "µs a task"),
        Figure("database", sum(theirs) / count * 1e6, "µs a task"),
        Figure("receiver", heard / count * 1e6, "µs a task"),
        Figure("statements", statements / count * 1000, "in 1000 tasks"),
        Figure("commits", commits / count * 1000, "in 1000 tasks"),
    ]
    instance.stop()
    return figures + bare(stand, receiver, count)


def bare(stand, receiver, count):
    """The same of the C program; what its inserts take is left out."""
    used = {}
    for mode in ("insert", "full"):
        start = cpu(stand.db_pid), receiver.cpu(), sum(os.times()[2:4])
        rate = stand.limit(receiver, count, mode)
        used[mode] = [b - a for a, b in zip(start, (cpu(stand.db_pid), receiver.cpu(), sum(os.times()[2:4])))]
    names = "database", "receiver", "itself"
    return [Figure("in C", rate, "tasks/s")] + [
        Figure(f"in C: {name}", (full - insert) / count * 1e6, "µs a task")
        for name, full, insert in zip(names, used["full"], used["insert"])]


def threads(pid):
    """CPU seconds of each thread, by number."""
    used = {}
    for thread in os.listdir(f"/proc/{pid}/task"):
        try:
            with open(f"/proc/{pid}/task/{thread}/stat") as stat:
                fields = stat.read().rpartition(")")[2].split()
        except OSError:
            continue   # it has just ended
        used[thread] = (int(fields[11]) + int(fields[12])) / TICK
    return used


class Profiler:
    """`perf record` on the process that PROFILE names; prints its report."""

    def __init__(self, stand, receiver, instance):
        self.child = None
        target = os.environ.get("PROFILE")
        if not target or not shutil.which("perf"):
            return
        wait_until(lambda: receiver.count() > 500, 30, 0.01)
        self.data = stand.path("perf", "data")
        pid = instance.pid if target == "schedulerd" else stand.db_pid
        self.child = subprocess.Popen(["perf", "record", "-q", "-F", "999", "-p", str(pid), "-o", self.data])

    def stop(self):
        if not self.child:
            return
        self.child.send_signal(2)
        self.child.wait()
        report = subprocess.run(["perf", "report", "-i", self.data, "--stdio", "--sort", "dso,symbol", "--percent-limit", "0.5"],
                                stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
        print("\n".join(line for line in report.stdout.splitlines() if line and not line.startswith("#")))
