"""The text of a zone template, what it makes, and what a new revision does to a zone. Pure."""

from __future__ import annotations

from contextlib import nullcontext, suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dnszone.blueprints import merging
from dnszone.blueprints.placeholders import BadTemplate, render
from dnszone.spec import Row

VALUES = {
    "domain": ["example.test"],
    "mail_host": ["mail1.postroom.test"],
    "ipv4": ["192.0.2.25", "192.0.2.26"],
    "ipv6": [],
    "panel_host": ["panel.postroom.test"],
    "provider": ["postroom.test"],
    "ns1": ["ns1.postroom.test"],
    "ns2": ["ns2.postroom.test"],
}


def made(text: str) -> set[tuple[str, str, str]]:
    return {row.identity for row in render(text, VALUES).rows}


@pytest.mark.parametrize(
    ("text", "records"),
    [
        ("www A 192.0.2.1", {("www", "A", "192.0.2.1")}),
        ("www 300 IN A 192.0.2.1 ; the web", {("www", "A", "192.0.2.1")}),
        ("www\tIN\t300\tA\t192.0.2.1", {("www", "A", "192.0.2.1")}),
        ("www A {ipv4}", {("www", "A", "192.0.2.25"), ("www", "A", "192.0.2.26")}),
        ("@ MX 10 {mail_host}.", {("@", "MX", "10 mail1.postroom.test.")}),
        ("shop CNAME www", {("shop", "CNAME", "www.example.test.")}),
        ("a.{domain}. A 192.0.2.1", {("a", "A", "192.0.2.1")}),
        ("@ TXT v=spf1 ip4:{ipv4} -all", {("@", "TXT", '"v=spf1 ip4:192.0.2.25 -all"')}),
        ('_dmarc TXT "v=DMARC1; p=reject"', {("_dmarc", "TXT", '"v=DMARC1; p=reject"')}),
        ("note TXT {{not a placeholder}}", {("note", "TXT", '"{not a placeholder}"')}),
        (
            "www A 192.0.2.1\n    AAAA 2001:db8::1",
            {("www", "A", "192.0.2.1"), ("www", "AAAA", "2001:db8::1")},
        ),
        ("; nothing but a note\n\n", set()),
    ],
)
def test_lines(text: str, records: set[tuple[str, str, str]]) -> None:
    assert made(text) == records


def test_ttls() -> None:
    rows = render("$TTL 2h\na A 192.0.2.1\nb 60 A 192.0.2.1\nc A 192.0.2.1", VALUES).rows
    assert [row.ttl for row in rows] == [7200, 60, 7200]


def test_a_server_without_ipv6_leaves_the_line_out_and_says_so() -> None:
    found = render("www AAAA {ipv6}\nwww A 192.0.2.1", VALUES)
    assert [row.type for row in found.rows] == ["A"]
    assert found.left_out == ["Line 1 is left out: the server has no {ipv6}."]


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("www A {ipv5}", "Line 1", "{ipv5} is no placeholder"),
        ("ok A 192.0.2.1\nwww A banana", "Line 2", "address"),
        ("www A {ipv4", "Line 1", "lone {"),
        ("www", "Line 1", "type of record"),
        ("  A 192.0.2.1", "Line 1", "Begin with a name"),
        ("@ SOA a b 1 2 3 4 5", "Line 1", "SOA"),
        ("@ NS ns1.other.test.", "Line 1", "name servers"),
        ("autoconfig A 192.0.2.1", "Line 1", "autoconfig"),
        ("$INCLUDE other.zone", "Line 1", "$INCLUDE"),
        ("$GENERATE 1-9 a$ A 192.0.2.$", "Line 1", "$GENERATE"),
        ("a.other.test. A 192.0.2.1", "Line 1", "outside this zone"),
        ("www CNAME a.test\nwww A 192.0.2.1", "CNAME", "alone"),
        ("www 60 A 192.0.2.1\nwww 90 A 192.0.2.2", "TTL", "same"),
        ("www A (", "Line 1", "one line"),
    ],
)
def test_what_is_wrong_is_said_with_its_line(text: str, line: str, word: str) -> None:
    with pytest.raises(BadTemplate) as error:
        render(text, VALUES)
    assert line in error.value.message
    assert word in error.value.message


def test_every_wrong_line_is_said() -> None:
    with pytest.raises(BadTemplate) as error:
        render("\n".join(f"w{n} A banana" for n in range(40)), VALUES)
    assert len(error.value.errors) == 20


@given(st.text(max_size=300))
def test_any_text_is_records_or_words(text: str) -> None:
    found = render(text, VALUES, strict=False)
    with nullcontext() if not found.left_out else suppress(BadTemplate):
        render(text, VALUES)


def row(
    owner: str, kind: str, rdata: str, *, pk: int | None = None, managed: str = "", ttl: int = 3600
) -> Row:
    return Row(pk, owner, kind, rdata, ttl, managed, 0)


MX, SPF = (
    row("@", "MX", "10 mail1.postroom.test.", managed="mx"),
    row("@", "TXT", '"v=spf1 -all"', managed="spf"),
)


def test_a_template_with_its_own_mx_and_spf_wins() -> None:
    panel = [MX, SPF, row("_dmarc", "TXT", '"v=DMARC1; p=none"', managed="dmarc")]
    own = [
        row("@", "MX", "5 mx.other.test."),
        row("@", "TXT", '"v=spf1 mx -all"'),
        row("@", "TXT", '"proof=1"'),
    ]
    found = {one.rdata for one in merging.composed(panel, own)}
    assert found == {
        "5 mx.other.test.",
        '"v=spf1 mx -all"',
        '"proof=1"',
        '"v=DMARC1; p=none"',
    }


def test_an_address_takes_the_place_of_all_addresses() -> None:
    panel = [
        row("@", "A", "192.0.2.1", managed="address"),
        row("@", "AAAA", "2001:db8::1", managed="address"),
    ]
    assert [one.rdata for one in merging.composed(panel, [row("@", "A", "192.0.2.9")])] == ["192.0.2.9"]


def plan(here: list[Row], old: list[Row], new: list[Row]) -> merging.Plan:
    return merging.plan("example.test", here, old, new)


def test_a_changed_line_changes_what_is_as_it_was() -> None:
    found = plan(
        [row("www", "A", "192.0.2.1", pk=1)], [row("www", "A", "192.0.2.1")], [row("www", "A", "192.0.2.2")]
    )
    assert [(old.pk, new.rdata) for old, new in found.changed] == [(1, "192.0.2.2")]
    assert not found.added + found.removed
    assert not found.kept


@pytest.mark.parametrize(
    ("here", "why"),
    [
        ([row("www", "A", "192.0.2.7", pk=1)], "changed by hand"),
        ([row("www", "A", "192.0.2.1", pk=1), row("www", "A", "192.0.2.7", pk=2)], "changed by hand"),
        ([], "deleted by hand"),
    ],
)
def test_what_a_person_changed_stays(here: list[Row], why: str) -> None:
    found = plan(here, [row("www", "A", "192.0.2.1")], [row("www", "A", "192.0.2.2")])
    assert found.empty
    assert [kept.row.owner for kept in found.kept] == ["www"]
    assert why in found.kept[0].why


def test_a_new_line_comes_and_one_that_is_gone_goes() -> None:
    found = plan(
        [row("old", "A", "192.0.2.1", pk=1)], [row("old", "A", "192.0.2.1")], [row("new", "A", "192.0.2.1")]
    )
    assert [one.pk for one in found.removed] == [1]
    assert [one.owner for one in found.added] == ["new"]


def test_a_new_line_beside_a_persons_own_stays_out() -> None:
    found = plan([row("www", "CNAME", "shop.other.test.", pk=1)], [], [row("www", "A", "192.0.2.1")])
    assert found.empty
    assert found.kept[0].row.type == "A"


def test_other_texts_of_the_domain_are_nobodys_business() -> None:
    here = [row("@", "TXT", '"v=spf1 mx -all"', pk=1), row("@", "TXT", '"proof=1"', pk=2)]
    found = plan(here, [SPF, row("@", "TXT", '"proof=1"')], [SPF, row("@", "TXT", '"proof=2"')])
    assert [(old.pk, new.rdata) for old, new in found.changed] == [(2, '"proof=2"')]
    assert not found.kept


def test_the_panels_mx_gives_way_and_comes_back() -> None:
    own = row("@", "MX", "5 mx.other.test.")
    there = plan([row("@", "MX", MX.rdata, pk=1, managed="mx")], [MX], [own])
    assert [(old.pk, new.rdata, new.managed) for old, new in there.changed] == [(1, own.rdata, "")]
    back = plan([row("@", "MX", own.rdata, pk=1)], [own], [MX])
    assert [(old.pk, new.rdata, new.managed) for old, new in back.changed] == [(1, MX.rdata, "mx")]


def test_a_ttl_alone_is_a_change() -> None:
    here = [row("www", "A", "192.0.2.1", pk=1)]
    found = plan(here, [row("www", "A", "192.0.2.1")], [row("www", "A", "192.0.2.1", ttl=300)])
    assert [new.ttl for _old, new in found.changed] == [300]
    kept = plan(
        [row("www", "A", "192.0.2.1", pk=1, ttl=60)],
        [row("www", "A", "192.0.2.1")],
        [row("www", "A", "192.0.2.1", ttl=300)],
    )
    assert kept.empty
    assert "TTL" in kept.kept[0].why
