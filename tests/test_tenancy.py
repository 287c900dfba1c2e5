"""Every address of the panel, visited by somebody else: what is not theirs answers 404."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse
from django.utils import timezone

from accounts.models import User
from delivery.models import Direction, Entry, Message, Recipient, Status
from dnszone.models import Record
from provision.models import Push
from tests import factories

BACKEND = "accounts.backends.PersonBackend"
SECRET = "casa-secreta.test"


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


WITH_OBJECT = sorted(name for name, pattern in _ours().items() if pattern.pattern.converters)
WITHOUT_OBJECT = sorted(name for name, pattern in _ours().items() if not pattern.pattern.converters)


@dataclass
class World:
    stranger: User
    values: dict[str, Any]

    def path(self, name: str) -> str:
        wanted = _ours()[name].pattern.converters
        pk = "push" if name == "push-retry" else "pk"
        return reverse(name, kwargs={key: self.values[pk if key == "pk" else key] for key in wanted})


@pytest.fixture
def world(db: None) -> World:
    """A customer with one of everything, and another customer with one of everything of their own."""
    domain = factories.DomainFactory.create(name=SECRET)
    factories.MembershipFactory.create(account=domain.account)
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
    now = timezone.now()
    message = Message.objects.create(node=mail.node, queue_id="4XyZ", at=now, last_at=now, subject="Geheim")
    recipient = Recipient.objects.create(
        message=message, address=box.address, domain_id=domain.pk, status=Status.DELIVERED, at=now
    )
    entry = Entry.objects.create(
        domain_id=domain.pk,
        message=message,
        recipient=recipient,
        direction=Direction.IN,
        at=now,
        status=Status.DELIVERED,
        address=box.address,
        changed_at=now,
    )
    other = factories.MembershipFactory.create()
    factories.ZoneFactory.create(domain=factories.DomainFactory.create(account=other.account))
    values = {"name": SECRET, "local": box.local, "record": record.pk, "pk": entry.pk, "push": push.pk}
    return World(stranger=other.user, values=values)


def _client(user: User | None) -> Client:
    client = Client(headers={"host": "localhost"})
    client.defaults["wsgi.url_scheme"] = "https"
    if user is not None:
        client.force_login(user, backend=BACKEND)
    return client


@pytest.mark.parametrize("method", ["get", "post", "put", "patch", "delete"])
@pytest.mark.parametrize("name", WITH_OBJECT)
def test_a_strangers_visit_answers_404_or_not_at_all(world: World, name: str, method: str) -> None:
    path = world.path(name)
    response = getattr(_client(world.stranger), method)(path)
    assert response.status_code in {404, 405}, path
    if method in {"get", "post"}:
        allowed = _client(world.stranger).options(path).headers.get("Allow", "GET, POST")
        assert response.status_code == 404 or method.upper() not in allowed, path
    assert SECRET not in response.content.decode().replace(path, "")


@pytest.mark.parametrize("name", WITH_OBJECT)
def test_the_404_is_the_one_of_what_does_not_exist(world: World, name: str) -> None:
    theirs = _client(world.stranger).get(world.path(name))
    world.values |= {"name": "no-such.test", "local": "nobody", "record": 10**9, "pk": 10**9, "push": 10**9}
    missing = _client(world.stranger).get(world.path(name))
    assert theirs.status_code == missing.status_code


@pytest.mark.parametrize("name", WITHOUT_OBJECT)
def test_pages_without_an_object_name_nobody_elses(world: World, name: str) -> None:
    response = _client(world.stranger).get(reverse(name), follow=True)
    assert SECRET not in response.content.decode(), name
    assert "Geheim" not in response.content.decode(), name


@pytest.mark.parametrize("name", WITH_OBJECT)
def test_anonymous_visitors_are_asked_to_sign_in(world: World, name: str) -> None:
    response = _client(None).get(world.path(name))
    assert response.status_code in {302, 405}
    if response.status_code == 302:
        assert reverse("account_login") in response.headers["Location"]


def test_the_desk_is_for_the_provider_alone(world: World) -> None:
    for route, _pattern in _walk(get_resolver().url_patterns):
        if route.startswith("admin/") and "<" not in route and "(" not in route:
            response = _client(world.stranger).get(f"/{route}")
            assert response.status_code in {302, 403, 404}, route
            assert SECRET not in response.content.decode()
