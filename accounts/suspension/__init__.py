"""Accounts and domains kept from signing in, receiving or sending, and let go again.

Nothing is copied down: a mailbox is kept from what it itself, its domain, its account or its reseller is kept
from (accounts.suspension.inforce), so lifting one level forgets nothing on another. Whoever stands lower than
who suspended it neither changes nor lifts it.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, TypeVar

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import RANK_PROVIDER, RANK_RESELLER, Right, guard_domain, rank_in, require
from accounts.changes import accounts_changed, domains_changed
from accounts.clients.plans import looks_after
from accounts.events import emit
from accounts.locks import accounts_lock
from accounts.models import Account, Brand, Domain
from accounts.models.suspension import Suspendable
from lib.errors import Denied, Refused

FIELDS = (
    "no_sign_in", "no_receive", "no_send", "suspended_at", "suspended_reason", "suspended_by",
    "suspended_from", "suspended_rank",
)  # fmt: skip
MOST_CHARACTERS = 200

Target = TypeVar("Target", Account, Domain)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stops:
    """What is to stop; True: it stops."""

    sign_in: bool
    receive: bool
    send: bool
    reason: str


@transaction.atomic
def suspend(*, actor: Any, target: Target, sign_in: bool, receive: bool, send: bool, reason: str) -> Target:
    """From now on ``target``, an account or a domain, and all below it may not do what is True here; what is
    False works, as far as nothing else stops it. An account is for its reseller or the provider, a reseller
    for the provider alone. Raises Refused at ``reason`` or without a field; Denied."""
    stops = stops_check(sign_in=sign_in, receive=receive, send=send, reason=reason)
    row = _locked(target)
    _allowed(actor, row)
    if isinstance(row, Domain) and standing(actor, row.account) < RANK_PROVIDER:
        guard_domain(actor, row)
    if turn(row, actor=actor, account=_account(row), stops=stops):
        _save(actor, row, "suspended")
    return row


@transaction.atomic
def resume(*, actor: Any, target: Target) -> Target:
    """Lift what was set on ``target`` itself; what is suspended below or above it stays so. Raises Denied."""
    row = _locked(target)
    _allowed(actor, row)
    if turn_back(row, actor=actor, account=_account(row)):
        _save(actor, row, "resumed")
    return row


def stops_check(*, sign_in: bool, receive: bool, send: bool, reason: str) -> Stops:
    """Raises Refused. The reason reaches mail programs, some of them in a terminal: no control characters, no
    text that turns around."""
    if not (sign_in or receive or send):
        raise Refused(_("Tick at least one thing that stops. To let all work again, lift the suspension."))
    reason = " ".join("".join(sign if sign.isprintable() else " " for sign in reason).split())
    if not reason:
        raise Refused(_("Write why, so that the next person knows."), "reason")
    if len(reason) > MOST_CHARACTERS:
        raise Refused(
            _("Write the reason in at most %(most)d characters; this has %(count)d.")
            % {"most": MOST_CHARACTERS, "count": len(reason)},
            "reason",
        )
    return Stops(sign_in=sign_in, receive=receive, send=send, reason=reason)


def turn(row: Suspendable, *, actor: Any, account: Account, stops: Stops) -> bool:
    """Set the switches of a locked row, which the caller saves (FIELDS). False: it was so already. Raises
    Denied when somebody above set them."""
    wanted = (stops.sign_in, stops.receive, stops.send, stops.reason)
    if wanted == (row.no_sign_in, row.no_receive, row.no_send, row.suspended_reason):
        return False
    above_check(row, actor=actor, account=account)
    row.no_sign_in, row.no_receive, row.no_send, row.suspended_reason = wanted
    row.suspended_at, row.suspended_by = timezone.now(), actor
    row.suspended_rank = standing(actor, account)
    row.suspended_from = _in_the_name_of(row.suspended_rank, account)
    return True


def turn_back(row: Suspendable, *, actor: Any, account: Account) -> bool:
    """As ``turn``, to all off."""
    if not row.is_suspended:
        return False
    above_check(row, actor=actor, account=account)
    row.no_sign_in = row.no_receive = row.no_send = False
    row.suspended_at, row.suspended_by, row.suspended_rank = None, None, 0
    row.suspended_reason = row.suspended_from = ""
    return True


def standing(actor: Any, account: Account) -> int:
    """access.rank_in, and the provider's staff, whom Django admin lets, as the provider."""
    if actor is not None and actor.is_staff and not actor.acting_for:
        return RANK_PROVIDER
    return rank_in(actor, account)


def may_lift(row: Suspendable, *, actor: Any, account: Account) -> bool:
    return not row.is_suspended or standing(actor, account) >= row.suspended_rank


def above_check(row: Suspendable, *, actor: Any, account: Account) -> None:
    """Raises Denied when whoever suspended ``row`` stands above ``actor``."""
    if not may_lift(row, actor=actor, account=account):
        raise Denied(
            _("%(who)s suspended %(what)s. Only they can change or lift it: ask %(who)s.")
            % {"who": row.suspended_from, "what": row}
        )


def _in_the_name_of(rank: int, account: Account) -> str:
    if rank >= RANK_PROVIDER:
        return str(settings.PROVIDER_NAME)
    if rank < RANK_RESELLER or account.reseller is None:
        return account.name
    brand = Brand.objects.filter(account=account.reseller_id).values_list("name", flat=True).first()
    return brand or account.reseller.name


def _allowed(actor: Any, row: Account | Domain) -> None:
    if isinstance(row, Account):
        looks_after(actor, row.reseller)
    elif standing(actor, row.account) < RANK_PROVIDER:
        require(actor, Right.MANAGE, account=row.account, domain=row)


def _account(row: Account | Domain) -> Account:
    return row if isinstance(row, Account) else row.account


def _locked(target: Target) -> Target:
    if isinstance(target, Account):
        return accounts_lock([target.pk])[0]
    rows = Domain.objects.select_for_update(of=("self",)).select_related("account__reseller")
    found: Domain | None = rows.filter(pk=target.pk).first()
    if found is None:
        raise Refused(_("%(name)s was deleted meanwhile.") % {"name": target})
    return found


def _save(actor: Any, row: Account | Domain, happened: str) -> None:
    row.save(update_fields=FIELDS)
    if isinstance(row, Account):
        accounts_changed(actor, [row.pk])
    else:
        domains_changed(actor, [row.pk])
    emit(happened, target=row, actor=actor)
