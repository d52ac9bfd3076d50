"""schedulerd, run as its users run it, with a database of its own."""

import json
import os
import pathlib
import re
import subprocess
import time

from stand.client import Client
from stand.servers import ROOT
from stand.wait import until

PROGRAM = pathlib.Path(os.environ.get("SCHEDULERD_PROGRAM") or ROOT / ".build/debug/schedulerd")
PASSWORD = "correct horse battery"


class Schedulerd:
    numbers = iter(range(1, 16))

    def __init__(self, name, servers, folder, redis_socket=None, **sections):
        """Starts it on an empty database. `sections` are put over the configuration that all have."""
        self.name, self.servers, self.redis_database = name, servers, next(self.numbers)
        self.database = f"browser_{name}"
        self.log = folder / f"{name}.log"
        self.sessions = {}
        servers.sql(f"CREATE DATABASE {self.database}")
        settings = {
            "instance_name": name,
            "server": {"host": "127.0.0.1", "port": 0},
            "api": {"authentication": "none"},
            "master_db": {
                "socket": servers.database_socket, "db_name": self.database, "db_user": servers.user,
                "db_pwd": servers.password,
            },
            "redis": {"socket": redis_socket or servers.redis_socket, "db_name": 0 if redis_socket else self.redis_database},
            "shutdown": {"drain_s": 1},
        }
        for section, values in sections.items():
            settings[section] = {**settings.get(section, {}), **values} if isinstance(values, dict) else values
        self.configuration = folder / f"{name}.yaml"
        self.configuration.write_text(json.dumps(settings, indent=1))  # JSON is YAML
        self.command("migrate", "up")
        self.run()
        try:
            self.first_password = until(
                lambda: self.logged(r"sign in as admin with the password (\S+)"), f"{self.name} prints a password")
        except AssertionError:
            self.stop()
            raise

    def run(self):
        """Again, when it has been stopped. Its log begins anew."""
        self.output = self.log.open("w")
        self.process = subprocess.Popen(
            [PROGRAM, "serve", "--config", self.configuration], stdout=self.output, stderr=self.output,
            env=self.environment, start_new_session=True,
        )
        try:
            port = until(lambda: self.logged(r"listening host=\S+ port=(\d+)"), f"{self.name} listens")
            self.address = f"http://127.0.0.1:{port}"
            until(lambda: Client(self.address).get("/readyz").status == 200, f"{self.name} is ready")
        except BaseException:
            self.stop()
            raise

    environment = {key: value for key, value in os.environ.items() if not key.startswith("SCHEDULERD_")}

    def command(self, *words, text=""):
        return subprocess.run(
            [PROGRAM, *words, "--config", self.configuration], check=True, stdout=subprocess.PIPE, text=True, input=text,
            env=self.environment, timeout=120,
        ).stdout

    def logged(self, pattern):
        """The first group of the first match; False while there is none."""
        if self.process.poll() is not None:
            raise AssertionError(f"{self.name} has ended:\n{self.log.read_text()[-4000:]}")
        found = re.search(pattern, self.log.read_text())
        return found.group(1) if found else False

    def stop(self):
        """Its status."""
        if self.process.poll() is None:
            self.process.terminate()
            try:
                self.process.wait(40)
            except subprocess.TimeoutExpired:
                self.process.kill()
                self.process.wait()
        self.output.close()
        return self.process.returncode

    # Users

    def add_user(self, name, role):
        self.command("user", "add", name, "--role", role, "--password-stdin", text=PASSWORD + "\n")

    def client(self, name=None):
        """Somebody's, signed in and again when another test has ended the session, or nobody's."""
        if name is None:
            return Client(self.address)
        if name not in self.sessions or self.sessions[name].copy().get("/admin/account").status == 303:
            client = Client(self.address)
            client.sign_in(name, self.password_of(name))
            self.sessions[name] = client
        return self.sessions[name].copy()

    def password_of(self, name):
        return self.first_password if name == "admin" else PASSWORD

    # Tasks

    def add_task(self, url, seconds=0, **fields):
        """Through the API. - Returns: its id."""
        request = {"method": "POST", "url": url, "body": "hello"} | fields.pop("request", {})
        task = {"plan_time": round(time.time() + seconds, 6), "request": request, **fields}
        answer = Client(self.address).json("POST", "/v1/tasks", task)
        assert answer.status == 201, answer.text
        return json.loads(answer.text)["id"]

    def task(self, id):
        return json.loads(Client(self.address).get(f"/v1/tasks/{id}").text)

    def await_state(self, id, *states):
        until(lambda: self.task(id)["state"] in states, f"task {id} is {' or '.join(states)}")
        return id
