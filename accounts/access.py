"""Who may do what. A role gives rights and a rank; services ask here, so that no route goes around it.

What somebody may not even see is a 404 (``visible_to``); what they see and may not do is a 403 (Denied).
"""

from __future__ import annotations

from enum import StrEnum
from typing import Any

from django.http import Http404, HttpRequest
from django.shortcuts import get_object_or_404
from django.utils.translation import gettext as _

from accounts.models import Account, Domain, Membership, User
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
    if user.is_superuser and not user.acting_for:
        return True
    return any(right in _rights(place, domain) for place in _at(user, account))


def require(user: Any, right: Right, *, account: Account, domain: Domain | None = None) -> None:
    """Raises Denied. ``user`` None: the panel's own work, which may."""
    if user is not None and not may(user, right, account=account, domain=domain):
        raise Denied(_WORDS[right]())


def rank_in(user: Any, account: Account) -> int:
    """How high somebody stands towards ``account``; 0: nowhere."""
    if user is None or (user.is_superuser and not user.acting_for):
        return RANK_PROVIDER
    if user.acting_for:
        return RANK_RESELLER if user.acting_for.pk == account.pk else 0
    ranks = [
        RANK[place.role] if place.account == account.pk else RANK_RESELLER for place in _at(user, account)
    ]
    return max(ranks, default=0)


def accounts_with(user: Any, right: Right) -> list[Account]:
    """The accounts that the person is a member of (or acts for) and has ``right`` in, by name; not clients.
    One query."""
    keys = [place.account for place in places_of(user).places if right in _rights(place, None)]
    return list(Account.objects.filter(pk__in=keys).order_by("name")) if keys else []


def domain_or_404(request: HttpRequest, name: str, right: Right, rows: Any = None) -> Domain:
    """The domain of this name, if the person sees it; Denied if they see it and lack ``right``. ``rows``: a
    queryset with more joined in."""
    rows = Domain.objects.select_related("account__reseller") if rows is None else rows
    domain: Domain = get_object_or_404(rows.visible_to(request.user), name=name)
    require(request.user, right, account=domain.account, domain=domain)
    return domain


def account_or_404(request: HttpRequest, pk: int, right: Right) -> Account:
    """As domain_or_404, for an account."""
    rows = Account.objects.visible_to(request.user).select_related("reseller", "plan")
    account: Account = get_object_or_404(rows, pk=pk)
    require(request.user, right, account=account)
    return account


def one_account_or_404(request: HttpRequest, right: Right) -> Account:
    """The account that a page about "your account" is for: ``?account=``, else the first with ``right``."""
    found = accounts_with(request.user, right)
    wanted = request.GET.get("account", "")
    chosen = next((account for account in found if str(account.pk) == wanted), None)
    if wanted and chosen is None:
        raise Http404
    if chosen is None and not found:
        raise Denied(_WORDS[right]())
    return chosen or found[0]


def protects(actor: Any, address: str, account: Account) -> str:
    """The name of a person above ``actor`` who signs in to the panel with the mailbox ``address`` (lower
    case): whoever opens it can have a new password sent there. Empty: nobody. Two queries, none for the
    highest."""
    mine = rank_in(actor, account)
    if mine >= RANK_PROVIDER:
        return ""
    people = User.objects.filter(email=address).prefetch_related("memberships__account")
    for person in people:
        if person.pk != actor.pk and _stands(person, account) > mine:
            return str(person)
    return ""


def _stands(person: User, account: Account) -> int:
    """Of somebody else, whatever is asleep. Who has a place elsewhere counts as an owner."""
    if person.is_staff or person.is_superuser:
        return RANK_PROVIDER
    ranks = [
        RANK_RESELLER
        if membership.account_id == account.reseller_id
        else RANK[membership.role if membership.account_id == account.pk else Role.OWNER]
        for membership in person.memberships.all()
    ]
    return max(ranks, default=0)


def _at(user: Any, account: Account) -> list[Place]:
    above = account.reseller_id
    return [
        place
        for place in places_of(user).places
        if place.account == account.pk or (above == place.account and place.domains is None)
    ]


def _rights(place: Place, domain: Domain | None) -> frozenset[Right]:
    rights = RIGHTS[place.role]
    if place.kind != "reseller":
        rights -= {Right.CLIENTS}
    if place.domains is None:
        return rights
    reached = domain is not None and place.reaches(domain.pk)
    return rights - _WHOLE_ONLY if reached else frozenset()


_WORDS = {
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
