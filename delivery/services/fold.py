"""Takes new lines into the stored messages and list rows, in the caller's transaction."""

from __future__ import annotations

import time
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from django.db import connection
from django.utils import timezone

from accounts.models import Domain
from delivery import text
from delivery.folding import FOLDED, LIFETIME, SLACK, TOLD, Mail, Owner, apply, choose, follow, place, settle
from delivery.folding.mail import load
from delivery.raw import Place
from delivery.services import stored
from delivery.services.turns import LONGEST, turn_last, turn_take
from delivery.wire import Line
from delivery.wire import field as field_of
from lib import timekey

Placed = tuple[Line, Place]
_KINDS = FOLDED | TOLD
_LOAD = """
SELECT id, queue_id, last_at, state FROM delivery_message
WHERE id >= %s AND id < %s AND queue_id = ANY(%s) AND queue_id <> '' AND node_id = %s"""


@dataclass(slots=True)
class Folding:
    """``refs``: the queue ids it is about. ``last``: the turn after which its messages were read."""

    node_id: int
    lines: list[Placed]
    refs: set[str]
    last: int
    begun: float
    plan: stored.Plan


def fold_begin(*, node_id: int, lines: Sequence[Placed]) -> Folding:
    """Before the caller's turn. ``lines``: not folded before, each with its place in a chunk. Order between
    files and batches does not matter."""
    wanted = [pair for pair in lines if pair[0].kind in _KINDS and (pair[0].ref or pair[0].kind == "reject")]
    refs = {ref for line, _at in wanted for ref in _refs(line)}
    begun, last = time.monotonic(), turn_last(node_id)
    plan = _planned(node_id, wanted, refs)
    stored.insert(plan)
    return Folding(node_id, wanted, refs, last, begun, plan)


def fold_end(folding: Folding) -> None:
    """In the caller's turn: what others have changed meanwhile is folded again."""
    changed = turn_take(folding.node_id, folding.last, folding.refs)
    if time.monotonic() - folding.begun > LONGEST:
        changed = folding.refs
    if changed:
        stored.retract(folding.plan, changed)
        again = [pair for pair in folding.lines if not changed.isdisjoint(_refs(pair[0]))]
        plan = _planned(folding.node_id, again, changed)
        stored.insert(plan)
        stored.finish(plan)
    stored.finish(folding.plan)


def _planned(node_id: int, lines: Sequence[Placed], refs: set[str]) -> stored.Plan:
    known = _load(node_id, lines, refs)
    touched: dict[int, Mail] = {}
    for line, at in lines:
        for mail in _take(known, line, at, refs):
            touched[id(mail)] = mail
    mails = list(touched.values())
    for mail in mails:
        settle(mail)
    owners = owners_of(
        address
        for mail in mails
        for address in (
            mail.sender or "",
            mail.sasl_user,
            *(one.address for one in mail.addressees),
            *(one.orig_to for one in mail.addressees),
        )
    )
    for mail in mails:
        place(mail, owners)
    return stored.plan(node_id, mails, timezone.now())


def owners_of(addresses: Iterable[str]) -> dict[str, Owner]:
    """Domain name → whose it is, for the domains of these addresses."""
    names = {text.domain_of(address) for address in addresses if address} - {""}
    found = Domain.objects.filter(name__in=names).values_list("name", "pk", "account_id", "created_at")
    return {name: Owner(pk, account_id, created.timestamp()) for name, pk, account_id, created in found}


def _refs(line: Line) -> Iterable[str]:
    if line.ref:
        yield line.ref
        if line.kind == "bounce" and (notice := field_of(line.data, "notice", 64)):
            yield notice
        if line.kind == "client" and (was := field_of(line.data, "was", 64)):
            yield was


def _take(known: dict[str, list[Mail]], line: Line, at: Place, refs: set[str]) -> Iterable[Mail]:
    """The mails that the line is about, of those with ``refs``, with the line taken in."""
    ref = line.ref
    if not ref:
        mail = Mail("", line.at, line.at)
        mail.lines.append(at)
        apply(mail, line)
        return (mail,)
    found = _mail(known, ref, line, only_known=line.kind in TOLD) if ref in refs else None
    if found is not None:
        found.lines.append(at)
        apply(found, line)
        if line.kind == "client" and (was := field_of(line.data, "was", 64)):
            follow(found, max(known.get(was, ()), key=lambda mail: mail.last_at, default=None))
    if line.kind == "bounce" and (notice := field_of(line.data, "notice", 64)) in refs:
        child = _mail(known, notice, line)
        if child is not None:
            child.notice_of, child.shown = ref, True
            return (child,) if found is None else (found, child)
    return () if found is None else (found,)


def _mail(known: dict[str, list[Mail]], ref: str, line: Line, *, only_known: bool = False) -> Mail | None:
    mails = known.get(ref)
    if mails is None:
        mails = known[ref] = []
    mail = choose(mails, line)
    if mail is None and not only_known:
        mail = Mail(ref, line.at, line.at)
        mails.append(mail)
    return mail


def _load(node_id: int, lines: Sequence[Placed], refs: set[str]) -> dict[str, list[Mail]]:
    known: dict[str, list[Mail]] = {}
    if not refs:
        return known
    times = [line.at for line, _at in lines]
    first, last = min(times) - LIFETIME, max(times) + LIFETIME
    with connection.cursor() as cursor:
        cursor.execute(_LOAD, [timekey.make(first, 0), timekey.make(last, 0), list(refs), node_id])
        for pk, queue_id, last_at, state in cursor.fetchall():
            if last_at.timestamp() >= first - SLACK:
                known.setdefault(queue_id, []).append(load(pk, queue_id, last_at.timestamp(), state))
    return known
