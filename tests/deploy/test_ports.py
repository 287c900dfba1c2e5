"""Ports: kept, preferred, or the next one when a stranger has it."""

from __future__ import annotations

import json
import socket
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from deploy.stack import ports
from deploy.stack.layout import Failure
from deploy.stack.ports import PREFERRED, choose, is_free, load


def test_the_preferred_ones_when_all_are_free() -> None:
    assert choose({}, free=lambda port: True) == PREFERRED


def test_what_was_chosen_once_stays() -> None:
    kept = {"smtp": 2031, "panel": 9443}
    found = choose(kept, free=lambda port: True)
    assert (found["smtp"], found["panel"], found["imap"]) == (2031, 9443, PREFERRED["imap"])


@given(taken=st.sets(st.sampled_from(sorted(PREFERRED.values()))), offset=st.sampled_from([0, 3000]))
def test_none_is_taken_and_none_is_given_twice(taken: set[int], offset: int) -> None:
    found = choose({}, offset=offset, free=lambda port: port not in taken)
    assert set(found) == set(PREFERRED)
    assert len(set(found.values())) == len(found)
    assert not taken.intersection(found.values())


def test_no_free_port_at_all_is_said() -> None:
    with pytest.raises(Failure, match="no free port for smtp"):
        choose({}, free=lambda port: False)


@pytest.mark.parametrize("kind", [socket.SOCK_STREAM, socket.SOCK_DGRAM])
def test_a_strangers_port_is_seen(kind: socket.SocketKind) -> None:
    ports_before = []
    for _ in range(10):
        with socket.socket(socket.AF_INET, kind) as stranger:
            stranger.bind(("127.0.0.1", 0))
            if kind == socket.SOCK_STREAM:
                stranger.listen()
            ports_before.append(stranger.getsockname()[1])
            assert not is_free(ports_before[-1])
    # On a busy machine somebody else may have taken one of them meanwhile, not all.
    assert any(is_free(port) for port in ports_before)


@pytest.mark.parametrize("text", ["", "[]", "{", '{"smtp": "2025"}', '{"other": 1}', "null"])
def test_a_damaged_file_counts_as_none(tmp_path: Path, text: str) -> None:
    (tmp_path / "ports.json").write_text(text, encoding="utf-8")
    assert load(tmp_path / "ports.json") == {}


def test_the_choice_is_kept_in_the_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "ports.json"
    monkeypatch.setattr(ports, "write", lambda where, text: where.write_text(text, encoding="utf-8"))
    with socket.socket() as stranger:
        stranger.bind(("127.0.0.1", 0))
        stranger.listen()
        taken = stranger.getsockname()[1]
        path.write_text(json.dumps({"smtp": taken}), encoding="utf-8")
        found = ports.settle(path) if taken < ports.CEILING else None
    if found is not None:
        assert found["smtp"] != taken
        assert load(path) == found
