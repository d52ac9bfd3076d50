"""The test stand: private servers, receivers and schedulerd instances, each with its own port, log and clean end."""

import contextlib
import datetime
import http.client
import json
import os
import random
import re
import shlex
import signal
import socket
import struct
import subprocess
import time
from dataclasses import dataclass

from clients import exchange, http_post
from servers import Failure, Server, wait_until

TICK = os.sysconf("SC_CLK_TCK")


def now_us():
    return time.time_ns() // 1000


def rfc3339(us):
    moment = datetime.datetime.fromtimestamp(us // 1_000_000, datetime.timezone.utc)
    return f"{moment:%Y-%m-%dT%H:%M:%S}.{us % 1_000_000:06d}Z"


class Process:
    """A child with its log; knows what it used."""

    def __init__(self, arguments, log, env=None, stdout=None, stdin=subprocess.DEVNULL):
        self.log = log
        with open(log, "ab") as out:
            self.child = subprocess.Popen(
                arguments, stdin=stdin, stdout=stdout or out, stderr=out, env=env, start_new_session=True)
        self.pid = self.child.pid

    def alive(self):
        return self.child.poll() is None

    def stop(self, seconds=30):
        """SIGTERM, and SIGKILL when that is not enough. Whether it ended by itself with status 0."""
        if self.alive():
            self.child.terminate()
        try:
            return self.child.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            self.kill()
            return False

    def kill(self):
        self.child.kill()
        self.child.wait()

    def cpu(self):
        return cpu(self.pid)

    def memory_mb(self, key="VmRSS"):
        with open(f"/proc/{self.pid}/status") as status:
            return next(int(line.split()[1]) / 1024 for line in status if line.startswith(key))

    def log_text(self):
        with open(self.log, errors="replace") as log:
            return log.read()


def cpu(pid):
    """User and system seconds used so far."""
    with open(f"/proc/{pid}/stat") as stat:
        fields = stat.read().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICK


class Receiver(Process):
    def __init__(self, stand, options):
        self.out = stand.path("receiver", "tsv")
        arguments = [stand.tool("receiver"), "--out", self.out]
        for name, value in options.items():
            arguments += ["--" + name.replace("_", "-"), str(value)]
        super().__init__(arguments, stand.path("receiver", "log"), stdout=subprocess.PIPE)
        self.port = int(self.child.stdout.readline())
        self.url = f"http://127.0.0.1:{self.port}/cb"
        self.connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)

    def count(self):
        self.connection.request("GET", "/_count")
        return int(self.connection.getresponse().read())

    def wait_for(self, count, seconds):
        return wait_until(lambda: self.count() >= count, seconds, 0.05)

    def records(self):
        """(arrival in microseconds, task id, attempt), in order of arrival."""
        if os.path.exists(self.out):
            os.unlink(self.out)
        os.kill(self.pid, signal.SIGUSR1)
        if not wait_until(lambda: os.path.exists(self.out), 60):
            raise Failure("the receiver wrote no records")
        with open(self.out) as out:
            fields = (line.split("\t") for line in out)
            return [(int(arrival), task.lower(), int(attempt)) for arrival, task, attempt, *_ in fields]

    def calls(self):
        """The same as `Call`s."""
        self.records()
        with open(self.out) as out:
            return [Call.read(line) for line in out]


@dataclass(slots=True)
class Call:
    """One request that a receiver got. `ended` is 0 while it has no answer; `status` is 0 when the caller left first."""

    arrival: int
    task: str
    attempt: int
    path: str
    ended: int
    status: int
    key: str
    agent: str

    @staticmethod
    def read(line):
        arrival, task, attempt, path, ended, status, key, agent = line.rstrip("\n").split("\t")
        return Call(int(arrival), task.lower(), int(attempt), path, int(ended), int(status), key, agent)


class Proxy(Process):
    """Stands between an instance and the database; `tell` says what it does to their connections (proxy.c)."""

    def __init__(self, stand):
        super().__init__([stand.tool("proxy"), "--to-port", str(stand.db["port"])], stand.path("proxy", "log"),
                         stdout=subprocess.PIPE, stdin=subprocess.PIPE)
        self.port = int(self.child.stdout.readline())

    def tell(self, command):
        self.child.stdin.write(command.encode() + b"\n")
        self.child.stdin.flush()
        self.child.stdout.readline()


class Clock:
    """A wall clock that can be moved, for an instance (shift.c)."""

    def __init__(self, stand):
        self.path = stand.path("clock", "bin")
        with open(self.path, "wb") as file:
            file.write(struct.pack("=q", 0))

    def move(self, seconds):
        with open(self.path, "r+b") as file:   # in place: the instance has it in its memory
            file.write(struct.pack("=q", seconds))


class Instance(Process):
    """A running `schedulerd serve`."""

    def __init__(self, stand, database, name, settings, port=None, clock=None, roles=None, command="serve"):
        self.name = name
        self.port = port or free_port()
        env = dict(stand.env, SCHEDULERD_INSTANCE_NAME=name, SCHEDULERD_SERVER_PORT=str(self.port))
        if clock:
            env.update(LD_PRELOAD=stand.tool("shift.so"), SHIFT_FILE=clock.path)
        config = stand.config(database, settings)
        super().__init__([stand.binary, command, "--config", config, *(["--roles", roles] if roles else [])], stand.path(f"instance-{name}", "log"), env)

    def wait_ready(self):
        def ready():
            if not self.alive():
                return True
            try:
                return self.request("GET", "/readyz")[0] == 200
            except OSError:
                return False
        if not wait_until(ready, 30) or not self.alive():
            raise Failure(f"instance {self.name} is not ready:\n" + "\n".join(self.log_text().splitlines()[-20:]))
        return self

    def request(self, method, path, body=None, headers=None):
        """(status, headers, body) of one request on a connection of its own."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        try:
            try:
                connection.request(method, path, body, headers or {})
            except (BrokenPipeError, ConnectionResetError):
                pass   # it may have answered before it had read everything
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        finally:
            connection.close()

    def task(self, task_id):
        return json.loads(self.request("GET", f"/v1/tasks/{task_id}")[2])

    def post(self, tasks, clients=32):
        """Creates the tasks over keep-alive connections; their ids, in order."""
        payloads = [http_post("/v1/tasks", "application/json", json.dumps(task)) for task in tasks]
        answers = exchange(self.port, payloads, clients)
        refused = [a for a in answers if a[0] != 201]
        if refused:
            raise Failure(f"{len(refused)} of {len(tasks)} tasks were not created; the first: {refused[0]}")
        return [json.loads(body)["id"].lower() for _, body in answers]

    def deadlock_lines(self):
        """Deadlocks that were let through to the log as a warning or an error."""
        return [line for line in self.log_text().splitlines()
                if re.search(r"\b(warning|error|critical)\b", line, re.I) and re.search(r"deadlock|\b1213\b", line, re.I)]


def numbers(line):
    """The `name=number` in a line of a C program."""
    return {name: float(value) for name, value in re.findall(r"(\w+)=([\d.]+)", line)}


def free_port():
    """Below the range from which the kernel takes ports of outgoing connections: it can be opened again after a restart."""
    while True:
        port = random.randrange(20_000, 32_000)
        with contextlib.suppress(OSError), socket.socket() as s:
            s.bind(("127.0.0.1", port))
            return port


class Stand:
    """Starts the servers; ends everything that it started."""

    def __init__(self, root, binary, tools, folder, mysql=None):
        self.root, self.binary, self.tools, self.folder = root, binary, tools, folder
        self.servers = os.path.join(folder, "servers")
        self.env = {key: value for key, value in os.environ.items() if not key.startswith("SCHEDULERD_")}
        self.children, self.serial = [], 0
        self.mysql = mysql
        self.asks_for_keys = True   # false for builds that are older than the keys, and refuse the setting

    def __enter__(self):
        options = ["--mysql", self.mysql] if self.mysql else ["--mariadb"]
        started = subprocess.run(
            [os.path.join(self.root, "scripts/servers"), "start", self.servers, *options],
            env={"SERVERS_BUFFER_POOL": "1G", "SERVERS_REDIS_OPTIONS": "--appendonly yes --appendfsync always", **self.env},
            stdout=subprocess.PIPE, text=True)
        if started.returncode:
            raise Failure("the database did not start")
        exports = dict(word.split("=", 1) for line in started.stdout.splitlines() for word in shlex.split(line)[1:])
        self.db = {key.removeprefix("SCHEDULERD_TEST_DB_").lower(): value for key, value in exports.items()}
        self.client = os.path.join(self.mysql, "bin/mysql") if self.mysql else "mariadb"
        self.redis_socket = exports["SCHEDULERD_TEST_REDIS_SOCKET"]
        self.database_server, self.redis_server = Server(self.servers, "db"), Server(self.servers, "redis")
        self.version = self.sql("SELECT VERSION()")[0][0]
        return self

    @property
    def db_pid(self):
        return self.database_server.pid

    def database_greets(self):
        """Whether the database accepts a connection and greets."""
        with contextlib.suppress(OSError), socket.socket(socket.AF_UNIX) as s:
            s.settimeout(1)
            s.connect(self.db["socket"])
            return s.recv(5)[4:] == b"\x0a"   # the protocol's version; an error would begin with 0xff
        return False

    def __exit__(self, *_):
        self.end_children()
        subprocess.run([os.path.join(self.root, "scripts/servers"), "stop", self.servers], env=self.env, check=False)

    def end_children(self):
        for child in self.children:
            child.stop(10)
        self.children = []

    def path(self, name, kind):
        self.serial += 1
        return os.path.join(self.folder, f"{self.serial:04d}-{name}.{kind}")

    def tool(self, name):
        return os.path.join(self.tools, name)

    def sql(self, statement, database=""):
        """Rows as lists of text, by the server's own client."""
        done = subprocess.run(
            [self.client, f"--defaults-file={self.servers}/client.cnf", "-N", "-B", "-e", statement, *([database] if database else [])],
            stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode:
            raise Failure(f"{statement[:300]}: {done.stderr.strip()}")
        return [line.split("\t") for line in done.stdout.splitlines()]

    def settle(self, seconds=300):
        """Has the database write its changed pages: what was filled in stands for what was stored long ago."""
        # In the order in which they may be set to either: a low mark is not above its high one.
        hurried = {"innodb_io_capacity_max": 40_000, "innodb_io_capacity": 20_000,
                   "innodb_max_dirty_pages_pct_lwm": 0, "innodb_max_dirty_pages_pct": 0}
        names = list(hurried)
        before = self.sql("SELECT " + ", ".join(f"@@GLOBAL.{name}" for name in names))[0]
        self.sql("; ".join(f"SET GLOBAL {name} = {value}" for name, value in hurried.items()))
        # What was deleted is taken out of the pages after the COMMIT.
        count = "SELECT COUNT FROM information_schema.INNODB_METRICS WHERE NAME = 'trx_rseg_history_len'"
        if not wait_until(lambda: self.status("Innodb_buffer_pool_pages_dirty")[0] < 500 and self.number(count, "") < 500, seconds, 0.5):
            raise Failure("the database does not write its changed pages")
        self.sql("; ".join(f"SET GLOBAL {name} = {value}" for name, value in reversed(list(zip(names, before)))))

    def counting(self, statement, first, last):
        """The statement, which ends in FROM, with the numbers from `first` to `last` as `seq`."""
        if not self.mysql:
            return f"{statement} seq_{first}_to_{last}"
        return (f"SET SESSION cte_max_recursion_depth = {last - first + 2}; {statement} (WITH RECURSIVE s (seq) AS"
                f" (SELECT {first} UNION ALL SELECT seq + 1 FROM s WHERE seq < {last}) SELECT seq FROM s) numbers")

    def claims_of(self, name, database, since=0):
        """(task, plan time) of what the instance has in `claims`, by an incarnation that began after `since` (microseconds)."""
        return [(task, int(plan)) for task, plan in self.sql(
            "SELECT LOWER(HEX(c.task_id)), TIMESTAMPDIFF(MICROSECOND, '1970-01-01', c.plan_time) FROM claims c"
            f" JOIN instances i USING (incarnation) WHERE i.name = '{name}' AND i.ended_at IS NULL"
            f" AND TIMESTAMPDIFF(MICROSECOND, '1970-01-01', i.started_at) >= {since}", database)]

    def redis(self, *command):
        """The answer's lines, by the server's own client."""
        # No wait without an end: a fault may have stopped the server.
        done = subprocess.run(["timeout", "30", "redis-cli", "-e", "-s", self.redis_socket, *command], stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, errors="replace")
        if done.returncode:
            raise Failure(f"{' '.join(command)[:300]}: {done.stderr.strip()}")
        return done.stdout.splitlines()

    def number(self, statement, database):
        return int(self.sql(statement, database)[0][0])

    def status(self, *names):
        """Global status counters, in the order asked."""
        rows = dict(self.sql("SHOW GLOBAL STATUS WHERE Variable_name IN (%s)" % ",".join(f"'{n}'" for n in names)))
        return [int(rows[name]) for name in names]

    def database(self, name):
        """An empty, migrated database."""
        name = f"bench_{name}"
        self.sql(f"DROP DATABASE IF EXISTS {name}; CREATE DATABASE {name}")
        self.migrate(name)
        return name

    def migrate(self, name):
        done = subprocess.run(
            [self.binary, "migrate", "up", "--config", self.config(name, {})], env=self.env, stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Failure(f"migrate up failed:\n{done.stdout}")

    def config(self, database, settings):
        """A configuration file; `settings` adds to it, section by section. JSON is YAML too."""
        document = {
            "server": {"host": "127.0.0.1", "port": 18080},
            "master_db": {"socket": self.db["socket"], "port": int(self.db["port"]), "db_name": database, "db_user": self.db["user"], "db_pwd": self.db["password"]},
            "redis": {"socket": self.redis_socket},
        }
        if self.asks_for_keys:
            document["api"] = {"authentication": "none"}
        for section, values in settings.items():
            document.setdefault(section, {}).update(values)
        path = self.path("schedulerd", "yaml")
        with open(path, "w") as file:
            json.dump(document, file, indent=2)
        return path

    def receiver(self, **options):
        self.children.insert(0, Receiver(self, options))
        return self.children[0]

    def proxy(self):
        self.children.append(Proxy(self))   # ended last: what goes through it needs it until then
        return self.children[-1]

    def instance(self, database, name="a", wait=True, port=None, clock=None, roles=None, command="serve", **settings):
        self.children.insert(0, Instance(self, database, name, settings, port, clock, roles, command))
        return self.children[0].wait_ready() if wait else self.children[0]

    def limit(self, receiver, rows, mode="full", conc=64):
        """Rows per second of the bare C program on this database; `conc`: calls at once of each of its two workers."""
        self.sql("CREATE DATABASE IF NOT EXISTS bench_limit")
        out = subprocess.run(
            [self.tool("limit"), "--mode", mode, "--rows", str(rows), "--conc", str(conc), "--sock", self.db["socket"], "--user", self.db["user"],
             "--pass", self.db["password"], "--db", "bench_limit", "--url", receiver.url], stdout=subprocess.PIPE, text=True, check=True)
        if mode == "full" and "duplicates=0 failures=0" not in out.stdout:
            raise Failure(f"the bare C program went wrong: {out.stdout}")
        return float(re.search(r"rows_per_s=(\d+)", out.stdout)[1])

    def arrive(self, port, url, rate, seconds, furthest):
        """Hands in tasks at an even rate, each for 2 to `furthest` seconds ahead. The plan times by task, and what the producers saw."""
        out = self.path("arrive", "txt")
        done = subprocess.run(
            [self.tool("arrive"), "--port", str(port), "--url", url, "--rate", str(rate), "--seconds", str(seconds), "--from", "2",
             "--to", str(furthest), "--seed", str(rate), "--out", out], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if done.returncode:
            raise Failure(done.stderr.strip())
        with open(out) as lines:
            plan_of = {task.lower(): int(plan) for task, plan in map(str.split, lines)}
        return plan_of, numbers(done.stdout)

    @contextlib.contextmanager
    def machine(self):
        """Commits and syncs a little beside what goes on; afterwards the dictionary holds how long they took."""
        self.sql("CREATE DATABASE IF NOT EXISTS bench_machine")
        child = subprocess.Popen(
            [self.tool("commits"), "--sock", self.db["socket"], "--user", self.db["user"], "--pass", self.db["password"],
             "--db", "bench_machine", "--file", self.path("sync", "bin")], stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True)
        seen = {}
        try:
            yield seen
        finally:
            seen.update(numbers(child.communicate(timeout=30)[0]))
        if child.returncode:
            raise Failure("the commits beside it went wrong")

    def wrk(self, port, path, clients, seconds, body=None, kind=None):
        """Load by wrk: POST by Benchmarks/intake.lua where there is a body, else GET."""
        env = dict(self.env, BENCH_BODY=body or "", BENCH_TYPE=kind or "")
        script = os.path.join(self.root, "Benchmarks/intake.lua")
        arguments = ["wrk", "-t2", f"-c{clients}", f"-d{seconds}s", "--timeout", "10s", *(["-s", script] if body else []),
                     f"http://127.0.0.1:{port}{path}"]
        out = subprocess.run(arguments, env=env, stdout=subprocess.PIPE, text=True, check=True).stdout
        if not body:
            return {"rate": float(re.search(r"Requests/sec: *([\d.]+)", out)[1])}
        result = json.loads(out.splitlines()[-1])
        return {**result, "rate": (result["requests"] - result["failed"]) / result["seconds"]}
