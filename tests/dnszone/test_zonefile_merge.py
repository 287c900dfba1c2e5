"""What stays of a zone when a file comes."""

from __future__ import annotations

import pytest

from dnszone.spec import Row
from dnszone.zonefile import merge
from dnszone.zonefile.merge import How
from dnszone.zonefile.reader import Reading, read

ZONE = "example.test"
BEFORE = [
    Row(1, "@", "NS", "ns1.postroom.test.", 3600, "ns", 0, ""),
    Row(2, "@", "MX", "10 mail.postroom.test.", 3600, "mx", 0, ""),
    Row(3, "@", "TXT", '"v=spf1 include:_spf.postroom.test -all"', 3600, "spf", 0, ""),
    Row(4, "@", "TXT", '"proof=1"', 3600, "", 0, ""),
    Row(5, "autoconfig", "CNAME", "autoconfig.postroom.test.", 3600, "autoconfig", 0, ""),
    Row(6, "www", "A", "192.0.2.1", 3600, "", 0, "the site"),
    Row(7, "old", "CNAME", "www.example.test.", 3600, "", 0, ""),
]


def merged(text: str, how: How = How.ADD, managed_too: bool = False) -> set[tuple[int | None, str]]:
    """Keys and values of all records afterwards; None: new."""
    rows = merge.wanted(BEFORE, read(text, ZONE).rows, how, managed_too=managed_too)
    return {(row.pk, row.rdata) for row in rows}


def keys(text: str, how: How = How.ADD, managed_too: bool = False) -> set[int | None]:
    return {pk for pk, _rdata in merged(text, how, managed_too)}


@pytest.mark.parametrize(
    ("text", "how", "managed_too", "stay"),
    [
        ("new A 192.0.2.9", How.ADD, False, {1, 2, 3, 4, 5, 6, 7, None}),
        ("new A 192.0.2.9", How.REPLACE, False, {1, 2, 3, 5, None}),
        ("new A 192.0.2.9", How.REPLACE, True, {1, None}),
        ("new A 192.0.2.9", How.ADD, True, {1, 2, 3, 4, 5, 6, 7, None}),
        # the same name and type
        ("www A 192.0.2.9", How.ADD, False, {1, 2, 3, 4, 5, 7, None}),
        ("www A 192.0.2.1", How.ADD, False, {1, 2, 3, 4, 5, 6, 7}),
        ("@ MX 5 mx.other.test.", How.ADD, False, {1, 3, 4, 5, 6, 7, None}),
        ("@ MX 5 mx.other.test.", How.REPLACE, False, {1, 3, 5, None}),
        # SPF is no proof of ownership
        ("@ TXT proof=2", How.ADD, False, {1, 2, 3, 5, 6, 7, None}),
        ('@ TXT "v=spf1 -all"', How.ADD, False, {1, 2, 5, 6, 7, None}),
        ("@ TXT proof=2", How.ADD, True, {1, 2, 5, 6, 7, None}),
        # a CNAME stands alone
        ("old A 192.0.2.9", How.ADD, False, {1, 2, 3, 4, 5, 6, None}),
        ("www CNAME old", How.ADD, False, {1, 2, 3, 4, 5, 7, None}),
        ("www ALIAS x.other.test.", How.ADD, False, {1, 2, 3, 4, 5, 7, None}),
        ("autoconfig A 192.0.2.9", How.REPLACE, False, {1, 2, 3, None}),
    ],
)
def test_which_records_stay(text: str, how: How, managed_too: bool, stay: set[int | None]) -> None:
    assert keys(text, how, managed_too) == stay


def test_a_record_that_is_in_both_keeps_its_label_and_its_comment() -> None:
    file = read("@ 60 MX 10 mail.postroom.test.\nwww A 192.0.2.1\n", ZONE).rows
    rows = {row.pk: row for row in merge.wanted(BEFORE, file, How.ADD, managed_too=False)}
    assert (rows[2].managed, rows[2].ttl) == ("mx", 60)
    assert rows[6].comment == "the site"


def test_the_files_comment_is_taken_when_it_says_another() -> None:
    file = read("www A 192.0.2.1 ; moved", ZONE).rows
    rows = {row.pk: row for row in merge.wanted(BEFORE, file, How.ADD, managed_too=False)}
    assert rows[6].comment == "moved"


def test_what_stays_beside_new_records_has_their_ttl() -> None:
    file = read("@ 60 TXT proof=2", ZONE).rows
    rows = {row.pk: row for row in merge.wanted(BEFORE, file, How.ADD, managed_too=False)}
    assert (rows[3].ttl, rows[None].ttl) == (60, 60)


@pytest.mark.parametrize(
    ("text", "lines", "word"),
    [
        ("a A 192.0.2.1\na CNAME b\n", [2], "CNAME stands alone"),
        ("@ CNAME b", [1], "cannot be a CNAME"),
        ("x A 192.0.2.1\n@ MX 0 .\n@ MX 5 mx.other.test.", [3], "no mail at all"),
        ("x SRV 0 0 1 host.other.test.", [1], "service and protocol"),
        ("a A 192.0.2.1\na ALIAS x.other.test.\nb A 192.0.2.1\n", [2], "ALIAS"),
        ("b A 192.0.2.1\nsub DS 1 13 2 " + "ab" * 32, [2], "no NS record"),
    ],
)
def test_rules_are_told_at_the_line_that_breaks_them(text: str, lines: list[int], word: str) -> None:
    reading: Reading = read(text, ZONE)
    assert reading.wrong == 0
    rows = merge.wanted(BEFORE, reading.rows, How.ADD, managed_too=False)
    merge.check(ZONE, rows, reading)
    assert sorted({problem.line for problem in reading.problems}) == lines
    assert word in reading.problems[0].reason


def test_every_rule_that_is_broken_is_told() -> None:
    reading = read("@ CNAME b\na A 192.0.2.1\na CNAME b\nx SRV 0 0 1 host.other.test.", ZONE)
    merge.check(ZONE, merge.wanted(BEFORE, reading.rows, How.ADD, managed_too=False), reading)
    assert {problem.line for problem in reading.problems} >= {1, 3, 4}
