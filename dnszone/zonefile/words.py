"""What a person should know of how a file was understood, and comments. Pure."""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dnszone.changeset import COMMENT_MAX

SHOWN = 5
# Whatever some program may take for the end of a line, or cannot keep.
_BREAKS = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


def comment_of(text: str) -> str:
    """In one line, without what no comment holds."""
    return _BREAKS.sub(" ", text[: 4 * COMMENT_MAX]).strip()[:COMMENT_MAX].strip()


@dataclass(slots=True)
class Heard:
    """``dotless``, ``unquoted``, ``twice``: the lines. ``uneven``: owner and type. Numbers: how many records
    were left out."""

    soa: bool = False
    name_servers: int = 0
    signing: int = 0
    no_ttl: bool = False
    dotless: list[int] = field(default_factory=list)
    unquoted: list[int] = field(default_factory=list)
    twice: list[int] = field(default_factory=list)
    uneven: list[str] = field(default_factory=list)

    def sentences(self) -> list[str]:
        return [*self._left_out(), *self._understood()]

    def _left_out(self) -> list[str]:
        said = []
        if self.soa:
            said.append(_("The SOA record was left out: the panel keeps it, and the serial with it."))
        if self.name_servers:
            said.append(_("The name servers of the domain itself (NS) were left out: the panel keeps them."))
        if self.signing:
            said.append(
                ngettext(
                    "One record of DNSSEC was left out: the panel signs for itself.",
                    "%(n)d records of DNSSEC were left out: the panel signs for itself.",
                    self.signing,
                )
                % {"n": self.signing}
            )
        if self.twice:
            said.append(
                _("The same record stands in the file more than once (line %(lines)s). It was taken once.")
                % {"lines": _some(self.twice)}
            )
        return said

    def _understood(self) -> list[str]:
        said = []
        if self.uneven:
            said.append(
                _("Records with the same name and type have one TTL: the lowest was taken for %(names)s.")
                % {"names": _some(self.uneven)}
            )
        if self.no_ttl:
            said.append(_("Where the file gives no TTL, an hour was taken."))
        if self.dotless:
            said.append(
                _(
                    "A name that does not end in a dot goes on with the zone’s own name (line %(lines)s): "
                    "is that meant?"
                )
                % {"lines": _some(self.dotless)}
            )
        if self.unquoted:
            said.append(
                _(
                    "Text without quotes around all of it is joined without its blanks (line %(lines)s): "
                    "is that meant?"
                )
                % {"lines": _some(self.unquoted)}
            )
        return said


def _some(things: Sequence[object]) -> str:
    """The first few, and that there are more."""
    shown = ", ".join(str(thing)[:80] for thing in things[:SHOWN])
    return f"{shown}, …" if len(things) > SHOWN else shown
