"""The provider's desk: the same services, and no secret."""

from __future__ import annotations

import pytest
from django.test import Client
from django.urls import reverse

from mailboxes import services
from mailboxes.models import DkimKey, Mailbox
from provision.models import Push
from tests import factories
from tests.mailboxes.conftest import World, signed_in


@pytest.fixture
def desk(db: None) -> Client:
    return signed_in(factories.UserFactory.create(is_staff=True, is_superuser=True))


@pytest.fixture
def mailbox(world: World) -> Mailbox:
    return services.mailbox_create(
        actor=world.owner, mail_domain=world.mail, local="ana", password="harbor-violet-91", quota_mb=5
    )


def test_suspended_and_resumed_through_the_services(desk: Client, mailbox: Mailbox) -> None:
    url = reverse("admin:mailboxes_mailbox_changelist")
    for action, sign_in in (("suspend", False), ("resume", True)):
        assert desk.post(url, {"action": action, "_selected_action": [mailbox.pk]}).status_code == 302
        payload = Push.objects.get(key="mailbox/ana@example.test").payload
        assert payload is not None
        assert payload["sign_in"] is sign_in


def test_a_mailbox_is_shown_without_its_hash_and_not_typed_into(desk: Client, mailbox: Mailbox) -> None:
    url = reverse("admin:mailboxes_mailbox_change", args=[mailbox.pk])
    page = desk.get(url).content.decode()
    assert "ana@example.test" in page
    assert "ARGON2" not in page.upper()
    desk.post(url, {"quota_mb": "999", "address": "x@example.test"})
    mailbox.refresh_from_db()
    assert (mailbox.quota_mb, mailbox.address) == (5, "ana@example.test")
    assert desk.post(reverse("admin:mailboxes_mailbox_delete", args=[mailbox.pk])).status_code == 403


def test_domains_and_keys_are_listed(desk: Client, world: World) -> None:
    DkimKey.objects.create(mail_domain=world.mail, node=world.mail.node, selector="pr1-mail1")
    for model in ("mailbox", "maildomain", "dkimkey"):
        assert desk.get(reverse(f"admin:mailboxes_{model}_changelist"), {"q": "example"}).status_code == 200


def test_a_customer_has_no_place_at_the_desk(world: World) -> None:
    assert signed_in(world.owner).get(reverse("admin:mailboxes_mailbox_changelist")).status_code == 404
