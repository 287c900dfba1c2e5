"""What became of it, for each recipient of one side. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime

from delivery.folding.mail import Addressee, Mail, status_of
from delivery.journey.joining import Fact, Hop, facts_of
from delivery.journey.kinds import moment
from delivery.journey.side import Known, Side, by_written, written
from delivery.statuses import Status

ENDS = 100


@dataclass(slots=True)
class End:
    """``path``: addresses that led to ``address``. ``row``: id of the row of a list that shows it,
    ``domain``: of whose list. ``folder``: where it lies."""

    address: str
    status: int
    path: list[str] = field(default_factory=list)
    at: datetime | None = None
    folder: str = ""
    row: int = 0
    domain: int | None = None
    current: bool = False


def ends_of(side: Side, hops: Sequence[Hop], entry: int) -> list[End]:
    """In the order in which they were known. What a filter sent on ends where that ends."""
    onward: dict[tuple[int, int], list[Hop]] = {}
    for hop in hops:
        if hop.parent is not None and hop.by is not None:
            onward.setdefault((id(hop.parent), id(hop.by)), []).append(hop)
    found: list[End] = []
    for hop in hops:
        if hop.parent is None or (hop.how == "notice" and len(hops) == 1) or hop.parent not in hops:
            found += _of_hop(side, hop, [], onward, entry)
    return found


def _of_hop(
    side: Side,
    hop: Hop,
    path: list[str],
    onward: dict[tuple[int, int], list[Hop]],
    entry: int,
    deep: int = 0,
) -> list[End]:
    found: list[End] = []
    leads = {id(one) for one in by_written(side, hop.mail).values()}
    for one in hop.mail.addressees:
        known = side.knows(hop.mail, one)
        if not known or (known is Known.WRITTEN and id(one) not in leads):
            continue
        end = _end(side, hop, one, known, path, entry)
        end.current = end.row == entry
        nexts = [child for child in onward.get((id(hop), id(one)), []) if side.sees(child.mail)]
        if not nexts or end.folder or end.current:
            found.append(end)
        for child in nexts if deep < 5 else []:
            found += _of_hop(side, child, [*end.path, end.address], onward, entry, deep + 1)
    return found


def _end(side: Side, hop: Hop, one: Addressee, known: Known, path: list[str], entry: int) -> End:
    mail = hop.mail
    address = written(one) if known is Known.WRITTEN else one.address
    via = [one.orig_to] if known is Known.ALL and one.orig_to else []
    row, domain = _row(side, mail, one, entry)
    status = status_of(mail, one)
    at = moment(one.at) if one.at and status not in {Status.PROGRESS, Status.HELD} else None
    end = End(address, status, [*path, *via], at, row=row, domain=domain)
    if known is not Known.WRITTEN:
        for fact in facts_of(hop, one):
            if side.owns(fact.login, one.domain_id) and _kept(fact):
                end.folder = fact.what
    return end


def _kept(fact: Fact) -> bool:
    return fact.action.startswith(("stored", "saved", "left"))


def _row(side: Side, mail: Mail, one: Addressee, entry: int) -> tuple[int, int | None]:
    """The row of a list that shows this end: the one whose it is rather than the sender's."""
    for row, shown in mail.rows.items():
        if (
            shown.of < len(mail.addressees)
            and mail.addressees[shown.of] is one
            and _mine(side, row.domain_id)
        ):
            return shown.id, row.domain_id
    for row, shown in mail.rows.items():
        if row.address == written(one) and _mine(side, row.domain_id):
            return shown.id, row.domain_id
    return 0, None


def _mine(side: Side, domain_id: int | None) -> bool:
    return side.everything or (domain_id is not None and domain_id in side.domains)
