"""The pages read from a replica, which lags, hangs, dies and comes back. Two MariaDB servers with replication; no browser."""

import json
import re
import signal
import socket
import subprocess

import pytest

from stand.client import Client
from stand.schedulerd import PROGRAM, Schedulerd
from stand.servers import Replica, Servers
from stand.wait import until

FROM_REPLICA = "Read from the replica, as it was"
AWAY = "The replica is away: this page was read from the primary database."
OWN_CHANGE = "Read from the primary database, until the replica has what you changed."


@pytest.fixture(scope="module")
def primary(folder):
    servers = Servers(folder / "primary", "--server-id=1 --log-bin --binlog-format=ROW --log-slave-updates")
    yield servers
    servers.stop()


@pytest.fixture(scope="module")
def replica(folder, primary):
    replica = Replica(folder / "replica", primary)
    yield replica
    replica.signal(signal.SIGCONT)
    replica.stop()


@pytest.fixture(scope="module")
def instances(primary, replica, artefacts):
    """Two that read from the replica: one may fall back."""
    running = []
    try:
        for name, fallback in [("falling", "on"), ("sparing", "off")]:
            running.append(Schedulerd(
                name, primary, artefacts, cluster={"heartbeat_s": 1}, metrics={"port": free_port()},
                slave_db={"socket": replica.database_socket, "db_pwd": replica.password, "max_lag_s": 4, "fallback": fallback}))
        yield running
    finally:
        statuses = {instance.stop() for instance in running}
    assert statuses == {0}


@pytest.fixture(autouse=True)
def healthy(replica, instances):
    yield
    replica.sql("START SLAVE")
    for instance in instances:
        await_replica(instance.client("admin"))


def free_port():
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        return listener.getsockname()[1]


def remark(answer):
    """What the page says of where it was read."""
    found = re.search(r'<p class="(?:hint reading|notice warning)"[^>]*>(.*?)</p>', answer.text)
    return found.group(1) if found else ""


def metrics(instance):
    port = json.loads(instance.configuration.read_text())["metrics"]["port"]
    text = Client(f"http://127.0.0.1:{port}").get("/metrics").text
    return {name: float(value) for name, value in re.findall(r"^schedulerd_replica_(\w+) (\S+)$", text, re.M)}


def doctor(instance):
    """The levels of what it found about the replica."""
    printed = subprocess.run(
        [PROGRAM, "doctor", "--json", "--config", instance.configuration], stdout=subprocess.PIPE, text=True,
        env=instance.environment, timeout=60).stdout
    return [finding["level"] for finding in json.loads(printed)["findings"] if finding["subject"].startswith("replica")]


def export(instance):
    """Status, what was written, and what was said of where it was read."""
    done = subprocess.run(
        [PROGRAM, "export", "tasks", "--from", "2026-01-01T00:00:00Z", "--format", "jsonl", "--config", instance.configuration],
        stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, env=instance.environment, timeout=60)
    return done.returncode, done.stdout, done.stderr


def await_replica(client, path="/admin/tasks"):
    until(lambda: remark(client.get(path)).startswith(FROM_REPLICA), f"{path} is read from the replica")


def test_pages_are_read_from_the_replica(instances, replica, receiver):
    instance = instances[0]
    client = instance.client("admin")
    for path in ["/admin", "/admin/tasks", "/admin/dead-letters", "/admin/quarantine", "/admin/queues"]:
        await_replica(client, path)
    # What decides, and who lives, is told by the primary.
    for path in ["/admin/instances", "/admin/users", "/admin/audit", "/admin/tasks/new"]:
        assert remark(client.get(path)) == "", path
    # Something that is nowhere but on the replica is seen.
    id = instance.add_task(receiver.url("/seen"), 3600)
    until(lambda: replica.sql("SELECT COUNT(*) FROM tasks", instance.database) == [["1"]], "the task is replicated")
    replica.sql("UPDATE tasks SET labels = '{\"only\":\"here\"}'", instance.database)
    until(lambda: "only" in client.get(f"/admin/tasks/{id}").text, "the page shows what is on the replica")
    assert "only" not in Client(instance.address).get(f"/v1/tasks/{id}").text
    status, written, said = export(instance)
    assert status == 0 and "only" in written
    assert re.fullmatch(r"schedulerd: slave_db is read, which is \d+ s behind\n", said)
    figures = until(lambda: metrics(instance).get("up") == 1 and metrics(instance), "the replica is up")
    assert 0 <= figures["lag_seconds"] < 30
    assert doctor(instance) == ["ok", "ok", "ok"]


def test_who_changes_something_sees_it(instances, replica, receiver):
    instance = instances[1]
    client, other = instance.client("admin"), instance.client("admin")
    id = instance.add_task(receiver.url("/changed"), 3600)
    until(lambda: replica.sql("SELECT COUNT(*) FROM tasks", instance.database) == [["1"]], "the task is replicated")
    replica.sql("STOP SLAVE SQL_THREAD")
    assert client.post(f"/admin/tasks/{id}/cancel").status == 303
    page = client.get(f"/admin/tasks/{id}")
    assert 'class="state cancelled"' in page.text and remark(page) == OWN_CHANGE
    # Who did not change it sees it as it was.
    page = other.get(f"/admin/tasks/{id}")
    assert 'class="state scheduled"' in page.text and "replica" in remark(page)
    # What is not there yet is looked for on the primary.
    late = instance.add_task(receiver.url("/late"), 3600)
    assert other.get(f"/admin/tasks/{late}").status == 200
    replica.sql("START SLAVE SQL_THREAD")
    await_replica(client)
    assert 'class="state cancelled"' in client.get(f"/admin/tasks/{id}").text


def test_a_replica_that_lags(instances, replica, receiver):
    clients = [instance.client("admin") for instance in instances]
    replica.sql("STOP SLAVE SQL_THREAD")
    until(lambda: re.fullmatch(r"The replica is .* behind: this page was read from the primary database\.",
                               remark(clients[0].get("/admin/tasks"))), "it falls back")
    until(lambda: re.fullmatch(r"This page was read from a replica that is .* behind\.",
                               remark(clients[1].get("/admin/tasks"))), "it says how late the replica is")
    assert re.search(r"behind, more than slave_db.max_lag_s, so master_db is read\n$", export(instances[0])[2])
    assert re.search(r"slave_db is read, .* behind, more than slave_db.max_lag_s\n$", export(instances[1])[2])
    assert metrics(instances[0])["lag_seconds"] > 4
    assert doctor(instances[0]) == ["ok", "ok", "problem"]
    for instance in instances:
        instance.await_state(instance.add_task(receiver.url("/lagging")), "succeeded")


@pytest.mark.parametrize("how", ["killed", "halted"])
def test_a_replica_that_is_away(instances, replica, receiver, how):
    clients = [instance.client("admin") for instance in instances]
    replica.signal(signal.SIGKILL if how == "killed" else signal.SIGSTOP)
    try:
        # Within the second for which what was known of it holds.
        until(lambda: remark(clients[0].get("/admin/tasks")) == AWAY, "it falls back")
        assert clients[0].get("/admin/tasks").status == 200
        page = until(lambda: (page := clients[1].get("/admin/tasks")).status == 503 and page, "it refuses")
        assert "slave_db.fallback is off" in page.problem
        figures = metrics(instances[0])
        assert figures["up"] == 0 and "lag_seconds" not in figures
        assert doctor(instances[1]) == ["problem"]
        status, written, said = export(instances[0])
        assert status == 0 and written and said.startswith("schedulerd: slave_db is away, so master_db is read: ")
        status, written, said = export(instances[1])
        assert status == 1 and not written and "slave_db.fallback is off" in said
        # What was never read there is as ever, and the engine goes on.
        assert clients[1].get("/admin/instances").status == 200
        for instance in instances:
            instance.await_state(instance.add_task(receiver.url("/away")), "succeeded")
            assert instance.client().get("/readyz").status == 200
    finally:
        if how == "killed":
            replica.start_again()
        else:
            replica.signal(signal.SIGCONT)
    for client in clients:
        await_replica(client)
