"""Where the DNS of a domain is: deciding and comparing. Pure."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from dnszone.spec import Row
from dnszone.whereis import comparing, deciding, steps
from dnszone.whereis.differences import differences
from dnszone.whereis.providers import provider_of
from dnszone.whereis.seen import Seen, There, read, written

OURS = ["ns1.postroom.test", "ns2.postroom.test"]
THEIRS = ["dana.ns.cloudflare.com", "rob.ns.cloudflare.com"]


@pytest.mark.parametrize(
    ("servers", "name"),
    [
        (THEIRS, "Cloudflare"),
        (["ns07.domaincontrol.com"], "GoDaddy"),
        (["ns1045.ui-dns.de", "ns1099.ui-dns.biz"], "IONOS"),
        (["dns111.ovh.net"], "OVH"),
        (["ns-12-a.gandi.net"], "Gandi"),
        (["ns-512.awsdns-00.net", "ns-1.awsdns-10.co.uk"], "Amazon Route 53"),
        (["ns-cloud-a1.googledomains.com"], "Google / Squarespace"),
        (["dns1.registrar-servers.com"], "Namecheap"),
        (["helium.ns.hetzner.de"], "Hetzner"),
        (["NS1.OVH.NET."], "OVH"),
        (["ns1.my-own.test"], ""),
        ([], ""),
    ],
)
def test_providers_by_the_names_of_their_servers(servers: list[str], name: str) -> None:
    assert provider_of(servers) == name


@pytest.mark.parametrize(
    ("seen", "verdict", "word"),
    [
        (Seen(), "unknown", ""),
        (Seen(parent=OURS, said=OURS, answered=OURS), "here", ""),
        (Seen(parent=None, said=OURS, answered=OURS), "here", ""),
        (Seen(parent=OURS, answered=OURS[:1]), "here", "ns2.postroom.test did not answer"),
        (Seen(parent=THEIRS, said=THEIRS), "elsewhere", ""),
        (Seen(parent=[]), "nowhere", ""),
        (Seen(parent=[OURS[0], THEIRS[0]]), "half", "of somebody else (dana.ns.cloudflare.com)"),
        (Seen(parent=OURS[:1], child={OURS[0]: OURS}), "half", "itself says ns1.postroom.test and ns2"),
        (Seen(parent=THEIRS, child={THEIRS[0]: OURS}), "half", "The registrar lists dana.ns.cloudflare.com"),
        (Seen(parent=OURS, said=THEIRS), "half", "the domain’s own servers say dana"),
        (Seen(parent=THEIRS, child={THEIRS[0]: None}), "elsewhere", ""),
    ],
)
def test_verdicts(seen: Seen, verdict: str, word: str) -> None:
    found = deciding.decide(seen, OURS)
    assert found.verdict == verdict
    assert word in " ".join(found.reasons)


def test_headlines() -> None:
    assert deciding.headline("here", "luna.test", OURS, OURS) == (
        "DNS for luna.test is hosted here: ns1 and ns2 answered."
    )
    assert "is at Cloudflare" in deciding.headline("elsewhere", "luna.test", THEIRS)
    assert "ns.own.test" in deciding.headline("elsewhere", "luna.test", ["ns.own.test"])


def row(owner: str, kind: str, rdata: str, *, managed: str = "", pk: int = 1) -> Row:
    return Row(pk, owner, kind, rdata, 3600, managed, 0)


KEY = "MIIBIjANBgkqhkiG9w0BAQEFAAOCAQ8A"


@pytest.mark.parametrize(
    ("mine", "there", "state"),
    [
        # MX: order of the answer, case and dots make no difference; numbers are only an order
        (row("@", "MX", "10 mail1.postroom.test."), There(["10 MAIL1.Postroom.Test."]), "same"),
        (row("@", "MX", "10 mail1.postroom.test."), There(["1 mail1.postroom.test."]), "same"),
        (
            row("@", "MX", "10 mail1.postroom.test."),
            There(["20 b.test.", "10 mail1.postroom.test."]),
            "fine",
        ),
        (row("@", "MX", "10 mail1.postroom.test."), There(["1 aspmx.l.google.com."]), "other"),
        (row("@", "MX", "10 mail1.postroom.test."), There([]), "missing"),
        (row("@", "MX", "10 mail1.postroom.test."), None, "unknown"),
        # SPF among other texts, and ours among others' terms
        (
            row("@", "TXT", '"v=spf1 include:_spf.postroom.test ~all"'),
            There(["google-site-verification=x", "v=spf1 include:_spf.postroom.test ~all"]),
            "same",
        ),
        (
            row("@", "TXT", '"v=spf1 include:_spf.postroom.test ~all"'),
            There(["v=spf1 ip4:192.0.2.1 include:_SPF.postroom.test include:a.test -all"]),
            "same",
        ),
        (row("@", "TXT", '"v=spf1 include:_spf.postroom.test ~all"'), There(["v=spf1 mx -all"]), "other"),
        (row("@", "TXT", '"v=spf1 include:_spf.postroom.test ~all"'), There(["proof=1"]), "missing"),
        (
            row("@", "TXT", '"v=spf1 include:_spf.postroom.test ~all"'),
            There(["v=spf1 include:_spf.postroom.test -all", "v=spf1 mx -all"]),
            "other",
        ),
        # DKIM, however it is split and spaced; DMARC, whatever it says
        (
            row("k._domainkey", "TXT", f'"v=DKIM1; k=rsa; p={KEY}" "{KEY}"'),
            There([f"v=DKIM1;k=rsa;p={KEY} {KEY}"]),
            "same",
        ),
        (row("k._domainkey", "TXT", f'"v=DKIM1; p={KEY}"'), There(["v=DKIM1; p=other"]), "other"),
        (
            row("_dmarc", "TXT", '"v=DMARC1; p=none"'),
            There(["v=DMARC1; p=reject; rua=mailto:a@b.test"]),
            "fine",
        ),
        (row("_dmarc", "TXT", '"v=DMARC1; p=none"'), There([]), "missing"),
        # CNAME, and what stands in its place
        (row("autoconfig", "CNAME", "panel.postroom.test."), There([], "panel.postroom.test"), "same"),
        (row("autoconfig", "CNAME", "panel.postroom.test."), There(["192.0.2.80"]), "same"),
        (row("autoconfig", "CNAME", "panel.postroom.test."), There(["192.0.2.81"]), "other"),
        (row("autoconfig", "CNAME", "panel.postroom.test."), There([]), "missing"),
        # SRV: port and server
        (
            row("_imaps._tcp", "SRV", "0 0 993 mail1.postroom.test."),
            There(["5 1 993 Mail1.postroom.test."]),
            "same",
        ),
        (
            row("_imaps._tcp", "SRV", "0 0 993 mail1.postroom.test."),
            There(["0 0 143 mail1.postroom.test."]),
            "other",
        ),
        (row("www", "AAAA", "2001:db8::1"), There([], "shop.test"), "other"),
        (row("@", "TXT", '"proof=1"'), There(["other=2"]), "missing"),
    ],
)
def test_what_is_found_elsewhere_is_no_false_alarm(mine: Row, there: There | None, state: str) -> None:
    kind = "A" if mine.type == "CNAME" else mine.type
    seen = Seen(found={f"{mine.owner} {kind}": there}, targets={"panel.postroom.test": ["192.0.2.80"]})
    assert comparing.compared(mine, [mine], seen).state == state


def test_several_mx_in_the_same_order_are_the_same() -> None:
    rows = [row("@", "MX", "10 a.test."), row("@", "MX", "20 b.test.", pk=2)]
    seen = Seen(found={"@ MX": There(["5 b.test.", "1 a.test."])})
    assert [comparing.compared(one, rows, seen).state for one in rows] == ["same", "same"]


def test_differences_are_what_is_there_and_not_here() -> None:
    rows = [row("@", "A", "192.0.2.25", managed="address"), row("www", "A", "192.0.2.25", pk=2)]
    seen = Seen(
        found={
            "@ A": There(["203.0.113.5"], ttl=300),
            "www A": There(["192.0.2.25"]),
            "shop A": There([], "shops.example.net", 600),
            "blog A": None,
            "@ MX": There(["not an mx"]),
        }
    )
    found = differences(rows, "luna.test", seen)
    assert [(one.owner, one.type, [r.rdata for r in one.come]) for one in found] == [
        ("@", "A", ["203.0.113.5"]),
        ("shop", "CNAME", ["shops.example.net."]),
    ]
    assert [change.record for change in found[0].changes] == [1, None]
    assert found[0].come[0].ttl == 300


def test_a_flattened_cname_is_no_difference_and_spf_is_replaced() -> None:
    rows = [
        row("autoconfig", "CNAME", "panel.postroom.test."),
        row("@", "TXT", '"v=spf1 include:_spf.postroom.test ~all"', pk=2),
        row("@", "TXT", '"mine=1"', pk=3),
    ]
    seen = Seen(
        found={"autoconfig A": There(["192.0.2.80"]), "@ TXT": There(["v=spf1 mx -all", "theirs=1"])},
        targets={"panel.postroom.test": ["192.0.2.80"]},
    )
    (texts,) = differences(rows, "luna.test", seen)
    assert [one.pk for one in texts.replaces] == [2]
    assert len(texts.come) == 2


def test_a_look_survives_json() -> None:
    seen = Seen(parent=OURS, child={OURS[0]: None}, found={"@ A": There(["192.0.2.1"]), "x A": None})
    assert read(written(seen)) == seen
    assert read({"found": 3}) == Seen()
    assert read(None) == Seen()


def states(seen: Seen, **values: Any) -> dict[str, str]:
    wish: dict[str, Any] = {"different": 0, "moment": steps.Moment(timezone.now())} | values
    found = steps.towards_us(seen, deciding.decide(seen, OURS), ours=OURS, **wish)
    return {step.key: step.state for step in found}


def test_the_steps_before_the_change() -> None:
    there = Seen(
        parent=THEIRS,
        ds=["1 13 2 AA"],
        ds_ttl=86_400,
        source=THEIRS[0],
        found={"@ A": There(["192.0.2.1"], ttl=86_400)},
    )
    assert states(there, different=2) == {
        "records": "todo",
        "ds": "todo",
        "ttl": "todo",
        "enter": "todo",
        "parent": "wait",
        "wait": "later",
        "dnssec": "later",
    }
    ready = Seen(parent=THEIRS, ds=[], source=THEIRS[0], found={"@ A": There(["192.0.2.1"], ttl=300)})
    assert {key: value for key, value in states(ready).items() if value == "done"} == {
        "records": "done",
        "ds": "done",
        "ttl": "done",
    }


def test_the_steps_after_the_change() -> None:
    here = Seen(parent=OURS, parent_ttl=7200, ds=[])
    now = timezone.now()
    assert states(here, moment=steps.Moment(now, now - timedelta(hours=1)))["wait"] == "wait"
    assert states(here, moment=steps.Moment(now, now - timedelta(hours=3)))["wait"] == "done"
    assert states(here)["parent"] == "done"


def test_nothing_answered_is_unknown_and_no_fault() -> None:
    assert set(states(Seen()).values()) <= {"unknown", "later"}
