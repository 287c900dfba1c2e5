"""Import and export of zone files."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import Right
from dnszone.models import Zone
from dnszone.selectors import draft_of
from dnszone.views.base import Request, frame, may_change, posted, switched_off, zone_for
from dnszone.zonefile import exporting
from dnszone.zonefile.fetching import zone_fetch
from dnszone.zonefile.forms import TEXT_AGAIN, ImportForm, TransferForm
from dnszone.zonefile.importing import Brought, zone_file_bring
from lib.errors import Refused

TAB = "zonefile"


@require_http_methods(["GET", "HEAD", "POST"])
def zone_import(request: Request, name: str) -> HttpResponse:
    """A file that is uploaded or pasted: on to the preview of what it changes."""
    zone = zone_for(request, name)
    draft = draft_of(request.user, zone)
    sent = posted(request)
    form = ImportForm(sent, None if sent is None else request.FILES, draft=draft)
    found = None
    if request.method == "POST" and form.is_valid():
        found = _brought(request, zone, form, form.cleaned_data["text"], form.title)
        if found and not found.reading.wrong:
            return _onward(request, zone, found, form.said)
    if request.method == "POST":
        form.show_again()
    return _page(request, zone, form, TransferForm(draft=draft, auto_id="fetch-%s"), found)


@require_http_methods(["GET", "HEAD", "POST"])
def zone_transfer(request: Request, name: str) -> HttpResponse:
    """The zone as another server hands it out: on to the preview of what it changes."""
    zone = zone_for(request, name)
    draft = draft_of(request.user, zone)
    form = TransferForm(posted(request), draft=draft, auto_id="fetch-%s")
    found, text = None, ""
    if request.method == "POST" and form.is_valid():
        text = _fetched(request, zone, form)
        found = _brought(request, zone, form, text, form.cleaned_data["server"]) if text else None
        if found and not found.reading.wrong:
            return _onward(request, zone, found)
    again = {"text": text if len(text) <= TEXT_AGAIN else "", "how": form["how"].value()}
    return _page(request, zone, ImportForm(draft=draft, initial=again), form, found)


@require_safe
def zone_export(request: Request, name: str) -> HttpResponse:
    zone = zone_for(request, name, Right.SETTINGS)
    text = exporting.zone_file(zone)
    if "download" in request.GET:
        response = HttpResponse(text, content_type="text/plain; charset=utf-8")
        response["Content-Disposition"] = f'attachment; filename="{zone.name}.db"'
        return response
    context = frame(zone, TAB) | {
        "text": text,
        "may_import": may_change(request, zone) and not switched_off(zone),
    }
    return render(request, "dnszone/export.html", context)


def _fetched(request: Request, zone: Zone, form: TransferForm) -> str:
    try:
        return zone_fetch(actor=request.user, zone=zone, server=form.cleaned_data["server"])
    except Refused as refused:
        form.refuse(refused)
        return ""


def _brought(
    request: Request, zone: Zone, form: ImportForm | TransferForm, text: str, title: str
) -> Brought | None:
    try:
        return zone_file_bring(actor=request.user, zone=zone, text=text, title=title, **form.wish)
    except Refused as refused:
        form.refuse(refused)
        return None


def _onward(request: Request, zone: Zone, found: Brought, *said: str) -> HttpResponse:
    for sentence in [*filter(None, said), *found.reading.heard.sentences()]:
        messages.info(request, sentence)
    if found.different:
        return redirect("zone-preview", zone.name)
    messages.success(request, _("Nothing is different: the zone is what the file says already."))
    return redirect("zone-import", zone.name)


def _page(
    request: Request, zone: Zone, form: ImportForm, transfer: TransferForm, found: Brought | None
) -> HttpResponse:
    reading = found.reading if found and found.reading.wrong else None
    context = frame(zone, TAB) | {
        "form": form,
        "transfer": transfer,
        "reading": reading,
        "more": reading.wrong - len(reading.problems) if reading else 0,
        "switched_off": switched_off(zone),
    }
    status = 422 if reading or form.errors or transfer.errors else 200
    return render(request, "dnszone/import.html", context, status=status)
