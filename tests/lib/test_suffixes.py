"""Which names are nobody's own."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib import suffixes


@pytest.mark.parametrize(
    "name",
    ["com", "test", "co.uk", "github.io", "blogspot.com", "xn--p1ai", "xn--55qx5d.cn", "kawasaki.jp", "ck"],
)
def test_a_suffix_of_a_registry_or_a_service(name: str) -> None:
    assert suffixes.is_public(name)


@pytest.mark.parametrize(
    "name",
    [
        "luna.com",
        "luna.test",
        "luna.example",
        "luna.co.uk",
        "luna.github.io",
        "city.kawasaki.jp",
        "www.ck",
        "a.b.test",
    ],
)
def test_a_name_that_somebody_registered(name: str) -> None:
    assert not suffixes.is_public(name)


@pytest.mark.parametrize(
    ("name", "registered"),
    [
        ("a.b.luna.co.uk", "luna.co.uk"),
        ("luna.test", "luna.test"),
        ("x.luna.test", "luna.test"),
        ("com", "com"),
    ],
)
def test_what_was_registered(name: str, registered: str) -> None:
    assert suffixes.registrable(name) == registered


LABEL = st.from_regex(r"[a-z0-9]([a-z0-9-]{0,10}[a-z0-9])?", fullmatch=True)


@given(st.lists(LABEL, min_size=1, max_size=6).map(".".join))
def test_what_was_registered_is_a_part_of_the_name_and_no_suffix(name: str) -> None:
    found = suffixes.registrable(name)
    assert f".{name}".endswith(f".{found}")
    assert found == name or not suffixes._list().is_public(found)
