"""The order in which servers are tried: by typing priorities, by moving one up or down, by dragging."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dnszone import services
from dnszone.forms import MxForm
from dnszone.forms.mx import changed, moved
from dnszone.models import Zone
from dnszone.selectors import apex_rows, desk_of, mx_lines, wishes
from dnszone.views.base import Request, posted, zone_for
from dnszone.views.editor import editor_page, mx_sentence
from lib.errors import Refused


@require_http_methods(["GET", "HEAD", "POST"])
def mx_order(request: Request, name: str) -> HttpResponse:
    """GET with priorities: what they would mean, in one sentence. POST keeps them in the draft."""
    found = zone_for(request, name)
    desk = desk_of(found, request.user, whole=False)
    pending = wishes(desk.draft)
    lines = mx_lines(desk.rows, pending)
    form = MxForm(posted(request) or request.GET, zone=found, lines=lines)
    if request.method != "POST":
        return HttpResponse(mx_sentence(found, form, apex_rows(desk.rows, pending)))
    if form.is_valid() and _ordered(request, found, form):
        return editor_page(request, found, part="mx-saved") if request.htmx else redirect("zone", name)
    return editor_page(request, found, mx_form=form, part="mx-saved", status=422)


def _ordered(request: Request, zone: Zone, form: MxForm) -> bool:
    wishes = changed(form.staying(), _priorities(request, form))
    try:
        services.draft_edit(
            actor=request.user,
            zone=zone,
            records={line.row.pk: spec for line, spec in wishes if line.row.pk is not None},
            items={line.item: spec for line, spec in wishes if line.row.pk is None},
            base_serial=form.cleaned_data.get("base_serial"),
        )
    except Refused as refused:
        form.refuse(refused)
        return False
    if not wishes and not request.htmx:
        messages.success(request, _("Nothing was different."))
    return True


def _priorities(request: Request, form: MxForm) -> dict[str, int]:
    typed = form.typed()
    order = sorted(typed.items(), key=lambda pair: pair[1])  # stable: equal ones stay as they are shown
    for word, step in (("up", -1), ("down", 1)):
        if key := request.POST.get(word):
            return moved(order, key, step)
    return typed
