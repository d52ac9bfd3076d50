"""schedulerd from Python, without packages: asks for a call, safely again when there is no answer, and waits for its end.

    SCHEDULERD_URL=http://127.0.0.1:8080 [SCHEDULERD_API_KEY=…] python3 client.py URL_TO_CALL
"""

import json
import os
import sys
import time
import urllib.error
import urllib.request
import uuid

SERVER = os.environ.get("SCHEDULERD_URL", "http://127.0.0.1:8080")


class Refused(Exception):
    """An answer that says what is wrong."""

    def __init__(self, status, problem):
        super().__init__(f"{status}: {problem.get('detail')}")
        self.status, self.problem = status, problem


def call(method, path, document=None, **headers):
    headers = {name.replace("_", "-"): value for name, value in headers.items()}
    headers["Content-Type"] = "application/json"
    if key := os.environ.get("SCHEDULERD_API_KEY"):
        headers["Authorization"] = f"Bearer {key}"
    body = None if document is None else json.dumps(document).encode()
    request = urllib.request.Request(SERVER + path, body, headers, method=method)
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return json.load(answer)
    except urllib.error.HTTPError as error:
        raise Refused(error.code, json.load(error)) from None


def create(task):
    """One key for one request, however often it is sent: it makes one task."""
    key = str(uuid.uuid4())
    for attempt in range(1, 6):
        try:
            return call("POST", "/v1/tasks", task, Idempotency_Key=key)
        except (OSError, Refused) as error:
            is_final = isinstance(error, Refused) and error.status < 500 and error.status not in (409, 429)
            if is_final or attempt == 5:
                raise
        time.sleep(0.2 * 2 ** attempt)


def main():
    task = create({"plan_time": time.time() + 0.2, "request": {"url": sys.argv[1], "body": "order=42"}, "labels": {"order": "42"}})
    path = f"/v1/tasks/{task['id']}"
    try:   # another time, if nobody has changed the task meanwhile
        call("PATCH", path, {"plan_time": 0}, If_Match=f'"{task["version"]}"')
    except Refused as error:
        if error.status not in (409, 412):
            raise
    for _ in range(100):
        if task["state"] in ("succeeded", "dead", "cancelled"):
            break
        time.sleep(0.1)
        task = call("GET", path)
    print(task["id"], task["state"])


if __name__ == "__main__":
    main()
