"""Looks at the hosts that MX records name: do they have addresses, and do they answer on port 25?

Whoever runs a zone may write any name into it, so only addresses that the whole world can reach are
connected to, or our own mail nodes at their own port. The host is looked up first and that very address is
connected to, for a few seconds at most; one banner and one EHLO, never mail. What was found is kept for a
minute, and a person asks for so many an hour: reloading a page makes no port scanner of us.
"""

from __future__ import annotations

import hashlib
import socket
import time
from collections.abc import Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor, wait
from dataclasses import dataclass, replace

from django.conf import settings
from django.core.cache import cache
from django.db.models import Q
from django.utils.translation import gettext as _

from dnszone import names
from dnszone.models import Record, Zone
from lib import resolver
from lib.addresses import is_public
from nodeagent import contract
from provision.models import Node

KEPT_SECONDS = 60
HOUR = 3600
HOSTS_AT_ONCE = 20
HOSTS_AN_HOUR = 200
CONNECT_SECONDS = 3.0
BANNER_BYTES = 4096
YES, NO, NOT_ASKED = "yes", "no", "not asked"


@dataclass(frozen=True, slots=True, kw_only=True)
class HostState:
    """``known``: whether any resolver could say. ``alias``: the name it is a CNAME of, or empty. ``answers``:
    YES, NO or NOT_ASKED, on port 25. ``banner``: the name that the server gives itself (hostile text).
    ``why``: in words, why it does not answer or was not asked."""

    host: str
    known: bool = True
    v4: tuple[str, ...] = ()
    v6: tuple[str, ...] = ()
    alias: str = ""
    answers: str = NOT_ASKED
    banner: str = ""
    starttls: bool = False
    why: str = ""

    @property
    def addresses(self) -> tuple[str, ...]:
        return (*self.v4, *self.v6)

    @property
    def level(self) -> str:
        """``ok``, ``wait`` (not known, or legal and doubtful) or ``bad``: mail does not get there."""
        if not self.known:
            return "wait"
        if not self.addresses or self.alias or self.answers == NO:
            return "bad"
        return "ok" if self.answers == YES else "wait"

    @property
    def words(self) -> str:
        if not self.known:
            return self.why or _("Not known: no resolver could say")
        if self.alias:
            return _("Is a CNAME of %(alias)s, which is not allowed for MX") % {
                "alias": names.shown(self.alias)
            }
        if not self.addresses:
            return _("Has no address: mail cannot reach it")
        if self.answers == NO:
            return _("Does not answer on port 25")
        kinds = _("A and AAAA") if self.v4 and self.v6 else "A" if self.v4 else "AAAA"
        if self.answers == YES:
            return _("Has %(kinds)s; answers on port 25") % {"kinds": kinds}
        return _("Has %(kinds)s; not asked on port 25") % {"kinds": kinds}


Written = Mapping[str, list[tuple[str, str]]]  # host → (type, value) of its records


def look(
    hosts: Iterable[str], until: float, *, who: str = "", written: Written | None = None
) -> dict[str, HostState]:
    """Each host (A-labels, with a last dot or without) → what it is like. ``until``: the time.monotonic() at
    which to be done; what is not known by then says so. ``who``: the person who asks, counted by the hour;
    empty: the panel itself. ``written``: records that count for these hosts, such as a draft's. Not to be
    called inside a transaction."""
    wanted = list(dict.fromkeys(host.lower().removesuffix(".") for host in hosts if host.strip(".")))
    mine = written or {}
    kept = {host: cache.get(_key(host)) for host in wanted if host not in mine}
    found = {host: state for host, state in kept.items() if state is not None}
    fresh = [host for host in wanted if host not in found]
    asked = fresh[: min(HOSTS_AT_ONCE, _allowance(who, len(fresh)))]
    found |= _looked(asked, _our_ports(), {**_inside(asked), **mine}, until)
    for host in asked:
        if host not in mine:
            cache.set(_key(host), found[host], KEPT_SECONDS)
    often = _("Not asked: too many at once. Look again in a while.")
    return {host: found.get(host) or HostState(host=host, known=False, why=often) for host in wanted}


def _looked(hosts: list[str], ours: Mapping[str, int], inside: Written, until: float) -> dict[str, HostState]:
    """Side by side; no thread of it touches the database, and none is waited for beyond ``until``."""
    late = _("Not known: the look took too long")
    if not hosts:
        return {}
    pool = ThreadPoolExecutor(len(hosts))
    jobs = {host: pool.submit(_one, host, ours, inside.get(host), until) for host in hosts}
    wait(jobs.values(), timeout=max(0.0, until - time.monotonic()) + 0.2)
    pool.shutdown(wait=False, cancel_futures=True)
    return {
        host: job.result()
        if job.done() and not job.cancelled()
        else HostState(host=host, known=False, why=late)
        for host, job in jobs.items()
    }


def _one(host: str, ours: Mapping[str, int], rows: list[tuple[str, str]] | None, until: float) -> HostState:
    try:
        state = _from_rows(host, rows) if rows else _resolved(host, until)
    except resolver.ResolverAway:
        return HostState(host=host, known=rows is not None)  # our own zone says that there is nothing
    if state.alias or not state.addresses:
        return state
    return _asked(state, ours, until)


def _from_rows(host: str, rows: list[tuple[str, str]]) -> HostState:
    """A name in a zone of ours, as it is written there: the world may not ask us yet."""
    values: dict[str, list[str]] = {}
    for kind, value in rows:
        values.setdefault(kind, []).append(value)
    alias = values.get("CNAME", [""])[0].removesuffix(".")
    return HostState(host=host, v4=tuple(values.get("A", ())), v6=tuple(values.get("AAAA", ())), alias=alias)


def _resolved(host: str, until: float) -> HostState:
    alias = next(iter(resolver.lookup(host, "CNAME", until=until)), "").removesuffix(".")
    v4 = tuple(sorted(resolver.lookup(host, "A", until=until)))[:4]
    v6 = tuple(sorted(resolver.lookup(host, "AAAA", until=until)))[:4]
    return HostState(host=host, v4=v4, v6=v6, alias=alias)


def _asked(state: HostState, ours: Mapping[str, int], until: float) -> HostState:
    """The first address that answers is enough: senders try them all (RFC 5321 §5.1)."""
    why = _("Its addresses cannot be reached from outside, so they were not asked")
    answers = NOT_ASKED
    for address in state.addresses[:3]:
        port = ours.get(address) or (25 if is_public(address) else 0)
        if not port:
            continue
        try:
            banner, starttls = _greeting(address, port, min(until, time.monotonic() + CONNECT_SECONDS))
        except TimeoutError:
            answers, why = NO, _("Nothing answered in time; some networks block port 25")
        except (OSError, ValueError) as error:
            answers, why = NO, str(error)[:120]
        else:
            return replace(state, answers=YES, banner=banner, starttls=starttls)
    return replace(state, answers=answers, why=why)


def _greeting(address: str, port: int, until: float) -> tuple[str, bool]:
    """The name in the server's greeting and whether it offers STARTTLS (RFC 5321 §4.2, RFC 3207). Raises
    OSError, TimeoutError or ValueError when it does not speak SMTP."""
    patience = until - time.monotonic()
    if patience <= 0:
        raise TimeoutError
    with socket.create_connection((address, port), patience) as server:
        first = _reply(server, until)
        if not first.startswith("220"):
            raise ValueError(_("It answers, and refuses: %(said)s") % {"said": first.splitlines()[0][:80]})
        server.sendall(f"EHLO {settings.PROVIDER_DOMAIN}\r\n".encode("ascii", "replace"))
        offers = _reply(server, until)
        server.sendall(b"QUIT\r\n")
    words = first[4:].split()
    tls = any(line[4:].strip().upper() == "STARTTLS" for line in offers.splitlines())
    return (words[0] if words else "")[:253], tls


def _reply(server: socket.socket, until: float) -> str:
    """One reply, its last line included (RFC 5321 §4.2.1)."""
    data = b""
    while len(data) < BANNER_BYTES:
        patience = until - time.monotonic()
        if patience <= 0:
            raise TimeoutError
        server.settimeout(patience)
        chunk = server.recv(1024)
        data += chunk
        lines = data.split(b"\r\n")
        if any(line[3:4] in {b" ", b""} and line[:3].isdigit() for line in lines[:-1]):
            return data.decode("ascii", "replace")
        if not chunk or not (data + b"220")[:3].isdigit():
            break
    raise ValueError(_("It answers, and not as a mail server does"))


def _our_ports() -> dict[str, int]:
    """Address → the port at which a mail node of ours takes mail there."""
    nodes = Node.objects.filter(roles__contains=[contract.ROLE_MAIL])
    return {str(address): int(node.ports.get("smtp", 25)) for node in nodes for address in node.addresses}


def _inside(hosts: Iterable[str]) -> Written:
    """Those that lie in zones of ours → the types and values written there."""
    wanted = {host: names.parents(host) for host in hosts if host.isprintable()}
    zones = Zone.objects.filter(name__in={name for above in wanted.values() for name in above})
    known = {zone.name: zone for zone in zones}
    places: dict[str, tuple[Zone, str]] = {}
    for host, above in wanted.items():
        if zone := next((known[name] for name in above if name in known), None):
            places[host] = zone, names.APEX if host == zone.name else host.removesuffix(f".{zone.name}")
    at = Q(pk__in=[])
    for zone, owner in places.values():
        at |= Q(zone=zone, owner=owner)
    found: dict[str, list[tuple[str, str]]] = {host: [] for host in places}
    rows = Record.objects.filter(at, type__in=["A", "AAAA", "CNAME", "NS"]).values_list(
        "zone", "owner", "type", "rdata"
    )
    for zone_id, owner, kind, value in rows:
        for host, (zone, mine) in places.items():
            if (zone.pk, mine) == (zone_id, owner):
                found[host].append((kind, value))
    return found


def _key(host: str) -> str:
    return f"reach:{hashlib.sha256(host.encode()).hexdigest()}"


def _allowance(who: str, more: int) -> int:
    """How many of ``more`` this person may still ask for within the hour."""
    if not who or not more:
        return more
    key = f"reach-by:{who}:{int(time.time() // HOUR)}"
    used = int(cache.get(key, 0))
    cache.set(key, used + more, HOUR)
    return max(0, min(more, HOSTS_AN_HOUR - used))
