"""The faults of the fault suite: each begins, lasts, ends, and is on record with its times and whom it touched."""

import os
import signal
import subprocess
import threading
import time
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field

from stand import Failure, now_us, wait_until

SECOND = 1_000_000
DATABASE = "database"


@dataclass
class Fault:
    kind: str
    target: str                    # an instance's name, or DATABASE when all are touched
    began: int
    ended: int = 0
    back: int = 0                  # when the process that it ended had another in its place
    measured: dict = field(default_factory=dict)
    flushed: list = field(default_factory=list)   # ids of the tasks that were in the intake buffer when it was flushed
    problem: str = ""

    def touches(self, name):
        return self.target in (DATABASE, name)

    def covers(self, begin, end, settle, until_back=False):
        last = max(self.ended, self.back) if until_back else self.ended
        return self.began <= end and begin <= (last or now_us()) + settle


class Faults:
    """Carries out kinds of faults against a `Storm`. Each kind is a method `fault_…(fault, member)`."""

    def __init__(self, storm, chance, echo):
        self.storm, self.stand, self.chance, self.echo = storm, storm.stand, chance, echo
        self.list, self.lock = [], threading.Lock()
        self.database_lock, self.redis_lock = threading.Lock(), threading.Lock()
        self.threads = []

    # name: (what it needs for itself, weight in a long run)
    KINDS = {
        "kill": ("member", 4), "pause": ("member", 3), "short pause": ("member", 3), "terminate": ("member", 4),
        "database kill": ("database", 4), "database restart": ("database", 3),
        "redis kill": ("redis", 1), "redis flush": ("redis", 1), "redis kill in an outage": ("database", 2),
        "redis flush in an outage": ("database", 2), "redis away in an outage": ("database", 2),
        "kill connections": ("database", 4), "kill queries": ("database", 2), "lock tables": ("database", 4),
        "read view": ("none", 1), "cut": ("member", 4), "stall": ("member", 4), "stall and cut": ("member", 3),
        "delay": ("member", 3), "refuse": ("member", 3), "clock": ("none", 3), "terminate in an outage": ("database", 1),
        "terminate in a stall": ("member", 1),
    }

    def plan(self, count, kinds):
        """Every kind once, then by weight; in random order."""
        plan = kinds[:count]
        plan += self.chance.choices(kinds, [self.KINDS[kind][1] for kind in kinds], k=count - len(plan))
        self.chance.shuffle(plan)
        return plan

    def launch(self, kind):
        """Begins the fault as soon as what it needs is free; returns at once."""
        need, _ = self.KINDS[kind]
        member = self.chance.choice(self.storm.members)
        seed = self.chance.random()
        thread = threading.Thread(target=self.carry_out, args=(kind, need, member, seed), daemon=True)
        self.threads.append(thread)
        thread.start()

    def wait(self, seconds):
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.1, end - time.monotonic()))
        return not any(thread.is_alive() for thread in self.threads)

    def carry_out(self, kind, need, member, lot):
        lock = {"member": member.lock, "database": self.database_lock, "redis": self.redis_lock, "none": threading.Lock()}[need]
        with lock:
            if kind == "clock":
                member = self.storm.shifted
            on_member = need == "member" or kind == "clock"
            fault = Fault(kind, member.name if on_member else DATABASE if need == "database" else "", now_us())
            with self.lock:
                self.list.append(fault)
            self.say(fault, "begins")
            try:
                getattr(self, "fault_" + kind.replace(" ", "_"))(fault, member, lot)
            except (Failure, OSError) as error:
                fault.problem = str(error)
            fault.ended = fault.ended or now_us()
            self.say(fault, "over")

    def say(self, fault, word):
        detail = " ".join(f"{key}={value}" for key, value in fault.measured.items()) if word == "over" else ""
        problem = f" PROBLEM: {fault.problem}" if fault.problem else ""
        self.echo(f"{fault.kind} {fault.target} {word} {detail}{problem}".rstrip())

    # Processes

    def fault_kill(self, fault, member, lot):
        member.kill()
        held = self.storm.claims_of(member)
        fault.measured["claims"] = len(held)
        self.storm.remember_held(fault, held)
        fault.ended = now_us()
        time.sleep(1 + lot * 8)
        member.start()
        fault.back = now_us()

    def fault_pause(self, fault, member, lot):
        self.pause(member, self.storm.lease * (1.1 + lot * 0.6))

    def fault_short_pause(self, fault, member, lot):
        self.pause(member, self.storm.lease * (0.05 + lot))

    def pause(self, member, seconds):
        member.accepts = False
        os.kill(member.instance.pid, signal.SIGSTOP)
        time.sleep(seconds)
        os.kill(member.instance.pid, signal.SIGCONT)
        member.accepts = True

    def fault_terminate(self, fault, member, lot):
        clean = not self.storm.is_database_disturbed()
        member.accepts = False
        held = self.storm.claims_of(member) if clean else []
        begun = time.monotonic()
        fault.measured["exit_0"] = member.terminate()
        fault.measured["seconds"] = round(time.monotonic() - begun, 3)
        if clean and not self.storm.is_database_disturbed():
            fault.measured["left"] = len(self.storm.claims_of(member))
            self.storm.remember_held(fault, held)
        fault.ended = now_us()
        time.sleep(lot * 3)
        member.start()
        fault.back = now_us()

    # The database

    def fault_database_kill(self, fault, _, lot):
        self.stand.database_server.end(signal.SIGKILL)
        time.sleep(lot * 12)
        self.revive(fault)

    def fault_database_restart(self, fault, _, lot):
        self.stand.database_server.end(signal.SIGTERM)
        time.sleep(lot * 2)
        self.revive(fault)

    def revive(self, fault):
        self.stand.database_server.start()
        if not wait_until(self.stand.database_greets, 90, 0.005):
            raise Failure("the database does not come back")
        fault.ended = now_us()
        fault.measured["away_s"] = round((fault.ended - fault.began) / SECOND, 2)

    def fault_terminate_in_an_outage(self, fault, member, lot):
        """SIGTERM while the database has been away for longer than a lease."""
        with member.lock:
            member.accepts = False
            self.stand.database_server.end(signal.SIGKILL)
            time.sleep(2 + lot * 3)
            begun = time.monotonic()
            fault.measured["exit_0"] = member.terminate()
            fault.measured["seconds"] = round(time.monotonic() - begun, 3)
            self.revive(fault)
            member.start()

    def fault_terminate_in_a_stall(self, fault, member, lot):
        member.accepts = False
        member.proxy.tell("stall")
        time.sleep(lot * 12)
        begun = time.monotonic()
        fault.measured["exit_0"] = member.terminate()
        fault.measured["seconds"] = round(time.monotonic() - begun, 3)
        member.proxy.tell("cut")
        member.proxy.tell("pass")
        fault.ended = now_us()
        member.start()
        fault.back = now_us()

    def fault_kill_connections(self, fault, _, lot):
        for _ in range(1 + int(lot * 4)):
            fault.measured["killed"] = fault.measured.get("killed", 0) + self.kill_some("CONNECTION")
            time.sleep(0.3)

    def fault_kill_queries(self, fault, _, lot):
        for _ in range(20):
            fault.measured["killed"] = fault.measured.get("killed", 0) + self.kill_some("QUERY")
            time.sleep(0.05)

    def kill_some(self, what):
        killed = 0
        for number, _, _, database, command, _, _, info, *_ in self.stand.sql("SHOW PROCESSLIST"):
            # Those that sleep by a statement are faults themselves.
            if database != self.storm.database or "SLEEP(" in info or (what == "QUERY" and command == "Sleep"):
                continue
            with suppress(Failure):   # it may have ended already
                self.stand.sql(f"KILL {what} {number}")
                killed += 1
        return killed

    def session(self, statements):
        """A session of its own that does these and ends; it may end early, with the database."""
        return subprocess.Popen(
            [self.stand.client, f"--defaults-file={self.stand.servers}/client.cnf", "-N", "-B", "-e", statements, self.storm.database],
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)

    def fault_lock_tables(self, fault, _, lot):
        table = ("tasks", "claims", "scheduled", "ready", "instances", "attempts")[int(lot * 6)]
        seconds = 1 + lot * 6 % 1 * 6
        fault.measured.update(table=table, held_s=round(seconds, 1))
        self.session(f"LOCK TABLES {table} WRITE; DO SLEEP({seconds}); UNLOCK TABLES").wait()

    def fault_read_view(self, fault, _, lot):
        seconds = min(self.storm.seconds / 3, 60 + lot * 120)
        fault.measured["held_s"] = round(seconds)
        self.session(f"START TRANSACTION WITH CONSISTENT SNAPSHOT; SELECT COUNT(*) FROM tasks; DO SLEEP({seconds}); COMMIT").wait()

    # Redis, which may hold tasks that were accepted while the database was away

    def fault_redis_kill(self, fault, _, lot):
        self.kill_redis(fault)
        time.sleep(lot * 3)
        self.start_redis()

    def fault_redis_flush(self, fault, _, lot):
        self.flush(fault)

    def fault_redis_kill_in_an_outage(self, fault, _, lot):
        """Redis ends while it holds tasks, and once more when instances may be taking them out."""
        with self.redis_lock:
            with self.outage(fault):
                self.kill_redis(fault)
                self.start_redis()
            time.sleep(lot * 2)
            self.kill_redis(fault)
            time.sleep(lot * 3)
            self.start_redis()
        fault.ended = now_us()

    def fault_redis_flush_in_an_outage(self, fault, _, lot):
        with self.redis_lock, self.outage(fault):
            self.flush(fault)
            time.sleep(lot * 4)   # and is used again

    def fault_redis_away_in_an_outage(self, fault, _, lot):
        """Nothing can be accepted: Redis has ended, or hangs, and comes back after the database."""
        with self.redis_lock:
            with self.outage(fault):
                if fault.measured.setdefault("redis_hangs", lot < 0.5):
                    os.kill(self.stand.redis_server.pid, signal.SIGSTOP)
                else:
                    self.kill_redis(fault)
                time.sleep(3 + lot * 6)
            time.sleep(lot * 2)
            if fault.measured["redis_hangs"]:
                os.kill(self.stand.redis_server.pid, signal.SIGCONT)
            else:
                self.start_redis()
        fault.ended = now_us()

    @contextmanager
    def outage(self, fault):
        """The database is away; the body begins when the intake buffer holds tasks, if any instance puts some there."""
        self.stand.database_server.end(signal.SIGKILL)
        try:
            wait_until(lambda: self.storm.buffer.count() > 20, 8, 0.1)
            yield
        finally:
            self.revive(fault)

    def kill_redis(self, fault):
        fault.measured["held"] = max(self.storm.buffer.count(), fault.measured.get("held", 0))
        self.stand.redis_server.end(signal.SIGKILL)

    def start_redis(self):
        self.stand.redis_server.start()
        if not wait_until(self.redis_answers, 60):
            raise Failure("Redis does not come back")

    def redis_answers(self):
        with suppress(Failure):
            return self.stand.redis("PING") == ["PONG"]

    def flush(self, fault):
        fault.flushed = self.storm.buffer.flush()
        fault.measured["flushed"] = len(fault.flushed)

    # Between an instance and the database

    def fault_cut(self, fault, member, lot):
        for _ in range(1 + int(lot * 3)):
            member.proxy.tell("cut")
            time.sleep(lot)
        member.proxy.tell("pass")

    def fault_refuse(self, fault, member, lot):
        member.proxy.tell("refuse")
        time.sleep(1 + lot * 14)
        member.proxy.tell("pass")

    def fault_stall(self, fault, member, lot):
        member.proxy.tell("stall")
        time.sleep(2 + lot * 18)
        member.proxy.tell("pass")

    def fault_stall_and_cut(self, fault, member, lot):
        member.proxy.tell("stall")
        time.sleep(2 + lot * 18)
        member.proxy.tell("cut")
        member.proxy.tell("pass")

    def fault_delay(self, fault, member, lot):
        member.proxy.tell(f"delay {int(5 + lot * 150)}")
        time.sleep(4 + lot * 6)
        member.proxy.tell("pass")

    # The host's clock

    def fault_clock(self, fault, member, lot):
        member.clock.move(3600 if lot < 0.5 else -3600)
        time.sleep(3 + lot * 6)
        member.clock.move(0)
