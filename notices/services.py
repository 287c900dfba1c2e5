"""Writing mails into the outbox, and getting them out of it."""

from __future__ import annotations

import datetime as dt
import logging
import smtplib
from collections.abc import Callable
from typing import Any

from celery import current_app
from django.contrib.auth import get_user_model
from django.core import mail
from django.db import transaction
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from lib import languages
from notices import kinds, readers
from notices.composing import compose
from notices.models import Notice
from notices.schedule import PANEL_QUEUE, TASK_SEND

logger = logging.getLogger(__name__)

LEASE = dt.timedelta(minutes=5)  # longer than one SMTP conversation at settings.EMAIL_TIMEOUT a step
BACK_OFF = (30, 60, 120, 300, 900, 1800, 3600, 7200, 14_400)  # seconds; the last goes on
MOST_TRIES = 26  # about three days


@transaction.atomic
def notice_send(
    *,
    kind: str,
    to: str,
    user_id: int | None = None,
    context: dict[str, Any] | Callable[[], dict[str, Any]],
    brand: dict[str, Any] | None = None,
    language: str = "",
    dedupe: str | None = None,
) -> Notice | None:
    """One mail, sent once the caller's transaction is committed. None: the person switched this kind off, or
    a row with ``dedupe`` is there already.

    ``context``: JSON without secrets, its keys in notices.kinds; a function makes it in the reader's
    language, which is the person's, else ``language``, else that of whoever has the address
    (notices.readers), else the brand's, else the provider's.
    Raises LookupError for a kind that nobody registered.
    """
    known = kinds.get(kind)
    person = _person(user_id)
    if person and not known.security and kind in person["muted_notices"]:
        return None
    spoken = languages.known(person["language"] if person else "") or languages.known(language)
    spoken = spoken or languages.first_known(readers.language_at(to), (brand or {}).get("language"))
    with translation.override(spoken):
        context = context() if callable(context) else context
    values = {
        "kind": kind,
        "to": to,
        "user_id": user_id,
        "context": context,
        "brand": brand or {},
        "language": spoken,
    }
    if dedupe is None:
        notice: Notice = Notice.objects.create(**values)
    else:
        notice, new = Notice.objects.get_or_create(dedupe=dedupe, defaults=values)
        if not new:
            return None
    transaction.on_commit(_wake_worker, robust=True)
    return notice


@transaction.atomic
def notice_retry(*, notice: Notice) -> None:
    """Try again now, also what was given up; nothing for one that is sent."""
    Notice.objects.filter(pk=notice.pk, sent_at__isnull=True).update(
        failed_at=None, next_try_at=timezone.now(), attempts=0
    )
    transaction.on_commit(_wake_worker, robust=True)


def told(prefix: str) -> dict[str, dt.datetime]:
    """The ``dedupe`` keys that begin so, with the time at which they were told."""
    rows = Notice.objects.filter(dedupe__startswith=prefix)
    return {key: at for key, at in rows.values_list("dedupe", "created_at") if key}


def told_as(before: str, now: str | None) -> None:
    """What was told under one key counts under another from now on, or (None) may be told again."""
    Notice.objects.filter(dedupe=before).update(dedupe=now)


def notices_deliver(*, most: int = 500) -> int:
    """Send what is due, each row by one worker at a time and outside a transaction. How many were tried.

    At least once: a worker that dies between the server's yes and ours sends again, with the same
    Message-ID.
    """
    tried = 0
    connection = mail.get_connection()
    try:
        while tried < most and (notice := _claim()):
            tried += 1
            _try(notice, connection)
    finally:
        _close(connection)
    return tried


def notices_tidy() -> int:
    """Forget mails that are older than KEPT."""
    gone, _each = Notice.objects.old().delete()
    return int(gone)


def _person(user_id: int | None) -> dict[str, Any] | None:
    if user_id is None:
        return None
    people = get_user_model().objects.filter(pk=user_id)
    found = people.values("language", "muted_notices").first()
    return dict(found) if found else None


def _wake_worker() -> None:
    try:
        current_app.send_task(TASK_SEND, queue=PANEL_QUEUE, retry=False)
    except OperationalError as error:
        logger.warning("the broker does not answer, the mail waits for the next beat: %s", error)


@transaction.atomic
def _claim() -> Notice | None:
    notice: Notice | None = (
        Notice.objects.due().select_for_update(skip_locked=True).order_by("next_try_at").first()
    )
    if notice:
        notice.attempts += 1
        notice.next_try_at = timezone.now() + LEASE
        notice.save(update_fields=["attempts", "next_try_at"])
    return notice


def _try(notice: Notice, connection: Any) -> None:
    try:
        message = compose(notice)
        if message is None:
            _failed(notice, "no longer wanted", give_up=True)
            return
        message.connection = connection
        message.send()
    except Exception as error:
        _close(connection)
        logger.warning("mail %d (%s) did not leave: %s", notice.pk, notice.kind, type(error).__name__)
        _failed(notice, _reason(error), give_up=_is_permanent(error))
    else:
        Notice.objects.filter(pk=notice.pk).update(sent_at=timezone.now(), failed_at=None, last_error="")


def _failed(notice: Notice, reason: str, *, give_up: bool) -> None:
    now = timezone.now()
    pause = BACK_OFF[min(notice.attempts, len(BACK_OFF)) - 1]
    over = give_up or notice.attempts >= MOST_TRIES
    Notice.objects.filter(pk=notice.pk, sent_at__isnull=True).update(
        last_error=reason[:500],
        failed_at=now if over else None,
        next_try_at=now + dt.timedelta(seconds=pause),
    )


def _is_permanent(error: Exception) -> bool:
    """RFC 5321 §4.2.1: 5yz is for good. Signing in is ours to put right, so it is tried again."""
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return False
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return all(500 <= code < 600 for code, _text in error.recipients.values())
    return isinstance(error, smtplib.SMTPResponseException) and 500 <= error.smtp_code < 600


def _reason(error: Exception) -> str:
    """What the server said, or what stood in the way; never a line of the mail."""
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        return "; ".join(f"{code} {_text(said)}" for code, said in error.recipients.values())
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"
    if isinstance(error, OSError):  # SMTPException is one
        return f"{type(error).__name__}: {error}"
    return type(error).__name__


def _text(said: bytes | str) -> str:
    return said.decode(errors="replace") if isinstance(said, bytes) else said


def _close(connection: Any) -> None:
    try:
        connection.close()
    except (OSError, smtplib.SMTPException):
        logger.info("the mail server hung up first")
