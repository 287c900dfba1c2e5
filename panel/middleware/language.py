"""In which language a page is: the person's own choice, else the visitor's (a cookie), else the browser's,
else the brand's, else the provider's (settings.LANGUAGE_CODE)."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.utils import translation
from django.utils.cache import patch_vary_headers

from accounts.branding.select import brand_seen_by
from lib import languages
from panel.middleware.host import brand_at


class LanguageMiddleware:
    """What the request itself says. Stands before all that may fail, so that an error page is no other
    visitor's, and needs no database."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        chosen = languages.known(request.COOKIES.get(settings.LANGUAGE_COOKIE_NAME))
        wanted = chosen or languages.of_browser(request.META.get("HTTP_ACCEPT_LANGUAGE", ""))
        request.language_wanted = wanted  # type: ignore[attr-defined]  # for ReaderLanguageMiddleware
        _speak(request, wanted or settings.LANGUAGE_CODE)
        response = self.get_response(request)
        if response.headers.get("Content-Type", "").startswith("text/html"):  # files are in no language
            response.headers.setdefault(
                "Content-Language", translation.get_language() or settings.LANGUAGE_CODE
            )
            patch_vary_headers(response, ("Accept-Language", "Cookie"))
        return response


class ReaderLanguageMiddleware:
    """What we know of the one who is signed in, and of the brand. Stands after the sign-in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        user = self._reader(request)
        own = languages.known(user.language) if user is not None else ""
        if own:
            _speak(request, own)
        elif not request.language_wanted:  # type: ignore[attr-defined]  # see above
            brand = brand_at(request) or (brand_seen_by(user, asleep=False) if user else None)
            _speak(request, languages.first_known(brand.language if brand else ""))
        return self.get_response(request)

    def _reader(self, request: HttpRequest) -> Any:
        # The cookie tells without asking the database.
        if settings.SESSION_COOKIE_NAME not in request.COOKIES or not request.user.is_authenticated:
            return None
        return request.user


def _speak(request: HttpRequest, language: str) -> None:
    translation.activate(language)
    request.LANGUAGE_CODE = translation.get_language()  # as LocaleMiddleware
