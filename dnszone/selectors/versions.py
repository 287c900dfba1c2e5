"""What a zone was, from what it is now and every change since; and who changed it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Any

from django.conf import settings

from accounts.models import Account, Membership, User
from dnszone.models import Zone, ZoneVersion
from dnszone.models.editing import Origin
from dnszone.selectors.records import rows_of
from dnszone.spec import Row, row_of
from lib import said
from lib.said import gettext as _

NEWS = 50


@dataclass(frozen=True, slots=True)
class News:
    """What somebody applied since a person looked. ``who``: for people."""

    version: ZoneVersion
    who: str

    @property
    def kinds(self) -> str:
        return kinds_of(self.version)

    def touches(self, keys: Iterable[tuple[str, str]]) -> bool:
        own = {(entry[0], entry[1]) for entry in [*self.version.gone, *self.version.come]}
        return not own.isdisjoint(keys)


def rows_at(zone: Zone, version: ZoneVersion | None) -> list[Row]:
    """The records after ``version`` (None: before the first that was kept), each with the key it has now, if
    it is still there."""
    return rows_at_both(zone, version, version)[0]


def rows_at_both(
    zone: Zone, older: ZoneVersion | None, newer: ZoneVersion | None
) -> tuple[list[Row], list[Row]]:
    """``rows_at`` for two of its versions, on one way back."""
    rows: dict[tuple[Any, ...], Row] = {row.kept: row for row in rows_of(zone)}
    first, last = (version.pk if version else 0 for version in (older, newer))
    at_newer: list[Row] | None = None
    later = ZoneVersion.objects.filter(zone=zone, pk__gt=first).order_by("-pk")
    for pk, gone, come in later.values_list("pk", "gone", "come").iterator(chunk_size=20):
        if at_newer is None and pk <= last:
            at_newer = list(rows.values())
        for entry in come:
            rows.pop(tuple(entry), None)
        for entry in gone:
            rows[tuple(entry)] = row_of(entry)
    at_older = list(rows.values())
    return at_older, at_older if at_newer is None else at_newer


def version_title(version: ZoneVersion) -> str:
    """Its name in the history: where it came from, and what it was or what it changed."""
    came = said.of_lazy(Origin(version.origin).label)
    if version.title:
        return _("%(came)s: %(title)s") % {"came": came, "title": version.title}
    return _("%(what)s (%(types)s)") % {"what": came, "types": kinds_of(version)}


def kinds_of(version: ZoneVersion) -> str:
    kinds = sorted({entry[1] for entry in [*version.gone, *version.come]})
    return ", ".join(kinds) or _("Email Routing")


def news_since(zone: Zone, serial: int) -> list[News]:
    """What was applied after the zone had this serial, newest first; the last NEWS of it."""
    later = ZoneVersion.objects.filter(zone=zone, serial__gt=serial).select_related("actor")
    found = list(later.order_by("-pk")[:NEWS])
    people = actors(zone, found)
    return [News(version, who_of(version, people)) for version in found]


def actors(zone: Zone, versions: Iterable[ZoneVersion]) -> dict[int, str]:
    """By the person's key, as the domain's people know them: a member by name, whoever acted from above with
    whom they work for. One query, if the versions were fetched with their actors."""
    people = {version.actor.pk: version.actor for version in versions if version.actor}
    if not people:
        return {}
    account = zone.domain.account if zone.domain else None
    places = Membership.objects.filter(user__in=people).select_related("account")
    if account is not None:
        places = places.filter(account__in={account.pk, account.reseller_id or account.pk})
    homes: dict[int, Account] = {}
    for place in places:
        if homes.get(place.user_id) != account:
            homes[place.user_id] = place.account
    return {pk: _named(user, homes.get(pk), account) for pk, user in people.items()}


def who_of(version: ZoneVersion, people: dict[int, str]) -> str:
    return people.get(version.actor_id or 0) or version.who or _("The panel")


def _named(user: User, home: Account | None, account: Account | None) -> str:
    name = user.name or user.email
    if home is not None and home == account:
        return name
    above = home.name if home is not None and account is not None else ""
    if not above and user.is_superuser:
        above = settings.PROVIDER_NAME
    return _("%(name)s of %(above)s") % {"name": name, "above": above} if above else name
