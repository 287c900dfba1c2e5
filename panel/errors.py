"""The error pages: our own look, and neither a person nor the database is needed to draw one."""

from __future__ import annotations

import logging
import secrets
import sys

from django.conf import settings
from django.core.exceptions import RequestDataTooBig
from django.db import InterfaceError, OperationalError
from django.http import HttpRequest, HttpResponse
from django.middleware.csrf import get_token
from django.template.loader import render_to_string
from django.utils import timezone

from accounts.prefs import theme_cookie
from lib.errors import Denied

log = logging.getLogger(__name__)
# SQLSTATE classes for "not there for us": connection, resources, shutdown (PostgreSQL, appendix A)
_AWAY = ("08", "53", "57P")


def _page(request: HttpRequest, status: int, template: str, **context: object) -> HttpResponse:
    context |= {
        "theme": theme_cookie(request),
        "provider": settings.PROVIDER_NAME,
        "brand": getattr(request, "brand", None),  # the Host's, see panel.middleware.host
        "now": timezone.localtime(),
        "front_page": getattr(request, "front_page", "/"),  # a mailbox user's, see panel.middleware.gate
        "path": "/" + request.path.lstrip("/"),  # "//other.host/" would lead away
        "sent": request.method not in {"GET", "HEAD"},
    }
    if hasattr(request, "acting_until"):  # panel.middleware.acting: all that the banner shows is at hand
        context |= {"user": request.user, "request": request, "csrf_token": get_token(request)}
    return HttpResponse(render_to_string(template, context), status=status)


def database_is_away(error: BaseException | None) -> bool:
    """Whether this is PostgreSQL not answering, and not a statement that it refused."""
    if not isinstance(error, OperationalError | InterfaceError):
        return False
    code = getattr(error.__cause__, "pgcode", None)
    return code is None or str(code).startswith(_AWAY)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    if isinstance(exception, RequestDataTooBig):
        return _page(request, 413, "413.html")
    return _page(request, 400, "400.html")


def forbidden(request: HttpRequest, exception: Exception) -> HttpResponse:
    """``Denied`` says who may."""
    return _page(request, 403, "403.html", says=exception.message if isinstance(exception, Denied) else "")


def csrf_failure(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form that is too old, or that was not ours. ``reason`` is for us, not for the page."""
    return _page(request, 403, "403.html", form_expired=True)


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """The same words for what does not exist and for what is another's."""
    return _page(request, 404, "404.html")


def server_error(request: HttpRequest) -> HttpResponse:
    """Django comes here from its ``except``, whichever layer failed: session, sign-in, history or a view."""
    if database_is_away(sys.exc_info()[1]):
        response = _page(request, 503, "503.html")
        response["Retry-After"] = "15"
        return response
    reference = secrets.token_hex(4)
    log.error("reference %s: %s %s", reference, request.method, request.path)
    return _page(request, 500, "500.html", reference=reference)
