"""Which of the panel's languages somebody reads, from what is known of them."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager

from django.conf import settings
from django.utils import translation
from django.utils.translation.trans_real import parse_accept_lang_header

LONGEST = 500  # characters of an Accept-Language that are looked at


def known(code: object) -> str:
    """A language of settings.LANGUAGES as it is written there, or empty. ``es-MX`` is ``es``; nonsense is
    nothing."""
    if not isinstance(code, str) or not code or len(code) > 12 or not code.isascii():
        return ""
    ours = {one.lower() for one, _name in settings.LANGUAGES}
    given = code.lower().replace("_", "-")
    return given if given in ours else known_base(given, ours)


def known_base(given: str, ours: set[str]) -> str:
    base = given.partition("-")[0]
    return base if base in ours else ""


def first_known(*codes: object) -> str:
    """The first that is a language of ours, else the provider's."""
    return next((found for found in map(known, codes) if found), settings.LANGUAGE_CODE)


def of_browser(header: str) -> str:
    """What an Accept-Language (RFC 9110 §12.5.4) wants most and we have, or empty."""
    wanted = parse_accept_lang_header(header[:LONGEST])
    return next((found for code, weight in wanted if weight and (found := known(code))), "")


def others() -> list[tuple[str, str]]:
    """Code and own name of each language but the one that is active: what a switch offers."""
    active = translation.get_language()
    return [(code, name) for code, name in settings.LANGUAGES if code != active]


@contextmanager
def reading(*codes: object) -> Iterator[None]:
    """What is said inside is said to somebody with these choices (first_known)."""
    with translation.override(first_known(*codes)):
        yield
