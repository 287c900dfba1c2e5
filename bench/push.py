"""How fast states reach a node in bulk, how fast it catches up after it was away, and how long an edit takes
meanwhile.

``states_per_s``: from the moment before the transaction that enqueues 100,000 mailboxes until the panel has
the node's proof of the last one. ``catchup_s``: from the start of the agent's process until the last of
1,000 edits of 250 mailboxes, made while it was stopped, is live.
"""

from __future__ import annotations

import re
import secrets
import threading
import time
from collections.abc import Mapping
from pathlib import Path

from bench import journey
from bench.boxes import Boxes, control, spent
from bench.figures import percentile, say
from bench.people import throw_away
from bench.stack import Stack

STATES = 100_000
EDITED, EDITS_EACH = 250, 4
PATIENCE = 300.0


def run(stack: Stack, size: int = STATES) -> Mapping[str, float]:
    """Keys ``states_per_s``, ``catchup_s``; ``sendings_per_object`` (1: perfectly coalesced);
    ``edit_worst_s`` and
    ``edit_p50_s`` (from the page after the form to live, during the push); seconds of CPU and memory."""
    with Boxes(stack, size) as boxes:
        boxes.domains_live()
        figures = _bulk(stack, boxes)
        boxes.sign_in()
        say(f"{figures}")
        return figures | _catch_up(stack, boxes)


def _bulk(stack: Stack, boxes: Boxes) -> dict[str, float]:
    with _Editing(stack) as editing, spent(stack) as used:
        say("they are pushed")
        begun = time.monotonic()
        enqueued = boxes.push()
        boxes.all_live(within=PATIENCE)
        took = time.monotonic() - begun
    count = enqueued["count"]
    return {
        "states": count,
        "states_per_s": round(count / took),
        "enqueue_s": round(enqueued["seconds"], 2),
        **used,
        **editing.figures(),
    }


def _catch_up(stack: Stack, boxes: Boxes) -> dict[str, float]:
    control(stack, "stop", "agent")
    before = _applied(stack)
    try:
        made = boxes.ask("edit", boxes=EDITED, rounds=EDITS_EACH)
        say(f"{EDITED * EDITS_EACH} edits in {made['seconds']:.1f} s while the agent is away")
        begun = time.monotonic()
    finally:
        starting = threading.Thread(target=control, args=(stack, "start", "agent"))
        starting.start()
    boxes.all_live(within=PATIENCE)
    took = time.monotonic() - begun
    starting.join()
    went = _applied(stack) - before
    return {
        "catchup_s": round(took, 2),
        "edits": EDITED * EDITS_EACH,
        "sendings_per_object": round(went / EDITED, 2),
    }


def _applied(stack: Stack) -> int:
    """States that the agent has had since its log began."""
    text = (Path(stack.raw["state"]) / "log" / "agent.log").read_text(encoding="utf-8", errors="replace")
    return sum(map(int, re.findall(r"nodeagent\.tasks: (\d+) states: ", text)))


class _Editing:
    """Somebody makes mailboxes by the form meanwhile, one after the other."""

    def __init__(self, stack: Stack) -> None:
        self._browser = journey.sign_in(stack, *throw_away(stack)[0])
        self._domain = f"calm-{secrets.token_hex(4)}.test"
        self._end = threading.Event()
        self._thread = threading.Thread(target=self._work, daemon=True)
        self._lives: list[float] = []
        self._failed = 0

    def __enter__(self) -> _Editing:
        journey.add_domain(self._browser, self._domain)
        journey.live(self._browser, f"mail_domain/{self._domain}")
        self._thread.start()
        return self

    def __exit__(self, *_error: object) -> None:
        self._end.set()
        self._thread.join()
        journey.delete_domain(self._browser, self._domain)

    def _work(self) -> None:
        number = 0
        while not self._end.wait(0.5):
            number += 1
            local = f"calm{number:04}"
            try:
                journey.make_mailbox(self._browser, self._domain, local, secrets.token_urlsafe(12), "10 MB")
                answered = time.monotonic()
                journey.live(self._browser, f"mailbox/{local}@{self._domain}")
                self._lives.append(time.monotonic() - answered)
            except (OSError, LookupError, journey.PanelError, TimeoutError) as error:
                say(f"{local}: {error}")
                self._failed += 1

    def figures(self) -> dict[str, float]:
        lives = self._lives or [0.0]
        return {
            "meanwhile": len(self._lives),
            "meanwhile_failed": self._failed,
            "edit_p50_s": round(percentile(lives, 0.5), 3),
            "edit_worst_s": round(max(lives), 3),
        }
