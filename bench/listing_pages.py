"""Seeds an empty database and asks the panel's pages. The last line is one JSON object of figures. Started by
bench.listing_start, as the models need Django's settings."""

from __future__ import annotations

import gc
import io
import json
import os
import re
import sys
import time
from collections.abc import Callable, Iterator
from html import unescape
from typing import Any
from urllib.parse import quote, urljoin, urlsplit

from django.conf import settings
from django.core.handlers.wsgi import WSGIHandler
from django.core.management import call_command
from django.db import connection
from django.test import Client

from accounts.models import User
from bench.figures import percentile, say
from bench.listing_seed import Seeded, seed

TIMES, FIRST = 60, 5  # measured, after so many that fill caches
_NEXT = re.compile(r'<a[^>]*rel="next"[^>]*href="([^"]+)"')
_HEAD = re.compile(r"<thead>.*?</thead>", re.S)
_LINK = re.compile(r'<a[^>]*href="([^"]+)"')


class Panel:
    """The WSGI application as somebody's browser meets it."""

    def __init__(self, user: User) -> None:
        client = Client()
        client.force_login(user, backend=settings.AUTHENTICATION_BACKENDS[0])
        self.cookie = "; ".join(f"{name}={morsel.value}" for name, morsel in client.cookies.items())
        self.app, self.host = WSGIHandler(), urlsplit(settings.PANEL_URL).netloc
        self.queries = 0

    def get(self, path: str) -> tuple[int, str, float]:
        """(status, text, milliseconds)."""
        environ = {
            "REQUEST_METHOD": "GET",
            "PATH_INFO": path.partition("?")[0],
            "QUERY_STRING": path.partition("?")[2],
            "HTTP_HOST": self.host,
            "SERVER_NAME": "localhost",
            "SERVER_PORT": "443",
            "REMOTE_ADDR": "127.0.0.1",
            "HTTP_X_FORWARDED_PROTO": "https",
            "HTTP_X_FORWARDED_FOR": "192.0.2.77",
            "HTTP_COOKIE": self.cookie,
            "HTTP_USER_AGENT": "bench",
            "wsgi.input": io.BytesIO(),
            "wsgi.url_scheme": "http",
            "wsgi.errors": sys.stderr,
        }
        status: list[str] = []
        self.queries = 0
        with connection.execute_wrapper(self._count):
            begun = time.perf_counter()
            answer = self.app(environ, lambda code, _headers, *_: status.append(code) or bytes)  # type: ignore[func-returns-value]  # start_response
            body = b"".join(answer)
            answer.close()
            spent = (time.perf_counter() - begun) * 1000
        return int(status[0][:3]), body.decode(), spent

    def _count(self, execute: Callable[..., Any], *call: Any) -> Any:
        self.queries += 1
        return execute(*call)


def lists(panel: Panel, seeded: Seeded) -> Iterator[str]:
    """Home, clients, mailboxes, forwarders, bad rows: the first page, each order, a filter, one in the
    middle."""
    mailboxes = [f"/domains/{name}/mailboxes/" for name in (seeded.hundred, seeded.large)]
    for path, filters in (
        ("/", ["?q=panaderia", "?q=nothing-like-it"]),
        ("/clients/", ["?q=panaderia", "?q=nothing-like-it", *_states(panel, "/clients/")]),
        (mailboxes[0], ["?q=garcia", "?state=full"]),
        (mailboxes[1], ["?q=garcia", "?state=full", "?state=failed", "?state=live"]),
        (f"/domains/{seeded.large}/forwarders/", ["?q=garcia", "?q=nothing-like-it"]),
        (f"{mailboxes[1]}import/{seeded.bulk}/", ["?after=5000"]),
    ):
        yield path
        yield from dict.fromkeys(
            urljoin(path, unescape(link))
            for head in _HEAD.findall(text(panel, path))
            for link in _LINK.findall(head)
        )
        yield from (path + one for one in filters)
        yield middle(panel, path)


def others(seeded: Seeded) -> list[str]:
    """Pages of one account."""
    return [f"/clients/{seeded.client.pk}/", "/limits/", f"/domains/{seeded.large}/"]


def searches(seeded: Seeded) -> list[str]:
    """Common and rare parts, whole addresses, parts with a domain, of others, and of nobody."""
    asked = [
        "a", "an", "ana", "garcia", "ana.garcia", "test", "@", ".test", "garcia77", "maria.ortega4",
        "vier", "marta.sanz", "sara.", "ia-rubio", "2.test",
        f"ana@{seeded.large}", f"@{seeded.large}", seeded.large, "otra", "owner", "panaderia", "zzzzqqq",
        "no such person anywhere", "nobody@nowhere.example", "%", "_", "ñandú",
    ]  # fmt: skip
    return [f"/search/?q={quote(one)}" for one in asked]


def _states(panel: Panel, path: str) -> list[str]:
    """Every choice of the page's filters."""
    found = re.findall(r'<select[^>]*name="([^"]+)".*?</select>', text(panel, path), re.S)
    options = {
        name: re.search(rf'<select[^>]*name="{name}".*?</select>', text(panel, path), re.S) for name in found
    }
    return [
        f"?{name}={quote(value)}"
        for name, block in options.items()
        for value in (re.findall(r'<option value="([^"]+)"', block[0]) if block else ())
    ]


def text(panel: Panel, path: str) -> str:
    status, text, _spent = panel.get(path)
    if status != 200:
        raise SystemExit(f"{path} answered {status}")
    return text


def middle(panel: Panel, path: str) -> str:
    """Half of the pages on, by the links."""
    chain = [path]
    while found := _NEXT.search(text(panel, chain[-1])):
        chain.append(urljoin(chain[-1], unescape(found[1])))
    return chain[len(chain) // 2]


def measure(panel: Panel, paths: list[str]) -> list[tuple[float, int]]:
    """(95th percentile in ms, most queries) of each; a line each."""
    found = []
    for path in paths:
        for _ in range(FIRST):
            text(panel, path)
        spent, queries = [], 0
        for _ in range(TIMES):
            status, _body, took = panel.get(path)
            if status != 200:
                raise SystemExit(f"{path} answered {status}")
            spent.append(took)
            queries = max(queries, panel.queries)
        found.append((percentile(spent, 0.95), queries))
        say(f"p50 {percentile(spent, 0.5):6.1f}  p95 {found[-1][0]:6.1f} ms  {queries} queries  {path}")
    return found


def main() -> None:
    begun = time.monotonic()
    call_command("migrate", verbosity=0)
    call_command("createcachetable", verbosity=0)
    say(f"tables made in {time.monotonic() - begun:.0f} s")
    seeded = seed()
    say(f"seeded in {time.monotonic() - begun:.0f} s")
    panel = Panel(seeded.owner)
    gc.freeze()
    of_lists = measure(panel, list(dict.fromkeys(lists(panel, seeded))))
    of_searches = measure(panel, searches(seeded))
    of_others = measure(panel, others(seeded))
    figures = {
        "list_p95_ms": round(max(p95 for p95, _ in of_lists), 1),
        "list_queries": max(queries for _, queries in of_lists),
        "search_p95_ms": round(max(p95 for p95, _ in of_searches), 1),
        "search_queries": max(queries for _, queries in of_searches),
        "page_p95_ms": round(max(p95 for p95, _ in of_others), 1),
        "page_queries": max(queries for _, queries in of_others),
        "measured": len(of_lists) + len(of_searches) + len(of_others),
        "load": round(os.getloadavg()[0], 2),
    }
    sys.stdout.write(json.dumps(figures) + "\n")
