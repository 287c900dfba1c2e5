"""Values of records: canonical, not canonical, and wrong with what to type instead."""

from __future__ import annotations

import dns.rdata
import dns.rdtypes.ANY.TXT
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnszone import presentation, rdata, values
from lib.errors import Refused
from tests.dnszone.tables import CANONICAL, OTHER_SPELLING, WRONG, common

ZONE = "example.test"
CASES = [(kind, text) for kind, texts in CANONICAL.items() for text in texts]


def test_every_type_has_a_table() -> None:
    assert set(CANONICAL) == set(rdata.TYPES)
    for kind, texts in CANONICAL.items():
        assert len(set(texts)) >= 8
        assert len([case for case in OTHER_SPELLING if case[0] == kind]) >= 8
        assert len([case for case in WRONG if case[0] == kind]) >= 12


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_canonical_text_stays(kind: str, text: str) -> None:
    assert rdata.canonical(kind, text, ZONE) == text
    assert rdata.canonical(kind.lower(), text, ZONE) == text


@pytest.mark.parametrize(("kind", "text", "canonical"), OTHER_SPELLING)
def test_other_spellings_become_canonical(kind: str, text: str, canonical: str) -> None:
    assert rdata.canonical(kind, text, ZONE) == canonical


@pytest.mark.parametrize(("kind", "text", "field", "advice"), WRONG)
def test_wrong_values_are_refused_at_their_field(kind: str, text: str, field: str, advice: str) -> None:
    with pytest.raises(Refused) as refused:
        rdata.canonical(kind, text, ZONE)
    assert refused.value.field == field, refused.value.message
    assert advice in refused.value.message


@pytest.mark.parametrize(("kind", "text"), CASES)
def test_what_people_see_can_be_typed_again(kind: str, text: str) -> None:
    fields = rdata.split(kind, text)
    assert rdata.compose(kind, fields, ZONE) == text
    choices = {field.name: {value for value, _label in field.choices} for field in rdata.TYPES[kind].fields}
    assert all(not known or fields[name] in known for name, known in choices.items())


@pytest.mark.parametrize(("kind", "text"), [case for case in CASES if case[0] != "ALIAS"])
def test_canonical_text_is_what_dnspython_writes(kind: str, text: str) -> None:
    wire = dns.rdata.from_text("IN", kind, text).to_wire()
    assert wire is not None
    assert dns.rdata.from_wire("IN", kind, wire, 0, len(wire)).to_text() == text
    assert rdata.wire_size(kind, text) == len(wire)


@pytest.mark.parametrize("kind", sorted(rdata.TYPES))
def test_fields_start_with_what_they_take(kind: str) -> None:
    for field in rdata.TYPES[kind].fields:
        assert field.kind in {"text", "number", "long", "choice"}
        assert bool(field.choices) == (field.kind == "choice")
        if field.initial or field.optional:
            field.clean(field.initial, ZONE)


def test_names_of_a_zone_file_lie_below_its_origin() -> None:
    assert rdata.canonical("MX", "10 mail.sub", ZONE, origin="example.test") == "10 mail.sub.example.test."
    assert rdata.canonical("ALIAS", "a.b", ZONE, origin="example.test") == "a.b.example.test."
    assert rdata.canonical("SRV", "0 0 1 a.", ZONE, origin="b.test") == "0 0 1 a."
    assert rdata.canonical("TXT", '"a" b', ZONE, origin="b.test") == '"a" "b"'
    with pytest.raises(Refused):
        rdata.canonical("MX", "10 mail\\", ZONE, origin="example.test")


def test_text_is_shown_whole() -> None:
    assert rdata.shown("TXT", rdata.canonical("TXT", common.LONG, ZONE)) == common.LONG
    divided = rdata.canonical("TXT", '"v=DKIM1; " "p=AAAA"', ZONE)
    assert rdata.shown("TXT", divided) == rdata.text(divided) == "v=DKIM1; p=AAAA"
    assert rdata.split("TXT", divided) == {"text": '"v=DKIM1; " "p=AAAA"'}


def test_a_name_of_another_script_is_shown_in_both_forms() -> None:
    text = rdata.canonical("MX", "10 bücher.example", ZONE)
    assert rdata.shown("MX", text) == "10 bücher.example"
    assert rdata.ascii_target("MX", text) == "xn--bcher-kva.example"


@pytest.mark.parametrize(
    ("kind", "text", "target"),
    [
        ("A", "192.0.2.1", ""),
        ("TXT", '"a b."', ""),
        ("MX", "0 .", ""),
        ("MX", "10 a.test.", "a.test."),
        ("HTTPS", '1 a.test. alpn="h2"', "a.test."),
        ("SVCB", '1 . alpn="h2"', ""),
        ("NAPTR", '1 1 "" "" "" a.test.', "a.test."),
        ("ALIAS", "a.test.", "a.test."),
        ("DNAME", "a.test.", ""),
    ],
)
def test_where_a_value_points(kind: str, text: str, target: str) -> None:
    assert rdata.target(kind, text) == target


_KINDS = st.sampled_from(sorted(rdata.TYPES))
_NEAR = st.text(alphabet='0123456789.:abcMX-_ "\\;@*/#()%üßİ。!=,\n\x00', max_size=40)
_PARTS = st.sampled_from(
    ["0", "1", "10", ".", "@", "a.b", '"u"', '""', "alpn=h2", "port=1", "!a!b!", "ab" * 32]
)
_LIKELY = st.lists(_PARTS, max_size=7).map(" ".join)


@settings(max_examples=800)
@given(_KINDS, st.one_of(st.text(max_size=60), _NEAR, _LIKELY))
def test_any_text_is_parsed_or_refused_and_canonical_is_final(kind: str, text: str) -> None:
    try:
        once = rdata.canonical(kind, text, ZONE)
    except Refused:
        return
    assert rdata.canonical(kind, once, ZONE) == once
    assert rdata.compose(kind, rdata.split(kind, once), ZONE) == once
    assert once.isascii()
    rdata.shown(kind, once)


@settings(max_examples=400)
@given(_KINDS.flatmap(lambda kind: st.tuples(st.just(kind), st.data())))
def test_any_fields_are_parsed_or_refused(drawn: tuple[str, st.DataObject]) -> None:
    kind, data = drawn
    fields = rdata.TYPES[kind].fields
    typed = {
        field.name: data.draw(
            st.one_of(_PARTS, _NEAR, st.sampled_from([value for value, _label in field.choices] or ["1"]))
        )
        for field in fields
    }
    try:
        once = rdata.compose(kind, typed, ZONE)
    except Refused as refused:
        typed[refused.field]  # an error is shown at a field that there is
        return
    assert rdata.compose(kind, rdata.split(kind, once), ZONE) == once
    assert rdata.canonical(kind, once, ZONE) == once


def strings(text: str) -> bytes:
    rdata = dns.rdata.from_text("IN", "TXT", text)
    assert isinstance(rdata, dns.rdtypes.ANY.TXT.TXT)
    return b"".join(rdata.strings)


@given(st.binary(max_size=700))
def test_every_text_of_octets_comes_back_the_same(data: bytes) -> None:
    text = values.txt(presentation.quote(data), "text")
    assert strings(text) == data
    assert values.txt(values.txt_shown(text), "text") == text


@given(st.lists(st.binary(max_size=300), min_size=1, max_size=4))
def test_strings_keep_their_borders(parts: list[bytes]) -> None:
    text = values.txt(" ".join(map(presentation.quote, parts)), "text")
    assert strings(text) == b"".join(parts)
    assert values.txt(values.txt_shown(text), "text") == text
    assert rdata.canonical("TXT", text, ZONE) == text
