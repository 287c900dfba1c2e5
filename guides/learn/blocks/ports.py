"""Ports and servers, from the one source of both (guides.clientconfig)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _

from guides.clientconfig import Encryption, Protocol
from guides.learn.scope import Scope


@dataclass(frozen=True, slots=True, kw_only=True)
class Port:
    """``number``: as this reader's server has it; ``usual``: as the standards name it. ``here``: whether
    programs find it on this server. ``css`` and ``icon``: of the verdict."""

    number: int
    usual: int
    protocol: str
    encryption: str
    use: str
    verdict: str
    css: str
    icon: str
    here: bool = True


def servers(scope: Scope) -> dict[str, Any]:
    return {"config": scope.config}


def ports(scope: Scope) -> dict[str, Any]:
    """First what to use, then what one meets in old instructions."""
    return {"good": _good(scope), "old": _old(scope)}


def _port(scope: Scope, protocol: Protocol, encryption: Encryption, usual: int, use: str, good: bool) -> Port:
    every = [*scope.config.servers, *scope.config.others]
    found = (each for each in every if (each.protocol, each.encryption) == (protocol, encryption))
    server = next(found, None)
    first = good and encryption is Encryption.TLS
    verdict = (
        _("Use this one") if first else _("Good too") if good else _("Only if a program can do no better")
    )
    if server is None:
        verdict = _("Not offered here")
    return Port(
        number=server.port if server else usual,
        usual=usual,
        protocol=protocol.value,
        encryption=encryption.value,
        use=use,
        verdict=verdict,
        css="off" if server is None else "ok" if good else "wait",
        icon="dots" if server is None else "check" if good else "info",
        here=server is not None,
    )


def _good(scope: Scope) -> list[Port]:
    tls, starttls = Encryption.TLS, Encryption.STARTTLS
    return [
        _port(scope, Protocol.SMTP, tls, 465, _("Sending. Encrypted from the first byte."), True),
        _port(
            scope, Protocol.SMTP, starttls, 587, _("Sending. Begins open, then turns to encryption."), True
        ),
        _port(scope, Protocol.IMAP, tls, 993, _("Reading by IMAP. Encrypted from the first byte."), True),
        _port(scope, Protocol.POP3, tls, 995, _("Reading by POP3. Encrypted from the first byte."), True),
    ]


def _old(scope: Scope) -> list[Port]:
    starttls = Encryption.STARTTLS
    between = Port(
        number=25,
        usual=25,
        protocol="SMTP",
        encryption=_("between servers"),
        use=_("Mail servers hand mail to each other here. No mail program sends through it."),
        verdict=_("Never in a mail program"),
        css="off",
        icon="noentry",
        here=False,
    )
    return [
        _port(
            scope, Protocol.IMAP, starttls, 143, _("Reading by IMAP; encrypted only after STARTTLS."), False
        ),
        _port(
            scope, Protocol.POP3, starttls, 110, _("Reading by POP3; encrypted only after STARTTLS."), False
        ),
        between,
    ]
