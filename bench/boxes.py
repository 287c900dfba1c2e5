"""A hundred thousand mailboxes of a bench on the stack's mail node, and what the processes between spend."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bench import clients
from bench.figures import say
from bench.ingest import cpu_seconds
from bench.journey import PanelError
from bench.memory import ours, rss_kib
from bench.stack import ROOT, Stack

DOMAINS = 100
PASSWORD = "harbor-violet"  # noqa: S105 - of the hash below; throw-away mailboxes
HASH = (
    "{SHA512-CRYPT}$6$J039mD43ogzo5YoN$FjuwJQDS6zEc2oma0ZdHSBcOCPbjI.nTNTw2e2PNrM/A0FvKpDrWIP0/"
    "2pH0qBAPgz7G2yf8m9iYcv4pKbTws0"
)
_FORGET = """
import sys
from pathlib import Path
from nodeagent.directory import Directory
directory = Directory(Path(sys.argv[1]))
with directory.writing() as connection:
    connection.execute(
        "DELETE FROM ledger WHERE NOT present AND key LIKE '%-' || ? || '.test'", (sys.argv[2],))
directory.close()
"""


class Boxes:
    """bench.push_panel, with the panel's models and the stack's database; asked line by line."""

    def __init__(self, stack: Stack, size: int) -> None:
        self.stack = stack
        self.node = str(stack.raw["node"]["name"])
        self.tag = secrets.token_hex(3)
        self.each = max(1, size // DOMAINS)
        argv = [sys.executable, "-m", "bench.listing_start", "bench.push_panel", self.tag, self.node]
        argv = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"], *argv]
        environment = os.environ | {
            "POSTROOM_BENCH_DATABASE": stack.raw["database_url"],
            "PYTHONPATH": str(ROOT),
        }
        self._child = subprocess.Popen(
            argv, env=environment, cwd=ROOT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True
        )
        self.names: list[str] = []

    def __enter__(self) -> Boxes:
        found = self.ask("make", domains=DOMAINS, boxes=self.each, hash=HASH)
        self.names = found["names"]
        say(f"{DOMAINS} domains with {self.each} mailboxes each in the panel's database")
        return self

    def __exit__(self, *_error: object) -> None:
        """What is on the node goes first; then its tombstones, then the panel's rows."""
        with contextlib.suppress(TimeoutError):
            self.push(absent=True)
            self.ask("push_domains", absent=True)
            self.all_live(within=300)
        self.ask("remove")
        self._child.communicate("")
        control(self.stack, "stop", "agent")
        try:
            self._forget()
        finally:
            control(self.stack, "start", "agent")

    def _forget(self) -> None:
        """The tombstones of a bench are of no use to anybody. Only while no agent writes."""
        node = self.stack.raw["node"]
        owner = Path(node["directory_db"]).owner()
        argv = ["setpriv", f"--reuid={owner}", f"--regid={owner}", "--init-groups", "--"]
        argv += [sys.executable, "-c", _FORGET, node["directory_db"], self.tag]
        subprocess.run(argv, check=True, cwd=ROOT, env=os.environ | {"PYTHONPATH": str(ROOT)})

    def ask(self, what: str, **values: Any) -> dict[str, Any]:
        to, back = self._child.stdin, self._child.stdout
        if to is None or back is None:
            raise PanelError("the helper has no pipes")
        to.write(json.dumps({"do": what, **values}) + "\n")
        to.flush()
        answer = back.readline()
        if not answer:
            raise PanelError(f"the helper ended with {self._child.wait()}")
        found: dict[str, Any] = json.loads(answer)
        return found

    def seen_lost(self, *, within: float) -> None:
        """Until the panel knows that they are not live any more. Raises TimeoutError."""
        clients.until(lambda: self.ask("behind")["behind"] or None, within=within, what="seen as lost")

    def all_live(self, *, within: float, everything: bool = False) -> None:
        """Until the panel knows of all that they are live; ``everything``: of all on the node. Raises
        TimeoutError."""
        try:
            clients.until(
                lambda: None if self.ask("behind", everything=everything)["behind"] else True,
                within=within,
                what="all live",
            )
        except TimeoutError as error:
            raise TimeoutError(f"{error}: {self.ask('state')}") from error

    def push(self, *, absent: bool = False) -> dict[str, Any]:
        """Let the node have them, or take them back, in one transaction."""
        return self.ask("push_boxes", absent=absent)

    def domains_live(self) -> None:
        self.ask("push_domains", absent=False)
        self.all_live(within=60)

    def sign_in(self) -> None:
        """Some of them, over IMAP: what the panel calls live is so."""
        for place in (0, len(self.names) // 2, -1):
            with clients.imap(self.stack, f"box{self.each:06}@{self.names[place]}", PASSWORD):
                pass


def control(stack: Stack, verb: str, *names: str) -> None:
    argv = [sys.executable, "-m", "supervisor.supervisorctl", "-c", str(stack.raw["supervisor_config"])]
    subprocess.run([*argv, verb, *names], check=True, capture_output=True, timeout=120)


@contextlib.contextmanager
def spent(stack: Stack) -> Iterator[dict[str, float]]:
    """Afterwards: seconds of CPU of the panel's worker, the agent, PostgreSQL and Dovecot, and the most
    memory of worker and agent (MiB)."""
    pids = _processes(stack)
    before = {name: sum(map(cpu_seconds, own)) for name, own in pids.items()}
    found: dict[str, float] = {}
    most = dict.fromkeys(("worker", "agent"), 0)
    end = threading.Event()

    def watch() -> None:
        while not end.wait(0.2):
            for name in most:
                most[name] = max(most[name], *map(rss_kib, pids[name]), 0)

    thread = threading.Thread(target=watch, daemon=True)
    thread.start()
    try:
        yield found
    finally:
        end.set()
        thread.join()
        found |= {
            f"{name}_cpu_s": round(sum(map(cpu_seconds, pids[name])) - before[name], 2) for name in pids
        }
        found |= {f"{name}_rss_mb": round(kib / 1024, 1) for name, kib in most.items()}


def _processes(stack: Stack) -> dict[str, list[int]]:
    state = str(stack.raw["state"])
    mine = {pid: Path(f"/proc/{pid}/cmdline").read_bytes().split(b"\0") for pid in ours(state)}
    found = {
        "worker": [pid for pid, argv in mine.items() if b"panel.celery" in argv or b"panel.worker" in argv],
        "agent": [pid for pid, argv in mine.items() if b"nodeagent" in argv and b"worker" in argv],
    }
    postmaster = int((Path(state) / "postgres" / "data" / "postmaster.pid").read_text().splitlines()[0])
    return found | {"postgres": [postmaster, *_children(postmaster)]}


def _children(pid: int) -> list[int]:
    text = Path(f"/proc/{pid}/task/{pid}/children").read_text()
    return [int(child) for child in text.split()]
