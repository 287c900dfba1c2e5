"""Reads what a message's journey is made of: the message, the mails that are joined to it, what Dovecot did
with them, and their lines. Five queries, however many hops."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import timedelta

from django.db.models import Q

from delivery.folding import ON_BEHALF
from delivery.folding.mail import load
from delivery.journey import Fact, Hop, join, queued_as, sessions
from delivery.models import Entry, Filed, Message
from delivery.raw import Place, placed_lines
from delivery.wire import field as field_of
from lib import timekey

OTHERS = 60  # mails of one Message-ID that are looked at
CHUNKS = 24  # of lines that are unpacked, half a millisecond each
_BACK = timedelta(days=6)  # longest stay in a queue, before a filter sent it on
_ON = timedelta(hours=1)
_AROUND = timedelta(minutes=10)


def trail_of(entry: Entry) -> tuple[Hop, list[Hop]] | None:
    """(the hop of this row, all of the journey from its first hop on); None: it is no longer kept."""
    found = Message.objects.select_related("node").filter(pk=entry.message_id).first()
    if found is None:
        return None
    start = _hop(found)
    start.lines = [line for _place, line in placed_lines(_few(start.mail.lines))]
    others = [_hop(one) for one in _others(found, start)]
    filed = _filed([start, *others])
    hops = join(start, others)
    _read(start, hops, filed)
    return start, hops


def _hop(message: Message) -> Hop:
    mail = load(message.pk, message.queue_id, message.last_at.timestamp(), message.state)
    return Hop(message.pk, message.node.name, mail, message.header_id)


def _few(places: Iterable[Place]) -> list[Place]:
    """Of no more than CHUNKS chunks: how it began, and how it ended."""
    every = list(places)
    chunks = sorted({chunk for chunk, _at in every})
    if len(chunks) <= CHUNKS:
        return every
    kept = {*chunks[: CHUNKS // 3], *chunks[-(CHUNKS - CHUNKS // 3) :]}
    return [place for place in every if place[0] in kept]


def _others(found: Message, start: Hop) -> list[Message]:
    """What may belong to it: of the same Message-ID, or named by its lines. In whose bounds of time, so that
    few partitions are looked into."""
    begin, end = timekey.moment(found.pk), max(found.last_at, timekey.moment(found.pk))
    ids = set(queued_as(start.mail.addressees)) | {
        field_of(line.data, "notice", 64) for line in start.lines if line.kind == "bounce"
    }
    back = start.mail.service in ON_BEHALF or bool(start.mail.notice_of)
    ids = (ids | {start.mail.notice_of}) - {""}
    first = begin - (_BACK if back or start.mail.queue_id else _AROUND)
    wanted = Q(queue_id__in=ids) if ids else Q()
    if start.header_id:
        wanted |= Q(header_id=start.header_id)
    if not wanted:
        return []
    others = Message.objects.select_related("node").exclude(pk=found.pk).filter(wanted)
    others = others.filter(pk__gte=timekey.floor(first), pk__lt=timekey.floor(end + _ON))
    return sorted(others[:OTHERS], key=lambda one: one.pk)


def _filed(hops: list[Hop]) -> list[Filed]:
    """Gives each hop what Dovecot did in its sessions of LMTP."""
    by_session: dict[str, Hop] = {}
    for hop in hops:
        by_session |= dict.fromkeys(sessions(hop.mail.addressees), hop)
    if not by_session:
        return []
    first = min(timekey.moment(hop.pk) for hop in hops) - _AROUND
    last = max(hop.mail.last_at for hop in hops) + _AROUND.total_seconds()
    rows = list(
        Filed.objects.filter(
            pk__gte=timekey.floor(first), pk__lt=timekey.make(last, 0), session__in=by_session
        ).order_by("pk")[: OTHERS * 10]
    )
    for row in rows:
        hop = by_session[row.session]
        hop.facts.append(
            Fact(row.at.timestamp(), row.session, row.login, row.header_id, row.action, row.what, row.pk)
        )
    return rows


def _read(start: Hop, hops: list[Hop], filed: list[Filed]) -> None:
    """The lines of the other hops, and of what Dovecot did, in one query."""
    of_hop = {place: hop for hop in hops if hop is not start for place in hop.mail.lines}
    of_fact = {row.pk: (row.chunk_id, row.line) for row in filed}
    texts: dict[Place, str] = {}
    wanted = {fact.key for hop in hops for fact in hop.facts}
    places = [*of_hop, *(of_fact[key] for key in wanted)]
    for place, line in placed_lines(_few(places)) if places else []:
        texts[place] = line.raw
        if place in of_hop:
            of_hop[place].lines.append(line)
    for hop in hops:
        for fact in hop.facts:
            fact.raw = texts.get(of_fact[fact.key], "")
