"""Waiting for what must come."""

import time

LIMIT = 30


def until(condition, what, limit=LIMIT):
    """Gives what `condition` gives as soon as that is true; fails after `limit` seconds."""
    end = time.monotonic() + limit
    while True:
        value = condition()
        if value:
            return value
        if time.monotonic() > end:
            raise AssertionError(f"after {limit} s still not: {what}")
        time.sleep(0.02)
