"""How long from "Apply" in the Zone Editor to the answer of the authoritative name server, and what large
zones and many zones cost.

``answer``: from the moment the form is sent, its own time included, until the name server answers over UDP
with what was applied; it is asked all the while. ``set500``: 500 records from a pasted zone file, applied as
one set, until the last of them is answered. ``page10k``: bench.zone_pages. ``resync1000``: 1,000 zones are
taken off the name server behind the panel's back; from the moment the panel compares until the last answers.
"""

from __future__ import annotations

import json
import secrets
import subprocess
import sys
import threading
import time
import urllib.request
from collections.abc import Callable
from pathlib import Path

import dns.exception

from bench import clients, journey, listing, zoneform
from bench.figures import percentile, say
from bench.journey import PanelError
from bench.people import throw_away
from bench.stack import ROOT, Stack
from bench.web import Browser, Form, Page

ANSWERS, SET, ZONES = 100, 500, 1000
WITHIN = 60.0


def run(stack: Stack) -> dict[str, float]:
    """Keys ``answer_p50_ms``, ``answer_p99_ms``, ``set500_ms``, ``page10k_p95_ms``, ``page10k_queries``,
    ``resync1000_s``."""
    browser = journey.sign_in(stack, *throw_away(stack)[0])
    domain = f"bench-{secrets.token_hex(4)}.test"
    journey.add_domain(browser, domain)
    try:
        journey.live(browser, f"zone/{domain}")
        answers = [_answer(stack, browser, domain, number) * 1000 for number in range(ANSWERS)]
        say(f"{ANSWERS} sets of one record: p50 {percentile(answers, 0.5):.0f} ms")
        whole = _set(stack, browser, domain)
        say(f"{SET} records as one set: {whole * 1000:.0f} ms")
    finally:
        journey.delete_domain(browser, domain)
    pages = listing.in_own_database(stack, "bench.zone_pages")
    resync = _resync(stack)
    return {
        "answer_p50_ms": round(percentile(answers, 0.5), 1),
        "answer_p99_ms": round(percentile(answers, 0.99), 1),
        "set500_ms": round(whole * 1000, 1),
        **pages,
        "resync1000_s": round(resync, 1),
    }


def _answer(stack: Stack, browser: Browser, domain: str, number: int) -> float:
    """Seconds of one change, the odd ones with a new name, the even ones with another value of it."""
    owner, value = f"host{number // 2}", f"192.0.2.{number % 250 + 1}"
    zoneform.add_record(browser, domain, "A", {"owner": owner, "address": value})
    page, form = zoneform.preview(browser, domain)
    return _until(stack, f"{owner}.{domain}", value, lambda: _post(browser, page, form))


def _set(stack: Stack, browser: Browser, domain: str) -> float:
    lines = [f"many{number} 300 A 198.51.100.{number % 250 + 1}" for number in range(SET)]
    zoneform.import_text(browser, domain, "\n".join(lines))
    page, form = zoneform.preview(browser, domain)
    last = f"198.51.100.{(SET - 1) % 250 + 1}"
    spent = _until(stack, f"many{SET - 1}.{domain}", last, lambda: _post(browser, page, form))
    for number in range(SET):
        if clients.ask(stack, f"many{number}.{domain}", "A") != [f"198.51.100.{number % 250 + 1}"]:
            raise PanelError(f"many{number} was not answered with the last of its set")
    return spent


def _post(browser: Browser, page: Page, form: Form) -> None:
    status, location = browser.post(page, form, {})
    if status != 302 or not location.endswith("/zone/"):
        raise PanelError(f"applying answered {status} {location}")


def _until(stack: Stack, name: str, value: str, act: Callable[[], None]) -> float:
    """Seconds from the start of ``act`` until the name server answers with ``value``."""
    seen: list[float] = []
    end = time.monotonic() + WITHIN

    def look() -> None:
        while not seen and time.monotonic() < end:
            if value in clients.ask(stack, name, "A"):
                seen.append(time.perf_counter())
            time.sleep(0.002)

    watcher = threading.Thread(target=look)
    begun = time.perf_counter()
    watcher.start()
    act()
    watcher.join()
    if not seen:
        raise PanelError(f"{name} was not answered within {WITHIN:.0f} s")
    return seen[0] - begun


def _resync(stack: Stack) -> float:
    tag = f"resync-{secrets.token_hex(3)}"
    begun = time.monotonic()
    serials = json.loads(_seed(stack, "make", tag))
    try:
        _all_answer(stack, serials)
        say(f"{len(serials)} zones made and live in {time.monotonic() - begun:.0f} s")
        _empty(stack, list(serials))
        begun = time.monotonic()
        _seed(stack, "compare", tag)
        _all_answer(stack, serials)
        spent = time.monotonic() - begun
        say(f"{len(serials)} zones back after {spent:.1f} s")
        return spent
    finally:
        _seed(stack, "drop", tag)


def _all_answer(stack: Stack, serials: dict[str, int]) -> None:
    waiting = set(serials)
    end = time.monotonic() + 600
    while waiting:
        for zone in list(waiting):
            try:
                found = clients.ask(stack, zone, "SOA")
            except (dns.exception.DNSException, OSError):
                found = []
            if not found or int(found[0].split()[2]) < serials[zone]:
                break  # ask the others when this one is there
            waiting.remove(zone)
        if time.monotonic() > end:
            raise PanelError(f"{len(waiting)} zones are not answered after 10 minutes")
        time.sleep(0.02)


def _empty(stack: Stack, zones: list[str]) -> None:
    """Takes the zones off the name server by its own API, as if its database were new."""
    lines = Path(stack.raw["node"]["env"]).read_text().splitlines()
    settings = {name: value.strip("'\"") for name, _eq, value in (line.partition("=") for line in lines)}
    key = Path(settings["PDNS_API_KEY_FILE"]).read_text().strip()
    for zone in zones:
        url = f"{settings['PDNS_URL']}/zones/{zone}."
        request = urllib.request.Request(url, method="DELETE", headers={"X-API-Key": key})  # noqa: S310 - http, ours
        urllib.request.urlopen(request, timeout=30).close()  # noqa: S310


def _seed(stack: Stack, *words: str) -> str:
    argv = [sys.executable, "-m", "bench.zone_seed", *words, str(ZONES)]
    if "panel_env" in stack.raw:
        argv = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"], *argv]
    made = subprocess.run(argv, capture_output=True, text=True, check=False, cwd=ROOT)
    if made.returncode:
        raise PanelError(f"bench.zone_seed {words[0]}: {made.stderr.strip().splitlines()[-1:]}")
    return made.stdout.strip()
