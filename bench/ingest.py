"""A mail host's log, from its files to rows that a person finds: lines made up by bench/ingest_lines.py go
through a shipper process of their own, the running stack's proxy and panel, and its PostgreSQL, for a node
and 200 customers that are made for it and removed afterwards.

The clock runs from the shipper's start until the database says that it has the last line. Then every row is
counted against the generator's truth: by domain, direction and status."""

from __future__ import annotations

import json
import os
import secrets
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from bench import ingest_lines
from bench.figures import say
from bench.journey import PanelError
from bench.memory import ours, rss_kib
from bench.stack import ROOT, Stack
from nodeagent.maillog.parse import Parser

LINES = 1_000_000
SEED = 6
PARSED = 200_000  # lines of the parser's own measure
PATIENCE = 600.0


def run(stack: Stack, size: int = LINES) -> dict[str, float]:
    """Keys ``lines_per_s`` (wall clock), ``parser_lines_per_s`` (of CPU time, one process), ``rss_mb`` (most
    of any process of ours while it ran, MiB), ``missing`` and ``doubled`` (rows)."""
    with tempfile.TemporaryDirectory(prefix="postroom-bench-") as name:
        folder = Path(name)
        begun = time.monotonic()
        tag = secrets.token_hex(3)
        truth = ingest_lines.write(SEED, size, folder, tag=tag)
        made_in = time.monotonic() - begun
        say(f"{sum(truth.lines.values())} lines made in {made_in:.1f} s: {dict(truth.lines)}")
        parsed = parse(folder)
        say(f"parser: {parsed:.0f} lines a second")
        with Helper(stack, tag) as helper:
            made = helper.ask({"do": "make", "domains": truth.domains, "since": truth.first})
            lines_per_s, rss = shipped(stack, helper, folder, made, sum(truth.lines.values()))
            found = helper.ask({"do": "count"})
    got: Counter[tuple[str, int, int]] = Counter()
    for domain, direction, status, many in found["rows"]:
        got[domain, direction, status] = many
    missing, doubled = truth.rows - got, got - truth.rows
    for which, rows in (("missing", missing), ("doubled", doubled)):
        for key, many in rows.most_common(5):
            say(f"{which}: {many} of {key}")
    say(f"rows by status: {dict(truth.by_status())}; sign-ins {found['sign_ins']}, filed {found['filed']}")
    if found["searched"] != found["searchable"]:
        raise PanelError(f"a search found {found['searched']} rows of {found['searchable']}")
    return {
        "lines_per_s": round(lines_per_s),
        "parser_lines_per_s": round(parsed),
        "rss_mb": round(rss / 1024, 1),
        "missing": sum(missing.values()),
        "doubled": sum(doubled.values()),
    }


def parse(folder: Path) -> float:
    """Lines a second of CPU time, of all three logs in their proportion."""
    texts = {log: (folder / name).read_bytes().split(b"\n")[:-1] for log, name in ingest_lines.FILES.items()}
    share = min(1.0, PARSED / sum(map(len, texts.values())))
    many, spent = 0, 0.0
    for log, lines in texts.items():
        parser, part = Parser(log), lines[: int(len(lines) * share)]
        begun = time.process_time()
        for line in part:
            parser(line)
        spent += time.process_time() - begun
        many += len(part)
    return many / spent


def shipped(
    stack: Stack, helper: Helper, folder: Path, made: dict[str, Any], lines: int
) -> tuple[float, float]:
    """(lines a second, most KiB of a process)."""
    token = folder / "token"
    token.write_text(made["token"])
    environment = os.environ | {
        "NODE_NAME": made["node"],
        "INGEST_URL": f"{stack.panel}/ingest/v1/events",
        "INGEST_TOKEN_FILE": str(token),
        "INGEST_CA_FILE": stack.raw["ca_file"],
        "CURSOR_DIR": str(folder / "cursor"),
        **{
            variable: str(folder / ingest_lines.FILES[log])
            for variable, log in (
                ("MAIL_LOG", ingest_lines.POSTFIX),
                ("DOVECOT_LOG", ingest_lines.DOVECOT),
                ("RSPAMD_LOG", ingest_lines.RSPAMD),
            )
        },
    }
    watched = list(ours(str(stack.raw["state"])))
    before = {pid: cpu_seconds(pid) for pid in watched}
    most: dict[int, int] = {}
    begun = time.monotonic()
    with subprocess.Popen([sys.executable, "-m", "nodeagent", "ship"], env=environment, cwd=ROOT) as shipper:
        try:
            while (there := helper.ask({"do": "lines"})["lines"]) < lines:
                for pid in (*watched, shipper.pid):
                    most[pid] = max(most.get(pid, 0), rss_kib(pid))
                if shipper.poll() is not None or time.monotonic() - begun > PATIENCE:
                    raise PanelError(f"{there} of {lines} lines came through")
                time.sleep(0.1)
            took = time.monotonic() - begun
            used = {"shipper": cpu_seconds(shipper.pid)}
        finally:
            shipper.terminate()
    used["panel"] = sum(cpu_seconds(pid) - before[pid] for pid in watched)
    for name, spent in used.items():
        say(f"{name}: {spent / lines * 1e6:.1f} µs of CPU a line")
    say(f"{lines} lines in {took:.1f} s")
    return lines / took, max(most.values())


def cpu_seconds(pid: int) -> float:
    """User and system, of one process."""
    try:
        fields = Path(f"/proc/{pid}/stat").read_text().rpartition(") ")[2].split()
    except OSError:
        return 0.0
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


class Helper:
    """bench.ingest_panel, with the panel's models and the stack's database; asked line by line."""

    def __init__(self, stack: Stack, tag: str) -> None:
        argv = [sys.executable, "-m", "bench.listing_start", "bench.ingest_panel", tag]
        if "panel_env" in stack.raw:
            argv = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"], *argv]
        environment = os.environ | {
            "POSTROOM_BENCH_DATABASE": stack.raw["database_url"],
            "PYTHONPATH": str(ROOT),
        }
        self._child = subprocess.Popen(
            argv, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )

    def __enter__(self) -> Helper:
        return self

    def __exit__(self, *_error: object) -> None:
        self.ask({"do": "remove"})
        self._child.communicate("")

    def ask(self, what: dict[str, Any]) -> dict[str, Any]:
        to, back = self._child.stdin, self._child.stdout
        if to is None or back is None:
            raise PanelError("the helper has no pipes")
        to.write(json.dumps(what) + "\n")
        to.flush()
        answer = back.readline()
        if not answer:
            raise PanelError(f"the helper ended with {self._child.wait()}")
        found: dict[str, Any] = json.loads(answer)
        return found
