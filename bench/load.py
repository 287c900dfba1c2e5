"""Fifty people click through the panel for a minute, each signed in, through Caddy and its TLS, pausing one
to three seconds between two clicks: lists, searches, edits by the pages' own forms, tracking, zones, guides.
A reseller with 40 clients, 5,000 mailboxes and 100,000 tracked messages is made for it in the running
instance, and taken away again. Signing in is not measured."""

from __future__ import annotations

import contextlib
import json
import secrets
import subprocess
import sys
import threading
import time
from collections import defaultdict
from collections.abc import Iterator

from bench.clients import until
from bench.figures import percentile, say
from bench.journey import PanelError, badge
from bench.load_people import Asked, Visitor
from bench.stack import ROOT, Stack

SECONDS = 60.0
SETTLED_WITHIN = 180.0
SHOWN = 12  # of the slowest pages, and of the errors


def run(stack: Stack, size: int = int(SECONDS)) -> dict[str, float]:
    """Keys ``errors`` (what was not answered as expected), ``p95_ms``, ``p50_ms``, ``requests``,
    ``people``."""
    with house(stack) as visitors:
        asked = clicked(visitors, float(size))
    return told(asked) | {"people": len(visitors)}


@contextlib.contextmanager
def house(stack: Stack) -> Iterator[list[Visitor]]:
    """Made, and all of it live, before anybody comes."""
    tag = f"load{secrets.token_hex(3)}"
    begun = time.monotonic()
    try:
        people = json.loads(seed(stack, "make", tag))
        visitors = [Visitor(stack=stack, number=number, **one) for number, one in enumerate(people)]
        for visitor in visitors:
            visitor.sign_in()
        quiet(visitors[0])
        say(f"{tag} stands after {time.monotonic() - begun:.0f} s, {len(visitors)} people are signed in")
        yield visitors
    finally:
        seed(stack, "drop", tag)
        say(f"{tag} is taken away")


def seed(stack: Stack, word: str, tag: str) -> str:
    argv = [sys.executable, "-m", "bench.load_seed", word, tag]
    if "panel_env" in stack.raw:
        argv = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"], *argv]
    done = subprocess.run(argv, cwd=ROOT, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PanelError(f"bench.load_seed {word}: {done.stderr.strip().splitlines()[-3:]}")
    return done.stdout


def quiet(visitor: Visitor) -> None:
    """Until the nodes have taken what was made: that work is not what is measured."""
    key = f"mailbox/person1@{visitor.domains[-1]}"
    until(
        lambda: 'class="st ok"' in badge(visitor.browser, key) or None,
        within=SETTLED_WITHIN,
        what=f"{key} live",
        every=0.5,
    )


def clicked(visitors: list[Visitor], seconds: float) -> list[Asked]:
    over = threading.Event()
    threads = [threading.Thread(target=visitor.run, args=(over,)) for visitor in visitors]
    cpu = time.process_time()
    for thread in threads:
        thread.start()
    over.wait(seconds)
    over.set()
    for thread in threads:
        thread.join()
    say(f"the people themselves took {(time.process_time() - cpu) / seconds:.2f} of a core")
    return [one for visitor in visitors for one in visitor.asked]


def told(asked: list[Asked]) -> dict[str, float]:
    pages: defaultdict[str, list[float]] = defaultdict(list)
    for one in asked:
        pages[one.page].append(one.seconds * 1000)
    slowest = sorted(pages.items(), key=lambda page: -percentile(page[1], 0.95))
    for name, spent in slowest[:SHOWN]:
        slow, usual = percentile(spent, 0.95), percentile(spent, 0.5)
        say(f"{slow:7.0f} ms p95 {usual:6.0f} ms p50 {len(spent):5d} × {name}")
    wrong = [one.wrong for one in asked if one.wrong]
    for text in wrong[:SHOWN]:
        say(f"error: {text}")
    every = [one.seconds * 1000 for one in asked]
    return {
        "errors": len(wrong),
        "p95_ms": round(percentile(every, 0.95), 1),
        "p50_ms": round(percentile(every, 0.5), 1),
        "requests": len(every),
    }
