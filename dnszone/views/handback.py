"""Handing records back to the panel."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dnszone.services.handback import managed_hand_back
from dnszone.views.base import Request, zone_for
from lib.errors import Refused


@require_POST
def hand_back(request: Request, name: str) -> HttpResponse:
    """``label``: one of managed.LABELS."""
    found = zone_for(request, name)
    try:
        managed_hand_back(actor=request.user, zone=found, label=request.POST.get("label", "")[:20])
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("The panel will keep these records again, once you apply the change."))
    return redirect("zone", found.name)
