"""Signing keys: made once on the node, used by the real rspamd when active."""

from __future__ import annotations

import base64
import stat
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor

import pytest
from cryptography.hazmat.primitives.serialization import load_der_public_key

from nodeagent.backends.rspamd import RspamdBackend
from nodeagent.contract import DkimKey, Outcome
from nodeagent.node import Node
from nodeagent.patterns import BadStateError
from nodeagent.payload import parse
from tests.nodeagent.conftest import Place, absent, wanted

Apply = Callable[..., dict[str, Outcome]]


def test_key_is_made_signs_rotates_and_goes(apply: Apply, place: Place, domain: str) -> None:
    first, second = DkimKey(domain=domain, selector="p1"), DkimKey(domain=domain, selector="p2")
    made = apply(wanted(first))[first.key]
    assert made["ok"], made
    public = made["facts"]["public_key"]
    assert load_der_public_key(base64.b64decode(public)).key_size == 2048  # type: ignore[union-attr]
    file = place.root / f"dkim/{domain}.p1.key"
    assert stat.S_IMODE(file.stat().st_mode) == 0o640
    assert file.group() == "_rspamd"
    active = apply(wanted(DkimKey(domain=domain, selector="p1", active=True), 2))[first.key]
    assert active["ok"], active
    assert active["facts"]["public_key"] == public
    outcomes = apply(wanted(DkimKey(domain=domain, selector="p2", active=True)), wanted(first, 3))
    assert all(outcome["ok"] for outcome in outcomes.values()), outcomes
    assert f"{domain} p2\n" in (place.root / "dkim/selectors.map").read_text()
    assert apply(absent(second, 2))[second.key]["ok"]
    assert domain not in (place.root / "dkim/selectors.map").read_text()
    assert file.exists()


def test_lost_report_of_a_key_heals(apply: Apply, domain: str) -> None:
    state = DkimKey(domain=domain, selector="p1")
    assert apply(wanted(state))[state.key] == apply(wanted(state))[state.key]


def test_wishes_that_come_together_are_all_kept(node: Node, place: Place, domain: str) -> None:
    backend = node.engine.effects["dkim_key"]
    assert isinstance(backend, RspamdBackend)
    names = [f"n{number}.{domain}" for number in range(40)]
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda name: backend._sign_with(name, "p1", True), names))
    lines = (place.root / "dkim/selectors.map").read_text().splitlines()
    assert {f"{name} p1" for name in names} <= set(lines)


@pytest.mark.parametrize("key", ["../etc/p1", "example.test/../x", "example.test/p1/p2", "example.test/"])
def test_a_key_never_leaves_its_folder(key: str) -> None:
    message = wanted(DkimKey(domain="example.test", selector="p1"))
    with pytest.raises(BadStateError, match="is not a key"):
        parse({**message, "key": f"dkim_key/{key}", "payload": None})
