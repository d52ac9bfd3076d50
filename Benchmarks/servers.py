"""The servers that scripts/servers started, and what the system tells of a process."""

import os
import subprocess
import time


class Failure(Exception):
    """The stand could not be brought into the state that a case needs; a result would mean nothing."""


def wait_until(condition, seconds, pause=0.02):
    """Whether `condition()` came true within `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(pause)
    return bool(condition())


class Server:
    """A server that scripts/servers started: it can be ended in either way and started again as it was, port included."""

    def __init__(self, folder, name):
        self.folder, self.name = folder, name
        self.child = None
        with open(os.path.join(folder, f"{name}.pid")) as file:
            self.pid = int(file.read().split()[0])
        with open(os.path.join(folder, f"{name}.command"), "rb") as file:
            self.arguments = file.read().split(b"\0")[:-1]

    def end(self, number):
        """Sends the signal and waits for the end."""
        os.kill(self.pid, number)
        if self.child:
            self.child.wait(120)
        elif not wait_until(lambda: process_state(self.pid) in ("", "Z"), 120, 0.005):
            raise Failure(f"{self.name} did not end")

    def start(self):
        """Starts it again; does not wait until it serves."""
        with open(os.path.join(self.folder, f"{self.name}.log"), "ab") as log:
            self.child = subprocess.Popen(self.arguments, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        self.pid = self.child.pid
        with open(f"/proc/{self.pid}/stat") as stat:   # as scripts/servers keeps it, for its `stop`
            started = stat.read().rpartition(")")[2].split()[19]
        with open(os.path.join(self.folder, f"{self.name}.pid"), "w") as file:
            file.write(f"{self.pid} {started}\n")


def process_state(pid):
    try:
        with open(f"/proc/{pid}/stat") as stat:
            return stat.read().rpartition(")")[2].split()[0]
    except OSError:
        return ""
