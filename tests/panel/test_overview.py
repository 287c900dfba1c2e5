"""The post office says what is measured: pushes, ports that answer or do not, records that are there or
not."""

from __future__ import annotations

import re
import socket
from collections.abc import Iterator

import pytest
from django.db.models import F
from django.urls import reverse
from django.utils import timezone

from accounts.models import Domain
from accounts.suspension import suspend
from dnszone.models import Record, SigningWatch, Zone, ZonePlace
from mailboxes.models import DkimKey
from panel import lifecycle, probe
from provision.models import Node, Push
from tests.factories import MailboxFactory, NodeFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def listener() -> Iterator[socket.socket]:
    """A port that takes connections; what it is is not the drawing's business."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        probe.forget()
        yield server
    probe.forget()


@pytest.fixture
def node(listener: socket.socket) -> Node:
    port = listener.getsockname()[1]
    ports = {"smtp": port, "imaps": port, "pop3s": port, "submissions": port}
    made: Node = NodeFactory.create(addresses=["127.0.0.1"], ports=ports)
    return made


@pytest.fixture
def ines(node: Node) -> Person:
    return person()


@pytest.fixture
def domain(ines: Person) -> Domain:
    made = lifecycle.domain_create(
        actor=ines.user, account=ines.account, name="luna.test", proof=Domain.Proof.TXT
    )
    Push.objects.update(applied_rev=1, desired_rev=1, proof="found by postmap", applied_at=timezone.now())
    DkimKey.objects.update(seen_at=timezone.now())
    return made


def states(who: Person, domain: Domain) -> dict[str, str]:
    html = who.client.get(reverse("domain-overview", args=[domain.name])).content.decode()
    return dict(re.findall(r'data-station="([\w-]+)"\s+data-state="(\w+)"', html))


def test_a_healthy_domain_is_live_at_every_station(ines: Person, domain: Domain) -> None:
    assert set(states(ines, domain).values()) == {"ok", "off"}
    assert states(ines, domain)["mailboxes"] == "off"  # none yet
    html = ines.client.get(reverse("domain-overview", args=[domain.name])).content.decode()
    assert "Needs you" not in html
    assert 'class="wide"' in html
    assert 'class="tall"' in html
    assert "style=" not in html


def test_a_broken_chain_and_name_servers_in_two_places_are_loud(ines: Person, domain: Domain) -> None:
    """On the domain's page and on the home page."""
    zone = Zone.objects.get(domain=domain)
    ZonePlace.objects.update_or_create(
        zone=zone, defaults={"verdict": "half", "servers": ["ns9.else.test"], "at": timezone.now()}
    )
    watch = {"ds": ["60485 13 2 " + "AB" * 32], "ds_ttl": 3600, "seen_at": timezone.now()}
    SigningWatch.objects.update_or_create(zone=zone, defaults=watch)
    for url in (reverse("domain-overview", args=[domain.name]), reverse("home")):
        html = ines.client.get(url).content.decode()
        assert "Visitors with validating resolvers cannot find" in html
        assert "half here and half elsewhere" in html
        assert reverse("zone-dnssec", args=[domain.name]) in html
        assert reverse("zone-servers", args=[domain.name]) in html
    SigningWatch.objects.update(ds=[])
    ZonePlace.objects.update(verdict="elsewhere")
    for url in (reverse("domain-overview", args=[domain.name]), reverse("home")):
        html = ines.client.get(url).content.decode()
        assert "cannot find" not in html
        assert "half elsewhere" not in html
    assert (
        "(ns9.else.test), not here."
        in ines.client.get(reverse("domain-overview", args=[domain.name])).content.decode()
    )


@pytest.mark.parametrize(
    ("stop", "waiting"),
    [
        ("receive", {"incoming"}),
        ("send", {"outgoing"}),
        ("sign_in", {"imaps", "pop3s", "outgoing"}),
    ],
)
def test_a_server_does_not_work_for_a_domain_that_is_kept_from_it(
    ines: Person, domain: Domain, stop: str, waiting: set[str]
) -> None:
    stops = {"sign_in": False, "receive": False, "send": False} | {stop: True}
    suspend(actor=ines.user, target=domain, reason="Moves away", **stops)
    Push.objects.update(applied_rev=F("desired_rev"))
    found = states(ines, domain)
    assert {station for station, state in found.items() if state == "wait"} == waiting


def test_a_port_that_does_not_answer_is_said_at_its_station(ines: Person, domain: Domain, node: Node) -> None:
    with socket.create_server(("127.0.0.1", 0)) as closed:
        gone = closed.getsockname()[1]
    Node.objects.update(ports=node.ports | {"pop3s": gone})

    found = states(ines, domain)

    assert found["pop3s"] == "bad"
    assert found["imaps"] == "ok"
    html = ines.client.get(reverse("domain-overview", args=[domain.name])).content.decode()
    assert f"Port {gone} has not answered since" in html
    assert "Needs you" not in html  # nothing that the customer could do


def test_a_refused_zone_is_shown_at_its_mx_with_the_reason(ines: Person, domain: Domain) -> None:
    Push.objects.filter(kind="zone").update(
        desired_rev=2, last_error="422: bad RRset", next_try_at=timezone.now()
    )

    html = ines.client.get(reverse("domain-overview", args=[domain.name])).content.decode()

    assert states(ines, domain)["mx-0"] == "bad"
    assert "422: bad RRset" in html
    assert "Needs you: 1" in html
    assert reverse("push-retry", args=[Push.objects.get(kind="zone").pk]) in html


def test_one_refused_change_is_told_once(ines: Person, domain: Domain) -> None:
    Record.objects.create(
        zone=domain.zone, owner="@", type="MX", ttl=3600, rdata="20 mx.example.", since_serial=1
    )
    Push.objects.filter(kind="zone").update(desired_rev=2, last_error="422", next_try_at=timezone.now())

    html = ines.client.get(reverse("domain-overview", args=[domain.name])).content.decode()

    assert "Needs you: 1" in html
    assert "The last change to the DNS zone was refused." in html


@pytest.mark.parametrize(
    ("priorities", "notes"),
    [
        ((10, 20), ["Tried first", "If the others are away"]),
        ((10, 10), ["Shares the first place", "Shares the first place"]),
    ],
)
def test_equal_priorities_share_the_mail(
    ines: Person, domain: Domain, priorities: tuple[int, int], notes: list[str]
) -> None:
    Record.objects.filter(zone__domain=domain, type="MX").delete()
    for number, priority in enumerate(priorities):
        Record.objects.create(
            zone=domain.zone,
            owner="@",
            type="MX",
            ttl=300,
            rdata=f"{priority} mx{number}.example.",
            since_serial=1,
        )

    html = ines.client.get(reverse("domain-overview", args=[domain.name])).content.decode()
    wide = html.split('<svg class="tall"', maxsplit=1)[0]

    for note in notes:
        assert wide.count(f">{note}<") == notes.count(note)


def test_what_is_on_its_way_is_no_alarm(ines: Person, domain: Domain) -> None:
    Push.objects.filter(kind="mail_domain").update(desired_rev=2, next_try_at=timezone.now())

    assert states(ines, domain)["incoming"] == "move"


def test_an_mx_elsewhere_is_not_called_live(ines: Person, domain: Domain) -> None:
    Record.objects.filter(zone__domain=domain, type="MX").update(rdata="1 aspmx.l.google.test.")

    found = states(ines, domain)

    assert found["mx-0"] == "off"


def test_a_domain_without_mx_says_that_no_mail_comes(ines: Person, domain: Domain) -> None:
    Record.objects.filter(zone__domain=domain, type="MX").delete()

    assert states(ines, domain)["mx-none"] == "bad"


def test_the_seal_waits_until_resolvers_show_the_key(ines: Person, domain: Domain) -> None:
    DkimKey.objects.update(seen_at=None)

    assert states(ines, domain)["seal"] == "move"


def test_the_rack_shows_full_and_suspended_boxes(ines: Person, domain: Domain) -> None:
    MailboxFactory.create(mail_domain=domain.mail, used_mb=100, quota_mb=100)
    MailboxFactory.create(mail_domain=domain.mail, suspended_at=timezone.now(), no_send=True)

    html = ines.client.get(reverse("domain-overview", args=[domain.name])).content.decode()

    assert 'class="po-mail full"' in html
    assert "1 suspended" in html
    assert "1 needs you" in html


def test_a_probe_that_nobody_answers_takes_no_longer_than_its_cap() -> None:
    probe.forget()
    begun = timezone.now()
    found = probe.answers(
        [("192.0.2.1", 25), ("192.0.2.2", 993), ("not an address", 1)]
    )  # TEST-NET: nobody there

    assert not any(answer.ok for answer in found.values())
    assert (timezone.now() - begun).total_seconds() < probe.CAP + 0.5
