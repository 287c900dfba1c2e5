"""Mail folders that are to go: real files, a real directory; nothing else is touched whatever is asked."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent import ledger
from nodeagent.apply import Engine, apply_states
from nodeagent.backends.base import BackendError
from nodeagent.backends.homes import ASIDE, HomesBackend
from nodeagent.contract import Home, Outcome, StateMessage
from nodeagent.directory import Directory
from nodeagent.patterns import BadStateError
from nodeagent.payload import parse
from tests.nodeagent import rig
from tests.nodeagent.conftest import absent, wanted

ANA = Home(path="example.test/ana.1")


@pytest.fixture
def root(tmp_path: Path) -> Path:
    """The mail folder, with a mailbox that is to go and one that is not, and something beside it."""
    for path in ("mail/example.test/ana.1", "mail/example.test/ben.1", "mail/other.test/ana.1", "beside"):
        for part in ("cur", "new", ".Sent/cur"):
            folder = tmp_path / path / "Maildir" / part
            folder.mkdir(parents=True)
            (folder / "1:2,S").write_text("Subject: kept\n")
    return tmp_path / "mail"


@pytest.fixture
def engine(directory: Directory, root: Path) -> Iterator[Engine]:
    with ThreadPoolExecutor(4) as pool:
        yield Engine(
            directory=directory,
            rows={},
            effects={Home.KIND: HomesBackend(directory, root)},
            provers=pool,
            doers=pool,
        )


def apply(engine: Engine, *messages: StateMessage) -> list[Outcome]:
    return [one for part in apply_states(engine, messages) for one in part]


def files(root: Path) -> list[str]:
    return sorted(str(path.relative_to(root)) for path in root.rglob("*"))


def mailbox(directory: Directory, home: str, address: str = "ana@example.test") -> None:
    with directory.writing() as connection:
        connection.execute(
            "INSERT OR REPLACE INTO mailboxes(address, password, home, quota_mb) VALUES (?, '', ?, 1)",
            (address, home),
        )


def test_a_home_that_is_wanted_is_left_alone(engine: Engine, root: Path) -> None:
    before = files(root)
    (outcome,) = apply(engine, wanted(ANA))
    assert (outcome["ok"], outcome["proof"]) == (True, "kept")
    assert files(root) == before


def test_a_home_that_is_not_wanted_goes_and_no_other(engine: Engine, root: Path) -> None:
    others = [path for path in files(root.parent) if "example.test/ana.1" not in path]
    (outcome,) = apply(engine, absent(ANA, 1))
    assert (outcome["ok"], outcome["proof"]) == (True, "mail folder not there, as it should be")
    assert [path for path in files(root.parent) if ASIDE not in path] == others
    assert list((root / ASIDE).iterdir()) == []


def test_the_last_home_takes_the_folder_of_its_domain_along(engine: Engine, root: Path) -> None:
    apply(engine, absent(ANA, 1), absent(Home(path="example.test/ben.1"), 1))
    assert not (root / "example.test").exists()
    assert (root / "other.test/ana.1/Maildir").exists()


def test_what_was_never_there_is_gone(engine: Engine, root: Path) -> None:
    (outcome,) = apply(engine, absent(Home(path="never.test/x.1"), 1))
    assert outcome["ok"]
    assert not (root / "never.test").exists()


@pytest.mark.parametrize(
    "path",
    [
        "",
        "/",
        "..",
        "../beside",
        "example.test",
        "example.test/",
        "example.test/..",
        "example.test/.",
        "example.test/ana.1/Maildir",
        "example.test//ana.1",
        "../beside/Maildir",
        "example.test/.removed",
        ".removed/example.test",
        "example.test/a\0b",
        "/etc/passwd",
        "example.test/a\n",
    ],
)
def test_a_path_that_is_no_home_removes_nothing(engine: Engine, root: Path, path: str) -> None:
    before = files(root.parent)
    (outcome,) = apply(engine, StateMessage(kind="home", key=f"home/{path}", rev=1, payload=None))
    assert (outcome["ok"], outcome["permanent"]) == (False, True)
    assert files(root.parent) == before


@given(st.text(max_size=60))
def test_no_key_reaches_anything_but_a_folder_two_below_the_mail_folder(path: str) -> None:
    try:
        item = parse(StateMessage(kind="home", key=f"home/{path}", rev=1, payload=None))
    except BadStateError:
        return
    assert len(item.parts) == 2
    assert os.path.normpath(f"/m/{path}") == f"/m/{'/'.join(item.parts)}"
    assert not any(part.startswith(".") for part in item.parts)


@pytest.mark.parametrize("home", ["example.test/ana.1", "example.test/ana.1/more", "example.test"])
def test_the_home_of_a_mailbox_that_is_there_is_refused(
    engine: Engine, directory: Directory, root: Path, home: str
) -> None:
    mailbox(directory, home)
    before = files(root)
    (outcome,) = apply(engine, absent(ANA, 1))
    assert (outcome["ok"], outcome["permanent"]) == (False, True)
    assert "the mail folder of ana@example.test, which is there" in outcome["error"]
    assert files(root) == before


def test_an_address_made_again_keeps_its_new_home(engine: Engine, directory: Directory, root: Path) -> None:
    mailbox(directory, "example.test/ana.10")
    (root / "example.test/ana.10").mkdir()
    (outcome,) = apply(engine, absent(ANA, 1))
    assert outcome["ok"]
    assert (root / "example.test/ana.10").exists()


def test_links_are_removed_and_never_followed(engine: Engine, root: Path) -> None:
    beside = files(root.parent / "beside")
    (root / "example.test/ana.1/Maildir/.Links").mkdir()
    (root / "example.test/ana.1/Maildir/.Links/folder").symlink_to(root.parent / "beside")
    (root / "example.test/ana.1/Maildir/.Links/file").symlink_to(root.parent / "beside/Maildir/cur/1:2,S")
    (root / "other.test/linked.1").symlink_to(root.parent / "beside")
    linked = Home(path="other.test/linked.1")
    assert all(outcome["ok"] for outcome in apply(engine, absent(ANA, 1), absent(linked, 1)))
    assert not (root / "example.test/ana.1").exists()
    assert not (root / "other.test/linked.1").is_symlink()
    assert files(root.parent / "beside") == beside


def test_behind_a_linked_domain_nothing_is_removed(engine: Engine, root: Path) -> None:
    (root / "linked.test").symlink_to(root.parent / "beside")
    (outcome,) = apply(engine, absent(Home(path="linked.test/Maildir"), 1))
    assert not outcome["ok"]
    assert "linked.test is a link" in outcome["error"]
    assert (root.parent / "beside/Maildir").exists()


def test_any_order_ends_at_the_highest_revision(engine: Engine, root: Path) -> None:
    """Absent overtook by "keep it": the older message comes late and removes nothing."""
    assert apply(engine, wanted(ANA, 5))[0]["ok"]
    (late,) = apply(engine, absent(ANA, 4))
    assert (late["rev"], late["proof"]) == (5, "kept")
    assert (root / "example.test/ana.1").exists()
    (outcome,) = apply(engine, wanted(ANA, 5), absent(ANA, 6), absent(ANA, 3))
    assert (outcome["rev"], outcome["ok"]) == (6, True)
    assert not (root / "example.test/ana.1").exists()
    (again,) = apply(engine, absent(ANA, 6))
    assert (again["rev"], again["proof"]) == (6, outcome["proof"])


def test_much_mail_goes_in_several_tries(directory: Directory, root: Path) -> None:
    backend = HomesBackend(directory, root, seconds=0)
    item = parse(absent(ANA, 1))
    with pytest.raises(BackendError, match="there is much in it") as refused:
        backend.apply(item)
    assert not refused.value.permanent
    assert not (root / "example.test/ana.1").exists()  # out of reach at once
    backend.seconds = 10
    assert backend.apply(item).text
    assert list((root / ASIDE).iterdir()) == []


def test_a_large_folder_holds_nobody_up(directory: Directory, root: Path) -> None:
    backend = HomesBackend(directory, root)
    with backend._turn, pytest.raises(BackendError, match="still removing the mail of others"):
        backend.apply(parse(absent(ANA, 1)))


REMOVE = """
import sys
from pathlib import Path
from nodeagent.backends.homes import HomesBackend
from nodeagent.directory import Directory
from nodeagent.payload import parse
directory, root = map(Path, sys.argv[1:])
message = {"kind": "home", "key": "home/example.test/ana.1", "rev": 1, "payload": None}
HomesBackend(Directory(directory), root, seconds=60).apply(parse(message))
"""


def test_killed_in_the_middle_it_ends_at_the_next_try(
    engine: Engine, directory: Directory, root: Path
) -> None:
    folder = root / "example.test/ana.1/Maildir/new"
    for number in range(20_000):
        (folder / str(number)).touch()
    argv = [sys.executable, "-c", REMOVE, str(directory.path), str(root)]
    running = subprocess.Popen(argv)
    aside = root / ASIDE / ANA.path / "Maildir/new"
    rig.until(lambda: aside.exists() and len(os.listdir(aside)) < 19_000)
    running.send_signal(signal.SIGKILL)
    running.wait(10)
    assert os.listdir(aside), "it was killed too late to show anything"
    assert not (root / "example.test/ana.1").exists()
    (outcome,) = apply(engine, absent(ANA, 1))
    assert outcome["ok"], outcome
    assert list((root / ASIDE).iterdir()) == []


def test_left_from_an_earlier_try_and_there_again_both_go(engine: Engine, root: Path) -> None:
    (root / ASIDE / ANA.path / "Maildir/cur").mkdir(parents=True)
    (root / ASIDE / ANA.path / "Maildir/cur/1").touch()
    (outcome,) = apply(engine, absent(ANA, 1))
    assert outcome["ok"]
    assert not (root / "example.test/ana.1").exists()
    assert list((root / ASIDE).iterdir()) == []


def test_what_cannot_be_removed_says_why(engine: Engine, root: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def denied(*args: Any, **options: Any) -> None:
        raise PermissionError(1, "Operation not permitted")

    with monkeypatch.context() as patch:  # root, who runs these tests, may do everything
        patch.setattr(os, "unlink", denied)
        (outcome,) = apply(engine, absent(ANA, 1))
    assert (outcome["ok"], outcome["permanent"]) == (False, False)
    assert outcome["error"] == "The node cannot remove example.test/ana.1: Operation not permitted."
    assert apply(engine, absent(ANA, 1))[0]["ok"]


def test_mail_put_back_from_a_backup_is_noticed(engine: Engine, root: Path) -> None:
    apply(engine, absent(ANA, 1), wanted(Home(path="other.test/ana.1"), 1))
    backend = engine.effects[Home.KIND]

    def lost() -> Sequence[str]:
        with engine.directory.reading() as connection:
            return list(backend.lost(ledger.of_kind(connection, Home.KIND)))

    assert lost() == []
    (root / ANA.path).mkdir(parents=True)
    assert lost() == [ANA.key]
