"""Leftovers of an instance: found exactly, and nobody else's process."""

from __future__ import annotations

import contextlib
import os
import subprocess
import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from deploy.stack import leftovers
from deploy.stack.layout import MARKER, MARKER_FILE

Launch = Callable[..., int]


@pytest.fixture
def root(tmp_path: Path) -> Path:
    (tmp_path / MARKER_FILE).touch()
    return tmp_path.resolve()


@pytest.fixture
def launch() -> Iterator[Launch]:
    """Start a process that says when it is there and then waits; gives its number."""
    started: list[subprocess.Popen[bytes]] = []

    def go(*, state: Path | None = None, cwd: Path, deaf: bool = False) -> int:
        code = "import signal, sys\n"
        code += "signal.signal(signal.SIGTERM, signal.SIG_IGN)\n" if deaf else ""
        code += "print('there', flush=True)\nsys.stdin.read()\n"
        env = {"PATH": os.environ["PATH"]} | ({MARKER: str(state)} if state else {})
        process = subprocess.Popen(
            [sys.executable, "-S", "-c", code],
            cwd=cwd,
            env=env,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
        )
        started.append(process)
        assert process.stdout
        assert process.stdout.readline() == b"there\n"
        return process.pid

    yield go
    for process in started:
        with contextlib.suppress(ProcessLookupError):
            process.kill()
        process.communicate()


def test_the_marker_makes_it_ours(root: Path, launch: Launch) -> None:
    ours = launch(state=root, cwd=Path("/"))
    strangers = [
        launch(cwd=root),  # somebody's shell in our folder
        launch(state=root / "test", cwd=root),  # another instance inside
        launch(state=Path(f"{root}-2"), cwd=Path("/")),  # a name that begins like ours
    ]
    found = leftovers.find(root)
    assert ours in found
    assert not set(strangers).intersection(found)


def fake_process(proc: Path, pid: int, *, exe: str, cwd: str, environ: bytes = b"") -> None:
    folder = proc / str(pid)
    folder.mkdir(parents=True)
    (folder / "environ").write_bytes(environ)
    (folder / "exe").symlink_to(exe)
    (folder / "cwd").symlink_to(cwd)


def test_servers_that_wipe_their_environment_are_known_by_program_and_folder(
    root: Path, tmp_path: Path
) -> None:
    inner = root / "test"
    (inner / "mail1").mkdir(parents=True)
    (inner / MARKER_FILE).touch()
    proc = root / "proc"
    fake_process(proc, 901, exe="/usr/lib/postfix/sbin/master", cwd=f"{root}/mail1/queue")
    fake_process(proc, 902, exe="/usr/lib/postgresql/15/bin/postgres", cwd=f"{root}/postgres/data (deleted)")
    fake_process(proc, 903, exe="/usr/lib/postfix/sbin/master", cwd="/var/spool/postfix")  # the machine's own
    fake_process(proc, 904, exe="/usr/bin/vim", cwd=f"{root}/mail1")
    fake_process(proc, 905, exe="/usr/sbin/dovecot", cwd=f"{inner}/mail1")  # the test instance's
    fake_process(proc, 906, exe="/usr/bin/redis-server", cwd=f"{root}-other/redis")
    assert sorted(leftovers.find(root, proc)) == [901, 902]
    assert leftovers.find(inner, proc) == [905]


def test_whoever_asks_is_spared_with_its_ancestors(root: Path) -> None:
    code = (
        "from pathlib import Path; from deploy.stack import leftovers; import os, sys\n"
        "found = leftovers.find(Path(sys.argv[1]))\n"
        "print(os.getpid() in found, os.getppid() in found)"
    )
    done = subprocess.run(
        [sys.executable, "-c", code, str(root)],
        env={**os.environ, MARKER: str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert done.stdout.split() == ["False", "False"]


def test_where_root_may_read_nothing_the_session_tells(
    root: Path, launch: Launch, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(link: str | Path) -> str:
        raise PermissionError

    monkeypatch.setattr(os, "readlink", refuse)
    (root / "run").mkdir()
    other = launch(cwd=root)
    assert other not in leftovers.find(root)
    leader = subprocess.Popen(["sleep", "60"], start_new_session=True)
    leftovers.remember_session(root, leader.pid)
    try:
        assert [pid for pid in leftovers.find(root) if pid != leader.pid] == []
        assert leader.pid in leftovers.find(root)
    finally:
        leader.kill()
        leader.wait()


def test_stopping_ends_the_deaf_too(root: Path, launch: Launch, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(leftovers, "POLITE_SECONDS", 0.3)
    mine = [launch(state=root, cwd=root), launch(state=root, cwd=root, deaf=True)]
    other = launch(state=root.parent, cwd=root)
    assert sorted(leftovers.stop(root)) == sorted(mine)
    assert leftovers.find(root) == []
    assert Path(f"/proc/{other}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()[0] != "Z"
