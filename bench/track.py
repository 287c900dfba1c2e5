"""Track Delivery's pages over ten million rows of 30 days and 1,000 domains (bench/track_pages.py, in a
database of its own), and how long a line takes from the log file to the list of the running stack."""

# ruff: noqa: E501 - a log line in one piece
from __future__ import annotations

import os
import secrets
import time
from collections.abc import Callable
from pathlib import Path

from bench import clients, journey
from bench.figures import percentile, say
from bench.listing import in_own_database
from bench.people import throw_away
from bench.stack import Stack
from bench.web import Browser

ROWS = 10_000_000
LINES = 30  # whose way to the list is timed
WITHIN = 30.0


def run(stack: Stack, size: int = ROWS) -> dict[str, float]:
    """Keys ``list_p95_ms``, ``search_p95_ms``, ``journey_p95_ms``: server time, each the worst page's;
    ``lag_p50_ms``: line written to seen in the list."""
    lag = lag_p50_ms(stack)
    os.environ["POSTROOM_BENCH_ROWS"] = str(size)
    return in_own_database(stack, "bench.track_pages") | {"lag_p50_ms": lag}


def _shown(browser: Browser, path: str, text: str) -> Callable[[], bool | None]:
    return lambda: text in browser.open(path).text or None


def lag_p50_ms(stack: Stack) -> float:
    """Refusals written into the mail log by hand, looked for in the list as a browser does."""
    browser = journey.sign_in(stack, *throw_away(stack)[0])
    domain = f"bench-{secrets.token_hex(4)}.test"
    journey.add_domain(browser, domain)
    log = Path(str(stack.raw["state"])) / "mail1" / "log" / "mail.log"
    spent = []
    try:
        for number in range(LINES):
            local = f"nobody{number}x"
            address = f"{local}@{domain}"
            line = (
                f"{time.strftime('%b %e %H:%M:%S')} mail1 postfix/smtpd[77]: NOQUEUE: reject: RCPT from"
                f" h{number}.example[192.0.2.{number + 1}]: 550 5.1.1 <{address}>: Recipient address rejected: User"
                f" unknown; from=<a@b.example> to=<{address}> proto=ESMTP helo=<h>\n"
            )
            with log.open("a") as file:
                begun = time.perf_counter()
                file.write(line)
            clients.until(
                _shown(browser, f"/domains/{domain}/track/", local),
                within=WITHIN,
                what=f"{address} in the list",
                every=0.02,
            )
            spent.append((time.perf_counter() - begun) * 1000)
    finally:
        journey.delete_domain(browser, domain)
    say(f"line to list: p50 {percentile(spent, 0.5):.0f} ms, p95 {percentile(spent, 0.95):.0f} ms")
    return round(percentile(spent, 0.5), 1)
