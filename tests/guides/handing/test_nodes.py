"""Mails of handing over, of changed settings and of support, on the real servers: each arrives."""

from __future__ import annotations

import email
import email.policy
import re
from collections.abc import Callable
from typing import Any

import pytest

from bench import clients
from tests.onstack import Box, House, run_manage, sql, word

pytestmark = pytest.mark.nodes
Wait = Callable[..., Any]


def arrived(box: Box, subject: str, wait_for: Wait) -> Any:
    raw: bytes = wait_for(lambda: clients.imap_find(box.stack, box.address, box.password, subject), 60)
    return email.message_from_bytes(raw, policy=email.policy.default)


def text_of(mail: Any) -> str:
    return str(mail.get_body(("plain",)).get_content())


def test_the_settings_arrive_with_a_link_that_opens(house: House, wait_for: Wait) -> None:
    ana, eva = house.box(), house.box("eva")
    run_manage(
        house.stack,
        "from guides.handing.services import settings_send\n"
        "from mailboxes.models import Mailbox\n"
        f"box = Mailbox.objects.get(address={eva.address!r}, deleted_at=None)\n"
        f"settings_send(actor=None, mailbox=box, to={ana.address!r}, language='es', note='Hola')",
    )
    body = text_of(arrived(ana, eva.address, wait_for))
    link = re.search(r"https://\S+/share/[\w-]{32}/", body)
    assert link
    assert eva.password not in body
    assert "SSL/TLS" in body


def test_a_change_is_told_to_a_mailbox_in_use(house: House, wait_for: Wait) -> None:
    ana = house.box()
    assert clients.imap_opens(ana.stack, ana.address, ana.password)
    seen = "SELECT 1 FROM delivery_signin WHERE login = %s AND ok"
    wait_for(lambda: sql(house.stack, seen, ana.address), 60)
    old = f"old-{word()}.test"
    run_manage(
        house.stack,
        "import copy\n"
        "from django.utils import timezone\n"
        "from accounts.models import Domain\n"
        "from guides.changed.looking import look_at_all\n"
        "from guides.models import Change, Told\n"
        "look_at_all()\n"
        f"domain = Domain.objects.get(name={ana.address.partition('@')[2]!r})\n"
        "after = Told.objects.get(domain=domain).values\n"
        "before = copy.deepcopy(after)\n"
        f"before['servers']['IMAP'][0] = {old!r}\n"
        "Change.objects.create(domain=domain, before=before, after=after, due_at=timezone.now())\n"
        "from panel.tasks import settings_changed\n"
        "settings_changed()",
    )
    subject = ana.address.partition("@")[2]
    mail = wait_for(lambda: _with(ana, subject, old), 60)
    assert ana.address in mail


def _with(box: Box, subject: str, wanted: str) -> str | None:
    raw = clients.imap_find(box.stack, box.address, box.password, subject)
    body = text_of(email.message_from_bytes(raw, policy=email.policy.default)) if raw else ""
    return body if wanted in body else None


def test_a_question_arrives_at_support(house: House, wait_for: Wait) -> None:
    ana = house.box()
    said = run_manage(
        house.stack,
        "from django.conf import settings\n"
        f"settings.SUPPORT_EMAIL = {ana.address!r}\n"
        "from accounts.models import User\n"
        "from guides.support.about import About\n"
        "from guides.support.services import support_ask\n"
        "from guides.support.diagnostics import Part\n"
        "user = User.objects.get(email='customer@postroom.test')\n"
        "about = About(key='guide:thunderbird', title='', domain=None, mailbox=None, entry=None)\n"
        "parts = [Part('browser', 'Browser', ['Firefox'])]\n"
        "row = support_ask(actor=user, about=about, text='Hola', attached=parts, language='en')\n"
        "print(row.reference)",
    )
    mail = arrived(ana, said.split()[-1], wait_for)
    assert mail["Reply-To"] == "customer@postroom.test"
    assert "Firefox" in text_of(mail)
