"""Messages of the old producers in Redis: how fast they become tasks, and that each becomes exactly one."""

import json
import os
import random
import re
import signal
import subprocess
import time
from contextlib import suppress

from figures import Figure
from stand import Failure, wait_until

SECOND = 1_000_000
FAR = 3_786_912_000   # the year 2090: nothing is called
LIST, SET = "bench:list", "bench:set"


class Redis:
    """A server of the case's own, with an append-only file."""

    def __init__(self, stand, fsync="everysec"):
        self.stand, self.folder = stand, stand.path("redis", "d")
        os.mkdir(self.folder)
        self.socket = os.path.join(stand.folder, "messages.sock")
        self.arguments = ["redis-server", "--port", "0", "--unixsocket", self.socket, "--dir", self.folder, "--save", "",
                          "--appendonly", "yes", "--appendfsync", fsync, "--logfile", os.path.join(self.folder, "log")]
        self.process = None
        stand.children.append(self)
        self.start()

    def start(self):
        self.process = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL)
        if not wait_until(lambda: self.ask("PING") == "PONG", 60):
            raise Failure("Redis does not start")

    def kill(self):
        self.process.send_signal(signal.SIGKILL)
        self.process.wait(60)

    def stop(self, seconds=10):
        self.process.terminate()
        with suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)

    def ask(self, *words):
        done = subprocess.run(["redis-cli", "-s", self.socket, *map(str, words)], stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
                              text=True, check=False)
        return done.stdout.strip()

    def fill(self, kind, count):
        lines = []
        for number in range(count):
            if kind == LIST:
                words = ["RPUSH", LIST, json.dumps({"notify_url": f"http://127.0.0.1:9/l?n={number}",
                                                    "plan_time": "2090-01-01T08:00:00.0878551+08:00", "method_name": "POST",
                                                    "notify_param": "order=4711&event=unpaid-timeout&note=0123456789012345678901234567890"})]
            else:
                words = ["ZADD", SET, str(FAR), json.dumps({"body": {"orderId": number, "n": "0123456789012345678901234567890"},
                                                            "callback": f"http://127.0.0.1:9/s?n={number}", "sign": "0" * 32})]
            lines.append(f"*{len(words)}\r\n" + "".join(f"${len(word)}\r\n{word}\r\n" for word in words))
        done = subprocess.run(["redis-cli", "-s", self.socket, "--pipe"], input="".join(lines), stdout=subprocess.PIPE, text=True, check=True)
        if "errors: 0" not in done.stdout:
            raise Failure(f"filling Redis failed: {done.stdout}")

    def left(self):
        """What is not acknowledged, wherever it lies."""
        script = ("local n = redis.call('LLEN', KEYS[1]) + redis.call('ZCARD', KEYS[2]) for i = 1, 2 do"
                  " for _, t in ipairs(redis.call('SMEMBERS', KEYS[i] .. ':takers')) do"
                  " n = n + redis.call('LLEN', KEYS[i] .. ':taken:' .. t) end end return n")
        text = self.ask("EVAL", script, 2, LIST, SET)
        return int(text) if text.isdigit() else -1


def settings(redis, *kinds, **intake):
    sources = [{"key": LIST, "kind": "list"}, {"key": SET, "kind": "sorted_set"}]
    return {"redis": {"socket": redis.socket},
            "intake": {"sources": [s for s in sources if s["key"] in kinds], **intake}}


def messages(stand, scale):
    """Messages waiting in a list and in a sorted set become tasks; beside it, the same by a bare C program."""
    count = scale.pick(100_000, 20_000)
    figures = []
    for kind, name in ((LIST, "list"), (SET, "sorted set")):
        redis = Redis(stand)
        redis.fill(kind, count)
        done = subprocess.run(
            [stand.tool("take"), "--redis", redis.socket, "--kind", name.replace(" ", "_"), "--key", kind, "--sock", stand.db["socket"],
             "--user", stand.db["user"], "--pass", stand.db["password"], "--db", stand.database("take")],
            stdout=subprocess.PIPE, text=True, check=True)
        ceiling = float(re.search(r"rows_per_s=(\d+)", done.stdout)[1])
        redis.fill(kind, count)
        database = stand.database("messages")
        instance = stand.instance(database, wait=False, **settings(redis, kind))
        if not wait_until(lambda: redis.left() == 0, 120, 0.05):
            raise Failure("the messages are not drained")
        stored, first, last = stand.sql(
            "SELECT COUNT(*), MIN(created_at), MAX(created_at) FROM tasks", database)[0]
        seconds = float(stand.sql(f"SELECT TIMESTAMPDIFF(MICROSECOND, '{first}', '{last}') / 1e6")[0][0])
        # The last batch was taken at the last time, so it took no part of the seconds.
        before = stand.number(f"SELECT COUNT(*) FROM tasks WHERE created_at < '{last}'", database)
        cpu = instance.cpu()
        instance.stop()
        redis.stop()
        stand.children.remove(redis)
        figures += [
            Figure(f"{name}: messages made tasks", int(stored), at_least=count, at_most=count),
            Figure(f"{name}: rate", before / seconds, "messages/s", at_least=10_000),
            Figure(f"{name}: bare C program", ceiling, "messages/s"),
            Figure(f"{name}: of it", before / seconds / ceiling),
            Figure(f"{name}: CPU of schedulerd", cpu / count * 1e6, "µs/message"),
        ]
    return figures


def draining(stand, options):
    """kill -9 at random moments, of the instances and of Redis, while both kinds of keys are drained."""
    kills = 10 if options.short else 50
    each = kills * 2000
    chance = random.Random(options.seed)
    redis = Redis(stand)
    redis.fill(LIST, each)
    redis.fill(SET, each)
    database = stand.database("draining")
    # Small batches, so that many moments are in the middle of one.
    shared = {**settings(redis, LIST, SET, batch=25), "cluster": {"lease_s": 3, "heartbeat_s": 1}}
    pair = [stand.instance(database, name, **shared) for name in ("a", "b")]
    in_time, restarts = 0, 0
    for number in range(kills):
        time.sleep(chance.uniform(0.02, 0.6))
        in_time += redis.left() != 0
        place = chance.randrange(2)
        pair[place].kill()
        if number % 10 == 4:
            redis.kill()
            time.sleep(chance.uniform(0, 1))
            redis.start()
            restarts += 1
        pair[place] = stand.instance(database, "ab"[place], wait=False, **shared)
    drained = wait_until(lambda: redis.left() == 0, 300, 0.25)
    rows = {kind: stand.sql(f"SELECT COUNT(*), COUNT(DISTINCT url) FROM tasks WHERE url LIKE '%/{kind}?n=%'", database)[0]
            for kind in "ls"}
    return [
        Figure("messages in each key", each),
        Figure("kill -9 of an instance", kills),
        Figure("  while messages were left", in_time, at_least=kills),
        Figure("kill -9 of Redis", restarts, at_least=1),
        Figure("drained", int(drained), at_least=1),
        *(Figure(f"{name}: tasks", int(rows[kind][0]), at_least=each, at_most=each) for kind, name in (("l", "list"), ("s", "sorted set"))),
        *(Figure(f"{name}: different messages", int(rows[kind][1]), at_least=each, at_most=each)
          for kind, name in (("l", "list"), ("s", "sorted set"))),
        Figure("quarantined", stand.number("SELECT COUNT(*) FROM quarantine", database), at_most=0),
    ]
