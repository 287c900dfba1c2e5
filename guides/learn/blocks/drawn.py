"""The two drawings: the path of a mail, and the post office of a domain."""

from __future__ import annotations

from typing import Any

from django.utils.translation import gettext as _

from guides.clientconfig import Protocol
from guides.learn import drawing
from guides.learn.blocks.dns import mx
from guides.learn.drawing import Pair, Stop
from guides.learn.scope import Scope


def _at(scope: Scope, protocol: Protocol) -> dict[str, str]:
    """``host`` and ``port`` of a stop."""
    server = scope.config.server(protocol)
    if server is None:
        return {}
    return {"host": server.host, "port": _("port %(number)s") % {"number": server.port}}


def _drawn(pair: Pair, title: str) -> dict[str, Any]:
    return {"drawn": pair, "title": title, "shapes": [(pair.wide, "wide"), (pair.tall, "tall")]}


def path(scope: Scope) -> dict[str, Any]:
    """A mail that the reader sends, from program to device."""
    stops = [
        Stop(title=_("Your mail program"), icon="laptop", note=_("Signs in and hands the mail over.")),
        Stop(
            title=_("Outgoing server"),
            icon="fwd",
            **_at(scope, Protocol.SMTP),
            note=_("Checks who sends, signs the mail, looks up the MX."),
        ),
        Stop(
            title=_("Recipient’s server"),
            icon="office",
            port=_("port 25, by SMTP"),
            note=_("Checks for spam. Accepts, refuses or says “later”."),
        ),
        Stop(title=_("Their mailbox"), icon="box", note=_("Keeps the mail until somebody reads it.")),
        Stop(title=_("Their device"), icon="phone", note=_("Fetches it by IMAP or POP3.")),
    ]
    return _drawn(drawing.chain(stops), _("The path of a mail"))


def office(scope: Scope) -> dict[str, Any]:
    """A domain's post office with its live hosts."""
    rows = mx(scope)["rows"] or []
    target = rows[0].target if rows else ""
    imap = scope.config.server(Protocol.IMAP)
    coming = [
        Stop(title=_("The world"), icon="globe", note=_("Other people’s mail servers.")),
        Stop(
            title=_("MX record"),
            icon="route",
            host=target,
            note=_("The address plate: says which server takes the mail."),
        ),
        Stop(
            title=_("Incoming server"),
            icon="office",
            host=imap.host if imap else "",
            note=_("The sorting room: checks each mail, then delivers it."),
        ),
        Stop(title=_("Mailboxes"), icon="box", note=_("The pigeonholes: one for each address.")),
        Stop(
            title=_("Your devices"),
            icon="phone",
            **_at(scope, Protocol.IMAP),
            note=_("Read by IMAP, or fetch by POP3."),
        ),
    ]
    out = Stop(
        title=_("Outgoing server"),
        icon="fwd",
        **_at(scope, Protocol.SMTP),
        note=_("The posting counter: takes what you send."),
    )
    return _drawn(drawing.office(coming, out), _("The post office"))
