"""The mail server that mail is imported from: only at a public address, only over TLS with a certificate of
its name, and nothing there is ever changed."""

from __future__ import annotations

import imaplib
import ipaddress
import re
import socket
import ssl
from collections.abc import Iterable
from typing import Any

from nodeagent import public
from nodeagent.jobs.folders import Folder, mapped
from nodeagent.jobs.work import JobFailedError, TryLaterError

SECONDS = 30.0
LISTED = re.compile(rb'\((?P<flags>[^)]*)\) (?:"(?P<mark>\\?.)"|NIL) (?P<name>.+)\Z', re.DOTALL)
imaplib._MAXLINE = 10_000_000  # type: ignore[attr-defined]  # long lists of folders in one answer


class Foreign:
    """``security``: ``tls`` or ``starttls``. ``ours``: addresses of the provider's own servers. ``allow``:
    networks that count as public, for tests."""

    def __init__(
        self,
        host: str,
        port: int,
        security: str,
        user: str,
        password: str,
        *,
        allow: Iterable[str] = (),
        ours: Iterable[str] = (),
    ) -> None:
        self.host, self.port, self.security = host, port, security
        self.user, self._password = user, password
        self.ours = set(ours)
        self._allow = [ipaddress.ip_network(text) for text in allow]

    def address(self) -> str:
        """One that may be connected to. Raises JobFailedError."""
        try:
            found = socket.getaddrinfo(self.host, self.port, type=socket.SOCK_STREAM)
        except (socket.gaierror, UnicodeError) as error:
            text = f"There is no server called {self.host}. Check the name of the mail server."
            raise JobFailedError(text) from error
        addresses = [str(entry[4][0]) for entry in found]
        for address in addresses:
            if any(ipaddress.ip_address(address.partition("%")[0]) in network for network in self._allow):
                return address
            if public.is_public(address) and address not in self.ours:
                return address
        raise JobFailedError(
            f"{self.host} leads to an address inside a network, or to this server itself. "
            "Mail is imported only from servers in the public internet."
        )

    def connect(self) -> imaplib.IMAP4:
        """Signed in. Raises JobFailedError, TryLaterError."""
        address = self.address()
        context = ssl.create_default_context()
        try:
            if self.security == "tls":
                server: imaplib.IMAP4 = _Tls(self.host, address, self.port, context)
            else:
                server = _Plain(self.host, address, self.port, context)
                server.starttls(context)
        except ssl.SSLCertVerificationError as error:
            raise JobFailedError(
                f"The certificate of {self.host} is not one for this name ({error.verify_message}). "
                "Use the name that its provider gives for mail programs."
            ) from error
        except (OSError, imaplib.IMAP4.error, EOFError) as error:
            raise TryLaterError(
                f"{self.host} does not answer on port {self.port} ({said(error)})."
            ) from error
        self._sign_in(server)
        return server

    def _sign_in(self, server: imaplib.IMAP4) -> None:
        try:
            server.login(self.user, self._password)
        except imaplib.IMAP4.abort as error:
            raise TryLaterError(f"{self.host} closed the connection ({said(error)}).") from error
        except imaplib.IMAP4.error as error:
            raise JobFailedError(
                f"{self.host} does not accept the user name and password: {said(error)} "
                "Some providers want an app password made for mail programs."
            ) from error
        except OSError as error:
            raise TryLaterError(f"{self.host} does not answer ({said(error)}).") from error


def folders(server: imaplib.IMAP4) -> list[Folder]:
    """Those that are imported."""
    _status, lines = server.list()
    listed = []
    for line in lines:
        raw = b"".join(line) if isinstance(line, tuple) else line
        match = LISTED.match(_unliteral(line) if isinstance(line, tuple) else raw or b"")
        if match:
            flags = frozenset(flag.lower() for flag in match["flags"].decode("ascii", "replace").split())
            listed.append((flags, (match["mark"] or b"")[-1:], unquoted(match["name"])))
    if not any(name.upper() == b"INBOX" for _flags, _mark, name in listed):
        listed.append((frozenset(), b"/", b"INBOX"))
    return mapped(listed)


def _unliteral(parts: tuple[Any, ...]) -> bytes:
    """``(\\Flags) "/" {5}`` and what follows it."""
    return re.sub(rb"\{\d+\+?\}\Z", b"", parts[0]) + quoted(parts[1])


def counts(server: imaplib.IMAP4, folder: Folder) -> tuple[int, int]:
    """Mails, and bytes where the server tells (RFC 8438), else 0."""
    asks = "(MESSAGES SIZE)" if "STATUS=SIZE" in server.capabilities else "(MESSAGES)"
    try:
        _status, data = server.status(quoted(folder.source).decode("utf-8", "surrogateescape"), asks)
    except imaplib.IMAP4.error:
        return 0, 0
    text = b" ".join(part if isinstance(part, bytes) else b"".join(part) for part in data if part)
    mails, size = (re.search(word + rb" (\d{1,15})", text) for word in (rb"MESSAGES", rb"SIZE"))
    return int(mails[1]) if mails else 0, int(size[1]) if size else 0


def quoted(name: bytes) -> bytes:
    return b'"' + name.replace(b"\\", b"\\\\").replace(b'"', b'\\"') + b'"'


def unquoted(name: bytes) -> bytes:
    name = name.strip()
    return re.sub(rb"\\(.)", rb"\1", name[1:-1]) if name[:1] == b'"' == name[-1:] else name


def said(error: BaseException) -> str:
    """One line of what a stranger's server says."""
    text = error.args[0] if error.args else ""
    if isinstance(text, bytes):
        text = text.decode("utf-8", "replace")
    if isinstance(error, OSError) and error.strerror:
        text = error.strerror
    line = re.sub(r"[^\x20-\x7e\xa0-\ud7ff]+", " ", str(text)).strip()[:200]
    return line or type(error).__name__


class _Plain(imaplib.IMAP4):
    """Connects to ``address``; the certificate is held against ``name``."""

    def __init__(self, name: str, address: str, port: int, context: ssl.SSLContext) -> None:
        self.address, self.context = address, context
        super().__init__(name, port, timeout=SECONDS)

    def _create_socket(self, timeout: float | None) -> socket.socket:
        return socket.create_connection((self.address, self.port), timeout)


class _Tls(_Plain):
    def _create_socket(self, timeout: float | None) -> socket.socket:
        plain = super()._create_socket(timeout)
        return self.context.wrap_socket(plain, server_hostname=self.host)
