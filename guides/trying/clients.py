"""Connections to a mail server of our own: to the node's own addresses alone, and only to a server whose
certificate is good for the name that mail programs are told. Raises OSError (ssl.SSLError among them)."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
import socket
import ssl
from base64 import b64encode
from collections.abc import Sequence
from dataclasses import dataclass

from django.conf import settings

from guides.clientconfig import Encryption, Server

NAME = "Postroom"  # what the test calls itself (RFC 2971)


@dataclass(frozen=True, slots=True)
class Door:
    """``server``: what a program is told; ``addresses``: the node's; ``timeout``: seconds for each answer;
    ``clients``: our own addresses as the node sees them, filled here."""

    server: Server
    addresses: Sequence[str]
    timeout: float
    clients: set[str]

    def plain(self) -> socket.socket:
        """To the first address that answers."""
        last: OSError = OSError("the server has no address")
        for address in self.addresses:
            try:
                made = socket.create_connection((address, self.server.port), self.timeout)
            except OSError as error:
                last = error
            else:
                self.clients.add(str(made.getsockname()[0]))
                return made
        raise last

    def opened(self) -> socket.socket:
        """With TLS, unless it comes later (STARTTLS)."""
        made = self.plain()
        if self.server.encryption is not Encryption.TLS:
            return made
        try:
            return tls().wrap_socket(made, server_hostname=self.server.host)
        except BaseException:
            made.close()
            raise


def tls() -> ssl.SSLContext:
    return ssl.create_default_context(cafile=settings.NODES_CA_FILE or None)


def plain_words(user: str, password: str) -> bytes:
    """SASL PLAIN (RFC 4616), which takes any letters."""
    return f"\0{user}\0{password}".encode()


class Imap(imaplib.IMAP4):
    def __init__(self, door: Door) -> None:
        self._door = door
        super().__init__(door.server.host, door.server.port, door.timeout)
        if door.server.encryption is Encryption.STARTTLS:
            self.starttls(tls())

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return self._door.opened()

    def sign_in(self, user: str, password: str) -> None:
        """Raises imaplib.IMAP4.error."""
        self.xatom("ID", f'("name" "{NAME}" "version" "1")')
        self.authenticate("PLAIN", lambda _challenge: plain_words(user, password))

    def close_now(self) -> None:
        try:
            self.logout()
        except (OSError, imaplib.IMAP4.error):
            self.shutdown()


class Pop(poplib.POP3):
    def __init__(self, door: Door) -> None:
        self._door = door
        super().__init__(door.server.host, door.server.port, door.timeout)
        if door.server.encryption is Encryption.STARTTLS:
            self.stls(tls())

    def _create_socket(self, timeout: float) -> socket.socket:
        return self._door.opened()

    def sign_in(self, user: str, password: str) -> None:
        """Raises poplib.error_proto."""
        words = b64encode(plain_words(user, password)).decode("ascii")
        self._shortcmd(f"AUTH PLAIN {words}")  # type: ignore[attr-defined]  # as pass_ does

    def close_now(self) -> None:
        try:
            self.quit()
        except (OSError, poplib.error_proto):
            self.close()


class Smtp(smtplib.SMTP):
    def __init__(self, door: Door) -> None:
        self._door = door
        super().__init__(door.server.host, door.server.port, "panel.invalid", door.timeout)
        if door.server.encryption is Encryption.STARTTLS:
            self.ehlo()
            self.starttls(context=tls())

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        return self._door.opened()

    def sign_in(self, user: str, password: str) -> None:
        """Raises smtplib.SMTPResponseException."""
        self.ehlo_or_helo_if_needed()
        words = b64encode(plain_words(user, password)).decode("ascii")
        code, answer = self.docmd("AUTH", f"PLAIN {words}")
        if code != 235:
            raise smtplib.SMTPAuthenticationError(code, answer)

    def close_now(self) -> None:
        try:
            self.quit()
        except (OSError, smtplib.SMTPException):
            self.close()
