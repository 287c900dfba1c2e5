"""Every address of the panel, visited by somebody else: what is not theirs answers 404."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.urls import NoReverseMatch, URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import Account, Brand, Domain, DomainClaim, Invitation, Plan
from delivery.models import Entry, SavedFilter
from dnszone.models import Record, Zone, ZoneRollout, ZoneTemplate, ZoneVersion
from mailboxes.models import (
    Alias,
    AppPassword,
    Archive,
    BulkImport,
    Compromise,
    DomainFilter,
    Identity,
    Job,
    Mailbox,
    MailboxFilter,
    MailDomain,
    WebsiteSender,
)
from mailboxes.people import BACKEND as MAILBOX_BACKEND
from mailboxes.people import MailboxUser
from panel.middleware.gate import OF_MAILBOXES
from provision.models import Node, Push
from tests import factories
from tests.delivery.rows import alert_make, entry_make

BACKEND = "accounts.backends.PersonBackend"
SECRET = "casa-secreta.test"
CLAIM = "claim-secreto.test"


def _walk(patterns: list[URLPattern | URLResolver], prefix: str = "") -> Iterator[tuple[str, URLPattern]]:
    for pattern in patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from _walk(pattern.url_patterns, route)
        else:
            yield route, pattern


def _ours() -> dict[str, URLPattern]:
    """By name; allauth's pages are about the visitor alone, and the desk is for staff (see the last test)."""
    return {
        str(pattern.name): pattern
        for route, pattern in _walk(get_resolver().url_patterns)
        if not route.startswith(("accounts/", "admin/"))
    }


# What carries its own right in its name: an invitation's signed token, a picture by its hash; and the door of
# the nodes, which have a token.
OPEN = {"invitation", "brand-css", "brand-logo", "forward-confirm", "archive-node"}
OPEN |= {"share", "share-guide"}  # a secret link to what its maker shows
OPEN |= {"setup", "setup-code", "setup-code-thunderbird"}  # the same for every address of a domain
# A text for all, with the reader's own values in it.
OPEN |= {"learn-article", "own-learn-article", "own-connect-guide"}
WITH_OBJECT = sorted(
    name for name, pattern in _ours().items() if pattern.pattern.converters and name not in OPEN
)
WITHOUT_OBJECT = sorted(name for name, pattern in _ours().items() if not pattern.pattern.converters)
VISITORS = ("customer", "reseller", "mailbox user", "suspended", "creator")


@dataclass
class World:
    visitors: dict[str, Any]
    values: dict[str, Any]

    def path(self, name: str) -> str:
        wanted = _ours()[name].pattern.converters
        return reverse(name, kwargs={key: self._value(name, key) for key in wanted})

    def _value(self, name: str, key: str) -> Any:
        if key == "pk":
            return self.values[
                {"push": "push", "client": "client", "plan": "plan"}.get(name.split("-", maxsplit=1)[0], "pk")
            ]
        return self.values["claim" if name.startswith("domain-proof") else key]


@pytest.fixture
def world(db: None) -> World:
    """A reseller and its client with one of everything, and visitors with one of everything of their own."""
    reseller = factories.ResellerFactory.create(name="Geheim Reseller")
    client = factories.AccountFactory.create(reseller=reseller, name="Geheim Client")
    plan = Plan.objects.create(reseller=reseller, name="Geheim Plan")
    Brand.objects.create(account=reseller, name="Geheim Brand")
    factories.MembershipFactory.create(account=reseller)
    domain = factories.DomainFactory.create(name=SECRET, account=client)
    claim = DomainClaim.objects.create(account=client, name=CLAIM, display_name=CLAIM, token="geheim")
    member = factories.MembershipFactory.create(account=client)
    asked = Invitation.objects.create(
        account=client,
        email=f"geheim@{SECRET}",
        role="owner",
        nonce="n",
        expires_at=timezone.now() + timedelta(days=1),
    )
    zone = factories.ZoneFactory.create(domain=domain)
    record = Record.objects.create(zone=zone, owner="@", type="A", rdata="192.0.2.1")
    mail = factories.MailDomainFactory.create(domain=domain)
    box = factories.MailboxFactory.create(mail_domain=mail, local="ana")
    push = Push.objects.create(
        node=mail.node,
        key=f"mailbox/{box.address}",
        kind="mailbox",
        domain=domain,
        payload=None,
        applied_rev=1,
    )
    values = {
        "name": SECRET,
        "local": _forwarder(mail, box).local,
        "record": record.pk,
        "item": 1,
        "version": _version(zone),
        "preset": "google",
        "node": "mail1",
        "queue_id": "4XyZabcdef",
        "template": (rollout := _rollout(reseller, zone)).template_id,
        "rollout": rollout.pk,
        **_access(mail, box),
        "rule": MailboxFilter.objects.create(owner=box, position=1, name="Geheim").pk,
        "domain_rule": DomainFilter.objects.create(owner=mail, position=1, name="Geheim").pk,
        "bulk": BulkImport.objects.create(mail_domain=mail, who=member.user, state="checked").pk,
        "stop": Compromise.objects.create(mail_domain=mail, mailbox=box, login=box.address).pk,
        "pk": _message(mail.node, domain, box).pk,
        "alert": alert_make(domain, subject="Geheim").pk,
        "saved": SavedFilter.objects.create(user=member.user, domain=domain, name="Geheim", query="q=x").pk,
    }
    values |= {"program": "thunderbird", "slug": "mx"}
    values |= {"push": push.pk, "client": client.pk, "plan": plan.pk, "claim": claim.name}
    values |= {"asked": asked.pk, "member": member.pk}
    return World(visitors=_visitors(), values=values)


def _forwarder(mail: MailDomain, box: Mailbox) -> Alias:
    """Called like the mailbox, so that one name leads to both pages."""
    return Alias.objects.create(
        mail_domain=mail,
        address=box.address,
        local=box.local,
        targets=[f"geheim@{SECRET}"],
        home=f"{SECRET}/fwd",
    )


def _access(mail: MailDomain, box: Mailbox) -> dict[str, Any]:
    app = AppPassword.objects.create(mailbox=box, key="geheim22", label="Geheim", password_hash="{X}x")
    website = WebsiteSender.objects.create(
        mail_domain=mail, login=f"web@{SECRET}", label="Geheim", key="geheim33", password_hash="{X}x"
    )
    identity = Identity.objects.create(mailbox=box, address=f"info@{SECRET}")
    job = Job.objects.create(kind="export", mailbox=box, mail_domain=mail)
    later = timezone.now() + timedelta(days=1)
    Archive.objects.create(ident=job.ident, job=job, filename="Geheim", complete=True, expires_at=later)
    return {"app": app.pk, "website": website.pk, "identity": identity.pk, "ident": job.ident}


def _version(zone: Zone) -> int:
    return int(ZoneVersion.objects.create(zone=zone, serial=zone.serial, origin="edit", title="Geheim").pk)


def _rollout(owner: Account, zone: Zone) -> ZoneRollout:
    template = ZoneTemplate.objects.create(owner=owner, name="Geheim Web", text="www A 192.0.2.1")
    template.revisions.create(number=1, text=template.text)
    rollout: ZoneRollout = template.rollouts.create(revision=1)
    rollout.items.create(zone=zone, serial=zone.serial)
    return rollout


def _message(node: Node, domain: Domain, box: Mailbox) -> Entry:
    return entry_make(domain.pk, node=node, address=box.address, subject="Geheim", queue_id="4XyZ")


def _visitors() -> dict[str, Any]:
    """Everybody has an account, a domain, a zone and a mailbox elsewhere."""
    found: dict[str, Any] = {"anonymous": None}
    other = factories.ResellerFactory.create()
    factories.DomainFactory.create(account=factories.AccountFactory.create(reseller=other))
    asleep = factories.AccountFactory.create(
        no_sign_in=True, suspended_at=timezone.now(), suspended_reason="unpaid"
    )
    homes = {"customer": None, "reseller": other, "suspended": asleep, "creator": None}
    for name, account in homes.items():
        role = "creator" if name == "creator" else "owner"
        place = factories.MembershipFactory.create(role=role, **({"account": account} if account else {}))
        domain = factories.DomainFactory.create(account=place.account)
        factories.ZoneFactory.create(domain=domain)
        box = factories.MailboxFactory.create(mail_domain=factories.MailDomainFactory.create(domain=domain))
        found[name] = place.user
        found["mailbox user"] = MailboxUser.people.get(pk=box.pk)
    return found


def _client(user: Any) -> Client:
    client = Client(headers={"host": "localhost"})
    client.defaults["wsgi.url_scheme"] = "https"
    if isinstance(user, MailboxUser):
        session = client.session
        session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: MAILBOX_BACKEND})
        session[HASH_SESSION_KEY] = user.get_session_auth_hash()
        session.save()
        client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    elif user is not None:
        client.force_login(user, backend=BACKEND)
    return client


def _told_nothing(response: Any, path: str) -> None:
    text = response.content.decode().replace(path, "")
    assert SECRET not in text
    assert CLAIM not in text
    assert "Geheim" not in text


def _turned_away(world: World, visitor: str, response: Any) -> bool:
    """404; or for who is suspended, the page that says so. A role that reads no log anywhere is told that,
    whether there is such a message or not (the next test)."""
    if visitor == "creator" and response.status_code == 403:
        return True
    if visitor == "suspended":
        return response.status_code in {302, 403} and response.headers.get("Location", "/asleep/") in {
            reverse("asleep"),
            "/asleep/",
        }
    return bool(response.status_code == 404)


@pytest.mark.parametrize("method", ["get", "head", "post", "put", "patch", "delete", "options"])
@pytest.mark.parametrize("visitor", VISITORS)
def test_a_strangers_visit_answers_404(world: World, visitor: str, method: str) -> None:
    client = _client(world.visitors[visitor])
    for name in WITH_OBJECT:
        path = world.path(name)
        response = getattr(client, method)(path)
        assert _turned_away(world, visitor, response), (name, response.status_code)
        _told_nothing(response, path)


@pytest.mark.parametrize("visitor", VISITORS)
def test_the_404_is_the_one_of_what_does_not_exist(world: World, visitor: str) -> None:
    client = _client(world.visitors[visitor])
    theirs = {name: client.get(world.path(name)) for name in WITH_OBJECT}
    world.values |= {"name": "no-such.test", "local": "nobody", "claim": "no-such-claim.test"}
    world.values |= dict.fromkeys(
        (
            "ident",
            "record",
            "version",
            "app",
            "website",
            "identity",
            "pk",
            "push",
            "client",
            "plan",
            "asked",
            "member",
            "template",
            "rollout",
        ),
        10**9,
    )
    for name, answer in theirs.items():
        missing = client.get(world.path(name))
        assert (answer.status_code, len(answer.templates)) == (missing.status_code, len(missing.templates)), (
            name
        )


@pytest.mark.parametrize("visitor", VISITORS)
def test_pages_without_an_object_name_nobody_elses(world: World, visitor: str) -> None:
    client = _client(world.visitors[visitor])
    asked = {"q": "casa", "account": world.values["client"], "plan": world.values["plan"]}
    for name in WITHOUT_OBJECT:
        for query in ({}, asked):
            response = client.get(reverse(name), query, follow=True)
            content = response.getvalue() if response.streaming else response.content
            text = content.decode(errors="replace")  # a sheet is a PDF
            assert SECRET not in text, name
            assert "Geheim" not in text, name


def test_mailbox_users_reach_nothing_but_their_own_pages(world: World) -> None:
    client = _client(world.visitors["mailbox user"])
    everything = {str(pattern.name) for _route, pattern in _walk(get_resolver().url_patterns) if pattern.name}
    for name in sorted(everything):
        try:
            path = reverse(name)
        except NoReverseMatch:
            continue  # with an object: walked above
        if name not in OF_MAILBOXES and not name.startswith(("tls-ask", "ingest")):
            assert client.get(path).status_code == 404, name
            assert client.post(path).status_code == 404, name


def test_anonymous_visitors_are_asked_to_sign_in(world: World) -> None:
    for name in WITH_OBJECT:
        response = _client(None).get(world.path(name))
        assert response.status_code in {302, 405}, name
        if response.status_code == 302:
            assert reverse("account_login") in response.headers["Location"], name


@pytest.mark.parametrize("visitor", VISITORS)
def test_the_desk_is_for_the_provider_alone(world: World, visitor: str) -> None:
    client = _client(world.visitors[visitor])
    for route, _pattern in _walk(get_resolver().url_patterns):
        if route.startswith("admin/") and "<" not in route and "(" not in route:
            response = client.get(f"/{route}")
            assert response.status_code in {302, 403, 404}, route
            assert SECRET not in response.content.decode()
