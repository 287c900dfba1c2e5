"""What a mail program must be told, from one place: every card, guide and automatic answer derives from here.

Pure: no Django model, no request. Implicit TLS comes first, STARTTLS second, clear text never (RFC 8314 §3).
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum


class Protocol(StrEnum):
    IMAP = "IMAP"
    POP3 = "POP3"
    SMTP = "SMTP"


class Encryption(StrEnum):
    """The words that mail programs show, the same in every language."""

    TLS = "SSL/TLS"
    STARTTLS = "STARTTLS"


class Authentication(StrEnum):
    """What the person proves to be themselves with. The words of Thunderbird, which others share."""

    PASSWORD = "Normal password"  # noqa: S105 - the password itself, inside TLS: no password of anybody


@dataclass(frozen=True, slots=True, kw_only=True)
class Server:
    """One row of a mail program's account dialog. ``username`` is the whole address."""

    protocol: Protocol
    host: str
    port: int
    encryption: Encryption
    username: str
    authentication: Authentication = Authentication.PASSWORD


@dataclass(frozen=True, slots=True, kw_only=True)
class ClientConfig:
    """``servers``: one a protocol, the one to use. ``others``: for programs that cannot do those."""

    address: str
    servers: tuple[Server, ...]
    others: tuple[Server, ...]

    def server(self, protocol: Protocol) -> Server | None:
        return next((server for server in self.servers if server.protocol is protocol), None)

    def every(self, protocol: Protocol) -> tuple[Server, ...]:
        """All ways to this service, the one to use first."""
        return tuple(server for server in (*self.servers, *self.others) if server.protocol is protocol)


# (protocol, the node's name for the port, encryption): the first that a node has is the one to use.
_OFFERS = (
    (Protocol.IMAP, "imaps", Encryption.TLS),
    (Protocol.IMAP, "imap", Encryption.STARTTLS),
    (Protocol.POP3, "pop3s", Encryption.TLS),
    (Protocol.POP3, "pop3", Encryption.STARTTLS),
    (Protocol.SMTP, "submissions", Encryption.TLS),
    (Protocol.SMTP, "submission", Encryption.STARTTLS),
)


def client_config(address: str, *, host: str, ports: Mapping[str, int]) -> ClientConfig:
    """The settings of ``address`` on the mail node ``host`` with the node's ``ports`` (service name →
    number).

    A service that the node lacks is left out. Port 25 is never offered: mail programs submit on 465 or 587
    (RFC 6409 §3.1, RFC 8314 §3.3).
    """
    chosen: dict[Protocol, Server] = {}
    others: list[Server] = []
    for protocol, service, encryption in _OFFERS:
        if service not in ports:
            continue
        server = Server(
            protocol=protocol, host=host, port=ports[service], encryption=encryption, username=address
        )
        if chosen.setdefault(protocol, server) is not server:
            others.append(server)
    return ClientConfig(address=address, servers=tuple(chosen.values()), others=tuple(others))
