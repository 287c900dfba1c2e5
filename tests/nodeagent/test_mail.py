"""Mail domains and mailboxes on the real Postfix and Dovecot."""

from __future__ import annotations

import dataclasses
import imaplib
from collections.abc import Callable

import pytest

from nodeagent.contract import Mailbox, MailDomain, Outcome
from nodeagent.node import Node
from tests.nodeagent import rig
from tests.nodeagent.conftest import Place, absent, wanted

Apply = Callable[..., dict[str, Outcome]]


FIRST = "first"


def mailbox(address: str, password: str = FIRST, **fields: object) -> Mailbox:
    local, _, domain = address.partition("@")
    base = Mailbox(
        address=address, password_hash=f"{{PLAIN}}{password}", home=f"{domain}/{local}-1", quota_mb=10
    )
    return dataclasses.replace(base, **fields)  # type: ignore[arg-type]


def signs_in(place: Place, address: str, password: str) -> bool:
    with imaplib.IMAP4("127.0.0.1", place.ports["imap"]) as client:
        try:
            client.login(address, password)
        except imaplib.IMAP4.error:
            return False
    return True


def test_domain_is_proven_by_postmap(apply: Apply, domain: str) -> None:
    state = MailDomain(name=domain)
    outcome = apply(wanted(state))[state.key]
    assert outcome["ok"], outcome
    assert outcome["proof"] == "found by postmap"
    assert apply(wanted(MailDomain(name=domain, active=False), 2))[state.key]["ok"]
    assert apply(absent(state, 3))[state.key]["proof"] == "not found by postmap, as it should be"


def test_mailbox_signs_in_and_password_change_ends_sessions(apply: Apply, place: Place, domain: str) -> None:
    state = mailbox(f"ana@{domain}")
    outcome = apply(wanted(state))[state.key]
    assert outcome["ok"], outcome
    assert "found by Dovecot" in outcome["proof"]
    session = imaplib.IMAP4("127.0.0.1", place.ports["imap"])
    session.login(state.address, "first")
    assert apply(wanted(mailbox(state.address, "second"), 2))[state.key]["ok"]
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        rig.until(lambda: session.noop() is None, 5)
    session.shutdown()
    assert not signs_in(place, state.address, "first")
    assert signs_in(place, state.address, "second")


def test_quota_change_keeps_sessions(apply: Apply, place: Place, domain: str) -> None:
    state = mailbox(f"ana@{domain}")
    apply(wanted(state))
    session = imaplib.IMAP4("127.0.0.1", place.ports["imap"])
    session.login(state.address, "first")
    assert apply(wanted(dataclasses.replace(state, quota_mb=20), 2))[state.key]["ok"]
    assert session.noop()[0] == "OK"
    session.logout()


def test_suspended_then_deleted(apply: Apply, place: Place, domain: str) -> None:
    state = mailbox(f"ana@{domain}")
    apply(wanted(state))
    suspended = dataclasses.replace(state, sign_in=False, send=False, reason="unpaid")
    assert apply(wanted(suspended, 2))[state.key]["ok"]
    assert not signs_in(place, state.address, "first")
    outcome = apply(absent(state, 3))[state.key]
    assert outcome["ok"]
    assert outcome["proof"] == "not found by Dovecot, as it should be"
    assert not signs_in(place, state.address, "first")


def test_five_hundred_at_once(apply: Apply, place: Place, domain: str) -> None:
    states = [mailbox(f"u{number}@{domain}") for number in range(500)]
    outcomes = apply(*[wanted(state) for state in states])
    assert len(outcomes) == 500
    assert all(outcome["ok"] for outcome in outcomes.values())
    assert signs_in(place, states[250].address, "first")


def test_usage_is_measured(apply: Apply, node: Node, place: Place, domain: str) -> None:
    state = mailbox(f"ana@{domain}")
    apply(wanted(state))
    with imaplib.IMAP4("127.0.0.1", place.ports["imap"]) as client:
        client.login(state.address, "first")
        client.append("INBOX", "", None, b"Subject: one\r\n\r\n" + b"x" * 5000 + b"\r\n")
    assert node.dovecot is not None
    usage = {one["address"]: one for page in node.dovecot.usage() for one in page}
    assert usage[state.address]["messages"] == 1
    assert usage[state.address]["used_bytes"] >= 4096
