"""What stands for ``[[name]]`` in an article: this reader's hosts, ports and names, each with its copy
button."""

from __future__ import annotations

from collections.abc import Callable

from django.template.loader import render_to_string
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from guides.clientconfig import Encryption, Protocol, Server
from guides.learn.scope import Scope
from lib.templatetags.ui import address

EXAMPLE = "example.com"  # RFC 2606 §3; for a reader of no domain
_PROTOCOLS = {"imap": Protocol.IMAP, "pop3": Protocol.POP3, "smtp": Protocol.SMTP}
_OF_SERVERS = {"host", "port", "starttls"}
NAMES = frozenset({"domain", "address"} | {f"{name}.{what}" for name in _PROTOCOLS for what in _OF_SERVERS})


def value_of(scope: Scope, name: str) -> str:
    """As text; empty where this reader has none, such as the port of a protocol that the plan leaves out."""
    if name == "domain":
        return scope.domain.display_name if scope.domain else EXAMPLE
    if name == "address":
        return scope.config.address or f"ana@{scope.domain.name if scope.domain else EXAMPLE}"
    protocol, _dot, what = name.partition(".")
    server = _server(scope, _PROTOCOLS[protocol], starttls=what == "starttls")
    if server is None:
        return ""
    return server.host if what == "host" else str(server.port)


def _server(scope: Scope, protocol: Protocol, *, starttls: bool) -> Server | None:
    if not starttls:
        return scope.config.server(protocol)
    every = [*scope.config.servers, *scope.config.others]
    found = (each for each in every if each.protocol is protocol and each.encryption is Encryption.STARTTLS)
    return next(found, None)


def value_shown(scope: Scope, name: str) -> SafeString:
    text = value_of(scope, name)
    if not text:
        return format_html("<em>{}</em>", _("not offered here"))
    if name == "domain":
        return address(text)
    labels: dict[str, Callable[[], str]] = {
        "host": lambda: _("host"),
        "port": lambda: _("port"),
        "starttls": lambda: _("port"),
        "address": lambda: _("address"),
    }
    label = labels[name.rpartition(".")[2]]()
    return SafeString(render_to_string("components/copy.html", {"value": text, "label": label}).strip())
