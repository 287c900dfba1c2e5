"""What comes off the queue is checked before it touches anything."""

from __future__ import annotations

import contextlib
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nodeagent.contract import Mailbox, MailDomain, RRset, Zone, to_payload
from nodeagent.patterns import BadStateError, home_parts
from nodeagent.payload import parse
from tests.nodeagent.conftest import wanted

MAILBOX = Mailbox(
    address="ana@example.test", password_hash="{ARGON2ID}$argon2id$x", home="example.test/ana-1", quota_mb=1
)


def changed(**fields: Any) -> dict[str, Any]:
    return {**wanted(MAILBOX), "payload": to_payload(MAILBOX) | fields}


@pytest.mark.parametrize(
    "home",
    [
        "/etc",
        "..",
        "../x",
        "a/../b",
        "a/..",
        "a//b",
        "",
        ".",
        "a/.",
        "a/\0b",
        "a\n",
        "~root",
        "a/%u",
        "-rf",
        "a" * 401,
        ".hidden",
    ],
)
def test_home_that_escapes_is_refused(home: str) -> None:
    if home == "-rf":  # a dash is a letter like any other: it never reaches a command line
        assert str(home_parts(home)) == home
        return
    with pytest.raises(BadStateError):
        parse(changed(home=home))


@given(st.text(max_size=40))
def test_no_home_leaves_the_mail_folder(home: str) -> None:
    try:
        parts = home_parts(home)
    except BadStateError:
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
    with pytest.raises(BadStateError):
        parse(changed(**fields))


DOMAIN = MailDomain(name="example.test", account="a12", sends_per_hour=500)


def domain(**fields: Any) -> dict[str, Any]:
    return {**wanted(DOMAIN), "payload": to_payload(DOMAIN) | fields}


@pytest.mark.parametrize(
    "fields",
    [
        {"sends_per_hour": -1},
        {"sends_per_hour": 2**31},
        {"sends_per_hour": True},
        {"sends_per_hour": None},
        {"account": "a 12"},
        {"account": "A12"},
        {"account": "a" * 65},
        {"sign_in": 0},
        {"pop3": "yes"},
        {"reason": "two\nlines"},
        {"reason": "turned \u202e round"},
        {"reason": "x" * 501},
    ],
)
def test_fields_of_a_domain_that_cannot_be_are_refused(fields: dict[str, Any]) -> None:
    assert parse(domain()).state == DOMAIN
    with pytest.raises(BadStateError):
        parse(domain(**fields))


def test_a_domain_as_older_panels_say_it_is_taken() -> None:
    older = {**wanted(DOMAIN), "payload": {"name": "example.test", "active": True}}
    assert parse(older).state == MailDomain(name="example.test")


@given(st.text(max_size=60))
def test_a_reason_is_one_line_of_plain_text_or_refused(reason: str) -> None:
    try:
        state = parse(domain(reason=reason)).state
    except BadStateError:
        return
    assert isinstance(state, MailDomain)
    assert len(state.reason.splitlines()) <= 1
    assert not set(state.reason) & set("\x00\x07\x1b\u202e\u2066")


@pytest.mark.parametrize("rev", [0, -1, True, "1", 2**63, None, 1.0])
def test_revision_is_a_positive_whole_number(rev: Any) -> None:
    with pytest.raises(BadStateError):
        parse({**wanted(MAILBOX), "rev": rev})


@pytest.mark.parametrize(
    "address", ["a/b@example.test", "../x@example.test", "A@example.test", "a@b@c", "a b@example.test"]
)
def test_address_that_cannot_be_is_refused(address: str) -> None:
    with pytest.raises(BadStateError):
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
    with pytest.raises(BadStateError):
        parse(zone(rrset))


def test_zone_in_order_passes() -> None:
    names = ["_sip._tcp.example.test.", "*.example.test.", "0/25.example.test.", "example.test."]
    assert (
        parse(zone(*[RRset(name=name, type="TXT", ttl=0, records=['"x"']) for name in names])).state
        is not None
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=4),
    max_leaves=8,
)
KINDS_AND_KEYS = st.sampled_from(
    [
        ("mailbox", "mailbox/ana@example.test"),
        ("zone", "zone/example.test"),
        ("mail_domain", "mail_domain/example.test"),
        ("dkim_key", "dkim_key/example.test/p1"),
    ]
)
FIELDS = st.dictionaries(
    st.sampled_from(["address", "password_hash", "home", "quota_mb", "name", "serial", "rrsets", "active"]),
    JSON,
)


@given(
    named=KINDS_AND_KEYS,
    message=st.fixed_dictionaries({"kind": JSON, "key": JSON, "rev": JSON, "payload": JSON}),
    payload=FIELDS,
    keep=st.sets(st.sampled_from(["kind", "key", "rev", "payload"])),
)
def test_whatever_comes_is_refused_in_words(
    named: tuple[str, str], message: dict[str, Any], payload: dict[str, Any], keep: set[str]
) -> None:
    sound = {"kind": named[0], "key": named[1], "rev": 1, "payload": payload}
    with contextlib.suppress(BadStateError):
        parse({name: message[name] if name in keep else sound[name] for name in sound})
