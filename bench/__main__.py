"""`python -m bench NAME` (bin/bench): one measurement of the running stack; the last line is one JSON object
of figures."""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Callable, Mapping
from pathlib import Path

from bench import imports, listing, live, mailflow, memory, outage, zone
from bench.stack import Stack

BENCHES: dict[str, Callable[[Stack], Mapping[str, float]]] = {
    "import": imports.run,
    "list": listing.run,
    "live": live.run,
    "outage": outage.run,
    "mailflow": mailflow.run,
    "memory": memory.run,
    "zone": zone.run,
}


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/bench", description=__doc__)
    parser.add_argument("name", choices=sorted(BENCHES))
    parser.add_argument("--endpoints", type=Path, help="the stack's endpoints.json")
    given = parser.parse_args()
    figures = BENCHES[given.name](Stack.load(given.endpoints))
    sys.stdout.write(json.dumps(figures) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
