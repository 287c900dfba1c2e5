"""Programs as a reader finds them: on shelves, those for the device in hand first."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from guides.catalog import Program, programs
from guides.filling import named

SHELVES: dict[str, tuple[str | Promise, str]] = {
    "computer": (_("On a computer"), "laptop"),
    "phone": (_("On a phone or tablet"), "phone"),
    "web": (_("In the browser"), "globe"),
    "thing": (_("A website, a shop or a machine that only sends"), "site"),
}
# By what a browser says it runs on. The first that fits counts: an Android says Linux too.
_DEVICES = (
    (("iphone", "ipad"), ("iphone", "generic")),
    (("samsungbrowser",), ("samsung-email", "gmail-android", "thunderbird-android")),
    (("android",), ("gmail-android", "thunderbird-android", "samsung-email")),
    (("macintosh", "mac os"), ("apple-mail", "outlook-mac", "thunderbird")),
    (("windows",), ("outlook-new", "outlook-classic", "thunderbird")),
    (("linux", "x11"), ("thunderbird", "evolution", "kmail")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Offer:
    slug: str
    name: str
    systems: str
    url: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Shelf:
    key: str
    label: str | Promise
    icon: str
    offers: list[Offer]


def shelves(agent: str, url: Callable[..., str]) -> tuple[list[Shelf], list[Offer]]:
    """All programs by shelf, and those that fit the device of who asks. ``agent``: User-Agent, anybody's
    text. ``url``: EitherPage.url."""
    offers = {slug: _offer(program, url) for slug, program in programs().items()}
    found = [
        Shelf(
            key=key,
            label=label,
            icon=icon,
            offers=[offers[slug] for slug, one in programs().items() if one.group == key],
        )
        for key, (label, icon) in SHELVES.items()
    ]
    return [shelf for shelf in found if shelf.offers], [
        offers[slug] for slug in fitting(agent) if slug in offers
    ]


def fitting(agent: str) -> tuple[str, ...]:
    """Slugs for the device that sent this User-Agent."""
    said = agent[:400].lower()
    return next((slugs for words, slugs in _DEVICES if any(word in said for word in words)), ())


def _offer(program: Program, url: Callable[..., str]) -> Offer:
    words: dict[str, Any] = named(program, get_language() or "en")
    return Offer(
        slug=program.slug,
        name=words["name"],
        systems=words["systems"],
        url=url("connect-guide", program.slug),
    )
