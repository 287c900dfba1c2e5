"""Which mails are one journey. Pure.

A hop is joined only when both ends say so, and one of them is our own program: an answer of a stranger's
server ("queued as …"), or a Message-ID, which anybody may copy, alone joins nothing. What is joined is still
shown only to whom it belongs (side)."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

from delivery.folding import ON_BEHALF
from delivery.folding.mail import Addressee, Mail
from delivery.wire import Line

HOPS = 20
SOON = 120.0  # seconds between a filter's word and the mail that it made
_SESSION = re.compile(r"250 2\.0\.0 <.*> ([A-Za-z0-9+/=]{10,40}(?::T\d+)?)(:R\d+)? Saved\Z")
_QUEUED = re.compile(r"\bqueued as ([0-9A-Za-z]{6,24})\)?\Z")


@dataclass(slots=True)
class Fact:
    """A row of models.Filed. ``key``: its id; ``raw``: its line."""

    at: float
    session: str
    login: str
    header_id: str
    action: str
    what: str
    key: int = 0
    raw: str = ""


@dataclass(slots=True, eq=False)
class Hop:
    """One stay in a queue. ``parent``: whose addressee ``by`` led to it, and ``how``: "forward", "relay" or
    "notice" (it reports on the parent)."""

    pk: int
    node: str
    mail: Mail
    header_id: str = ""
    lines: list[Line] = field(default_factory=list)
    facts: list[Fact] = field(default_factory=list)
    parent: Hop | None = None
    by: Addressee | None = None
    how: str = ""


def sessions(recipients: Iterable[Addressee]) -> list[str]:
    """Dovecot's session ids, which its answers to LMTP carry: they join its own log lines to the message."""
    found = []
    for one in recipients:
        if (match := _SESSION.match(one.reply)) is not None:
            found += [match[1], match[1] + (match[2] or "")]
    return sorted(set(found))


def queued_as(recipients: Iterable[Addressee]) -> list[str]:
    """Queue ids that the next server named."""
    return sorted({match[1] for one in recipients if (match := _QUEUED.search(one.reply)) is not None})


def facts_of(hop: Hop, one: Addressee) -> list[Fact]:
    """What was done with the mail in the mailbox of this addressee."""
    if not (match := _SESSION.match(one.reply)):
        return []
    ids = {match[1], match[1] + (match[2] or "")}
    mine = _plain(one.address)
    return [fact for fact in hop.facts if fact.session in ids and _plain(fact.login) == mine]


def join(start: Hop, others: Sequence[Hop]) -> list[Hop]:
    """``start`` and what belongs to its journey, from its first hop on: at most HOPS."""
    everyone = [start, *others]
    for hop in everyone:
        _find_parent(hop, [one for one in everyone if one is not hop])
    first, walked = start, {id(start)}
    while first.parent is not None and id(first.parent) not in walked:
        first = first.parent
        walked.add(id(first))
    found: list[Hop] = []
    waiting = [first]
    while waiting and len(found) < HOPS:
        hop = waiting.pop(0)
        if not any(hop is one for one in found):
            found.append(hop)
            waiting += sorted((one for one in everyone if one.parent is hop), key=lambda one: one.mail.at)
    if not any(start is one for one in found):
        found[-1] = start
    return found


def _find_parent(hop: Hop, others: Iterable[Hop]) -> None:
    for other in others:
        if hop.mail.notice_of:
            if other.node == hop.node and other.mail.queue_id == hop.mail.notice_of:
                hop.parent, hop.how = other, "notice"
                return
            continue
        one = _forwarded(other, hop) or _relayed(other, hop)
        if one is not None:
            hop.parent, hop.by = other, one
            hop.how = "forward" if hop.mail.service in ON_BEHALF else "relay"
            return


def _forwarded(other: Hop, hop: Hop) -> Addressee | None:
    """The addressee of ``other`` whose filter sent it on as ``hop``."""
    if hop.mail.service not in ON_BEHALF or not _same_header(other, hop):
        return None
    goals = {one.lower() for to in hop.mail.addressees for one in (to.address, to.orig_to) if one}
    for one in other.mail.addressees:
        for fact in facts_of(other, one):
            goal = fact.what.strip("<>").lower()
            same = _plain(fact.login) == _plain(hop.mail.sasl_user) and goal in goals
            if same and fact.action.startswith("redirect") and abs(hop.mail.at - fact.at) <= SOON:
                return one
    return None


def _relayed(other: Hop, hop: Hop) -> Addressee | None:
    if not hop.mail.queue_id or not _same_header(other, hop) or other.node == hop.node:
        return None
    goals = {one.lower() for to in hop.mail.addressees for one in (to.address, to.orig_to) if one}
    for one in other.mail.addressees:
        found = _QUEUED.search(one.reply)
        if found and found[1] == hop.mail.queue_id and one.address.lower() in goals:
            return one
    return None


def _same_header(one: Hop, other: Hop) -> bool:
    return bool(one.header_id) and one.header_id == other.header_id


def _plain(address: str) -> str:
    """Without the part behind a "+", small."""
    local, _at, domain = address.lower().rpartition("@")
    return f"{local.partition('+')[0]}@{domain}"
