"""Where is my DNS: what the world sees, what to copy, how to move."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Right
from dnszone.models import Zone
from dnszone.selectors import rows_of
from dnszone.views.base import Request, frame, may_change, switched_off, zone_for
from dnszone.whereis import services as whereis
from dnszone.whereis.page import ServersPage
from lib.errors import Refused

TAKEN_MAX = 100


@never_cache
@require_safe
def servers(request: Request, name: str) -> HttpResponse:
    """What was seen last, at once; the page then asks for a fresh look."""
    return _page(request, zone_for(request, name, Right.SETTINGS))


@require_POST
def look(request: Request, name: str) -> HttpResponse:
    """Takes up to live.SECONDS."""
    found = zone_for(request, name, Right.SETTINGS)
    whereis.look_now(found)
    return _page(request, found, "#now") if request.htmx else redirect("zone-servers", found.name)


@require_POST
def take(request: Request, name: str) -> HttpResponse:
    """What the present provider has goes into the person's draft."""
    found = zone_for(request, name)
    digests = request.POST.getlist("take")[:TAKEN_MAX]
    try:
        whereis.take_over(actor=request.user, zone=found, digests=digests)
    except Refused as refused:
        messages.error(request, refused.message)
        return redirect("zone-servers", found.name)
    words = ngettext("%(n)d name is in your draft.", "%(n)d names are in your draft.", len(digests))
    messages.success(request, words % {"n": len(digests)} + " " + _("Look at it, then apply it."))
    return redirect("zone-servers", found.name)


def _page(request: Request, zone: Zone, part: str = "") -> HttpResponse:
    page = ServersPage(zone, rows_of(zone), whereis.verdict_of(zone))
    context = frame(zone, "servers") | {
        "page": page,
        "can_zone": may_change(request, zone) and not switched_off(zone),
        "looking": not page.fresh and not part,
    }
    return render(request, f"dnszone/servers.html{part}", context)
