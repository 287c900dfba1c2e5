"""The list, and what is new in it."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.utils import timezone, translation
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from delivery import export, selectors
from delivery.charts.selectors import Scope
from delivery.forms import SavedFilterForm
from delivery.models import SavedFilter
from delivery.views.charts import week
from delivery.views.listing import HELP, Place, chips, days, place_of, removable
from delivery.views.rows import can_pick, rows_of
from lib.csvs import streamed

# Two batches of lines may be committed in another order than they were begun.
OVERLAP = timedelta(seconds=30) // timedelta(microseconds=1)


@never_cache
@require_safe
def track(request: HttpRequest, name: str | None = None) -> HttpResponse:
    place = place_of(request, name)
    form, query = place.form, place.query
    found = place.page(query)
    picks = any(map(can_pick, found.entries)) and place.can_tell
    context = place.frame() | {
        "chips": chips(form),
        "days": days(form),
        "removable": removable(form),
        "filtered": bool(form.kept()),
        "search_help": HELP,
        "rows": rows_of(found.entries, place.names(found.entries)),
        "newest": form.link() if query.before else "",
        "older": form.link(before=str(found.older)) if found.older else "",
        "poll": "" if query.before else place.poll(found.entries, picks=picks),
        "picks": picks,
        "chart": week(Scope(user=request.user, domain=place.domain)) if _whole(place) else None,
        "today": _today(place),
    }
    return render(request, "delivery/track.html", context | _ways_out(place))


def _whole(place: Place) -> bool:
    """The first page of all mail of a domain."""
    return place.domain is not None and not place.form.kept() and not place.query.before


def _today(place: Place) -> dict[str, int] | None:
    """How much of the domain's mail there was today; not beside a filter, where it is no answer."""
    if place.domain is None or place.form.kept():
        return None
    return selectors.counts_today([place.domain.pk])[place.domain.pk]


def _ways_out(place: Place) -> dict[str, Any]:
    """What can be done with the filter."""
    here = place.form.link(lead=None)
    saved = SavedFilter.objects.visible_to(place.request.user).filter(domain=place.domain).order_by("name")
    return {
        "here": place.form.link(),
        "export_url": f"{place.url('export')}{place.form.link()}",
        "notices_url": place.url("notices"),
        "filters_url": place.url("filters"),
        "saved": [(one, f"?{one.query}" == here) for one in saved],
        "save_form": SavedFilterForm(initial={"query": here}),
    }


@never_cache
@require_safe
def track_news(request: HttpRequest, name: str | None = None) -> HttpResponse:
    """What the first page, as it was at ``state``, does not show yet, for htmx: 204 if nothing. Rows that
    changed after ``changed`` microseconds are in the answer, and which belong to the page."""
    place = place_of(request, name)
    found = place.page(replace(place.query, before=None))
    if place.form.non_field_errors():
        return HttpResponse(status=204)
    rows, state = found.entries, request.GET.get("state", "")
    if (selectors.state_of(rows) if rows else "") == state:
        return HttpResponse(status=204)
    if not rows or not state:
        # The first row, or none any more: all is drawn anew.
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})
    known = selectors.Key.parse(request.GET.get("changed", ""))
    since = (known.pk if known else 0) - OVERLAP
    fresh = [row for row in rows if selectors.micros(row.changed_at) > since]
    picks = "picks" in request.GET
    context = place.frame() | {
        "rows": rows_of(fresh, place.names(fresh)),
        "ids": " ".join(str(row.pk) for row in rows),
        "older": place.form.link(before=str(found.older)) if found.older else "",
        "poll": place.poll(rows, picks=picks),
        "picks": picks,
    }
    return render(request, "delivery/news.html", context)


@require_safe
def track_export(request: HttpRequest, name: str | None = None) -> StreamingHttpResponse:
    """Every row that fits, those of a flood one by one."""
    place = place_of(request, name)
    found = selectors.entries(request.user, place.domain, replace(place.query, single=True, before=None))
    rows = export.rows(found, language=translation.get_language() or "en", everywhere=place.domain is None)
    of = f"-{place.domain.name}" if place.domain else ""
    return streamed(rows, name=f"deliveries{of}-{timezone.localdate()}.csv", mark=False)
