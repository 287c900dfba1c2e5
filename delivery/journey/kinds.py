"""What a timeline is made of. Pure."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from datetime import UTC, datetime

from django.utils.translation import gettext as _

from delivery import text
from delivery.explain import Text
from delivery.journey import words

_TLS = re.compile(r"TLSv([\d.]+)\Z")


@dataclass(slots=True)
class Step:
    """``mark``: ok, wait, bad, move, off or todo. ``lines``: raw log lines, inert. ``who``: addresses that it
    is about. ``url``: the row it leads to. ``until``: the end of a range that begins ``at``."""

    at: datetime | None
    title: Text
    says: list[Text] = field(default_factory=list)
    mark: str = "ok"
    icon: str = "check"
    lines: list[str] = field(default_factory=list)
    who: list[str] = field(default_factory=list)
    more: int = 0
    server: str = ""
    client: str = ""
    answer: str = ""
    symbols: list[words.Symbol] = field(default_factory=list)
    url: int | None = None
    until: datetime | None = None
    kind: str = ""
    new_day: bool = False


def moment(seconds: float) -> datetime:
    return datetime.fromtimestamp(seconds, UTC)


def encrypted(tls: str, cipher: str) -> str:
    version = _TLS.match(tls)
    if not version:
        return _("Not encrypted on its way here.")
    if cipher:
        return _("Encrypted with TLS %(version)s (%(cipher)s).") % {
            "version": version[1],
            "cipher": text.inert(cipher),
        }
    return _("Encrypted with TLS %(version)s.") % {"version": version[1]}
