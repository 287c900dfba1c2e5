"""Postfix's lines about a connection that came to nothing: a mail program that is set up wrongly. Pure; all
of it hostile text.

Each is a ``connection`` with its ``client`` and ``service`` ("" is port 25) and, as ``reason``, the part of
the line that says what happened; ``encrypted``: whether TLS was there by then."""

from __future__ import annotations

import re
from typing import Any

from nodeagent.maillog.postfix_said import PEER

Found = tuple[str, str, dict[str, Any]]

_LEFT = re.compile(rf"disconnect from {PEER}((?: [a-z]+=\d+(?:/\d+)?)*)\Z")
_HANDSHAKE = re.compile(rf"SSL_accept error from {PEER}: (.{{1,200}})\Z", re.DOTALL)
_LIBRARY = re.compile(r"warning: TLS library problem: error:[0-9A-F]+:SSL routines:[^:]*:([^:]{1,100}):")
# Before our greeting was read; or what came was the begin of TLS (RFC 8446 §5.1), octal as Postfix writes it.
_LOST = re.compile(
    rf"(?:lost connection after CONNECT from {PEER}\Z"
    rf"|improper command pipelining after CONNECT from {PEER}: \\026\\003)"
)
_REASON_FOLLOWS = "-1"  # in a line of OpenSSL's own


def left(body: str, service: str, *, encrypted: bool) -> Found:
    """The end of a connection: ``auth=0/1`` are tries to sign in that were refused, ``auth=1`` one that
    was let
    in. What succeeded in something else than that tells nothing here."""
    found = _LEFT.match(body) if " auth=" in body or " mail=0/" in body else None
    if found is None or " data=" in found[2] or " mail=1" in found[2]:
        return "disconnect", "", {}
    data = {"client": found[1], "service": service, "reason": found[2].strip(), "encrypted": encrypted}
    return "disconnect", "", data


def handshake(body: str, service: str) -> tuple[str, Found | None] | None:
    """(client, what is known): None for what is known while OpenSSL's reason is still to come."""
    found = _HANDSHAKE.match(body)
    if found is None:
        return None
    if found[2] == _REASON_FOLLOWS:
        return found[1], None
    return found[1], _said(found[1], service, f"SSL_accept error: {found[2]}")


def library(body: str, client: str, service: str) -> Found | None:
    """Why the handshake with ``client``, which the line before told of, failed."""
    found = _LIBRARY.match(body)
    return _said(client, service, f"SSL_accept error: {found[1]}") if found is not None else None


def lost(body: str, service: str) -> Found | None:
    """Gone after our greeting without a word, or with the first bytes of TLS, which come too early here."""
    found = _LOST.match(body)
    if found is None:
        return None
    reason = "lost connection after CONNECT" if found[1] else "TLS before STARTTLS"
    return _said(found[1] or found[2], service, reason)


def _said(client: str, service: str, reason: str) -> Found:
    return "connection", "", {"client": client, "service": service, "reason": reason, "encrypted": False}
