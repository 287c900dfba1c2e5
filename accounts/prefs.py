"""How the panel looks and speaks to a person; in cookies too, so that it holds before signing in."""

from __future__ import annotations

from django.conf import settings
from django.http import HttpRequest, HttpResponse

from accounts.models import User

THEMES = {"", "light", "dark"}
COOKIE = "theme"
YEAR = 365 * 24 * 3600


def theme_cookie(request: HttpRequest) -> str:
    """``light``, ``dark`` or ``""``: as the device says. Needs no database."""
    theme = request.COOKIES.get(COOKIE, "")
    return theme if theme in THEMES else ""


def theme_of(request: HttpRequest) -> str:
    """The signed-in person's choice, else the cookie's."""
    user = getattr(request, "user", None)
    return user.theme if isinstance(user, User) else theme_cookie(request)


def remember(
    response: HttpResponse, *, theme: str | None = None, language: str | None = None
) -> HttpResponse:
    """Put the choices into this browser; empty takes one away, None leaves it as it is."""
    if theme:
        response.set_cookie(COOKIE, theme, max_age=YEAR, secure=True, httponly=True, samesite="Lax")
    elif theme is not None:
        response.delete_cookie(COOKIE, samesite="Lax")
    if language:
        response.set_cookie(
            settings.LANGUAGE_COOKIE_NAME, language, max_age=YEAR, secure=True, httponly=True, samesite="Lax"
        )
    elif language is not None:
        response.delete_cookie(settings.LANGUAGE_COOKIE_NAME, samesite="Lax")
    return response
