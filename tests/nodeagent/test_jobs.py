"""Jobs on the node: they go on after a kill, stop when they are paused or gone, and tell how far they are."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from lib.sealing import seal
from nodeagent import sealing
from nodeagent.config import Config, Jobs
from nodeagent.contract import Job, Progress
from nodeagent.jobs.folders import decoded, encoded, mapped
from nodeagent.jobs.runner import Runner
from nodeagent.jobs.store import Store
from nodeagent.jobs.telling import Teller
from nodeagent.jobs.unpacking import check, mails
from nodeagent.jobs.work import JobFailedError
from tests.nodeagent.rig import until

COUNTING = """
import sys, time
from pathlib import Path
from nodeagent.jobs.store import Store
store, job = Store(Path(sys.argv[1])), sys.argv[2]
at = store.get(job).kept.get("at", 0)
while at < 20:
    at += 1
    with open(sys.argv[1] + ".lines", "a") as file:
        file.write(f"{at}\\n")
    store.keep(job, {"at": at})
    store.tell(job, done=at, total=20, note="counting", facts={})
    time.sleep(0.02)
store.set_state(job, "done")
"""


@pytest.fixture
def runner(tmp_path: Path) -> Iterator[Runner]:
    jobs = Jobs(
        db=tmp_path / "jobs/jobs.db",
        sealing_key_file=None,
        mail_user="",
        import_allow=(),
        archives_url="",
        token_file=None,
        ca_file=None,
    )
    made = Runner(_config(jobs), [sys.executable, "-c", COUNTING, str(jobs.db)], at_once=2)
    yield made
    made.close()
    made.store.close()


def _config(jobs: Jobs) -> Config:
    return Config(
        name="mail1",
        directory=jobs.db.parent / "directory.db",
        former_directory=None,
        directory_owner="",
        directory_group="",
        signing_key_file=jobs.db,
        broker_url="",
        mail=object(),  # type: ignore[arg-type]  # only that it is there is asked
        dns=None,
        jobs=jobs,
    )


def _turning(runner: Runner, job: str, state: str) -> bool:
    runner.turn()
    row = runner.store.get(job)
    return row is not None and row.state == state


def test_goes_on_after_kills_and_counts_nothing_twice(runner: Runner) -> None:
    runner.store.put(Job(id="one", what="count"))
    kills = 0
    while not _turning(runner, "one", "done"):
        row = runner.store.get("one")
        assert row is not None
        if row.done > kills * 5 + 3 and kills < 3 and "one" in runner.children:
            runner.children["one"].send_signal(signal.SIGKILL)
            kills += 1
        if row.state == "waiting":
            runner.store.died("one", again_at=0)  # do not wait for the pause
        time.sleep(0.01)
    lines = Path(f"{runner.jobs.db}.lines").read_text().split()
    assert sorted(set(lines), key=int) == [str(n) for n in range(1, 21)]
    assert kills == 3
    assert len(lines) <= 20 + kills  # at most the step that was cut off, again


def test_paused_and_gone_jobs_end(runner: Runner) -> None:
    runner.store.put(Job(id="one", what="count"))
    until(lambda: _turning(runner, "one", "running") and runner.children)
    child = runner.children["one"]
    runner.store.put(Job(id="one", what="count", paused=True))
    until(lambda: _turning(runner, "one", "paused") and not runner.children)
    assert child.poll() is not None
    runner.store.put(Job(id="one", what="count"))
    until(lambda: _turning(runner, "one", "running") and runner.children)
    runner.store.remove("one")

    def empty() -> bool:
        runner.turn()
        return not runner.children

    until(empty)


def test_no_more_at_once_than_allowed(runner: Runner) -> None:
    for name in ("a", "b", "c"):
        runner.store.put(Job(id=name, what="count"))
    runner.turn()
    assert len(runner.children) == 2
    for name in ("a", "b", "c"):
        until(lambda name=name: _turning(runner, name, "done"))  # type: ignore[misc]


def test_a_runner_that_was_killed_leaves_nothing_running(runner: Runner) -> None:
    runner.store.put(Job(id="one", what="count"))
    runner.store.begun("one")  # as a runner that died left it
    runner.recover()
    until(lambda: _turning(runner, "one", "done"))


def test_other_arguments_begin_another_round_with_what_was_kept(tmp_path: Path) -> None:
    store = Store(tmp_path / "jobs.db")
    store.put(Job(id="one", what="count", args={"round": 1}))
    store.keep("one", {"at": 20})
    store.set_state("one", "done")
    store.put(Job(id="one", what="count", args={"round": 1}))
    assert store.get("one").state == "done"  # type: ignore[union-attr]
    store.put(Job(id="one", what="count", args={"round": 2}))
    row = store.get("one")
    assert row is not None
    assert (row.state, row.kept) == ("waiting", {"at": 20})


def test_changes_are_told_once_and_ends_again(tmp_path: Path) -> None:
    store, told = Store(tmp_path / "jobs.db"), list[Progress]()
    teller = Teller(tmp_path / "jobs.db", told.extend)
    store.put(Job(id="one", what="count"))
    teller.look(store)
    teller.look(store)
    assert [one["state"] for one in told] == ["waiting"]
    store.tell("one", done=1, total=2, note="half", facts={})
    teller.look(store)
    assert told[-1]["note"] == "half"


def test_sealed_for_this_node_and_this_job_alone(tmp_path: Path) -> None:
    public = sealing.make_key(tmp_path / "key")
    assert sealing.make_key(tmp_path / "key") == public
    assert (tmp_path / "key").stat().st_mode & 0o777 == 0o600
    text = seal(public, "wörd", "job1")
    assert sealing.open_sealed(tmp_path / "key", text, "job1") == "wörd"
    for bad in (text[:-4] + "AAAA", "", "AAAA"):
        with pytest.raises(sealing.SealingError):
            sealing.open_sealed(tmp_path / "key", bad, "job1")
    sealing.make_key(tmp_path / "other")
    with pytest.raises(sealing.SealingError):
        sealing.open_sealed(tmp_path / "other", text, "job1")


def test_names_of_folders() -> None:
    none: frozenset[str] = frozenset()
    listed = [
        (none, b".", b"INBOX"),
        (none, b".", b"INBOX.Sent Items"),
        (none, b".", b"INBOX.Entw&APw-rfe"),
        (none, b".", b"INBOX.a.b"),
        (frozenset({r"\all"}), b"/", b"[Gmail]/All Mail"),
        (frozenset({r"\sent"}), b"/", b"[Gmail]/Gesendet"),
        (frozenset({r"\noselect"}), b"/", b"[Gmail]"),
        (none, b"/", b"x.y/../~root"),
    ]
    found = {folder.source: folder.title for folder in mapped(listed)}
    assert found[b"[Gmail]/Gesendet"] == "Sent"
    assert found[b"INBOX.Sent Items"] == "Sent Items"  # Sent is taken
    assert found[b"INBOX.Entw&APw-rfe"] == "Drafts"
    assert found[b"INBOX.a.b"] == "a/b"
    assert found[b"x.y/../~root"] == "x_y/__/root"
    assert b"[Gmail]/All Mail" not in found
    assert decoded(encoded("Grüße & 漢字")) == "Grüße & 漢字"


@pytest.mark.parametrize(
    "rows",
    [
        [("../up.eml", 1)],
        [("/root.eml", 1)],
        [("a\\..\\..\\b.eml", 1)],
        [("bomb.eml", 60 * 1024**2)],
        [(f"{n}.eml", 1) for n in range(200_001)],
    ],
    ids=["up", "root", "backslash", "bomb", "many"],
)
def test_bad_archives_are_refused_before_anything_is_saved(rows: list[tuple[str, int]]) -> None:
    with pytest.raises(JobFailedError):
        check(rows, 1000)


def test_mbox_and_maildir(tmp_path: Path) -> None:
    mbox = tmp_path / "old.mbox"
    mbox.write_bytes(b"From a@b Mon Nov  2 10:00:00 2026\nSubject: 1\n\none\n\n" * 2)
    assert len(list(mails(mbox))) == 2
    folder = tmp_path / "Maildir/.Sent/cur"
    folder.mkdir(parents=True)
    (folder / "1.x:2,FS").write_bytes(b"Subject: x\n\nbody\n")
    subprocess.run(
        ["/usr/bin/tar", "-C", str(tmp_path), "-czf", str(tmp_path / "m.tgz"), "Maildir"], check=True
    )
    (mail,) = list(mails(tmp_path / "m.tgz"))
    assert mail.folder == "Sent"
    assert set(mail.flags) == {r"\Seen", r"\Flagged"}
    os.symlink("/etc/passwd", folder / "2.x:2,")
    subprocess.run(
        ["/usr/bin/tar", "-C", str(tmp_path), "-czf", str(tmp_path / "l.tgz"), "Maildir"], check=True
    )
    with pytest.raises(JobFailedError):
        list(mails(tmp_path / "l.tgz"))
