"""The lists of a large reseller: 1,000 clients, 1,000 domains and 100,000 mailboxes beside other tenants, and
searching them by address.

All of it lies in a database of its own on the stack's PostgreSQL server, made and dropped here, so that no
node hears of it and the running panel stays as it is. Requests go through the panel's WSGI application, with
all its middleware, a session and TLS as the proxy announces it: what is measured is the time from a request's
arrival at Django to the last byte of the answer.
"""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
from urllib.parse import urlsplit

import psycopg2

from bench.figures import say
from bench.journey import PanelError
from bench.stack import ROOT, Stack


def run(stack: Stack) -> dict[str, float]:
    """Keys ``list_p95_ms``, ``list_queries``, ``search_p95_ms``: each the worst page's; ``search_queries``;
    ``page_p95_ms`` and ``page_queries`` of pages that are no list; ``measured`` pages and ``load`` (of one
    minute, at the end)."""
    return in_own_database(stack, "bench.listing_pages")


def in_own_database(stack: Stack, module: str) -> dict[str, float]:
    """What main() of ``module`` says, on an empty database of the stack's server."""
    name = f"postroom_bench_{secrets.token_hex(4)}"
    url = urlsplit(stack.raw["database_url"])
    server = psycopg2.connect(url.geturl())
    server.autocommit = True
    try:
        with server.cursor() as cursor:
            cursor.execute(f'CREATE DATABASE "{name}"')
        return _measured(stack, url._replace(path=f"/{name}").geturl(), module)
    finally:
        with server.cursor() as cursor:
            cursor.execute(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        server.close()


def _measured(stack: Stack, database: str, module: str) -> dict[str, float]:
    """By a process of its own, as the panel's settings are read once from the environment."""
    argv = [sys.executable, "-m", "bench.listing_start", module]
    if "panel_env" in stack.raw:
        argv = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"], *argv]
    environment = os.environ | {"POSTROOM_BENCH_DATABASE": database, "PYTHONPATH": str(ROOT)}
    lines: list[str] = []
    with subprocess.Popen(argv, env=environment, cwd=ROOT, stdout=subprocess.PIPE, text=True) as child:
        for line in child.stdout or ():
            lines.append(line.rstrip("\n"))
            if not line.startswith("{"):
                say(lines[-1])
    if child.returncode or not lines:
        raise PanelError(f"the measurement ended with {child.returncode}")
    figures: dict[str, float] = json.loads(lines[-1])
    return figures
