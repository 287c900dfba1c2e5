"""The list as a table for spreadsheets and programs, made while it is sent."""

from __future__ import annotations

from collections.abc import Iterator, Mapping

from django.db.models import QuerySet
from django.utils import timezone, translation
from django.utils.translation import gettext as _

from delivery import selectors
from delivery.explain import explain
from delivery.models import Direction, Entry, Status
from delivery.selectors import following

AT_ONCE = 1000


def rows(found: QuerySet[Entry], *, language: str, everywhere: bool) -> Iterator[list[object]]:
    """The heads first, then all of ``found``, newest first; two or three queries for AT_ONCE of them.
    ``language``: of whoever asked, for by the time a line is made the request is over. ``everywhere``: of
    several domains."""
    with translation.override(language):
        yield [*_heads(), *([_("Domain")] if everywhere else [])]
        ways, fates = dict(Direction.choices), dict(Status.choices)
        bunch: list[Entry] = []
        for entry in following(found, AT_ONCE):
            bunch.append(entry)
            if len(bunch) == AT_ONCE:
                yield from _bunch(bunch, ways, fates, everywhere=everywhere)
                bunch = []
        yield from _bunch(bunch, ways, fates, everywhere=everywhere)


def _heads() -> list[object]:
    return [
        _("Time"),
        _("Direction"),
        _("Status"),
        _("From"),
        _("To"),
        _("Alias"),
        _("Subject"),
        _("Size in bytes"),
        _("Reason"),
        _("Answer"),
        _("Server"),
        _("Queue ID"),
        _("Message ID"),
    ]


def _bunch(
    entries: list[Entry], ways: Mapping[int, object], fates: Mapping[int, object], *, everywhere: bool
) -> Iterator[list[object]]:
    ids = selectors.header_ids({entry.message_id for entry in entries})
    names = selectors.domain_names({entry.domain_id for entry in entries}) if everywhere else {}
    for entry in entries:
        row: list[object] = [
            timezone.localtime(entry.at).isoformat(timespec="milliseconds"),
            ways[entry.direction],
            fates[entry.status],
            entry.sender,
            entry.address,
            entry.via,
            entry.subject,
            entry.size,
            explain(entry).why,
            entry.reply,
            entry.server,
            entry.queue_id,
            ids.get(entry.message_id, ""),
        ]
        yield [*row, names.get(entry.domain_id or 0, "")] if everywhere else row
