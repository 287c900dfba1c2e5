"""What every page about a zone starts from."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, QueryDict
from django.shortcuts import get_object_or_404
from django_htmx.middleware import HtmxDetails

from accounts.access import Right, may, require, require_provider
from accounts.limits import has, missing_words
from accounts.models import User
from dnszone import names
from dnszone.models import Zone


class Request(HttpRequest):
    """Signed in (LoginRequiredMiddleware), with what htmx says of it (HtmxMiddleware)."""

    user: User  # nobody else gets here
    htmx: HtmxDetails


def zone_for(request: Request, name: str, right: Right = Right.ZONE) -> Zone:
    """Asked before the verb is looked at: 404 for a stranger, 403 for whoever sees it and lacks ``right``."""
    rows = Zone.objects.visible_to(request.user).select_related("place", "domain__account__reseller")
    zone: Zone = get_object_or_404(rows, name=names.lookup_key(name))
    if zone.domain is None:
        require_provider(request.user)
    else:
        require(request.user, right, account=zone.domain.account, domain=zone.domain)
    return zone


def switched_off(zone: Zone) -> str:
    """Why nobody changes this zone, or nothing: the account's plan may be without the Zone Editor."""
    account = zone.domain.account if zone.domain else None
    return missing_words(account, "dns_editing") if account and not has(account, "dns_editing") else ""


def may_change(request: Request, zone: Zone) -> bool:
    if zone.domain is None:  # nobody else sees it
        return True
    return may(request.user, Right.ZONE, account=zone.domain.account, domain=zone.domain)


def posted(request: Request) -> QueryDict | None:
    """What a form is bound to; an empty POST is a POST."""
    return request.POST if request.method == "POST" else None


def frame(zone: Zone, tab: str = "records") -> dict[str, Any]:
    """What every page of a zone needs; the provider's own zone has no domain around it. ``tab``: which of
    templates/dnszone/tabs.html is open."""
    return {
        "zone": zone,
        "domain": zone.domain,
        "display_name": names.shown(zone.name),
        "nav": "zone",
        "tab": tab,
        "frame": "domain_base.html" if zone.domain else "base.html",
    }
