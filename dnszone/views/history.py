"""Every version of a zone: looked at, compared, brought back, taken back."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Right
from dnszone import selectors, services
from dnszone.effects import effects, line
from dnszone.models import Zone, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.selectors.history import VersionsPage, versions_page
from dnszone.selectors.versions import actors, rows_at_both, who_of
from dnszone.spec import row_of
from dnszone.views.base import Request, frame, may_change, switched_off, zone_for
from lib.errors import Refused

NOW = "now"
_BACK = {"zone": "zone", "versions": "zone-versions"}


@require_safe
def versions(request: Request, name: str) -> HttpResponse:
    found = zone_for(request, name, Right.SETTINGS)
    query = {key: request.GET.get(key, "") for key in ("q", "origin")}
    page = versions_page(
        found,
        search=query["q"],
        origin=query["origin"],
        before=_key(request.GET.get("before", "")),
        after=_key(request.GET.get("after", "")),
    )
    return render(request, "dnszone/versions.html", _frame(request, found) | _listed(page, query))


def _listed(page: VersionsPage, query: dict[str, str]) -> dict[str, Any]:
    kept = {key: value for key, value in query.items() if value}
    return {
        "query": query,
        "origins": Origin.choices,
        "page": page,
        "shown": [(brief, [(sign, line(row_of(e))) for sign, e in brief.lines]) for brief in page.versions],
        "previous_url": "?" + urlencode(kept | {"after": str(page.newer)}) if page.newer else "",
        "next_url": "?" + urlencode(kept | {"before": str(page.older)}) if page.older else "",
    }


@require_safe
def version(request: Request, name: str, version: int) -> HttpResponse:
    """What one version changed. Its records before and after it are whole, so that the words know them."""
    found = zone_for(request, name, Right.SETTINGS)
    kept = _version(found, version)
    after = selectors.rows_at(found, kept)
    come = {tuple(entry) for entry in kept.come}
    before = [row for row in after if row.kept not in come] + [row_of(entry) for entry in kept.gone]
    context = _frame(request, found) | {
        "version": kept,
        "title": selectors.version_title(kept),
        "who": who_of(kept, actors(found, [kept])),
        "effects": effects(found.name, before, after, (kept.routing_before, kept.routing_after)),
        "undoable": kept.origin != Origin.NEW,
    }
    return render(request, "dnszone/version.html", context)


@require_safe
def compare(request: Request, name: str) -> HttpResponse:
    """``a`` and ``b``: keys of versions, or ``now``; the older one is what it is compared with."""
    found = zone_for(request, name, Right.SETTINGS)
    sides = _sides(found, [request.GET.get(key, "") for key in ("a", "b")])
    if None in sides or sides[0] == sides[1]:
        messages.info(request, _("Choose two different versions to compare."))
        return redirect("zone-versions", name)
    older, newer = sorted((side for side in sides if side), key=lambda side: side[0])
    before, after = rows_at_both(found, older[1], newer[1])
    context = _frame(request, found) | {
        "older": older[1],
        "newer": newer[1] if newer[0] != _LAST else None,
        "older_title": _title(older),
        "newer_title": _title(newer),
        "effects": effects(found.name, before, after),
    }
    return render(request, "dnszone/compare.html", context)


_LAST = 2**63
Side = tuple[int, ZoneVersion | None]


def _sides(zone: Zone, texts: list[str]) -> list[Side | None]:
    """None for what is no version of this zone."""
    kept = {row.pk: row for row in ZoneVersion.objects.filter(zone=zone, pk__in=map(_key, texts))}
    sides: list[Side | None] = []
    for text in texts:
        if text == NOW:
            newest = ZoneVersion.objects.filter(zone=zone).defer("gone", "come").first()
            sides.append((_LAST, newest) if newest else None)
        else:
            row = kept.get(_key(text))
            sides.append((row.pk, row) if row else None)
    return sides


def _title(side: Side) -> str:
    return _("Now") if side[0] == _LAST or side[1] is None else selectors.version_title(side[1])


@require_POST
def restore(request: Request, name: str, version: int) -> HttpResponse:
    """A draft that leads back there. Asks first when it would take the place of another one."""
    found = zone_for(request, name)
    kept = _version(found, version)
    draft = selectors.draft_of(request.user, found)
    if draft is not None and request.POST.get("replace") != "1":
        context = _frame(request, found) | {"version": kept, "count": len(draft.items) or 1}
        return render(request, "dnszone/restore.html", context)
    try:
        made = services.version_restore(actor=request.user, zone=found, version=kept)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("zone-version", name, version)
    if made.pk is None:
        messages.info(request, _("The zone is already as it was then."))
        return redirect("zone-versions", name)
    return redirect("zone-preview", name)


@require_POST
def undo(request: Request, name: str, version: int) -> HttpResponse:
    found = zone_for(request, name)
    kept = _version(found, version)
    try:
        services.version_undo(actor=request.user, zone=found, version=kept)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("zone-version", name, version)
    messages.success(
        request,
        _("Taken back: %(what)s. The name servers get it now.") % {"what": selectors.version_title(kept)},
    )
    return redirect(_BACK.get(request.POST.get("back", ""), "zone"), name)


def _version(zone: Zone, key: int) -> ZoneVersion:
    kept: ZoneVersion = get_object_or_404(
        ZoneVersion.objects.select_related("actor"), zone=zone, pk=_key(str(key))
    )
    return kept


def _key(text: str) -> int:
    """0 for what is no key: nothing has it."""
    return int(text) if text.isascii() and text.isdigit() and len(text) <= 18 else 0


def _frame(request: Request, zone: Zone) -> dict[str, Any]:
    off = switched_off(zone)
    return frame(zone, "versions") | {"switched_off": off, "can_zone": may_change(request, zone) and not off}
