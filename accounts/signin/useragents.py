"""A browser's own words about itself, as people say them: “Firefox on Windows”. Never more than a hint."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

# The first that fits: later ones call themselves by the names of earlier ones, for old web sites' sake.
_PROGRAMS = (
    ("Edg/", "Edge"), ("EdgA/", "Edge"), ("EdgiOS/", "Edge"), ("OPR/", "Opera"), ("Vivaldi/", "Vivaldi"),
    ("SamsungBrowser/", "Samsung Internet"), ("YaBrowser/", "Yandex"), ("DuckDuckGo/", "DuckDuckGo"),
    ("FxiOS/", "Firefox"), ("Firefox/", "Firefox"), ("CriOS/", "Chrome"), ("Chromium/", "Chromium"),
    ("Chrome/", "Chrome"), ("Safari/", "Safari"), ("curl/", "curl"), ("python-", "Python"),
    ("Python-", "Python"),
)  # fmt: skip
_SYSTEMS = (
    ("iPhone", "iPhone"), ("iPad", "iPad"), ("Android", "Android"), ("CrOS", "ChromeOS"),
    ("Windows", "Windows"), ("Macintosh", "Mac"), ("Mac OS X", "Mac"), ("FreeBSD", "FreeBSD"),
    ("Linux", "Linux"),
)  # fmt: skip
_WORD = re.compile(r"[A-Za-z][A-Za-z0-9 ._-]{0,30}")


def words(user_agent: str) -> str:
    """``Firefox on Windows``, ``curl``, ``A browser on Linux``, ``An unknown device``; no versions, so an
    update is no new device."""
    text = user_agent[:400]
    program = next((name for mark, name in _PROGRAMS if mark in text), "")
    system = next((name for mark, name in _SYSTEMS if mark in text), "")
    if program and system:
        return _("%(program)s on %(system)s") % {"program": program, "system": system}
    if system:
        return _("A browser on %(system)s") % {"system": system}
    first = _WORD.match(text)
    return program or (first[0].strip() if first else "") or _("An unknown device")
