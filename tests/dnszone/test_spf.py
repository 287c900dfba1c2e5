"""SPF read and merged (RFC 7208)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnszone import spf

GOOGLE = "_spf.google.com"


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ([], "v=spf1 include:_spf.google.com ~all"),
        (["v=spf1 -all"], "v=spf1 include:_spf.google.com -all"),
        (["v=spf1"], "v=spf1 include:_spf.google.com"),
        (["v=spf1 a mx ?all"], "v=spf1 a mx include:_spf.google.com ?all"),
        (["v=spf1 a redirect=_spf.b.test"], "v=spf1 a include:_spf.google.com redirect=_spf.b.test"),
        (["v=spf1 redirect=_spf.b.test a"], "v=spf1 a include:_spf.google.com redirect=_spf.b.test"),
        (["V=SPF1 INCLUDE:_SPF.Google.com ~all"], "v=spf1 INCLUDE:_SPF.Google.com ~all"),
        (
            ["v=spf1 exists:%{i}._spf.%{d2} -all"],
            "v=spf1 exists:%{i}._spf.%{d2} include:_spf.google.com -all",
        ),
        # an include that does not pass would win, did it stand in front
        (
            ["v=spf1 ?include:_spf.google.com -all"],
            "v=spf1 include:_spf.google.com ?include:_spf.google.com -all",
        ),
        # what stands behind all is never looked at, and stays there
        (["v=spf1 a -all +mx"], "v=spf1 a include:_spf.google.com -all +mx"),
        # two records count as none: they become one, with the first one's end
        (["v=spf1 a -all", "v=spf1 mx a ~all"], "v=spf1 a mx include:_spf.google.com -all"),
    ],
)
def test_an_include_goes_before_what_ends_the_record(before: list[str], after: str) -> None:
    merged = spf.merge(before, add=[GOOGLE])
    assert merged.text == after
    assert merged.before == len(before)
    assert spf.merge([merged.text], add=[GOOGLE]).text == after


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("v=spf1 include:_spf.here.test ip4:192.0.2.1 ~all", "v=spf1 ip4:192.0.2.1 ~all"),
        ("v=spf1 include:_SPF.here.TEST. ~all", "v=spf1 ~all"),
        ("v=spf1 mx redirect=_spf.here.test", "v=spf1 mx ~all"),
        ("v=spf1 include:other.test -all", "v=spf1 include:other.test -all"),
    ],
)
def test_a_name_is_taken_out(before: str, after: str) -> None:
    assert spf.merge([before], drop=["_spf.here.test"]).text == after


def test_a_name_that_is_wanted_is_not_taken_out() -> None:
    assert spf.merge(["v=spf1 include:a.test ~all"], add=["a.test"], drop=["a.test"]).text == (
        "v=spf1 include:a.test ~all"
    )


@pytest.mark.parametrize(
    "term",
    [
        "all",
        "-all",
        "include:a.test",
        "?include:%{d}.a.test",
        "a",
        "A/24",
        "a:b.test/24//64",
        "mx//64",
        "ptr",
        "ptr:b.test",
        "ip4:192.0.2.0/24",
        "ip6:2001:db8::/32",
        "exists:%{ir}.%{v}._spf.%{d2}",
        "redirect=_spf.b.test",
        "exp=explain._spf.%{d}",
        "unknown=what%%ever",
        "include:b.test.",
    ],
)
def test_a_term_is_read(term: str) -> None:
    assert spf.is_valid(f"v=spf1 {term}")


@pytest.mark.parametrize(
    "term",
    [
        "foo",
        "all:x.test",
        "include:",
        "include",
        "include:nodots",
        "a/33",
        "a/024",
        "a//129",
        "ip4:1.2.3",
        "ip4:1.2.3.4/33",
        "ip6:1.2.3.4",
        "ip4:2001:db8::1",
        "ip6:fe80::1%eth0",
        "exists:%{x}.test",
        "redirect=",
        "redirect=a.test redirect=b.test",
        "ünï:x.test",
        "include:a.test\x00",
        "a" * 20_000,
    ],
)
def test_a_broken_term_is_named_and_left_out(term: str) -> None:
    text = f"v=spf1 a {term} -all"
    merged = spf.merge([text], add=[GOOGLE])
    assert merged.left_out == (term.rpartition(" ")[2],)
    assert spf.is_valid(merged.text)


@pytest.mark.parametrize("text", ["v=spf10 a", "v=spf1;a", "spf1 a", "", " v=spf1", "v=spf1\ta"])
def test_what_is_no_spf(text: str) -> None:
    assert not spf.is_spf(text)


def test_lookups_are_counted_as_receivers_do() -> None:
    assert spf.lookups("v=spf1 a mx ptr exists:a.test include:b.test ip4:192.0.2.1 redirect=c.test") == 6
    assert spf.lookups("v=spf1 a redirect=c.test -all") == 1
    zone = {
        "a.test": ["something", "v=spf1 include:b.test include:c.test -all"],
        "b.test": ["v=spf1 a mx -all"],
        "c.test": ["v=spf1 redirect=a.test"],
    }
    assert spf.all_lookups("v=spf1 include:a.test -all", lambda name: zone.get(name, [])) == 6


_NAME = st.from_regex(r"[a-z]{1,8}\.[a-z]{2,5}", fullmatch=True)
_QUALIFIER = st.sampled_from(["", "+", "-", "~", "?"])
_TERM = st.one_of(
    st.builds("{}{}:{}".format, _QUALIFIER, st.sampled_from(["include", "a", "mx", "exists", "ptr"]), _NAME),
    st.builds("{}{}".format, _QUALIFIER, st.sampled_from(["a", "mx", "all", "ptr", "a/24", "mx//64"])),
    st.builds("{}ip4:{}".format, _QUALIFIER, st.ip_addresses(v=4)),
    st.builds("redirect={}".format, _NAME),
    st.text(st.characters(exclude_characters=" "), max_size=20),
)
_RECORD = st.lists(_TERM, max_size=8).map(lambda terms: " ".join(["v=spf1", *terms]))


@given(st.lists(_RECORD, max_size=3), st.lists(_NAME, max_size=3, unique=True), st.lists(_NAME, max_size=2))
def test_any_records_become_one_valid_record(texts: list[str], add: list[str], drop: list[str]) -> None:
    merged = spf.merge(texts, add=add, drop=drop)
    assert spf.is_valid(merged.text)
    assert set(add) <= set(spf.includes(merged.text))
    assert spf.merge([merged.text], add=add, drop=drop).text == merged.text
    if len(texts) == 1:
        gone = set(drop) - set(add)
        mine = [t.text for t in spf.terms(texts[0])[0] if t.qualifier and t.domain not in gone]
        kept = [t.text for t in spf.terms(merged.text)[0] if t.qualifier]
        once = list(dict.fromkeys(mine))
        assert [text for text in kept if text in once] == once or len(once) != len(mine) or _alike(once)


def _alike(terms: list[str]) -> bool:
    """Two that say the same in other letters become one."""
    return len({text.lower().lstrip("+").removesuffix(".") for text in terms}) < len(terms)
