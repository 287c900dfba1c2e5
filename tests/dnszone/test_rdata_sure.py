"""Values that are taken for canonical without a way through the wire come back from it as they are."""

from __future__ import annotations

import ipaddress

import dns.rdata
import dns.rdataclass
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnszone import rdata
from dnszone.rdata.text import _SURE
from lib.errors import Refused

ZONE = "example.test"
LABEL = st.from_regex(r"[a-zA-Z0-9_]([a-zA-Z0-9_-]{0,20}[a-zA-Z0-9_])?", fullmatch=True)
NAMES = st.lists(LABEL, min_size=2, max_size=6).map(".".join)
HOSTS = st.lists(st.from_regex(r"[a-zA-Z]([a-zA-Z0-9-]{0,20}[a-z0-9])?", fullmatch=True), min_size=2).map(
    lambda labels: ".".join(labels)[:200].rstrip("-.") + "."
)
VALUES = st.one_of(
    st.tuples(st.just("A"), st.ip_addresses(v=4).map(str)),
    st.tuples(st.just("AAAA"), st.ip_addresses(v=6).map(str)),
    st.tuples(st.just("AAAA"), st.ip_addresses(v=6).map(lambda address: address.exploded.upper())),
    st.tuples(
        st.just("AAAA"),
        st.lists(st.sampled_from([0, 0, 1, 0xAB]), min_size=8, max_size=8).map(
            lambda groups: str(ipaddress.IPv6Address(":".join(f"{group:x}" for group in groups)))
        ),
    ),
    st.tuples(st.just("CNAME"), NAMES),
    st.tuples(st.just("NS"), HOSTS),
    st.tuples(st.just("MX"), st.tuples(st.integers(0, 65535), HOSTS).map(lambda mx: f"{mx[0]} {mx[1]}")),
    st.tuples(st.just("TXT"), st.text(st.characters(codec="utf-8", exclude_categories=["Cc"]), min_size=1)),
    st.tuples(st.just("TXT"), st.from_regex(r'"[ !#-\[\]-~]{0,40}"( "[ !#-\[\]-~]{0,40}")*', fullmatch=True)),
)


def _by_wire(kind: str, text: str) -> str:
    wire = dns.rdata.from_text(dns.rdataclass.IN, kind, text, relativize=False).to_wire() or b""
    return str(dns.rdata.from_wire(dns.rdataclass.IN, kind, wire, 0, len(wire)).to_text())


@given(VALUES)
def test_a_canonical_value_is_what_the_wire_makes_of_it(value: tuple[str, str]) -> None:
    kind, typed = value
    try:
        found = rdata.canonical(kind, typed, ZONE)
    except Refused:
        return
    assert found == _by_wire(kind, found)


@pytest.mark.parametrize(
    ("kind", "value", "sure"),
    [
        ("A", "192.0.2.1", True),
        ("AAAA", "2001:db8::1", True),
        ("AAAA", "::c000:201", False),
        ("CNAME", "a_b.example.test.", True),
        ("MX", "10 mail.example.test.", True),
        ("MX", "0 .", False),
        ("TXT", '"plain words" "and more"', True),
        ("TXT", r'"a \"quote\""', False),
        ("TXT", r'"\195\164"', False),
    ],
)
def test_only_what_has_one_spelling_skips_the_wire(kind: str, value: str, sure: bool) -> None:
    assert bool(_SURE[kind].fullmatch(value)) is sure
