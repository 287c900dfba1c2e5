"""In which language a mail is: the reader's own, whoever acts."""

from __future__ import annotations

import pytest
from django.core import mail
from django.core.mail import EmailMultiAlternatives
from django.utils import translation

from lib.templatetags import ui
from mailboxes.models import MailboxLanguage
from notices.models import Notice
from notices.services import notice_send, notices_deliver
from panel import notify
from tests import factories
from tests.mailboxes.test_own import ADDRESS, make_box

pytestmark = pytest.mark.django_db


def sent_to(to: str, **values: object) -> Notice:
    notice = notice_send(kind="plan_changed", to=to, context=lambda: {"account": ui.size(1536)}, **values)  # type: ignore[arg-type]
    assert notice is not None
    return notice


def test_mails_are_in_the_readers_language_whoever_acts() -> None:
    person = factories.UserFactory.create(language="es")
    nobodys = factories.UserFactory.create()
    make_box()
    MailboxLanguage.objects.create(mailbox=make_box("pia@sol.test"), language="es")
    brand = {"name": "Luna", "language": "es"}
    with translation.override("en"):
        assert sent_to(person.email, user_id=person.pk).language == "es"
        assert sent_to(person.email).language == "es"
        assert sent_to("pia@sol.test").language == "es"
        assert sent_to(ADDRESS).language == "en"
        assert sent_to(ADDRESS, brand=brand).language == "es"
        assert sent_to(nobodys.email, user_id=nobodys.pk, brand=brand).language == "es"
    with translation.override("es"):
        assert sent_to("somebody@outside.test").language == "en"
        assert sent_to("somebody@outside.test").context == {"account": "1.5 KB"}
    assert sent_to(person.email).context == {"account": "1,5 KB"}


def test_the_whole_mail_is_in_it() -> None:
    person = factories.UserFactory.create(language="es")
    sent_to(person.email, user_id=person.pk)
    notices_deliver()
    (message,) = mail.outbox
    assert isinstance(message, EmailMultiAlternatives)
    assert '<html lang="es">' in str(message.alternatives[0][0])


def test_words_in_a_mail_are_made_for_each_reader() -> None:
    account = factories.AccountFactory.create()
    readers = [factories.UserFactory.create(language=language) for language in ("es", "en")]
    for person in readers:
        notify.limit_near(
            account,
            limit="max_mailboxes",
            percent=80,
            used=1204,
            most=2000,
            who="Luna",
            person=person,
            dedupe=f"near/{person.pk}",
        )
    used = {notice.language: notice.context["used"] for notice in Notice.objects.all()}
    assert used == {"es": "1204", "en": "1,204"}
