"""What hurts is said, with the name it is about; what does not is not."""

from __future__ import annotations

import pytest

from dnszone.spec import Row
from dnszone.warnings import warn
from dnszone.warnings.mailtexts import lookups
from tests.effort import grows

MX = ("@", "MX", "10 mail.example.test.")
MAIL = ("mail", "A", "192.0.2.1")
Record = tuple[str, str, str]


def rows(*records: Record, ttl: int = 3600) -> list[Row]:
    return [Row(None, *record, ttl, "", 0) for record in records]


def codes(*records: Record, ttl: int = 3600) -> set[tuple[str, str]]:
    return {(warning.owner, warning.code) for warning in warn("example.test", rows(*records, ttl=ttl))}


def spf(text: str, owner: str = "@") -> Record:
    return (owner, "TXT", f'"v=spf1 {text}"')


KEY = "v=DKIM1; k=rsa; p=" + "A" * 40


@pytest.mark.parametrize(
    "records",
    [
        [MX, MAIL],
        [("@", "MX", "0 .")],
        [("@", "MX", "10 mail.elsewhere.test.")],
        [("@", "MX", "10 mail.example.test."), ("mail", "ALIAS", "a.b.")],
        [("@", "MX", "10 x.example.test."), ("*", "A", "192.0.2.1")],
        [MX, MAIL, spf("a mx ip4:192.0.2.0/24 ip6:2001:db8::/32 include:_spf.a.test -all")],
        [MX, MAIL, spf("a:b.test/24 mx//64 ptr exists:%{i}.b.test redirect=_spf.a.test exp=x.a.test")],
        [MX, MAIL, spf("-all"), ("@", "TXT", '"other"'), spf("-all", "sub")],
        [MX, MAIL, ("_dmarc", "TXT", '"v=DMARC1; p=none"')],
        [MX, MAIL, ("s._domainkey", "TXT", f'"{KEY}"')],
        [MX, MAIL, ("s._domainkey", "TXT", '"v=DKIM1; p="')],
        [MX, MAIL, ("s._domainkey", "CNAME", "s._domainkey.a.b.")],
        [
            MX,
            MAIL,
            ("shop", "NS", "ns.shop.example.test."),
            ("shop", "NS", "b.c."),
            ("ns.shop", "A", "192.0.2.1"),
        ],
        [MX, MAIL, ("www", "CNAME", "mail.example.test.")],
        [MX, MAIL, ("www", "CNAME", "a.shop.example.test."), ("shop", "NS", "b.c."), ("shop", "NS", "d.e.")],
        [MX, MAIL, ("_x._tcp", "SRV", "0 0 0 .")],
        [MX, MAIL, ("*.dev", "A", "192.0.2.1")],
        [MX, MAIL, ("*", "TXT", '"x"')],
    ],
)
def test_nothing_to_say(records: list[Record]) -> None:
    found = {code for _owner, code in codes(*records)}
    assert found <= {"star_catches_mail"}
    assert not found or ("*", "A", "192.0.2.1") in records


@pytest.mark.parametrize(
    ("records", "owner", "code"),
    [
        ([MAIL], "@", "no_mx"),
        ([MX], "@", "mx_target_dark"),
        ([MX, ("mail", "TXT", '"x"')], "@", "mx_target_dark"),
        ([MX, ("mail", "CNAME", "a.b.")], "@", "mx_target_alias"),
        ([MX, ("*", "CNAME", "a.b.")], "@", "mx_target_alias"),
        ([("sub", "MX", "10 mail.example.test.")], "sub", "mx_target_dark"),
        ([MX, MAIL, ("shop", "NS", "ns.example.test."), ("ns", "CNAME", "a.b.")], "shop", "ns_target_alias"),
        ([MX, MAIL, ("shop", "NS", "ns.example.test.")], "shop", "ns_target_dark"),
        ([MX, MAIL, ("_x._tcp", "SRV", "0 0 1 a.example.test.")], "_x._tcp", "srv_target_dark"),
        (
            [MX, MAIL, ("_x._tcp", "SRV", "0 0 1 a.example.test."), ("a", "CNAME", "b.c.")],
            "_x._tcp",
            "srv_target_alias",
        ),
        ([spf("-all"), spf("~all")], "@", "spf_twice"),
        ([spf("-all", "sub"), ("sub", "TXT", '"V=SPF1"')], "sub", "spf_twice"),
        ([spf("includes:a.test -all")], "@", "spf_syntax"),
        ([spf("ip4:grün -all".replace("ü", "\\195\\188"))], "@", "spf_syntax"),
        ([spf("+all")], "@", "spf_allows_all"),
        ([spf("all")], "@", "spf_allows_all"),
        ([spf(" ".join(f"include:{n}.test" for n in range(11)) + " -all")], "@", "spf_lookups"),
        (
            [("_dmarc", "TXT", '"v=DMARC1; p=none"'), ("_dmarc", "TXT", '"v=DMARC1;p=reject"')],
            "_dmarc",
            "dmarc_twice",
        ),
        ([("s._domainkey", "TXT", '"v=DKIM1; p=!!"')], "s._domainkey", "dkim_syntax"),
        ([("s._domainkey", "TXT", '"v=DKIM1; k=rsa"')], "s._domainkey", "dkim_syntax"),
        ([("s._domainkey", "TXT", '"hello"')], "s._domainkey", "dkim_syntax"),
        ([MX, MAIL, ("*", "A", "192.0.2.9")], "*", "star_catches_mail"),
        ([MX, MAIL, ("*", "CNAME", "a.b.")], "*", "star_catches_mail"),
        ([("*", "MX", "10 a.b.")], "*", "star_catches_mail"),
        ([("*", "MX", "10 a.b.")], "*", "star_mx"),
        ([("shop", "NS", "a.b."), ("www.shop", "A", "192.0.2.1")], "www.shop", "hidden_by_delegation"),
        ([("shop", "NS", "a.b."), ("shop", "TXT", '"x"')], "shop", "hidden_by_delegation"),
        ([("www", "CNAME", "gone.example.test.")], "www", "alias_to_nothing"),
        ([("www", "ALIAS", "gone.example.test.")], "www", "alias_to_nothing"),
        ([("a", "ALIAS", "b.example.test."), ("b", "ALIAS", "c.d.")], "a", "alias_to_alias"),
        ([("shop", "NS", "a.b.")], "shop", "one_name_server"),
    ],
)
def test_what_hurts_is_said(records: list[Record], owner: str, code: str) -> None:
    assert (owner, code) in codes(*records)


def test_a_ttl_of_0_is_said_once_for_each_rrset() -> None:
    found = warn("example.test", rows(("a", "A", "192.0.2.1"), ("a", "A", "192.0.2.2"), ttl=0))
    assert [(w.owner, w.type) for w in found if w.code == "ttl_zero"] == [("a", "A")]


def test_text_names_what_it_is_about() -> None:
    found = [
        w for w in warn("example.test", rows(("@", "MX", "10 xn--bcher-kva.example.test."))) if w.type == "MX"
    ]
    assert "bücher.example.test" in found[0].text
    assert found[0].tone == "warn"


def test_lookups_are_counted_as_far_as_they_can_be_seen() -> None:
    assert (
        lookups("v=spf1 a mx:b.test ~ptr exists:a.b include:c.test ip4:192.0.2.1 redirect=d.test -all") == 6
    )
    assert lookups("v=spf1 a/24 ?mx/24 -all") == 2


def test_each_record_of_a_large_zone_is_looked_at_once() -> None:
    def look(n: int) -> None:
        big = rows(*[(f"h{i}.a{i % 50}", "A", f"192.0.2.{i % 250}") for i in range(8 * n)])
        big += rows(*[(f"t{i}", "TXT", f'"v=spf1 include:x{i}.test -all"') for i in range(n)])
        big += rows(*[(f"c{i}", "CNAME", f"h{i}.a{i % 50}.example.test.") for i in range(n)])
        warn("example.test", big)

    assert grows(look, 200) < 2.2
