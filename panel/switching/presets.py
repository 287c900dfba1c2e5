"""The pages of the presets: which there are, what one asks for, and a draft of what it changes."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from accounts.access import Right
from dnszone import presets as catalog
from dnszone import routing, services, spf
from dnszone.models import Zone
from dnszone.models.editing import Origin
from dnszone.presets import HERE, PRESETS, Here, Plan, Preset, Wish
from dnszone.selectors import draft_of, rows_of
from dnszone.spec import Row
from dnszone.ttls import about
from dnszone.views.base import Request, frame, may_change, posted, switched_off, zone_for
from lib import said
from lib.errors import Refused
from panel.switching import here
from panel.switching.forms import PresetForm


def zone_with_domain(request: Request, name: str, right: Right) -> Zone:
    """The provider's own zone has no mail to switch."""
    zone = zone_for(request, name, right)
    if zone.domain is None:
        raise Http404
    return zone


@require_safe
def presets(request: Request, name: str) -> HttpResponse:
    zone = zone_with_domain(request, name, Right.SETTINGS)
    rows = rows_of(zone)
    now = here.in_use(rows, here.ours())
    context = frame(zone, "presets") | {
        "takes_mail": any(not row.rdata.endswith(" .") for row in here.mx_of(rows)),
        "presets": PRESETS.values(),
        "now": now,
        "mode": routing.current(zone.domain),
        "pending": pending(request, zone),
        "switched_off": switched_off(zone),
        "can_zone": may_change(request, zone) and not switched_off(zone),
    }
    return render(request, "dnszone/presets.html", context)


def pending(request: Request, zone: Zone) -> int:
    """How many changes of the person wait in this zone."""
    draft = draft_of(request.user, zone)
    return max(len(draft.items), 1) if draft else 0


@require_http_methods(["GET", "HEAD", "POST"])
def preset(request: Request, name: str, preset: str) -> HttpResponse:
    zone = zone_with_domain(request, name, Right.ZONE)
    chosen = PRESETS.get(preset)
    if chosen is None:
        raise Http404
    rows, ours = rows_of(zone), here.ours()
    form = _form(request, zone, chosen, rows, ours)
    if request.method == "POST" and form.is_valid():
        done = _drafted(request, zone, form, rows, ours)
        if done is not None:
            return done
    status = 422 if form.errors else 200
    return render(request, "dnszone/preset.html", _context(request, zone, form, rows, ours), status=status)


def _form(request: Request, zone: Zone, chosen: Preset, rows: list[Row], ours: Here) -> PresetForm:
    first = _wish(zone, chosen, catalog.starts(chosen, zone.name))
    kept = set(first.includes) if first else set()
    return PresetForm(
        posted(request),
        preset=chosen,
        zone=zone.name,
        leaving=catalog.previous_includes(rows, ours, kept),
        from_here=here.in_use(rows, ours) == HERE,
        pending=pending(request, zone),
        lasts=_lasts(zone, rows),
    )


def _lasts(zone: Zone, rows: list[Row]) -> str:
    """How long others keep the MX that are there now; empty while nobody keeps the routing."""
    ttl = max((row.ttl for row in here.mx_of(rows)), default=0)
    return about(ttl) if ttl and routing.current(zone.domain) else ""


def _wish(zone: Zone, chosen: Preset, answers: dict[str, str], *, programs: bool = True) -> Wish | None:
    if chosen.slug == HERE:
        return here.wish(zone, programs=programs)
    return catalog.wish_of(chosen, zone.name, answers)


def _context(request: Request, zone: Zone, form: PresetForm, rows: list[Row], ours: Here) -> dict[str, Any]:
    now = here.in_use(rows, ours)
    wish = _wish(zone, form.preset, catalog.starts(form.preset, zone.name))
    return frame(zone, "presets") | {
        "form": form,
        "preset": form.preset,
        "in_use": now == form.preset.slug,
        "no_mail_here": wish is None,
        "mx": [spec.rdata.removesuffix(".").split(" ") for spec in wish.mx] if wish else [],
        "includes": wish.includes if wish else (),
        "mode": here.routing_for(form.preset, zone.domain, now),
        "pending": pending(request, zone),
        "switched_off": switched_off(zone),
    }


def _drafted(
    request: Request, zone: Zone, form: PresetForm, rows: list[Row], ours: Here
) -> HttpResponse | None:
    """To the preview; None: refused, and the form says why."""
    wish = _wish(zone, form.preset, form.answers(), programs=form.cleaned_data["programs"])
    if wish is None:
        form.add_error(None, _("This domain has no mail here. Ask your provider to take its mail."))
        return None
    mode = here.routing_for(form.preset, zone.domain, here.in_use(rows, ours))
    if mode and form.cleaned_data.get("keep"):
        mode = "" if routing.current(zone.domain) == routing.LOCAL else routing.LOCAL
    try:
        plan = catalog.plan(zone.name, rows, wish, form.tidy(), ours)
        if set(plan.wanted) == set(rows) and not mode:
            messages.info(
                request, _("Everything is as %(title)s needs it already.") % {"title": form.preset.title}
            )
            return redirect("zone-presets", zone.name)
        services.draft_towards(
            actor=request.user,
            zone=zone,
            wanted=plan.wanted,
            origin=Origin.PRESET,
            title=said.of_lazy(form.preset.title),
            routing=mode,
        )
    except Refused as refused:
        form.add_error(None, refused.message)
        return None
    _say(request, wish, plan)
    return redirect("zone-preview", zone.name)


def _say(request: Request, wish: Wish, plan: Plan) -> None:
    """What the preview cannot know."""
    if wish.missing:
        left = ", ".join(f"{ask.label}" for ask in wish.missing)
        messages.info(
            request, _("Left empty, and so missing: %(what)s. You can add it later.") % {"what": left}
        )
    if plan.spf.before > 1:
        messages.info(
            request,
            _("There were %(n)d SPF records, which counts as none. They become one.")
            % {"n": plan.spf.before},
        )
    if plan.spf.left_out:
        messages.warning(
            request,
            _("Parts of your SPF record that no server understands are left out: %(what)s.")
            % {"what": " ".join(plan.spf.left_out)[:200]},
        )
    if plan.spf.lookups > spf.LOOKUPS_MAX:
        messages.warning(
            request,
            _(
                "SPF now needs %(n)d look-ups of its own, and %(max)d is the most. Take out what you no "
                "longer use, or no server accepts it."
            )
            % {"n": plan.spf.lookups, "max": spf.LOOKUPS_MAX},
        )
