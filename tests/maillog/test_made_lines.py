"""The made-up lines of bin/bench ingest: read and folded, they are what their truth says."""

from __future__ import annotations

from collections import Counter

import pytest

from bench.ingest_lines import LOGS, RSPAMD, Truth, domain_of, lines, write
from nodeagent.maillog.parse import Event, Parser

START = 1_795_000_000.0


@pytest.fixture(scope="module")
def made() -> tuple[dict[str, bytes], Truth]:
    return lines(11, 20_000, domains=40, start=START)


@pytest.fixture(scope="module")
def events(made: tuple[dict[str, bytes], Truth]) -> dict[str, list[Event]]:
    found = {}
    for log in LOGS:
        parser = Parser(log, now=lambda: START + 86_400)
        found[log] = [parser(text) for text in made[0][log].splitlines()]
    return found


def test_the_same_seed_makes_the_same(made: tuple[dict[str, bytes], Truth]) -> None:
    assert lines(11, 20_000, domains=40, start=START) == made
    assert lines(12, 20_000, domains=40, start=START)[0] != made[0]


def test_as_many_as_were_asked_for(made: tuple[dict[str, bytes], Truth]) -> None:
    files, truth = made
    assert {log: text.count(b"\n") for log, text in files.items()} == truth.lines
    assert truth.lines.total() == 20_000


def test_files_hold_the_same(
    made: tuple[dict[str, bytes], Truth], tmp_path_factory: pytest.TempPathFactory
) -> None:
    folder = tmp_path_factory.mktemp("made")
    assert write(11, 20_000, folder, domains=40, start=START) == made[1]
    assert (folder / "mail.log").read_bytes() == made[0]["postfix"]


def test_every_line_is_understood(events: dict[str, list[Event]]) -> None:
    assert not [event.raw for log in LOGS for event in events[log] if event.kind == "unparsed"]


def test_counts_are_the_truth(made: tuple[dict[str, bytes], Truth], events: dict[str, list[Event]]) -> None:
    truth = made[1]
    kinds = Counter(event.kind for log in LOGS for event in events[log])
    assert kinds["queued"] == truth.mails
    assert kinds["verdict"] == truth.verdicts == len([e for e in events[RSPAMD] if e.ref])
    assert kinds["sign-in"] == truth.sign_ins.total() == kinds["sign-out"]
    assert kinds["auth-failed"] == truth.failures.total() == kinds["auth"]
    assert kinds["expunge"] == truth.expunged.total()
    assert kinds["stored"] == truth.filed.total()
    signed = Counter(domain_of(e.data["user"]) for log in LOGS for e in events[log] if e.kind == "sign-in")
    assert signed == truth.sign_ins
    refused = [event for event in events["postfix"] if event.kind == "reject" and not event.ref]
    assert len(refused) == truth.refusals


def test_everything_happens(made: tuple[dict[str, bytes], Truth], events: dict[str, list[Event]]) -> None:
    statuses = {status for _domain, _way, status in made[1].rows}
    assert {1, 2, 3, 4, 5} <= statuses
    refs = Counter(event.ref for event in events["postfix"] if event.kind == "removed")
    assert max(refs.values()) > 1, "queue ids come again"
