"""Each side of a mail finds, and is told, its own part alone."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from accounts.models import Domain, User
from delivery.models import Entry
from delivery.ofmailbox import deliveries_of
from delivery.selectors import TrackQuery
from provision.models import Node
from tests.delivery.conftest import Lines, owner

Q = "4jXFb45vvCzLK"
SignIn = Callable[[User], Client]

pytestmark = pytest.mark.django_db


def found(client: Client, q: str) -> list[Entry]:
    answer: Any = client.get("/domains/luna.test/track/", {"q": q}, secure=True)
    return [row.entry for row in answer.context["rows"]]


STOPPED = (
    "553 5.7.1 <app.k3m9x2ab/ana@luna.test>: SASL login name rejected: Sending is suspended: unpaid bill"
)
NOT_OWNED = "553 5.7.1 <boss@luna.test>: Sender address rejected: not owned by user ana@luna.test"
LIMITED = (
    "450 4.7.1 <ben@sol.test>: Recipient address rejected: Sending limit for ana@luna.test: 300 mails an "
    "hour for the mailbox; 300 used, so try again in 12 minutes"
)


@pytest.mark.parametrize("answer", [STOPPED, NOT_OWNED, LIMITED])
def test_why_a_signed_in_sender_is_refused_is_for_his_side_alone(
    node: Node, luna: Domain, sol: Domain, signed_in: SignIn, answer: str
) -> None:
    end = "from=<boss@luna.test> to=<ben@sol.test> proto=ESMTP helo=<laptop>"
    line = f"NOQUEUE: reject: RCPT from home[198.51.100.23]: {answer}; {end}"
    Lines().add("submission/smtpd", line).take(node)
    sent, came = Entry.objects.get(domain_id=luna.pk), Entry.objects.get(domain_id=sol.pk)
    assert (sent.login, sent.server) == ("ana@luna.test", "home[198.51.100.23]")
    assert sent.cause in {"sending-suspended", "sender-not-owned", "limit-mailbox"}
    assert came.reply in {"553 5.7.1", "450 4.7.1"}
    assert came.cause not in {"sending-suspended", "sender-not-owned", "limit-mailbox"}
    shown = signed_in(owner(sol)).get(f"/domains/sol.test/track/{came.pk}/", secure=True)
    page = shown.content.decode()
    for secret in ("ana@", "unpaid", "300 mails", "198.51.100.23", "laptop", "k3m9x2ab"):
        assert secret not in f"{page} {came.server} {came.words}"


def test_refused_names_are_no_signed_in_senders(node: Node, luna: Domain) -> None:
    Lines().add(
        "submission/smtpd",
        "NOQUEUE: reject: RCPT from x[192.0.2.1]: 553 5.7.1 "
        '<"ana@luna.test>: SASL login name rejected: x"@far.test>: '
        "Sender address rejected: no; from=<x@far.test> to=<y@far.test> proto=ESMTP helo=<h>",
    ).take(node)
    assert Entry.objects.get().login == ""


def test_the_sender_learns_no_more_of_an_alias_than_that_it_failed(
    node: Node, luna: Domain, sol: Domain, signed_in: SignIn
) -> None:
    """Not even whose server it was, nor by a search."""
    lines = Lines()
    lines.add("submission/smtpd", f"{Q}: client=h[192.0.2.1], sasl_method=PLAIN, sasl_username=ana@luna.test")
    lines.add("qmgr", f"{Q}: from=<ana@luna.test>, size=10, nrcpt=1 (queue active)")
    lines.delivery(
        Q,
        to="secret@gmail.example",
        orig="all@sol.test",
        status="bounced",
        dsn="5.2.2",
        text="host gmail-smtp-in.l.google.com[192.0.2.9] said: 552 5.2.2 The recipient's inbox is out of "
        "storage space. https://support.google.com/mail/?p=OverQuotaPerm gsmtp (in reply to RCPT TO command)",
    ).take(node)
    row = Entry.objects.get(domain_id=luna.pk)
    assert (row.address, row.reply, row.agent, row.server) == ("all@sol.test", "552 5.2.2", "", "")
    assert row.cause != Entry.objects.get(domain_id=sol.pk).cause
    client = signed_in(owner(luna))
    for q in (
        "secret",
        "to:secret",
        "gmail",
        "to:gmail.example",
        "server:gmail-smtp-in.l.google.com",
        "answer:gsmtp",
    ):
        assert row.pk not in {one.pk for one in found(client, q)}
    assert [one.pk for one in found(client, "all@sol.test")] == [row.pk]


def test_a_mailbox_user_finds_nothing_by_what_is_hidden_from_him(node: Node, luna: Domain) -> None:
    lines = Lines()
    lines.add(
        "submission/smtpd", f"{Q}: client=pc[192.0.2.77], sasl_method=PLAIN, sasl_username=ana@luna.test"
    )
    lines.add("qmgr", f"{Q}: from=<info@luna.test>, size=10, nrcpt=1 (queue active)")
    for to in ("boss@luna.test", "secret@far.test"):
        lines.delivery(
            Q, to=to, orig="team@luna.test", status="deferred", dsn="4.2.2", text=f"450 4.2.2 {to} is full"
        )
    lines.take(node)

    def finds(who: str, q: str, **more: Any) -> set[str]:
        query = TrackQuery(q=q, **more)
        page = deliveries_of(
            who, domain=luna, since=timezone.now() - timedelta(days=1), query=query, own=True
        )
        return {one.address for one in page.entries}

    both = {"boss@luna.test", "secret@far.test"}
    for q in ("", "team", "to:team@luna.test", "from:info", "from:ana@luna.test", f"queue:{Q}", Q):
        assert finds("ana@luna.test", q) == both
    for q in (
        "secret",
        "secret@far.test",
        "far.test",
        "to:boss",
        "to:far.test",
        "full",
        "answer:full",
        "boss team",
    ):
        assert finds("ana@luna.test", q) == set()
    for q in ("", "from:info", "to:boss", "boss@luna.test", "info boss"):
        assert finds("boss@luna.test", q) == {"boss@luna.test"}
    for q in ("ana", "from:ana", "192.0.2.77", "server:pc"):
        assert finds("boss@luna.test", q) == set()
    assert finds("ana@luna.test", "", server="mx") == set()
