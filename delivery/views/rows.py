"""List rows as the templates draw them."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from delivery.explain import Text, explain
from delivery.models import Direction, Entry, Status
from delivery.selectors import micros
from lib.dates import written

_SRS0 = re.compile(r"SRS0=[^=@]+=[A-Z2-7]{2}=(?P<host>[A-Za-z0-9._-]+)=(?P<local>[^@]+)@[^@]+", re.I)

LOOKS = {
    Status.PROGRESS: ("move", "go"),
    Status.DELIVERED: ("ok", "check"),
    Status.DEFERRED: ("wait", "clock"),
    Status.FAILED: ("bad", "cross"),
    Status.REJECTED: ("off", "noentry"),
    Status.HELD: ("wait", "pause"),
}


@dataclass(frozen=True, slots=True)
class Row:
    """``css`` and ``icon`` go with the status word, never alone. ``changed``: what tells two states of the
    row apart. ``pick``: its sender can be told once more. ``nobodys``: of no domain here. ``forwarded``: the
    sender wrote it to somebody here, who has it sent on."""

    entry: Entry
    url: str
    when: str
    subject: str
    sender: str
    css: str
    icon: str
    why: Text
    changed: int
    pick: bool
    nobodys: bool
    forwarded: bool


def subject_of(entry: Entry) -> str:
    if entry.notice and not entry.subject:
        return _("Notice about an undelivered mail")
    return entry.subject or (_("(refused before its subject)") if not entry.queue_id else _("(no subject)"))


def url_of(entry: Entry, names: Mapping[int, str]) -> str:
    name = names.get(entry.domain_id) if entry.domain_id else None
    return (
        reverse("track-message", args=[name, entry.pk])
        if name
        else reverse("track-all-message", args=[entry.pk])
    )


def when(entry: Entry) -> str:
    local = timezone.localtime(entry.at)
    today = timezone.localdate()
    if local.date() == today:
        return written(local, "H:i:s")
    return written(local, "j M, H:i" if local.year == today.year else "j M Y, H:i")


def writer_of(entry: Entry) -> str:
    """Who wrote a mail that leaves here under the address of a forwarder (SRS); empty for any other. Only for
    what we sent on: in mail that comes, anybody can write such an address."""
    if entry.direction == Direction.IN or not entry.domain_id:
        return ""
    found = _SRS0.fullmatch(entry.sender or "")
    return f"{found['local']}@{found['host']}" if found else ""


def can_pick(entry: Entry) -> bool:
    """A mail of ours that failed: to tell its sender once more makes sense."""
    return entry.status == Status.FAILED and entry.direction != Direction.IN and bool(entry.domain_id)


def rows_of(entries: Iterable[Entry], names: Mapping[int, str]) -> list[Row]:
    made = []
    for entry in entries:
        css, icon = LOOKS[Status(entry.status)]
        written = writer_of(entry)
        made.append(
            Row(
                entry=entry,
                url=url_of(entry, names),
                when=when(entry),
                subject=subject_of(entry),
                sender=written or entry.sender or "",
                css=css,
                icon=icon,
                why=explain(entry).why,
                changed=micros(entry.changed_at),
                pick=can_pick(entry),
                nobodys=entry.domain_id is None,
                forwarded=bool(written),
            )
        )
    return made
