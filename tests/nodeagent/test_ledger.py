"""Whatever the queue does to messages, the node ends at the highest revision and says so."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nodeagent import ledger
from nodeagent.apply import Engine, apply_states
from nodeagent.backends.base import BackendError, Proof, Result
from nodeagent.backends.postfix import PostfixBackend
from nodeagent.contract import DkimKey, MailDomain, StateMessage, Zone
from nodeagent.directory import Directory
from nodeagent.ledger import Held
from nodeagent.payload import Item
from tests.nodeagent.conftest import absent, wanted


class Unproven(PostfixBackend):
    """The real rows; the proof is decided by the test, for no server is part of what is tested here."""

    refuse = False

    def prove(self, items: Sequence[Item], disturbed: set[str]) -> dict[str, Result]:
        if self.refuse:
            raise BackendError("away")
        return {item.key: Proof(text="seen") for item in items}


class Files:
    """An effect in memory that can fail."""

    kind = DkimKey.KIND

    def __init__(self) -> None:
        self.now: dict[str, int] = {}
        self.refuse = False

    def apply(self, item: Item) -> Proof:
        if self.refuse:
            raise BackendError("away", facts={"seen": 1})
        self.now[item.key] = item.rev
        return Proof(text="done", facts={"rev": item.rev})

    def lost(self, entries: Sequence[Held]) -> list[str]:
        return []


@pytest.fixture
def engine(directory: Directory) -> Iterator[Engine]:
    with ThreadPoolExecutor(4) as pool:
        rows, effects = Unproven(directory, Path("/nowhere"), lambda masks: {}, pool), Files()
        yield Engine(
            directory=directory,
            rows={rows.kind: rows},
            effects={effects.kind: effects},
            provers=pool,
            doers=pool,
        )


def domains(engine: Engine) -> dict[str, int]:
    with engine.directory.reading() as connection:
        rows: list[tuple[Any, ...]] = connection.execute("SELECT name, active FROM domains").fetchall()
    return dict(rows)


def history(key: int) -> list[StateMessage]:
    """Revisions 1 to 6 of one object, with a deletion among them."""
    state = MailDomain(name=f"h{key}.test")
    messages = [wanted(MailDomain(name=state.name, active=bool(rev % 2)), rev) for rev in range(1, 7)]
    return [*messages[:3], absent(state, 4), *messages[4:]]


KEYS = st.integers(0, 10**9)
ORDER = st.lists(st.integers(0, 5), min_size=1, max_size=25)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(key=KEYS, order=ORDER, size=st.integers(1, 6))
def test_any_order_and_repetition_ends_at_the_highest_revision(
    engine: Engine, key: int, order: list[int], size: int
) -> None:
    with engine.directory.writing() as connection:
        connection.execute("DELETE FROM ledger")
        connection.execute("DELETE FROM domains")
    messages = history(key)
    sent = [messages[place] for place in order]
    for start in range(0, len(sent), size):
        outcomes = [one for part in apply_states(engine, sent[start : start + size]) for one in part]
        highest = max(message["rev"] for message in sent[: start + size])
        assert [(one["rev"], one["ok"]) for one in outcomes] == [(highest, True)]
    last = messages[max(order)]
    expected = {} if last["payload"] is None else {last["payload"]["name"]: int(last["payload"]["active"])}
    assert domains(engine) == expected
    with engine.directory.reading() as connection:
        held = ledger.held(connection, [last["key"]])[last["key"]]
    assert (held.rev, held.present) == (last["rev"], last["payload"] is not None)


def test_row_without_proof_is_tried_again_with_the_same_revision(engine: Engine) -> None:
    backend = engine.rows["mail_domain"]
    assert isinstance(backend, Unproven)
    state = MailDomain(name="example.test")
    backend.refuse = True
    (outcome,) = [one for part in apply_states(engine, [wanted(state, 3)]) for one in part]
    assert (outcome["ok"], outcome["error"], outcome["rev"]) == (False, "away", 3)
    assert domains(engine) == {"example.test": 1}
    with engine.directory.reading() as connection:
        assert ledger.manifest(connection, "")["entries"] == [(state.key, 0, True)]
    backend.refuse = False
    (outcome,) = [one for part in apply_states(engine, [wanted(state, 3)]) for one in part]
    assert outcome["ok"]


def test_effect_that_failed_is_not_held(engine: Engine) -> None:
    backend = engine.effects["dkim_key"]
    assert isinstance(backend, Files)
    state = DkimKey(domain="example.test", selector="p1")
    backend.refuse = True
    (outcome,) = [one for part in apply_states(engine, [wanted(state, 3)]) for one in part]
    assert (outcome["ok"], outcome["rev"], outcome["facts"]) == (False, 3, {"seen": 1})
    with engine.directory.reading() as connection:
        assert ledger.held(connection, [state.key]) == {}
    backend.refuse = False
    (outcome,) = [one for part in apply_states(engine, [wanted(state, 3)]) for one in part]
    assert outcome["ok"]
    backend.refuse = True
    (outcome,) = [one for part in apply_states(engine, [wanted(state, 3)]) for one in part]
    assert outcome["facts"] == {"rev": 3}  # answered from the ledger


def test_one_bad_state_does_not_hurt_the_others(engine: Engine) -> None:
    good, other = MailDomain(name="good.test"), MailDomain(name="other.test")
    key = DkimKey(domain="good.test", selector="p1")
    messages = [
        wanted(good),
        {
            "kind": "mail_domain",
            "key": "mail_domain/../etc",
            "rev": 1,
            "payload": {"name": "../etc", "active": True},
        },
        {
            "kind": "mail_domain",
            "key": "mail_domain/x.test",
            "rev": 1,
            "payload": {"name": "y.test", "active": True},
        },
        {
            "kind": "mail_domain",
            "key": "mail_domain/z.test",
            "rev": 1,
            "payload": {"name": "z.test", "colour": 1},
        },
        {
            "kind": "mail_domain",
            "key": "mail_domain/i.test",
            "rev": 1,
            "payload": {"name": "i.test", "active": "yes"},
        },
        {"kind": "teapot", "key": "teapot/1", "rev": 1, "payload": {}},
        wanted(Zone(name="no-role.test", serial=1, rrsets=[])),
        "nonsense",
        wanted(key),
        wanted(other),
    ]
    outcomes = {one["key"]: one for part in apply_states(engine, messages) for one in part}
    assert {name for name, one in outcomes.items() if one["ok"]} == {good.key, other.key, key.key}
    assert all(one["error"] for one in outcomes.values() if not one["ok"])
    passing = {name for name, one in outcomes.items() if not one["ok"] and not one["permanent"]}
    assert passing == {"teapot/1"}  # an update of the agent helps
    assert "contract 1" in outcomes["teapot/1"]["error"]
    assert len(outcomes) == 9


def test_a_row_that_the_directory_refuses_is_refused_alone(engine: Engine) -> None:
    with engine.directory.writing() as connection:
        connection.execute(
            "CREATE TEMP TRIGGER no_bad BEFORE INSERT ON domains WHEN new.name = 'bad.test'"
            " BEGIN SELECT RAISE(ABORT, 'not this one'); END"
        )
    states = [MailDomain(name=name) for name in ("a.test", "bad.test", "c.test")]
    outcomes = {one["key"]: one for part in apply_states(engine, [wanted(s) for s in states]) for one in part}
    assert [outcomes[state.key]["ok"] for state in states] == [True, False, True]
    assert "not this one" in outcomes[states[1].key]["error"]
    assert set(domains(engine)) == {"a.test", "c.test"}


def test_a_backend_that_breaks_is_an_outcome(engine: Engine, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(engine.effects["dkim_key"], "apply", lambda item: 1 / 0)
    outcomes = [
        one
        for part in apply_states(
            engine, [wanted(DkimKey(domain="a.test", selector="p1")), wanted(MailDomain(name="a.test"))]
        )
        for one in part
    ]
    assert {one["key"]: one["ok"] for one in outcomes} == {
        "dkim_key/a.test/p1": False,
        "mail_domain/a.test": True,
    }


def test_manifest_pages_cover_every_key_in_byte_order(engine: Engine) -> None:
    names = sorted(f"d{number}.test" for number in range(25))
    list(apply_states(engine, [wanted(MailDomain(name=name)) for name in names]))
    found: list[str] = []
    after, upto = "", None
    with engine.directory.reading() as connection:
        while True:
            page = ledger.manifest(connection, after, limit=10)
            assert page["after"] == after
            found += [key for key, _rev, _present in page["entries"]]
            upto = page["upto"]
            if upto is None:
                break
            after = upto
    assert found == [f"mail_domain/{name}" for name in names]
