"""The records of a new domain and of the provider's zone."""

from __future__ import annotations

from dnszone import changeset, rules, template
from dnszone.spec import RecordSpec

PORTS = {
    "smtp": 25,
    "submission": 1587,
    "submissions": 1465,
    "imap": 1143,
    "imaps": 1993,
    "pop3": 1110,
    "pop3s": 1995,
    "sieve": 4190,
}


def new_domain(**other: object) -> list[RecordSpec]:
    values: dict[str, object] = {
        "provider": "postroom.test",
        "mail_host": "mail1.postroom.test",
        "addresses": ["192.0.2.25", "2001:db8::25"],
        "ports": PORTS,
        "panel_host": "panel.postroom.test",
        "panel_port": 8443,
    }
    return template.new_domain(**{**values, **other})  # type: ignore[arg-type]


def lines(records: list[RecordSpec]) -> set[tuple[str, str, str]]:
    return {
        (row.owner, row.type, row.rdata)
        for row in (changeset.canonical_row(spec, "example.test") for spec in records)
    }


def test_a_new_domain_has_all_that_mail_needs() -> None:
    assert lines(new_domain()) == {
        ("@", "NS", "ns1.postroom.test."),
        ("@", "NS", "ns2.postroom.test."),
        ("@", "A", "192.0.2.25"),
        ("@", "AAAA", "2001:db8::25"),
        ("mail", "A", "192.0.2.25"),
        ("mail", "AAAA", "2001:db8::25"),
        ("@", "MX", "10 mail1.postroom.test."),
        ("@", "TXT", '"v=spf1 include:_spf.postroom.test ~all"'),
        ("_dmarc", "TXT", '"v=DMARC1; p=none"'),
        ("autoconfig", "CNAME", "panel.postroom.test."),
        ("autodiscover", "CNAME", "panel.postroom.test."),
        ("_autodiscover._tcp", "SRV", "0 0 8443 panel.postroom.test."),
        ("_submissions._tcp", "SRV", "0 0 1465 mail1.postroom.test."),
        ("_submission._tcp", "SRV", "10 0 1587 mail1.postroom.test."),
        ("_imaps._tcp", "SRV", "0 0 1993 mail1.postroom.test."),
        ("_imap._tcp", "SRV", "10 0 1143 mail1.postroom.test."),
        ("_pop3s._tcp", "SRV", "20 0 1995 mail1.postroom.test."),
        ("_pop3._tcp", "SRV", "30 0 1110 mail1.postroom.test."),
        ("_sieve._tcp", "SRV", "0 0 4190 mail1.postroom.test."),
    }


def test_it_keeps_the_rules_and_every_record_says_who_keeps_it() -> None:
    records = new_domain()
    rows = [changeset.canonical_row(spec, "example.test") for spec in records]
    rules.check("example.test", rows, {row.rrset for row in rows})
    assert all(row.managed for row in rows)


def test_a_service_that_the_node_does_not_offer_is_said_to_be_none() -> None:
    """RFC 6186 §3.4. ManageSieve is left out then."""
    told = {spec.owner: spec.rdata for spec in new_domain(ports={"imaps": 993}) if spec.type == "SRV"}
    assert told["_imaps._tcp"] == "0 0 993 mail1.postroom.test."
    assert told["_pop3s._tcp"] == told["_imap._tcp"] == told["_submission._tcp"] == "0 0 0 ."
    assert "_sieve._tcp" not in told


def test_programs_are_told_the_brand_s_name_and_senders_the_node_s() -> None:
    found = lines(new_domain(service_host="mail.luna-hosting.test"))
    assert ("_imaps._tcp", "SRV", "0 0 1993 mail.luna-hosting.test.") in found
    assert ("@", "MX", "10 mail1.postroom.test.") in found


def test_provider_zone_with_one_node_and_with_two() -> None:
    one = template.provider_zone(
        dns=[["192.0.2.1"]], hosts={"mail1": ["192.0.2.1"]}, mail_addresses=["192.0.2.1", "2001:db8::1"]
    )
    assert lines(one) == {
        ("mail1", "A", "192.0.2.1"),
        ("ns1", "A", "192.0.2.1"),
        ("ns2", "A", "192.0.2.1"),
        ("_spf", "TXT", '"v=spf1 ip4:192.0.2.1 ip6:2001:db8::1 -all"'),
    }
    two = template.provider_zone(dns=[["192.0.2.1"], ["192.0.2.2"]], hosts={}, mail_addresses=[])
    assert {("ns1", "A", "192.0.2.1"), ("ns2", "A", "192.0.2.2")} < lines(two)


def test_thunderbird_asks_at_the_provider_s_own_name_for_who_has_but_our_mx() -> None:
    zone = template.provider_zone(dns=[], hosts={}, mail_addresses=[], panel_host="panel.postroom.test")
    assert ("autoconfig", "CNAME", "panel.postroom.test.") in lines(zone)
