"""What happened to one task, in order of time, out of everything that was kept: for whoever looks into a failure."""

import re

from producer import parse_time

SECOND = 1_000_000
# Of faults and of the logs, how long before and after the task's own events.
AROUND = 12 * SECOND
MOST_LINES = 80


def story(run, serial):
    """Lines of text. `run` is the Reconciliation."""
    events = [*asked(run.promises[serial]), *called(run, serial), *logged(run, serial)]
    begin, end = min(time for time, _ in events) - AROUND, max(time for time, _ in events) + AROUND
    events += [event for event in faults(run) if begin <= event[0] <= end]
    names = {word for _, text in events for word in re.findall(r"\bi\d+\b", text)}
    logs = sorted(log_lines(run, names, begin, end))
    # What is the task's own is never left out.
    room = max(0, MOST_LINES - len(events))
    told = run.promises[serial].task or "without an id"
    lines = [f"{(time - run.storm.begun) / SECOND:10.3f} s  {text[:300]}" for time, text in sorted(events + logs[:room])]
    left = len(logs) - room
    return [f"task {serial}, {told}:", *lines, *([f"  … and {left} lines of the logs more"] if left > 0 else [])]


def asked(promise):
    """What the producer asked and was told."""
    for step in (promise.created, *promise.steps):
        plan = f", planned {(promise.plan - step.sent) / SECOND:.3f} s ahead" if step is promise.created else ""
        yield step.sent, f"{step.kind} sent to {step.instance}{plan}"
        yield step.answered, f"{step.kind} answered by {step.instance}: {step.status} {step.reason}"


def called(run, serial):
    for call, version in run.calls_of[serial]:
        yield call.arrival, f"call from {call.agent}: attempt {call.attempt}, version {version}, {call.path}"
        if call.ended:
            yield call.ended, f"call from {call.agent} over: attempt {call.attempt}, {call.status or 'the caller left'}"


def logged(run, serial):
    """Out of the database."""
    if serial not in run.tasks:
        return
    task, state, attempt, plan, created = run.tasks[serial]
    yield created, f"created_at; in the end {state}, attempt {attempt}, plan time {(plan - run.storm.begun) / SECOND:.3f} s"
    for number, (name, plan, started, _, kind) in run.attempts[task].items():
        yield plan, f"plan time of attempt {number}"
        yield started, f"attempt {number} of {name} started, logged as {kind}"


def faults(run):
    for fault in run.faults:
        yield fault.began, f"fault: {fault.kind} {fault.target} begins"
        yield fault.ended, f"fault: {fault.kind} {fault.target} over {fault.measured} {fault.problem}"


def log_lines(run, names, begin, end):
    """Of these instances; of lines that differ only in numbers and ids, the first."""
    alike = {}
    for name, line in run.storm.log_lines():
        time, _, text = line.partition(" ")
        if name not in names or not re.match(r"\d{4}-\d\d-\d\dT", time):
            continue   # or the rest of a message of several lines
        at = parse_time(time)
        if begin <= at <= end:
            alike.setdefault((name, re.sub(r"[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}|\d+", "#", text)), []).append((at, text))
    for (name, _), lines in alike.items():
        at, text = lines[0]
        yield at, f"{name}: {text}" + (f" (and {len(lines) - 1} times more)" if lines[1:] else "")
