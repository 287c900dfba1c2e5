"""The welcome mail: the servers of the moment it is sent, and never a password."""

from __future__ import annotations

from typing import Any

from django.core import mail

from mailboxes.models import Mailbox
from mailboxes.services import mailbox_create
from notices import services
from notices.models import Notice
from tests.mailboxes.conftest import World, signed_in, world

__all__ = ["world"]
PASSWORD = "harbor-violet-train-91"


def made(world: World, local: str = "ana") -> Mailbox:
    return mailbox_create(
        actor=world.owner,
        mail_domain=world.mail,
        local=local,
        password=PASSWORD,
        quota_mb=100,
        welcome="ana.at.home@outside.test",
    )


def parts() -> tuple[Any, str, str]:
    message: Any = mail.outbox[0]
    return message, str(message.body), str(message.alternatives[0][0])


def test_it_says_how_to_connect_in_both_parts(world: World) -> None:
    made(world)
    assert services.notices_deliver() == 1
    message, text, page = parts()
    node = world.mail.node
    assert message.to == ["ana.at.home@outside.test"]
    assert "ana@example.test" in message.subject
    for part in (text, page):
        assert node.host in part
        assert f"port {node.ports['imaps']}" in part
        assert f"port {node.ports['submissions']}" in part
        assert "Outgoing mail (SMTP)" in part
        assert "Incoming mail (IMAP)" in part
        assert "SSL/TLS" in part
        assert "/mailbox/" in part
        assert PASSWORD not in part


def test_the_password_is_not_kept_for_it_either(world: World) -> None:
    made(world)
    assert PASSWORD not in str(list(Notice.objects.values()))


def test_it_has_the_resellers_face_and_servers_of_when_it_leaves(world: World) -> None:
    made(world)
    node = world.mail.node
    node.ports = node.ports | {"imaps": 1993}
    node.save()
    services.notices_deliver()
    assert "port 1993" in parts()[1]


def test_a_mailbox_that_is_gone_welcomes_nobody(world: World) -> None:
    made(world).delete()
    services.notices_deliver()
    assert mail.outbox == []


def test_the_form_asks_for_the_address_and_refuses_what_is_none(world: World) -> None:
    client, url = signed_in(world.owner), "/domains/example.test/mailboxes/new/"
    values = {
        "local": "eva",
        "password": PASSWORD,
        "quota_mb": "1 GB",
        "welcome": "no address\r\nBcc: x@y.test",
    }
    page = client.post(url, values)
    assert not Mailbox.objects.exists()
    assert 'aria-invalid="true"' in page.text
    client.post(url, values | {"welcome": "eva@outside.test"})
    assert Notice.objects.get(kind="welcome").to == "eva@outside.test"
