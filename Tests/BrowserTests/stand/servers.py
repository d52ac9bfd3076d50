"""A MariaDB and a Redis of the tests' own."""

import os
import pathlib
import shlex
import signal
import subprocess

from stand.wait import until

ROOT = pathlib.Path(__file__).resolve().parents[3]


class Servers:
    def __init__(self, folder, options=""):
        """`options`: of the database's server."""
        self.folder = folder
        try:
            exports = subprocess.run(
                [ROOT / "scripts/servers", "start", folder], check=True, stdout=subprocess.PIPE, text=True, timeout=180,
                env={**os.environ, "SERVERS_DB_OPTIONS": options},
            ).stdout
        except BaseException:
            self.stop()
            raise
        settings = dict(word.split("=", 1) for word in shlex.split(exports) if "=" in word)
        self.database_socket = settings["SCHEDULERD_TEST_DB_SOCKET"]
        self.database_port = settings["SCHEDULERD_TEST_DB_PORT"]
        self.user = settings["SCHEDULERD_TEST_DB_USER"]
        self.password = settings["SCHEDULERD_TEST_DB_PASSWORD"]
        self.redis_socket = settings["SCHEDULERD_TEST_REDIS_SOCKET"]

    def stop(self):
        subprocess.run([ROOT / "scripts/servers", "stop", self.folder], check=True, timeout=120)

    def sql(self, statement, database=""):
        """Rows of texts."""
        command = ["mariadb", f"--defaults-file={self.folder}/client.cnf", "--batch", "--skip-column-names"]
        output = subprocess.run(
            [*command, "-e", statement, *([database] if database else [])], check=True, stdout=subprocess.PIPE, text=True,
            timeout=60,
        ).stdout
        return [line.split("\t") for line in output.splitlines()]

    def redis(self, *words, database=0):
        command = ["redis-cli", "-s", self.redis_socket, "-n", str(database), "--raw"]
        return subprocess.run([*command, *words], check=True, stdout=subprocess.PIPE, text=True, timeout=60).stdout.strip()


class Replica(Servers):
    """A copy of another server's databases, kept by replication."""

    def __init__(self, folder, primary):
        """`primary` has a binary log, and nothing in it has been thrown away."""
        super().__init__(folder, "--server-id=2 --read-only=1")
        self.sql(
            f"CHANGE MASTER TO MASTER_HOST='127.0.0.1', MASTER_PORT={primary.database_port}, MASTER_USER='{primary.user}',"
            f" MASTER_PASSWORD='{primary.password}', MASTER_CONNECT_RETRY=1, MASTER_USE_GTID=slave_pos; START SLAVE")

    def signal(self, number):
        os.kill(int((self.folder / "db.pid").read_text().split()[0]), number)

    def start_again(self):
        """As it was, on the same port, after it was killed."""
        command = (self.folder / "db.command").read_bytes().split(b"\0")[:-1]
        self.process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        started = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(") ", 1)[1].split()[19]
        (self.folder / "db.pid").write_text(f"{self.process.pid} {started}\n")


class PrivateRedis:
    """One that can be halted, ended and started again without harm to other tests."""

    def __init__(self, folder):
        folder.mkdir()
        self.socket = str(folder / "redis.sock")
        self.process = None
        self.start()

    def start(self):
        self.process = subprocess.Popen(
            ["redis-server", "--port", "0", "--unixsocket", self.socket, "--save", "", "--appendonly", "no"],
            stdout=subprocess.DEVNULL, start_new_session=True,
        )
        until(lambda: os.path.exists(self.socket), "the socket of Redis")

    def halt(self):
        self.process.send_signal(signal.SIGSTOP)

    def go_on(self):
        self.process.send_signal(signal.SIGCONT)

    def kill(self):
        self.process.kill()
        self.process.wait()
        pathlib.Path(self.socket).unlink(missing_ok=True)
