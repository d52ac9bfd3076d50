"""Runs schedulerd through faults on private servers and reconciles everything. Started by scripts/chaos."""

import argparse
import json
import os
import random
import signal
import sys
import time
import traceback
from itertools import chain

from bench import describe, merge, show
from faults import Faults
from messages import draining
from schedules import CASES as SCHEDULES
from stand import Failure, Stand
from story import story
from storm import Storm
from strains import CASES as STRAINS

CASES = {**STRAINS, "draining": draining, **SCHEDULES}


def main():
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("cases", nargs="*", metavar="CASE", help=f"storm, {', '.join(CASES)}; default: storm")
    parser.add_argument("--minutes", type=float, help="how long the storm lasts (30; short: 2.5)")
    parser.add_argument("--instances", type=int, help="how many (4; short: 3)")
    parser.add_argument("--tasks", type=int, help="how many (1,750 a minute; short: 1,200)")
    parser.add_argument("--faults", type=int, help="how many (4 a minute; short: each kind once)")
    parser.add_argument("--kinds", help=f"only these, with commas: {', '.join(Faults.KINDS)}")
    parser.add_argument("--seed", type=int, help="of the chance in it; default: a new one")
    parser.add_argument("--short", action="store_true", help="for every change, not for a release")
    parser.add_argument("--mysql", metavar="DIR", help="on the MySQL that scripts/mysql put there, instead of MariaDB")
    parser.add_argument("--json", metavar="FILE", default=".build/chaos.json", help="where the figures go (%(default)s)")
    parser.add_argument("--binary", help="a schedulerd built already")
    parser.add_argument("--tools", help=argparse.SUPPRESS)
    parser.add_argument("--folder", help=argparse.SUPPRESS)
    options = parser.parse_args()
    cases = options.cases or ["storm"]
    unknown = [name for name in cases if name != "storm" and name not in CASES]
    if unknown:
        parser.error(f"no such case: {', '.join(unknown)}")
    kinds = options.kinds.split(",") if options.kinds else list(Faults.KINDS)
    unknown = [kind for kind in kinds if kind not in Faults.KINDS]
    if unknown:
        parser.error(f"no such kind of fault: {', '.join(unknown)}")
    seed = options.seed if options.seed is not None else random.SystemRandom().randrange(1 << 31)
    options.seed = seed
    minutes = options.minutes or (2.5 if options.short else 30)

    begun, results, failed, reconciliation = time.time(), [], [], None
    root = os.path.dirname(os.path.dirname(os.path.abspath(__file__)))
    with Stand(root, os.path.abspath(options.binary), options.tools, options.folder,
               os.path.abspath(options.mysql) if options.mysql else None) as stand:
        about = {**describe(stand, options), "seed": seed}
        print("\n".join(f"{key}: {value}" for key, value in about.items()), flush=True)
        for name in cases:
            case = Storm if name == "storm" else CASES[name]
            print(f"\n{name}: {case.__doc__ or sys.modules[case.__module__].__doc__}", flush=True)
            started = time.monotonic()
            try:
                if name == "storm":
                    storm = Storm(stand, minutes, options.instances or (3 if options.short else 4), seed,
                                  options.tasks or int(minutes * (1200 if options.short else 1750)),
                                  options.faults or (len(kinds) if options.short else int(minutes * 4)), kinds,
                                  not options.short,
                                  lambda text: print(text, flush=True))
                    reconciliation = storm.run()
                    figures = reconciliation.figures()
                    print("  logged:", *(f"\n    {count:6} {text}" for text, count in storm.warnings().most_common(25)), flush=True)
                else:
                    figures = CASES[name](stand, options)
                stand.end_children()
            except Exception as error:   # the other cases can still be run
                failed.append(name)
                print(f"  FAILED: {error}" if isinstance(error, Failure) else traceback.format_exc())
                for child in stand.children:
                    print(f"\nthe end of {os.path.basename(child.log)}:\n{tail(child.log, 20)}", flush=True)
                stand.end_children()
                continue
            rows = [merge([figure]) for figure in figures]
            results.append({"case": name, "seconds": time.monotonic() - started, "figures": rows})
            show(rows, 1, 0)

    missed = [f"{r['case']}: {f['name']}: {f['value']:g}" for r in results for f in r["figures"] if f["met"] is False]
    if reconciliation and (missed or failed):
        explain(reconciliation, options.folder)
    # Last, where whoever has only the end of the output finds it.
    print(f"\n{len(results)} cases in {time.time() - begun:.0f} s;", f"{len(missed)} bounds missed, {len(failed)} cases failed; seed {seed}")
    for line in missed:
        print("  missed:", line)
    for line in reconciliation.details[:10] if reconciliation and missed else []:
        print("   ", line[:300])
    os.makedirs(os.path.dirname(os.path.abspath(options.json)), exist_ok=True)
    with open(options.json, "w") as file:
        json.dump({"about": about, "began": begun, "results": results, "failed": failed}, file, indent=2)
    sys.exit(1 if missed or failed else 0)


def explain(reconciliation, folder):
    """Prints what is wrong, and what happened to the first tasks that it is about; a file gets more of it."""
    details, serials = reconciliation.details, reconciliation.serials
    stories = [story(reconciliation, serial) for serial in serials[:40]]
    with open(os.path.join(folder, "details.txt"), "w") as file:
        file.write("\n".join(chain(details, *stories)) + "\n")
    print("", *(text[:1000] for text in details[:30]), *chain(*stories[:4]), sep="\n")
    for member in reconciliation.storm.members:
        for _, status, log in member.unexpected:
            print(f"\n{member.name} ended with {status}; the end of its log:\n{tail(log, 40)}")
    sys.stdout.flush()


def tail(path, count):
    with open(path, errors="replace") as file:
        return "".join(file.readlines()[-count:])


if __name__ == "__main__":
    main()
