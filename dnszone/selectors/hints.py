"""What is legal and hurts, beside the records that it is about."""

from __future__ import annotations

import dataclasses
from collections import defaultdict
from collections.abc import Mapping, Sequence
from typing import TypeVar

from dnszone import names, rdata
from dnszone.selectors.pending import GONE, Line, Pending, drafted
from dnszone.spec import Row
from dnszone.warnings import Warning as Hint
from dnszone.warnings import warn

L = TypeVar("L", bound=Line)
Hints = Mapping[str, Sequence[Hint]]
_BY_TEXT = ("spf", "dmarc", "dkim")
_NEAR = {names.APEX, "*"}


def hints_of(zone: str, rows: Sequence[Row], pending: Pending, *, whole: bool = True) -> Hints:
    """By the name of the records, as the draft would leave them. ``rows``: all records of the zone; not
    ``whole``: a desk's, and then only of the domain itself, and of no target that the draft brings."""
    found: dict[str, list[Hint]] = defaultdict(list)
    targets = [names.shown(rdata.target("MX", row.rdata)) for row in rows if row.rrset == (names.APEX, "MX")]
    for hint in warn(zone, drafted(rows, pending)):
        known = "target" not in hint.code or any(target in hint.text for target in targets)
        if whole or (hint.owner in _NEAR and known):
            found[hint.owner].append(hint)
    return found


def hinted(lines: Sequence[L], hints: Hints) -> list[L]:
    """Each hint stands once a list, beside the record that it is about most likely; one about a target or a
    text, beside each such record."""
    said: set[tuple[str, str, str]] = set()
    result = []
    for line in lines:
        here = [] if line.state == GONE else [h for h in hints.get(line.row.owner, ()) if _about(h, line.row)]
        fresh = [hint for hint in here if _own(hint) or (hint.owner, hint.type, hint.code) not in said]
        said |= {(hint.owner, hint.type, hint.code) for hint in fresh}
        result.append(dataclasses.replace(line, hints=tuple(fresh)) if fresh else line)
    return result


def _own(hint: Hint) -> bool:
    return "target" in hint.code or hint.code.startswith(_BY_TEXT)


def _about(hint: Hint, row: Row) -> bool:
    if hint.type not in ("", row.type):
        return False
    if "target" in hint.code:
        return names.shown(rdata.target(row.type, row.rdata)) in hint.text
    if hint.code.startswith("spf") and row.type == "TXT":
        return rdata.text(row.rdata).lower().startswith("v=spf1")
    return True
