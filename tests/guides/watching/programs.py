"""Mail programs that are set up rightly and wrongly, from an internet address of their own."""

from __future__ import annotations

import contextlib
import imaplib
import smtplib
import socket
import ssl
import warnings
from base64 import b64encode
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench import clients
from bench.stack import Stack

TIMEOUT = 8
THUNDERBIRD = '("name" "Thunderbird" "version" "128.5.0" "os" "Linux")'


@dataclass(frozen=True)
class Program:
    """On a machine whose address is ``at`` (of 127/8)."""

    stack: Stack
    at: str
    address: str
    password: str

    def socket(self, service: str) -> socket.socket:
        host, port = self.stack.at(service)
        return socket.create_connection((host, port), TIMEOUT, source_address=(self.at, 0))

    def tls(self) -> ssl.SSLContext:
        return self.stack.tls()

    def talk(self, service: str, *lines: str, tls: ssl.SSLContext | None = None) -> list[str]:
        """Says these lines, one after each answer."""
        answers = []
        with contextlib.closing(self.socket(service)) as plain:
            there = tls.wrap_socket(plain, server_hostname="localhost") if tls else plain
            with contextlib.closing(there):
                answers.append(there.recv(2000).decode())
                for line in lines:
                    there.sendall(line.encode() + b"\r\n")
                    answers.append(there.recv(2000).decode())
        return answers

    @contextlib.contextmanager
    def imap(self, user: str = "", says: str = THUNDERBIRD) -> Iterator[imaplib.IMAP4]:
        client = _Imap(self)
        try:
            client.xatom("ID", says)
            client.login(user or self.address, self.password)
            yield client
        finally:
            with contextlib.suppress(imaplib.IMAP4.error, OSError):
                client.logout()

    def imap_once(self, user: str = "", says: str = THUNDERBIRD) -> None:
        with contextlib.suppress(imaplib.IMAP4.error), self.imap(user, says):
            pass

    @contextlib.contextmanager
    def smtp(self) -> Iterator[smtplib.SMTP]:
        host, port = self.stack.at("submissions")
        with smtplib.SMTP_SSL(
            host, port, timeout=TIMEOUT, context=self.tls(), source_address=(self.at, 0)
        ) as client:
            client.ehlo("laptop")
            yield client

    def smtp_once(self, user: str = "", *, send: bool = False) -> None:
        with self.smtp() as client:
            client.user, client.password = user or self.address, self.password
            with contextlib.suppress(smtplib.SMTPAuthenticationError):
                client.auth("PLAIN", client.auth_plain)
                if send:
                    client.send_message(clients.letter(self.address, self.address, "To myself"))

    def plain_words(self) -> str:
        return b64encode(f"\0{self.address}\0{self.password}".encode()).decode()


class _Imap(imaplib.IMAP4):
    def __init__(self, program: Program) -> None:
        self._program = program
        super().__init__("localhost")

    def _create_socket(self, timeout: Any) -> socket.socket:
        plain = self._program.socket("imaps")
        return self._program.tls().wrap_socket(plain, server_hostname="localhost")


def distrusting() -> ssl.SSLContext:
    """Knows no authority that vouches for the stack's servers."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    return context


def outdated() -> ssl.SSLContext:
    """Knows TLS 1.1 at most."""
    context = distrusting()
    context.verify_mode = ssl.CERT_NONE
    context.set_ciphers("ALL:@SECLEVEL=0")
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", DeprecationWarning)  # that is what it is for
        context.maximum_version = ssl.TLSVersion.TLSv1_1
    return context
