"""Which programs sign in to a mailbox, or to those of a domain, and how: for the security checklist.

The caller has fetched the mailbox or the domain through visible_to."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, Max, Q
from django.utils import timezone

from accounts.models import Domain
from accounts.signin.networks import near
from delivery.models import SignIn
from delivery.models.signins import PROTOCOLS
from delivery.signins import first_key
from guides.models import Attempt, What
from guides.watching.naming import named
from lib import timekey

DAYS = dt.timedelta(days=30)
MOST = 500


@dataclass(frozen=True, slots=True, kw_only=True)
class Client:
    """One program at one place with one mailbox. ``program``: as people call it; ``encrypted`` None: the log
    does not say; ``tls``: version, or empty; ``ok`` False: it was refused, because it used no encryption;
    ``app``: id of its app password, empty: the mailbox's own; ``times``: within DAYS, ``last`` of them."""

    address: str
    protocol: str
    program: str
    network: str
    encrypted: bool | None
    tls: str
    ok: bool
    app: str
    times: int
    last: dt.datetime


@dataclass(frozen=True, slots=True, kw_only=True)
class Clients:
    """``all``: the latest first, at most MOST; ``port_25``: refused mail with an address of ours, at the port
    of servers or without a sign-in, from networks where somebody signs in here (strangers claim senders)."""

    all: list[Client]
    port_25: list[Attempt]

    @property
    def clear(self) -> list[Client]:
        """Those that used, or tried to use, no encryption."""
        return [one for one in self.all if one.encrypted is False]

    @property
    def old_tls(self) -> list[Client]:
        """With TLS older than 1.2 (RFC 8996)."""
        return [one for one in self.all if one.tls in {"TLSv1", "TLSv1.1", "SSLv3"}]


def clients(of: str | Domain) -> Clients:
    """Of an address (lower case), or of a domain. Two queries."""
    whose = Q(domain_id=of.pk) if isinstance(of, Domain) else Q(login=of)
    since = timezone.now() - DAYS
    rows = SignIn.objects.filter(whose, pk__gte=first_key(since), protocol__in=PROTOCOLS).order_by()
    rows = rows.filter(Q(ok=True) | Q(encrypted=False)).exclude(login="")
    grouped = rows.values("login", "protocol", "program", "client", "encrypted", "tls", "ok", "app").annotate(
        times=Count("pk"), last=Max("pk")
    )
    found = [_client(row) for row in grouped.order_by("-last")[:MOST]]
    return Clients(all=found, port_25=_port_25(of, {one.network for one in found if one.ok}))


def _client(row: Mapping[str, Any]) -> Client:
    return Client(
        address=row["login"],
        protocol=PROTOCOLS[row["protocol"]],
        program=named(row["program"]),
        network=near(row["client"]),
        encrypted=row["encrypted"],
        tls=row["tls"].partition(" ")[0],
        ok=row["ok"],
        app=row["app"],
        times=row["times"],
        last=timekey.moment(row["last"]),
    )


def _port_25(of: str | Domain, networks: set[str]) -> list[Attempt]:
    mine = Q(domain_id=of.pk) if isinstance(of, Domain) else Q(sender=of, domain_id__isnull=False)
    found = Attempt.objects.filter(mine, what__in=[What.PORT_25, What.NO_SIGN_IN], network__in=networks)
    return list(found.order_by("-at")[:MOST])
