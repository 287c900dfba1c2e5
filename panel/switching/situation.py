"""Before mail is switched: where it goes now, where it shall go, and what the world sees of both."""

from __future__ import annotations

import dataclasses
import datetime as dt
import time
from collections.abc import Sequence
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _

from dnszone import mx, names, presets, rdata, reach, routing, spf
from dnszone.models import Zone, ZoneVersion
from dnszone.presets import HERE, PRESETS, Here, Preset, Tidy, Wish
from dnszone.selectors import rows_of
from dnszone.spec import RecordSpec, Row
from lib import delegation, resolver
from lib.errors import Refused
from mailboxes.models import Mailbox
from panel.switching import here
from panel.switching.forms import OTHER

T = TypeVar("T")
LOOK_SECONDS = 6.5  # for everything that is asked of the network
LOW_TTL, USUAL_TTL = 300, 3600
LOW_ENOUGH = 600
MEMORY = dt.timedelta(days=2)  # beyond this, nobody holds an old answer of a usual TTL


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """What the network says. ``hosts``: the targets. ``world``: the MX targets that resolvers give, in order;
    None: not known. ``world_ttl``: seconds. ``servers``: the name servers at the parent; None: not known.
    ``spf_cost``: look-ups of the new SPF record as receivers count them."""

    hosts: dict[str, reach.HostState] = field(default_factory=dict)
    world: list[str] | None = None
    world_ttl: int = 0
    servers: list[str] | None = None
    spf_cost: int | None = None


class Situation:
    """A zone and where its mail shall go. ``to``: a preset or OTHER. ``hosts`` (absolute): those of OTHER, or
    those that the preset's provider gave this very domain."""

    def __init__(self, zone: Zone, to: str, hosts: Sequence[str] = ()) -> None:
        self.zone, self.to, self.hosts = zone, to, hosts
        self.ours = here.ours()
        self.rows = rows_of(zone)
        self.now = here.in_use(self.rows, self.ours)
        self.mail = here.mail_domain(zone)
        self.wish = _named(self._wish(hosts), hosts)

    @property
    def comes_here(self) -> bool:
        ours = {f"{host}." for host in self.ours.hosts}
        return self.to == HERE or (bool(self.wanted) and set(self.wanted) <= ours)

    @property
    def from_here(self) -> bool:
        return self.now == HERE

    @property
    def title(self) -> str:
        return str(self.wish.preset.title) if self.wish else str(PRESETS[HERE].title)

    @cached_property
    def targets(self) -> list[str]:
        """Where mail goes now, absolute, in the order in which senders try them."""
        return here.targets_of(self.rows)

    @cached_property
    def wanted(self) -> list[str]:
        if self.to != OTHER and self.now == self.to and not self.hosts:
            return self.targets
        specs = self.wish.mx if self.wish else ()
        return [target for _priority, target in mx.order([spec.rdata for spec in specs])]

    @property
    def switched(self) -> bool:
        return bool(self.wanted) and set(self.wanted) == set(self.targets)

    @property
    def ttl(self) -> int:
        return max((row.ttl for row in here.mx_of(self.rows)), default=0)

    @cached_property
    def old_until(self) -> dt.datetime | None:
        """Until when somebody may hold an answer about MX that was changed since; None: nobody does."""
        now = timezone.now()
        versions = ZoneVersion.objects.filter(
            zone=self.zone, at__gt=now - MEMORY, gone__contains=[[names.APEX, "MX"]]
        )
        ends = [_forgotten(version) for version in versions[:50]]
        last = max((end for end in ends if end), default=None)
        return last if last and last > now else None

    @cached_property
    def mode(self) -> str:
        return routing.current(self.zone.domain)

    @property
    def wanted_mode(self) -> str:
        return self.wish.preset.routing if self.wish else ""

    @property
    def routing_fits(self) -> bool:
        return self.mode in {"", self.wanted_mode, routing.AUTOMATIC}

    @cached_property
    def plan(self) -> presets.Plan | None:
        if self.wish is None:
            return None
        try:
            return presets.plan(self.zone.name, self.rows, self.wish, Tidy(), self.ours)
        except Refused:
            return None

    @cached_property
    def boxes(self) -> int:
        return int(Mailbox.objects.present().filter(mail_domain=self.mail).count()) if self.mail else 0

    @cached_property
    def boxes_with_mail(self) -> tuple[int, list[Mailbox]]:
        """How many hold mail, and those with the most."""
        rows = Mailbox.objects.present().filter(mail_domain=self.mail, messages__gt=0)
        return (rows.count(), list(rows.order_by("-used_mb", "pk")[:10])) if self.mail else (0, [])

    def spf_texts(self) -> list[str]:
        return [presets.text_of(row) for row in presets.spf_rows(self.rows)]

    def _wish(self, hosts: Sequence[str]) -> Wish | None:
        if self.to == HERE:
            return here.wish(self.zone, programs=True)
        if self.to == OTHER:
            return other(hosts, self.ours)
        preset = PRESETS[self.to]
        return presets.wish_of(preset, self.zone.name, presets.starts(preset, self.zone.name))


def _named(wish: Wish | None, hosts: Sequence[str]) -> Wish | None:
    """With these hosts in the place of the preset's, at its priorities as far as they go."""
    if wish is None or not hosts or wish.preset.slug == HERE:
        return wish
    first = [int(spec.rdata.split()[0]) for spec in wish.mx]
    specs = [
        RecordSpec(
            owner=names.APEX, type="MX", rdata=f"{first[n] if n < len(first) else 10 * (n + 1)} {host}"
        )
        for n, host in enumerate(dict.fromkeys(hosts))
    ]
    return dataclasses.replace(wish, mx=specs)


def other(hosts: Sequence[str], ours: Here) -> Wish:
    """Servers that a person names, in their order. Ours in front: Local; ours behind others: Backup."""
    mine = [host.removesuffix(".") in ours.hosts for host in hosts]
    mode = routing.LOCAL if mine[:1] == [True] else routing.BACKUP if any(mine) else routing.REMOTE
    preset = Preset(slug=OTHER, title=_("Other servers"), does="", routing=mode)
    specs = [
        RecordSpec(owner=names.APEX, type="MX", rdata=f"{10 * (n + 1)} {host}")
        for n, host in enumerate(dict.fromkeys(hosts))
    ]
    return Wish(preset=preset, mx=specs)


def look(situation: Situation, who: str) -> Seen:
    """Asks the network, within LOOK_SECONDS. Not inside a transaction. No thread touches the database."""
    name, plan, until = situation.zone.name, situation.plan, time.monotonic() + LOOK_SECONDS
    pool = ThreadPoolExecutor(3)
    world = pool.submit(resolver.lookup_ttl, name, "MX", until=until)
    servers = pool.submit(delegation.name_servers, name, until=until)
    cost = pool.submit(_spf_cost, plan.spf.text if plan else "", until)
    hosts = reach.look(situation.wanted, until, who=who)
    values, ttl = _got(world, until) or (None, 0)
    seen = Seen(
        hosts=hosts,
        world=None if values is None else _targets(values),
        world_ttl=ttl,
        servers=_got(servers, until),
        spf_cost=_got(cost, until),
    )
    pool.shutdown(wait=False, cancel_futures=True)
    return seen


def _got(job: Future[T], until: float) -> T | None:
    with suppress(resolver.ResolverAway, TimeoutError):
        return job.result(timeout=max(0.0, until - time.monotonic()) + 0.2)
    return None


def _spf_cost(text: str, until: float) -> int:
    return spf.all_lookups(text, lambda name: resolver.lookup(name, "TXT", until=until), most=20)


def _targets(values: Sequence[str]) -> list[str]:
    found = sorted((int(value.split()[0]), value.split()[1].lower()) for value in values)
    return [target for _priority, target in found if target != "."]


def _forgotten(version: ZoneVersion) -> dt.datetime | None:
    """When the last old answer about MX is forgotten that this version made wrong."""
    before = {(entry[2], entry[3]) for entry in version.gone if entry[:2] == [names.APEX, "MX"]}
    after = {(entry[2], entry[3]) for entry in version.come if entry[:2] == [names.APEX, "MX"]}
    wrong = [ttl for _value, ttl in before - after]
    return version.at + dt.timedelta(seconds=max(wrong)) if wrong else None


def shown(rows: Sequence[Row], but: Sequence[Row]) -> list[tuple[str, str, str]]:
    """The records in ``rows`` that are not in ``but``, as people read them: for a provider elsewhere."""
    known = {row.identity for row in but}
    return [
        (names.shown(row.owner), row.type, rdata.shown(row.type, row.rdata))
        for row in rows
        if row.identity not in known
    ]
