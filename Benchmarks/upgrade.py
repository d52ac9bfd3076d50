"""A rolling upgrade under load: an old build runs, the new one migrates and joins it, the old one leaves; and an account.
Started by scripts/upgrade-drill."""

import argparse
import os
import signal
import subprocess
import sys
import threading
import time
from collections import Counter

from drill import Drill
from stand import Failure, Receiver, Stand, wait_until

DATABASE = "bench_upgrade"


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="scripts/upgrade-drill", description=__doc__)
    parser.add_argument("--old", required=True, help="the old build's schedulerd")
    parser.add_argument("--seconds", type=int, default=40, help="of load (%(default)s)")
    parser.add_argument("--rate", type=int, default=200, help="tasks a second (%(default)s)")
    parser.add_argument("--binary", required=True)
    parser.add_argument("--tools", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with Stand(root, os.path.abspath(options.old), options.tools, options.folder) as stand:
        sys.exit(0 if Upgrade(root, options, stand).run() else 1)


class Upgrade(Drill):
    def __init__(self, root, options, stand):
        super().__init__(root, options)
        self.server, self.members = stand, []

    def run(self):
        stand, options = self.server, self.options
        self.receiver = Receiver(stand, {})
        stand.children.append(self.receiver)
        stand.asks_for_keys = self.asks_for_keys(options.old)
        stand.database("upgrade")   # by the old build
        old = [stand.instance(DATABASE, name) for name in ("old-1", "old-2")]
        self.members[:] = old
        self.say(f"old: {self.version(options.old)}, {self.migrations()} migrations; {options.rate} tasks a second for {options.seconds} s")
        producing = threading.Thread(target=self.produce, args=(self.members,))
        producing.start()
        pause = options.seconds / 5
        time.sleep(pause)

        stand.binary = os.path.abspath(options.binary)
        stand.asks_for_keys = self.asks_for_keys(options.binary)
        clock = time.monotonic()
        done = subprocess.run([stand.binary, "migrate", "up", "--config", stand.config(DATABASE, {})], env=stand.env,
                              stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True)
        if done.returncode:
            raise Failure(f"migrate up failed:\n{done.stdout}")
        self.say(f"new: {self.version(options.binary)}, migrated under load in {time.monotonic() - clock:.1f} s: {self.migrations()} migrations")
        time.sleep(pause)
        new = [stand.instance(DATABASE, name) for name in ("new-1", "new-2")]
        self.members[:] = [old[0], new[0]]
        self.say("both side by side")
        time.sleep(pause)
        self.members[:] = new
        time.sleep(1.5)   # until the last request to an old one is answered
        clean = [instance.stop() for instance in old]
        self.say("old ones stopped by SIGTERM")
        producing.join()
        if self.failure:
            raise self.failure
        if not wait_until(lambda: not stand.number("SELECT COUNT(*) FROM tasks WHERE state IN (0, 2)", DATABASE), 90, 0.2):
            raise Failure("not all tasks ended")
        time.sleep(1)
        return self.account(old, new, clean)

    def migrations(self):
        return self.server.number("SELECT COUNT(*) FROM schema_migrations", DATABASE)

    def asks_for_keys(self, binary):
        """Whether it has the command `key`."""
        return not subprocess.run([binary, "key", "--help"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode

    def version(self, binary):
        return subprocess.run([binary, "version"], stdout=subprocess.PIPE, text=True).stdout.strip()

    def account(self, old, new, clean):
        calls = self.receiver.calls()
        good = Counter(call.task.replace("-", "") for call in calls if call.status == 200)
        made = dict(self.server.sql("SELECT i.name, COUNT(*) FROM attempts a JOIN instances i USING (incarnation) GROUP BY i.name", DATABASE))
        states = dict(self.server.sql("SELECT LOWER(HEX(id)), state FROM tasks", DATABASE))
        plan_of = {task: plan for task, (_, _, plan) in self.accepted.items()}
        self.say("")
        self.figure("accepted", len(self.accepted))
        self.figure("not in the database", len(set(self.accepted) - set(states)), 0)
        self.figure("not succeeded", sum(states.get(task) != "1" for task in self.accepted), 0)
        self.figure("called with success more than once", sum(count > 1 for count in good.values()), 0)
        self.figure("calls before their plan time", sum(call.arrival < plan_of.get(call.task.replace("-", ""), 0) for call in calls), 0)
        for instance in old + new:
            self.figure(f"attempts made by {instance.name}", int(made.get(instance.name, 0)))
        self.figure("SIGTERM without exit status 0", sum(not each for each in clean), 0)
        self.figure("lines at error in the logs", sum(
            " error " in line or " critical " in line for each in old + new for line in each.log_text().splitlines()), 0)
        self.say(f"\n{'all is accounted for' if not self.bad else f'{self.bad} figures are not as they must be'}")
        return not self.bad


if __name__ == "__main__":
    main()
