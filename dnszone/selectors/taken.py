"""Records that a person wrote where the panel would keep its own, told from the zone's records alone: the
page of the record asks dnszone.keepers, which knows."""

from __future__ import annotations

import dataclasses
from collections.abc import Sequence

from dnszone import managed, names, rdata
from dnszone.selectors.pending import Line
from dnszone.spec import Row

_PLACES = {
    ("_dmarc", "TXT"): managed.DMARC,
    ("mail", "A"): managed.ADDRESS,
    ("mail", "AAAA"): managed.ADDRESS,
}


def taken(lines: Sequence[Line], rows: Sequence[Row]) -> list[Line]:
    """``lines`` with ``taken`` where the zone has none of the panel's any more. ``rows``: all of the zone.
    Only while the MX are the panel's: whose mail goes elsewhere writes these on purpose."""
    held = {(row.managed, row.owner if row.managed == managed.ADDRESS else "") for row in rows}
    if (managed.MX, "") not in held:
        return list(lines)
    result = []
    for line in lines:
        label = "" if line.state or line.row.managed else _place(line.row)
        owner = line.row.owner if label == managed.ADDRESS else ""
        over = label and (label, owner) not in held
        result.append(dataclasses.replace(line, taken=label) if over else line)
    return result


def _place(row: Row) -> str:
    if row.rrset == (names.APEX, "TXT") and rdata.text(row.rdata).lower().startswith("v=spf1"):
        return managed.SPF
    return _PLACES.get(row.rrset, "")
