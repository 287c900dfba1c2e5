"""The pages of a roll-out: choosing zones, the preview, the progress."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.views.decorators.http import require_http_methods, require_POST

from dnszone import names, rdata
from dnszone.blueprints import rollouts, selectors
from dnszone.blueprints.lookups import query_for, rollout_or_404, template_or_404
from dnszone.blueprints.selectors import Outlook
from dnszone.models import Zone, ZoneRollout, ZoneRolloutItem, ZoneTemplate
from dnszone.spec import Row
from dnszone.views.base import Request
from lib.errors import Refused

PREVIEWED = 20  # zones on one page of the preview
WHICH = [
    (selectors.BEHIND, __("Made from an older state")),
    (selectors.CURRENT, __("Up to date")),
    (selectors.OTHERS, __("Not made from it")),
]


@require_http_methods(["GET", "HEAD", "POST"])
def template_zones(request: Request, template: int) -> HttpResponse:
    found = template_or_404(request, template)
    if request.method == "POST":
        try:
            made = rollouts.rollout_create(
                actor=request.user, template=found, zones=_chosen(request, found, request.POST)
            )
        except Refused as refused:
            messages.error(request, refused.message)
            return redirect(request.get_full_path())
        return redirect("zone-rollout", made.pk)
    return _zones_page(request, found)


def _query(given: QueryDict) -> tuple[str, str]:
    which = given.get("which", "")
    return given.get("q", "")[:253], which if which in dict(WHICH) else selectors.BEHIND


def _chosen(request: Request, template: ZoneTemplate, given: QueryDict) -> list[int]:
    """Those ticked, or with ``all`` everything that the list holds."""
    if given.get("all"):
        search, which = _query(given)
        rows = selectors.zones_listed(request.user, template, search=search, which=which)
        return list(rows.values_list("pk", flat=True)[: rollouts.ZONES_MAX + 1])
    ticked = given.getlist("zone")[: rollouts.ZONES_MAX + 1]
    return [int(pk) for pk in ticked if pk.isascii() and pk.isdigit() and len(pk) < 19]


def _zones_page(request: Request, template: ZoneTemplate) -> HttpResponse:
    search, which = _query(request.GET)
    rows = selectors.zones_listed(request.user, template, search=search, which=which)
    page = selectors.zones_page(
        rows, after=request.GET.get("after", ""), before=request.GET.get("before", "")
    )
    kept = {key: value for key, value in (("q", search), ("which", which)) if value}
    context = {
        "template": template,
        "page": page,
        "total": rows.count(),
        "q": search,
        "which": which,
        "whiches": WHICH,
        "back": query_for(request, template.owner),
        "rollouts": list(template.rollouts.exclude(state="preview").order_by("-pk")[:5]),
        "previous_url": "?" + urlencode(kept | {"before": page.previous}) if page.previous else "",
        "next_url": "?" + urlencode(kept | {"after": page.next}) if page.next else "",
    }
    return render(request, "dnszone/blueprints/zones.html", context)


@require_http_methods(["GET", "HEAD", "POST"])
def rollout(request: Request, rollout: int) -> HttpResponse:
    """Before it starts the preview, zone by zone; then what became of each. htmx asks for ``#now`` again."""
    found = rollout_or_404(request, rollout)
    if request.method == "POST":
        return _start(request, found)
    tally = selectors.tally(found)
    context = {
        "rollout": found,
        "template": found.template,
        "tally": tally,
        "done": tally["all"] - tally["waiting"],
        "back": query_for(request, found.template.owner),
    }
    if found.state == ZoneRollout.State.PREVIEW:
        return render(request, "dnszone/blueprints/preview.html", context | _preview(request, found))
    part = "#now" if request.htmx else ""
    context |= {"items": _told(request, found)}
    response = render(request, f"dnszone/blueprints/progress.html{part}", context)
    patch_vary_headers(response, ["HX-Request"])
    return response


def _start(request: Request, found: ZoneRollout) -> HttpResponse:
    try:
        running = rollouts.rollout_start(actor=request.user, rollout=found)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("zone-template-zones", found.template_id)
    if running.items.count() <= rollouts.AT_ONCE:
        rollouts.rollout_run(running, limit=rollouts.AT_ONCE)
    else:
        rollouts.rollout_soon()
    return redirect("zone-rollout", running.pk)


@require_POST
def rollout_again(request: Request, rollout: int) -> HttpResponse:
    found = rollout_or_404(request, rollout)
    try:
        made = rollouts.rollout_again(actor=request.user, rollout=found)
    except Refused:
        messages.info(request, _("All zones of this roll-out are done."))
        return redirect("zone-rollout", found.pk)
    return redirect("zone-rollout", made.pk)


def _after(request: Request) -> int:
    text = request.GET.get("after", "")
    return int(text) if text.isascii() and text.isdigit() and len(text) < 19 else 0


def _preview(request: Request, found: ZoneRollout) -> dict[str, Any]:
    """One page of zones, each with what would change."""
    items = list(found.items.filter(pk__gt=_after(request)).select_related("zone")[: PREVIEWED + 1])
    more, items = len(items) > PREVIEWED, items[:PREVIEWED]
    text = found.template.revisions.get(number=found.revision).text
    seen = selectors.outlooks([item.zone for item in items], found.template, text)
    return {
        "zones": [_zone_preview(item, seen[item.zone_id]) for item in items],
        "next_url": f"?after={items[-1].pk}" if more else "",
        "stale": found.template.revision != found.revision,
    }


def _zone_preview(item: ZoneRolloutItem, seen: Outlook | Refused) -> dict[str, Any]:
    zone: Zone = item.zone
    base: dict[str, Any] = {"zone": zone, "name": names.shown(zone.name), "moved": zone.serial != item.serial}
    if isinstance(seen, Refused):
        return base | {"refused": seen.message}
    plan = seen.plan
    return base | {
        "added": [_line(row) for row in plan.added],
        "removed": [_line(row) for row in plan.removed],
        "changed": [(_line(old), _line(new)) for old, new in plan.changed],
        "kept": [(_line(kept.row), kept.why) for kept in plan.kept],
        "left_out": seen.left_out,
        "empty": plan.empty,
    }


def _line(row: Row) -> dict[str, Any]:
    return {
        "owner": names.shown(row.owner),
        "type": row.type,
        "value": rdata.shown(row.type, row.rdata),
        "ttl": row.ttl,
    }


def _told(request: Request, found: ZoneRollout) -> list[ZoneRolloutItem]:
    """Failures first; the rest in order. At most 200."""
    failed = list(found.items.filter(state="failed").select_related("zone")[:100])
    rest = found.items.filter(state__in=["done", "same"]).select_related("zone")
    return [*failed, *rest.order_by("-pk")[:100]]
