"""Whose mailbox is whose key: with the mailbox that somebody's sign-in address leads to, a new password for
the panel can be had. So what is done to it asks how high that person stands."""

from __future__ import annotations

from collections.abc import Collection
from contextlib import suppress
from typing import Any

from allauth.account.models import EmailAddress
from django.db.models import Q
from django.utils.translation import gettext as _

from accounts.access.rights import RANK, RANK_PROVIDER, covers, is_provider, rank_in
from accounts.models import Account, Domain, Membership, User
from accounts.models.places import Place
from lib.errors import Denied, Refused
from lib.names import display_domain, normalise_domain

_FEW = 20  # addresses asked for one by one, by the index; more: all of the domain, compared here


def protects(actor: Any, address: str, account: Account) -> str:
    """The name of a person above ``actor`` who signs in to the panel with the mailbox ``address`` of
    ``account``. Empty: nobody. One query, three more if somebody does, none for the highest."""
    return _protects(actor, [address], account)


def _protects(actor: Any, addresses: Collection[str], account: Account) -> str:
    free = actor is None or is_provider(actor) or not addresses
    return "" if free else _name_of(actor, account, _leads_to(addresses))


def protects_domain(actor: Any, domain: Domain) -> str:
    """As ``protects``, for any address at all in ``domain``."""
    if actor is None or is_provider(actor):
        return ""
    return _name_of(actor, domain.account, {key for key, _email in _people(_ends_in(domain.name))})


def guard(actor: Any, addresses: Collection[str], account: Account) -> None:
    """Raises Denied when one of the mailboxes is the key of somebody above ``actor``."""
    if name := _protects(actor, addresses, account):
        raise Denied(
            _(
                "%(name)s signs in to the panel with this address and stands above you, so only they, or "
                "somebody who stands as high, can do this. Ask %(name)s."
            )
            % {"name": name}
        )


def guard_domain(actor: Any, domain: Domain) -> None:
    """Raises Denied when somebody above ``actor`` signs in with an address in ``domain``."""
    if name := protects_domain(actor, domain):
        raise Denied(
            _(
                "%(name)s signs in to the panel with an address at %(domain)s and stands above you, so only "
                "they, or somebody who stands as high, can do this. Ask %(name)s."
            )
            % {"name": name, "domain": domain.display_name}
        )


def _leads_to(addresses: Collection[str]) -> set[int]:
    """The people with such an address, by key. An address that waits to become somebody's counts too: its
    mailbox would make it theirs."""
    wanted = {_mailbox_of(address) for address in addresses}
    few = Q(pk__in=[])
    for address in wanted if len(wanted) <= _FEW else ():
        local, _at, name = address.rpartition("@")
        for form in {name, display_domain(name)}:  # people write either
            few |= Q(email=f"{local}@{form}")
            few |= Q(email__startswith=f"{local}+", email__endswith=f"@{form}")
    if len(wanted) > _FEW:
        for name in {address.rpartition("@")[2] for address in wanted}:
            few |= _ends_in(name)
    return {key for key, email in _people(few) if _mailbox_of(email) in wanted}


def _mailbox_of(address: str) -> str:
    """Where mail to ``address`` arrives: a + begins a detail of the mailbox before it (RFC 5233)."""
    local, _at, name = address.lower().rpartition("@")
    with suppress(Refused):
        name = normalise_domain(name)[0]
    return f"{local[:1]}{local[1:].partition('+')[0]}@{name}"


def _ends_in(name: str) -> Q:
    return Q(email__endswith=f"@{name}") | Q(email__endswith=f"@{display_domain(name)}")


def _people(emails: Q) -> list[tuple[int, str]]:
    """(key, address), one query."""
    mine = User.objects.filter(emails).values_list("pk", "email")
    return list(mine.union(EmailAddress.objects.filter(emails).values_list("user_id", "email")))


def _name_of(actor: Any, account: Account, keys: set[int]) -> str:
    rows = User.objects.filter(pk__in=keys - {actor.pk}) if keys else User.objects.none()
    for person in rows.prefetch_related("memberships__account", "memberships__scopes"):
        if _stands_above(person, actor, account):
            return str(person)
    return ""


def _stands_above(person: User, actor: Any, account: Account) -> bool:
    """Whatever is asleep: it may wake."""
    if person.is_staff or person.is_superuser:
        return rank_in(actor, account) < RANK_PROVIDER
    return any(_outranks(membership, actor, account) for membership in person.memberships.all())


def _outranks(membership: Membership, actor: Any, account: Account) -> bool:
    there = membership.account
    mine = rank_in(actor, there)
    if mine:
        return RANK[membership.role] > mine or not covers(actor, place_of(membership), there)
    # A stranger there: only whoever has the whole say over this account has it over all its mailboxes.
    return there.pk == account.reseller_id or rank_in(actor, account) < RANK[Membership.Role.OWNER]


def place_of(membership: Membership) -> Place:
    """``scopes`` and ``account`` at hand."""
    some = None if membership.all_domains else frozenset(one.domain_id for one in membership.scopes.all())
    return Place(
        account=membership.account_id, kind=membership.account.kind, role=membership.role, domains=some
    )
