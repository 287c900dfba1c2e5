"""How long an empty node takes until 100,000 mailboxes are live on it again.

The mailboxes are made and live; then the node's directory (rows and ledger) is deleted while the servers that
read it are stopped, and made anew as for a new machine. ``rebuild_s``: from the provider's command, after
which the agent is started, until the panel has the node's proof of every mailbox and domain.
"""

from __future__ import annotations

import subprocess
import sys
import time
from collections.abc import Mapping
from pathlib import Path

from bench.boxes import Boxes, control, spent
from bench.figures import say
from bench.journey import PanelError
from bench.stack import ROOT, Stack

MAILBOXES = 100_000
PATIENCE = 300.0
READERS = ("agent", "policy", "senders", "dovecot", "postfix")  # of the directory; the agent writes


def run(stack: Stack, size: int = MAILBOXES) -> Mapping[str, float]:
    """Keys ``rebuild_s``, ``mailboxes``; seconds of CPU and memory of who took part."""
    with Boxes(stack, size) as boxes:
        boxes.domains_live()
        boxes.push()
        boxes.all_live(within=PATIENCE)
        say("all are live; the node's directory is lost now")
        _lose(stack)
        figures = _rebuild(stack, boxes)
        boxes.sign_in()
        return figures | {"mailboxes": boxes.each * len(boxes.names)}


def _lose(stack: Stack) -> None:
    control(stack, "stop", *READERS)
    try:
        database = Path(stack.raw["node"]["directory_db"])
        for file in (database, *(database.with_name(f"{database.name}{end}") for end in ("-wal", "-shm"))):
            file.unlink()
        # As deploy/stack makes it: by root, who gives it to the agent and its readers.
        argv = [str(ROOT / "deploy" / "with-env"), stack.raw["node"]["env"]]
        subprocess.run([*argv, sys.executable, "-m", "nodeagent", "init"], check=True, cwd=ROOT)
    finally:
        control(stack, "start", *(name for name in READERS if name != "agent"))


def _rebuild(stack: Stack, boxes: Boxes) -> dict[str, float]:
    """``told_s``: when the command had said all, also what is missing."""
    begun = time.monotonic()
    with _command(stack, boxes.node) as command:
        boxes.seen_lost(within=PATIENCE)
        control(stack, "start", "agent")
        with spent(stack) as used:
            boxes.all_live(within=PATIENCE)
        took = time.monotonic() - begun
        said, complaint = command.communicate(timeout=PATIENCE)
    say(said.strip()[-300:])
    if command.returncode:
        raise PanelError(f"manage.py node rebuild: {complaint.strip()[-300:]}")
    return {"rebuild_s": round(took, 1), "told_s": round(time.monotonic() - begun, 1), **used}


def _command(stack: Stack, node: str) -> subprocess.Popen[str]:
    """What the provider types."""
    argv = [
        str(ROOT / "deploy" / "with-env"),
        stack.raw["panel_env"],
        sys.executable,
        str(ROOT / "manage.py"),
    ]
    argv += ["node", "rebuild", node]
    return subprocess.Popen(argv, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, cwd=ROOT)
