"""Where the DNS of a domain is: deciding, comparing, asking, keeping, the page."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import dns.query
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import User
from dnszone.models import Draft, Record, Zone, ZonePlace
from dnszone.spec import Row
from dnszone.whereis import comparing, deciding, live, services, steps
from dnszone.whereis.differences import differences
from dnszone.whereis.live import Question
from dnszone.whereis.providers import provider_of
from dnszone.whereis.seen import Seen, There, read, written
from lib import delegation
from provision.models import Node
from tests.fakedns import FakeDns, serving

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


# Asking

ZONE = "example.test"


@pytest.fixture
def parent(settings: Any) -> Iterator[FakeDns]:
    with serving(FakeDns()) as world:
        settings.RESOLVERS = [world.place]
        world.zone("test")
        yield world


@pytest.fixture
def elsewhere(parent: FakeDns, settings: Any) -> Iterator[FakeDns]:
    """The provider that serves the domain now."""
    with serving(FakeDns(), "127.0.0.2") as world:
        settings.RESOLVERS = [*settings.RESOLVERS, world.place]
        parent.delegations[ZONE] = THEIRS
        parent.records[ZONE, "NS"] = [f"{name}." for name in THEIRS]
        for name in THEIRS:
            parent.records[name, "A"] = ["127.0.0.2"]
        world.authority[ZONE, "NS"] = [f"{name}." for name in THEIRS]
        world.authority[ZONE, "MX"] = ["1 aspmx.l.google.com."]
        world.authority[ZONE, "A"] = ["203.0.113.5"]
        world.authority[ZONE, "TXT"] = ['"v=spf1 include:_spf.postroom.test ~all"']
        yield world


@pytest.fixture
def mine(node: Node) -> Iterator[FakeDns]:
    """Our own name server."""
    with serving(FakeDns(), "127.0.0.3") as world:
        world.authority[ZONE, "NS"] = [f"{name}." for name in OURS]
        node.addresses = ["127.0.0.3"]
        node.ports = node.ports | {"dns": int(world.place.rpartition(":")[2])}
        node.save()
        yield world


def question(**values: Any) -> Question:
    return Question(name=ZONE, ours={name: [] for name in OURS}, **values)


def test_a_look_at_another_provider(elsewhere: FakeDns) -> None:
    seen = live.look(question(asks=[("@", "MX"), ("@", "A"), ("www", "A")]))
    assert seen.parent == THEIRS
    assert seen.child == dict.fromkeys(THEIRS, THEIRS)
    assert seen.found["@ MX"] == There(["1 aspmx.l.google.com."], "", 60)
    assert seen.found["www A"] == There([])
    assert seen.ds == []


def test_a_silent_provider_is_not_known(elsewhere: FakeDns, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(delegation, "TRY_SECONDS", 0.1)
    elsewhere.silent.add(ZONE)
    seen = live.look(question(asks=[("@", "MX")]))
    assert seen.parent == THEIRS
    assert seen.found == {}
    assert deciding.decide(seen, OURS).verdict == "elsewhere"


def test_nobody_inside_our_network_is_asked(parent: FakeDns, monkeypatch: pytest.MonkeyPatch) -> None:
    """The domain's owner writes any address into the names of its servers."""
    parent.delegations[ZONE] = ["ns.evil.test"]
    parent.records["ns.evil.test", "A"] = ["10.0.0.1", "127.0.0.9", "169.254.169.254"]
    asked: list[str] = []
    real = dns.query.udp_with_fallback

    def spy(query: Any, where: str, **kwargs: Any) -> Any:
        asked.append(where)
        return real(query, where, **kwargs)

    monkeypatch.setattr(dns.query, "udp_with_fallback", spy)
    seen = live.look(question(asks=[("@", "MX")]))
    assert seen.child == {"ns.evil.test": None}
    assert set(asked) <= {"127.0.0.1"}


def test_questions_are_bounded(elsewhere: FakeDns) -> None:
    live.look(question(asks=[(f"n{n}", "A") for n in range(500)]))
    assert len(elsewhere.asked) <= live.ASKS_MAX + 4


def test_what_was_seen_is_kept(zone: Zone, elsewhere: FakeDns, mine: FakeDns) -> None:
    assert services.verdict_of(zone) is None
    place = services.look_now(zone)
    assert (place.verdict, place.servers) == ("elsewhere", THEIRS)
    assert read(place.found).source in THEIRS
    assert services.verdict_of(zone) == place


def test_no_answer_keeps_what_was_seen_before(zone: Zone, elsewhere: FakeDns, mine: FakeDns) -> None:
    seen_at = services.look_now(zone).at
    place = services.place_keep(zone=zone, seen=Seen(), whole=True)
    assert (place.verdict, place.at) == ("elsewhere", seen_at)
    assert place.asked_at is not None
    assert seen_at is not None
    assert place.asked_at > seen_at


def test_moving_here_starts_the_clock(zone: Zone) -> None:
    services.place_keep(zone=zone, seen=Seen(parent=THEIRS), whole=True)
    place = services.place_keep(zone=zone, seen=Seen(parent=OURS), whole=True)
    assert place.here_since is not None
    assert services.place_keep(zone=zone, seen=Seen(parent=THEIRS), whole=True).here_since is None


def test_beat_looks_at_those_that_are_due(zone: Zone, elsewhere: FakeDns, mine: FakeDns) -> None:
    assert services.look_at_all() == 1
    assert services.look_at_all() == 0
    place = ZonePlace.objects.get(zone=zone)
    assert place.verdict == "elsewhere"
    assert place.next_check_at > timezone.now() + timedelta(minutes=50)
    ZonePlace.objects.update(next_check_at=timezone.now())
    assert services.look_at_all() == 1


# The page


def test_the_page_opens_without_asking(browser: Client, zone: Zone) -> None:
    page = browser.get(reverse("zone-servers", args=[ZONE])).content.decode()
    assert "Nobody has looked yet" in page
    assert 'hx-trigger="load, submit"' in page
    assert not ZonePlace.objects.exists()


def test_here(browser: Client, zone: Zone, parent: FakeDns, mine: FakeDns) -> None:
    parent.delegations[ZONE] = OURS
    parent.records[ZONE, "NS"] = [f"{name}." for name in OURS]
    page = browser.post(reverse("zone-servers-look", args=[ZONE]), follow=True).content.decode()
    assert "DNS for example.test is hosted here: ns1 and ns2 answered at " in page


def test_elsewhere_lists_what_to_copy(browser: Client, zone: Zone, elsewhere: FakeDns, mine: FakeDns) -> None:
    look = browser.post(reverse("zone-servers-look", args=[ZONE]), headers={"hx-request": "true"})
    page = look.content.decode()
    assert "<html" not in page
    assert "is at Cloudflare, not here" in page
    assert "1 aspmx.l.google.com" in page
    assert "Records to make at Cloudflare" in page
    assert "203.0.113.5" in page
    head = browser.get(reverse("zone-servers", args=[ZONE])).content.decode()
    assert "Looking" not in head  # seen a moment ago


def test_what_is_there_goes_into_the_draft(
    browser: Client, alice: User, zone: Zone, elsewhere: FakeDns, mine: FakeDns
) -> None:
    services.look_now(zone)
    rows = [one.row() for one in Record.objects.filter(zone=zone)]
    seen = read(ZonePlace.objects.get(zone=zone).found)
    (website,) = [one for one in differences(rows, ZONE, seen) if one.type == "A"]
    browser.post(reverse("zone-servers-take", args=[ZONE]), {"take": [website.digest, "nonsense"]})
    draft = Draft.objects.get(zone=zone, user=alice)
    specs = [item["spec"] for item in draft.items]
    assert ["@", "A", "203.0.113.5", 60] in [spec[:4] for spec in specs if spec]
    assert not Record.objects.filter(zone=zone, rdata="203.0.113.5").exists()


def test_half_is_said_exactly(browser: Client, zone: Zone, elsewhere: FakeDns, mine: FakeDns) -> None:
    elsewhere.authority[ZONE, "NS"] = [f"{name}." for name in [OURS[0], THEIRS[0]]]
    parent_page = browser.post(reverse("zone-servers-look", args=[ZONE]), follow=True).content.decode()
    assert "half here and half elsewhere" in parent_page


def test_outsiders_get_404(stranger: Client, zone: Zone) -> None:
    for name in ("zone-servers", "zone-servers-look", "zone-servers-take"):
        path = reverse(name, args=[ZONE])
        assert stranger.get(path).status_code in {404, 405}
        assert stranger.post(path).status_code in {404, 405}
    assert not ZonePlace.objects.exists()
