"""Who is in an account: every change of a place in it goes through here. Nobody gives, changes or takes a
role above their own, nor raises themselves; an account keeps an owner who can sign in."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import RANK, Right, rank_in, require
from accounts.locks import account_lock
from accounts.models import Account, Domain, Invitation, Membership, MembershipDomain, User
from accounts.models.places import places_forget
from lib.errors import Denied, Refused

Role = Membership.Role


@transaction.atomic
def membership_set(
    *, actor: Any, membership: Membership, role: str, all_domains: bool, domains: Collection[Domain] = ()
) -> Membership:
    """Give the place another role, or other domains. An owner has all. Raises Refused with field ``role`` or
    ``domains``, Denied for what is above the actor."""
    account, place = _locked(membership)
    require(actor, Right.TEAM, account=account)
    rank_check(actor, account, place.role)
    rank_check(actor, account, role)
    if actor is not None and place.user_id == actor.pk:
        raise Refused(_("Your own place is changed by somebody else. Ask an owner, or leave the account."))
    all_domains = all_domains or role == Role.OWNER
    keys = [] if all_domains else [domain.pk for domain in domains_check(account, domains)]
    if place.role == Role.OWNER != role:
        _owner_stays(place)
    lost = RANK[role] < RANK[place.role] or not all_domains
    place.role, place.all_domains = role, all_domains
    place.save(update_fields=["role", "all_domains"])
    scopes_set(place, keys)
    if lost:
        _invitations_end(place)
    return place


@transaction.atomic
def membership_remove(*, actor: Any, membership: Membership) -> None:
    """Take the person out of the account, at once; or leave it oneself, which every role may. Who they are
    and their other accounts stay."""
    account, place = _locked(membership)
    if actor is None or place.user_id != actor.pk:
        require(actor, Right.TEAM, account=account)
        rank_check(actor, account, place.role)
    elif actor.acting_for:
        raise Refused(_("You act for this account now. Come back to your own first, then leave."))
    if place.role == Role.OWNER:
        _owner_stays(place)
    _invitations_end(place, keep=False)
    place.delete()
    if actor is not None:
        places_forget(actor)


def membership_add(
    *, account: Account, user: User, role: str, all_domains: bool, domains: Collection[int] = ()
) -> Membership:
    """For services that have asked who may; the account's row is locked."""
    place: Membership = Membership.objects.create(
        account=account, user=user, role=role, all_domains=all_domains
    )
    scopes_set(place, list(domains))
    places_forget(user)
    return place


def rank_check(actor: Any, account: Account, role: str) -> None:
    """Raises Refused for a role that is none, Denied for one above the actor's."""
    if role not in RANK:
        raise Refused(_("Choose one of the roles."), "role")
    if RANK[role] > rank_in(actor, account):
        raise Denied(
            _("The role “%(role)s” is above yours. Ask somebody who has it, or more.")
            % {"role": Role(role).label}
        )


def domains_check(account: Account, domains: Collection[Domain]) -> list[Domain]:
    """At least one, all of this account. Raises Refused."""
    found: list[Domain] = list(Domain.objects.filter(account=account, pk__in=[one.pk for one in domains]))
    if not found or len(found) != len({one.pk for one in domains}):
        raise Refused(_("Tick at least one domain of this account, or choose all domains."), "domains")
    return found


def scopes_set(place: Membership, keys: Collection[int]) -> None:
    """The domains that the place is for; none where it is for all."""
    MembershipDomain.objects.filter(membership=place).exclude(domain__in=keys).delete()
    there = set(MembershipDomain.objects.filter(membership=place).values_list("domain_id", flat=True))
    MembershipDomain.objects.bulk_create(
        [MembershipDomain(membership=place, domain_id=key) for key in keys if key not in there]
    )


def _locked(membership: Membership) -> tuple[Account, Membership]:
    """The account's row first: whoever changes places in it waits here. Raises Refused for one that is
    gone."""
    account = account_lock(membership.account)
    rows = Membership.objects.select_for_update(of=("self",)).select_related("user")
    place = rows.filter(pk=membership.pk, account=account).first()
    if place is None:
        raise Refused(_("This person is no longer in the account."))
    return account, place


def _owner_stays(place: Membership) -> None:
    others = Membership.objects.filter(account=place.account_id, role=Role.OWNER, user__is_active=True)
    if not others.exclude(pk=place.pk).exists():
        raise Refused(
            _("%(name)s is the only owner. Make somebody else an owner first: an account needs one.")
            % {"name": place.user},
            "role",
        )


def _invitations_end(place: Membership, *, keep: bool = True) -> None:
    """The links of somebody who could not send them any more. ``keep``: those within the place's role live
    on."""
    rows = Invitation.objects.filter(
        account=place.account_id, invited_by=place.user_id, accepted_at=None, revoked_at=None
    )
    manages = place.role in {Role.OWNER, Role.MANAGER} and place.all_domains
    if keep and manages:
        rows = rows.filter(role__in=[role for role, rank in RANK.items() if rank > RANK[place.role]])
    rows.update(revoked_at=timezone.now())
