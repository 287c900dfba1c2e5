"""Values of records: canonical, not canonical, and wrong with what to type instead."""

from __future__ import annotations

import dns.rdata
import dns.rdtypes.ANY.TXT
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from dnszone import rdata, values
from lib.errors import Refused

ZONE = "example.test"
LONG = "v=DKIM1; p=" + "A" * 600

CANONICAL = {
    "A": ["192.0.2.10", "198.51.100.0", "255.255.255.255"],
    "AAAA": ["2001:db8::10", "::", "::1"],
    "CNAME": ["www.example.test.", "_dkim.a.example.", "xn--bcher-kva.example."],
    "MX": ["0 mail.example.test.", "10 mail.example.test.", "65535 a.b.", "0 ."],
    "TXT": [
        '"v=spf1 -all"',
        '"say \\"hi\\""',
        '"back\\\\slash"',
        '"\\195\\188"',
        '""',
        '"' + "a" * 255 + '" "b"',
    ],
    "NS": ["ns1.example.net."],
    "SRV": ["0 0 993 mail.example.test.", "65535 65535 65535 a.b.", "0 0 0 ."],
    "CAA": [
        '0 issue "letsencrypt.org"',
        '128 issuewild ";"',
        '0 iodef "mailto:a@b.test"',
        '0 issue "ca.test; account=1"',
    ],
}
OTHER_SPELLING = [
    ("A", " 192.0.2.10 ", "192.0.2.10"),
    ("AAAA", "2001:DB8:0:0::0010", "2001:db8::10"),
    ("AAAA", "[2001:db8::1]", "2001:db8::1"),
    ("CNAME", "WWW.Example.TEST", "www.example.test."),
    ("CNAME", "www", "www.example.test."),
    ("CNAME", "@", "example.test."),
    ("CNAME", "bücher.example", "xn--bcher-kva.example."),
    ("CNAME", "ｂücher。example", "xn--bcher-kva.example."),
    ("MX", "10   mail", "10 mail.example.test."),
    ("MX", "10 Mail.Example.Test", "10 mail.example.test."),
    ("TXT", "v=spf1 -all", '"v=spf1 -all"'),
    ("TXT", '"v=spf1" " -all"', '"v=spf1 -all"'),
    ("TXT", 'a "quoted" word', '"a \\"quoted\\" word"'),
    ("TXT", "grüße", '"gr\\195\\188\\195\\159e"'),
    ("TXT", LONG, f'"{LONG[:255]}" "{LONG[255:510]}" "{LONG[510:]}"'),
    ("NS", "NS1.example.NET.", "ns1.example.net."),
    ("SRV", "0 5 5060 Sip.example.test", "0 5 5060 sip.example.test."),
    ("CAA", "0 ISSUE letsencrypt.org", '0 issue "letsencrypt.org"'),
    ("CAA", "0 issue ;", '0 issue ";"'),
    ("mx", "10 a.b", "10 a.b."),
]
WRONG = [
    ("A", "192.0.2.256", "address", "four numbers"),
    ("A", "192.0.2", "address", "four numbers"),
    ("A", "192.0.2.010", "address", "zero in front"),
    ("A", "2001:db8::1", "address", "AAAA"),
    ("A", "www.example.test", "address", "CNAME"),
    ("A", "１９２.0.2.1", "address", "four numbers"),
    ("AAAA", "192.0.2.1", "address", "A record"),
    ("AAAA", "fe80::1%eth0", "address", "IPv6"),
    ("AAAA", "::ffff:192.0.2.1", "address", "192.0.2.1 in disguise"),
    ("AAAA", "2001:db8:::1", "address", "IPv6"),
    ("CNAME", "192.0.2.1", "target", "host name, not an address"),
    ("CNAME", "a..b", "target", "two dots"),
    ("CNAME", "-a.test", "target", "hyphen"),
    ("CNAME", "x" * 64 + ".test", "target", "63"),
    ("CNAME", ".".join(["x" * 50] * 6), "target", "253"),
    ("CNAME", ".", "target", "host name"),
    ("CNAME", "a\x00b.test", "target", "control"),
    ("CNAME", "https://example.test/", "target", "http"),
    ("MX", "-1 mail", "priority", "0 to 65535"),
    ("MX", "65536 mail", "priority", "0 to 65535"),
    ("MX", "010 mail", "priority", "Write 10"),
    ("MX", "1e1 mail", "priority", "whole number"),
    ("MX", "１０ mail", "priority", "whole number"),
    ("MX", "10 192.0.2.25", "target", "A record"),
    ("MX", "10 2001:db8::25", "target", "AAAA record"),
    ("MX", "10 192.0.2.999", "target", "not an address"),
    ("MX", "10 ana@example.test", "target", "e-mail"),
    ("MX", "10 mail_1.example.test", "target", "hyphens"),
    ("MX", "10 mail.123", "target", "number"),
    ("MX", "mail.example.test", "target", "Priority"),
    ("TXT", "", "text", "text"),
    ("TXT", "a\nb", "text", "one line"),
    ("TXT", "a\x00b", "text", "one line"),
    ("TXT", '"a" b"', "text", "quotes"),
    ("TXT", '"\\999"', "text", "backslash"),
    ("TXT", "x" * 16_001, "text", "too long"),
    ("NS", "192.0.2.1", "target", "address"),
    ("NS", ".", "target", "host name"),
    ("SRV", "0 0 65536 mail", "port", "65535"),
    ("SRV", "0 0 993", "target", "Server"),
    ("CAA", "256 issue letsencrypt.org", "flags", "255"),
    ("CAA", "0 contact letsencrypt.org", "tag", "issue"),
    ("CAA", "0 issue not_a_name!", "value", "issuer"),
    ("CAA", "0 iodef letsencrypt.org", "value", "mailto"),
    ("SOA", "a. b. 1 2 3 4 5", "type", "Choose"),
]


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in CANONICAL.items() for text in texts]
)
def test_canonical_text_stays(kind: str, text: str) -> None:
    assert rdata.canonical(kind, text, ZONE) == text


@pytest.mark.parametrize(("kind", "text", "canonical"), OTHER_SPELLING)
def test_other_spellings_become_canonical(kind: str, text: str, canonical: str) -> None:
    assert rdata.canonical(kind, text, ZONE) == canonical


@pytest.mark.parametrize(("kind", "text", "field", "advice"), WRONG)
def test_wrong_values_are_refused_at_their_field(kind: str, text: str, field: str, advice: str) -> None:
    with pytest.raises(Refused) as refused:
        rdata.canonical(kind, text, ZONE)
    assert refused.value.field == field
    assert advice in refused.value.message


@pytest.mark.parametrize(
    ("kind", "text"), [(kind, text) for kind, texts in CANONICAL.items() for text in texts]
)
def test_what_people_see_can_be_typed_again(kind: str, text: str) -> None:
    assert rdata.compose(kind, rdata.split(kind, text), ZONE) == text


def test_long_text_is_shown_whole() -> None:
    assert rdata.shown("TXT", rdata.canonical("TXT", LONG, ZONE)) == LONG


def test_a_name_of_another_script_is_shown_in_both_forms() -> None:
    text = rdata.canonical("MX", "10 bücher.example", ZONE)
    assert rdata.shown("MX", text) == "10 bücher.example"
    assert rdata.ascii_target("MX", text) == "xn--bcher-kva.example"


_KINDS = st.sampled_from(sorted(rdata.TYPES))
_NEAR = st.text(alphabet='0123456789.:abcMX-_ "\\;@*/#()%üßİ。\n\x00', max_size=40)


@settings(max_examples=400)
@given(_KINDS, st.one_of(st.text(max_size=60), _NEAR))
def test_any_text_is_parsed_or_refused_and_canonical_is_final(kind: str, text: str) -> None:
    try:
        once = rdata.canonical(kind, text, ZONE)
    except Refused:
        return
    assert rdata.canonical(kind, once, ZONE) == once
    assert rdata.compose(kind, rdata.split(kind, once), ZONE) == once
    wire = dns.rdata.from_text("IN", kind, once).to_wire()
    assert wire is not None
    assert dns.rdata.from_wire("IN", kind, wire, 0, len(wire)).to_text() == once


def strings(text: str) -> bytes:
    rdata = dns.rdata.from_text("IN", "TXT", text)
    assert isinstance(rdata, dns.rdtypes.ANY.TXT.TXT)
    return b"".join(rdata.strings)


@given(st.binary(max_size=700))
def test_every_text_of_octets_comes_back_the_same(data: bytes) -> None:
    text = values.txt(values.quote(data), "text")
    assert strings(text) == data
    assert values.txt(values.txt_shown(text), "text") == text
