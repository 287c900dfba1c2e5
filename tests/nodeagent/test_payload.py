"""What comes off the queue is checked before it touches anything."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.contract import Mailbox, RRset, Zone, to_payload
from nodeagent.payload import BadState, home_parts, parse
from tests.nodeagent.conftest import wanted

MAILBOX = Mailbox(address="ana@example.test", password_hash="{ARGON2ID}$argon2id$x", home="example.test/ana-1", quota_mb=1)


def changed(**fields: Any) -> dict[str, Any]:
    return {**wanted(MAILBOX), "payload": to_payload(MAILBOX) | fields}


@pytest.mark.parametrize(
    "home",
    ["/etc", "..", "../x", "a/../b", "a/..", "a//b", "", ".", "a/.", "a/\0b", "a\n", "~root", "a/%u", "-rf", "a" * 401, ".hidden"],
)
def test_home_that_escapes_is_refused(home: str) -> None:
    if home == "-rf":  # a dash is a letter like any other: it never reaches a command line
        assert str(home_parts(home)) == home
        return
    with pytest.raises(BadState):
        parse(changed(home=home))


@given(st.text(max_size=40))
def test_no_home_leaves_the_mail_folder(home: str) -> None:
    try:
        parts = home_parts(home)
    except BadState:
        return
    assert not parts.is_absolute()
    assert ".." not in parts.parts


@pytest.mark.parametrize(
    "fields",
    [
        {"quota_mb": 0},
        {"quota_mb": -1},
        {"quota_mb": 2**63},
        {"quota_mb": True},
        {"quota_mb": "1"},
        {"quota_mb": 1.5},
        {"password_hash": "plain text"},
        {"password_hash": "{ARGON2ID}a\nb"},
        {"password_hash": ""},
        {"sign_in": 1},
        {"reason": "two\nlines"},
        {"address": "ben@example.test"},
        {"extra": 1},
    ],
)
def test_fields_that_cannot_be_are_refused(fields: dict[str, Any]) -> None:
    with pytest.raises(BadState):
        parse(changed(**fields))


@pytest.mark.parametrize("rev", [0, -1, True, "1", 2**63, None, 1.0])
def test_revision_is_a_positive_whole_number(rev: Any) -> None:
    with pytest.raises(BadState):
        parse({**wanted(MAILBOX), "rev": rev})


@pytest.mark.parametrize("address", ["a/b@example.test", "../x@example.test", "A@example.test", "a@b@c", "a b@example.test"])
def test_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(BadState):
        parse({**wanted(MAILBOX), "key": f"mailbox/{address}", "payload": None})


def zone(*rrsets: RRset, serial: int = 1) -> dict[str, Any]:
    soa = RRset(name="example.test.", type="SOA", ttl=1, records=["ns. host. 1 1 1 1 1"])
    return dict(wanted(Zone(name="example.test", serial=serial, rrsets=[soa, *rrsets])))


@pytest.mark.parametrize(
    "rrset",
    [
        RRset(name="other.test.", type="A", ttl=1, records=["192.0.2.1"]),
        RRset(name="notexample.test.", type="A", ttl=1, records=["192.0.2.1"]),
        RRset(name="www.example.test", type="A", ttl=1, records=["192.0.2.1"]),
        RRset(name="WWW.example.test.", type="A", ttl=1, records=["192.0.2.1"]),
        RRset(name="www.example.test.", type="a", ttl=1, records=["192.0.2.1"]),
        RRset(name="www.example.test.", type="A", ttl=-1, records=["192.0.2.1"]),
        RRset(name="www.example.test.", type="A", ttl=1, records=[]),
        RRset(name="www.example.test.", type="TXT", ttl=1, records=['"a\nb"']),
        RRset(name="example.test.", type="SOA", ttl=1, records=["twice"]),
    ],
)
def test_rrset_that_cannot_be_is_refused(rrset: RRset) -> None:
    with pytest.raises(BadState):
        parse(zone(rrset))


def test_zone_in_order_passes() -> None:
    names = ["_sip._tcp.example.test.", "*.example.test.", "0/25.example.test.", "example.test."]
    assert parse(zone(*[RRset(name=name, type="TXT", ttl=0, records=['"x"']) for name in names])).state is not None
