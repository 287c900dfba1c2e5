"""Sign-ins out of Dovecot's and Postfix's lines, and what they say about mail that is gone."""

from __future__ import annotations

import json
import random
from datetime import UTC, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from accounts.models import Domain
from delivery import signins, wire
from delivery.models import LogFile, SignIn
from delivery.services import ingest
from delivery.signins import words
from nodeagent.contract import CONTRACT
from nodeagent.maillog.parse import Parser
from provision.models import Node
from tests import factories
from tests.delivery.conftest import owned_domain, owner
from tests.delivery.rows import sign_in_make

SESSION = "XKXrvdVgvOZ/AAAB"
LOGIN = (
    "imap-login: Info: Login: user=<ana@luna.test>, method=PLAIN, rip=192.0.2.7, lip=127.0.0.1, mpid=8900, "
    f"TLS, session=<{SESSION}>, app=<>, tls=<TLSv1.3 with cipher TLS_AES_256_GCM_SHA384 (256/256 bits)>"
)
ID = f"imap(ana@luna.test)<8900><{SESSION}>: Info: ID sent: name=Thunderbird, version=128.5.0"
GONE = f"imap(ana@luna.test)<8900><{SESSION}>: Info: expunge: box=INBOX, msgid=<1@x>, size=900"
OUT = (
    f"imap(ana@luna.test)<8900><{SESSION}>: Info: Disconnected: Logged out in=8 out=486 deleted=1 expunged=1 "
    "trashed=0 hdr_count=0 hdr_bytes=0 body_count=0 body_bytes=0"
)
POP = [
    "pop3-login: Info: Login: user=<ana@luna.test>, method=PLAIN, rip=192.0.2.8, lip=127.0.0.1, mpid=8901, "
    "session=<WiZF0tVgxuF/AAAB>, app=<>, tls=<>",
    "pop3(ana@luna.test)<8901><WiZF0tVgxuF/AAAB>: Info: Disconnected: Logged out top=0/0, retr=12/34567, "
    "del=12/12, size=34567",
]
WRONG = [
    "auth-worker(26271): Info: conn unix:auth-worker (pid=26262,uid=107): auth-worker<4>: "
    "sql(ana@luna.test,198.51.100.9,<4EZF0tVgEqp/AAAB>): Password mismatch",
    "imap-login: Info: Disconnected: Connection closed (auth failed, 3 attempts in "
    "6 secs): user=<ana@luna.test>, method=PLAIN, rip=198.51.100.9, lip=127.0.0.1, secured, "
    "session=<4EZF0tVgEqp/AAAB>, app=<>, tls=<>",
]


def take(node: Node, *texts: str, file: str = "f", start: int = 0) -> None:
    """Lines of Dovecot's own log."""
    at = timezone.now().astimezone(UTC) - timedelta(minutes=2)
    parser, events, offset = Parser("dovecot", tz=UTC), [], start
    for text in texts:
        raw = f"{at:%b} {at.day:>2} {at:%H:%M:%S} {text}"
        events.append([offset, *parser(raw)])
        offset += len(raw) + 1
    batch = {
        "contract": CONTRACT, "node": node.name, "log": "dovecot", "file": file, "start": start,
        "end": offset, "events": events,
    }  # fmt: skip
    ingest(node=node, batches=wire.read(json.dumps(batch).encode()))


@settings(max_examples=15, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(seed=st.integers(0, 1000))
@pytest.mark.django_db
def test_one_session_is_one_row_in_whatever_order_its_lines_come(node: Node, luna: Domain, seed: int) -> None:
    for model in (SignIn, LogFile):
        model.objects.all().delete()
    lines = list(enumerate([LOGIN, ID, GONE, OUT]))
    random.Random(seed).shuffle(lines)
    for number, line in lines:
        take(node, line, start=number * 10_000)
    row = SignIn.objects.get()
    assert (row.login, row.domain_id, row.client, row.protocol) == (
        "ana@luna.test",
        luna.pk,
        "192.0.2.7",
        "imap",
    )
    assert (row.ok, row.encrypted, row.tls[:7]) == (True, True, "TLSv1.3")
    assert row.program.startswith("Thunderbird 128.5.0")
    assert row.ended_at is not None
    assert row.counts["expunged"] == 1
    assert row.counts["boxes"] == {"INBOX": 1}


def test_wrong_passwords_of_one_connection_are_one_row_with_their_number_and_reason(
    node: Node, luna: Domain
) -> None:
    take(node, *WRONG)
    row = SignIn.objects.get()
    assert (row.ok, row.client, row.reason, row.counts["attempts"]) == (False, "198.51.100.9", "password", 3)
    assert str(words.result(row).more) == "Wrong password. 3 tries."
    found = signins.failures(SignIn.objects.all())
    assert [(name, tries) for name, tries, _last in found.logins] == [("ana@luna.test", 3)]
    assert [(name, tries) for name, tries, _last in found.clients] == [("198.51.100.9", 3)]


def test_who_took_the_mail_is_an_answer(node: Node, luna: Domain) -> None:
    take(node, *POP, LOGIN, ID, GONE, OUT)
    since = timezone.now() - timedelta(days=1)
    told = {one.answer.kind: one for one in map(words.told, signins.vanished("ana@luna.test", since=since))}
    assert "fetched 12 mails (33.8" in told["pop"].what[0]
    assert "removed 12 mails from the server" in told["pop"].what[0]
    assert "192.0.2.8" in told["pop"].what[0]
    assert told["imap"].what == ["Thunderbird 128.5.0 at 192.0.2.7 deleted mail: 1 from “INBOX”."]
    assert signins.vanished("ben@luna.test", since=since) == []


def test_devices_are_told_apart(node: Node, luna: Domain) -> None:
    take(node, *POP, LOGIN, ID)
    found = signins.devices_of("ana@luna.test", since=timezone.now() - timedelta(days=1))
    assert {(one.protocol, one.program, one.client, one.times) for one in found} == {
        ("imap", "Thunderbird 128.5.0", "192.0.2.7", 1),
        ("pop3", "", "192.0.2.8", 1),
    }


@pytest.mark.parametrize(
    "name",
    [
        "=cmd|'/c'!A1",
        "<script>alert(1)</script>",
        "a, rip=192.0.2.1, lip=1",
        "\x1b[31mred",
        "\u202eevil",
        "x" * 5000,
    ],
)
def test_what_a_program_says_of_itself_is_inert(node: Node, luna: Domain, client: Client, name: str) -> None:
    take(node, LOGIN, f"imap(ana@luna.test)<8900><{SESSION}>: Info: ID sent: name={name}, version=1")
    client.force_login(owner(luna), backend="accounts.backends.PersonBackend")
    text = client.get(reverse("sign-ins", args=["luna.test"])).content.decode()
    assert "<script>alert" not in text
    assert "\x1b" not in text
    assert "\u202e" not in text
    assert SignIn.objects.get().client == "192.0.2.7"


def test_each_sees_the_sign_ins_of_their_own_domains(
    node: Node, luna: Domain, sol: Domain, client: Client
) -> None:
    sign_in_make(node, "ana@luna.test", domain_id=luna.pk)
    sign_in_make(node, "ben@sol.test", domain_id=sol.pk, ok=False, client="203.0.113.5")
    client.force_login(owner(luna), backend="accounts.backends.PersonBackend")
    for url in (reverse("sign-ins", args=["luna.test"]), reverse("sign-ins-all")):
        answer = client.get(url)
        assert [one.row.login for one in answer.context["rows"]] == ["ana@luna.test"]
        assert "203.0.113.5" not in answer.content.decode()
    assert client.get(reverse("sign-ins", args=["sol.test"])).status_code == 404


def test_a_domain_that_is_added_again_by_somebody_else_shows_nothing_of_before(
    node: Node, luna: Domain, client: Client
) -> None:
    sign_in_make(node, "ana@luna.test", domain_id=luna.pk)
    luna.delete()
    again = owned_domain("luna.test")
    client.force_login(owner(again), backend="accounts.backends.PersonBackend")
    assert "192.0.2.7" not in client.get(reverse("sign-ins", args=["luna.test"])).content.decode()


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({}, {"192.0.2.1", "192.0.2.2", "192.0.2.3"}),
        ({"result": "refused"}, {"192.0.2.2"}),
        ({"result": "ok"}, {"192.0.2.1", "192.0.2.3"}),
        ({"protocol": "pop3"}, {"192.0.2.3"}),
        ({"q": "ana"}, {"192.0.2.1", "192.0.2.2"}),
        ({"q": "192.0.2.3"}, {"192.0.2.3"}),
        ({"q": "%"}, set()),
        ({"q": "a_a"}, set()),
        ({"q": "'; DROP TABLE delivery_signin; --"}, set()),
        ({"since": "2999-01-01"}, {"192.0.2.1", "192.0.2.2", "192.0.2.3"}),
        ({"since": "no day", "q": "ben"}, {"192.0.2.3"}),
        ({"until": "2020-01-01"}, set()),
        ({"before": "9" * 40}, {"192.0.2.1", "192.0.2.2", "192.0.2.3"}),
    ],
)
def test_filters(node: Node, luna: Domain, client: Client, query: dict[str, str], found: set[str]) -> None:
    sign_in_make(node, "ana@luna.test", domain_id=luna.pk, client="192.0.2.1")
    sign_in_make(node, "ana@luna.test", domain_id=luna.pk, client="192.0.2.2", ok=False)
    sign_in_make(node, "ben@luna.test", domain_id=luna.pk, client="192.0.2.3", protocol="pop3")
    client.force_login(owner(luna), backend="accounts.backends.PersonBackend")
    answer = client.get(reverse("sign-ins", args=["luna.test"]), query)
    assert answer.status_code == 200
    assert {one.row.client for one in answer.context["rows"]} == found


def test_a_long_list_goes_on_by_key_in_few_queries(
    node: Node, luna: Domain, client: Client, django_assert_max_num_queries: Any
) -> None:
    at = timezone.now()
    for number in range(120):
        sign_in_make(node, f"u{number}@luna.test", at - timedelta(seconds=number), domain_id=luna.pk)
    client.force_login(owner(luna), backend="accounts.backends.PersonBackend")
    url, seen = reverse("sign-ins", args=["luna.test"]), []
    link = ""
    for _page in range(3):
        with django_assert_max_num_queries(8):
            answer = client.get(url + link)
        seen += [one.row.login for one in answer.context["rows"]]
        link = answer.context["older"]
    assert seen == [f"u{number}@luna.test" for number in range(120)]
    assert link == ""


def test_a_mailbox_shows_its_devices_and_what_vanished(node: Node, client: Client) -> None:
    mail = factories.MailDomainFactory.create(node=node)
    box = factories.MailboxFactory.create(mail_domain=mail, local="ana")
    user = factories.MembershipFactory.create(account=mail.domain.account).user
    counts = {"retr": 3, "retr_bytes": 900, "dele": 3}
    at = timezone.now() + timedelta(seconds=5)
    sign_in_make(node, box.address, at, protocol="pop3", program="Outlook", counts=counts)
    client.force_login(user, backend="accounts.backends.PersonBackend")
    args = [mail.domain.name, box.local]
    assert "Outlook" in client.get(reverse("mailbox-sign-ins", args=args)).content.decode()
    text = client.get(reverse("mailbox-vanished", args=args)).content.decode()
    assert "Outlook at 192.0.2.7 fetched 3 mails (900" in text
    assert "Leave a copy of messages on the server" in text
