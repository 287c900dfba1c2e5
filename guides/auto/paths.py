"""The addresses that mail programs know by heart. They are asked for in any case."""

from __future__ import annotations

import re

from django.urls import path, re_path

from guides.auto import apple, views


def _any_case(text: str) -> str:
    """A pattern that Django can turn round into an address, which it cannot for ``(?i:…)``."""
    return "".join(f"[{sign.upper()}{sign}]" if sign.isalpha() else re.escape(sign) for sign in text)


# As Django sees paths: without the slash in front.
_FILE = _any_case("mail/config-v1.1.xml")
_WELL_KNOWN = _any_case(".well-known/autoconfig/")
_DISCOVER = _any_case("autodiscover/autodiscover")

urlpatterns = [
    re_path(rf"^{_FILE}$", views.mozilla, name="autoconfig"),
    re_path(rf"^{_WELL_KNOWN}{_FILE}$", views.mozilla, name="autoconfig-well-known"),
    re_path(rf"^{_DISCOVER}{_any_case('.xml')}$", views.pox, name="autodiscover"),
    re_path(
        rf"^{_DISCOVER}{_any_case('.json')}(?:{_any_case('/v1.0/')}(?P<address>[^/]{{1,400}}))?$",
        views.json_v2,
        name="autodiscover-json",
    ),
    path("profile.mobileconfig", apple.profile_file, name="profile-file"),
]


def is_one(path_info: str) -> bool:
    """Whether something is answered there, at a domain's own host."""
    return any(pattern.pattern.match(path_info.removeprefix("/")) for pattern in urlpatterns)
