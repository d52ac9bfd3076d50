"""Restores a dump that was made under load into a fresh server, lets schedulerd go on there, and accounts for every task.
Started by scripts/restore-drill."""

import argparse
import os
import random
import shlex
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

from stand import Failure, Receiver, Stand, now_us, rfc3339, wait_until

SECOND = 1_000_000
DATABASE = "bench_drill"


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="scripts/restore-drill", description=__doc__)
    parser.add_argument("--seconds", type=int, default=30, help="of load (%(default)s); the dump begins in the middle")
    parser.add_argument("--rate", type=int, default=200, help="tasks a second (%(default)s)")
    parser.add_argument("--binlog", action="store_true", help="roll forward from the dump by the binary log of the lost server")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--tools", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    if options.binlog:
        os.environ["SERVERS_DB_OPTIONS"] = "--log-bin=binlog --binlog-format=ROW --sync-binlog=1 --server-id=1"
    sys.exit(0 if Drill(root, options).run() else 1)


class Drill:
    def __init__(self, root, options):
        self.root, self.options = root, options
        self.accepted = {}   # id: (sent, answered, plan)
        self.bad = 0

    def stand(self, name):
        folder = os.path.join(self.options.folder, name)
        os.makedirs(folder, exist_ok=True)
        return Stand(self.root, os.path.abspath(self.options.binary), self.options.tools, folder)

    def run(self):
        with self.stand("lost") as lost:
            self.say(f"server: {lost.version}; {self.options.rate} tasks a second for {self.options.seconds} s, due within 2 to 40 s,"
                     " a tenth of them fail once")
            receiver = self.receiver = Receiver(lost, {})
            try:
                return self.drill(lost, receiver)
            finally:
                receiver.stop(10)

    def drill(self, lost, receiver):
        lost.database("drill")
        instances = [lost.instance(DATABASE, name) for name in "ab"]
        producing = threading.Thread(target=self.produce, args=(instances,))
        producing.start()
        time.sleep(self.options.seconds / 2)
        dump = os.path.join(self.options.folder, "dump.sql")
        begun, clock = now_us(), time.monotonic()
        command = ["mariadb-dump", f"--defaults-file={lost.servers}/client.cnf", "--single-transaction", "--quick", "--hex-blob",
                   *(["--master-data=2"] if self.options.binlog else []), DATABASE]
        with open(dump, "w") as file:
            subprocess.run(command, stdout=file, check=True)
        took = time.monotonic() - clock
        self.say("dump under load:  " + " ".join([command[0], *command[2:]]) + f"  {os.path.getsize(dump) / 1e6:.1f} MB in {took:.1f} s")
        producing.join()
        if self.failure:
            raise self.failure
        time.sleep(1)
        # The machine is gone: nothing says goodbye.
        for instance in instances:
            instance.kill()
        lost.database_server.end(signal.SIGKILL)
        lost.children.clear()
        ended = now_us()
        before = receiver.calls()
        self.say(f"kill -9 of both instances and of the server; {len(self.accepted)} tasks were accepted, {len(before)} calls made")

        # The new server has no binary log of its own: it is a drill.
        os.environ.pop("SERVERS_DB_OPTIONS", None)
        with self.stand("new") as new:
            clock = time.monotonic()
            new.sql(f"CREATE DATABASE {DATABASE}")
            with open(dump) as file:
                subprocess.run(["mariadb", f"--defaults-file={new.servers}/client.cnf", DATABASE], stdin=file, check=True)
            self.say(f"restored into a fresh server in {time.monotonic() - clock:.1f} s")
            if self.options.binlog:
                self.roll_forward(lost, new, dump)
            restored = dict(new.sql("SELECT LOWER(HEX(id)), state FROM tasks", DATABASE))
            instance = new.instance(DATABASE, "c")
            try:
                if not wait_until(lambda: not self.unfinished(new), 120, 0.2):
                    raise Failure("not all tasks ended on the new server")
                time.sleep(1)
                calls = receiver.calls()
                return self.account(new, begun, ended, restored, before, calls)
            finally:
                instance.stop()

    failure = None

    def produce(self, instances):
        """Each second's tasks at once; what a producer was told is kept."""
        try:
            chance = random.Random(1)
            end = time.monotonic() + self.options.seconds
            turn = 0
            while time.monotonic() < end:
                begun, sent = time.monotonic(), now_us()
                plans = [sent + chance.randrange(2 * SECOND, 40 * SECOND) for _ in range(self.options.rate)]
                urls = [f"http://127.0.0.1:{self.receiver.port}/{chance.choice(['fail/1'] + ['cb'] * 9)}" for _ in plans]
                tasks = [{"plan_time": rfc3339(plan), "request": {"method": "POST", "url": url},
                          "retry": {"max_retries": 5, "delays": [1]}} for plan, url in zip(plans, urls)]
                ids = instances[turn % 2].post(tasks, clients=8)
                answered = now_us()
                self.accepted.update({task.replace("-", ""): (sent, answered, plan) for task, plan in zip(ids, plans)})
                turn += 1
                time.sleep(max(0, 1 - (time.monotonic() - begun)))
        except Exception as error:
            self.failure = error

    def unfinished(self, stand):
        return stand.number("SELECT COUNT(*) FROM tasks WHERE state IN (0, 2)", DATABASE)

    def roll_forward(self, lost, new, dump):
        with open(dump) as file:
            line = next(line for line in file if "CHANGE MASTER TO" in line)
        name, position = line.split("'")[1], line.rsplit("=", 1)[1].strip(" ;\n")
        data = os.path.join(lost.servers, "data")
        logs = sorted(log for log in os.listdir(data) if log.startswith("binlog.") and log[7:].isdigit() and log >= name)
        read = ["mariadb-binlog", f"--start-position={position}", f"--database={DATABASE}", *(os.path.join(data, log) for log in logs)]
        clock = time.monotonic()
        events = subprocess.Popen(read, stdout=subprocess.PIPE)
        subprocess.run(["mariadb", f"--defaults-file={new.servers}/client.cnf"], stdin=events.stdout, check=True)
        if events.wait():
            raise Failure("the binary log could not be read")
        self.say(f"rolled forward:   mariadb-binlog --start-position={position} {' '.join(logs)} | mariadb  in {time.monotonic() - clock:.1f} s")

    # The account

    def account(self, new, begun, ended, restored, before, calls):
        called = Counter(call.task.replace("-", "") for call in calls)
        called_before = Counter(call.task.replace("-", "") for call in before)
        succeeded_before = {call.task.replace("-", "") for call in before if call.status == 200}
        after = Counter(called)
        after.subtract(called_before)
        told = {task for task, (_, answered, _) in self.accepted.items() if answered < begun}
        absent = set(self.accepted) - set(restored)
        again = {task for task, count in after.items() if count > 0 and task in succeeded_before}
        over = {task for task, state in restored.items() if state in ("1", "3", "4")}
        final = dict(new.sql("SELECT LOWER(HEX(id)), state FROM tasks", DATABASE))
        keys = {}
        mixed = set()
        for call in calls:
            task = call.task.replace("-", "")
            if keys.setdefault(task, call.key) != call.key:
                mixed.add(task)
        plan_of = {task: plan for task, (_, _, plan) in self.accepted.items()}
        early = [call for call in calls if call.task.replace("-", "") in plan_of and call.arrival < plan_of[call.task.replace("-", "")]]
        self.say("")
        self.figure("accepted before the dump began", len(told))
        self.figure("  of them not restored", len(told & absent), 0)
        self.figure("accepted after that and not in what was restored", len(absent), 0 if self.options.binlog else None)
        self.figure("restored as ended", len(over))
        self.figure("  of them called again", sum(1 for task in over if after[task] > 0), 0)
        self.figure("restored as not ended", len(restored) - len(over))
        self.figure("  of them not ended on the new server", sum(final[task] in ("0", "2") for task in restored), 0)
        self.figure("  of them dead on the new server", sum(final[task] == "3" for task in restored), 0)
        self.figure("  of them never called at all", sum(1 for task in restored if task not in called), 0)
        self.figure("  had succeeded before the loss, and were called again", len(again))
        self.figure("    of them not restored as not ended", len(again - (set(restored) - over)), 0)
        self.figure("tasks called under two Idempotency-Keys", len(mixed), 0)
        self.figure("calls before their plan time", len(early), 0)
        self.say(f"\n{'all is accounted for' if not self.bad else f'{self.bad} figures are not as they must be'}")
        return not self.bad

    def figure(self, name, value, must=None):
        verdict = "" if must is None else "ok" if value == must else f"MUST BE {must}"
        self.bad += verdict.startswith("MUST")
        self.say(f"{name:<56} {value:>8}  {verdict}".rstrip())

    @staticmethod
    def say(text):
        print(text, flush=True)


if __name__ == "__main__":
    main()
