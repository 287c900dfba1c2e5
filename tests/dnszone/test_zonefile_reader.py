"""Zone files as people have them, right and wrong."""

from __future__ import annotations

import contextlib
from collections.abc import Callable

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from dnszone import rules
from dnszone.zonefile.decode import decoded
from dnszone.zonefile.reader import PROBLEMS, Reading, read, seconds
from lib.errors import Refused
from tests.effort import grows

ZONE = "example.test"


def rows(text: str) -> list[tuple[str, str, str, int]]:
    reading = read(text, ZONE)
    assert reading.problems == []
    return [row.served for row in reading.rows]


def wrong(text: str) -> dict[int, str]:
    return {problem.line: problem.reason for problem in read(text, ZONE).problems}


WHOLE = """\
$ORIGIN example.test.
$TTL 2h ; two hours
@       IN SOA ns1.old.test. host.old.test. (
            2024010101 ; serial
            3h 1h 2w 1h )
        NS  ns1.old.test.
        MX  10 mail
        IN 300 MX 20 backup.other.test.
mail 1d IN A 192.0.2.1 ; the old machine
        IN 1d AAAA 2001:db8::1
$ORIGIN shop.example.test.
www     CNAME @
@       A 192.0.2.2
_sip._tcp SRV 0 5 5060 sip
"""


def test_a_whole_file() -> None:
    reading = read(WHOLE, ZONE)
    assert reading.problems == []
    assert [row.served for row in reading.rows] == [
        ("@", "MX", "10 mail.example.test.", 300),
        ("@", "MX", "20 backup.other.test.", 300),
        ("mail", "A", "192.0.2.1", 86_400),
        ("mail", "AAAA", "2001:db8::1", 86_400),
        ("www.shop", "CNAME", "shop.example.test.", 7200),
        ("shop", "A", "192.0.2.2", 7200),
        ("_sip._tcp.shop", "SRV", "0 5 5060 sip.shop.example.test.", 7200),
    ]
    assert [row.comment for row in reading.rows] == ["", "", "the old machine", "", "", "", ""]
    heard = reading.heard
    assert (heard.soa, heard.name_servers, heard.uneven) == (True, 1, ["@ MX"])
    assert len(heard.sentences()) == 3


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("www A 192.0.2.1", ("www", "A", "192.0.2.1", 3600)),
        ("WWW.Example.TEST. a 192.0.2.1", ("www", "A", "192.0.2.1", 3600)),
        ("www 60 IN A 192.0.2.1", ("www", "A", "192.0.2.1", 60)),
        ("www IN 1m30s A 192.0.2.1", ("www", "A", "192.0.2.1", 90)),
        ("10 IN A 192.0.2.1", ("10", "A", "192.0.2.1", 3600)),
        ("10 10 A 192.0.2.1", ("10", "A", "192.0.2.1", 10)),
        ("a A 192.0.2.1", ("a", "A", "192.0.2.1", 3600)),
        ("in IN A 192.0.2.1", ("in", "A", "192.0.2.1", 3600)),
        ("www\tIN\tA\t192.0.2.1\t; tab", ("www", "A", "192.0.2.1", 3600)),
        ("www\u00a0IN A\u2003192.0.2.1", ("www", "A", "192.0.2.1", 3600)),
        ("\ufeffwww A 192.0.2.1\r\n", ("www", "A", "192.0.2.1", 3600)),
        ("; old Mac\rwww A 192.0.2.1\r", ("www", "A", "192.0.2.1", 3600)),
        ("www A 192.0.2.1\r\n\x1a", ("www", "A", "192.0.2.1", 3600)),
        ("www ( IN\n A ( 192.0.2.1 ) )", ("www", "A", "192.0.2.1", 3600)),
        ("*.shop A 192.0.2.1", ("*.shop", "A", "192.0.2.1", 3600)),
        (r"\042.example.test. A 192.0.2.1", ("*", "A", "192.0.2.1", 3600)),
        ("@ MX 0 .", ("@", "MX", "0 .", 3600)),
        ("$ORIGIN .\nexample.test A 192.0.2.1", ("@", "A", "192.0.2.1", 3600)),
        ("$ORIGIN test.\nexample MX 5 mail.other", ("@", "MX", "5 mail.other.test.", 3600)),
        ("$ORIGIN sub\n@ A 192.0.2.1", ("sub", "A", "192.0.2.1", 3600)),
        ("$ttl 1w\nwww A 192.0.2.1", ("www", "A", "192.0.2.1", 604_800)),
        ("bücher A 192.0.2.1", ("xn--bcher-kva", "A", "192.0.2.1", 3600)),
        (r'@ TXT "a\"b\\c\;d;e\065"', ("@", "TXT", r'"a\"b\\c;d;eA"', 3600)),
        ('@ TXT "v=spf1 -all" ; not ( this', ("@", "TXT", '"v=spf1 -all"', 3600)),
        ("@ TXT single", ("@", "TXT", '"single"', 3600)),
        ('@ TXT ""', ("@", "TXT", '""', 3600)),
        ('@ CAA 0 issue "ca.example"', ("@", "CAA", '0 issue "ca.example"', 3600)),
        ("@ CAA 0 issue ca.example", ("@", "CAA", '0 issue "ca.example"', 3600)),
        (r"www A \# 4 c0000201", ("www", "A", "192.0.2.1", 3600)),
        ("www TYPE1 \\# 4 ( c000\n 0201 )", ("www", "A", "192.0.2.1", 3600)),
        (r"@ TYPE15 \# 7 000a 0161 0162 00", ("@", "MX", "10 a.b.", 3600)),
        (r"@ TYPE65401 \# 10 036f6c64 0474657374 00", ("@", "ALIAS", "old.test.", 3600)),
        ("@ ALIAS target.other.test.", ("@", "ALIAS", "target.other.test.", 3600)),
        ('@ HTTPS 1 . alpn="h2,h3" port=443', ("@", "HTTPS", '1 . alpn="h2,h3" port="443"', 3600)),
    ],
)  # fmt: skip
def test_one_record(text: str, expected: tuple[str, str, str, int]) -> None:
    assert rows(text) == [expected]


def test_a_blank_in_front_means_the_name_above_whatever_stands_between() -> None:
    text = "www A 192.0.2.1\n; a comment\n\n$TTL 60\n  A 192.0.2.2"
    assert rows(text) == [("www", "A", "192.0.2.1", 60), ("www", "A", "192.0.2.2", 60)]


def test_long_text_in_many_strings_stays_whole() -> None:
    key = "k" * 1000
    parts = "\n".join(f'"{key[at : at + 100]}"' for at in range(0, 1000, 100))
    ((_owner, _type, value, _ttl),) = rows(f"sel._domainkey TXT ( {parts} )")
    assert value.replace('" "', "").strip('"') == key


@pytest.mark.parametrize(
    ("text", "line", "word"),
    [
        ("$INCLUDE /etc/passwd", 1, "$INCLUDE"),
        ("a A 192.0.2.1\n$include other.zone x.", 2, "$INCLUDE"),
        ("$GENERATE 1-10 host$ A 192.0.2.$", 1, "$GENERATE"),
        ("$WHAT 1", 1, "$WHAT"),
        ("$TTL", 1, "one value"),
        ("$TTL soon", 1, "soon"),
        ("$TTL 99999999999", 1, "TTL"),
        ("www 4294967295 A 192.0.2.1", 1, "TTL"),
        ("www A 192.0.2.256", 1, "0 to 255"),
        ("\n\nwww AAAA 192.0.2.1\n", 3, "IPv4"),
        ("www.other.test. A 192.0.2.1", 1, "outside"),
        ("@ SOA a. b. 1 2 3 4 5\n$ORIGIN other.test.\n@ SOA a. b. 1 2 3 4 5", 3, "other.test"),
        ("www HINFO x y", 1, "HINFO"),
        ("www NONSENSE x", 1, "NONSENSE"),
        ("www TYPE70000 x", 1, "TYPE70000"),
        (r"www TYPE999 \# 1 00", 1, "TYPE999"),
        ("www CH A 192.0.2.1", 1, "class IN"),
        ("www", 1, "no record type"),
        ("www 300 IN", 1, "no record type"),
        ("www A", 1, "no value"),
        ("  A 192.0.2.1", 1, "begins with a blank"),
        ('@ TXT "open', 1, "do not pair"),
        ("@ TXT \\", 1, "backslash"),
        ('@ TXT "\\999"', 1, "backslash"),
        ("@ TXT “smart”", 1, "typographic"),
        ("www A 192.0.2.1 )", 1, "never opened"),
        ("x A 192.0.2.1\nwww ( A\n192.0.2.1\n", 2, "never closed"),
        (r"www A \# 4 c00002", 1, "bytes"),
        (r"www A \# 3 c00002", 1, "no value that A"),
        (r"www A \# four c0000201", 1, "hexadecimal"),
        (r"@ TYPE65401 \# 3 036f6c", 1, "no value that ALIAS"),
        ("w\x00w A 192.0.2.1", 1, "control"),
        ("@ MX 10 192.0.2.1", 1, "not an address"),
        (f"{'a' * 64} A 192.0.2.1", 1, "63"),
        (f"@ TXT {'x ' * 60_000}", 1, "too long"),
        ('"www" A 192.0.2.1', 1, "quotes"),
        (r"a\.b A 192.0.2.1", 1, "part of a name"),
    ],
)
def test_what_is_wrong_is_said_at_its_line(text: str, line: int, word: str) -> None:
    found = wrong(text)
    assert list(found) == [line]
    assert word in found[line]


def test_all_mistakes_are_found_and_the_line_is_quoted() -> None:
    reading = read("a A 1\n  b bad\nc A 192.0.2.1\nd AAAA x\n", ZONE)
    assert [(problem.line, problem.text) for problem in reading.problems] == [
        (1, "a A 1"), (2, "b bad"), (4, "d AAAA x"),
    ]  # fmt: skip
    assert reading.wrong == 3


def test_two_hundred_mistakes_are_shown_and_the_rest_counted() -> None:
    reading = read("a A wrong\n" * 1234, ZONE)
    assert (len(reading.problems), reading.wrong) == (PROBLEMS, 1234)


def test_a_file_of_nothing_but_mistakes_is_not_read_to_its_end(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(rules, "ZONE_RECORDS", 500)
    assert read("$X\n" * 100_000, ZONE).wrong == 501


def test_more_records_than_a_zone_holds_are_refused_and_counted(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(rules, "ZONE_RECORDS", 500)
    reading = read("a A 192.0.2.1\n" * 507, ZONE)
    assert reading.wrong == 1
    assert "507" in reading.problems[0].reason


def test_what_the_panel_keeps_is_left_out_and_said() -> None:
    text = "@ SOA a. b. 1 2 3 4 5\n@ NS ns1.old.test.\n@ RRSIG A 8 2 1 x\n@ DNSKEY x\nsub NS ns.other.test.\n"
    reading = read(text, ZONE)
    assert [row.rrset for row in reading.rows] == [("sub", "NS")]
    assert (reading.heard.soa, reading.heard.name_servers, reading.heard.signing) == (True, 1, 2)


@pytest.mark.parametrize(
    ("text", "kind"),
    [
        ("example.test A 192.0.2.1", "dotless"),
        ("www CNAME host.other.test", "dotless"),
        ("@ TXT v=spf1 -all", "unquoted"),
        ("a A 192.0.2.1\na A 192.0.2.1", "twice"),
    ],
)
def test_what_may_not_be_meant_is_said_with_its_line(text: str, kind: str) -> None:
    heard = read(text, ZONE).heard
    assert getattr(heard, kind) == [text.count("\n") + 1]
    assert any("line" in sentence for sentence in heard.sentences())


def test_a_record_that_differs_by_case_alone_is_the_same() -> None:
    reading = read("@ MX 10 Mail.Other.Test.\n@ MX 10 mail.other.test.", ZONE)
    assert len(reading.rows) == 1
    assert reading.heard.twice == [2]


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("0", 0),
        ("1h", 3600),
        ("1H30m", 5400),
        ("2d", 172_800),
        ("1w", 604_800),
        ("h", None),
        ("1x", None),
        ("", None),
    ],
)
def test_times(text: str, number: int | None) -> None:
    assert seconds(text) == number


@pytest.mark.parametrize(
    "data",
    [
        "bücher A 192.0.2.1\n".encode(),
        "\ufeffbücher A 192.0.2.1\n".encode(),
        "bücher A 192.0.2.1\n".encode("utf-16"),
        "bücher A 192.0.2.1\n".encode("utf-16-le"),
        "bücher A 192.0.2.1\n".encode("utf-16-be"),
        "bücher A 192.0.2.1\n".encode("latin-1"),
    ],
)
def test_files_in_many_encodings(data: bytes) -> None:
    text, said = decoded(data)
    assert rows(text)[0][0] == "xn--bcher-kva"
    assert bool(said) == (b"\xfc" in data and b"\x00" not in data)


@pytest.mark.parametrize(
    "data", [b"PK\x03\x04\x14\x00", b"\x89PNG\r\n\x1a\n\x00\x00", b"\xff\xfea", b"a\x00\x01\x02"]
)
def test_what_is_no_text_is_refused(data: bytes) -> None:
    with pytest.raises(Refused, match="no text file"):
        decoded(data)


@given(st.binary(max_size=400))
def test_bytes_of_any_kind_give_text_or_words(data: bytes) -> None:
    with contextlib.suppress(Refused):
        assert isinstance(decoded(data)[0], str)


PIECES = st.sampled_from(
    [*"@().;\\\"\n\t ü“\x00", "www", "A", "IN", "300", "1h", "TXT", "MX", "10", "mail", "\n ", "$ORIGIN",
     "$TTL",
     "$INCLUDE", "\\#", "TYPE65401", "4", "c0000201", "example.test.", "192.0.2.1", "SOA", "NS", "CAA",
     "0", "issue", "HTTPS", "alpn=", "TLSA", "3", "1", "NAPTR", "SSHFP", "DS", "\\065", "\\999"]
)  # fmt: skip


@settings(max_examples=200)
@given(
    st.one_of(
        st.text(max_size=300), st.lists(PIECES, max_size=40).map(" ".join), st.lists(PIECES).map("".join)
    )
)
@example("\ud800 A 192.0.2.1")
@example("www A 192.0.2.1 ; \ud800\x00")
@example("$TTL " + "9" * 5000)
@example("www TYPE" + "9" * 5000 + " x")
@example(r"@ A \# " + "9" * 5000)
@example("@ MX 10 " + "a." * 5000)
def test_no_text_breaks_the_reader(text: str) -> None:
    reading: Reading = read(text, ZONE)
    for problem in reading.problems:
        assert problem.reason
        assert len(problem.text) <= 200
    for row in reading.rows:
        assert row.comment.isprintable() or "\xad" in row.comment or row.comment == row.comment.strip()


HOSTILE: dict[str, Callable[[int], str]] = {
    "records": lambda n: "".join(f"h{i} A 192.0.{i % 250}.{i // 250}\n" for i in range(n)),
    "short lines": lambda n: "x\n" * 5 * n,
    "parentheses": lambda n: "(\n" * 5 * n,
    "quotes": lambda n: ('"' * 990 + "\n") * (n // 10),
    "one quoted line": lambda n: '"' * 100 * n,
    "one line": lambda n: "a" * 100 * n,
    "origins": lambda n: "$ORIGIN x\n" * 10 * n,
}


@pytest.mark.parametrize("kind", HOSTILE)
def test_twice_the_text_is_twice_the_work(kind: str) -> None:
    assert grows(lambda n: read(HOSTILE[kind](n), ZONE), 400) < 2.2


@pytest.mark.parametrize("text", ["(\n" * 2_500_000, "a" * 5_000_000], ids=["parentheses", "one line"])
def test_five_megabytes_of_nothing_are_refused(text: str) -> None:
    assert read(text, ZONE).problems
