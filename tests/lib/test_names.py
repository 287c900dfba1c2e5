"""Names as people type them."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lib.errors import Refused
from lib.names import display_domain, normalise_domain, normalise_local

LABEL63 = "a" * 63


@pytest.mark.parametrize(
    ("typed", "name", "display"),
    [
        ("example.test", "example.test", "example.test"),
        ("Example.TEST", "example.test", "example.test"),
        ("  example.test\n", "example.test", "example.test"),
        ("example.test.", "example.test", "example.test"),
        ("example\uff0etest", "example.test", "example.test"),
        ("example\u3002test", "example.test", "example.test"),
        ("ｅｘａｍｐｌｅ.test", "example.test", "example.test"),
        ("panadería-luna.example", "xn--panadera-luna-2ib.example", "panadería-luna.example"),
        ("PANADERÍA-LUNA.example", "xn--panadera-luna-2ib.example", "panadería-luna.example"),
        ("panaderi\u0301a-luna.example", "xn--panadera-luna-2ib.example", "panadería-luna.example"),
        ("xn--panadera-luna-2ib.example", "xn--panadera-luna-2ib.example", "panadería-luna.example"),
        ("straße.example", "xn--strae-oqa.example", "straße.example"),
        ("βόλος.com", "xn--nxasmm1c.com", "βόλος.com"),
        ("例え.テスト", "xn--r8jz45g.xn--zckzah", "例え.テスト"),
        ("a.b.c.d.example", "a.b.c.d.example", "a.b.c.d.example"),
        ("3com.example", "3com.example", "3com.example"),
        (f"{LABEL63}.test", f"{LABEL63}.test", f"{LABEL63}.test"),
    ],
)
def test_domains_in_any_form(typed: str, name: str, display: str) -> None:
    assert normalise_domain(typed) == (name, display)


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "like example.com"),
        (".", "like example.com"),
        ("   ", "like example.com"),
        ("localhost", "only one word"),
        ("luna", "luna.com"),
        (f"{'a' * 64}.test", "at most 63"),
        (f"{'ñ' * 60}.test", "at most 63"),
        ("a..test", "a dot too many"),
        (".example.test", "a dot too many"),
        ("example.test..", "a dot too many"),
        (".".join(["a" * 60] * 5), "at most 253"),
        ("x" * 2000, "at most 253"),
        ("-luna.test", "hyphen"),
        ("luna-.test", "hyphen"),
        ("ab--cd.test", "not possible"),
        ("xn--.test", "hyphen"),
        ("xn--zzzzzz9999.test", "not possible"),
        ("under_score.test", "“_”"),
        ("*.example.test", "“*”"),
        ("exam ple.test", "space"),
        ("example.test\nevil.test", "space"),
        ("example\x00.test", "invisible"),
        ("http://example.test/", "web address"),
        ("example.test/mail", "web address"),
        ("ana@example.test", "after the @"),
        ("example.test:8080", "port"),
        ("192.0.2.1", "numbers"),
        ("2001:db8::1", "colon"),
        ("💌.test", "not possible"),
        ("\u202eexample.test", "invisible"),
    ],
)
def test_domains_that_are_none_say_what_to_type(typed: str, says: str) -> None:
    with pytest.raises(Refused) as caught:
        normalise_domain(typed)
    assert caught.value.field == "name"
    assert says in caught.value.message


@pytest.mark.parametrize(
    ("typed", "local"),
    [
        ("ana", "ana"),
        (" Ana ", "ana"),
        ("INES.CARRASCO", "ines.carrasco"),
        ("a.b-c_d", "a.b-c_d"),
        ("7", "7"),
        ("a-", "a-"),
        ("a" * 64, "a" * 64),
    ],
)
def test_locals_that_work(typed: str, local: str) -> None:
    assert normalise_local(typed) == local


@pytest.mark.parametrize(
    ("typed", "says"),
    [
        ("", "before the @"),
        ("../x", "“/”"),
        ("a/b", "“/”"),
        ("a\\b", "“\\”"),
        ("-rf", "not with “-”"),
        (".ana", "not with “.”"),
        ("+ana", "“+” is not possible"),
        ("ana+shop", "already arrives at ana:"),
        ("_ana", "not with “_”"),
        ("a" * 65, "this has 65"),
        ("ana.", "right before the @"),
        ("a..b", "Two dots"),
        ("..", "not with “.”"),
        ('"ana"', '“"”'),
        ("ana's", "“'”"),
        ("ana maria", "Spaces"),
        ("ana\nb", "Spaces"),
        ("ana\x00", "invisible"),
        ("ana@example.test", "only what comes before the @"),
        ("añá", "“ñ”"),
        ("аna", "“а”"),
        ("ana%u", "“%”"),
        ("ana:x", "“:”"),
        ("💌", "“💌”"),
    ],
)
def test_locals_that_do_not_say_why(typed: str, says: str) -> None:
    with pytest.raises(Refused) as caught:
        normalise_local(typed)
    assert caught.value.field == "local"
    assert says in caught.value.message


@given(st.text(max_size=80))
def test_any_text_is_a_local_or_refused(typed: str) -> None:
    try:
        local = normalise_local(typed)
    except Refused:
        return
    assert re.fullmatch(r"[a-z0-9][a-z0-9._-]{0,63}", local)
    assert ".." not in local
    assert normalise_local(local) == local


LABELS = st.text(st.characters(codec="utf-8", categories=("L", "N", "M", "P", "S")), min_size=1, max_size=12)


@given(st.one_of(st.text(max_size=330), st.lists(LABELS, min_size=2, max_size=5).map(".".join)))
def test_any_text_is_a_domain_or_refused(typed: str) -> None:
    try:
        name, display = normalise_domain(typed)
    except Refused:
        return
    assert len(name) <= 253
    assert all(re.fullmatch(r"(?!-)[a-z0-9-]{1,63}(?<!-)", label) for label in name.split("."))
    assert normalise_domain(name) == (name, display)
    assert normalise_domain(display) == (name, display)
    assert display_domain(name) == display
