"""One line of a test's answer, and what a failure means in plain words."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import ssl
from dataclasses import dataclass
from enum import StrEnum

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

Text = str | Promise
PROTOCOL_ERRORS = (imaplib.IMAP4.error, poplib.error_proto, smtplib.SMTPException)
FAILURES = (OSError, *PROTOCOL_ERRORS)
_SAID_MAX = 300


class Why(StrEnum):
    WRONG = "wrong"  # the password
    STOPPED = "stopped"  # the password is right, and something else keeps it out
    AWAY = "away"
    CERTIFICATE = "certificate"
    FULL = "full"
    LIMIT = "limit"
    BUSY = "busy"  # the server asks to try later
    OTHER = "other"


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """``what``: was tried; ``ok`` None: left out, and ``words`` say why; ``said``: the server's own answer,
    hostile text; ``seconds``: how long it took."""

    what: Text
    ok: bool | None
    words: Text = ""
    todo: Text = ""
    said: str = ""
    seconds: float = 0.0


_WORDS: dict[Why, tuple[Text, Text]] = {
    Why.WRONG: (
        __("The server refused the password."),
        __(
            "Type it again, with small and capital letters as they are. An app password is typed "
            "whole, with its "
            "hyphen. Forgotten? Set a new one."
        ),
    ),
    Why.STOPPED: (
        __("The password is right, but it may not be used for this."),
        __("What the server answered says why. Ask who looks after your mail."),
    ),
    Why.AWAY: (
        __("The server did not answer."),
        __("It is our side, not yours. Try again in some minutes, and tell who looks after your mail."),
    ),
    Why.CERTIFICATE: (
        __("The server’s certificate is not good for this name, so mail programs warn or refuse."),
        __("Do not switch the check off in the program. Tell who looks after your mail."),
    ),
    Why.FULL: (
        __("The mailbox is full, so it takes no mail."),
        __("Delete large mails and empty the trash, or have the mailbox made larger."),
    ),
    Why.LIMIT: (
        __("The sending limit is reached for now."),
        __("Wait until the time is over, or ask who looks after your mail for a higher limit."),
    ),
    Why.BUSY: (__("The server asks to try again later."), __("Wait a minute, then test again.")),
    Why.OTHER: (__("The server refused it."), __("What the server answered says why.")),
}


def failed(what: Text, error: Exception, seconds: float, *, signed_in: bool) -> tuple[Step, Why]:
    """``signed_in``: this password was good elsewhere a moment ago."""
    said = answer(error)
    why = reason(error, said)
    words, todo = _WORDS[why]
    if why is Why.WRONG and signed_in:
        why = Why.STOPPED
        words = _("This password is good elsewhere, and refused here.")
        todo = _(
            "If it is an app password, make one that may be used for this too. Else sending is "
            "suspended or switched "
            "off for this mailbox."
        )
    shown = said if isinstance(error, PROTOCOL_ERRORS) else ""
    return Step(what=what, ok=False, words=words, todo=todo, said=shown, seconds=seconds), why


# In Dovecot's answer to a sign-in; what else it says is the reason that goes with a right password.
_SIGNING_IN = (
    ("AUTHENTICATIONFAILED", Why.WRONG),
    ("Authentication failed", Why.WRONG),
    ("OVERQUOTA", Why.FULL),
    ("UNAVAILABLE", Why.BUSY),
    ("SYS/TEMP", Why.BUSY),
)


def reason(error: Exception, said: str) -> Why:
    if isinstance(error, ssl.SSLCertVerificationError):
        return Why.CERTIFICATE
    gone = isinstance(error, smtplib.SMTPServerDisconnected | imaplib.IMAP4.abort)
    if gone or (isinstance(error, OSError) and not isinstance(error, smtplib.SMTPException)):
        return Why.AWAY
    if "Sending limit" in said:
        return Why.LIMIT
    if isinstance(error, smtplib.SMTPResponseException):
        return _smtp(error, said)
    return next((why for words, why in _SIGNING_IN if words in said), Why.STOPPED)


def _smtp(error: smtplib.SMTPResponseException, said: str) -> Why:
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Why.WRONG if error.smtp_code == 535 else Why.BUSY
    if error.smtp_code == 552 or "5.2.2" in said:
        return Why.FULL
    return Why.BUSY if 400 <= error.smtp_code < 500 else Why.OTHER


def answer(error: Exception) -> str:
    """What the server said, as text."""
    if isinstance(error, smtplib.SMTPResponseException):
        return f"{error.smtp_code} {_text(error.smtp_error)}"[:_SAID_MAX]
    return " ".join(_text(part) for part in error.args)[:_SAID_MAX]


def _text(part: object) -> str:
    return part.decode("utf-8", "replace") if isinstance(part, bytes) else str(part)
