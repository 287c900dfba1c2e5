"""The Zone Editor. Each save applies at once, as one atomic set."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.conf import settings
from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.cache import patch_vary_headers
from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from accounts.access import Right
from dnszone import mx, names, rdata, services, template
from dnszone.forms import MxForm, RecordForm, ZoneForm
from dnszone.models import Record, Zone
from dnszone.selectors import Kept, RecordsPage, mx_rows, records_page
from dnszone.services import Change
from dnszone.views.base import Request, frame, may_change, posted, switched_off, zone_for
from lib.errors import Refused
from provision.selectors import statuses

UNDO = "zone-undo"  # in the session: [zone, [keys of the records just deleted]]
BULK_MAX = 200


@require_safe
def zone(request: Request, name: str) -> HttpResponse:
    found = zone_for(request, name, Right.SETTINGS)
    return _page(request, found, MxForm(zone=found, rows=mx_rows(found)))


def _page(request: Request, zone: Zone, mx_form: MxForm, status: int = 200) -> HttpResponse:
    query = {key: request.GET.get(key, "") for key in ("q", "type", "sort", "after", "before")}
    page = records_page(
        zone,
        search=query["q"],
        kind=query["type"],
        sort=query["sort"],
        after=query["after"],
        before=query["before"],
    )
    key = f"zone/{zone.name}"
    context = (
        frame(zone)
        | _list_context(query, page)
        | {
            "kinds": [(kind, kind) for kind in rdata.TYPES] + list(Kept.choices),
            "mx_form": mx_form,
            "mx_sentence": _mx_sentence(zone, mx_form),
            "servers": template.name_servers(settings.PROVIDER_DOMAIN),
            "status": None if request.htmx else statuses([key])[key],
            "undo": _undo(request, zone),
            "can_zone": may_change(request, zone) and not switched_off(zone),
            "switched_off": switched_off(zone),
        }
    )
    part = "dnszone/zone.html#records" if request.htmx else "dnszone/zone.html"
    response = render(request, part, context, status=status)
    patch_vary_headers(response, ["HX-Request"])  # or the back button could show the fragment
    return response


_COLUMNS = [
    ("name", __("Name"), "w20"),
    ("type", __("Type"), ""),
    ("value", __("Value"), ""),
    ("ttl", __("TTL"), "n"),
]


def _list_context(query: dict[str, str], page: RecordsPage) -> dict[str, Any]:
    """The records with their addresses: to sort by each column, and to the pages before and after."""
    kept = {key: query[key] for key in ("q", "type", "sort") if query[key]}
    now, down = query["sort"].removeprefix("-") or "name", query["sort"].startswith("-")
    columns = [
        {
            "label": label,
            "css": css,
            "url": "?" + urlencode(kept | {"sort": f"-{key}" if key == now and not down else key}),
            "direction": ("descending" if down else "ascending") if key == now else "",
        }
        for key, label, css in _COLUMNS
    ]
    count = ngettext("%(n)d record", "%(n)d records", page.total) % {"n": page.total}
    shown = _("%(some)d of %(all)s") % {"some": len(page.records), "all": count}
    return {
        "query": query,
        "page": page,
        "columns": columns,
        "previous_url": "?" + urlencode(kept | {"before": page.previous}) if page.previous else "",
        "next_url": "?" + urlencode(kept | {"after": page.next}) if page.next else "",
        "count_text": shown if len(page.records) < page.total else count if page.total else "",
    }


def _mx_sentence(zone: Zone, form: MxForm) -> SafeString:
    """The words are ours, every name in them is escaped."""
    rdatas = [row.record.rdata for row in form.rows]
    words = mx.sentence(
        names.shown(zone.name), rdatas, lambda name: format_html('<b class="addr">{}</b>', name)
    )
    return mark_safe(words)  # noqa: S308 - see above


def _undo(request: Request, zone: Zone) -> list[int]:
    """The records deleted a moment ago; offered once."""
    found, records = request.session.get(UNDO) or (0, [])
    if request.htmx or found != zone.pk:
        return []
    del request.session[UNDO]
    return list(records)


@require_POST
def mx_order(request: Request, name: str) -> HttpResponse:
    found = zone_for(request, name)
    form = MxForm(request.POST, zone=found, rows=mx_rows(found))
    if form.is_valid() and _applied(request, found, form, form.changes()):
        return redirect("zone", name)
    return _page(request, found, form, status=422)


def _applied(request: Request, zone: Zone, form: ZoneForm, changes: list[Change]) -> bool:
    try:
        services.zone_apply(
            actor=request.user, zone=zone, changes=changes, base_serial=form.cleaned_data.get("base_serial")
        )
    except Refused as refused:
        form.refuse(refused)
        return False
    messages.success(
        request, _("Saved. The name servers get it now.") if changes else _("Nothing was different.")
    )
    return True


@require_http_methods(["GET", "HEAD", "POST"])
def record_new(request: Request, name: str) -> HttpResponse:
    """Without a type: the choice of types, each with what it is for."""
    found = zone_for(request, name)
    kind = rdata.TYPES.get(request.GET.get("type", "").upper())
    if kind is None:
        return render(request, "dnszone/types.html", frame(found) | {"types": rdata.TYPES.values()})
    return _record_page(request, found, RecordForm(posted(request), zone=found, kind=kind))


@require_http_methods(["GET", "HEAD", "POST"])
def record_edit(request: Request, name: str, record: int) -> HttpResponse:
    found = zone_for(request, name)
    row = Record.objects.filter(zone=found, pk=record).first()
    if row is None:
        return _gone(request, found, record)
    if row.type not in rdata.TYPES or row.locked:
        raise Http404
    return _record_page(
        request, found, RecordForm(posted(request), zone=found, kind=rdata.TYPES[row.type], record=row)
    )


def _gone(request: Request, zone: Zone, record: int) -> HttpResponse:
    """Deleted while the page was open is no mystery: say so. What never was here is a 404."""
    if not Record.was_in(zone, record):
        raise Http404
    messages.warning(request, _("This record is no longer there: it was deleted meanwhile."))
    return redirect("zone", zone.name)


def _record_page(request: Request, zone: Zone, form: RecordForm) -> HttpResponse:
    status = 200
    if request.method == "POST":
        if form.is_valid() and _applied(request, zone, form, [form.change()]):
            return redirect("zone", zone.name)
        status = 422
    context = frame(zone) | {"form": form, "kind": form.kind, "record": form.record}
    return render(request, "dnszone/record.html", context, status=status)


@require_http_methods(["GET", "HEAD", "POST"])
def records_delete(request: Request, name: str) -> HttpResponse:
    """Asks first, for one record or many: ``?record=1&record=2``."""
    found = zone_for(request, name)
    wanted = [int(pk) for pk in request.GET.getlist("record")[:BULK_MAX] if pk.isdecimal() and len(pk) < 19]
    rows = list(Record.objects.filter(zone=found, pk__in=wanted).order_by("owner", "type", "id"))
    if not rows:
        messages.warning(request, _("No record was chosen, or it is no longer there."))
        return redirect("zone", name)
    form = ZoneForm(posted(request), initial={"base_serial": found.serial})
    if request.method == "POST" and form.is_valid() and _deleted(request, found, form, rows):
        return redirect("zone", name)
    return render(request, "dnszone/delete.html", frame(found) | {"form": form, "records": rows})


def _deleted(request: Request, zone: Zone, form: ZoneForm, rows: list[Record]) -> bool:
    serial = form.cleaned_data.get("base_serial")
    try:
        services.zone_apply(
            actor=request.user, zone=zone, changes=[Change(record=row.pk) for row in rows], base_serial=serial
        )
    except Refused as refused:
        form.refuse(refused)
        return False
    request.session[UNDO] = [zone.pk, [row.pk for row in rows]]
    return True


@require_POST
def records_restore(request: Request, name: str) -> HttpResponse:
    found = zone_for(request, name)
    keys = [int(pk) for pk in request.POST.getlist("record")[:BULK_MAX] if pk.isdecimal() and len(pk) < 19]
    try:
        count = services.records_restore(actor=request.user, zone=found, records=keys)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(
            request, ngettext("%(n)d record is back.", "%(n)d records are back.", count) % {"n": count}
        )
    return redirect("zone", name)
