"""What an instance takes that has nothing to do, and what one entry of its wheel does."""

import os
import subprocess
import time

from figures import Figure
from stand import Failure


def idle(stand, scale):
    """Instances with nothing to do, one and four."""
    figures = []
    for instances in (1, 4):
        name = f"{instances} instance{'s' if instances > 1 else ''}"
        database = stand.database("idle")
        running = [stand.instance(database, f"i{i}") for i in range(instances)]
        time.sleep(5)
        # What asking costs by itself, to be taken off.
        own = [b - a for a, b in zip(stand.status("Questions"), stand.status("Questions"))][0]
        before, cpu_before, begun = stand.status("Questions")[0], sum(i.cpu() for i in running), time.monotonic()
        time.sleep(scale.idle_seconds)
        asked, cpu_used = stand.status("Questions")[0] - before - own, sum(i.cpu() for i in running) - cpu_before
        seconds = time.monotonic() - begun
        figures += [
            Figure(f"{name}: statements/s each", asked / seconds / instances, at_most=3),
            Figure(f"{name}: CPU each", 100 * cpu_used / seconds / instances, "%", at_most=0.5),
            Figure(f"{name}: RSS", max(i.memory_mb() for i in running), "MB", at_most=60),
        ]
        stand.end_children()
    return figures


def memory(stand, scale):
    """A million entries in the wheel, in a process of its own: what each takes."""
    program = os.path.join(os.path.dirname(stand.binary), "measure")
    if not os.path.exists(program):
        raise Failure(f"{program} is not there: swift build -c release --product measure")
    out = subprocess.run([program, "memory", "1000000"], stdout=subprocess.PIPE, text=True, check=True).stdout
    return [Figure("an entry of a million", float(out), "bytes", at_most=100)]
