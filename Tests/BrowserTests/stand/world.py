"""A cluster with something of everything: tasks in each state, dead letters, messages in quarantine, users."""

import json
import threading

from stand.schedulerd import Schedulerd
from stand.wait import until

SOURCE = "browser_tasks"
USERS = {"viewer": "vera", "operator": "oscar", "administrator": "admin"}
HISTORY = 230


class World(Schedulerd):
    def __init__(self, servers, folder, receiver):
        super().__init__(
            "world", servers, folder,
            intake={"sources": [{"key": SOURCE, "kind": "list", "queue": "old"}]},
            claim={"poll_max_ms": 200, "ready_poll_ms": 50},
            # One receiver is here for those that work and those that fail.
            breaker={"failures": 0},
        )
        self.receiver = receiver
        self.hold = threading.Event()

    def fill(self):
        receiver = self.receiver
        receiver.answer("/ok", text='{"success": true}')
        receiver.answer("/broken", 500, "<b>out of order</b>")
        receiver.answer("/hold", gate=self.hold)
        self.add_user("vera", "viewer")
        self.add_user("oscar", "operator")
        self.tasks = {}
        self.tasks["scheduled"] = self.add_task(
            receiver.url("/ok"), 86_400, labels={"order": "42"},
            request={"headers": {"X-Shop": "north", "Authorization": "Bearer s3cret"}, "body": '{"order": 42}'},
        )
        self.tasks["succeeded"] = self.add_task(receiver.url("/ok"), labels={"order": "43"})
        self.tasks["dead"] = self.add_task(receiver.url("/broken"), retry={"max_retries": 1, "delays": [0.1]}, queue="mail")
        self.tasks["retrying"] = self.add_task(receiver.url("/broken"), retry={"max_retries": 3, "delays": [3600]})
        self.tasks["cancelled"] = self.add_task(receiver.url("/ok"), 3600)
        self.client("oscar").post(f"/admin/tasks/{self.tasks['cancelled']}/cancel")
        self.tasks["running"] = self.add_task(receiver.url("/hold"), timeout_ms=600_000, on_lost="dead")
        for index in range(HISTORY):
            self.add_task(receiver.url(f"/page/{index}"), 7200 + index, queue="many")
        for state, id in self.tasks.items():
            self.await_state(id, state)
        answer = self.client().json("PUT", "/v1/destinations/https%3A%2F%2Fshop.example", {"rate": 2.5, "notes": "contract of <b>May</b>"})
        assert answer.status == 201, answer.text
        self.destination = json.loads(answer.text)["id"]
        self.message = self.quarantine("neither JSON nor <b>anything else</b>")

    def quarantine(self, text):
        """Puts a message into Redis that cannot become a task. - Returns: its id."""
        known = {message["id"] for message in self._quarantined()}
        self.servers.redis("LPUSH", SOURCE, text, database=self.redis_database)
        return until(lambda: [each["id"] for each in self._quarantined() if each["id"] not in known], "it is there")[0]

    def _quarantined(self):
        return json.loads(self.client().get("/v1/quarantine").text)["messages"]

    def stop(self):
        self.hold.set()
        return super().stop()
