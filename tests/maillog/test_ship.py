"""The shipper against a panel that comes and goes, and its process as it is started."""

from __future__ import annotations

import gzip
import json
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Callable, Iterator
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeagent.contract import CONTRACT
from nodeagent.maillog.post import AwayError, Panel
from nodeagent.maillog.ship import Follower, run

LINE = b"Nov 22 03:55:12 mail postfix/qmgr[1]: 4jXFb45vvCzLKnH: removed\n"
TOKEN = "secret-token"


class Taking:
    """A panel in memory. ``answers``: what happens to each post: True taken; False away; "lost": taken,
    answer lost."""

    def __init__(self, answers: list[Any] | None = None) -> None:
        self.answers = answers or []
        self.rows: dict[tuple[str, int], str] = {}
        self.order: list[str] = []

    def post(self, body: bytes) -> None:
        batch = json.loads(body)
        answer = self.answers.pop(0) if self.answers else True
        if answer is not False:
            for offset, _at, _kind, _ref, _data, raw in batch["events"]:
                if (batch["file"], offset) not in self.rows:
                    self.rows[batch["file"], offset] = raw
                    self.order.append(raw)
        if answer is not True:
            raise AwayError("away", 0)


def follower(folder: Path, panel: Any, name: str = "postfix") -> Follower:
    return Follower(node="mail1", name=name, path=folder / "mail.log", cursors=folder, panel=panel)


@settings(max_examples=100, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(
    answers=st.lists(st.sampled_from([True, False, "lost"]), max_size=12),
    deaths=st.sets(st.integers(0, 12)),
    sizes=st.lists(st.integers(0, 5), max_size=12),
)
def test_nothing_lost_nothing_doubled(
    tmp_path_factory: Any, answers: list[Any], deaths: set[int], sizes: list[int]
) -> None:
    folder = tmp_path_factory.mktemp("ship")
    panel, written = Taking(list(answers)), []
    shipper = follower(folder, panel)
    for turn, many in enumerate([*sizes, 0, 0, 0]):
        with (folder / "mail.log").open("a") as file:
            for number in range(many):
                written.append(f"Nov 22 03:55:12 mail postfix/qmgr[1]: line {turn} {number}")
                file.write(written[-1] + "\n")
        if turn in deaths:
            shipper.close()
            shipper = follower(folder, panel)
        try:
            shipper.step()
        except AwayError:
            continue
    panel.answers = []
    while shipper.step():
        pass
    shipper.close()
    assert panel.order == written


def test_too_big_a_batch_is_halved(tmp_path: Path) -> None:
    class Small(Taking):
        def post(self, body: bytes) -> None:
            if len(json.loads(body)["events"]) > 3:
                raise AwayError("too big", 413)
            super().post(body)

    (tmp_path / "mail.log").write_bytes(LINE * 40)
    panel = Small()
    shipper = follower(tmp_path, panel)
    for _ in range(80):
        try:
            shipper.step()
        except AwayError:
            continue
    shipper.close()
    assert len(panel.rows) == 40


class Door(BaseHTTPRequestHandler):
    """The panel's door: remembers what came, answers what it is told."""

    protocol_version = "HTTP/1.1"
    taken: list[dict[str, Any]]
    told: list[dict[str, Any]]
    statuses: list[int]

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"]))
        health = self.path.endswith("/health")
        status = 404 if health else self.statuses.pop(0) if self.statuses else 200
        if self.headers["Authorization"] != f"Bearer {TOKEN}":
            status = 401
        if health:
            self.told.append(json.loads(gzip.decompress(body)))
        elif status == 200:
            post = json.loads(gzip.decompress(body))
            self.taken.extend(post.get("batches", [post]))
        self.send_response(status)
        self.send_header("Content-Length", "2")
        self.end_headers()
        self.wfile.write(b"{}")

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def door() -> Iterator[tuple[str, type[Door]]]:
    handler = type("OwnDoor", (Door,), {"taken": [], "told": [], "statuses": []})
    server = ThreadingHTTPServer(("127.0.0.1", 0), handler)
    thread = threading.Thread(target=server.serve_forever, args=(0.01,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}/ingest/v1/events", handler
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_batch_as_the_panel_gets_it(tmp_path: Path, door: tuple[str, type[Door]]) -> None:
    url, panel = door
    (tmp_path / "mail.log").write_bytes(LINE * 2)
    sender = Panel(url, TOKEN)
    shipper = follower(tmp_path, sender)
    assert shipper.step() == 2
    shipper.close()
    sender.close()
    (batch,) = panel.taken
    assert batch.keys() == {"contract", "node", "log", "file", "start", "end", "events"}
    assert (batch["contract"], batch["node"], batch["start"], batch["end"]) == (
        CONTRACT,
        "mail1",
        0,
        2 * len(LINE),
    )
    assert [event[0] for event in batch["events"]] == [0, len(LINE)]


@pytest.mark.parametrize("status", [400, 401, 403, 500, 503])
def test_any_refusal_keeps_the_lines(tmp_path: Path, door: tuple[str, type[Door]], status: int) -> None:
    url, panel = door
    panel.statuses[:] = [status]
    (tmp_path / "mail.log").write_bytes(LINE)
    sender = Panel(url, TOKEN)
    shipper = follower(tmp_path, sender)
    with pytest.raises(AwayError) as refused:
        shipper.step()
    assert refused.value.status == status
    assert shipper.step() == 1
    shipper.close()
    sender.close()


def test_it_asks_again_when_the_panel_was_away(
    tmp_path: Path, door: tuple[str, type[Door]], wait_for: Callable[..., Any]
) -> None:
    url, panel = door
    panel.statuses[:] = [503, 502]
    (tmp_path / "mail.log").write_bytes(LINE)
    sender, stop = Panel(url, TOKEN), threading.Event()
    shipper = follower(tmp_path, sender)
    thread = threading.Thread(target=run, args=([shipper], stop))
    thread.start()
    try:
        wait_for(lambda: len(panel.taken) == 1)
    finally:
        stop.set()
        thread.join()
        shipper.close()
        sender.close()


def _more_than(panel: type[Door], before: int) -> bool:
    return len(panel.taken) > before


def _rows(panel: type[Door]) -> set[tuple[str, int]]:
    batches = [batch for post in panel.taken for batch in post.get("batches", [post])]
    return {(batch["file"], event[0]) for batch in batches for event in batch["events"]}


def start(folder: Path, url: str) -> subprocess.Popen[bytes]:
    (folder / "token").write_text(TOKEN)
    environment = os.environ | {
        "NODE_NAME": "mail1",
        "INGEST_URL": url,
        "INGEST_TOKEN_FILE": str(folder / "token"),
        "INGEST_CA_FILE": "",
        "MAIL_LOG": str(folder / "mail.log"),
        "DOVECOT_LOG": str(folder / "dovecot.log"),
        "CURSOR_DIR": str(folder / "cursor"),
    }
    return subprocess.Popen(
        [sys.executable, "-m", "nodeagent", "ship"], env=environment, stderr=subprocess.DEVNULL
    )


def test_killed_at_any_moment_and_stopped_politely(
    tmp_path: Path, door: tuple[str, type[Door]], wait_for: Callable[..., Any]
) -> None:
    url, panel = door
    log, total = tmp_path / "mail.log", 0
    for kill in (signal.SIGKILL, signal.SIGKILL, signal.SIGTERM):
        process = start(tmp_path, url)
        for _ in range(3):
            total += 200
            with log.open("ab") as file:
                file.write(LINE * 200)
        wait_for(partial(_more_than, panel, len(panel.taken)))
        process.send_signal(kill)
        assert process.wait(10) == (0 if kill is signal.SIGTERM else -kill)
    process = start(tmp_path, url)
    try:
        wait_for(lambda: len(_rows(panel)) == total)
        smaps = Path(f"/proc/{process.pid}/smaps_rollup").read_text()
        assert int(smaps.split("Pss:")[1].split()[0]) < 40_000
    finally:
        process.terminate()
        process.wait(10)
