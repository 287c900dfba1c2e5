"""The real shipper against a real panel, both killed again and again while the logs are rotated, cut and set
back: every row once, by the generator's truth."""

from __future__ import annotations

import json
import os
import random
import secrets
import shutil
import signal
import subprocess
import sys
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from bench import ingest_forms
from bench import ingest_lines as made_lines
from bench.stack import ROOT, Stack
from tests.onstack import Servers, run_manage, sql

pytestmark = pytest.mark.nodes

LINES, STEP = 12_000, 400
_MAKE = """
import json
from bench.ingest_panel import Made
print(json.dumps(Made({tag!r}).make({asked!r})))
"""
_COUNT = """
import json
from accounts.models import Domain
from bench.ingest_panel import Made
from provision.models import Node
made = Made({tag!r})
made.node = Node.objects.get(name={node!r})
made.domains = dict(Domain.objects.filter(name__in={domains!r}).values_list("pk", "name"))
found = made.count({{}})
made.remove({{}})
print(json.dumps(found))
"""


class Writer:
    """Three logs, written, rotated and cut. ``count``: complete lines so far."""

    def __init__(self, folder: Path, seed: int) -> None:
        self.paths = {log: folder / name for log, name in made_lines.FILES.items()}
        self.random, self.count = random.Random(seed), 0
        for path in self.paths.values():
            path.touch()

    def write(self, lines: list[tuple[str, str]]) -> None:
        for log, path in self.paths.items():
            data = "".join(line for of, line in lines if of == log).encode()
            cut = self.random.randrange(len(data) + 1)
            with path.open("ab", buffering=0) as file:  # half a line, and then the other half
                file.write(data[:cut])
                file.write(data[cut:])
        self.count += len(lines)

    def noise(self) -> None:
        odd = (b"\n", b"\0" * 500 + b"\n", b"A" * 100_000 + b"\n", b"\xff\xfe \xed\xa0\x80 status=sent (x)\n")
        with self.paths[self.random.choice(made_lines.LOGS)].open("ab") as file:
            file.write(self.random.choice(odd))
        self.count += 1

    def rotate(self) -> None:
        path = self.paths[self.random.choice(made_lines.LOGS)]
        for number in range(40, 0, -1):
            if (old := path.with_name(f"{path.name}.{number}")).exists():
                old.rename(path.with_name(f"{path.name}.{number + 1}"))
        newer = path.with_name(f"{path.name}.1")
        if self.random.random() < 0.5:
            path.rename(newer)
            path.touch()
        else:
            shutil.copyfile(path, newer)
            os.truncate(path, 0)


class Shipper:
    """``python -m nodeagent ship``; ``kill`` is answered as its supervisor would, with a new one."""

    def __init__(self, stack: Stack, folder: Path, writer: Writer, made: dict[str, str]) -> None:
        (folder / "token").write_text(made["token"])
        self.folder = folder
        self._environment = os.environ | {
            "NODE_NAME": made["node"],
            "INGEST_URL": f"{stack.panel}/ingest/v1/events",
            "INGEST_TOKEN_FILE": str(folder / "token"),
            "INGEST_CA_FILE": stack.raw["ca_file"],
            "CURSOR_DIR": str(folder / "cursor"),
            "MAIL_LOG": str(writer.paths[made_lines.POSTFIX]),
            "DOVECOT_LOG": str(writer.paths[made_lines.DOVECOT]),
            "RSPAMD_LOG": str(writer.paths[made_lines.RSPAMD]),
        }
        self._start()

    def _start(self) -> None:
        argv = [sys.executable, "-m", "nodeagent", "ship"]
        self.process = subprocess.Popen(argv, env=self._environment, cwd=ROOT, stderr=subprocess.DEVNULL)

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()
        self._start()

    def follows(self) -> bool:
        return all((self.folder / "cursor" / f"{log}.json").exists() for log in made_lines.LOGS)


@contextmanager
def shipping(*given: Any) -> Iterator[Shipper]:
    shipper = Shipper(*given)
    try:
        yield shipper
    finally:
        shipper.process.terminate()
        shipper.process.wait()


def kill_a_worker(servers: Servers) -> None:
    master = servers.control("pid", "gunicorn").strip()
    workers = Path(f"/proc/{master}/task/{master}/children").read_text().split()
    os.kill(int(workers[0]), signal.SIGKILL)


def kill_the_connections(servers: Servers) -> None:
    sql(
        servers.stack,
        "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
        " WHERE datname = current_database() AND pid <> pg_backend_pid()",
    )


def kill_postgresql(servers: Servers) -> None:
    servers.control("signal", "KILL", "postgres")


def set_back(log: str, line: str) -> str:
    """The same line an hour earlier."""
    form, width = ("%Y-%m-%d %H:%M:%S", 19) if log == made_lines.RSPAMD else ("%Y %b %d %H:%M:%S", 15)
    said = line[:width] if log == made_lines.RSPAMD else f"{time.localtime().tm_year} {line[:width]}"
    earlier = int(time.mktime(time.strptime(said, form))) - 3600
    return ingest_forms.stamp(earlier, long=log == made_lines.RSPAMD) + line[width:]


def lines_there(servers: Servers, node: str) -> int:
    try:
        ((many,),) = sql(
            servers.stack,
            "SELECT coalesce(sum(lines), 0) FROM delivery_logfile f JOIN provision_node n ON n.id = f.node_id"
            " WHERE n.name = %s",
            node,
        )
    except psycopg2.Error:
        return -1  # on its way back
    return int(many)


def test_every_row_once_whatever_dies_and_whatever_becomes_of_the_logs(
    servers: Servers, wait_for: Callable[..., Any], tmp_path: Path
) -> None:
    seed, tag = secrets.randbelow(10_000), secrets.token_hex(3)
    host = made_lines._Host(seed, LINES, 20, None, tag)
    lines, truth = list(host.run()), host.truth
    half = len(lines) // 2
    lines[half:] = [(log, set_back(log, line)) for log, line in lines[half:]]
    asked = {"domains": truth.domains, "since": truth.first - 7200}
    made = json.loads(run_manage(servers.stack, _MAKE.format(tag=tag, asked=asked)))
    writer = Writer(tmp_path, seed)
    kills = [kill_a_worker, kill_the_connections, kill_postgresql]
    with shipping(servers.stack, tmp_path, writer, made) as shipper:
        wait_for(shipper.follows, 20)
        for at in range(0, len(lines), STEP):
            writer.write(lines[at : at + STEP])
            writer.noise()
            number = at // STEP
            if number % 3 == 1:
                writer.rotate()
            if number % 5 == 2:
                shipper.kill()
            if number % 8 == 4:
                wait_for(lambda: lines_there(servers, made["node"]) >= writer.count // 2, 30)
                kills[number // 8 % 3](servers)
        wait_for(lambda: lines_there(servers, made["node"]) >= writer.count, 40)
    found = json.loads(
        run_manage(servers.stack, _COUNT.format(tag=tag, node=made["node"], domains=truth.domains))
    )
    got = Counter({(name, way, status): many for name, way, status, many in found["rows"]})
    assert (truth.rows - got, got - truth.rows) == (Counter(), Counter()), f"seed {seed}"
    assert found["filed"] == sum(truth.filed.values()), f"seed {seed}"
