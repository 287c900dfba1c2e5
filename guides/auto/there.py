"""The urlconf of ``autoconfig.DOMAIN`` and ``autodiscover.DOMAIN``: the panel has no other page there."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse

from guides.auto.paths import urlpatterns
from guides.auto.views import plain


def nothing() -> HttpResponse:
    return plain(404, "There is nothing here.")


def handler400(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain(400, "This cannot be read.")


def handler403(request: HttpRequest, exception: Exception) -> HttpResponse:
    return plain(403, "This is not allowed.")


def handler404(request: HttpRequest, exception: Exception) -> HttpResponse:
    return nothing()


def handler500(request: HttpRequest, *_more: Any) -> HttpResponse:
    return plain(503, "This cannot be answered now. Ask again in a minute.")


__all__ = ["handler400", "handler403", "handler404", "handler500", "nothing", "urlpatterns"]
