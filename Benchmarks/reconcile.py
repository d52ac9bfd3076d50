"""Holds what the producer was told, what the database says and what the receiver got against each other."""

import re
import statistics
from collections import Counter, defaultdict

from figures import Figure, percentile
from producer import MAX_RETRIES

SECOND = 1_000_000
STATES = {0: "scheduled", 1: "succeeded", 2: "retrying", 3: "dead", 4: "cancelled"}
# How long after a fault's end its effects may still show: outcomes are written, connections opened again.
SETTLE = 5 * SECOND
MICROSECONDS = "TIMESTAMPDIFF(MICROSECOND, '1970-01-01', {})"


class Reconciliation:
    def __init__(self, storm, left, exits, problems):
        self.storm, self.left, self.exits, self.problems = storm, left, exits, problems
        self.faults = storm.faults.list
        self.promises = storm.producer.promises
        # Of a call, how long until its outcome is recorded when nothing is wrong.
        self.recorded = (1 if storm.timed else 5) * SECOND
        self.calls = storm.receiver.calls()
        self.calls_of = defaultdict(list)
        for call in self.calls:
            found = re.search(r"[?&]n=(\d+)&v=(\d+)", call.path)
            self.calls_of[int(found[1])].append((call, int(found[2])))
        self.read_database()
        self.details, self.serials = [], []

    def read_database(self):
        time = MICROSECONDS.format
        sql = lambda text: self.storm.stand.sql(text, self.storm.database)
        self.tasks, self.stored = {}, Counter()
        self.serial_of = {}
        for task, state, attempt, plan, created, url in sql(
                f"SELECT LOWER(HEX(id)), state, attempt, {time('plan_time')}, {time('created_at')}, url FROM tasks"):
            serial = int(re.search(r"[?&]n=(\d+)", url)[1])
            self.stored[serial] += 1
            self.serial_of[task] = serial
            self.tasks[serial] = (task, STATES[int(state)], int(attempt), int(plan), int(created))
        self.names = dict(sql("SELECT incarnation, name FROM instances"))
        self.attempts = defaultdict(dict)
        for task, attempt, incarnation, plan, started, succeeded, kind in sql(
                f"SELECT LOWER(HEX(task_id)), attempt, incarnation, {time('plan_time')}, {time('started_at')}, succeeded,"
                " IF(class = 'timeout' AND message REGEXP 'connecting|resolving', 'connect', class) FROM attempts"):
            self.attempts[task][int(attempt)] = (self.names[incarnation], int(plan), int(started), succeeded == "1", kind)

        buckets = [step * 10**power for power in range(2, 9) for step in (1, 2, 5)] + [10**9, 2 * 10**9, 3600 * 10**6]
        bucket = lambda value: "CASE " + " ".join(f"WHEN {value} <= {most} THEN {most}" for most in buckets) + " ELSE 4294967295 END"
        late = "TIMESTAMPDIFF(MICROSECOND, a.plan_time, a.started_at)"
        # Of each kind of attempt: counted in its minute, less found in the log.
        self.miscounted = sql(f"""
            SELECT minute, queue_id, incarnation, succeeded, class, late, took, SUM(n) FROM (
              SELECT DATE_FORMAT(minute, '%Y-%m-%d %H:%i') AS minute, queue_id, incarnation, outcome = 1 AS succeeded, class,
                lateness_us AS late, duration_us AS took, attempts AS n FROM rollups_minute
              UNION ALL
              SELECT DATE_FORMAT(a.started_at + INTERVAL a.duration_us MICROSECOND, '%Y-%m-%d %H:%i'), t.queue_id, a.incarnation,
                a.succeeded, a.class, {bucket(late)}, {bucket('a.duration_us')}, -1
              FROM attempts a JOIN tasks t ON t.id = a.task_id) x
            GROUP BY 1, 2, 3, 4, 5, 6, 7 HAVING SUM(n) <> 0""")
        # The same by host, which no edit changes here.
        self.miscounted += sql(f"""
            SELECT minute, incarnation, host, class, took, SUM(n) FROM (
              SELECT DATE_FORMAT(minute, '%Y-%m-%d %H:%i') AS minute, incarnation, host, class, duration_us AS took, attempts AS n
              FROM rollups_destination
              UNION ALL
              SELECT DATE_FORMAT(a.started_at + INTERVAL a.duration_us MICROSECOND, '%Y-%m-%d %H:%i'), a.incarnation,
                SUBSTRING_INDEX(SUBSTRING_INDEX(t.url, '/', 3), '/', -1), a.class, {bucket('a.duration_us')}, -1
              FROM attempts a JOIN tasks t ON t.id = a.task_id) x
            GROUP BY 1, 2, 3, 4, 5 HAVING SUM(n) <> 0""")

    def tell(self, text, serial=None):
        """Keeps what is wrong, and whose story is to be told."""
        if len(self.details) < 400:
            self.details.append(f"{text} (task {serial})" if serial else text)
        if serial and serial not in self.serials:
            self.serials.append(serial)

    def timed(self, bound):
        """The bound on a time. A machine that is busy with other things keeps none: there it is only reported."""
        return bound if self.storm.timed else None

    def explaining(self, name, begin, end, settle=SETTLE, until_back=False):
        """The faults that touched the instance, or the database, between these times. A moved clock explains nothing."""
        return [f for f in self.faults
                if f.target and f.kind != "clock" and f.touches(name) and f.covers(begin, end, settle, until_back)]

    # The parts

    def figures(self):
        return [*self.accounts(), *self.duplicates(), *self.times(), *self.steering(), *self.log_of_attempts(), *self.answers(),
                *self.recovery(), *self.processes()]

    def accounts(self):
        accepted = [p for p in self.promises.values() if p.accepted]
        buffered = [p for p in accepted if p.created.status == 202]
        unknown = [p for p in self.promises.values() if not p.accepted and p.created.status != 503]
        refused = [p for p in self.promises.values() if p.created.status == 503]
        cancelled = [p for p in accepted if p.confirmed("cancel")]
        # A cancel without an answer, or with 503, may have been done.
        perhaps = {p.serial for p in accepted if any(s.kind == "cancel" and s.status in (0, 503) for s in p.steps)}
        flushed_ids = {task for fault in self.faults for task in fault.flushed}
        flushed, absent, lost, unfinished, wrong_end = [], [], [], [], []
        for p in accepted:
            task = self.tasks.get(p.serial)
            if not task and p.task in flushed_ids:
                flushed.append(p)
                continue
            if not task or task[0] != p.task.replace("-", ""):
                absent.append(p)
                self.tell(f"not in the database, where it is {task}", p.serial)
                continue
            is_cancelled = task[1] == "cancelled" and (p in cancelled or p.serial in perhaps)
            if not self.calls_of[p.serial] and not is_cancelled:
                lost.append(p)
                self.tell(f"lost: {task}", p.serial)
        for serial, (task, state, attempt, *_) in self.tasks.items():
            calls = self.calls_of[serial]
            succeeded = any(call.status == 200 for call, _ in calls)
            attempts = self.attempts[task]
            p = self.promises[serial]
            if state in ("scheduled", "retrying"):
                unfinished.append(serial)
                self.tell(f"unfinished: {self.tasks[serial]}", serial)
            elif state == "succeeded" and not succeeded:
                wrong_end.append(serial)
            elif state == "dead" and (len(attempts) <= MAX_RETRIES or any(a[3] for a in attempts.values())):
                wrong_end.append(serial)
            elif state == "cancelled" and not (p.confirmed("cancel") or serial in perhaps):
                wrong_end.append(serial)
            elif p.confirmed("cancel") and state != "cancelled":
                wrong_end.append(serial)
            elif sorted(attempts) != list(range(1, attempt + 1)):
                wrong_end.append(serial)
                self.tell(f"attempts {sorted(attempts)} of {attempt}", serial)
        for serial in wrong_end:
            self.tell(f"wrong end: {self.tasks[serial]}", serial)
        refused_stored = [p for p in refused if p.serial in self.tasks]
        wrongly_refused = [p for p in refused_stored if "not known" not in p.created.reason]
        for p in wrongly_refused:
            self.tell(f"refused and stored: {p.created.reason}", p.serial)
        outages = [fault for fault in self.faults if "in an outage" in fault.kind]
        foreign = [serial for serial, calls in self.calls_of.items() if calls and serial not in self.tasks]
        for serial in foreign:
            self.tell("called, but not in the database", serial)
        twice = [serial for serial, times in self.stored.items() if times > 1]
        for serial in twice:
            self.tell("in the database twice", serial)
        return [
            Figure("tasks offered", len(self.promises)),
            Figure("accepted with 201: in the database", len(accepted) - len(buffered), at_least=1),
            Figure("accepted with 202: in the intake buffer", len(buffered), at_least=1 if outages else None),
            Figure("  of them flushed from Redis, and so lost", len(flushed)),
            Figure("refused with 503", len(refused)),
            Figure("  of them stored: the answer said not known", len(refused_stored) - len(wrongly_refused)),
            Figure("  of them stored: the answer said not", len(wrongly_refused), at_most=0),
            Figure("without answer", len(unknown)),
            Figure("  of them stored", sum(p.serial in self.tasks for p in unknown)),
            Figure("executed", sum(bool(calls) for calls in self.calls_of.values())),
            Figure("calls", len(self.calls)),
            Figure("cancels confirmed", len(cancelled)),
            Figure("edits, new times and runs confirmed", sum(len(p.confirmed("edit", "reschedule", "run")) for p in accepted)),
            Figure("accepted but not in the database", len(absent), at_most=0),
            Figure("lost: accepted, never called, not cancelled", len(lost), at_most=0),
            Figure("stored twice", len(twice), at_most=0),
            Figure("called but not stored", len(foreign), at_most=0),
            Figure("not finished at the end", len(unfinished), at_most=0),
            Figure("ended otherwise than their calls", len(wrong_end), at_most=0),
            *(Figure(f"left in {place}", count, at_most=0) for place, count in self.left.items()),
        ]

    def duplicates(self):
        same, after_success, unexplained, keys = 0, 0, 0, 0
        by_fault = Counter()
        for serial, calls in self.calls_of.items():
            if not calls:
                continue
            calls = sorted((call for call, _ in calls), key=lambda call: call.arrival)
            if len({call.key for call in calls}) != 1 or not calls[0].key:
                keys += 1
                self.tell(f"differing keys: {[call.key for call in calls]}", serial)
            for place, call in enumerate(calls):
                earlier = [e for e in calls[:place] if e.attempt == call.attempt]
                succeeded = [e for e in calls[:place] if e.status == 200]
                if earlier:
                    same += 1
                elif succeeded:
                    after_success += 1
                else:
                    continue
                first = (earlier or succeeded)[0]
                faults = self.explaining(first.agent, first.arrival - self.recorded, max(first.ended, first.arrival) + self.recorded)
                if faults:
                    by_fault[faults[-1].kind] += 1
                else:
                    unexplained += 1
                    self.tell(f"unexplained duplicate: attempt {call.attempt} after {first}", serial)
        self.by_fault = by_fault
        return [
            Figure("duplicates: the same attempt called again", same),
            Figure("duplicates: a further attempt after a success", after_success),
            Figure("duplicates that no fault explains", unexplained, at_most=0),
            *(Figure(f"  explained by: {kind}", count) for kind, count in by_fault.most_common()),
            Figure("tasks with differing Idempotency-Keys", keys, at_most=0),
        ]

    def plans_of(self, p):
        """(from, to, plan): the plan times that held, by what the producer was told. Between a request for another and
        its answer both may."""
        spans = [[0, None, p.plan]]
        for step in sorted(p.steps, key=lambda s: s.sent):
            if step.kind in ("reschedule", "run") and step.status in (200, 0, 503) and step.plan:
                if step.status == 200:
                    spans[-1][1] = step.answered
                spans.append([step.sent, None, step.plan])
        return spans

    def times(self):
        """Early calls by the promises and by the attempt log; lateness while nothing was wrong."""
        early, calm = 0, []
        for serial, calls in self.calls_of.items():
            p, task = self.promises[serial], self.tasks.get(serial)
            if not task:
                continue
            for call, _ in calls:
                plans = [plan for begin, end, plan in self.plans_of(p) if begin <= call.arrival and (end is None or call.arrival <= end)]
                attempt = self.attempts[task[0]].get(call.attempt)
                plan = max(attempt[1], task[4]) if attempt else None
                if call.arrival < min(plans) or (attempt and call.arrival < attempt[1]):
                    early += 1
                    self.tell(f"early: {call} planned for {plans}, as logged {attempt}", serial)
                if plan and attempt[4] != "lost" and not any(f.covers(plan, call.arrival, self.storm.lease * SECOND + SETTLE)
                                                            for f in self.faults if f.kind not in ("read view", "redis kill", "redis flush", "clock")):
                    calm.append((call.arrival - plan) / 1000)
        figures = [Figure("early", early, at_most=0), Figure("calls while nothing was wrong", len(calm))]
        if calm:
            figures += [Figure("  lateness p50", statistics.median(calm), "ms"), Figure("  lateness p99", percentile(calm, 0.99), "ms"),
                        Figure("  lateness max", max(calm), "ms", at_most=self.timed(5000))]
        return figures

    def steering(self):
        after_cancel, old = 0, 0
        for serial, p in self.promises.items():
            for step in p.confirmed("cancel"):
                late = [call for call, _ in self.calls_of[serial] if call.arrival > step.answered]
                after_cancel += bool(late)
                if late:
                    self.tell(f"called after {step}", serial)
            for step in p.confirmed("edit"):
                late = [call for call, version in self.calls_of[serial] if call.arrival > step.answered and version < step.version]
                old += bool(late)
                if late:
                    self.tell(f"called with the old request after {step}", serial)
        return [Figure("called after a confirmed cancel", after_cancel, at_most=0),
                Figure("called with the old request after an edit", old, at_most=0)]

    def log_of_attempts(self):
        called = {(call.task.replace("-", ""), call.attempt) for call in self.calls}
        logged = {(task, attempt) for task, attempts in self.attempts.items() for attempt in attempts}
        not_called, lost, lost_unexplained = [], 0, 0
        for task, attempts in self.attempts.items():
            for number, (name, _, started, _, kind) in attempts.items():
                if kind == "lost":
                    lost += 1
                    if not self.explaining(name, started - self.recorded, started + self.recorded + 5 * SECOND):
                        lost_unexplained += 1
                        self.tell(f"lost attempt {number}: {attempts[number]}", self.serial_of.get(task))
                elif (task, number) not in called and kind not in ("connect", "aborted"):
                    not_called.append((task, number, kind))
                    self.tell(f"logged, not called: attempt {number} {attempts[number]}", self.serial_of.get(task))
        for task, number in called - logged:
            self.tell(f"called, not logged: attempt {number}", self.serial_of.get(task))
        for row in self.miscounted:
            self.tell(f"counted more often than logged: {row}")
        superseded = sum("superseded" in line for _, line in self.storm.log_lines())
        return [
            Figure("attempts logged", len(logged)),
            Figure("attempts called but not logged", len(called - logged), at_most=0),
            Figure("attempts logged but not called", len(not_called), at_most=0),
            Figure("attempts logged as lost", lost),
            Figure("  that no fault explains", lost_unexplained, at_most=0),
            Figure("outcomes superseded", superseded),
            Figure("kinds of attempts counted otherwise than logged", len(self.miscounted), at_most=0),
        ]

    def answers(self):
        every = [(p, e) for p in self.promises.values() for e in (p.created, *p.steps)]
        # What waits in the intake buffer cannot be found and steered yet.
        is_early = lambda p, e: e.status == 404 and p.created.status == 202
        odd = [(p, e) for p, e in every if e.status not in (0, 200, 201, 202, 409, 503) and not is_early(p, e)]
        silent = [(p, e) for p, e in every if e.status == 0 and not self.explaining(
            e.instance, e.sent - SECOND, e.answered, until_back=True)]
        bare = sum("without Retry-After" in e.reason for _, e in every)
        # Of instances that were not stopped themselves.
        own = ("kill", "pause", "short pause", "terminate", "terminate in an outage", "terminate in a stall")
        slow = [(e.answered - e.sent) / SECOND for _, e in every if e.status and not any(
            f.kind in own and f.touches(e.instance) and f.covers(e.sent, e.answered, SETTLE) for f in self.faults)]
        for p, e in odd + silent:
            self.tell(f"odd answer: {e}", p.serial)
        for p, e in every:
            if e.status and (e.answered - e.sent) > 12 * SECOND:
                self.tell(f"slow answer: {e} (task {p.serial})")
        return [
            Figure("not found: still in the intake buffer", sum(is_early(p, e) for p, e in every)),
            Figure("other answers than 2xx, 409, 503", len(odd), at_most=0),
            Figure("requests without answer that no fault explains", len(silent), at_most=0),
            Figure("503 without Retry-After", bare, at_most=0),
            Figure("slowest answer of a running instance", max(slow), "s", at_most=self.timed(15)),
        ]

    def recovery(self):
        arrivals = sorted((call.arrival, call.agent) for call in self.calls)
        by_task = defaultdict(list)
        for call in self.calls:
            by_task[call.task.replace("-", "")].append(call.arrival)
        takeover, handover, resume, slowest, left = [], [], [], [], 0
        for place, fault in enumerate(self.faults):
            others = [f for f in self.faults if f is not fault and f.target]
            if fault.kind in ("kill", "terminate"):
                until = fault.ended + (self.storm.lease + 5) * SECOND
                left += fault.measured.get("left", 0)
                if any(f.covers(fault.began - SECOND, until, SETTLE) for f in others):
                    continue
                for task, plan in self.storm.held.get(place, []):
                    due = max(plan, fault.ended)
                    later = [at for at in by_task[task] if at >= fault.ended]
                    if later:
                        (takeover if fault.kind == "kill" else handover).append((min(later) - due) / SECOND)
            if fault.kind in ("database kill", "database restart") and not fault.problem:
                hit = {f.target for f in others if f.covers(fault.began - SECOND, fault.ended + 5 * SECOND, 12 * SECOND)}
                free = [m.name for m in self.storm.members if m.name not in hit]
                if "database" in hit or not free:
                    continue
                firsts = [min((at - fault.ended for at, agent in arrivals if at > fault.ended and agent == name), default=60 * SECOND)
                          / SECOND for name in free]
                resume.append(min(firsts))
                slowest.append(max(firsts))
                if min(firsts) > 3:
                    self.tell(f"slow to resume: {fault} {list(zip(free, firsts))}")
        figures = [Figure("faults", len(self.faults)), Figure("faults that went wrong", sum(bool(f.problem) for f in self.faults), at_most=0)]
        if takeover:
            figures.append(Figure("kill -9 to the last call of its tasks, or plan", max(takeover), "s", at_most=self.timed(self.storm.lease + 5)))
        if handover:
            figures.append(Figure("SIGTERM's end to the last call, or plan", max(handover), "s", at_most=self.timed(2)))
        figures.append(Figure("claims left after SIGTERM", left, at_most=0))
        if resume:
            figures += [Figure("database back to the first call", max(resume), "s", at_most=self.timed(3)),
                        Figure("database back to the slowest instance's first", max(slowest), "s")]
        return figures

    def processes(self):
        unexpected = [end for member in self.storm.members for end in member.unexpected]
        terminated = [f for f in self.faults if "exit_0" in f.measured]
        bad = sum(not f.measured["exit_0"] for f in terminated) + sum(not ok for _, ok, _ in self.exits)
        for end in unexpected + self.exits + self.problems:
            if not (isinstance(end, tuple) and end[1] is True):
                self.tell(f"process: {end}")
        longest = max((f.measured["seconds"] for f in terminated), default=0)
        return [
            Figure("instances that ended by themselves", len(unexpected), at_most=0),
            Figure("SIGTERM without exit status 0", bad, at_most=0),
            Figure("longest SIGTERM", longest, "s", at_most=self.timed(self.storm.drain + 12)),
            Figure("parts of the suite that went wrong", len(self.problems), at_most=0),
        ]
