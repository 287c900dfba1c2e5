"""The list as a table for spreadsheets, made while it is sent."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from django.utils import translation
from django.utils.translation import gettext as _

from activity.models import Entry
from activity.sentences import Change, changes, origin, sentence, who
from activity.words import THINGS


def rows(entries: Iterable[Entry], language: str) -> Iterator[list[str]]:
    """The heads first. ``language``: of whoever asked, for by the time a line is made the request is over."""
    with translation.override(language):
        head = [_("when"), _("account"), _("domain"), _("who"), _("address"), _("kind"), _("object")]
        yield [*head, _("what happened"), _("from"), _("before"), _("after")]
        for entry in entries:
            yield _row(entry)


def _row(entry: Entry) -> list[str]:
    found = changes(entry)
    kind = THINGS[entry.model][0] if entry.model in THINGS else entry.model
    return [
        entry.at.isoformat(timespec="milliseconds"),
        entry.account_name,
        entry.domain_name,
        who(entry),
        entry.who,
        str(kind),
        entry.name,
        sentence(entry, where=False),
        origin(entry).removeprefix(", "),
        _side(found, "before"),
        _side(found, "after"),
    ]


def _side(found: list[Change], side: str) -> str:
    return "; ".join(f"{one.label}: {getattr(one, side)}" for one in found if getattr(one, side))
