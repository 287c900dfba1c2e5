"""New log lines → Attempt: connections that came to nothing. The lines are hostile text."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime
from typing import NamedTuple

from django.db.models import QuerySet
from django.utils import timezone

from accounts.models import Domain
from accounts.signin.networks import near
from delivery import text
from delivery.wire import Line, field
from guides.models import Attempt, What
from provision.models import Node

_READ = frozenset({"connection", "disconnect", "auth", "auth-failed", "reject"})
_MOST = 500  # rows of one batch, the newest
_INCOMING = frozenset({"imap", "pop3"})
_PROTOCOLS = _INCOMING | {"smtp", ""}  # nobody watches for another, and there is no room for its name
_SUBMISSION = frozenset({"submission", "submissions"})
_UNTRUSTED = ("unknown ca", "bad certificate", "certificate unknown", "certificate expired")
_OLD = ("unsupported protocol", "no shared cipher", "protocol version", "version too low")
_PLAIN = ("wrong version number", "http request")
# Closed before anybody said a word: so the panel itself looks whether a port is open.
_SILENT = ("lost connection", "in 0 secs")
_RELAY, _NO_SIGN_IN = "Relay access denied", "not logged in"


class Told(NamedTuple):
    """What makes one row of Attempt."""

    network: str
    protocol: str
    service: str
    what: str
    sender: str = ""


def listen(_node: Node, lines: Sequence[Line]) -> None:
    """In the transaction that stores the lines (delivery.services.listeners)."""
    since = (timezone.now() - Attempt.BRIEF).timestamp()
    found: dict[Told, tuple[float, str]] = {}
    for line in lines:
        if line.kind in _READ and line.at >= since and (told := read(line)) is not None:
            before = found.get(told)
            if before is None or line.at >= before[0]:
                found[told] = line.at, text.inert(field(line.data, "user", 320))[:320]
    if found:
        _store(found)


def read(line: Line) -> Told | None:
    """None: nothing that a watch asks for."""
    client = text.client_address(field(line.data, "client", 300))
    network = near(client)
    if network == "unknown":
        return None
    if line.kind == "reject":
        return _refused(line, network)
    protocol, service = field(line.data, "protocol", 16), field(line.data, "service", 16)
    if protocol not in _PROTOCOLS:
        return None
    if line.kind == "auth":
        return _auth(line, network, protocol)
    what = _ended(line) if protocol in _INCOMING else None if protocol else _left(line, service)
    return Told(network, protocol or "smtp", service, what) if what else None


def _auth(line: Line, network: str, protocol: str) -> Told | None:
    """Dovecot's word, while it looks the name up; to IMAP and POP3 alone it gives a session."""
    cause, session = field(line.data, "cause", 20), field(line.data, "session", 64)
    if cause == "clear":
        return Told(network, protocol, "", What.CLEAR)
    if cause == "unknown":
        return Told(network, "" if session else "smtp", "", What.NAME)
    return None


def _ended(line: Line) -> str | None:
    """An IMAP or POP3 connection without a sign-in."""
    if line.kind == "auth-failed":
        return None
    reason, handshake = field(line.data, "reason", 300), field(line.data, "handshake", 200)
    if handshake == "Connection closed" and _SILENT[1] in reason:
        return None
    if handshake:
        return _handshake(handshake) if "SSL_accept" in handshake else What.PLAIN_ON_TLS
    if "Too many invalid commands" in reason:
        return What.TLS_ON_PLAIN
    return What.REACHED if line.data.get("encrypted") is True else None


def _left(line: Line, service: str) -> str | None:
    """An SMTP connection."""
    reason, encrypted = field(line.data, "reason", 300), line.data.get("encrypted") is True
    if line.kind == "auth-failed":
        return None
    if line.kind == "connection":
        if reason.startswith("SSL_accept"):
            return None if _SILENT[0] in reason else _handshake(reason)
        return What.TLS_ON_PLAIN if service == "submission" else None
    if service in _SUBMISSION and reason:
        return What.SIGNED_IN if "auth=1" in reason else None if encrypted else What.CLEAR
    return What.PORT_25 if not service and "auth=0/" in reason else None


def _handshake(reason: str) -> str:
    for words, what in ((_UNTRUSTED, What.UNTRUSTED), (_OLD, What.OLD), (_PLAIN, What.PLAIN_ON_TLS)):
        if any(word in reason for word in words):
            return what
    return What.HANDSHAKE


def _refused(line: Line, network: str) -> Told | None:
    """A mail that a program, or a server, wanted to hand in. Anybody may write any sender."""
    said, service = field(line.data, "text", 400), field(line.data, "service", 16)
    sender = text.inert(field(line.data, "from", 320)).lower()[:320]
    if service == "" and _RELAY in said:
        return Told(network, "smtp", service, What.PORT_25, sender)
    if service in _SUBMISSION and _NO_SIGN_IN in said:
        return Told(network, "smtp", service, What.NO_SIGN_IN, sender)
    return None


def _store(found: dict[Told, tuple[float, str]]) -> None:
    """In the order of their keys, as two nodes' lines may tell of one network at the same moment."""
    newest = sorted(found, key=lambda told: found[told][0])[-_MOST:]
    owners = _owners({text.domain_of(told.sender) for told in newest if told.sender})
    rows: dict[Told, Attempt] = {}
    for told in newest:
        owner = owners.get(text.domain_of(told.sender))
        key = told if owner is not None else told._replace(sender="")
        at, login = found[told]
        rows[key] = Attempt(**key._asdict(), domain_id=owner, login=login, at=datetime.fromtimestamp(at, UTC))
    Attempt.objects.bulk_create(
        [rows[key] for key in sorted(rows)],
        update_conflicts=True,
        unique_fields=["network", "protocol", "service", "what", "sender"],
        update_fields=["at", "login", "domain_id"],
    )


def _owners(names: set[str]) -> dict[str, int]:
    return dict(Domain.objects.filter(name__in=names).values_list("name", "pk")) if names - {""} else {}


def attempts_forget() -> int:
    """What nobody may look for any more. Idempotent."""
    now = timezone.now()
    old: QuerySet[Attempt] = Attempt.objects.filter(at__lt=now - Attempt.KEPT)
    brief = Attempt.objects.filter(at__lt=now - Attempt.BRIEF, domain_id=None)
    return old.delete()[0] + brief.delete()[0]
