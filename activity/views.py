"""Who changed what: the list and its export."""

from __future__ import annotations

from dataclasses import dataclass

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import timezone, translation
from django.views.decorators.http import require_safe

from activity import export, selectors
from activity.forms import ActivityFilter
from activity.models import Entry
from activity.selectors import ActivityQuery, Place
from activity.sentences import Change, acted, changes, sentence
from lib.csvs import streamed


@dataclass(frozen=True, slots=True)
class Row:
    """``acted``: for whom. ``client``: shown where a page is of several accounts."""

    entry: Entry
    text: str
    acted: str
    changes: list[Change]
    client: str


@require_safe
def activity(request: HttpRequest) -> HttpResponse:
    form, query, place = _asked(request)
    found = selectors.page(place.scope, query)
    here = place.account.pk if place.account else None
    context = {
        "form": form,
        "query": query,
        "place": place,
        "people": selectors.people(place.scope),
        "rows": [_row(entry, here) for entry in found.entries],
        "newest": query.link() if query.after else "",
        "older": query.link(after=found.older) if found.older else "",
        "export_url": f"{reverse('activity-export')}{query.link()}",
    }
    return render(request, "activity/list.html", context)


@require_safe
def activity_export(request: HttpRequest) -> StreamingHttpResponse:
    _form, query, place = _asked(request)
    rows = export.rows(selectors.everything(place.scope, query), translation.get_language() or "en")
    return streamed(rows, name=f"activity-{timezone.localdate()}.csv")


def _asked(request: HttpRequest) -> tuple[ActivityFilter, ActivityQuery, Place]:
    form = ActivityFilter(request.GET)
    form.is_valid()
    given = {name: request.GET.get(name, "")[:60] for name in ("account", "after")}
    query = form.query(**given)
    return form, query, selectors.place_of(request, query.account, query.domain)


def _row(entry: Entry, here: int | None) -> Row:
    told = changes(entry)
    client = entry.account_name if entry.account_id != here else ""
    return Row(entry, sentence(entry, where=False), acted(entry), told, client)
