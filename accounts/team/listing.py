"""Who is in an account, as its team page shows them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from allauth.mfa.models import Authenticator
from django.contrib.postgres.aggregates import ArrayAgg
from django.db.models import Exists, OuterRef, Q, QuerySet, Value
from django.utils import timezone

from accounts.access import RANK, rank_in
from accounts.models import Account, Domain, Invitation, Membership

PAGE = 50


@dataclass(frozen=True, slots=True, kw_only=True)
class Member:
    """``domains``: names, empty for all. ``can_change``: by who looks at the page."""

    place: Any
    domains: list[str]
    second_step: bool
    is_self: bool
    can_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """An invitation that nobody has accepted yet."""

    invitation: Invitation
    domains: list[str]
    expired: bool
    can_change: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Team:
    members: list[Member]
    asked: list[Asked]
    q: str
    previous: str
    next: str


def team_of(user: Any, account: Account, given: Mapping[str, str]) -> Team:
    """Two queries, three when invitations are for some domains. By address; ``q``, ``after`` and ``before``
    in ``given``."""
    kept = {name: given.get(name, "").replace("\0", "")[:254] for name in ("q", "after", "before")}
    q, backwards = kept["q"].strip(), bool(kept["before"] and not kept["after"])
    rows = _members(account, q)
    if place := kept["before"] if backwards else kept["after"]:
        rows = rows.filter(user__email__lt=place) if backwards else rows.filter(user__email__gt=place)
    found = list(rows.order_by("-user__email" if backwards else "user__email")[: PAGE + 1])
    more, found = len(found) > PAGE, found[:PAGE]
    found = found[::-1] if backwards else found
    earlier, later = (more, True) if backwards else (bool(kept["after"]), more)
    base = {"account": str(account.pk)} | ({"q": q} if q else {})
    rank = rank_in(user, account)
    return Team(
        members=[_member(row, user.pk, rank) for row in found],
        asked=_asked(account, rank),
        q=q,
        previous="?" + urlencode(base | {"before": found[0].user.email}) if found and earlier else "",
        next="?" + urlencode(base | {"after": found[-1].user.email}) if found and later else "",
    )


def _members(account: Account, q: str) -> QuerySet[Any]:
    second = Authenticator.objects.filter(
        user=OuterRef("user"), type__in=[Authenticator.Type.TOTP, Authenticator.Type.WEBAUTHN]
    )
    names = ArrayAgg(
        "domains__display_name",
        filter=Q(domains__isnull=False),
        order_by="domains__name",
        default=Value([]),
    )
    rows = Membership.objects.filter(account=account).select_related("user")
    if q:
        rows = rows.filter(Q(user__email__icontains=q) | Q(user__name__icontains=q))
    annotated: QuerySet[Any] = rows.annotate(second_step=Exists(second), names=names)
    return annotated


def _member(row: Any, person: int, rank: int) -> Member:
    is_self = row.user_id == person
    return Member(
        place=row,
        domains=[] if row.all_domains else row.names,
        second_step=row.second_step,
        is_self=is_self,
        can_change=not is_self and RANK[row.role] <= rank,
    )


def _asked(account: Account, rank: int) -> list[Asked]:
    rows = Invitation.objects.filter(account=account, accepted_at=None, revoked_at=None)
    found = list(rows.select_related("invited_by").order_by("email")[:PAGE])
    wanted = {pk for row in found if not row.all_domains for pk in row.domain_ids}
    mine = Domain.objects.filter(account=account, pk__in=wanted)
    names = dict(mine.values_list("pk", "display_name")) if wanted else {}
    return [
        Asked(
            invitation=row,
            domains=[] if row.all_domains else [names[pk] for pk in row.domain_ids if pk in names],
            expired=row.expires_at <= timezone.now(),
            can_change=RANK[row.role] <= rank,
        )
        for row in found
    ]
