"""What is exported parses in BIND, Knot and NSD, and comes back the same through our own reader."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from dnszone import changeset, rdata
from dnszone.spec import RecordSpec, Row
from dnszone.zonefile import generic
from dnszone.zonefile.merge import How, wanted
from dnszone.zonefile.reader import read
from dnszone.zonefile.writer import written
from lib.errors import Refused

ZONE = "example.test"
SOA = "ns1.postroom.test. hostmaster.postroom.test. 7 10800 3600 1209600 3600"
CHECKERS = {
    # Only whether it parses: what hosts outside have is not asked, and owners may have underscores.
    "BIND": ["named-checkzone", "-i", "none", "-k", "ignore", ZONE],
    "Knot": ["kzonecheck", "-o", ZONE],
    "NSD": ["nsd-checkzone", ZONE],
}


def row(owner: str, kind: str, value: str, ttl: int = 3600, comment: str = "", managed: str = "") -> Row:
    spec = RecordSpec(owner=owner, type=kind, rdata=value, ttl=ttl, comment=comment, managed=managed)
    return changeset.canonical_row(spec, ZONE)


NS = Row(1, "@", "NS", "ns1.postroom.test.", 3600, "ns", 0, "")
EVERY_TYPE = [
    ("@", "A", "192.0.2.1"),
    ("www", "AAAA", "2001:db8::1"),
    ("ftp", "CNAME", "www"),
    ("_key", "CNAME", "sel._domainkey.other.test."),
    ("@", "MX", "10 mail.other.test."),
    ("nomail", "MX", "0 ."),
    ("@", "TXT", '"v=spf1 include:other.test -all"'),
    ("long", "TXT", "v=DKIM1; p=" + "A" * 1500),
    ("odd", "TXT", r'"quotes \" back\\slash; semi (paren) \000\255 ü"'),
    ("_imaps._tcp", "SRV", "0 1 993 mail.other.test."),
    ("none._tcp", "TXT", '""'),
    ("@", "CAA", '0 issue "ca.example; account=1"'),
    ("sub", "NS", "ns1.other.test."),
    ("sub", "DS", "60485 13 2 " + "ab" * 32),
    ("ptr", "PTR", "host.other.test."),
    ("_25._tcp.mail", "TLSA", "3 1 1 " + "cd" * 32),
    ("host", "SSHFP", "4 2 " + "ef" * 32),
    ("web", "HTTPS", "1 . alpn=h2,h3 port=443 ipv4hint=192.0.2.1 ipv6hint=2001:db8::1"),
    ("other", "HTTPS", "0 web.other.test."),
    ("_svc", "SVCB", "2 svc.other.test. alpn=dot mandatory=alpn"),
    ("naptr", "NAPTR", '100 10 "U" "E2U+sip" "!^.*$!sip:info@other.test!" .'),
    ("dyn", "ALIAS", "target.other.test."),
    ("*", "A", "192.0.2.9"),
    ("*.wild", "TXT", "star"),
]


def parsed_by(checker: str, text: str, folder: Path) -> str:
    """What the checker says against it."""
    path = folder / "zone.db"
    path.write_text(text, encoding="utf-8", errors="surrogatepass")
    done = subprocess.run(
        [*CHECKERS[checker], str(path)], capture_output=True, text=True, check=False, timeout=60
    )
    return "" if done.returncode == 0 else done.stdout + done.stderr


def text_of(rows: list[Row]) -> str:
    return written(ZONE, SOA, 3600, 7, [NS, *rows])


def test_the_table_has_every_type() -> None:
    assert {kind for _owner, kind, _value in EVERY_TYPE} == set(rdata.TYPES)


@pytest.mark.parametrize("checker", CHECKERS)
def test_every_type_parses(checker: str, tmp_path: Path) -> None:
    text = text_of([row(*one, comment='a ; "comment" ( ') for one in EVERY_TYPE])
    assert parsed_by(checker, text, tmp_path) == ""


@pytest.mark.parametrize("checker", CHECKERS)
def test_the_checkers_do_find_mistakes(checker: str, tmp_path: Path) -> None:
    assert parsed_by(checker, text_of([]) + "www A 192.0.2.256\n", tmp_path)


def test_every_type_comes_back_the_same() -> None:
    rows = [row(*one, ttl=60 + number, comment=f"c {number}") for number, one in enumerate(EVERY_TYPE)]
    ttls = {one.rrset: one.ttl for one in rows}
    reading = read(text_of(rows), ZONE)
    assert reading.problems == []
    assert {one.identity for one in reading.rows} == {one.identity for one in rows}
    assert all(one.ttl <= ttls[one.rrset] for one in reading.rows)
    assert (reading.heard.dotless, reading.heard.unquoted, reading.heard.twice) == ([], [], [])


@pytest.mark.parametrize(
    "comment",
    [
        "two\nlines",
        "cr\rwww A 6.6.6.6",
        "nul\x00",
        "ls\u2028www A 6.6.6.6",
        "nel\x85x",
        "; more",
        "\ud800",
        "tab\tx",
        " ",
    ],
)
@pytest.mark.parametrize("checker", CHECKERS)
def test_no_comment_breaks_its_line(comment: str, checker: str, tmp_path: Path) -> None:
    rows = [
        row("www", "A", "192.0.2.1", comment=comment),
        row("dyn", "ALIAS", "a.other.test.", comment=comment),
    ]
    text = text_of(rows)
    assert len(text.splitlines()) == 8
    assert parsed_by(checker, text, tmp_path) == ""
    assert {one.served for one in read(text, ZONE).rows} == {one.served for one in rows}


def test_it_is_ordered_whatever_the_order_was() -> None:
    rows = [row(*one) for one in EVERY_TYPE]
    assert text_of(rows) == text_of(rows[::-1])
    lines = text_of(rows).splitlines()
    assert lines[1:3] == ["$ORIGIN example.test.", "$TTL 3600"]
    assert " SOA " in lines[3]
    assert " NS " in lines[4]


def test_alias_is_written_so_that_others_read_it() -> None:
    line = next(line for line in text_of([row("@", "ALIAS", "a.b.")]).splitlines() if "TYPE65401" in line)
    assert line.endswith(r"IN TYPE65401 \# 5 0161016200")
    assert generic.decoded("ALIAS", ["5", "0161016200"]) == "a.b."


# What people type into the raw field of each type; what is refused there is no record.
WORD = st.text("abcdefghijklmnopqrstuvwxyz0123456789-", min_size=1, max_size=12).filter(
    lambda word: word[0] != "-" and word[-1] != "-"
)
HOST = st.lists(WORD, min_size=2, max_size=5).map(lambda words: ".".join(words) + ".other.test.")
NUMBER = st.integers(0, 65535).map(str)
HEX = st.binary(min_size=32, max_size=32).map(bytes.hex)
ANY_TEXT = st.text(st.characters(exclude_categories=["Cs", "Cc"]), min_size=1, max_size=600)
BYTES = st.binary(max_size=300).map(
    lambda data: " ".join(
        '"' + "".join(f"\\{octet:03d}" for octet in data[at : at + 255]) + '"'
        for at in range(0, len(data) or 1, 255)
    )
)


def joined(*parts: st.SearchStrategy[str]) -> st.SearchStrategy[str]:
    return st.tuples(*parts).map(" ".join)


PARAMETERS = st.lists(
    st.sampled_from(
        ["alpn=h2", "alpn=h3,h2", "port=8443", "ipv4hint=192.0.2.1,192.0.2.2", "ipv6hint=2001:db8::1",
         "no-default-alpn", "key65333=x", "ech=AAAA", "mandatory=alpn"]
    ),
    unique_by=lambda text: text.partition("=")[0], max_size=5,
).map(" ".join)  # fmt: skip
VALUES = {
    "A": st.ip_addresses(v=4).map(str),
    "AAAA": st.ip_addresses(v=6).map(str),
    "CNAME": HOST,
    "ALIAS": HOST,
    "PTR": HOST,
    "NS": HOST,
    "MX": joined(NUMBER, HOST),
    "SRV": joined(NUMBER, NUMBER, NUMBER, HOST | st.just(".")),
    "TXT": ANY_TEXT | BYTES,
    "CAA": joined(
        st.sampled_from(["0", "128"]),
        st.sampled_from(["issue", "issuewild"]),
        HOST.map(lambda name: f'"{name[:-1]}; x=1"'),
    ),
    "DS": joined(NUMBER, st.just("13"), st.just("2"), HEX),
    "TLSA": joined(st.sampled_from("0123"), st.sampled_from("01"), st.just("1"), HEX),
    "SSHFP": joined(st.sampled_from("1346"), st.just("2"), HEX),
    "HTTPS": joined(NUMBER, HOST | st.just("."), PARAMETERS),
    "SVCB": joined(NUMBER, HOST, PARAMETERS),
    "NAPTR": joined(
        NUMBER,
        NUMBER,
        st.sampled_from(['"S"', '""', '"U"']),
        st.sampled_from(['"E2U+sip"', '""']),
        st.just('""'),
        HOST,
    ),
}
OWNERS = ["a", "b.c", "*.d", "xn--bcher-kva", "long" * 15]


@st.composite
def records(draw: st.DrawFn) -> list[Row]:
    """One of each type, each at a name of its own, as rules.check would have it."""
    found = []
    for number, (kind, values) in enumerate(sorted(VALUES.items())):
        comment = draw(st.text(max_size=30))
        owner = f"{draw(st.sampled_from(OWNERS))}.n{number}"
        owner = f"_s._tcp.{owner}" if kind == "SRV" else owner
        owner = owner.removeprefix("*.") if kind in {"NS", "DS", "ALIAS"} else owner  # as rules.check has it
        try:
            found.append(row(owner, kind, draw(values), draw(st.integers(0, 2**31 - 1)), comment))
            if kind == "DS":
                found.append(row(owner, "NS", "ns.other.test."))
        except Refused:
            continue
    return found


def test_the_values_cover_every_type() -> None:
    assert set(VALUES) == set(rdata.TYPES)


@settings(max_examples=30, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=records())
def test_values_of_any_kind_parse_everywhere(
    rows: list[Row], tmp_path_factory: pytest.TempPathFactory
) -> None:
    text = text_of(rows)
    folder = tmp_path_factory.mktemp("zone")
    assert {checker: parsed_by(checker, text, folder) for checker in CHECKERS} == dict.fromkeys(CHECKERS, "")


@settings(max_examples=60, deadline=None, suppress_health_check=list(HealthCheck))
@given(rows=records())
def test_values_of_any_kind_come_back(rows: list[Row]) -> None:
    assume(rows)
    reading = read(text_of(rows), ZONE)
    assert reading.problems == []
    assert {one.served for one in reading.rows} == {one.served for one in rows}
    before = [NS, *(one._replace(pk=9 + at, since=1) for at, one in enumerate(rows))]
    after = wanted(before, reading.rows, How.REPLACE, managed_too=True)
    assert {one.pk: one.entry for one in after} == {one.pk: one.entry for one in before}
