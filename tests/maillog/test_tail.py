"""The tail against every way in which log files come and go. The truth is what was written."""

from __future__ import annotations

import os
import shutil
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeagent.maillog import tail as tail_module
from nodeagent.maillog.cursor import Cursor
from nodeagent.maillog.tail import LINE_KEPT, Lines, Tail


class Panel:
    """Takes lines as the real one does: once each, by (file, offset)."""

    def __init__(self) -> None:
        self.seen: dict[tuple[str, int], bytes] = {}
        self.order: list[bytes] = []

    def take(self, lines: Lines) -> None:
        for offset, line in lines.lines:
            if (lines.identity, offset) not in self.seen:
                self.seen[lines.identity, offset] = line
                self.order.append(line)


class Node:
    """A log file that is written and rotated, and a shipper that may die at any moment."""

    def __init__(self, folder: Path) -> None:
        self.log = folder / "mail.log"
        self.cursor = folder / "cursor.json"
        self.panel = Panel()
        self.written: list[bytes] = []
        self.count = 0
        self.half = b""
        self.tail = self.start()
        self.tail.read(max_lines=1)  # the first start has seen the empty folder

    def start(self) -> Tail:
        return Tail(self.log, Cursor(self.cursor))

    def write(self, many: int = 1) -> None:
        self.finish_half()
        for _ in range(many):
            self.count += 1
            line = b"Nov 22 03:52:33 mail postfix/qmgr[1]: line %d \xff\x00 end" % self.count
            self._append(line + b"\n")
            self.written.append(line)

    def write_half(self) -> None:
        self.finish_half()
        self.count += 1
        self.half = b"Nov 22 03:52:33 mail postfix/qmgr[1]: halved %d, with a tail" % self.count
        self._append(self.half[:30])

    def finish_half(self) -> None:
        if self.half:
            self._append(self.half[30:] + b"\n")
            self.written.append(self.half)
            self.half = b""

    def _append(self, data: bytes) -> None:
        with self.log.open("ab") as file:
            file.write(data)

    def step(self, *, lines: int = 1000, commit: bool = True) -> bool:
        taken = self.tail.read(max_lines=lines)
        if taken is None:
            return False
        self.panel.take(taken)
        if commit:
            self.tail.commit(taken)
        return True

    def drain(self) -> None:
        for _ in range(1000):
            if not self.step():
                return
        raise AssertionError("never done")

    def die(self) -> None:
        self.tail.close()
        self.tail = self.start()

    def _shift(self) -> None:
        for number in range(30, 0, -1):
            old = self.log.with_name(f"mail.log.{number}")
            if old.exists():
                old.rename(self.log.with_name(f"mail.log.{number + 1}"))

    def rename(self) -> None:
        self.finish_half()
        if self.log.exists():
            self._shift()
            self.log.rename(self.log.with_name("mail.log.1"))

    def copytruncate(self) -> None:
        self.finish_half()
        if self.log.exists():
            self._shift()
            shutil.copyfile(self.log, self.log.with_name("mail.log.1"))
            self.step()  # the copy is there, the original not cut yet
            os.truncate(self.log, 0)

    def truncate(self) -> None:
        """What is cut away unread is lost to all; so it is read before."""
        self.finish_half()
        if self.log.exists():
            self.drain()
            os.truncate(self.log, 0)


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    made = Node(tmp_path)
    yield made
    made.tail.close()


STEPS = st.one_of(
    st.tuples(st.just("write"), st.integers(1, 4)),
    st.tuples(
        st.sampled_from(["write_half", "finish_half", "rename", "copytruncate", "truncate", "die", "drain"])
    ),
    st.tuples(st.just("step"), st.integers(1, 3), st.booleans()),
)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.lists(STEPS, max_size=25))
def test_every_line_once_in_order_whatever_happens(
    tmp_path_factory: Any, steps: list[tuple[Any, ...]]
) -> None:
    node = Node(tmp_path_factory.mktemp("node"))
    for name, *values in steps:
        if name == "step":
            node.step(lines=values[0], commit=values[1])
        else:
            getattr(node, name)(*values)
    node.finish_half()
    node.drain()
    node.tail.close()
    assert node.panel.order == node.written


def test_half_line_waits_for_its_end(node: Node) -> None:
    node.write(1)
    node.write_half()
    node.drain()
    assert len(node.panel.order) == 1
    node.finish_half()
    node.drain()
    assert node.panel.order == node.written


def test_writer_that_keeps_the_renamed_file_open(node: Node) -> None:
    node.write(2)
    writer = node.log.open("ab")
    node.drain()
    node.rename()
    node.write(1)
    node.drain()
    writer.write(b"late line\n")
    writer.close()
    node.drain()
    assert node.panel.order == [*node.written, b"late line"]


def test_rotated_and_deleted_before_it_was_read(node: Node) -> None:
    node.write(2)
    node.step(lines=1)
    node.rename()
    node.log.with_name("mail.log.1").unlink()
    node.write(1)
    node.drain()
    assert node.panel.order == node.written


def test_archives_of_the_time_before_us_are_left_alone(tmp_path: Path) -> None:
    (tmp_path / "mail.log.1").write_bytes(b"old line\n")
    (tmp_path / "mail.log.2.gz").write_bytes(b"\x1f\x8b")
    (tmp_path / "mail.log").write_bytes(b"new line\n")
    tail = Tail(tmp_path / "mail.log", Cursor(tmp_path / "cursor.json"))
    taken = tail.read(max_lines=10)
    assert taken is not None
    assert [line for _, line in taken.lines] == [b"new line"]
    tail.commit(taken)
    assert tail.read(max_lines=10) is None
    tail.close()


def test_reused_inode_is_another_file(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.write(2)
    node.drain()
    inode = node.log.stat().st_ino
    node.tail.close()
    node.log.unlink()
    node.write(3)
    state = node.cursor.read_text().replace(f'"inode": {inode}', f'"inode": {node.log.stat().st_ino}')
    node.cursor.write_text(state)
    node.tail = node.start()
    node.drain()
    assert node.panel.order == node.written


def test_same_first_line_after_truncation_is_not_the_same_file(node: Node) -> None:
    node.log.write_bytes(b"same\nfirst\n")
    node.drain()
    os.truncate(node.log, 0)
    with node.log.open("ab") as file:
        file.write(b"same\nother, and longer than before\n")
    node.drain()
    assert node.panel.order == [b"same", b"first", b"same", b"other, and longer than before"]


def test_hole_of_nuls_after_truncation_under_an_old_offset(node: Node) -> None:
    node.write(3)
    node.drain()
    with node.log.open("r+b") as writer:
        writer.seek(0, os.SEEK_END)
        os.truncate(node.log, 0)
        writer.write(b"after the hole\n")
    node.drain()
    assert node.panel.order[-1] == b"after the hole"


def test_a_hole_rotated_by_copying_is_told_once(node: Node) -> None:
    """Two files that begin with nothing are not the same because of it."""
    node.write()
    with node.log.open("r+b") as writer:
        for number in range(3):
            writer.seek(0, os.SEEK_END)
            place = max(writer.tell(), 5000)
            shutil.copyfile(node.log, node.log.with_name(f"mail.log.{number}"))
            os.truncate(node.log, 0)
            writer.seek(place)
            writer.write(b"after hole %d\n" % number)
            writer.flush()
            node.step(commit=False)
            node.die()
        node.drain()
    assert sorted(node.panel.order[1:]) == [b"after hole %d" % number for number in range(3)]


def test_a_copy_made_while_we_look_is_found(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.write(3)
    node.drain()
    node.write(2)
    names = node.tail._names

    def cut_meanwhile() -> object:
        found = names()
        if node.log.stat().st_size:
            shutil.copyfile(node.log, node.log.with_name("mail.log.1"))
            os.truncate(node.log, 0)
        return found

    monkeypatch.setattr(node.tail, "_names", cut_meanwhile)
    node.drain()
    node.drain()
    assert node.panel.order == node.written
    assert node.tail.lost == 0


def test_over_long_line_is_kept_as_far_as_lines_are_kept(node: Node) -> None:
    size = tail_module.CHUNK * 2 + 7
    with node.log.open("ab") as file:
        file.write(b"x" * size)
    assert node.tail.read(max_lines=10) is None
    with node.log.open("ab") as file:
        file.write(b"\nnext\n")
    node.drain()
    assert node.panel.order == [b"x" * LINE_KEPT, b"next"]


def test_damaged_cursor_reads_again_and_nothing_doubles(node: Node) -> None:
    node.write(3)
    node.drain()
    node.cursor.write_text('{"places": [{"iden')
    node.die()
    node.write(1)
    node.drain()
    assert node.panel.order == node.written


def test_cursor_is_old_or_new_never_half(node: Node, monkeypatch: pytest.MonkeyPatch) -> None:
    node.write(1)
    node.drain()
    before = node.cursor.read_text()
    node.write(1)

    def power_cut(*_: Any) -> None:
        raise OSError("power cut")

    monkeypatch.setattr("os.fsync", power_cut)
    with pytest.raises(OSError, match="power cut"):
        node.step()
    assert node.cursor.read_text() == before
    monkeypatch.undo()
    node.die()
    node.drain()
    assert node.panel.order == node.written
