"""What a Sieve script sends (forwarded mail, automatic answers) on its way out: Dovecot's ``sendmail_path``.

Called as ``… USER -i -f SENDER -- RECIPIENT…`` with the mail on standard input, as the mail user. The sender
of a forwarded mail is rewritten (nodeagent.srs) to the domain of the one who forwards it, and the mail goes
to a door of Postfix that takes it from this program alone, by a sign-in of its own. Status 0: Postfix has it
in its queue. 75 (EX_TEMPFAIL): not now; Dovecot keeps the mail and tries again.

Standard library only: it is started for every mail."""

from __future__ import annotations

import json
import os
import re
import smtplib
import sqlite3
import sys
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nodeagent.srs import BadAddressError, Rewriter

EX_OK, EX_USAGE, EX_UNAVAILABLE, EX_TEMPFAIL = 0, 64, 69, 75
SECONDS = 60
HEAD_BYTES = 64 * 1024
_LONE_LF = re.compile(rb"(?<!\r)\n")
_RECEIVED = re.compile(rb"^Received:", re.IGNORECASE | re.MULTILINE)
_REDIRECTED = re.compile(rb"^X-Sieve-Redirected-From:", re.IGNORECASE | re.MULTILINE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Settings:
    """``port``: of forwarded mail, left as it is. ``own_port``: of mail made here, which is signed.
    ``srs_key``: the file of the node's secret. ``directory``: to know whose domains are hosted here."""

    host: str
    port: int
    own_port: int
    login: str
    password: str
    srs_key: str
    directory: str


def main(config: str, argv: Sequence[str]) -> int:
    os.setresuid(os.geteuid(), os.geteuid(), os.geteuid())
    try:
        settings = Settings(**json.loads(Path(config).read_text(encoding="utf-8")))
        user, sender, recipients = arguments(argv)
    except (OSError, ValueError, TypeError) as error:
        sys.stderr.write(f"inject: {error}\n")
        return EX_USAGE if isinstance(error, ValueError) else EX_TEMPFAIL
    mail = _LONE_LF.sub(b"\r\n", sys.stdin.buffer.read())
    try:
        own = made_here(mail)
        envelope = sender if own else rewritten(settings, sender, user.rpartition("@")[2])
        send(settings, envelope, recipients, mail, own=own, user=user)
    except BadAddressError as error:
        sys.stderr.write(f"inject: {error}\n")
        return EX_UNAVAILABLE
    except smtplib.SMTPResponseException as error:
        sys.stderr.write(f"inject: {error.smtp_code} {error.smtp_error!r}\n")
        return EX_UNAVAILABLE if error.smtp_code >= 500 else EX_TEMPFAIL
    except (OSError, smtplib.SMTPException) as error:
        sys.stderr.write(f"inject: {type(error).__name__}: {error}\n")
        return EX_TEMPFAIL
    return EX_OK


def arguments(argv: Sequence[str]) -> tuple[str, str, list[str]]:
    """(who forwards, sender, recipients). Raises ValueError."""
    if "--" not in argv or "-f" not in argv:
        raise ValueError("usage: inject USER -i -f SENDER -- RECIPIENT…")
    end = argv.index("--")
    sender = argv[argv.index("-f") + 1].strip().strip("<>")
    recipients = [one.strip().strip("<>") for one in argv[end + 1 :]]
    if end < 3 or not recipients or not all(recipients):
        raise ValueError("A mail needs a recipient.")
    return argv[0].lower(), sender, recipients


def made_here(mail: bytes) -> bool:
    """An automatic answer or a refusal, not a mail that came in: no server has touched it yet."""
    head = mail[:HEAD_BYTES].partition(b"\r\n\r\n")[0].replace(b"\r\n", b"\n")
    return not _RECEIVED.search(head) and not _REDIRECTED.search(head)


def rewritten(settings: Settings, sender: str, domain: str) -> str:
    """The envelope sender under which the mail leaves. One of a domain that is hosted here stays."""
    host = sender.rpartition("@")[2].lower()
    if not sender or host == domain or _hosted(settings.directory, host):
        return sender
    key = Path(settings.srs_key).read_bytes().strip()
    try:
        return Rewriter(key).forward(sender, domain)
    except BadAddressError:
        return ""  # a sender that no bounce could reach: so none is made


def _hosted(directory: str, host: str) -> bool:
    try:
        connection = sqlite3.connect(f"{Path(directory).as_uri()}?mode=ro", uri=True, timeout=5)
        try:
            found = connection.execute("SELECT 1 FROM domains WHERE name = ? AND active = 1", (host,))
            return found.fetchone() is not None
        finally:
            connection.close()
    except sqlite3.Error:
        return False  # rewritten without need: that costs nobody a mail


def send(
    settings: Settings, sender: str, recipients: Sequence[str], mail: bytes, *, own: bool, user: str = ""
) -> None:
    """``user`` is told as RFC 4954 §5 has it, so that log and queue say whose mail it is: the sender of a
    forwarded mail does not."""
    port = settings.own_port if own else settings.port
    with smtplib.SMTP(settings.host, port, timeout=SECONDS, local_hostname="localhost") as client:
        client.ehlo()
        client.login(settings.login, settings.password)
        options = ["BODY=8BITMIME"] if client.has_extn("8bitmime") else []
        if user and user.isascii() and client.has_extn("auth"):
            options.append(f"AUTH={_xtext(user)}")
        if not all(text.isascii() for text in (sender, *recipients)) and client.has_extn("smtputf8"):
            options.append("SMTPUTF8")
            client.command_encoding = "utf-8"
        code, said = client.mail(sender, options)
        if code != 250:
            raise smtplib.SMTPResponseException(code, said)
        for recipient in recipients:
            code, said = client.rcpt(recipient)
            if code not in (250, 251):
                raise smtplib.SMTPResponseException(code, said)
        code, said = client.data(mail)
        if code != 250:
            raise smtplib.SMTPResponseException(code, said)


def _xtext(text: str) -> str:
    """RFC 3461 §4."""
    return "".join(
        letter if "!" <= letter <= "~" and letter not in "+=" else f"+{ord(letter):02X}" for letter in text
    )
