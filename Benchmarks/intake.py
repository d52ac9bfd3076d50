"""How fast tasks are accepted."""

import json
import urllib.parse

from figures import FORM, SECOND, Figure, callback
from stand import now_us
from steady import beside


def intake(stand, scale):
    """POST /v1/tasks by 16, 64 and 256 keep-alive clients; the legacy form by 64; beside the same server that
    reads, checks and answers the same requests and stores nothing."""
    seconds = scale.pick(10, 4)
    database = stand.database("intake")
    instance = stand.instance(database)
    far = now_us() + 365 * 86400 * SECOND
    receiver = stand.receiver()
    body = json.dumps(callback(receiver.url, far))
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
    for clients, path, text, kind in [(n, "/v1/tasks", body, "application/json") for n in (16, 64, 256)] + [
            (64, "/api/task/save", form, FORM["Content-Type"])]:
        with stand.machine() as machine:
            result = stand.wrk(instance.port, path, clients, seconds, text, kind)
        accepted += result["requests"] - result["failed"]
        name = f"POST {path}, {clients} clients"
        figures += [
            Figure(f"{name}: accepted", result["rate"], "tasks/s"),
            Figure(f"{name}: p99", result["p99_ms"], "ms", at_most=15 if (clients, kind) == (64, "application/json") else None),
            Figure(f"{name}: failed", result["failed"], at_most=0),
        ]
        if clients == 64:
            figures.append(Figure(f"{name}: of stored nowhere", result["rate"] / bare[path], at_least=0.5 if path == "/v1/tasks" else None))
            figures += beside(machine, f"{name}, meanwhile")
    stored = stand.number("SELECT COUNT(*) FROM tasks", database) - stored
    # wrk leaves off in the middle of a request, so a few more may be stored than were answered.
    figures.append(Figure("accepted but not stored", max(0, accepted - stored), at_most=0))
    return figures
