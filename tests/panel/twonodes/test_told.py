"""What lives on one of two mail nodes says nothing of the other, and is pushed there alone."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from accounts.models import Domain
from dnszone import provider
from dnszone.keepers import mail_node
from dnszone.models import Record, Zone
from dnszone.services import provider_zone_ensure
from mailboxes.models import MailDomain
from mailboxes.sending.services import account_limit_set
from mailboxes.services import mailbox_create
from panel import lifecycle
from panel.switching import here
from provision import services as provision
from provision.models import Node, Push
from tests import factories
from tests.panel.people import Person
from tests.panel.twonodes.conftest import NAMES, PASSWORD, payload

pytestmark = pytest.mark.django_db


def texts(rows: Iterator[str] | Any) -> str:
    return "\n".join(rows)


def test_states_go_to_the_domains_own_node_alone(homes: dict[str, MailDomain]) -> None:
    kinds = {"mail_domain", "mailbox", "alias", "script", "dkim_key", "login"}
    for node, name in NAMES.items():
        rows = Push.objects.filter(domain__name=name, kind__in=kinds)
        assert {"mail_domain", "mailbox", "dkim_key"} <= set(rows.values_list("kind", flat=True))
        assert set(rows.values_list("node__name", flat=True)) == {node}
    zones = Push.objects.filter(kind="zone", domain__isnull=False)
    assert set(zones.values_list("node__name", flat=True)) == {"ns1"}


def test_its_records_name_its_own_node(home: MailDomain, other: Node) -> None:
    rows = Record.objects.filter(zone__domain=home.domain)
    values = {(row.owner, row.type): row.rdata for row in rows}
    assert values["@", "MX"] == f"10 {home.node.host}."
    assert values["mail", "A"] == values["@", "A"] == home.node.addresses[0]
    assert values["_submissions._tcp", "SRV"] == f"0 0 {home.node.ports['submissions']} {home.node.host}."
    all_of_it = texts(f"{row.type} {row.rdata}" for row in rows)
    assert other.host not in all_of_it
    assert other.addresses[0] not in all_of_it
    assert values["@", "TXT"].startswith('"v=spf1 include:_spf.')
    zone = Zone.objects.get(domain=home.domain)
    assert mail_node(zone) == home.node


def pages(home: MailDomain) -> dict[str, Callable[[Person], Any]]:
    name, address = home.domain.name, f"ana@{home.domain.name}"
    out = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
    seen = {
        "mailbox-connect": [name, "ana"],
        "mailbox-connect-sheet": [name, "ana"],
    }
    guides = {
        f"guide {program}": (
            lambda who, p=program: who.client.get(reverse("mailbox-connect-guide", args=[name, "ana", p]))
        )
        for program in ("thunderbird", "iphone", "outlook-new")
    }
    inside = {
        view: (lambda who, v=view, a=args: who.client.get(reverse(v, args=a))) for view, args in seen.items()
    }
    return {
        **inside,
        **guides,
        "autoconfig": lambda _who: out.get("/mail/config-v1.1.xml", {"emailaddress": address}),
        "profile": lambda _who: out.get("/profile.mobileconfig", {"address": address}),
        "setup": lambda _who: out.get(f"/setup/{address}/"),
    }


@pytest.mark.parametrize(
    "which",
    [
        "mailbox-connect", "mailbox-connect-sheet", "guide thunderbird", "guide iphone", "guide outlook-new",
        "autoconfig", "profile", "setup",
    ],
)  # fmt: skip
def test_guides_and_files_tell_its_own_node(
    ines: Person, home: MailDomain, other: Node, which: str, settings: Any
) -> None:
    settings.PROFILE_SIGNING_CERT = settings.PROFILE_SIGNING_KEY = ""  # a signed profile is no text
    answer = pages(home)[which](ines)
    assert answer.status_code == 200
    text = answer.content.decode()
    assert home.node.host in text
    assert other.host not in text
    if home.node.name == "mail2" and which in {"autoconfig", "profile", "mailbox-connect"}:
        assert "2993" in text


@pytest.mark.parametrize("view", ["domain-overview", "routing"])
def test_its_pages_say_on_which_server_it_lives(
    ines: Person, home: MailDomain, other: Node, view: str
) -> None:
    text = ines.client.get(reverse(view, args=[home.domain.name])).content.decode()
    assert home.node.host in text
    assert other.host not in text


def test_the_providers_zone_has_every_node(nodes: dict[str, Node], settings: Any) -> None:
    provider_zone_ensure(actor=None)
    rows = Record.objects.filter(zone__name=settings.PROVIDER_DOMAIN)
    values = {(row.owner, row.type, row.rdata) for row in rows}
    assert ("_spf", "TXT", '"v=spf1 ip4:192.0.2.25 ip4:192.0.2.26 -all"') in values
    for name, address in (("mail1", "25"), ("mail2", "26"), ("ns1", "53"), ("ns2", "54")):
        assert (name, "A", f"192.0.2.{address}") in values
    assert ("panel", "A", "192.0.2.25") in values  # the oldest one's, while no setting says another


def test_a_new_mail_node_hears_of_the_accounts_limits(homes: dict[str, MailDomain], ines: Person) -> None:
    row = account_limit_set(actor=None, account=ines.account, numbers={"mails_hour": 5})
    key = f"limit/a{ines.account.pk}"
    assert set(Push.objects.filter(key=key).values_list("node__name", flat=True)) == {"mail1", "mail2"}
    given: dict[str, Any] = {
        "name": "mail3",
        "roles": ["mail"],
        "host": "mail3.postroom.test",
        "addresses": ["192.0.2.27"],
        "ports": {},
        "public_key": "MCowBQYDK2VwAyEAMCowBQYDK2VwAyEAMCowBQYDK2U=",
        "ingest_token_hash": "ab" * 32,
    }
    provision.node_set(**given)
    push = Push.objects.get(key=key, node__name="mail3")
    assert payload(key, "mail3")["mails_hour"] == row.mails_hour == 5
    provision.node_set(**given)
    assert Push.objects.get(key=key, node__name="mail3").desired_rev == push.desired_rev


def test_a_domain_added_again_elsewhere_goes_from_its_old_node(
    homes: dict[str, MailDomain], nodes: dict[str, Node]
) -> None:
    lifecycle.domain_delete(actor=None, domain=homes["mail1"].domain)
    account = factories.AccountFactory.create()
    domain = lifecycle.domain_create(
        actor=None, account=account, name="uno.test", proof=Domain.Proof.TXT, node=nodes["mail2"]
    )
    mailbox_create(actor=None, mail_domain=domain.mail, local="ana", password=PASSWORD, quota_mb=100)
    for key in ("mail_domain/uno.test", "mailbox/ana@uno.test", "alias/postmaster@uno.test"):
        assert payload(key, "mail1") is None, key
        assert payload(key, "mail2") is not None, key
    assert not Push.objects.filter(
        key__startswith="dkim_key/uno.test/", node__name="mail1", payload__isnull=False
    ).exists()
    assert mail_node(Zone.objects.get(name="uno.test")) == nodes["mail2"]
    assert provider.mail_nodes(["uno.test", "dos.test", "no.test"]) == {
        "uno.test": nodes["mail2"],
        "dos.test": nodes["mail2"],
    }
    assert Record.objects.get(zone__name="uno.test", type="MX").rdata == "10 mail2.postroom.test."


def test_moving_mail_here_writes_the_domains_own_server(home: MailDomain, other: Node) -> None:
    wish = here.wish(Zone.objects.get(domain=home.domain), programs=True)
    assert wish is not None
    assert home.node.host in repr(wish)
    assert other.host not in repr(wish)
