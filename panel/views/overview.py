"""One domain at a glance."""

from __future__ import annotations

from datetime import datetime

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.timezone import get_current_timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from accounts.access import Right, domain_or_404, may
from accounts.models import Domain
from delivery.charts.selectors import Scope
from delivery.views.charts import week
from panel.overview import drawing
from panel.overview.dns import dns_needs, place_words
from panel.overview.facts import facts, measured_at
from panel.overview.needs import SHOWN, needs
from panel.overview.stations import office


@require_safe
def domain_overview(request: HttpRequest, name: str) -> HttpResponse:
    """The post office of the domain, from what is measured now. Whoever only makes mailboxes begins there."""
    rows = Domain.objects.select_related("account__reseller", "mail__node", "zone")
    domain = domain_or_404(request, name, Right.LOOK, rows)
    if not may(request.user, Right.SETTINGS, account=domain.account, domain=domain):
        return redirect("mailboxes", domain.name)
    known = facts(domain)
    seen = office(known)
    manages = may(request.user, Right.MANAGE, account=domain.account, domain=domain)
    port = known.node.ports.get("submissions", "") if known.node else ""
    context = {
        "domain": domain,
        "nav": "overview",
        "facts": known,
        "needs": [*dns_needs(domain), *needs(known, seen, manages=manages)][:SHOWN],
        "place": place_words(domain),
        "stations": seen.stations,
        "wide": drawing.wide(seen),
        "tall": drawing.tall(seen),
        "chart": week(Scope(user=request.user, domain=domain)),
        "sending": _("You send: port %(port)s, TLS") % {"port": port},
        "measured_at": datetime.fromtimestamp(measured_at(known), tz=get_current_timezone()),
    }
    return render(request, "panel/domain_overview.html", context)
