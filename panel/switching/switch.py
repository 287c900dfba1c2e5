"""Before mail is pointed here or away: the checks, the plan, and the changes of TTL that belong to it."""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.cache import patch_vary_headers
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Right
from dnszone import mx, names, presets, services
from dnszone.models import Zone
from dnszone.models.editing import Origin
from dnszone.presets import Tidy
from dnszone.selectors import rows_of
from dnszone.services import Change
from dnszone.spec import RecordSpec
from dnszone.views.base import Request, frame, may_change, switched_off
from lib import said
from lib.errors import Refused
from panel.switching import here
from panel.switching.checks import BAD, checks, now_words
from panel.switching.forms import OTHER, TargetForm
from panel.switching.presets import pending, zone_with_domain
from panel.switching.situation import LOW_TTL, USUAL_TTL, Situation, look
from panel.switching.steps import steps, way_back


@never_cache
@require_safe
def switch(request: Request, name: str) -> HttpResponse:
    """Without ``to``: the choice. With ``look``: the network is asked as well; htmx asks for that part."""
    zone = zone_with_domain(request, name, Right.SETTINGS)
    form = TargetForm(request.GET if "to" in request.GET else None, zone=zone.name)
    context = frame(zone, "presets") | {"form": form, "can_zone": _can(request, zone)}
    if not form.is_valid():
        rdatas = [row.rdata for row in here.mx_of(rows_of(zone))]
        context["sentence"] = mx.sentence(names.shown(zone.name), rdatas)
        return render(request, "dnszone/switch.html", context, status=422 if form.errors else 200)
    context |= _context(request, zone, form)
    part = "#checks" if request.htmx and context["looked"] else ""
    response = render(request, f"dnszone/switch_plan.html{part}", context)
    patch_vary_headers(response, ["HX-Request"])  # or the back button could show the fragment
    return response


def _can(request: Request, zone: Zone) -> bool:
    return may_change(request, zone) and not switched_off(zone)


def _context(request: Request, zone: Zone, form: TargetForm) -> dict[str, Any]:
    situation = _situation(zone, form)
    looked = "look" in request.GET
    seen = look(situation, str(request.user.pk)) if looked else None
    query = urlencode(_query(form))
    found = checks(situation, seen)
    return {
        "situation": situation,
        "now_words": now_words(situation),
        "looked": looked,
        "checks": found,
        "bad": sum(check.level == BAD for check in found),
        "steps": steps(situation, seen),
        "versions": way_back(situation),
        "pending": pending(request, zone),
        "query": query,
        "look_url": f"{reverse('zone-switch', args=[zone.name])}?{query}&look=1",
        "hidden": _query(form),
    }


def _situation(zone: Zone, form: TargetForm) -> Situation:
    to = form.cleaned_data["to"]
    return Situation(zone, to, form.cleaned_data["hosts"])


def _query(form: TargetForm) -> list[tuple[str, str]]:
    to = form.cleaned_data["to"]
    hosts = "\n".join(form.cleaned_data["hosts"])
    return [("to", to), *([("hosts", hosts)] if hosts else [])]


@require_POST
def switch_draft(request: Request, name: str) -> HttpResponse:
    """A step's button: into the draft, and to its preview."""
    zone = zone_with_domain(request, name, Right.ZONE)
    form = TargetForm(request.POST, zone=zone.name)
    act = request.POST.get("act", "")
    back = redirect("zone-switch", zone.name)
    if not form.is_valid():
        return back
    back["Location"] += f"?{urlencode(_query(form))}"
    try:
        if act in {"lower", "raise"}:
            _ttl(request, zone, LOW_TTL if act == "lower" else USUAL_TTL)
        elif act == "move" and form.cleaned_data["to"] == OTHER:
            _move(request, zone, _situation(zone, form))
        else:
            return back
    except Refused as refused:
        messages.error(request, refused.message)
        return back
    return redirect("zone-preview", zone.name)


def _ttl(request: Request, zone: Zone, ttl: int) -> None:
    rows = here.mx_of(rows_of(zone))
    if not rows:
        raise Refused(_("There is no MX record whose TTL could be changed."))
    changes = [
        Change(
            record=row.pk,
            spec=RecordSpec(
                owner=row.owner,
                type=row.type,
                rdata=row.rdata,
                ttl=ttl,
                managed=row.managed,
                comment=row.comment,
            ),
        )
        for row in rows
    ]
    services.draft_change(actor=request.user, zone=zone, changes=changes)


def _move(request: Request, zone: Zone, situation: Situation) -> None:
    if pending(request, zone):
        raise Refused(_("Apply or discard the changes that wait in this zone first, then switch."))
    if situation.wish is None:
        raise Refused(_("This domain has no mail here. Ask your provider to take its mail."))
    plan = presets.plan(zone.name, situation.rows, situation.wish, Tidy(programs=True), situation.ours)
    mode = situation.wanted_mode if situation.mode and situation.mode != situation.wanted_mode else ""
    services.draft_towards(
        actor=request.user,
        zone=zone,
        wanted=plan.wanted,
        origin=Origin.PRESET,
        title=said.of_lazy(situation.wish.preset.title),
        routing=mode,
    )
