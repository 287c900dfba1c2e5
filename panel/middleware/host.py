"""By which name the visitor came: one of settings.ALLOWED_HOSTS, or a brand's own; every other is a 400. By a
customer's domain, ``autoconfig.`` or ``autodiscover.`` before it, come mail programs, and find what they ask
for and nothing else."""

from __future__ import annotations

import re
from collections.abc import Callable

from django.conf import settings
from django.contrib.auth import logout
from django.http import HttpRequest, HttpResponse
from django.http.request import split_domain_port, validate_host
from django.utils.translation import gettext as _

from accounts.branding.select import Shown, belongs, brand_of_host
from guides.auto import paths, there
from guides.auto.offers import LABELS
from lib.errors import Denied

_NAME = re.compile(r"(?=.{4,253}$)([a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z][a-z0-9-]{0,61}[a-z0-9]")


def brand_at(request: HttpRequest) -> Shown | None:
    """The brand whose host the visitor came by."""
    found: Shown | None = getattr(request, "brand", None)
    return found


class HostMiddleware:
    """``request.brand`` on a brand's host. Stands before all that asks for the host. While the database
    cannot be asked about a name, and never was, the answer is 503: nobody knows whose it is."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        typed = request.META.get("HTTP_HOST", "")
        host, _port = split_domain_port(typed)
        brand = None
        strange = bool(_NAME.fullmatch(host)) and not validate_host(host, settings.ALLOWED_HOSTS)
        if strange:
            brand = brand_of_host(host)
        if strange and brand is None and (paths.is_one(request.path_info) or host.startswith(LABELS)):
            return self._of_domain(request, host, typed)
        if brand is None:
            return self.get_response(request)
        request.brand = brand  # type: ignore[attr-defined]  # for brand_at
        # For this request alone: ALLOWED_HOSTS stays as narrow as it is for all others.
        request.get_host = lambda: typed  # type: ignore[method-assign]
        response = self.get_response(request)
        if "Strict-Transport-Security" in response:
            # The names beside and below the panel's are the reseller's own: not ours to say anything about.
            response["Strict-Transport-Security"] = f"max-age={settings.SECURE_HSTS_SECONDS}"
        return response

    def _of_domain(self, request: HttpRequest, host: str, typed: str) -> HttpResponse:
        """Whether the domain is one of ours the view finds out: no query for what is no address of it."""
        if not paths.is_one(request.path_info):
            return there.nothing()
        request.auto_host = host  # type: ignore[attr-defined]  # for guides.auto.asked
        request.urlconf = there.__name__
        request.get_host = lambda: typed  # type: ignore[method-assign]
        request.COOKIES.clear()
        response = self.get_response(request)
        response.cookies.clear()
        del response["Vary"]  # no cookie was looked at
        # The name is the customer's: what else answers there is not ours to say anything about.
        del response["Strict-Transport-Security"]
        return response


class RealmMiddleware:
    """On a brand's host only its own people are signed in. Whoever has the name can lead it elsewhere at any
    time and collect the cookies that browsers send there, so those of the provider's staff, or of another
    reseller's clients, must not exist. Stands after the sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        brand = brand_at(request)
        # The cookie tells without asking the database.
        if (
            brand is not None
            and settings.SESSION_COOKIE_NAME in request.COOKIES
            and request.user.is_authenticated
            and not belongs(request.user, brand.account)
        ):
            logout(request)
            text = _("Your account is not one of %(brand)s. You are signed out here: sign in at %(url)s.")
            raise Denied(text % {"brand": brand.name, "url": settings.PANEL_URL})
        return self.get_response(request)
