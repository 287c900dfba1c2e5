"""Mail domains and mailboxes on the real Postfix and Dovecot."""

from __future__ import annotations

import dataclasses
import imaplib
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from nodeagent.contract import Mailbox, MailDomain, Outcome
from nodeagent.node import Node
from tests.nodeagent import rig
from tests.nodeagent.conftest import Place, absent, wanted

Apply = Callable[..., dict[str, Outcome]]


FIRST = "first"


def mailbox(address: str, password: str = FIRST, **fields: object) -> Mailbox:
    """Who signs in needs its domain beside it."""
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


@pytest.mark.parametrize(
    ("routing", "proof"),
    [
        ("local", "found by postmap"),
        ("backup", "found by postmap as a backup"),
        ("remote", "not found by postmap, left to its own mail servers"),
        ("off", "refused by postmap's answer"),
    ],
)
def test_each_routing_is_proven_by_postmap(apply: Apply, domain: str, routing: str, proof: str) -> None:
    """From local, and back to it."""
    assert apply(wanted(MailDomain(name=domain)))[f"mail_domain/{domain}"]["ok"]
    outcome = apply(wanted(MailDomain(name=domain, routing=routing), 2))[f"mail_domain/{domain}"]
    assert (outcome["ok"], outcome["proof"]) == (True, proof)
    assert apply(wanted(MailDomain(name=domain), 3))[f"mail_domain/{domain}"]["proof"] == "found by postmap"


def test_a_routing_that_is_not_ours_to_know_waits_for_a_newer_agent(apply: Apply, domain: str) -> None:
    outcome = apply(wanted(MailDomain(name=domain, routing="nearby")))[f"mail_domain/{domain}"]
    assert (outcome["ok"], outcome["permanent"]) == (False, False)


def test_routing_is_about_incoming_mail_alone(apply: Apply, place: Place, domain: str) -> None:
    ana = let_in(apply, domain)
    session = imaplib.IMAP4("127.0.0.1", place.ports["imap"])
    session.login(ana.address, FIRST)
    for rev, routing in enumerate(("backup", "remote", "off"), start=2):
        outcome = apply(wanted(MailDomain(name=domain, routing=routing, receive=False), rev))
        assert outcome[f"mail_domain/{domain}"]["proof"].endswith("; a mailbox asked of it: sending")
        assert signs_in(place, ana.address, FIRST)
        assert auth(place, "smtp", ana.address)[0]
        assert sender(place, ana.address) == f"main.1/{ana.address}"
    assert session.noop()[0] == "OK"
    session.logout()


def test_mailbox_signs_in_and_password_change_ends_sessions(apply: Apply, place: Place, domain: str) -> None:
    apply(wanted(MailDomain(name=domain)))
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
    apply(wanted(MailDomain(name=domain)))
    state = mailbox(f"ana@{domain}")
    apply(wanted(state))
    session = imaplib.IMAP4("127.0.0.1", place.ports["imap"])
    session.login(state.address, "first")
    assert apply(wanted(dataclasses.replace(state, quota_mb=20), 2))[state.key]["ok"]
    assert session.noop()[0] == "OK"
    session.logout()


def test_suspended_then_deleted(apply: Apply, place: Place, domain: str) -> None:
    apply(wanted(MailDomain(name=domain)))
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
    apply(wanted(MailDomain(name=domain)))
    states = [mailbox(f"u{number}@{domain}") for number in range(500)]
    outcomes = apply(*[wanted(state) for state in states])
    assert len(outcomes) == 500
    assert all(outcome["ok"] for outcome in outcomes.values())
    assert signs_in(place, states[250].address, "first")


def test_usage_is_measured(apply: Apply, node: Node, place: Place, domain: str) -> None:
    apply(wanted(MailDomain(name=domain)))
    state = mailbox(f"ana@{domain}")
    apply(wanted(state))
    with imaplib.IMAP4("127.0.0.1", place.ports["imap"]) as client:
        client.login(state.address, "first")
        client.append("INBOX", "", None, b"Subject: one\r\n\r\n" + b"x" * 5000 + b"\r\n")
    assert node.dovecot is not None
    usage = {one["address"]: one for page in node.dovecot.usage() for one in page}
    assert usage[state.address]["messages"] == 1
    assert usage[state.address]["used_bytes"] >= 4096


# Domains: what is off for one is off for each of its mailboxes.


def let_in(apply: Apply, domain: str, **fields: Any) -> Mailbox:
    """A domain and a mailbox in it."""
    state = mailbox(f"ana@{domain}", **fields)
    outcomes = apply(wanted(MailDomain(name=domain)), wanted(state))
    assert all(outcome["ok"] for outcome in outcomes.values()), outcomes
    return state


def auth(place: Place, service: str, address: str) -> tuple[bool, str]:
    """Whether Dovecot signs ``address`` in for ``service``, and all it says."""
    argv = ["doveadm", "-c", str(place.root / "dovecot.conf"), "auth", "test", "-x", f"service={service}"]
    done = subprocess.run([*argv, "--", address, FIRST], capture_output=True, text=True, check=False)
    return done.returncode == 0 and "nologin" not in done.stdout, done.stdout + done.stderr


def sender(place: Place, address: str) -> str:
    argv = ["postmap", "-c", str(place.root / "postfix"), "-q", address]
    return subprocess.run(
        [*argv, f"sqlite:{place.root}/postfix/senders.cf"], capture_output=True, text=True, check=False
    ).stdout.strip()


def test_a_domain_without_sign_in_lets_nobody_in_and_says_why(
    apply: Apply, place: Place, domain: str
) -> None:
    ana = let_in(apply, domain)
    session = imaplib.IMAP4("127.0.0.1", place.ports["imap"])
    session.login(ana.address, FIRST)
    off = MailDomain(name=domain, sign_in=False, reason='It\'s "unpaid" — 100% of it')
    outcome = apply(wanted(off, 2))[off.key]
    assert outcome["ok"], outcome
    with pytest.raises((imaplib.IMAP4.abort, OSError)):
        rig.until(lambda: session.noop() is None, 5)
    session.shutdown()
    assert [auth(place, service, ana.address)[0] for service in ("imap", "pop3", "sieve", "smtp")] == [
        False
    ] * 4
    assert off.reason in auth(place, "imap", ana.address)[1]
    assert sender(place, ana.address) == ""
    assert apply(wanted(MailDomain(name=domain), 3))["mail_domain/" + domain]["ok"]
    assert [auth(place, service, ana.address)[0] for service in ("imap", "pop3", "sieve", "smtp")] == [
        True
    ] * 4
    assert sender(place, ana.address) == f"main.1/{ana.address}"


def test_a_domain_that_may_not_send_still_reads(apply: Apply, place: Place, domain: str) -> None:
    ana = let_in(apply, domain)
    session = imaplib.IMAP4("127.0.0.1", place.ports["imap"])
    session.login(ana.address, FIRST)
    off = MailDomain(name=domain, send=False)
    outcome = apply(wanted(off, 2))[off.key]
    assert outcome["ok"], outcome
    assert outcome["proof"] == "found by postmap; a mailbox asked of it: receiving"
    assert session.noop()[0] == "OK"
    session.logout()
    assert sender(place, ana.address) == ""
    assert not auth(place, "smtp", ana.address)[0]


def test_a_domain_that_may_not_receive_is_told_later(apply: Apply, place: Place, domain: str) -> None:
    let_in(apply, domain)
    off = MailDomain(name=domain, receive=False)
    outcome = apply(wanted(off, 2))[off.key]
    assert outcome["proof"] == "found by postmap; a mailbox asked of it: sending"


def test_a_domain_without_pop3_says_to_use_imap(apply: Apply, place: Place, domain: str) -> None:
    ana = let_in(apply, domain)
    apply(wanted(MailDomain(name=domain, pop3=False), 2))
    signed_in, said = auth(place, "pop3", ana.address)
    assert not signed_in
    assert "Use IMAP" in said
    assert auth(place, "imap", ana.address)[0]


def test_an_inactive_domain_signs_nobody_in(apply: Apply, place: Place, domain: str) -> None:
    ana = let_in(apply, domain)
    assert apply(wanted(MailDomain(name=domain, active=False), 2))["mail_domain/" + domain]["ok"]
    assert not signs_in(place, ana.address, FIRST)


def test_what_is_suspended_on_its_own_stays_so(apply: Apply, place: Place, domain: str) -> None:
    ana = let_in(apply, domain, sign_in=False, reason="lost phone")
    apply(wanted(MailDomain(name=domain, sign_in=False, reason="unpaid"), 2))
    assert "unpaid" in auth(place, "imap", ana.address)[1]
    apply(wanted(MailDomain(name=domain), 3))
    signed_in, said = auth(place, "imap", ana.address)
    assert not signed_in
    assert "lost phone" in said


def test_other_domains_stay_signed_in(apply: Apply, place: Place, domain: str) -> None:
    let_in(apply, domain)
    ben = let_in(apply, f"x{domain}")
    session = imaplib.IMAP4("127.0.0.1", place.ports["imap"])
    session.login(ben.address, FIRST)
    apply(wanted(MailDomain(name=domain, sign_in=False), 2))
    assert session.noop()[0] == "OK"
    session.logout()


def test_five_hundred_domains_at_once(apply: Apply, domain: str) -> None:
    names = [f"d{number}.{domain}" for number in range(250)]
    states = [MailDomain(name=name, account="a1", sends_per_hour=9) for name in names]
    boxes = [mailbox(f"ana@{name}") for name in names]
    assert all(
        o["ok"] for o in apply(*[wanted(one) for one in states], *[wanted(one) for one in boxes]).values()
    )
    off = [
        dataclasses.replace(state, sign_in=False, send=False, receive=False, reason="x") for state in states
    ]
    outcomes = apply(*[wanted(state, 2) for state in off])
    assert all(outcome["ok"] for outcome in outcomes.values())
