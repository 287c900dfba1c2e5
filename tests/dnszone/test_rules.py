"""The rules of DNS over a whole zone, each refused at the field that has to change."""

from __future__ import annotations

import pytest

from dnszone import rules
from dnszone.spec import Row
from lib.errors import Refused

ZONE = "example.test"
NS = ("@", "NS", "ns1.provider.test.")


def rows(*records: tuple[str, str, str]) -> list[Row]:
    return [Row(None, *record, 3600, "", 0) for record in (NS, *records)]


def check(*records: tuple[str, str, str]) -> None:
    """As if all of them had just been written."""
    all_rows = rows(*records)
    rules.check(ZONE, all_rows, {row.rrset for row in all_rows[1:]})


DS = "1 13 2 " + "ab" * 32


@pytest.mark.parametrize(
    "records",
    [
        [("www", "CNAME", "a.b.")],
        [("@", "ALIAS", "a.b."), ("@", "MX", "10 a.b."), ("@", "TXT", '"x"')],
        [("shop", "NS", "a.b."), ("shop", "NS", "c.d."), ("shop", "DS", DS)],
        [("@", "MX", "0 .")],
        [("@", "MX", "10 a.b."), ("@", "MX", "20 a.b.")],
        [("_x._tcp", "SRV", "0 0 0 .")],
        [("*._tcp", "TXT", '"x"')],
        [("_x._tcp.sub", "SRV", "0 0 1 a.b.")],
        [("*", "A", "192.0.2.1"), ("*", "CAA", '0 issue ";"')],
        [("@", "MX", "10 mail.example.test."), ("mail", "CNAME", "a.b.")],  # a warning only
        [("shop", "NS", "ns.example.test."), ("ns", "CNAME", "a.b.")],
        [("a", "CNAME", "b.example.test."), ("b", "CNAME", "c.example.test.")],
    ],
)
def test_allowed(records: list[tuple[str, str, str]]) -> None:
    check(*records)


@pytest.mark.parametrize(
    ("records", "field", "advice"),
    [
        ([("@", "CNAME", "a.b.")], "owner", "ALIAS"),
        ([("www", "CNAME", "a.b."), ("www", "TXT", '"x"')], "owner", "stands alone"),
        ([("www", "CNAME", "a.b."), ("www", "CNAME", "c.d.")], "owner", "one CNAME only"),
        ([("www", "CNAME", "a.b."), ("www", "ALIAS", "c.d.")], "owner", "stands alone"),
        ([("www", "ALIAS", "a.b."), ("www", "ALIAS", "c.d.")], "owner", "one ALIAS only"),
        ([("www", "ALIAS", "a.b."), ("www", "A", "192.0.2.1")], "owner", "Delete those first"),
        ([("@", "ALIAS", "a.b."), ("@", "AAAA", "::1")], "owner", "Delete those first"),
        ([("*", "ALIAS", "a.b.")], "owner", "star"),
        ([("*.a", "NS", "a.b.")], "owner", "star"),
        ([("*", "NS", "a.b.")], "owner", "star"),
        ([("*.a", "DS", DS), ("*.a", "NS", "a.b.")], "owner", "star"),
        ([("@", "DS", DS)], "owner", "registrar"),
        ([("shop", "DS", DS)], "owner", "Add its NS records first"),
        ([("@", "MX", "0 ."), ("@", "MX", "10 a.b.")], "target", "no mail at all"),
        ([("@", "MX", "10 .")], "priority", "has to be 0"),
        ([("_x._tcp", "SRV", "0 0 0 ."), ("_x._tcp", "SRV", "0 0 1 a.b.")], "target", "not offered"),
        ([("imap", "SRV", "0 0 1 a.b.")], "owner", "_imaps._tcp"),
        ([("@", "A", "192.0.2.1"), ("@", "A", "192.0.2.1")], "address", "same A record"),
        ([("@", "TXT", '"x"'), ("@", "TXT", '"x"')], "text", "same TXT record"),
        ([("@", "SOA", "a. b. 1 2 3 4 5")], "type", "panel"),
        ([("a", "CNAME", "b.example.test."), ("b", "CNAME", "a.example.test.")], "target", "back to itself"),
        ([("a", "ALIAS", "a.example.test.")], "target", "back to itself"),
        ([("a", "ALIAS", "b.example.test."), ("b", "CNAME", "a.example.test.")], "target", "back to itself"),
    ],
)
def test_refused(records: list[tuple[str, str, str]], field: str, advice: str) -> None:
    with pytest.raises(Refused) as refused:
        check(*records)
    assert refused.value.field == field
    assert advice in refused.value.message


def test_the_ns_of_a_signed_subdomain_do_not_go_alone() -> None:
    with pytest.raises(Refused, match="delete the DS"):
        rules.check(ZONE, rows(("shop", "DS", DS)), {("shop", "NS")})


def test_what_was_not_touched_is_not_looked_at() -> None:
    rules.check(ZONE, rows(("www", "CNAME", "a.b."), ("www", "TXT", '"x"')), {("other", "A")})


def test_the_values_of_a_zone_have_an_end(monkeypatch: pytest.MonkeyPatch) -> None:
    """Many imports of 5 MB each would make a zone that no server takes."""
    monkeypatch.setattr(rules, "ZONE_BYTES", 1_000)
    with pytest.raises(Refused, match="MB at most"):
        check(*[(f"n{i}", "TXT", f'"{"x" * 90}"') for i in range(12)])
