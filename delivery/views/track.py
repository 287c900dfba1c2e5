"""The list, what is new in it, and one message. With ``name``: of one domain; without: of all that the person
may see."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.urls import reverse
from django.views.decorators.http import require_safe

from accounts.access import Right, domain_or_404, is_provider, require_somewhere
from accounts.models import Domain
from delivery import journey, selectors
from delivery.explain import explain
from delivery.forms import TrackFilter
from delivery.models import Entry, Status
from delivery.selectors import Key
from delivery.views.rows import LOOKS, rows_of, subject_of, url_of

NOWHERE = Key(0)


@require_safe
def track(request: HttpRequest, name: str | None = None) -> HttpResponse:
    domain = _domain(request, name)
    form = TrackFilter(request.GET)
    form.is_valid()
    found = selectors.page(request.user, domain, form.query())
    kept = form.kept()
    context = _frame(domain) | {
        "form": form,
        "chips": _chips(kept),
        "filtered": bool(kept),
        "rows": rows_of(found.entries, _names(domain, found.entries)),
        "newest": f"?{urlencode(kept)}" if form.query().before else "",
        "poll": "" if form.query().before else _poll(domain, kept, found.entries),
        "older": f"?{urlencode(kept | {'before': str(found.older)})}" if found.older else "",
        "today": selectors.counts_today([domain.pk])[domain.pk] if domain else None,
    }
    return render(request, "delivery/track.html", context)


@require_safe
def track_news(request: HttpRequest, name: str | None = None) -> HttpResponse:
    """What the list at ``head`` and ``changed`` does not show yet, for htmx: 204 if nothing."""
    domain = _domain(request, name)
    form = TrackFilter(request.GET)
    form.is_valid()
    head = Key.parse(request.GET.get("head", "")) or NOWHERE
    changed = Key.parse(request.GET.get("changed", "")) or NOWHERE
    new, other = selectors.news(request.user, domain, form.query(), head, changed.pk)
    if not new and not other:
        return HttpResponse(status=204)
    if not head.pk:
        return HttpResponse(status=204, headers={"HX-Refresh": "true"})  # the first rows: draw the whole page
    names = _names(domain, [*new, *other])
    poll = _poll(domain, form.kept(), [*new, *other], head=head, changed=changed.pk)
    context = _frame(domain) | {"new": rows_of(new, names), "changed": rows_of(other, names), "poll": poll}
    return render(request, "delivery/news.html", context)


@require_safe
def message(request: HttpRequest, pk: int, name: str | None = None) -> HttpResponse:
    domain = _domain(request, name)
    entries = Entry.objects.visible_to(request.user)
    entries = entries.filter(domain_id=domain.pk) if domain else entries
    entry = get_object_or_404(entries, pk=pk)
    found = selectors.message_of(entry)
    mail = selectors.mail_of(found)
    others = selectors.siblings(entry, mail)
    everything = is_provider(request.user)
    mine = [one for one in mail.addressees if everything or one.domain_id == entry.domain_id]
    filed = selectors.filed_of(journey.sessions(mine), since=entry.at, until=found.last_at)
    seen = journey.visible(entry, selectors.lines_of(mail, filed), mail, everything=everything)
    names = _names(domain, [entry])
    css, icon = LOOKS[Status(entry.status)]
    context = _frame(domain) | {
        "entry": entry,
        "message": found,
        "subject": subject_of(entry),
        "outcome": explain(entry),
        "css": css,
        "icon": icon,
        "steps": journey.steps(entry, seen),
        "others": [(one, url_of(one, names), *LOOKS[Status(one.status)]) for one in others],
    }
    return render(request, "delivery/message.html", context)


def _domain(request: HttpRequest, name: str | None) -> Domain | None:
    if name is None:
        require_somewhere(request.user, Right.SETTINGS)
        return None
    return domain_or_404(request, name, Right.SETTINGS)


def _names(domain: Domain | None, entries: list[Entry]) -> dict[int, str]:
    return (
        {domain.pk: domain.name} if domain else selectors.domain_names({entry.domain_id for entry in entries})
    )


def _frame(domain: Domain | None) -> dict[str, Any]:
    parent = "domain_base.html" if domain else "base.html"
    return {
        "domain": domain,
        "nav": "track",
        "parent": parent,
        "list_url": reverse("track", args=[domain.name]) if domain else reverse("track-all"),
    }


def _poll(
    domain: Domain | None,
    kept: dict[str, str],
    entries: list[Entry],
    *,
    head: Key | None = None,
    changed: int = 0,
) -> str:
    """Where to ask for what comes after ``entries``."""
    top = max([head or NOWHERE, *(Key.of(entry) for entry in entries)])
    url = reverse("track-news", args=[domain.name]) if domain else reverse("track-all-news")
    asks = kept | {"head": str(top), "changed": str(max(changed, selectors.last_change(entries)))}
    return f"{url}?{urlencode(asks)}"


def _chips(kept: dict[str, str]) -> list[dict[str, Any]]:
    """The statuses as links that keep the rest of the filter."""
    rest = {name: value for name, value in kept.items() if name != "status"}
    chips: list[dict[str, Any]] = [{"url": f"?{urlencode(rest)}", "label": "", "on": "status" not in kept}]
    for status in (
        Status.DELIVERED,
        Status.PROGRESS,
        Status.DEFERRED,
        Status.FAILED,
        Status.REJECTED,
        Status.HELD,
    ):
        css, icon = LOOKS[status]
        url = f"?{urlencode(rest | {'status': str(int(status))})}"
        chips.append(
            {
                "url": url,
                "label": status.label,
                "css": css,
                "icon": icon,
                "on": kept.get("status") == str(int(status)),
            }
        )
    return chips
