"""The storm: instances on one database, a producer, and faults at random, until everything is reconciled.

Every other instance has the intake buffer, so that it goes on accepting while the database is away.
"""

import http.client
import json
import os
import random
import re
import threading
import time
from collections import Counter
from dataclasses import asdict

from buffer import Buffer
from faults import Faults
from producer import Producer
from reconcile import Reconciliation
from stand import Clock, Failure, now_us, wait_until

SECOND = 1_000_000


class Member:
    """One place in the cluster: the processes that run there one after the other, behind one proxy, on one port."""

    def __init__(self, storm, number, shifted, buffered):
        self.storm, self.name = storm, f"i{number}"
        self.lock = threading.Lock()       # held by the fault that has it
        self.proxy = storm.stand.proxy()
        self.port, self.instance, self.accepts, self.began = None, None, False, 0
        self.logs, self.unexpected, self.stopping = [], [], False
        self.clock = Clock(storm.stand) if shifted else None
        self.settings = {**storm.settings, "dispatch": {"user_agent": self.name},
                         "master_db": {"socket": "", "port": self.proxy.port}}
        if buffered:
            self.settings["redis"] = {"socket": storm.stand.redis_socket}
            self.settings["intake"] = {**storm.settings["intake"], "buffer": "redis"}

    def start(self):
        self.began = now_us()
        self.instance = self.storm.stand.instance(
            self.storm.database, self.name, wait=False, port=self.port, clock=self.clock, **self.settings)
        self.port = self.instance.port
        self.logs.append(self.instance.log)
        # It opens its port at once, and answers 503 until the database is reached.
        wait_until(lambda: not self.instance.alive() or self.ask("/healthz") == 200, 30)
        self.stopping = False
        self.accepts = True

    def kill(self):
        self.stopping, self.accepts = True, False
        self.instance.kill()

    def terminate(self):
        """Whether it ended by itself with status 0."""
        self.stopping, self.accepts = True, False
        return self.instance.stop(self.storm.drain + 15)

    def ask(self, path):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=1)
        try:
            connection.request("GET", path)
            return connection.getresponse().status
        except (OSError, http.client.HTTPException):
            return 0
        finally:
            connection.close()

    def look(self):
        """Notes an end that nobody asked for, and starts again."""
        if self.instance and not self.stopping and not self.instance.alive():
            self.unexpected.append((now_us(), self.instance.child.returncode, self.instance.log))
            self.start()


class Storm:
    drain = 8

    def __init__(self, stand, minutes, instances, seed, tasks, faults, kinds, timed, echo):
        self.stand, self.seed, self.count, self.timed = stand, seed, tasks, timed
        self.faults_wanted, self.kinds_wanted = faults, kinds
        # A slow machine is to lose no lease but by a fault.
        self.lease = 10 if timed else 15
        self.seconds = minutes * 60
        self.chance = random.Random(seed)
        self.settings = {
            "claim": {"lookahead_ms": 5000}, "intake": {"timeout_ms": 5000}, "shutdown": {"drain_s": self.drain},
            "cluster": {"lease_s": self.lease, "heartbeat_s": 3},
        }
        self.begun = now_us()
        self.echo = lambda text: echo(f"  {(now_us() - self.begun) / SECOND:7.1f} s  {text}")
        self.database = stand.database("chaos")
        self.receiver = stand.receiver()
        self.buffer = Buffer(stand)
        self.members = [Member(self, number, shifted=number == instances, buffered=number % 2 == 1)
                        for number in range(1, instances + 1)]
        self.shifted = self.members[-1]
        self.faults = Faults(self, self.chance, self.echo)
        self.readiness = []                 # (time, name, status)
        self.ended = threading.Event()
        self.held = {}                      # of a fault, by its place in the list: what the instance had in `claims`

    # What faults ask for

    def claims_of(self, member):
        """(task, plan time) of what the running process has in `claims`; nothing when the database is away. What an earlier
        one on the same place left behind is the others' to take over."""
        try:
            return self.stand.claims_of(member.name, self.database, member.began)
        except Failure:
            return []

    def remember_held(self, fault, held):
        self.held[self.faults.list.index(fault)] = held

    def is_database_disturbed(self):
        return self.faults.database_lock.locked()

    # The run

    def run(self):
        for member in self.members:
            member.start()
        if not wait_until(lambda: all(member.ask("/readyz") == 200 for member in self.members), 120):
            raise Failure("the instances do not become ready")
        watcher = threading.Thread(target=self.watch, daemon=True)
        watcher.start()
        self.producer = Producer(
            self.members, self.receiver.url.removesuffix("/cb"), self.seed, self.count, self.seconds,
            os.path.join(self.stand.folder, "promises.jsonl"))
        self.producer.start()
        begun = time.monotonic()
        kinds = self.faults.plan(self.faults_wanted, self.kinds_wanted)
        pause = self.seconds * 0.93 / len(kinds)
        for place, kind in enumerate(kinds):
            time.sleep(max(0, begun + 3 + place * pause - time.monotonic()))
            self.faults.launch(kind)
        self.echo("no further faults")
        problems = []
        if not self.faults.wait(300):
            problems.append("a fault did not end")
        if not self.producer.join(self.seconds + 300 - (time.monotonic() - begun)):
            problems.append("the producer did not end")
        self.echo("the producer has ended")
        settled = now_us()
        finished = wait_until(lambda: self.live() == 0, 240, 0.25)
        self.echo(f"all finished after {(now_us() - settled) / SECOND:.1f} s" if finished else "NOT all finished")
        time.sleep(2)   # for a call that should not come
        self.ended.set()
        watcher.join()
        left = self.left()
        exits = []
        for member in self.members:
            exits.append((member.name, member.terminate(), member.instance.child.returncode))
        self.keep(problems)
        return Reconciliation(self, left, exits, problems)

    def live(self):
        try:
            return sum(self.left().values())
        except Failure:
            return -1

    def left(self):
        # First, so that what goes from there into the database meanwhile is counted.
        buffered = self.buffer.count()
        tables = ("quarantine", "scheduled", "ready", "claims")
        counts = self.stand.sql("SELECT " + ", ".join(f"(SELECT COUNT(*) FROM {table})" for table in tables), self.database)[0]
        return {"the intake buffer": buffered, **dict(zip(tables, map(int, counts)))}

    def watch(self):
        """Asks every instance for its readiness all the time, and starts again what has ended by itself."""
        last = {}
        while not self.ended.is_set():
            for member in self.members:
                member.look()
                status = member.ask("/readyz") if member.accepts else 0
                if last.get(member.name) != status:
                    last[member.name] = status
                    self.readiness.append((now_us(), member.name, status))
            time.sleep(0.1)

    def keep(self, problems):
        """What happened, for whoever looks into it."""
        with open(os.path.join(self.stand.folder, "faults.json"), "w") as file:
            json.dump({"began": self.begun, "seed": self.seed, "faults": [asdict(f) for f in self.faults.list], "problems": problems,
                       "readiness": self.readiness}, file, indent=1)

    def log_lines(self):
        for member in self.members:
            for log in member.logs:
                with open(log, errors="replace") as file:
                    yield from ((member.name, line.rstrip("\n")) for line in file)

    def warnings(self):
        """How often each kind of warning and error was logged."""
        import re
        counts = Counter()
        for _, line in self.log_lines():
            level = re.search(r"\b(warning|error|critical)\b", line, re.I)
            if level:
                text = line[level.end():]
                counts[level[0].lower() + re.sub(r"\d+|[0-9a-f]{8}-[0-9a-f-]+", "#", text)[:110]] += 1
        return counts
