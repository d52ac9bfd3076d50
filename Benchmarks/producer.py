"""The producer of the fault suite: creates tasks over HTTP, steers some of them, and keeps every answer as a promise."""

import heapq
import http.client
import json
import random
import socket
import threading
import time
from dataclasses import asdict, dataclass, field

from stand import now_us, rfc3339

SECOND = 1_000_000
# Longer than any answer may take; a request without an answer by then has an unknown result.
ANSWER_WITHIN = 60
MAX_RETRIES = 5


@dataclass(slots=True)
class Exchange:
    """One request and what came back; `status` 0: nothing came, so what it did is unknown."""

    kind: str
    sent: int
    answered: int = 0
    status: int = 0
    instance: str = ""
    plan: int | None = None       # as the answer says
    version: int = 1              # of the request's URL, for an edit
    reason: str = ""


@dataclass(slots=True)
class Promise:
    """A task as its producer knows it."""

    serial: int
    kind: str
    queue: str
    plan: int
    created: Exchange
    task: str = ""
    steps: list = field(default_factory=list)

    @property
    def accepted(self):
        """202: the database is away, and the task waits in the intake buffer."""
        return self.created.status in (201, 202)

    def confirmed(self, *kinds):
        return [step for step in self.steps if step.kind in kinds and step.status == 200]


class Producer:
    def __init__(self, members, url, seed, count, seconds, path, queues=("default", "other", "third"), threads=16):
        self.members, self.url, self.count, self.seconds = members, url, count, seconds
        self.chance = random.Random(seed)
        self.queues = queues
        self.lock = threading.Lock()
        self.next_serial, self.begun = 1, None
        self.promises = {}
        self.heap, self.tie = [], 0          # steering to come: (time, tie, promise, kind)
        self.log = open(path, "w", buffering=1)
        self.threads = [threading.Thread(target=self.run_creator, daemon=True) for _ in range(threads)]
        self.threads += [threading.Thread(target=self.run_steerer, daemon=True) for _ in range(6)]
        self.creating = threads
        self.local = threading.local()

    def start(self):
        self.begun = time.monotonic()
        for thread in self.threads:
            thread.start()

    def join(self, seconds):
        end = time.monotonic() + seconds
        for thread in self.threads:
            thread.join(max(0.1, end - time.monotonic()))
        self.log.close()
        return not any(thread.is_alive() for thread in self.threads)

    # Creating

    def run_creator(self):
        while True:
            with self.lock:
                if self.next_serial > self.count:
                    self.creating -= 1
                    return
                serial = self.next_serial
                self.next_serial += 1
                wish = self.wish(serial)
            wait = self.begun + serial * self.seconds / self.count - time.monotonic()
            if wait > 0:
                time.sleep(wait)
            self.create(serial, *wish)

    def wish(self, serial):
        """What the next task is like; drawn in order of the serial, so that a seed always wishes for the same."""
        chance = self.chance
        ahead = chance.choices((0, chance.uniform(0.05, 1), chance.uniform(1, 5), chance.uniform(6, 15)), (25, 25, 25, 25))[0]
        kind = chance.choices(("cb", "slow", "fail", "hang"), (70, 14, 14, 2))[0]
        path = {"cb": "/cb", "slow": f"/slow/{chance.choice((50, 200, 800, 2500))}", "fail": f"/fail/{chance.choice((1, 1, 2, 3))}",
                "hang": "/hang"}[kind]
        steering = chance.choices((None, "cancel", "edit", "reschedule", "run"), (76, 8, 6, 6, 4))[0] if ahead >= 0.05 else None
        when = None
        if steering:   # half of them in a race with the plan time
            when = ahead + chance.uniform(-0.05, 0.03) if chance.random() < 0.5 else chance.uniform(0, ahead)
        return kind, path, ahead, chance.choice(self.queues), steering, when, chance.random(), chance.randrange(1 << 30)

    def create(self, serial, kind, path, ahead, queue, steering, when, lot, member):
        plan = now_us() + int(ahead * SECOND)
        task = {
            "plan_time": rfc3339(plan), "queue": queue,
            "request": {"method": "POST", "url": self.address(path, serial, 1), "body": f"serial={serial}&{'x' * 200}"},
            "retry": {"max_retries": MAX_RETRIES, "delays": [0.5, 1, 2]}, "timeout_ms": 3000 if kind == "hang" else 5000,
        }
        exchange, answer = self.send("create", "POST", "/v1/tasks", task, member)
        promise = Promise(serial, kind, queue, plan, exchange)
        if promise.accepted:
            promise.task = answer["id"].lower()
        with self.lock:
            self.promises[serial] = promise
            if promise.task and steering:
                self.tie += 1
                due = plan + int((when - ahead) * SECOND)
                heapq.heappush(self.heap, (due, self.tie, promise, steering, path, lot, member))
        self.note(promise, exchange)

    def address(self, path, serial, version):
        return f"{self.url}{path}?n={serial}&v={version}"

    # Steering

    def run_steerer(self):
        while True:
            with self.lock:
                due = self.heap[0][0] if self.heap else None
                if due is None and not self.creating:
                    return
                item = heapq.heappop(self.heap) if due is not None and due <= now_us() + 20_000 else None
            if item is None:
                time.sleep(0.005)
                continue
            due, _, promise, kind, path, lot, member = item
            time.sleep(max(0, (due - now_us()) / SECOND))
            self.steer(promise, kind, path, lot, member + 1)

    def steer(self, promise, kind, path, lot, member):
        at = f"/v1/tasks/{promise.task}"
        if kind == "cancel":
            exchange, _ = self.send(kind, "POST", at + ":cancel", None, member)
        elif kind == "run":
            exchange, _ = self.send(kind, "POST", at + ":run", None, member)
            if exchange.status in (0, 503):   # it may be due since then
                exchange.plan = exchange.sent
        elif kind == "edit":
            change = {"request": {"url": self.address(path, promise.serial, 2)}}
            exchange, _ = self.send(kind, "PATCH", at, change, member)
            exchange.version = 2
        else:
            plan = now_us() + int(lot * 10 * SECOND)
            exchange, _ = self.send(kind, "PATCH", at, {"plan_time": rfc3339(plan)}, member)
            exchange.plan = exchange.plan or plan
        promise.steps.append(exchange)
        self.note(promise, exchange)

    # HTTP

    def send(self, kind, method, path, document, lot):
        """One request to one of the instances that run."""
        running = [member for member in self.members if member.accepts] or self.members
        member = running[lot % len(running)]
        connections = self.local.__dict__.setdefault("connections", {})
        place = member.name, len(member.logs)   # another process after each start
        exchange = Exchange(kind, now_us(), instance=member.name)
        answer = {}
        try:
            connection, used = connections.get(place, (None, 0))
            # After a while the server closes it for idleness.
            if connection is None or connection.sock is None or now_us() - used > 15 * SECOND:
                connection = http.client.HTTPConnection("127.0.0.1", member.port, timeout=ANSWER_WITHIN)
                connection.connect()
                connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            body = None if document is None else json.dumps(document)
            connection.request(method, path, body, {"Content-Type": "application/json"} if body else {})
            connections[place] = connection, now_us()
            response = connection.getresponse()
            text = response.read()
            exchange.status = response.status
            answer = json.loads(text) if text else {}
            if response.status >= 300:
                exchange.reason = answer.get("detail") or answer.get("title") or ""
                if response.status == 503 and not response.headers.get("Retry-After"):
                    exchange.reason += " (without Retry-After)"
            elif kind == "reschedule" or kind == "run":
                exchange.plan = parse_time(answer.get("next_attempt_at") or answer.get("plan_time"))
        except (OSError, http.client.HTTPException, ValueError) as error:
            connections.pop(place, None)
            exchange.reason = repr(error)
        exchange.answered = now_us()
        return exchange, answer

    def note(self, promise, exchange):
        with self.lock:
            self.log.write(json.dumps({"serial": promise.serial, "task": promise.task, **asdict(exchange)}) + "\n")


def parse_time(text):
    """Microseconds of an RFC 3339 time in UTC."""
    if not text:
        return None
    day, _, fraction = text.rstrip("Z").partition(".")
    seconds = int(time.mktime(time.strptime(day, "%Y-%m-%dT%H:%M:%S"))) - time.timezone
    return seconds * SECOND + int((fraction + "000000")[:6] or 0)
