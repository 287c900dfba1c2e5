"""“Test from here” without a mail server: what fails, and what the page does with it."""

from __future__ import annotations

import imaplib
import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
from django.db import connection, connections
from django.urls import reverse

from guides.clientconfig import client_config
from guides.trying import turns, views
from guides.trying.running import Outcome, Trial
from guides.trying.steps import Step, Why, failed
from mailboxes.models import Mailbox
from tests.factories import MailboxFactory, MailDomainFactory
from tests.panel.people import Person, person

SECRET = "harbor-violet-train"


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    mailbox: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana")
    return mailbox


def page(box: Mailbox) -> str:
    return reverse("mailbox-connect-test", args=[box.mail_domain.domain.name, box.local])


@pytest.fixture
def closed_port() -> int:
    with closing(socket.socket()) as taken:
        taken.bind(("127.0.0.1", 0))
        port: int = taken.getsockname()[1]
    return port


@pytest.fixture
def silent_port() -> Iterator[int]:
    """Takes connections and says nothing."""
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        yield server.getsockname()[1]


def run(port: int, **more: Any) -> Outcome:
    config = client_config(
        "ana@luna.test", host="mail1.postroom.test", ports={"imaps": port, "pop3s": port, "submissions": port}
    )
    return Trial(config, ["127.0.0.1"], SECRET, **({"closed": []} | more)).run()


def test_a_server_that_is_away_is_said_of_each(closed_port: int) -> None:
    outcome = run(closed_port)

    assert [step.ok for step in outcome.steps] == [False] * 3
    assert all("did not answer" in str(step.words) for step in outcome.steps)
    assert not outcome.ok
    assert not outcome.right


def test_a_silent_server_costs_seconds_not_minutes(silent_port: int) -> None:
    outcome = run(silent_port, closed=["pop3", "smtp"])

    assert [step.ok for step in outcome.steps] == [False, None, None]
    assert outcome.steps[0].seconds < 6


@pytest.mark.parametrize(
    ("error", "why"),
    [
        (ssl.SSLCertVerificationError("no"), Why.CERTIFICATE),
        (ConnectionRefusedError(), Why.AWAY),
        (TimeoutError(), Why.AWAY),
        (smtplib.SMTPServerDisconnected("gone"), Why.AWAY),
        (imaplib.IMAP4.abort("gone"), Why.AWAY),
        (imaplib.IMAP4.error(b"[AUTHENTICATIONFAILED] Authentication failed."), Why.WRONG),
        (imaplib.IMAP4.error(b"[UNAVAILABLE] Temporary"), Why.BUSY),
        (imaplib.IMAP4.error(b"This mailbox is suspended"), Why.STOPPED),
        (smtplib.SMTPAuthenticationError(535, b"5.7.8 Error"), Why.WRONG),
        (smtplib.SMTPAuthenticationError(454, b"4.7.0 Temporary"), Why.BUSY),
        (smtplib.SMTPResponseException(552, b"5.2.2 Mailbox is full"), Why.FULL),
        (smtplib.SMTPResponseException(450, b"4.7.1 Sending limit for a@b"), Why.LIMIT),
        (smtplib.SMTPResponseException(451, b"4.3.0 later"), Why.BUSY),
        (smtplib.SMTPResponseException(554, b"5.7.1 <b>no</b>"), Why.OTHER),
    ],
)
def test_what_an_error_means(error: Exception, why: Why) -> None:
    step, found = failed("x", error, 0.1, signed_in=False)
    assert found is why
    assert step.todo


@pytest.fixture
def done(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """No server is asked; which passwords would have been tried."""
    tried: list[str] = []

    def run(test: Trial) -> Outcome:
        assert not connection.in_atomic_block or connection.savepoint_ids == []
        tried.append(test.password)
        if test.password == SECRET:
            return Outcome([Step(what="<i>x</i>", ok=True, words="Works.")], right=True)
        return Outcome([Step(what="x", ok=False, words="No.", said="<script>alert(1)</script>")])

    monkeypatch.setattr(Trial, "run", run)
    return tried


@pytest.mark.django_db
def test_the_answer_is_a_page_or_through_htmx_a_part(ines: Person, box: Mailbox, done: list[str]) -> None:
    answer = ines.client.post(page(box), {"password": SECRET})
    assert answer.status_code == 200
    html = answer.content.decode()
    assert "are fine" in html
    assert SECRET not in html
    assert "<i>x" not in html
    assert "no-store" in answer["Cache-Control"]

    part = ines.client.post(page(box), {"password": "wrong"}, headers={"HX-Request": "true"}).content.decode()
    assert "<html" not in part
    assert "<script>" not in part
    assert done == [SECRET, "wrong"]


@pytest.mark.django_db
def test_a_get_tries_nothing(ines: Person, box: Mailbox, done: list[str]) -> None:
    html = ines.client.get(page(box), {"password": SECRET}).content.decode()
    assert 'autocomplete="current-password"' in html
    assert 'type="password"' in html
    assert not done


@pytest.mark.django_db
@pytest.mark.parametrize("password", ["", "a\0b", "a\r\nQUIT", "x" * 300, "a\x7fb"])
def test_odd_passwords_are_an_error_at_the_field(
    ines: Person, box: Mailbox, done: list[str], password: str
) -> None:
    answer = ines.client.post(page(box), {"password": password})
    assert answer.status_code in {200, 400}
    assert not done


@pytest.mark.django_db
def test_wrong_tries_have_to_wait_and_a_right_one_ends_the_count(
    ines: Person, box: Mailbox, done: list[str]
) -> None:
    for _try in range(9):
        ines.client.post(page(box), {"password": "wrong"})
    assert ines.client.post(page(box), {"password": SECRET}).status_code == 200
    for _try in range(10):
        assert ines.client.post(page(box), {"password": "wrong"}).status_code == 200
    answer = ines.client.post(page(box), {"password": SECRET})
    assert answer.status_code == 429
    assert "Retry-After" in answer
    assert len(done) == 20


@pytest.mark.django_db
def test_strangers_find_no_test(box: Mailbox, done: list[str]) -> None:
    charlie = person()
    assert charlie.client.get(page(box)).status_code == 404
    assert charlie.client.post(page(box), {"password": SECRET}).status_code == 404
    assert not done


def while_others_test(mailboxes: list[int], then: Any) -> None:
    """Each of them in a database session of its own, as the panel's threads are."""
    held, go = [threading.Event() for _box in mailboxes], threading.Event()

    def hold(mailbox: int, there: threading.Event) -> None:
        try:
            with turns.seat(mailbox):
                there.set()
                go.wait(10)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=hold, args=pair) for pair in zip(mailboxes, held, strict=True)]
    for thread in threads:
        thread.start()
    try:
        assert all(there.wait(10) for there in held)
        then()
    finally:
        go.set()
        for thread in threads:
            thread.join()


@pytest.mark.django_db(transaction=True)
def test_one_test_a_mailbox_and_few_at_once(ines: Person, box: Mailbox, done: list[str]) -> None:
    def busy() -> None:
        answer = ines.client.post(page(box), {"password": SECRET})
        assert "Others are testing at this moment" in answer.content.decode()

    while_others_test([box.pk], busy)
    while_others_test([box.pk + 1 + n for n in range(turns.SEATS)], busy)
    assert not done
    assert "are fine" in ines.client.post(page(box), {"password": SECRET}).content.decode()
    assert views.ConnectTest.http_method_names == ["get", "head", "post"]
