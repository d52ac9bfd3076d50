"""Starts servers and a schedulerd, runs schemathesis against it, and says how many cases there were. See scripts/api-fuzz."""

import argparse
import http.server
import json
import os
import re
import shlex
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request

HERE = os.path.dirname(os.path.abspath(__file__))
ROOT = os.path.dirname(os.path.dirname(HERE))


class Receiver(http.server.BaseHTTPRequestHandler):
    """What the tasks call that are made here."""

    def answer(self):
        self.send_response(200)
        self.send_header("Content-Length", "0")
        self.end_headers()

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_HEAD = answer

    def log_message(self, *_):
        pass


def free_port():
    with socket.socket() as s:
        s.bind(("127.0.0.1", 0))
        return s.getsockname()[1]


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser()
    parser.add_argument("--cases", type=int)
    parser.add_argument("--seconds", type=int)
    parser.add_argument("--seed")
    parser.add_argument("--program")
    parser.add_argument("rest", nargs="*")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="schedulerd-fuzz.") as scratch:
        sys.exit(with_servers(options, scratch))


def with_servers(options, scratch):
    servers = os.path.join(scratch, "servers")
    started = subprocess.run([os.path.join(ROOT, "scripts/servers"), "start", servers, "--mariadb"], stdout=subprocess.PIPE, text=True, check=True)
    child = None
    try:
        exports = dict(word.split("=", 1) for line in started.stdout.splitlines() for word in shlex.split(line)[1:])
        db = {key.removeprefix("SCHEDULERD_TEST_DB_").lower(): value for key, value in exports.items()}
        subprocess.run(["mariadb", f"--defaults-file={servers}/client.cnf", "-e", "CREATE DATABASE fuzz"], check=True)
        port = free_port()
        config = os.path.join(scratch, "schedulerd.yaml")
        with open(config, "w") as file:
            json.dump({
                "server": {"host": "127.0.0.1", "port": port},
                # The cases would end the key that they are sent with.
                "api": {"authentication": "none"},
                "master_db": {"socket": db["socket"], "db_name": "fuzz", "db_user": db["user"], "db_pwd": db["password"]},
                "redis": {"socket": exports["SCHEDULERD_TEST_REDIS_SOCKET"]},
            }, file)
        env = {key: value for key, value in os.environ.items() if not key.startswith("SCHEDULERD_")}
        subprocess.run([options.program, "migrate", "up", "--config", config], env=env, check=True, stdout=subprocess.DEVNULL)
        server = f"http://127.0.0.1:{port}"

        def serve(roles):
            with open(os.path.join(scratch, "log"), "a") as log:
                return subprocess.Popen([options.program, "serve", "--config", config, "--roles", roles], env=env, stdout=log, stderr=log)

        child = serve("api,worker")
        wait_ready(server, child, scratch)
        receiver = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Receiver)
        threading.Thread(target=receiver.serve_forever, daemon=True).start()
        seed_tasks(server, receiver.server_port)
        time.sleep(1)   # some have ended by then; it does not matter how many
        child.terminate()
        child.wait(60)
        # Without a worker: whatever URL a case asks for, nothing is called and no name is looked up.
        child = serve("api")
        wait_ready(server, child, scratch)
        return fuzz(options, server, scratch, env)
    finally:
        if child:
            child.terminate()
            child.wait(60)
        subprocess.run([os.path.join(ROOT, "scripts/servers"), "stop", servers], check=False)


def wait_ready(server, child, scratch):
    end = time.monotonic() + 60
    while time.monotonic() < end:
        if child.poll() is not None:
            break
        try:
            with urllib.request.urlopen(server + "/readyz", timeout=5):
                return
        except OSError:
            time.sleep(0.1)
    with open(os.path.join(scratch, "log")) as log:
        sys.exit("the server is not ready:\n" + log.read())


def seed_tasks(server, port):
    """Some of each kind, so that lists are not empty."""
    def post(path, document):
        request = urllib.request.Request(server + path, json.dumps(document).encode(), {"Content-Type": "application/json"})
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    url = f"http://127.0.0.1:{port}/"
    for number in range(20):
        post("/v1/tasks", {"plan_time": 0, "request": {"url": url, "body": "x"}, "labels": {"n": str(number)}})
        post("/v1/tasks", {"plan_time": 0, "request": {"url": "http://127.0.0.1:1/"}, "retry": {"max_retries": 0}})
        post("/v1/tasks", {"plan_time": 4_000_000_000, "request": {"url": url}, "key": f"key {number}"})


def fuzz(options, server, scratch, env):
    report = os.path.join(scratch, "report.json")
    with urllib.request.urlopen(server + "/openapi.json", timeout=10) as answer:
        paths = json.load(answer)["paths"]
    operations = sum(method in ("get", "post", "put", "patch", "delete") for path in paths.values() for method in path)
    command = [
        os.path.join(os.path.dirname(sys.executable), "schemathesis"), "--config-file", os.path.join(HERE, "schemathesis.toml"),
        "run", server + "/openapi.json", "--checks", "all", "--seed", options.seed,
        "--max-examples", str(max(10, options.cases // operations)), "--continue-on-failure",
        "--report", "json", "--report-json-path", report, *options.rest]
    child = subprocess.Popen(command, env={**env, "SCHEMATHESIS_HOOKS": "hooks", "PYTHONPATH": HERE}, cwd=scratch)
    try:
        status = child.wait(options.seconds)
    except subprocess.TimeoutExpired:
        child.send_signal(signal.SIGINT)
        try:
            child.wait(20)
        except subprocess.TimeoutExpired:
            child.kill()
        # That it was ended is no failure; what it had found by then is.
        status = 0
        print(f"api-fuzz: ended after {options.seconds} s", flush=True)
    if not os.path.exists(report):
        print("api-fuzz: there is no report of what was found")
        return status or 1
    with open(report) as file:
        found = json.load(file)
    cases = found["test_cases"]["generated"]
    print(f"api-fuzz: {cases} cases of {options.cases}, {len(found['failures'])} kinds of failures, {len(found['errors'])} of errors")
    if found["failures"] or found["errors"] or not cases:
        status = status or 1
    with open(os.path.join(scratch, "log")) as log:
        errors = [line for line in log if re.search(r"\b(error|critical)\b", line)]
    for line in errors[:20]:
        print("the server's log:", line.rstrip())
    return status or (1 if errors else 0)


if __name__ == "__main__":
    main()
