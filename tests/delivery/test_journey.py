"""One message, one journey: hops are joined, each side sees its own part, the lines too."""

from __future__ import annotations

import html
import json
import re
from collections.abc import Callable
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.test import Client
from django.utils import timezone

from accounts.models import Domain, User
from delivery import wire
from delivery.models import Chunk, Direction, Entry, Message, Status
from delivery.services import ingest
from mailboxes.models import Mailbox
from mailboxes.people import BACKEND, MailboxUser
from nodeagent.contract import CONTRACT
from nodeagent.maillog.parse import Parser
from provision.models import Node
from tests.delivery.conftest import NAMES, Lines, owner
from tests.factories import MailboxFactory, MailDomainFactory, UserFactory

SignIn = Callable[[User], Client]
Q1, Q2, Q3 = "4jXdpx2TpMzVykB", "4jXdpy16CKzVykC", "4jXdpy16CKzVykD"
SESSION, SECOND = "KDkfFkk9A2vQPgAAg+zDdQ", "tHRPO0o9A2sMagAAg+zDdQ"


def dovecot(node: Node, lines: list[tuple[Any, str]]) -> None:
    parser, events, offset = Parser("dovecot", tz=UTC), [], 0
    for at, text in lines:
        raw = f"{at:%b} {at.day:>2} {at:%H:%M:%S} {text}"
        events.append([offset, *parser(raw)])
        offset += len(raw) + 1
    batch = {"contract": CONTRACT, "node": "mail1", "log": "dovecot", "file": f"file{next(NAMES)}"}
    told = batch | {"start": 0, "end": offset, "events": events}
    ingest(node=node, batches=wire.read(json.dumps(told).encode()))


def text_of(client: Client, row: Entry, domain: Domain | None = None) -> str:
    path = f"/domains/{domain.name}/track/{row.pk}/" if domain else f"/track/{row.pk}/"
    answer = client.get(path, secure=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    page = page[page.index("<main") : page.index("</main>")]
    return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", "", page)))


def row_of(domain: Domain, **fields: Any) -> Entry:
    found: Entry = Entry.objects.get(domain_id=domain.pk, **fields)
    return found


@pytest.fixture
def admin(client: Client) -> Client:
    client.force_login(UserFactory.create(is_staff=True, is_superuser=True))
    return client


def handed_in(lines: Lines, ref: str, sender: str, to: str) -> Lines:
    lines.add(
        "submission/smtpd",
        f"{ref}: client=laptop.home[198.51.100.23], sasl_method=PLAIN, sasl_username=app.k3m9x2ab/{sender}",
    )
    end = f"from laptop.home[198.51.100.23]; from=<{sender}> to=<{to}> proto=ESMTP helo=<laptop>"
    lines.add("cleanup", f"{ref}: info: header Subject: Secret plan {end}")
    lines.add("cleanup", f"{ref}: message-id=<plan@home>")
    return lines.add("qmgr", f"{ref}: from=<{sender}>, size=1234, nrcpt=2 (queue active)")


def lmtp(lines: Lines, ref: str, to: str, session: str, orig: str = "") -> Lines:
    alias = f"orig_to=<{orig}>, " if orig else ""
    return lines.add(
        "lmtp",
        f"{ref}: to=<{to}>, {alias}relay=mail1.test[private/dovecot-lmtp], delay=0.6, "
        f"delays=0.1/0/0/0.5, dsn=2.0.0, status=sent (250 2.0.0 <{to}> {session} Saved)",
    )


def onward(lines: Lines, ref: str, behalf: str, to: str) -> Lines:
    lines.add(
        "forward/smtpd",
        f"{ref}: client=localhost[127.0.0.1], sasl_method=PLAIN, sasl_username=forward@n.test, "
        f"sasl_sender={behalf}",
    )
    lines.add("cleanup", f"{ref}: message-id=<plan@home>")
    lines.add("qmgr", f"{ref}: from=<sol@sol.test>, size=1500, nrcpt=1 (queue active)")
    return lines.delivery(ref, to=to, text="250 2.0.0 OK hidden-place").add("qmgr", f"{ref}: removed")


@pytest.fixture
def forwarded(node: Node, luna: Domain, sol: Domain) -> None:
    """bo@sol wrote to ana@luna (who forwards to far away) and, in blind copy, to cy@far."""
    lines = handed_in(Lines(), Q1, "bo@sol.test", "ana@luna.test")
    lmtp(lines, Q1, "ana@luna.test", SESSION)
    at = lines.at
    lines.delivery(Q1, to="cy@blind.example").add("qmgr", f"{Q1}: removed")
    onward(lines, Q2, "ana@luna.test", "away@hidden.example").take(node)
    head = f"lmtp(ana@luna.test)<12><{SESSION}>: Info: sieve: msgid=<plan@home>: "
    dovecot(
        node,
        [
            (at, f"{head}redirect action: forwarded to <away@hidden.example>"),
            (at, f"{head}stored mail into mailbox 'Work'"),
        ],
    )


def test_forwarder_sees_where_it_ends(forwarded: None, luna: Domain, signed_in: SignIn) -> None:
    page = text_of(signed_in(owner(luna)), row_of(luna, direction=Direction.IN), luna)
    for said in ("A filter sent it on", "away@hidden.example", "2. Sent on", "Put into the folder “Work”"):
        assert said in page
    assert "hidden-place" in page


def test_forwarded_mail_shows_its_way_here(forwarded: None, luna: Domain, signed_in: SignIn) -> None:
    row = row_of(luna, direction=Direction.OUT)
    assert (row.address, row.login) == ("away@hidden.example", "ana@luna.test")
    page = text_of(signed_in(owner(luna)), row, luna)
    assert "1. The mail" in page
    assert "(this page)" in page


def test_sender_never_learns_where_it_leads(
    forwarded: None, sol: Domain, luna: Domain, signed_in: SignIn
) -> None:
    client = signed_in(owner(sol))
    assert Entry.objects.filter(domain_id=sol.pk).count() == 2
    for row in Entry.objects.filter(domain_id=sol.pk):
        page = text_of(client, row, sol)
        assert "hidden" not in page
        assert "Work" not in page
        assert "cy@blind.example" in page
        assert "Handed in by bo@sol.test" in page


def test_recipient_never_learns_how_it_was_sent(forwarded: None, luna: Domain, signed_in: SignIn) -> None:
    client = signed_in(owner(luna))
    for row in Entry.objects.filter(domain_id=luna.pk):
        assert "198.51.100.23" not in f"{row.server} {row.words}"
        page = text_of(client, row, luna)
        for secret in ("198.51.100.23", "laptop", "k3m9x2ab", "blind", "sasl_username=app"):
            assert secret not in page


def test_provider_sees_all(forwarded: None, sol: Domain, admin: Client) -> None:
    page = text_of(admin, row_of(sol, address="ana@luna.test"))
    for said in ("198.51.100.23", "cy@blind.example", "away@hidden.example", "Sent on for ana@luna.test"):
        assert said in page


def test_alias_of_somebody_else_is_one_end(node: Node, luna: Domain, sol: Domain, signed_in: SignIn) -> None:
    lines = handed_in(Lines(), Q1, "bo@sol.test", "all@luna.test")
    lmtp(lines, Q1, "ana@luna.test", SESSION, orig="all@luna.test")
    lines.delivery(
        Q1,
        to="eve@gone.example",
        orig="all@luna.test",
        status="bounced",
        dsn="5.1.1",
        text="host mx.gone.example[192.0.2.5] said: 550 5.1.1 <eve@gone.example> unknown (in reply to RCPT)",
    ).add("qmgr", f"{Q1}: removed").take(node)
    row = row_of(sol, direction=Direction.OUT)
    assert (row.address, row.status, row.cause) == ("all@luna.test", Status.FAILED, "unknown-user")
    assert "gone" not in f"{row.server} {row.reply} {row.words}"
    page = text_of(signed_in(owner(sol)), row, sol)
    assert "gone.example" not in page
    assert "ana@luna.test" not in page
    assert page.count("all@luna.test") <= 3
    mine = text_of(signed_in(owner(luna)), row_of(luna, address="ana@luna.test"), luna)
    assert "all@luna.test leads to 2 addresses" in mine
    assert "eve@gone.example" in mine


def test_copied_message_id_joins_nothing(
    forwarded: None, node: Node, luna: Domain, signed_in: SignIn
) -> None:
    """Neither by its header nor by an answer that names a queue id of somebody else."""
    spy = Lines().mail(
        Q3,
        sender="spy@luna.test",
        to="x@spy.example",
        login="spy@luna.test",
        text=f"250 2.0.0 Ok: queued as {Q1}",
    )
    spy.raw = [raw.replace(f"<{Q3}@h.example>", "<plan@home>") for raw in spy.raw]
    spy.take(node)
    page = text_of(signed_in(owner(luna)), row_of(luna, login="spy@luna.test"), luna)
    assert "blind" not in page
    assert "bo@sol.test" not in page
    assert "2. " not in page


def test_deferred_says_when_it_is_tried_again(node: Node, sol: Domain, signed_in: SignIn) -> None:
    lines = handed_in(Lines(), Q1, "bo@sol.test", "x@slow.example")
    lines.delivery(
        Q1, to="x@slow.example", status="deferred", dsn="4.4.1", text="connect to slow.example: timed out"
    ).take(node)
    answer = signed_in(owner(sol)).get(f"/track/{Entry.objects.get().pk}/", secure=True)
    page = answer.content.decode()
    assert "Next try" in page
    assert "Gives up" in page
    assert 'class="dot bad"' not in page
    assert 'class="note bad"' not in page


def test_what_is_no_longer_kept(forwarded: None, sol: Domain, signed_in: SignIn) -> None:
    """The lines are gone, then the message: the row explains itself."""
    row = row_of(sol, address="ana@luna.test")
    Chunk.objects.all().delete()
    assert "Put into the mailbox" in text_of(signed_in(owner(sol)), row, sol)
    Message.objects.all().delete()
    assert "no longer kept" in text_of(signed_in(owner(sol)), row, sol)


def test_queries_do_not_grow_with_hops(
    forwarded: None, luna: Domain, signed_in: SignIn, django_assert_max_num_queries: Any
) -> None:
    client, row = signed_in(owner(luna)), row_of(luna, direction=Direction.IN)
    text_of(client, row, luna)
    with django_assert_max_num_queries(12):
        text_of(client, row, luna)


def test_page_of_another_tenant_is_not_there(
    forwarded: None, luna: Domain, sol: Domain, signed_in: SignIn
) -> None:
    client, row = signed_in(owner(luna)), row_of(sol, address="ana@luna.test")
    for path in (f"/track/{row.pk}/", f"/domains/luna.test/track/{row.pk}/"):
        assert client.get(path, secure=True).status_code == 404


def as_mailbox(client: Client, box: Mailbox) -> Client:
    """Signed in as its own user, who is no User."""
    user, session = MailboxUser.people.get(pk=box.pk), client.session
    session.update({SESSION_KEY: str(user.pk), BACKEND_SESSION_KEY: BACKEND})
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    client.cookies[settings.SESSION_COOKIE_NAME] = str(session.session_key)
    return client


def test_own_user_reads_of_mail_to_the_mailbox_alone(forwarded: None, luna: Domain) -> None:
    """bo@sol wrote: ana reads how it came and where it went on, and nothing of him."""
    mail_domain = MailDomainFactory.create(domain=luna)
    ana, eve = (MailboxFactory.create(mail_domain=mail_domain, local=local) for local in ("ana", "eve"))
    Mailbox.objects.update(created_at=timezone.now() - timedelta(days=1))
    path = f"/mailbox/deliveries/{row_of(luna, direction=Direction.IN).pk}/"
    assert as_mailbox(Client(), eve).get(path, secure=True).status_code == 404
    assert as_mailbox(Client(), eve).post(path, secure=True).status_code == 404
    answer = as_mailbox(Client(), ana).get(path, secure=True)
    assert answer.status_code == 200
    page = answer.content.decode()
    assert "Work" in page
    assert "A filter sent it on" in page
    for secret in ("198.51.100.23", "blind", "sasl_username=app"):
        assert secret not in page
