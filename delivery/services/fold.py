"""Takes new lines into the stored messages and list rows, in the caller's transaction and under its lock."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import timedelta

from django.utils import timezone

from accounts.models import Domain
from delivery import text
from delivery.folding import FOLDED, LIFETIME, SLACK, TOLD, Mail, Owner, apply, choose, place, settle
from delivery.folding.mail import load
from delivery.models import Message
from delivery.services import stored
from delivery.services.chunks import Place
from delivery.wire import Line
from delivery.wire import field as field_of
from lib import timekey

_EARLY = timedelta(seconds=LIFETIME)
Placed = tuple[Line, Place]


def fold(*, node_id: int, lines: Sequence[Placed]) -> None:
    """``lines``: not folded before, each with its place in a chunk. Order between files and batches does
    not matter."""
    kinds = FOLDED | TOLD
    wanted = [pair for pair in lines if pair[0].kind in kinds and (pair[0].ref or pair[0].kind == "reject")]
    if not wanted:
        return
    known = _load(node_id, wanted)
    touched: dict[int, Mail] = {}
    for line, at in wanted:
        for mail in _take(known, line, at):
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
    stored.save(node_id, mails, timezone.now())


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


def _take(known: dict[str, list[Mail]], line: Line, at: Place) -> Iterable[Mail]:
    if not line.ref:
        mail = Mail("", line.at, line.at)
        mail.lines.append(at)
        apply(mail, line)
        yield mail
        return
    told = line.kind in TOLD
    found = _mail(known, line.ref, line, only_known=told)
    if found is None:
        return
    found.lines.append(at)
    apply(found, line)
    yield found
    if line.kind == "bounce" and (notice := field_of(line.data, "notice", 64)):
        child = _mail(known, notice, line)
        if child is not None:
            child.notice_of, child.shown = line.ref, True
            yield child


def _mail(known: dict[str, list[Mail]], ref: str, line: Line, *, only_known: bool = False) -> Mail | None:
    mails = known.setdefault(ref, [])
    mail = choose(mails, line.at, start=line.kind == "client")
    if mail is None and not only_known:
        mail = Mail(ref, line.at, line.at)
        mails.append(mail)
    return mail


def _load(node_id: int, lines: Sequence[Placed]) -> dict[str, list[Mail]]:
    refs = {ref for line, _at in lines for ref in _refs(line)}
    if not refs:
        return {}
    times = [line.at for line, _at in lines]
    found = Message.objects.filter(
        pk__gte=timekey.make(min(times) - _EARLY.total_seconds(), 0),
        pk__lt=timekey.make(max(times) + _EARLY.total_seconds(), 0),
        node_id=node_id,
        queue_id__in=refs,
    )
    known: dict[str, list[Mail]] = {}
    for pk, queue_id, last_at, state in found.values_list("pk", "queue_id", "last_at", "state"):
        if last_at.timestamp() >= min(times) - LIFETIME - SLACK:
            known.setdefault(queue_id, []).append(load(pk, queue_id, last_at.timestamp(), state))
    return known
