"""List rows as the templates draw them."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.urls import reverse
from django.utils import formats, timezone
from django.utils.translation import gettext as _

from delivery.explain import Text, explain
from delivery.models import Entry, Status

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
    """``css`` and ``icon`` go with the status word, never alone. ``new``: put above what is there already."""

    entry: Entry
    url: str
    when: str
    subject: str
    sender: str
    css: str
    icon: str
    why: Text


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
    today = local.date() == timezone.localdate()
    return formats.date_format(local, "H:i:s" if today else "j M, H:i")


def rows_of(entries: Iterable[Entry], names: Mapping[int, str]) -> list[Row]:
    made = []
    for entry in entries:
        css, icon = LOOKS[Status(entry.status)]
        made.append(
            Row(
                entry=entry,
                url=url_of(entry, names),
                when=when(entry),
                subject=subject_of(entry),
                sender=entry.sender or "",
                css=css,
                icon=icon,
                why=explain(entry).why,
            )
        )
    return made
