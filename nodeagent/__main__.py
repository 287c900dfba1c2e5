"""``python -m nodeagent join | worker | ship | policy | queue | jobs | init | keygen FILE``: the node's
processes, configured by the environment."""

from __future__ import annotations

import importlib
import logging
import sys

from nodeagent.config import ConfigError
from nodeagent.directory import DirectoryError

# Loaded when called: the shipper has no use for Celery, nor the worker for the parsers, and both stay for
# months.
COMMANDS = {
    ("worker", 0): "nodeagent.commands:worker",
    ("init", 0): "nodeagent.commands:init",
    ("keygen", 1): "nodeagent.commands:keygen",
    ("sealkey", 1): "nodeagent.commands:sealkey",
    ("jobs", 0): "nodeagent.jobs.runner:main",
    ("job", 1): "nodeagent.jobs.doing:one",
    ("join", 0): "nodeagent.joining:main",
    ("ship", 0): "nodeagent.maillog.ship:main",
    ("policy", 0): "nodeagent.answering:main",
    ("senders", 0): "nodeagent.senders:main",
    ("queue", 0): "nodeagent.queue.door:main",
}
USAGE = (
    "usage: python -m nodeagent join | worker | ship | policy | queue |"
    " jobs | job ID | init | keygen FILE | sealkey FILE\n"
)
EX_USAGE = 64
EX_CONFIG = 78


def main(argv: list[str]) -> int:
    target = COMMANDS.get((argv[0], len(argv) - 1)) if argv else None
    if target is None:
        sys.stderr.write(USAGE)
        return EX_USAGE
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s: %(message)s")
    module, _, function = target.partition(":")
    try:
        return int(getattr(importlib.import_module(module), function)(*argv[1:]) or 0)
    except (ConfigError, DirectoryError) as error:
        sys.stderr.write(f"nodeagent: {error}\n")
        return EX_CONFIG


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
