"""The page of DNSSEC and its switch. Whoever changes something makes the panel look first: what was seen an
hour ago is nothing to decide upon."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Right
from dnszone.dnssec import live, selectors, services
from dnszone.models import SigningWatch, Zone, ZoneSigning
from dnszone.services.store import key_of
from dnszone.views.base import Request, frame, may_change, switched_off, zone_for
from lib.errors import Refused
from provision.selectors import statuses

BREATHER = timedelta(seconds=3)
"""Whoever presses “Look now” again sooner is shown what was just seen."""


@require_safe
def dnssec(request: Request, name: str) -> HttpResponse:
    zone = zone_for(request, name, Right.SETTINGS)
    context = frame(zone, "dnssec") | {
        "page": selectors.page(zone, timezone.now()),
        "status": statuses([key_of(zone)])[key_of(zone)],
        "can_zone": may_change(request, zone) and not switched_off(zone),
        "switched_off": switched_off(zone),
    }
    return render(request, "dnszone/dnssec.html", context)


@require_POST
def on(request: Request, name: str) -> HttpResponse:
    return _done(request, zone_for(request, name), services.dnssec_on, _("DNSSEC is on."))


@require_http_methods(["GET", "HEAD", "POST"])
def off(request: Request, name: str) -> HttpResponse:
    """Asks first. When it is too early it says why, and what would break: then it is done only ``anyway``."""
    zone = zone_for(request, name)
    if not ZoneSigning.objects.filter(zone=zone, generations__len__gt=0).exists():
        messages.info(request, _("DNSSEC is off already."))
        return redirect("zone-dnssec", name)
    why = ""
    if request.method == "POST":
        _look(zone)
        try:
            services.dnssec_off(actor=request.user, zone=zone, anyway=request.POST.get("anyway") == "1")
        except Refused as refused:
            why = refused.message
        else:
            messages.success(request, _("DNSSEC is off."))
            return redirect("zone-dnssec", name)
    context = frame(zone, "dnssec") | {"why": why, "page": selectors.page(zone, timezone.now())}
    return render(request, "dnszone/dnssec_off.html", context, status=422 if why else 200)


@require_POST
def roll(request: Request, name: str) -> HttpResponse:
    said = _("The name servers make a new key. The old one signs as before.")
    return _done(request, zone_for(request, name), services.rollover_start, said)


@require_POST
def finish(request: Request, name: str) -> HttpResponse:
    zone = zone_for(request, name)
    _look_if_rolling(zone)
    return _done(
        request, zone, services.rollover_finish, _("The old key is removed; the new one signs alone.")
    )


@require_POST
def cancel(request: Request, name: str) -> HttpResponse:
    zone = zone_for(request, name)
    _look_if_rolling(zone)
    said = _("The new key is removed; the old one signs alone.")
    return _done(request, zone, services.rollover_cancel, said)


@require_POST
def look(request: Request, name: str) -> HttpResponse:
    zone = zone_for(request, name, Right.SETTINGS)
    _look(zone)
    return redirect("zone-dnssec", name)


def _look_if_rolling(zone: Zone) -> None:
    if ZoneSigning.objects.filter(zone=zone, generations__len=2).exists():
        _look(zone)


def _look(zone: Zone) -> None:
    now = timezone.now()
    if not SigningWatch.objects.filter(zone=zone, asked_at__gt=now - BREATHER, asked_at__lte=now).exists():
        live.look(zone)


def _done(request: Request, zone: Zone, service: Callable[..., Any], said: str) -> HttpResponse:
    try:
        service(actor=request.user, zone=zone)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, said)
    return redirect("zone-dnssec", zone.name)
