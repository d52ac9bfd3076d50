"""Who may do what: every path and method, by nobody and by each role."""

import re

import pytest

from stand.servers import ROOT
from stand.world import USERS

ROLES = [None, "viewer", "operator", "administrator"]
# Of nothing that is there, so that a request that is let through changes nothing.
ID = "01900000-0000-7000-8000-000000000000"

# The case of AdminRoute: its path, and for each method the least role (everybody: None).
ROUTES = {
    "overview": ("/admin", {"GET": "viewer"}),
    "live": ("/admin/live", {"GET": "viewer"}),
    "signIn": ("/admin/sign-in", {"GET": None, "POST": None}),
    "signOut": ("/admin/sign-out", {"POST": "viewer"}),
    "account": ("/admin/account", {"GET": "viewer", "POST": "viewer"}),
    "tasks": ("/admin/tasks", {"GET": "viewer", "POST": "operator"}),
    "newTask": ("/admin/tasks/new", {"GET": "operator"}),
    "task": (f"/admin/tasks/{ID}", {"GET": "viewer"}),
    "editTask": (f"/admin/tasks/{ID}/edit", {"GET": "operator", "POST": "operator"}),
    "steer.cancel": (f"/admin/tasks/{ID}/cancel", {"POST": "operator"}),
    "steer.run": (f"/admin/tasks/{ID}/run", {"POST": "operator"}),
    "steer.retry": (f"/admin/tasks/{ID}/retry", {"POST": "operator"}),
    "steer.duplicate": (f"/admin/tasks/{ID}/duplicate", {"POST": "operator"}),
    "deadLetters": ("/admin/dead-letters", {"GET": "viewer"}),
    "retryDeadLetters": ("/admin/dead-letters/retry", {"GET": "operator", "POST": "operator"}),
    "operation": ("/admin/operations/4000000000", {"GET": "viewer"}),
    "cancelOperation": ("/admin/operations/4000000000/cancel", {"POST": "operator"}),
    "quarantine": ("/admin/quarantine", {"GET": "viewer"}),
    "quarantined": (f"/admin/quarantine/{ID}", {"GET": "viewer"}),
    "decide.retry": (f"/admin/quarantine/{ID}/retry", {"POST": "operator"}),
    "decide.delete": (f"/admin/quarantine/{ID}/delete", {"POST": "operator"}),
    "queues": ("/admin/queues", {"GET": "viewer", "POST": "operator"}),
    "queue": ("/admin/queues/nobody", {"GET": "viewer", "POST": "operator"}),
    "setQueue.pause": ("/admin/queues/nobody/pause", {"POST": "operator"}),
    "setQueue.resume": ("/admin/queues/nobody/resume", {"POST": "operator"}),
    "setQueue.purge": ("/admin/queues/nobody/purge", {"POST": "operator"}),
    "setQueue.delete": ("/admin/queues/nobody/delete", {"POST": "operator"}),
    "schedules": ("/admin/schedules", {"GET": "viewer", "POST": "operator"}),
    "newSchedule": ("/admin/schedules/new", {"GET": "operator"}),
    "schedule": ("/admin/schedules/nothing", {"GET": "viewer"}),
    "steerSchedule.pause": ("/admin/schedules/nothing/pause", {"POST": "operator"}),
    "steerSchedule.resume": ("/admin/schedules/nothing/resume", {"POST": "operator"}),
    "steerSchedule.run": ("/admin/schedules/nothing/run", {"POST": "operator"}),
    "steerSchedule.delete": ("/admin/schedules/nothing/delete", {"POST": "operator"}),
    "destinations": ("/admin/destinations", {"GET": "viewer", "POST": "operator"}),
    "destination": ("/admin/destinations/77", {"GET": "viewer", "POST": "operator"}),
    "setDestination.pause": ("/admin/destinations/77/pause", {"POST": "operator"}),
    "setDestination.resume": ("/admin/destinations/77/resume", {"POST": "operator"}),
    "setDestination.test": ("/admin/destinations/77/test", {"POST": "operator"}),
    "setDestination.secret": ("/admin/destinations/77/secret", {"POST": "operator"}),
    "setDestination.drop": ("/admin/destinations/77/drop", {"POST": "operator"}),
    "setDestination.delete": ("/admin/destinations/77/delete", {"POST": "operator"}),
    "instances": ("/admin/instances", {"GET": "viewer"}),
    "users": ("/admin/users", {"GET": "administrator", "POST": "administrator"}),
    "newUser": ("/admin/users/new", {"GET": "administrator"}),
    "user": ("/admin/users/4000000", {"GET": "administrator", "POST": "administrator"}),
    "changeUser.password": ("/admin/users/4000000/password", {"POST": "administrator"}),
    "changeUser.disable": ("/admin/users/4000000/disable", {"POST": "administrator"}),
    "changeUser.enable": ("/admin/users/4000000/enable", {"POST": "administrator"}),
    "changeUser.delete": ("/admin/users/4000000/delete", {"POST": "administrator"}),
    "keys": ("/admin/keys", {"GET": "administrator", "POST": "administrator"}),
    "changeKey.disable": ("/admin/keys/4000000/disable", {"POST": "administrator"}),
    "changeKey.delete": ("/admin/keys/4000000/delete", {"POST": "administrator"}),
    "audit": ("/admin/audit", {"GET": "administrator"}),
    "moved": ("/admin/home/index", {"GET": None}),
}
METHODS = ["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND"]


def test_the_table_has_every_route():
    source = (ROOT / "Sources/Web/Admin/Route/AdminRoute.swift").read_text()
    routes = source[:source.index("static let root")]
    choices = {
        name: re.findall(r"\w+", cases)
        for name, cases in re.findall(r"enum (\w+): String, CaseIterable { case ([\w, ]+) }", routes)
    }
    expected = set()
    for name, kinds in re.findall(r"^    case (\w+)(?:\((.*)\))?$", routes, re.M):
        choice = next((choices[kind] for kind in re.findall(r"\w+", kinds) if kind in choices), None)
        expected |= {f"{name}.{each}" for each in choice} if choice else {name}
    assert len(expected) > 30
    assert set(ROUTES) == expected


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("route", ROUTES)
def test_access(world, route, role):
    path, methods = ROUTES[route]
    for method in METHODS:
        client = world.client(USERS[role]) if role else world.client()
        if (route, method) == ("signOut", "POST") and role:  # a session of its own, because it ends
            client = world.client().sign_in(USERS[role], world.password_of(USERS[role]))
        needed = methods.get("GET" if method == "HEAD" else method, "nobody")
        fields = {"csrf": client.csrf()} if client.cookies else {}
        body = "&".join(f"{name}={value}" for name, value in fields.items()).encode()
        answer = client.send(
            method, path, body if method == "POST" else None, reads=route != "live",
            headers={"Origin": world.address, "Content-Type": "application/x-www-form-urlencoded"})
        said = f"{method} {path} by {role}: {answer.status} {answer.location}"
        if needed == "nobody":
            assert answer.status == 405, said
            assert set(answer.headers["Allow"].split(", ")) == set(methods), said
        elif ROLES.index(role) >= ROLES.index(needed):
            assert answer.status in (200, 301, 303, 403, 404, 422), said
            # Of the sign-in form alone, for which there is no token here.
            assert answer.status != 403 or route == "signIn", said
            assert not (answer.location or "").startswith("/admin/sign-in?next"), said
        elif role is None:
            assert answer.status == 303 and answer.location.startswith("/admin/sign-in"), said
        else:
            assert answer.status == 403, said


@pytest.mark.parametrize("path", [
    "/admin/", "/admin//tasks", "/admin/tasks/", "/admin/tasks/x", "/admin/users/x", "/admin/users/-0x1", "/admin/x/y/z/w",
    "/admin/tasks/" + ID + "/explode", "/admin/queues//pause", "/admin/queues/%zz/pause", "/admin/TASKS", "/admin/%74asks",
    "/admin/tasks/..", "/admin/./tasks", "/admin/users/99999999999999999999", "/admin/operations/-1",
    "/admin/operations/18446744073709551616", "/admin/" + "a" * 600, "/admin/tasks;x=1", "/admin/tasks%00", "/admin/queues/%C3%A9/pause", "/admin/queues/%00/resume", "/admin/queues/%FF/pause",
])
def test_odd_paths(world, path):
    for client in [world.client(), world.client("admin")]:
        for method in ["GET", "POST"]:
            answer = client.post(path) if method == "POST" else client.get(path)
            assert answer.status in (200, 303, 404, 405, 422), f"{method} {path}: {answer.status}"
