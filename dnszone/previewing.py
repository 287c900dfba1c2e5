"""What the preview of a draft shows, and the form that applies it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.models import User
from dnszone import routing, selectors
from dnszone.drafting import Conflict, Item
from dnszone.effects import Effect, Effects, effects, group_of, line
from dnszone.models import SERIAL_MAX, Draft, Zone
from dnszone.selectors import Drafted
from dnszone.selectors.versions import News, news_since
from dnszone.spec import Row, row_of
from dnszone.warnings import warn

CONFLICTS_SHOWN = 50
TAKEN_OUT = 20  # single changes offered in one group


class ApplyForm(forms.Form):
    """``rev`` and ``serial``: the draft and the zone that the person looked at."""

    rev = forms.IntegerField(min_value=0, max_value=2**63 - 1, widget=forms.HiddenInput)
    serial = forms.IntegerField(min_value=0, max_value=SERIAL_MAX, widget=forms.HiddenInput)
    reason = forms.CharField(
        label=gettext_lazy("Why"),
        help_text=gettext_lazy("Kept with this version, for you and whoever looks at it later."),
        required=False,
        max_length=200,
    )


@dataclass(frozen=True, slots=True)
class Part:
    """One item that can be taken out of the draft."""

    id: int
    text: str


@dataclass(frozen=True, slots=True)
class Told:
    """What a group of records does, and the items of the draft behind it."""

    effect: Effect
    parts: list[Part]

    @property
    def only(self) -> Part | None:
        return self.parts[0] if len(self.parts) == 1 else None


@dataclass(frozen=True, slots=True)
class Clash:
    """An item and what somebody else made of its records. ``news``: whose change it was, None: not known."""

    item: int
    what: str
    before: list[str]
    theirs: list[str]
    yours: list[str]
    news: News | None


@dataclass(frozen=True, slots=True)
class Preview:
    """``count``: of changes, Email Routing among them. ``news``: what others applied since the person looked.
    ``warnings``: what hurts because of this draft; ``standing``: what hurt before."""

    draft: Draft
    serial: int
    count: int
    drafted: Drafted
    effects: Effects
    told: list[Told]
    clashes: list[Clash]
    more_clashes: int
    news: list[News]
    warnings: list[str]
    standing: list[str]

    @property
    def can_apply(self) -> bool:
        return self.drafted.refused is None and not self.drafted.conflicts and self.count > 0

    @property
    def slowest(self) -> int:
        """Seconds that others may go on with old answers, as the bar of the editor says it."""
        return selectors.wishes(self.draft).ttl


def previewed(zone: Zone, user: User, since: int | None = None) -> Preview | None:
    """None: there is nothing to preview. ``since``: the serial of the zone that the person looked at last."""
    draft = selectors.draft_of(user, zone)
    if draft is None:
        return None
    items: list[Item] = draft.items
    drafted = selectors.draft_rows(draft, selectors.rows_of(zone))
    mode = routing.current(zone.domain) if draft.routing else ""
    routed = (mode, draft.routing) if mode and mode != draft.routing else ("", "")
    shown = effects(zone.name, drafted.before, drafted.after, routed)
    now, then = _warnings(zone.name, drafted)
    bases = [conflict.item["base"] for conflict in drafted.conflicts]
    oldest = min([*bases, *([since] if since is not None else [])], default=zone.serial)
    news = news_since(zone, oldest) if oldest < zone.serial else []
    return Preview(
        draft=draft,
        serial=zone.serial,
        count=len(items) + (1 if routed[1] else 0),
        drafted=drafted,
        effects=shown,
        told=_told(items, shown),
        clashes=[_clash(conflict, news) for conflict in drafted.conflicts[:CONFLICTS_SHOWN]],
        more_clashes=max(0, len(drafted.conflicts) - CONFLICTS_SHOWN),
        warnings=[text for text in then if text not in now],
        standing=[text for text in then if text in now],
        news=[found for found in news if since is not None and found.version.serial > since],
    )


def _warnings(zone: str, drafted: Drafted) -> tuple[set[str], list[str]]:
    """What hurts now and then; nothing then: not asked of now."""
    then = [found.text for found in warn(zone, drafted.after)]
    if not then or drafted.after == drafted.before:
        return set(then), then
    return {found.text for found in warn(zone, drafted.before)}, then


def wish(item: Item) -> str:
    """One item in a line: ``@ 3600 MX 10 a. → @ 3600 MX 20 a.``"""
    was, spec = item["was"], item["spec"]
    if was is None or spec is None:
        sign = "+" if spec else "\u2212"
        return f"{sign} {line(row_of(spec or was or []))[:200]}"
    return f"{line(row_of(was))[:200]} \u2192 {line(row_of(spec))[:200]}"


def _told(items: Sequence[Item], shown: Effects) -> list[Told]:
    """An item that moves a record to another name stands in both groups."""
    wanted = {effect.key for effect in shown.items}
    near = {key[:2] for key in wanted}
    parts: dict[Any, list[Part]] = {}
    for item in items:
        entries = [entry for entry in (item["spec"], item["was"]) if entry and (entry[0], entry[1]) in near]
        for key in dict.fromkeys(group_of(row_of(entry)) for entry in entries):
            if key in wanted and len(parts.setdefault(key, [])) < TAKEN_OUT:
                parts[key].append(Part(item["id"], wish(item)))
    return [Told(effect, parts.get(effect.key, [])) for effect in shown.items]


def _clash(conflict: Conflict, news: Sequence[News]) -> Clash:
    item = conflict.item
    keys = {(entry[0], entry[1]) for entry in (item["was"], item["spec"]) if entry}
    owner, kind = sorted(keys)[0]
    return Clash(
        item=item["id"],
        what=f"{owner} {kind}",
        before=_lines([row_of(item["was"])] if item["was"] else []),
        theirs=_lines(conflict.now),
        yours=_lines([row_of(item["spec"])] if item["spec"] else []),
        news=next(
            (found for found in news if found.version.serial > item["base"] and found.touches(keys)), None
        ),
    )


def _lines(rows: Sequence[Row]) -> list[str]:
    """An empty list is said in words by the page."""
    lines = [line(row, comment=True) for row in rows[:10]]
    return [*lines, _("and %(n)d more") % {"n": len(rows) - 10}] if len(rows) > 10 else lines
