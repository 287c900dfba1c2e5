"""A mail of the panel on the real servers: worker, submission, signature, mailbox."""

from __future__ import annotations

import email
import email.policy
from collections.abc import Callable
from typing import Any

import pytest

from bench import clients
from tests.mailboxes import dkim
from tests.mailboxes.test_nodes import published
from tests.onstack import House, run_manage, sql, word

pytestmark = pytest.mark.nodes
Wait = Callable[..., Any]


def test_a_mail_of_the_panel_arrives_signed_with_both_parts(house: House, wait_for: Wait) -> None:
    seen = "SELECT 1 FROM mailboxes_dkimkey WHERE mail_domain_id IS NULL AND seen_at IS NOT NULL"
    wait_for(lambda: sql(house.stack, seen), 60)
    ana, name = house.box(), f"{word()}.test"
    run_manage(
        house.stack,
        "from notices.services import notice_send; "
        f"notice_send(kind='domain_proved', to='{ana.address}', "
        f"context={{'name': '{name}', 'account': 'Luna', 'url': '{house.stack.panel}/'}})",
    )
    raw: bytes = wait_for(lambda: clients.imap_find(ana.stack, ana.address, ana.password, name))
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    assert [part.get_content_type() for part in mail.walk()][1:] == ["text/plain", "text/html"]
    for part in list(mail.walk())[1:]:
        assert f"{house.stack.panel}/" in part.get_content()
    assert mail["Auto-Submitted"] == "auto-generated"
    signature = dkim.signature_of(raw)
    assert f"@{signature['d']}" in mail["From"]
    dkim.verify(raw, published(ana.stack, f"{signature['s']}._domainkey.{signature['d']}"))
