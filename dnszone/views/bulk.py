"""Many records at once: deleted, or with another TTL. Into the draft, like every change."""

from __future__ import annotations

import dataclasses

from django.contrib import messages
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from dnszone import services
from dnszone.forms import TtlForm, ZoneForm
from dnszone.models import Record, Zone
from dnszone.selectors import Line
from dnszone.selectors.pending import GONE
from dnszone.services import Change
from dnszone.views.base import Request, frame, zone_for
from dnszone.views.editor import pending_of
from lib.errors import Refused

BULK_MAX = 500


@require_POST
def records_delete(request: Request, name: str) -> HttpResponse:
    """Fields ``record``. Asked nowhere: nothing goes before the preview is applied."""
    found = zone_for(request, name)
    form = ZoneForm(request.POST)
    lines = _chosen(request, found, request.POST)
    if lines and form.is_valid():
        changes = [Change(record=line.row.pk) for line in lines]
        _gathered(request, found, form, changes)
    return redirect("zone", name)


@require_http_methods(["GET", "HEAD", "POST"])
def records_ttl(request: Request, name: str) -> HttpResponse:
    """Asks for the TTL of the records in ``record``. A POST without one is the list, asking for this page."""
    found = zone_for(request, name)
    asked = request.POST if request.method == "POST" else request.GET
    lines = [line for line in _chosen(request, found, asked) if line.state != GONE]
    if not lines:
        return redirect("zone", name)
    form = TtlForm(request.POST if "ttl" in request.POST else None, zone=found, now=lines[0].row.ttl)
    if form.is_bound and form.is_valid():
        changes = [
            Change(record=line.row.pk, spec=dataclasses.replace(line.spec, ttl=form.seconds))
            for line in lines
        ]
        if _gathered(request, found, form, changes, say=False):
            return redirect("zone", name)
    status = 422 if form.errors else 200
    return render(request, "dnszone/ttl.html", frame(found) | {"form": form, "lines": lines}, status=status)


def _chosen(request: Request, zone: Zone, asked: QueryDict) -> list[Line]:
    """Says so when there is nothing to do, or too much."""
    keys = {int(pk) for pk in asked.getlist("record") if pk.isdecimal() and pk.isascii() and len(pk) < 19}
    if len(keys) > BULK_MAX:
        messages.error(request, _("Choose at most %(max)d records at once.") % {"max": BULK_MAX})
        return []
    rows = Record.objects.filter(zone=zone, pk__in=keys).order_by("owner", "type", "id") if keys else ()
    pending = pending_of(request, zone)
    lines = [pending.line(record.row()) for record in rows]
    if not lines:
        messages.warning(request, _("No record was chosen, or it is no longer there."))
    return lines


def _gathered(
    request: Request, zone: Zone, form: ZoneForm, changes: list[Change], *, say: bool = True
) -> bool:
    serial = form.cleaned_data.get("base_serial")
    try:
        services.draft_change(actor=request.user, zone=zone, changes=changes, base_serial=serial)
    except Refused as refused:
        form.refuse(refused)
        if say:
            messages.error(request, refused.message)
        return False
    return True
