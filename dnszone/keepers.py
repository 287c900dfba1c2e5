"""What the panel would keep in a zone, by label: so that records which a person took over can be handed back.

Other apps register what they keep (mailboxes: DKIM). Reads the database, changes nothing."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Iterable, Sequence

from dnszone import changeset, managed, provider, rdata
from dnszone.blueprints import making
from dnszone.models import Zone
from dnszone.names import APEX
from dnszone.spec import RecordSpec, Row
from provision.models import Node

Keeper = Callable[[Zone], list[RecordSpec]]

OF_A_DOMAIN = (managed.MX, managed.SPF, managed.DMARC, managed.AUTOCONFIG, managed.SRV, managed.ADDRESS)
_ADDRESSES = {"A", "AAAA", "ALIAS"}
_registered: dict[str, Keeper] = {}


def register(label: str, keeper: Keeper) -> None:
    """``keeper``: what ``label`` would hold in a zone now; nothing when it does not apply there."""
    _registered[label] = keeper


def kept(zone: Zone) -> dict[str, list[Row]]:
    """Label → its records as the panel would write them now, canonical."""
    found: dict[str, list[RecordSpec]] = {label: keep(zone) for label, keep in _registered.items()}
    if zone.domain is None:
        found[managed.PROVIDER] = provider.own_records()
    elif (node := mail_node(zone)) is not None:
        for spec in making.panel_records(node, zone.domain.account):
            if spec.managed in OF_A_DOMAIN:
                found.setdefault(spec.managed, []).append(spec)
    return {
        label: [changeset.canonical_row(dataclasses.replace(s, managed=label), zone.name) for s in specs]
        for label, specs in found.items()
        if specs
    }


def mail_node(zone: Zone) -> Node | None:
    """The node that has the mail of the zone's domain; None when none has."""
    return provider.mail_nodes([zone.name]).get(zone.name)


def missing(zone: Zone, rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Of ``kept``, what the panel does not keep now. ``rows``: selectors.rows_of the zone, or a draft's."""
    return gaps(kept(zone), rows)


def gaps(wanted: dict[str, list[Row]], rows: Iterable[Row]) -> dict[str, list[Row]]:
    """Of ``wanted`` (``kept``), what is not among ``rows`` as the panel's."""
    held = {row.identity for row in rows if row.managed}
    found = {label: [row for row in some if row.identity not in held] for label, some in wanted.items()}
    return {label: some for label, some in found.items() if some}


def taken_over(zone: Zone, rows: Iterable[Row]) -> list[str]:
    """The labels whose records the panel would keep, and in whose place stand a person's. ``rows``:
    selectors.rows_of the zone, or a draft's."""
    rows = list(rows)
    return [label for label, wanted in missing(zone, rows).items() if in_place_of(wanted, rows)]


def label_over(wanted: dict[str, list[Row]], row: Row) -> str:
    """The label that a person's ``row`` stands in the place of; empty when none. ``wanted``: ``missing``."""
    return next((label for label, rows in wanted.items() if in_place_of(rows, [row])), "")


def in_place_of(wanted: Sequence[Row], rows: Iterable[Row]) -> list[Row]:
    """Those of ``rows`` that a person wrote where the records in ``wanted`` would stand."""
    by_owner: dict[str, list[Row]] = {}
    for row in wanted:
        by_owner.setdefault(row.owner, []).append(row)
    return [
        row
        for row in rows
        if not row.managed and any(_excludes(row, one) for one in by_owner.get(row.owner, ()))
    ]


def _excludes(row: Row, wanted: Row) -> bool:
    """The same purpose, or no room beside it. TXT at one name may serve many: their first word tells them
    apart."""
    if "CNAME" in (row.type, wanted.type):
        return True
    if "ALIAS" in (row.type, wanted.type) and {row.type, wanted.type} <= _ADDRESSES:
        return True
    if row.type != wanted.type:
        return False
    return row.type != "TXT" or wanted.owner != APEX or _tag(row) == _tag(wanted)


def _tag(row: Row) -> str:
    return rdata.text(row.rdata).replace(";", " ").partition(" ")[0].lower()
