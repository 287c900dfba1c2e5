"""Owner names and targets as people type them."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnszone import names
from lib.errors import Refused

ZONE = "example.test"


@pytest.mark.parametrize(
    ("typed", "owner"),
    [
        ("", "@"),
        ("@", "@"),
        ("example.test", "@"),
        ("Example.TEST.", "@"),
        ("www", "www"),
        (" WWW ", "www"),
        ("www.example.test", "www"),
        ("www.example.test.", "www"),
        ("a.b", "a.b"),
        ("*", "*"),
        ("*.shop", "*.shop"),
        ("_dmarc", "_dmarc"),
        ("_imaps._tcp", "_imaps._tcp"),
        ("bücher", "xn--bcher-kva"),
        ("ＷＷＷ", "www"),
        ("a。b", "a.b"),
        ("\\119ww", "www"),
        ("\\087\\045a", "w-a"),
        ("x" * 63, "x" * 63),
    ],
)
def test_owner(typed: str, owner: str) -> None:
    assert names.owner(typed, ZONE) == owner


@pytest.mark.parametrize(
    ("typed", "advice"),
    [
        ("www.other.test.", "outside"),
        (".", "outside"),
        ("example.org.", "outside"),
        ("x" * 64, "63"),
        (".".join(["x" * 60] * 5), "253"),
        ("a..b", "two dots"),
        (".www", "dot in front"),
        (".example.test", "dot in front"),
        ("a b", "spaces"),
        ("a\nb", "line breaks"),
        ("a\x00b", "control"),
        ("-a", "hyphen"),
        ("a-", "hyphen"),
        ("a*b", "star"),
        ("a.*", "star"),
        ("*.*", "star"),
        ('"quoted"', "Use letters"),
        ("../x", "dots"),
        ("%77ww", "Use letters"),
        ("192.0.2.1", "address"),
        ("a\\046b", "Use letters"),
        ("a\\000b", "Use letters"),
        ("a\\", "Use letters"),
        ("a\u202eb", "cannot be a name"),
    ],
)
def test_wrong_owner(typed: str, advice: str) -> None:
    with pytest.raises(Refused) as refused:
        names.owner(typed, ZONE)
    assert refused.value.field == "owner"
    assert advice in refused.value.message


@given(st.text(max_size=80))
def test_any_owner_is_read_or_refused_and_stays(typed: str) -> None:
    try:
        owner = names.owner(typed, ZONE)
    except Refused:
        return
    assert names.owner(owner, ZONE) == owner
    assert names.owner(names.shown(owner), ZONE) == owner
    assert names.owner(names.absolute(owner, ZONE), ZONE) == owner
    assert owner.isascii()
    assert owner == owner.lower()


def test_parents() -> None:
    assert names.parents("a.b.test.") == ["a.b.test", "b.test", "test"]
