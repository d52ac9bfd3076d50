"""How fast tasks are accepted."""

import json
import urllib.parse

from figures import FORM, SECOND, Figure, callback
from stand import cpu, now_us
from steady import beside

BATCH = 100


def intake(stand, scale):
    """POST /v1/tasks by 16, 64 and 256 keep-alive clients; batches of 100 by 16; the legacy form by 64; beside the same server
    that reads, checks and answers the same requests and stores nothing."""
    seconds = scale.pick(10, 4)
    database = stand.database("intake")
    instance = stand.instance(database)
    far = now_us() + 365 * 86400 * SECOND
    receiver = stand.receiver()
    body = json.dumps(callback(receiver.url, far))
    batch = json.dumps({"tasks": [callback(receiver.url, far)] * BATCH})
    figures = [Figure("GET /healthz, 64 clients", stand.wrk(instance.port, "/healthz", 64, seconds)["rate"], "requests/s")]
    form = urllib.parse.urlencode(
        {"notify_url": receiver.url, "plan_time": far // SECOND, "method_name": "POST", "notify_param": "order=1"})
    without = stand.instance(database, "bare", command="bare-intake")
    bare = {}
    for path, text, kind in (("/v1/tasks", body, "application/json"), ("/api/task/save", form, FORM["Content-Type"])):
        result = stand.wrk(without.port, path, 64, seconds, text, kind)
        bare[path] = result["rate"]
        figures.append(Figure(f"POST {path}, 64 clients, stored nowhere", result["rate"], "requests/s"))
        figures.append(Figure(f"POST {path}, 64 clients, stored nowhere: failed", result["failed"], at_most=0))
    without.stop()
    stored = stand.number("SELECT COUNT(*) FROM tasks", database)
    accepted = 0
    for clients, path, text, kind, each in [(n, "/v1/tasks", body, "application/json", 1) for n in (16, 64, 256)] + [
            (16, "/v1/tasks:batch", batch, "application/json", BATCH), (64, "/api/task/save", form, FORM["Content-Type"], 1)]:
        used = instance.cpu(), cpu(stand.db_pid)
        with stand.machine() as machine:
            result = stand.wrk(instance.port, path, clients, seconds, text, kind)
        used = instance.cpu() - used[0], cpu(stand.db_pid) - used[1]
        tasks = (result["requests"] - result["failed"]) * each
        accepted += tasks
        name = f"POST {path}, {clients} clients"
        figures += [
            Figure(f"{name}: accepted", result["rate"] * each, "tasks/s"),
            Figure(f"{name}: CPU of schedulerd, a task", used[0] / max(1, tasks) * 1e6, "µs"),
            Figure(f"{name}: CPU of the database, a task", used[1] / max(1, tasks) * 1e6, "µs"),
            Figure(f"{name}: p99", result["p99_ms"], "ms", at_most=15 if (clients, path) == (64, "/v1/tasks") else None),
            Figure(f"{name}: failed", result["failed"], at_most=0),
        ]
        if clients == 64:
            figures.append(Figure(f"{name}: of stored nowhere", result["rate"] / bare[path], at_least=0.5 if path == "/v1/tasks" else None))
            figures += beside(machine, f"{name}, meanwhile")
    stored = stand.number("SELECT COUNT(*) FROM tasks", database) - stored
    # wrk leaves off in the middle of a request, so a few more may be stored than were answered.
    figures.append(Figure("accepted but not stored", max(0, accepted - stored), at_most=0))
    return figures
