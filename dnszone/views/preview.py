"""What a person has gathered: shown as a diff with what it does, then applied as one set, merged or given
up."""

from __future__ import annotations

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST

from dnszone import selectors, services
from dnszone.changeset import Stale
from dnszone.models import Draft, Zone
from dnszone.previewing import ApplyForm, previewed, wish
from dnszone.ttls import in_words
from dnszone.views.base import Request, frame, switched_off, zone_for
from lib.errors import Refused

NAMED = 8  # changes that the question before discarding names
LOOSE = 100  # changes that can be taken out one by one when they do not fit together
_BACK = {"zone": "zone", "preview": "zone-preview"}


@require_http_methods(["GET", "HEAD", "POST"])
def preview(request: Request, name: str) -> HttpResponse:
    found = zone_for(request, name)
    if request.method != "POST":
        return _page(request, found)
    form = ApplyForm(request.POST)
    if not form.is_valid():
        return _page(request, found, form=form)
    return _applied(request, found, form)


def _applied(request: Request, zone: Zone, form: ApplyForm) -> HttpResponse:
    data = form.cleaned_data
    try:
        version = services.draft_apply(
            actor=request.user, zone=zone, rev=data["rev"], serial=data["serial"], reason=data["reason"]
        )
    except Stale as stale:
        return _page(request, zone, form=form, refused=stale, since=data["serial"])
    except Refused as refused:
        if selectors.draft_of(request.user, zone) is None:
            messages.warning(request, refused.message)
            return redirect("zone", zone.name)
        return _page(request, zone, form=form, refused=refused)
    done = _("Applied as one set. The name servers get it now.") if version else _("Nothing was different.")
    messages.success(request, done)
    return redirect("zone", zone.name)


def _page(
    request: Request,
    zone: Zone,
    *,
    form: ApplyForm | None = None,
    refused: Refused | None = None,
    since: int | None = None,
) -> HttpResponse:
    """After a refused POST: what it is now, with the reason that was written."""
    zone.refresh_from_db(fields=["serial"])
    shown = previewed(zone, request.user, since)
    start = {"rev": shown.draft.rev, "serial": zone.serial} if shown else {}
    reason = form.data.get("reason", "")[:200].replace("\x00", "") if form else ""
    fresh = ApplyForm(initial=start | {"reason": reason})
    context = frame(zone) | {
        "shown": shown,
        "form": fresh if form is None or form.is_valid() else _again(form, start),
        "refused": refused,
        "switched_off": switched_off(zone),
        "loose": [(wish(item), item["id"]) for item in shown.draft.items[:LOOSE]] if shown else [],
        "waits": in_words(shown.slowest) if shown and shown.slowest else "",
    }
    return render(request, "dnszone/preview.html", context, status=422 if form else 200)


def _again(form: ApplyForm, start: dict[str, int]) -> ApplyForm:
    """The form with its errors, about what is there now."""
    form.data = {**{key: form.data[key] for key in form.data}, **{key: str(start[key]) for key in start}}
    return form


@require_http_methods(["GET", "HEAD", "POST"])
def discard(request: Request, name: str) -> HttpResponse:
    """GET asks, POST gives the draft up."""
    found = zone_for(request, name)
    draft = selectors.draft_of(request.user, found)
    if draft is None:
        messages.info(request, _("There was nothing to discard."))
        return redirect("zone", found.name)
    if request.method != "POST":
        context = {"count": len(draft.items) + bool(draft.routing), "lost": _lost(draft)}
        return render(request, "dnszone/discard.html", frame(found) | context)
    services.draft_discard(actor=request.user, zone=found)
    messages.success(request, _gave_up(draft))
    return redirect("zone", found.name)


def _lost(draft: Draft) -> list[str]:
    """The first changes in a line each, then how many more there are."""
    lines = [wish(item) for item in draft.items[:NAMED]]
    if draft.routing:
        lines.append(_("Email Routing"))
    more = len(draft.items) - NAMED
    return [*lines, _("and %(n)d more") % {"n": more}] if more > 0 else lines


def _gave_up(draft: Draft) -> str:
    kinds = sorted({(item["spec"] or item["was"])[1] for item in draft.items})
    count = len(draft.items) + bool(draft.routing)
    words = ngettext(
        "%(n)d change discarded (%(kinds)s). The zone is as it was.",
        "%(n)d changes discarded (%(kinds)s). The zone is as it was.",
        count,
    )
    return words % {"n": count, "kinds": ", ".join(kinds) or _("Email Routing")}


@require_POST
def drop(request: Request, name: str, item: int) -> HttpResponse:
    found = zone_for(request, name)
    draft = selectors.draft_of(request.user, found)
    if draft is None or all(known["id"] != item for known in draft.items):
        messages.info(request, _("This change is no longer in your draft."))
        return redirect(_back(request), name)
    try:
        services.draft_drop(actor=request.user, zone=found, items=[item])
    except Refused as refused:
        messages.error(request, refused.message)
    return redirect(_back(request), name)


def _back(request: Request) -> str:
    return _BACK.get(request.POST.get("back", ""), "zone")


@require_POST
def rebase(request: Request, name: str) -> HttpResponse:
    """``drop``: the items to give up for what somebody else made; or a choice ``item-3=theirs`` each."""
    found = zone_for(request, name)
    typed = request.POST.getlist("drop")
    typed += [key.removeprefix("item-") for key, value in request.POST.items() if value == "theirs"]
    items = {int(text) for text in typed if text.isascii() and text.isdigit() and len(text) < 10}
    try:
        services.draft_rebase(actor=request.user, zone=found, drop=items)
    except Refused as refused:
        messages.error(request, refused.message)
    else:
        messages.success(request, _("Merged with what is there now. Look at it once more, then apply."))
    return redirect("zone-preview", name)
