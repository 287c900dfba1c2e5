"""Real mail programs and a resolver, as short functions."""

from __future__ import annotations

import contextlib
import imaplib
import poplib
import smtplib
import time
from collections.abc import Callable, Iterator
from concurrent.futures import Executor, Future
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from typing import TypeVar

import dns.flags
import dns.message
import dns.query
import dns.rdatatype

from bench.stack import Stack

TIMEOUT = 30
T = TypeVar("T")


def until(ask: Callable[[], T | None], *, within: float, what: str, every: float = 0.05) -> T:
    """Ask until there is an answer other than None; TimeoutError says what did not come."""
    end = time.monotonic() + within
    while True:
        answer = ask()
        if answer is not None:
            return answer
        if time.monotonic() > end:
            raise TimeoutError(f"{what}: not within {within:g} s")
        time.sleep(every)


@contextlib.contextmanager
def imap(stack: Stack, address: str, password: str) -> Iterator[imaplib.IMAP4_SSL]:
    """Signed in. Raises imaplib.IMAP4.error when refused."""
    host, port = stack.at("imaps")
    client = imaplib.IMAP4_SSL(host, port, ssl_context=stack.tls(), timeout=TIMEOUT)
    try:
        client.login(address, password)
        yield client
    finally:
        with contextlib.suppress(imaplib.IMAP4.error, OSError):
            client.logout()
        with contextlib.suppress(OSError):  # logout leaves the socket open when the server has hung up
            client.shutdown()


def imap_opens(stack: Stack, address: str, password: str) -> bool:
    try:
        with imap(stack, address, password):
            return True
    except imaplib.IMAP4.error:
        return False


def refusal(pool: Executor, opens: Callable[[], bool]) -> Future[bool]:
    """Try to sign in from now on, in the background: Dovecot decides at once and answers two seconds later.
    True when refused."""
    return pool.submit(lambda: not opens())


def imap_find(stack: Stack, address: str, password: str, subject: str) -> bytes | None:
    """The whole mail with this subject, or None."""
    with imap(stack, address, password) as client:
        client.select("INBOX")
        found = client.search(None, "SUBJECT", f'"{subject}"')[1][0].split()
        if not found:
            return None
        part = client.fetch(found[-1].decode(), "(RFC822)")[1][0]
        return part[1] if isinstance(part, tuple) else None


def pop_subjects(stack: Stack, address: str, password: str) -> list[str]:
    host, port = stack.at("pop3s")
    client = poplib.POP3_SSL(host, port, context=stack.tls(), timeout=TIMEOUT)
    try:
        client.user(address)
        client.pass_(password)
        count, _size = client.stat()
        heads = [b"\n".join(client.top(number, 0)[1]) for number in range(1, count + 1)]
    finally:
        client.quit()
    lines = b"\n".join(heads).decode("utf-8", "replace").splitlines()
    return [line[9:] for line in lines if line.lower().startswith("subject: ")]


def letter(sender: str, recipient: str, subject: str) -> EmailMessage:
    mail = EmailMessage()
    mail["From"], mail["To"], mail["Subject"] = sender, recipient, subject
    mail["Date"], mail["Message-ID"] = formatdate(localtime=True), make_msgid(domain="smoke.test")
    mail.set_content(f"{subject}\n")
    return mail


@contextlib.contextmanager
def submission(stack: Stack, service: str, address: str, password: str) -> Iterator[smtplib.SMTP]:
    """``submission`` (STARTTLS) or ``submissions`` (implicit TLS), signed in."""
    host, port = stack.at(service)
    if service == "submissions":
        client: smtplib.SMTP = smtplib.SMTP_SSL(host, port, timeout=TIMEOUT, context=stack.tls())
    else:
        client = smtplib.SMTP(host, port, timeout=TIMEOUT)
        client.starttls(context=stack.tls())
    try:
        client.ehlo()
        client.user, client.password = address, password
        # login() would try a second mechanism after a refusal, and wait for another one.
        client.auth("PLAIN", client.auth_plain)
        yield client
    finally:
        with contextlib.suppress(smtplib.SMTPException, OSError):
            client.quit()


def smtp_opens(stack: Stack, address: str, password: str) -> bool:
    try:
        with submission(stack, "submissions", address, password):
            return True
    except smtplib.SMTPAuthenticationError:
        return False


def ask(stack: Stack, name: str, rdtype: str) -> list[str]:
    """What the authoritative server answers, as text, sorted; empty when it answers with nothing."""
    host, port = stack.at("dns")
    query = dns.message.make_query(name, rdtype)
    answer = dns.query.udp(query, host, port=port, timeout=5)
    if answer.flags & dns.flags.TC:
        answer = dns.query.tcp(query, host, port=port, timeout=5)
    kind = dns.rdatatype.from_text(rdtype)
    return sorted(
        rdata.to_text().lower() for rrset in answer.answer if rrset.rdtype == kind for rdata in rrset
    )
