"""`python -m bench NAME` (bin/bench): one measurement of the running stack; the last line is one JSON object
of figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import imports, ingest, listing, live, load, mailflow, memory, outage, push, rebuild, track, zone
from bench.stack import Stack

BENCHES: dict[str, Callable[..., Mapping[str, float]]] = {
    "import": imports.run,
    "ingest": ingest.run,
    "list": listing.run,
    "live": live.run,
    "load": load.run,
    "outage": outage.run,
    "mailflow": mailflow.run,
    "memory": memory.run,
    "push": push.run,
    "rebuild": rebuild.run,
    "track": track.run,
    "zone": zone.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--endpoints", type=Path, help="the stack's endpoints.json")
    parser.add_argument(
        "--size",
        type=int,
        help="smaller than the goal's: lines, rows or mailboxes",
    )
    given = parser.parse_args()
    sized = {} if given.size is None else {"size": given.size}
    figures = BENCHES[given.name](Stack.load(given.endpoints), **sized)
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
