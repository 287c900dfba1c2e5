"""Where the DNS of a domain is: asking, keeping, the page."""

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
from dnszone.whereis import deciding, live, services
from dnszone.whereis.differences import differences
from dnszone.whereis.live import Question
from dnszone.whereis.seen import Seen, There, read
from lib import delegation
from provision.models import Node
from tests.fakedns import FakeDns, serving

OURS = ["ns1.postroom.test", "ns2.postroom.test"]
THEIRS = ["dana.ns.cloudflare.com", "rob.ns.cloudflare.com"]
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
