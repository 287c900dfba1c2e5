"""One record: added, edited or copied into the person's draft."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from dnszone import keepers, rdata, selectors, services
from dnszone.forms import RecordForm
from dnszone.kinds import groups
from dnszone.models import Record, Zone
from dnszone.selectors import Line
from dnszone.services import Change
from dnszone.spec import Row
from dnszone.views.base import Request, frame, posted, zone_for
from dnszone.views.editor import pending_of
from lib.errors import Refused

SWITCH = "to"  # the button that shows the other kind of form


@require_http_methods(["GET", "HEAD", "POST"])
def record_new(request: Request, name: str) -> HttpResponse:
    """Without a type: the choice of types, each with what it is for. ``copy``: the record to start from."""
    found = zone_for(request, name)
    start = _copied(request, found)
    kind = rdata.TYPES.get(start.type if start else request.GET.get("type", "").upper())
    if kind is None:
        return render(request, "dnszone/types.html", frame(found) | {"groups": groups()})
    form = _form(request, found, kind, start)
    return _record_page(request, found, form, None)


def _copied(request: Request, zone: Zone) -> Row | None:
    asked = request.GET.get("copy", "")
    if not asked:
        return None
    if not (asked.isdecimal() and asked.isascii() and len(asked) < 19):
        raise Http404
    record = Record.objects.filter(zone=zone, pk=int(asked)).first()
    if record is None or record.locked or record.type not in rdata.TYPES:
        raise Http404
    return pending_of(request, zone).line(record.row()).row


@require_http_methods(["GET", "HEAD", "POST"])
def record_edit(request: Request, name: str, record: int) -> HttpResponse:
    found = zone_for(request, name)
    row = Record.objects.filter(zone=found, pk=record).first()
    if row is None:
        return _gone(request, found, record)
    if row.type not in rdata.TYPES or row.locked:
        raise Http404
    line = pending_of(request, found).line(row.row())
    return _record_page(request, found, _form(request, found, rdata.TYPES[row.type], line.row), line)


@require_http_methods(["GET", "HEAD", "POST"])
def draft_item(request: Request, name: str, item: int) -> HttpResponse:
    """A record that is in the draft alone."""
    found = zone_for(request, name)
    line = pending_of(request, found).added(item)
    if line is None or line.row.type not in rdata.TYPES:
        messages.warning(request, _("This change is no longer in your draft."))
        return redirect("zone", name)
    return _record_page(request, found, _form(request, found, rdata.TYPES[line.row.type], line.row), line)


def _gone(request: Request, zone: Zone, record: int) -> HttpResponse:
    """Deleted while the page was open is no mystery: say so. What never was here is a 404."""
    if not Record.was_in(zone, record):
        raise Http404
    messages.warning(request, _("This record is no longer there: it was deleted meanwhile."))
    return redirect("zone", zone.name)


def _form(request: Request, zone: Zone, kind: rdata.RecordType, start: Row | None) -> RecordForm:
    return RecordForm(posted(request), zone=zone, kind=kind, start=start, raw="raw" in request.GET)


def _record_page(request: Request, zone: Zone, form: RecordForm, line: Line | None) -> HttpResponse:
    """``line``: the record that is edited; None: a new one."""
    status = 200
    if request.method == "POST" and SWITCH in request.POST:
        form = form.switched()
    elif request.method == "POST":
        if form.is_valid() and _gathered(request, zone, form, line):
            return redirect("zone", zone.name)
        status = 422
    context = frame(zone) | {"form": form, "kind": form.kind, "line": line, **_addresses(request, form)}
    context["back"] = _taken_over(zone, line)
    return render(request, "dnszone/record.html", context, status=status)


def _taken_over(zone: Zone, line: Line | None) -> str:
    """The label of a record that the panel would keep, and this person’s stands in its place; or empty."""
    if line is None or line.row.pk is None or line.label:
        return ""
    wanted = keepers.kept(zone)
    if not keepers.label_over(wanted, line.row):  # nearly always, and then the zone need not be read
        return ""
    return keepers.label_over(keepers.gaps(wanted, selectors.rows_of(zone)), line.row)


def _addresses(request: Request, form: RecordForm) -> dict[str, str]:
    """Of this page with the form as it is shown, and with the other one."""
    query = request.GET.copy()
    query.pop("raw", None)
    typed = query.urlencode()
    query["raw"] = "1"
    raw = query.urlencode()
    here, there = (raw, typed) if form.raw else (typed, raw)
    return {"here": f"{request.path}?{here}", "there": f"{request.path}?{there}"}


def _gathered(request: Request, zone: Zone, form: RecordForm, line: Line | None) -> bool:
    spec = form.spec()
    try:
        if line is not None and line.row.pk is None:
            services.draft_replace_item(
                actor=request.user,
                zone=zone,
                item=line.item,
                spec=spec,
                base_serial=form.cleaned_data.get("base_serial"),
            )
            return True
        pk = line.row.pk if line else None
        draft = services.draft_change(
            actor=request.user,
            zone=zone,
            changes=[Change(record=pk, spec=spec)],
            base_serial=form.cleaned_data.get("base_serial"),
        )
    except Refused as refused:
        form.refuse(refused)
        return False
    if pk is not None and pk not in selectors.wishes(draft).by_record:
        messages.success(request, _("Nothing was different."))
    return True
