"""A zone fetched from another server (AXFR, RFC 5936), as the text of a zone file.

Whoever answers may be hostile: by one address that was looked at first, over TCP, with limits on time, size
and number. Nothing is believed that our own reader does not check."""

from __future__ import annotations

import ipaddress
import socket
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.rcode
import dns.rdatatype
import dns.rrset
from django.utils.translation import gettext as _

from dnszone import names
from lib import resolver
from lib.errors import Refused
from lib.resolver import ResolverAway

FIELD = "server"
PORT = 53
SECONDS = 15.0
CONNECT_SECONDS = 4.0
BYTES = 5 * 1024 * 1024
RECORDS = 20_000
ADDRESSES = 3
Allow = Callable[[str], None]
"""Raises Refused for an address that is not to be asked."""


@dataclass(frozen=True, slots=True)
class _Failed(Exception):
    """One address did not do. ``final``: the server answered, so its other addresses would say the same."""

    message: str
    final: bool = False


def fetched(zone: str, server: str, *, allow: Allow, port: int = 0, seconds: float = SECONDS) -> str:
    """The zone of ``zone`` as ``server`` (a host name or an address) hands it out. Names are looked up once,
    and every address is shown to ``allow`` before any is asked. Raises Refused, field ``server``."""
    until = time.monotonic() + seconds
    addresses = _addresses(server, until)
    for address in addresses:
        allow(address)
    failed = _Failed(_not_reached(server))
    for address in addresses[:ADDRESSES]:
        try:
            return _asked(zone, address, port or PORT, until)
        except _Failed as error:
            failed = error
            if error.final or time.monotonic() >= until:
                break
    raise Refused(failed.message, FIELD)


def _addresses(server: str, until: float) -> list[str]:
    typed = server.strip().removesuffix(".")
    try:
        return [str(ipaddress.ip_address(typed.removeprefix("[").removesuffix("]")))]
    except ValueError:
        pass
    name = names.host(f"{typed}.", "example.net", FIELD)
    if "." not in name.removesuffix("."):
        raise Refused(_("Write the server’s full name, such as ns1.example.net, or its address."), FIELD)
    found: list[str] = []
    try:
        for rdtype in ("A", "AAAA"):
            found += resolver.lookup(name, rdtype, until=until)
    except ResolverAway:
        if not found:
            raise Refused(
                _("%(server)s could not be looked up just now. Try again.") % {"server": typed}, FIELD
            ) from None
    if not found:
        raise Refused(_("%(server)s has no address. Look at how it is written.") % {"server": typed}, FIELD)
    return found


def _not_reached(server: str) -> str:
    return _(
        "%(server)s does not answer over TCP on port 53. Look at the name, or paste the zone file instead."
    ) % {"server": server.strip()[:100]}


def _asked(zone: str, address: str, port: int, until: float) -> str:
    """All of the zone from one address."""
    query = dns.message.make_query(dns.name.from_text(f"{zone}."), dns.rdatatype.AXFR)
    patience = min(CONNECT_SECONDS, until - time.monotonic())
    try:
        with socket.create_connection((address, port), timeout=max(patience, 0.01)) as sock:
            wire = query.to_wire()
            sock.sendall(len(wire).to_bytes(2, "big") + wire)
            return "\n".join(_records(query, _Stream(sock, until))) + "\n"
    except TimeoutError:
        raise _Failed(_too_slow(address)) from None
    except OSError:
        raise _Failed(_not_reached(address)) from None
    except (dns.exception.DNSException, ValueError):
        raise _Failed(_("%(server)s sent something that is no zone.") % {"server": address}, True) from None


def _too_slow(server: str) -> str:
    return _("%(server)s did not send the whole zone in time. Try again, or paste the zone file instead.") % {
        "server": server
    }


class _Stream:
    """Messages over TCP (RFC 1035 §4.2.2) until the time or the size is used up."""

    def __init__(self, sock: socket.socket, until: float) -> None:
        self.sock, self.until, self.left = sock, until, BYTES

    def message(self) -> bytes:
        return self._take(int.from_bytes(self._take(2), "big"))

    def _take(self, size: int) -> bytes:
        self.left -= size
        if self.left < 0:
            raise _Failed(
                _("This zone is larger than %(max)d MB, the most that is fetched.")
                % {"max": BYTES // 1024**2},
                True,
            )
        data = bytearray()
        while len(data) < size:
            patience = self.until - time.monotonic()
            if patience <= 0:
                raise TimeoutError
            self.sock.settimeout(patience)
            part = self.sock.recv(size - len(data))
            if not part:
                raise _Failed(_refused_words())
            data += part
        return bytes(data)


def _records(query: dns.message.Message, stream: _Stream) -> Iterator[str]:
    """The lines of a zone file. RFC 5936 §2.2: it begins and ends with the SOA record."""
    apex = query.question[0].name
    soas = count = 0
    while soas < 2:
        answer = _parsed(query, stream.message())
        if not answer.answer and not soas:
            raise _Failed(_refused_words(), True)
        for rrset in answer.answer:
            ends = rrset.rdtype == dns.rdatatype.SOA and rrset.name == apex
            if soas == 0 and not ends:
                raise dns.exception.FormError
            soas += ends
            count += len(rrset)
            if soas == 2:
                return
            if count > RECORDS + 2:
                raise _Failed(
                    _("This zone has more than %(max)d records, and a zone holds no more here.")
                    % {"max": RECORDS},
                    True,
                )
            yield _line(rrset)


def _parsed(query: dns.message.Message, wire: bytes) -> dns.message.Message:
    answer = dns.message.from_wire(wire, one_rr_per_rrset=True, xfr=True)
    if answer.id != query.id or not answer.flags & dns.flags.QR:
        raise dns.exception.FormError
    code = answer.rcode()
    if code == dns.rcode.NOERROR:
        return answer
    if code in {dns.rcode.REFUSED, dns.rcode.NOTAUTH}:
        raise _Failed(_refused_words(), True)
    if code == dns.rcode.NXDOMAIN:
        raise _Failed(_("This server does not have the zone. Name one of its name servers now."), True)
    raise _Failed(
        _("This server could not hand out the zone (%(code)s). Try again, or paste the zone file instead.")
        % {"code": dns.rcode.to_text(code)},
        True,
    )


def _refused_words() -> str:
    return _(
        "This server does not hand out the zone. Ask its provider to allow a zone transfer (AXFR) to us, or "
        "paste the zone file instead."
    )


def _line(rrset: dns.rrset.RRset) -> str:
    """dnspython writes what it does not know in the generic form."""
    kind = dns.rdatatype.to_text(rrset.rdtype)
    return f"{rrset.name} {rrset.ttl} IN {kind} {rrset[0].to_text(relativize=False)}"
