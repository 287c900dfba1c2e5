"""A role gives rights and a rank."""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.utils.translation import gettext as _

from accounts.models import Account, Domain, Membership
from accounts.models.places import Place, places_of
from lib.errors import Denied

Role = Membership.Role


class Right(StrEnum):
    """``LOOK``: the domain and its mailboxes in lists. ``SETTINGS``: read how mail and DNS are set up, Track
    Delivery, connect cards. ``MAKE``: make mailboxes and give passwords. ``MANAGE``: quota, suspension,
    deletion, settings. ``ZONE``: change DNS. ``DOMAINS``: add and delete domains. ``TEAM``: see and change
    who is in the account. ``ACTIVITY``: read who changed what. ``ACCOUNT``: plan and limits. ``CLIENTS``: a
    reseller's clients, plans and brand."""

    LOOK = "look"
    SETTINGS = "settings"
    MAKE = "make"
    MANAGE = "manage"
    ZONE = "zone"
    DOMAINS = "domains"
    TEAM = "team"
    ACTIVITY = "activity"
    ACCOUNT = "account"
    CLIENTS = "clients"


_READER = frozenset({Right.LOOK, Right.SETTINGS, Right.ACCOUNT, Right.ACTIVITY})
_CREATOR = frozenset({Right.LOOK, Right.MAKE})
_MANAGER = _READER | _CREATOR | {Right.MANAGE, Right.ZONE, Right.DOMAINS, Right.TEAM}
RIGHTS: dict[str, frozenset[Right]] = {
    Role.OWNER: _MANAGER | {Right.CLIENTS},
    Role.MANAGER: _MANAGER | {Right.CLIENTS},
    Role.CREATOR: _CREATOR,
    Role.READER: _READER,
}
# Adding domains and reading what happened in the whole account are for who is there for all of it.
_WHOLE_ONLY = frozenset({Right.DOMAINS, Right.TEAM, Right.ACTIVITY, Right.ACCOUNT, Right.CLIENTS})
RANK: dict[str, int] = {Role.READER: 1, Role.CREATOR: 2, Role.MANAGER: 3, Role.OWNER: 4}
RANK_RESELLER, RANK_PROVIDER = 5, 6
"""Above every role of the account: its reseller's people with rights there, the provider's staff."""


def may(user: Any, right: Right, *, account: Account, domain: Domain | None = None) -> bool:
    """``account.reseller_id`` decides, so no query beyond the memberships (once a request)."""
    if is_provider(user):
        return True
    key = domain.pk if domain else None
    return any(right in rights_at(place, key) for place in _at(user, account))


def may_somewhere(user: Any, right: Right) -> bool:
    """In any account or domain at all, clients' included: whether a link is worth showing."""
    return is_provider(user) or any(right in widest(place) for place in places_of(user).places)


def require(user: Any, right: Right, *, account: Account, domain: Domain | None = None) -> None:
    """Raises Denied. ``user`` None: the panel's own work, which may."""
    if user is not None and not may(user, right, account=account, domain=domain):
        raise Denied(WORDS[right]())


def require_somewhere(user: Any, right: Right) -> None:
    """For a page about all that the person has. Raises Denied."""
    if user is not None and not may_somewhere(user, right):
        raise Denied(WORDS[right]())


def require_provider(user: Any) -> None:
    """Raises Denied to all but the provider's own with all rights, and the panel itself (None)."""
    if user is not None and not is_provider(user):
        raise Denied(_("Only the provider may do this."))


def is_provider(user: Any) -> bool:
    """With all rights, and not in a client's place just now."""
    return bool(user.is_superuser and not user.acting_for)


def rank_in(user: Any, account: Account) -> int:
    """How high somebody stands towards ``account``; 0: nowhere. People of its reseller stand above all of it
    if they look after clients, else as high as their role does."""
    if user is None or is_provider(user):
        return RANK_PROVIDER
    if user.acting_for:
        return RANK_RESELLER if user.acting_for.pk == account.pk else 0
    ranks = [
        RANK_RESELLER
        if place.account != account.pk and Right.CLIENTS in RIGHTS[place.role]
        else RANK[place.role]
        for place in _at(user, account)
    ]
    return max(ranks, default=0)


def covers(user: Any, place: Place, account: Account) -> bool:
    """Whether the person may do everything in ``account`` that ``place`` there lets one do."""
    if is_provider(user):
        return True
    mine = _at(user, account)
    keys: list[int | None] = [None] if place.domains is None else list(place.domains)
    return all(
        rights_at(place, key) <= frozenset().union(*(rights_at(one, key) for one in mine)) for key in keys
    )


def _at(user: Any, account: Account) -> list[Place]:
    above = account.reseller_id
    return [
        place
        for place in places_of(user).places
        if place.account == account.pk or (above == place.account and place.domains is None)
    ]


def widest(place: Place) -> frozenset[Right]:
    rights = RIGHTS[place.role]
    if place.kind != "reseller":
        rights -= {Right.CLIENTS}
    return rights if place.domains is None else rights - _WHOLE_ONLY


def rights_at(place: Place, domain: int | None) -> frozenset[Right]:
    """``domain``: its key, or None for the account as a whole."""
    reached = place.domains is None or (domain is not None and place.reaches(domain))
    return widest(place) if reached else frozenset()


# What a person without the right reads.
WORDS = {
    Right.LOOK: lambda: _("Your role does not show this. Ask an owner of the account."),
    Right.SETTINGS: lambda: _(
        "Your role makes mailboxes and does not read their settings. Ask an owner for more."
    ),
    Right.MAKE: lambda: _("Your role may look and not change anything. Ask an owner for more."),
    Right.MANAGE: lambda: _("Your role may not change this. Ask an owner of the account for more."),
    Right.ZONE: lambda: _("Your role may not change DNS. Ask an owner of the account for more."),
    Right.DOMAINS: lambda: _("Your role may not add or delete domains. Ask an owner of the account."),
    Right.TEAM: lambda: _("Your role may not see or change the team. Ask an owner of the account."),
    Right.ACTIVITY: lambda: _("Your role does not show who changed what. Ask an owner of the account."),
    Right.ACCOUNT: lambda: _("Your role does not show plan and limits. Ask an owner of the account."),
    Right.CLIENTS: lambda: _("Only owners and managers of a reseller’s account look after clients."),
}
