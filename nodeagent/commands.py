"""The commands of ``python -m nodeagent`` that need the node's configuration."""

from __future__ import annotations

import logging
import sys
import warnings
from pathlib import Path

from nodeagent import sealing
from nodeagent.app import app
from nodeagent.config import load
from nodeagent.contract import node_queue
from nodeagent.node import prepare, this_node
from nodeagent.reporting import make_key


def worker() -> int:
    """Take the panel's tasks until told to stop. Opens the directory first: its files must be there for the
    servers."""
    # Two lines for each task say nothing that tasks.py does not say better.
    for name in ("celery.worker.strategy", "celery.app.trace"):
        logging.getLogger(name).setLevel(logging.WARNING)
    # It warns of root; which user runs it is deploy's choice.
    warnings.filterwarnings("ignore", module="celery.platforms")
    node = this_node()
    node.engine.directory.connection()
    running = app.Worker(
        hostname=f"agent@{node.config.name}",
        queues=[node_queue(node.config.name)],
        loglevel="INFO",
        # All three talk to other workers, through keys that this node's user may not touch.
        without_gossip=True,
        without_mingle=True,
        without_heartbeat=True,
        quiet=True,
    )
    running.start()
    return int(running.exitcode or 0)


def init() -> int:
    """Make what must be there before Postfix, Dovecot and rspamd start."""
    prepare(load())
    return 0


def keygen(file: str) -> int:
    """Make the node's signing key, if there is none, and print its public half."""
    sys.stdout.write(f"{make_key(Path(file))}\n")
    return 0


def sealkey(file: str) -> int:
    """Make the key that opens what the panel seals for this node, if there is none, and print its public
    half."""
    sys.stdout.write(f"{sealing.make_key(Path(file))}\n")
    return 0
