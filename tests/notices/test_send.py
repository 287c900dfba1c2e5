"""The outbox: what is written leaves once, says who it is from, and cannot be turned against its reader."""

from __future__ import annotations

import datetime as dt
import smtplib
import threading
from typing import Any

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection, connections
from django.utils import timezone

from notices import kinds, services
from notices.models import Notice
from tests.factories import UserFactory

pytestmark = pytest.mark.django_db

WORDS: dict[str, dict[str, Any]] = {
    "invitation": {"account": "Luna", "inviter": "Inés", "role": "manager", "days": 7, "domains": ["a.test"]},
    "reset": {"hours": 3},
    "new_sign_in": {"place": "Sevilla", "device": "Firefox", "ip": "203.0.113.9", "at": "16 Nov, 22:40"},
    "password_changed": {"at": "16 Nov, 22:40"},
    "limit_near": {
        "account": "Luna", "limit": "mailboxes", "percent": 80, "used": "20", "most": "25", "who": "Nube",
    },
    "suspension": {"what": "domain", "name": "luna.test", "stops": ["send"], "reason": "spam", "by": "Nube"},
    "resumed": {"what": "mailbox", "name": "ana@luna.test", "by": "Nube"},
    "domain_proved": {"name": "luna.test", "account": "Luna"},
    "account_deleted": {"account": "Luna", "days": 30, "by": "Nube"},
    "plan_changed": {"account": "Luna", "plan": "Large", "before": "Small"},
}  # fmt: skip


def _send(kind: str = "domain_proved", **extra: Any) -> Notice:
    notice = services.notice_send(**{"kind": kind, "to": "ines@luna.test", "context": WORDS[kind]} | extra)
    assert notice is not None
    return notice


def _html(message: Any) -> str:
    return str(message.alternatives[0][0])


@pytest.fixture
def linked(monkeypatch: pytest.MonkeyPatch) -> None:
    known = dict(kinds._kinds)
    monkeypatch.setattr(kinds, "_kinds", known)
    for name in ("invitation", "reset"):
        kinds.give_links(name, lambda context: {"url": "https://panel.test/secret-link"})


@pytest.mark.usefixtures("linked")
@pytest.mark.parametrize("kind", sorted(WORDS))
def test_each_kind_has_two_whole_parts(kind: str, settings: Any) -> None:
    _send(kind, brand={"name": "Nube Hosting", "accent": "#225789", "support_email": "help@nube.test"})
    assert services.notices_deliver() == 1
    (message,) = mail.outbox
    for value in WORDS[kind].values():
        for word in [value] if isinstance(value, str) else []:
            shown = f"{message.subject} {message.body}"
            assert word in shown or word in {"domain", "mailbox"}, word
            assert word in f"{message.subject} {_html(message)}" or word in {"domain", "mailbox"}, word
    for part in (message.body, _html(message)):
        assert "Nube Hosting" in part
        assert "help@nube.test" in part
        assert ("/notices/" in part) is not kinds.get(kind).security
    assert "#225789" in _html(message)
    assert message.from_email == f"Nube Hosting <no-reply@{settings.PROVIDER_DOMAIN}>"
    assert message.reply_to == ["help@nube.test"]


def test_the_headers_say_that_a_machine_wrote_it(settings: Any) -> None:
    notice = _send()
    services.notices_deliver()
    sent = mail.outbox[0].message()
    assert sent["Auto-Submitted"] == "auto-generated"
    assert sent["Message-ID"] == f"<{notice.message_key.hex}@{settings.PROVIDER_DOMAIN}>"
    assert sent["Date"]
    assert sent["List-Unsubscribe"] == f"<{settings.PANEL_URL}/notices/>"
    assert sent.get_content_type() == "multipart/alternative"


def test_a_hostile_name_is_only_a_name() -> None:
    name = "Luna\r\nBcc: all@luna.test <script>alert(1)</script> http://evil.test/x \u202etxt"
    _send(
        "plan_changed",
        context={"account": name, "plan": "<img src=x>"},
        brand={"name": name, "accent": "red;}"},
    )
    services.notices_deliver()
    (message,) = mail.outbox
    raw = message.message().as_string()
    assert "\nBcc:" not in raw
    assert "\n" not in message.subject
    assert "<script>" not in _html(message)
    assert "&lt;img src=x&gt;" in _html(message)
    assert "red;" not in _html(message)
    assert "http://evil" not in message.body
    assert "evil.test" not in message.body.replace("\u2060", "!")
    assert "\u202e" not in raw


@pytest.mark.usefixtures("linked")
def test_the_secret_link_is_in_the_mail_and_in_no_row() -> None:
    notice = _send("invitation")
    services.notices_deliver()
    assert "https://panel.test/secret-link" in mail.outbox[0].body
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(n)::text FROM notices_notice n WHERE id = %s", [notice.pk])
        assert "secret-link" not in cursor.fetchone()[0]


def test_what_is_no_longer_wanted_does_not_leave(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.give_links("invitation", lambda context: None)
    notice = _send("invitation")
    services.notices_deliver()
    notice.refresh_from_db()
    assert mail.outbox == []
    assert notice.state == "failed"


def test_who_switched_it_off_gets_none_but_what_is_security() -> None:
    person = UserFactory.create(muted_notices=["domain_proved", "password_changed"])
    words: dict[str, Any] = {"to": person.email, "user_id": person.pk}
    assert services.notice_send(kind="domain_proved", context=WORDS["domain_proved"], **words) is None
    assert services.notice_send(kind="password_changed", context={}, **words)


def test_an_unknown_kind_is_an_error_at_once() -> None:
    with pytest.raises(LookupError):
        services.notice_send(kind="nonsense", to="a@luna.test", context={})


def test_the_same_thing_is_told_once() -> None:
    _send(dedupe="x")
    assert services.notice_send(
        kind="domain_proved", to="ines@luna.test", context=WORDS["domain_proved"], dedupe="x"
    ) is None  # fmt: skip
    assert Notice.objects.count() == 1


class Away(EmailBackend):
    error: Exception = ConnectionRefusedError("no server")

    def send_messages(self, messages: Any) -> int:
        raise self.error


@pytest.mark.parametrize(
    ("error", "state"),
    [
        (ConnectionRefusedError("no server"), "retried"),
        (smtplib.SMTPServerDisconnected("gone"), "retried"),
        (smtplib.SMTPAuthenticationError(535, b"no"), "retried"),
        (smtplib.SMTPDataError(451, b"later"), "retried"),
        (smtplib.SMTPDataError(554, b"never"), "failed"),
        (smtplib.SMTPRecipientsRefused({"ines@luna.test": (550, b"5.1.1 unknown")}), "failed"),
        (smtplib.SMTPRecipientsRefused({"ines@luna.test": (450, b"4.2.0 later")}), "retried"),
    ],
)
def test_a_refusal_is_kept_and_tried_again_unless_for_good(
    settings: Any, monkeypatch: pytest.MonkeyPatch, error: Exception, state: str
) -> None:
    settings.EMAIL_BACKEND = "tests.notices.test_send.Away"
    monkeypatch.setattr(Away, "error", error)
    notice = _send()
    services.notices_deliver()
    notice.refresh_from_db()
    assert notice.state == state
    assert notice.last_error
    assert notice.next_try_at > timezone.now()
    assert services.notices_deliver() == 0
    services.notice_retry(notice=notice)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    assert services.notices_deliver() == 1
    notice.refresh_from_db()
    assert notice.state == "sent"


def test_a_mail_that_cannot_be_written_holds_up_no_other(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(kinds, "_kinds", dict(kinds._kinds))
    kinds.give_links("reset", lambda context: {"url": str(1 // 0)})
    broken, fine = _send("reset"), _send()
    services.notices_deliver()
    broken.refresh_from_db()
    fine.refresh_from_db()
    assert (broken.state, fine.state) == ("retried", "sent")


@pytest.mark.django_db(transaction=True)
def test_two_workers_send_each_mail_once() -> None:
    for _n in range(20):
        _send()
    begin = threading.Barrier(2)

    def work() -> None:
        try:
            begin.wait()
            services.notices_deliver()
        finally:
            connections.close_all()

    workers = [threading.Thread(target=work) for _n in range(2)]
    for worker in workers:
        worker.start()
    for worker in workers:
        worker.join()
    ids = [message.extra_headers["Message-ID"] for message in mail.outbox]
    assert len(ids) == len(set(ids)) == 20


@pytest.mark.django_db(transaction=True)
def test_a_broker_that_is_away_costs_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    from kombu.exceptions import OperationalError

    def away(*args: Any, **kwargs: Any) -> None:
        raise OperationalError("away")

    monkeypatch.setattr("celery.app.base.Celery.send_task", away)
    _send()
    assert services.notices_deliver() == 1


def test_old_mails_are_forgotten_but_not_that_something_was_told() -> None:
    old = timezone.now() - dt.timedelta(days=31)
    _send(), _send(dedupe="x"), _send()
    Notice.objects.filter(pk__in=Notice.objects.order_by("pk").values("pk")[:2]).update(created_at=old)
    assert services.notices_tidy() == 1
