"""Seeds an empty database with 30 days of Track Delivery and asks its pages. The last line is one JSON object
of figures. Started by bench.listing_start."""

# ruff: noqa: E501 - a list of what is asked
from __future__ import annotations

import gc
import json
import os
import sys
import time
from collections.abc import Iterator
from datetime import timedelta
from urllib.parse import quote

from django.core.management import call_command
from django.utils import timezone

from accounts.models import Domain
from bench.figures import say
from bench.listing_pages import Panel, measure
from bench.track_seed import Seeded, seed
from delivery.models import Entry, Message


def lists(base: str) -> Iterator[str]:
    """The list, each filter alone, a page further on, and an empty day."""
    today = timezone.localdate()
    yield base
    yield from (f"{base}?status={status}" for status in range(1, 7))
    yield from (f"{base}?way={way}" for way in (1, 2, 3))
    yield f"{base}?since={today - timedelta(days=3)}"
    yield f"{base}?until={today - timedelta(days=10)}"
    yield f"{base}?since={today - timedelta(days=20)}&until={today - timedelta(days=20)}"
    yield f"{base}?since={today - timedelta(days=300)}&until={today - timedelta(days=200)}"
    yield f"{base}?cause=greylisted"
    yield f"{base}?cause=unknown-user"
    yield f"{base}?cause=too-big"  # there is none
    yield f"{base}?before={_middle()}"


def searches(base: str, domain: Domain) -> Iterator[str]:
    """By address above all: common, rare and unknown ones, parts, domains; subjects, ids, servers."""
    row = Entry.objects.filter(domain_id=domain.pk).order_by("pk")[0]
    for text in (
        f"ana@{domain.name}", f"nobody@{domain.name}", domain.name, "ana", "person17@gmail.example", "person17",
        "person1", "gmail.example", "zzzzqqq", row.address, row.sender or "", row.queue_id, f"<{row.queue_id}@mail.{domain.name}>",
        "topic", "topic 7", "number", "greylisted", "unknown", "4.2.0", "mail3.gmail.example", "a", "%", "'", "office",
    ):  # fmt: skip
        yield f"{base}?q={quote(text)}"
    yield f"{base}?server=mail3.gmail.example"
    yield f"{base}?server=nowhere.example"


def _middle() -> int:
    return Entry.objects.filter(at__lt=timezone.now() - timedelta(days=15)).order_by("-pk")[0].pk


def _journeys(domain: Domain, base: str) -> list[str]:
    """Of rows whose message is there."""
    rows = Entry.objects.filter(domain_id=domain.pk).order_by("-pk").values_list("pk", "message_id")[:400]
    there = set(
        Message.objects.filter(pk__in=[message for _pk, message in rows]).values_list("pk", flat=True)
    )
    return [f"{base}{pk}/" for pk, message in rows if message in there][:3]


def everyone(seeded: Seeded) -> Iterator[tuple[str, Panel, str, Domain]]:
    reseller, provider = Panel(seeded.reseller), Panel(seeded.provider)
    for title, domain in (("small", seeded.small), ("middle", seeded.middle), ("large", seeded.large)):
        yield title, reseller, f"/domains/{domain.name}/track/", domain
    yield "reseller", reseller, "/track/", seeded.large
    yield "provider", provider, "/track/", seeded.large


def main() -> None:
    begun = time.monotonic()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    say(f"tables made in {time.monotonic() - begun:.0f} s")
    seeded = seed(int(os.environ["POSTROOM_BENCH_ROWS"]))
    say(f"seeded in {time.monotonic() - begun:.0f} s")
    gc.freeze()
    found: dict[str, list[tuple[float, int]]] = {"list": [], "search": [], "journey": []}
    for title, panel, base, domain in everyone(seeded):
        say(f"{title}: {Entry.objects.filter(domain_id=domain.pk).count()} rows")
        found["list"] += measure(panel, list(lists(base)))
        found["search"] += measure(panel, list(searches(base, domain)))
        found["journey"] += measure(panel, _journeys(domain, base))
    figures = {f"{name}_p95_ms": round(max(p95 for p95, _ in rows), 1) for name, rows in found.items()}
    sys.stdout.write(json.dumps(figures) + "\n")
