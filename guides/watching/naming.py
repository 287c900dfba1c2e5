"""What a mail program calls itself (IMAP ID, RFC 2971), as a person would. Pure; it may say anything."""

from __future__ import annotations

import re

from django.utils.translation import gettext as _

_SYSTEMS = {
    "linux": "Linux", "windows": "Windows", "winnt": "Windows", "windows nt": "Windows", "macos": "macOS",
    "mac os x": "macOS", "os x": "macOS", "darwin": "macOS", "ios": "iOS",
    "ipados": "iPadOS", "iphone os": "iOS",
    "android": "Android", "freebsd": "FreeBSD",
}  # fmt: skip
_SAID = re.compile(
    r"(?P<name>.*?)(?: \(?\d[\w.()-]*)*(?: (?P<system>"
    + "|".join(sorted(map(re.escape, _SYSTEMS), key=len, reverse=True))
    + r"))?(?: [\d._]+)?\Z",
    re.IGNORECASE | re.DOTALL,
)
MOST = 60


def named(program: str) -> str:
    """``Thunderbird 128.0 Linux`` → “Thunderbird on Linux”."""
    found = _SAID.match(program.strip())
    if not program.strip() or found is None or not found["name"]:
        return _("A mail program that does not say its name")
    name = found["name"] if len(found["name"]) <= MOST else found["name"][:MOST] + "…"
    if not found["system"]:
        return name
    return _("%(program)s on %(system)s") % {"program": name, "system": _SYSTEMS[found["system"].lower()]}
