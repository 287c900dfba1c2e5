"""The live state of the MX targets: small pieces for the Zone Editor's table, fetched after the page."""

from __future__ import annotations

import time
from dataclasses import dataclass

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from accounts.access import Right
from dnszone import names, rdata, reach
from dnszone.reach import HostState
from dnszone.selectors import draft_of, draft_rows, rows_of
from dnszone.spec import Row
from dnszone.views.base import Request, zone_for
from panel.switching import here

SECONDS = 5.0


@dataclass(frozen=True, slots=True)
class MxState:
    """``key``: of the record, or of the draft’s item that adds it (``d3``). ``state`` None: a null MX."""

    key: str
    state: HostState | None


@never_cache
@require_safe
def mx_states(request: Request, name: str) -> HttpResponse:
    """One ``<div id="mx-state-KEY" hx-swap-oob="true">`` for each MX record of the domain itself, with the
    person's draft."""
    zone = zone_for(request, name, Right.SETTINGS)
    rows, draft = rows_of(zone), draft_of(request.user, zone)
    added: dict[tuple[str, ...], str] = {}
    written: dict[str, list[tuple[str, str]]] = {}
    if draft is not None:
        rows = draft_rows(draft, rows).after
        added = {
            tuple(item["spec"][:3]): f"d{item['id']}"
            for item in draft.items
            if item["spec"] and item["record"] is None
        }
        written = _written(zone.name, rows)
    records = [
        (str(row.pk) if row.pk is not None else added.get(row.identity, ""), rdata.target("MX", row.rdata))
        for row in here.mx_of(rows)
    ]
    hosts = [target for _key, target in records if target]
    until = time.monotonic() + SECONDS
    seen = reach.look(hosts, until, who=str(request.user.pk), written=written)
    states = [MxState(key, seen.get(target.removesuffix("."))) for key, target in records if key]
    return render(request, "dnszone/mx_states.html", {"states": states})


def _written(zone: str, rows: list[Row]) -> dict[str, list[tuple[str, str]]]:
    """The addresses that the draft gives the targets in this zone: they are not there yet, and will be."""
    targets = {target.removesuffix(".") for target in here.targets_of(rows)}
    found: dict[str, list[tuple[str, str]]] = {}
    for row in rows:
        host = names.absolute(row.owner, zone).removesuffix(".")
        if row.type in {"A", "AAAA", "CNAME"} and host in targets:
            found.setdefault(host, []).append((row.type, row.rdata))
    return found
