"""A shared link's pages: open to whoever has it, with nothing of the mailbox but its address and servers."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from django.conf import settings
from django.contrib.auth.decorators import login_not_required
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from guides import selectors
from guides.catalog import programs
from guides.devices import shelves
from guides.filling import fill, ways_of
from guides.handing import services
from guides.handing.selectors import brand_of_domain, share_by_token
from guides.models import ShareLink

_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Robots-Tag": "noindex, nofollow, noarchive",
    "Vary": "User-Agent",
}
View = Callable[..., HttpResponse]


def of_share(view: View) -> View:
    """``view(request, share, token, …)``. Ended, expired, never made: the same page, the same status."""

    @wraps(view)
    def shown(request: HttpRequest, token: str, **kwargs: Any) -> HttpResponse:
        share = share_by_token(token)
        response = (
            render(request, "guides/handing/gone.html", status=404)
            if share is None
            else view(request, share, token, **kwargs)
        )
        for name, value in _HEADERS.items():
            response.headers[name] = value
        return response

    return login_not_required(require_safe(shown))


@of_share
def share_page(request: HttpRequest, share: ShareLink, token: str) -> HttpResponse:
    services.opened(share)
    groups, first = shelves(request.headers.get("User-Agent", ""), _url_of(token))
    context = _context(share, token) | {"groups": groups, "first": first}
    return render(request, "guides/handing/share.html", context)


@of_share
def share_guide(request: HttpRequest, share: ShareLink, token: str, program: str) -> HttpResponse:
    found = programs().get(program)
    if found is None:
        raise Http404
    services.opened(share)
    context = _context(share, token)
    ways = ways_of(found, context["config"])
    asked = request.GET.get("protocol", "")
    protocol = asked if asked in ways else ways[0]
    guide = fill(
        found,
        config=context["config"],
        protocol=protocol,
        provider=context["by"],
        language=get_language() or "",
    )
    context |= {
        "guide": guide,
        "program": found,
        "protocol": protocol,
        "ways": ways,
        "here": request.path,
    }
    return render(request, "guides/handing/share_guide.html", context)


def _context(share: ShareLink, token: str) -> dict[str, Any]:
    domain = share.mailbox.mail_domain.domain
    brand = brand_of_domain(domain.account)
    found: dict[str, Any] = {
        "share": share,
        "config": selectors.settings_for(share.mailbox.address, domain=domain),
        "connect_url": reverse("share", args=[token]),
        "by": brand.name if brand else settings.PROVIDER_NAME,
    }
    return found | {"brand": brand} if brand else found


def _url_of(token: str) -> Callable[..., str]:
    def url(_name: str, program: str) -> str:
        return reverse("share-guide", args=[token, program])

    return url
