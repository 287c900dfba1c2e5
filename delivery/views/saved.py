"""Filters kept under a name."""

from __future__ import annotations

from typing import cast

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from accounts.models import User
from delivery.forms import SavedFilterForm
from delivery.models import SavedFilter
from delivery.services.saved import filter_delete, filter_save
from delivery.views.listing import Place, place_of
from lib.errors import Refused


@require_POST
def track_filters(request: HttpRequest, name: str | None = None) -> HttpResponse:
    """Keep the filter that the list shows."""
    place = place_of(request, name)
    form = SavedFilterForm(request.POST)
    if not form.is_valid():
        return _back(request, place, str(next(iter(form.errors.values()))[0]))
    query = form.filter(everywhere=place.domain is None, provider=place.provider)
    try:
        saved = filter_save(
            actor=cast(User, request.user), domain=place.domain, name=form.cleaned_data["name"], query=query
        )
    except Refused as refused:
        return _back(request, place, refused.message, query)
    messages.success(request, _("Kept as “%(name)s”. You find it above the list.") % {"name": saved.name})
    return redirect(f"{place.url()}?{saved.query}")


@require_POST
def track_filter_delete(request: HttpRequest, saved: int, name: str | None = None) -> HttpResponse:
    place = place_of(request, name)
    mine = SavedFilter.objects.visible_to(request.user).filter(domain=place.domain)
    found = get_object_or_404(mine, pk=saved)
    filter_delete(actor=cast(User, request.user), saved=found)
    messages.success(
        request, _("The filter “%(name)s” is deleted. No mail was touched.") % {"name": found.name}
    )
    return redirect(place.url())


def _back(request: HttpRequest, place: Place, why: str, query: str = "") -> HttpResponse:
    messages.error(request, why)
    return redirect(f"{place.url()}?{query}" if query else place.url())
