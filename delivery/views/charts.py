"""Charts of one domain, or of all that the person may read of; panel.views.clientcharts has those of a
client."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone, translation
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Right, domain_or_404, require_somewhere
from accounts.models import Domain
from delivery.charts import selectors, shown
from delivery.charts.selectors import Scope, Slow
from delivery.charts.spans import RANGES, Span, span
from delivery.explain import BY_SLUG
from delivery.models import Direction, Status
from delivery.views.rows import LOOKS
from lib.csvs import streamed
from lib.templatetags.ui import count

_SPAN, _WAY = "7d", ""


@require_safe
def charts(request: HttpRequest, name: str | None = None) -> HttpResponse:
    scope = _scope(request, name)
    list_url = reverse("track", args=[name]) if name else reverse("track-all")
    context = page(request, scope, list_url) | {
        "domain": scope.domain,
        "nav": "track",
        "parent": "domain_base.html" if scope.domain else "base.html",
        "list_url": list_url,
        "export_url": reverse("track-charts-export", args=[name])
        if name
        else reverse("track-all-charts-export"),
    }
    return render(request, "delivery/charts/page.html", context)


@require_safe
def charts_export(request: HttpRequest, name: str | None = None) -> StreamingHttpResponse:
    return export(request, _scope(request, name), name or "all")


def _scope(request: HttpRequest, name: str | None) -> Scope:
    domain: Domain | None = None
    if name is None:
        require_somewhere(request.user, Right.SETTINGS)
    else:
        domain = domain_or_404(request, name, Right.SETTINGS)
    return Scope(user=request.user, domain=domain, way=way_of(request))


def way_of(request: HttpRequest) -> str:
    way = request.GET.get("way", "")
    return way if way in {"in", "out"} else _WAY


def _span(request: HttpRequest) -> Span:
    key = request.GET.get("range", _SPAN)
    return span(key if key in RANGES else _SPAN, timezone.now(), timezone.get_current_timezone())


def page(request: HttpRequest, scope: Scope, list_url: str = "") -> dict[str, Any]:
    """All that templates/delivery/charts/page.html needs. Three queries. ``list_url``: of the list that
    shows the mails, with what it is filtered by already."""
    over = _span(request)
    read = selectors.numbers(scope, over)
    found = read.parts
    return {
        "ranges": _links(request, "range", _ranges(), over.key),
        "ways": _links(request, "way", _ways(), scope.way),
        "charts": shown.charts(found, over),
        "heads": shown.heads(),
        "table": shown.table(found, over),
        "any": any(part.total for part in found),
        "causes": _causes(read.causes, over, scope.way, list_url),
        "slowest": [] if scope.way == "in" else _slowest(scope, over, list_url),
        "slow_days": selectors.slow_days(over),
        "meters": _meters(scope),
        "kept": f"?{urlencode({'range': over.key, 'way': scope.way})}",
    }


def export(request: HttpRequest, scope: Scope, name: str) -> StreamingHttpResponse:
    over = _span(request)
    found = selectors.parts(scope, over)
    lines = shown.rows(found, over, translation.get_language() or "en")
    return streamed(lines, name=f"charts-{name}-{over.key}-{timezone.localdate()}.csv")


def week(scope: Scope) -> shown.Chart | None:
    """What did not arrive in the last 7 days: ``chart`` of delivery/charts/bars.html. None: nothing. One
    query."""
    over = span("7d", timezone.now(), timezone.get_current_timezone())
    drawn = shown.charts(selectors.parts(scope, over), over)
    return replace(drawn[1], title=_("Not delivered, the last 7 days")) if drawn[1].bars.top else None


def _ranges() -> dict[str, str]:
    return {"24h": _("24 hours"), "7d": _("7 days"), "30d": _("30 days"), "90d": _("90 days")}


def _ways() -> dict[str, str]:
    return {"": _("In and out"), "in": _("Incoming"), "out": _("Outgoing")}


def _links(request: HttpRequest, key: str, words: dict[str, str], chosen: str) -> list[tuple[str, str, bool]]:
    """(address, word, chosen), each keeping the other choice."""
    kept = {name: value for name in ("range", "way") if (value := request.GET.get(name, "")) and name != key}
    return [(f"?{urlencode(kept | {key: value})}", word, value == chosen) for value, word in words.items()]


def _meters(scope: Scope) -> list[dict[str, Any]]:
    """As components/meter.html takes them: what the domain's account sent by the hour, against its limit.
    What the server counts is asked for by the page (its "sending" part)."""
    if scope.domain is None:
        return []
    account, now = scope.domain.account, timezone.now()
    this, busiest = selectors.sending(account, now)
    total = account.sends_per_hour
    note = _("All domains of the account together. %(left)s left until %(at)s.") % {
        "left": count(max(0, total - this)),
        "at": formats.time_format(timezone.localtime(now + timedelta(hours=1)).replace(minute=0), "H:i"),
    }
    return [
        {"label": _("Sent since the hour began"), "used": this, "total": total, "note": note},
        {"label": _("Sent in the busiest of the last 24 hours"), "used": busiest, "total": total},
    ]


def _asking(list_url: str, over: Span, days: int, way: str = "", **asks: Any) -> str:
    """The list of the last ``days``, counted from midnight as it counts."""
    number = {"in": int(Direction.IN), "out": int(Direction.OUT)}.get(way)
    since = over.starts[-1].astimezone(over.zone).date() - timedelta(days=days - 1)
    values = {"since": max(over.first_day, since).isoformat(), "way": number} | asks
    joint = "&" if "?" in list_url else "?"
    return f"{list_url}{joint}{urlencode({key: value for key, value in values.items() if value})}"


def _causes(found: list[tuple[str, int, int]], over: Span, way: str, list_url: str) -> list[dict[str, Any]]:
    most = max((number for _slug, _status, number in found), default=1)
    made = []
    for slug, status, number in found:
        css, icon = LOOKS[Status(status)]
        known = slug in BY_SLUG
        made.append(
            {
                "why": BY_SLUG[slug].words.why if known else _("Another reason"),
                "status": Status(status).label,
                "css": css,
                "icon": icon,
                "number": number,
                "percent": f"{number * 100 / most:.1f}",
                "url": _asking(list_url, over, len(over.starts), way, cause=slug, status=status)
                if list_url and known
                else "",
            }
        )
    return made


def _slowest(scope: Scope, over: Span, list_url: str) -> list[tuple[Slow, str]]:
    days = selectors.slow_days(over)
    return [
        (one, _asking(list_url, over, days, "out", q=one.destination) if list_url else "")
        for one in selectors.slowest(scope, over)
    ]
