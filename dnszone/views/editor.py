"""The Zone Editor: where mail goes, every other record, and what a person has changed and not applied."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.shortcuts import render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.views.decorators.http import require_safe

from accounts.access import Right
from dnszone import mx, names, routing, selectors, template
from dnszone.forms import MxForm
from dnszone.managed import FOLDED
from dnszone.models import Zone
from dnszone.selectors import Desk, Line, Pending
from dnszone.selectors.hints import Hints
from dnszone.spec import Row
from dnszone.views.base import Request, frame, may_change, switched_off, zone_for
from dnszone.views.listing import asked, is_search, listing, listing_context
from provision.selectors import statuses

NEW_MAX = 50  # new records above the list; the preview has them all


@require_safe
def zone(request: Request, name: str) -> HttpResponse:
    return editor_page(request, zone_for(request, name, Right.SETTINGS))


def editor_page(
    request: Request, zone: Zone, *, mx_form: MxForm | None = None, part: str = "records", status: int = 200
) -> HttpResponse:
    """``mx_form``: bound, to show its errors. ``part``: what htmx gets of the page."""
    query = asked(request)
    desk = selectors.desk_of(zone, request.user)
    folded = [row for row in desk.rows if row.managed in FOLDED] if _folds(desk, query) else []
    page = listing(zone, query, FOLDED if folded else ())
    pending = selectors.wishes(desk.draft)
    records = [record.row() for record in page.records]
    hints = selectors.hints_of(zone.name, desk.rows, pending, whole=desk.whole)
    form = mx_form or MxForm(zone=zone, lines=selectors.mx_lines(desk.rows, pending))
    context = (
        frame(zone)
        | listing_context(query, page, len(folded))
        | _around(request, zone, pending, desk, hints)
        | _mx_context(zone, form, selectors.apex_rows(desk.rows, pending), hints)
        | {
            "lines": selectors.taken(
                selectors.hinted([pending.line(row) for row in records], hints),
                desk.rows if desk.whole else (),
            ),
            "folded": _folded(selectors.hinted([pending.line(row) for row in folded], hints)),
            "status": None if request.htmx else statuses([f"zone/{zone.name}"])[f"zone/{zone.name}"],
        }
    )
    shown = f"dnszone/zone.html#{part}" if request.htmx else "dnszone/zone.html"
    response = render(request, shown, context, status=200 if request.htmx else status)
    patch_vary_headers(response, ["HX-Request"])  # or the back button could show the fragment
    return response


def _folds(desk: Desk, query: dict[str, str]) -> bool:
    """Only what is on the page as a whole anyway is folded, so that no page of a long list lacks records."""
    return desk.whole and not is_search(query)


def _folded(lines: Sequence[Line]) -> dict[str, Any]:
    """``open``: one of them is changed, or there is something to say of it."""
    return {"lines": lines, "open": any(line.state or line.hints for line in lines)}


def pending_of(request: Request, zone: Zone) -> Pending:
    return selectors.wishes(selectors.draft_of(request.user, zone))


def _mx_context(zone: Zone, form: MxForm, rows: Sequence[Row], hints: Hints) -> dict[str, Any]:
    return {
        "mx_form": form,
        "mx_pairs": form.pairs(selectors.hinted(form.lines, hints)),
        "mx_sentence": mx_sentence(zone, form, rows),
        "routing": routing.current(zone.domain),
    }


def mx_sentence(zone: Zone, form: MxForm, rows: Sequence[Row]) -> SafeString:
    """The words are ours, every name in them is escaped. ``rows``: of the domain itself."""
    words = mx.sentence(
        names.shown(zone.name),
        form.rdatas(),
        lambda name: format_html('<b class="addr">{}</b>', name),
        mx.own_addresses((row.owner, row.type, row.rdata) for row in rows),
    )
    return mark_safe(words)  # noqa: S308 - see above


def _around(request: Request, zone: Zone, pending: Pending, desk: Desk, hints: Hints) -> dict[str, Any]:
    off = switched_off(zone)
    can = may_change(request, zone) and not off
    new: list[Line] = pending.new()
    return {
        "can_zone": can,
        "switched_off": off,
        "servers": template.name_servers(settings.PROVIDER_DOMAIN),
        "pending": pending,
        "conflict": selectors.in_conflict(zone, pending, desk.rows if desk.whole else None),
        "new_lines": selectors.hinted(new[:NEW_MAX], hints),
        "new_more": len(new) - NEW_MAX if len(new) > NEW_MAX else 0,
        "applied": desk.applied if can and not pending.count else None,
    }
