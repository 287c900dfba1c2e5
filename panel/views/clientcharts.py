"""Charts of one client's mail, for its reseller and the provider."""

from __future__ import annotations

from dataclasses import asdict, replace
from typing import Any
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.models import Account
from delivery.charts.selectors import Scope
from delivery.sending import frees_at
from delivery.views.charts import export, page, way_of
from panel.clients.lookups import client_or_404
from panel.clients.meters import Meter, held_by


@require_safe
def client_charts(request: HttpRequest, pk: int) -> HttpResponse:
    account = client_or_404(request, pk)
    scope = Scope(user=request.user, account=account, way=way_of(request))
    list_url = f"{reverse('track-all')}?{urlencode({'client': account.name})}"
    context = page(request, scope, list_url) | {
        "account": account,
        "parent": "base.html",
        "list_url": list_url,
        "export_url": reverse("client-charts-export", args=[pk]),
        "meters": _meters(account),
    }
    return render(request, "delivery/charts/page.html", context)


@require_safe
def client_charts_export(request: HttpRequest, pk: int) -> StreamingHttpResponse:
    account = client_or_404(request, pk)
    return export(request, Scope(user=request.user, account=account, way=way_of(request)), f"client-{pk}")


def _meters(account: Account) -> list[dict[str, Any]]:
    """All that the plan limits; what mails per hour leave, or when they do again."""
    return [asdict(_sends(account, one) if not one.calm else one) for one in held_by(account).meters]


def _sends(account: Account, meter: Meter) -> Meter:
    if meter.used < meter.total:
        return meter
    frees = frees_at(account, meter.total)
    if frees is None or frees <= timezone.now():
        return meter
    at = formats.time_format(timezone.localtime(frees), "H:i")
    return replace(meter, note=_("Used up. The next mail may go at %(at)s.") % {"at": at})
