"""The alerts of a domain, or of all that the person looks after; muted and resolved here."""

from __future__ import annotations

from django.contrib import messages
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_POST, require_safe

from accounts.access import Right, domain_or_404, require_somewhere
from accounts.models import Domain
from delivery.alerts import services
from delivery.alerts.selectors import alerts as alerts_of
from delivery.models import Alert
from delivery.selectors import Key


@never_cache
@require_safe
def alerts(request: HttpRequest, name: str | None = None) -> HttpResponse:
    domain = _domain(request, name)
    before = Key.parse(request.GET.get("before", ""))
    page = alerts_of(request.user, domain, older=before)
    context = {
        "domain": domain,
        "nav": "alerts",
        "parent": "domain_base.html" if domain else "base.html",
        "page": page,
        "first": before is None,
        "here": _here(domain),
        "older": f"?before={page.older}" if page.older else "",
    }
    return render(request, "delivery/alerts/list.html", context)


@require_POST
def alert_change(request: HttpRequest, alert: int, name: str | None = None) -> HttpResponse:
    """``do``: resolve, unmute, or one of services.MUTES to be told no more for so long."""
    domain = _domain(request, name)
    seen = Alert.objects.visible_to(request.user).select_related("domain__account")
    found = get_object_or_404(seen.filter(domain=domain) if domain else seen, pk=alert)
    do = request.POST.get("do", "")
    if do in services.MUTES:
        services.alert_mute(actor=request.user, alert=found, for_=do)
        messages.success(request, _("Nobody is told of it again for that time. It is still shown here."))
    elif do == "unmute":
        services.alert_unmute(actor=request.user, alert=found)
        messages.success(request, _("You will be told again."))
    elif do == "resolve":
        services.alert_resolve(actor=request.user, alert=found)
        messages.success(request, _("Marked as seen to. If it is still so in an hour, it comes back."))
    else:
        raise Http404
    return redirect(_here(domain))


def _domain(request: HttpRequest, name: str | None) -> Domain | None:
    if name is None:
        require_somewhere(request.user, Right.SETTINGS)
        return None
    return domain_or_404(request, name, Right.SETTINGS)


def _here(domain: Domain | None) -> str:
    return reverse("alerts", args=[domain.name]) if domain else reverse("alerts-all")
