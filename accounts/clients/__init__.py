"""Accounts made, changed, deleted: by the provider, and by resellers for their clients."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.changes import accounts_changed
from accounts.clients.plans import limits_copy, looks_after
from accounts.events import emit
from accounts.limits import limits_of, values_check
from accounts.limits.pool import pool_check
from accounts.locks import accounts_lock, pool_lock
from accounts.models import Account, Plan
from lib.errors import Denied, Refused

GRACE = dt.timedelta(days=14)  # how long a deleted account can be brought back
KEEP: Any = object()


@transaction.atomic
def account_new(
    *,
    actor: Any,
    name: str,
    kind: str = Account.Kind.CUSTOMER,
    reseller: Account | None = None,
    plan: Plan | None = None,
    trusted: bool = False,
    oversell: bool = False,
    **limits: Any,
) -> Account:
    """An account without people (accounts.services.account_create adds its owner). With a plan its limits are
    the plan's. Raises Refused at ``name``, ``reseller``, ``plan`` or a limit's name; Denied."""
    looks_after(actor, reseller)
    _only_provider(actor, trusted or oversell)
    if reseller and (kind != Account.Kind.CUSTOMER or reseller.kind != Account.Kind.RESELLER):
        raise Refused(_("Only a customer stands below a reseller. Choose a reseller, or none."), "reseller")
    pool, plan = pool_lock(reseller, plan)
    if pool and pool.deleted_at:
        raise Refused(_("%(name)s is deleted. Choose another reseller.") % {"name": pool.name}, "reseller")
    account = Account(
        name=_named(name), kind=kind, reseller=pool, plan=plan, trusted=trusted, oversell=oversell, **limits
    )
    _on_plan(account, plan)
    values_check(limits_of(account))
    if pool:
        pool_check(pool, limits_of(account), more=1)
    account.save(force_insert=True)
    return account


@transaction.atomic
def account_set(
    *,
    actor: Any,
    account: Account,
    name: str | None = None,
    plan: Plan | None = KEEP,
    trusted: bool | None = None,
    oversell: bool | None = None,
    **limits: Any,
) -> Account:
    """Name, plan or limits of its own: limits that are not the plan's take the account off its plan, ``plan``
    None too. A limit below what is used takes nothing away; it only lets nothing more in. ``trusted`` and
    ``oversell`` are the provider's to give. Raises Refused at the field; Denied."""
    looks_after(actor, account.reseller)
    _only_provider(actor, trusted is not None or oversell is not None)
    pool, wanted = pool_lock(account.reseller, account.plan if plan is KEEP else plan)
    locked = accounts_lock([account.pk])[0]
    before, old_plan = limits_of(locked), locked.plan
    if plan is not KEEP:
        locked.plan = wanted
        _on_plan(locked, wanted)
    for field, value in limits.items():
        setattr(locked, field, value)
    values = limits_of(locked)
    values_check(values)
    if locked.plan and limits_of(locked.plan) != values:
        locked.plan = None
    if pool and values != before:
        was = Account(**before)
        pool_check(pool, values, accounts=[was])
    locked.name = locked.name if name is None else _named(name)
    locked.trusted = locked.trusted if trusted is None else trusted
    locked.oversell = locked.oversell if oversell is None else oversell
    locked.save(update_fields=["name", "plan", "trusted", "oversell"])
    limits_copy(actor, [Account(pk=locked.pk, **before)], values)
    if locked.plan != old_plan:
        emit("plan_changed", account=locked, actor=actor, before=old_plan)
    return locked


@transaction.atomic
def clients_move(*, actor: Any, accounts: Collection[Account], plan: Plan) -> list[Account]:
    """Give all of them another plan, or none of them: Refused at ``plan`` or at the limit that the pool has
    not. All stand below the plan's owner."""
    looks_after(actor, plan.reseller)
    pool, locked_plan = pool_lock(plan.reseller, plan)
    rows = [row for row in accounts_lock([account.pk for account in accounts]) if not row.deleted_at]
    for row in rows:
        _plan_check(row, locked_plan)
    values = limits_of(locked_plan)
    if pool:
        pool_check(pool, values, accounts=rows)
    moved = [(row, row.plan) for row in rows if row.plan_id != plan.pk]
    Account.objects.filter(pk__in=[row.pk for row, _before in moved]).update(plan=locked_plan)
    limits_copy(actor, rows, values)
    for row, before in moved:
        row.plan = locked_plan
        emit("plan_changed", account=row, actor=actor, before=before)
    return rows


@transaction.atomic
def account_delete(*, actor: Any, account: Account) -> Account:
    """Asleep at once: nobody signs in, nothing is received or sent. It can be brought back for GRACE and is
    removed for good afterwards (panel.lifecycle); until then it holds its part of the pool. Raises Refused
    for a reseller that has clients."""
    looks_after(actor, account.reseller)
    locked = accounts_lock([account.pk])[0]
    if Account.objects.filter(reseller=locked).exists():
        raise Refused(_("%(name)s has clients. Delete them first.") % {"name": locked.name})
    if locked.deleted_at is None:
        locked.deleted_at = timezone.now()
        locked.save(update_fields=["deleted_at"])
        accounts_changed(actor, [locked.pk])
        emit("client_deleted", account=locked, actor=actor)
    return locked


@transaction.atomic
def account_restore(*, actor: Any, account: Account) -> Account:
    """Back as it was, suspensions included. Raises Refused when its grace time has ended."""
    looks_after(actor, account.reseller)
    locked = accounts_lock([account.pk])[0]
    if locked.deleted_at is None:
        raise Refused(_("%(name)s is not deleted.") % {"name": locked.name})
    if locked.deleted_at + GRACE <= timezone.now():
        raise Refused(_("%(name)s was kept long enough and is being removed.") % {"name": locked.name})
    locked.deleted_at = None
    locked.save(update_fields=["deleted_at"])
    accounts_changed(actor, [locked.pk])
    return locked


@transaction.atomic
def account_purge(*, account: Account) -> None:
    """The account itself, once its domains are gone (panel.lifecycle): its people stay, their places in it
    go."""
    account.delete()


def _only_provider(actor: Any, asked: bool) -> None:
    if asked and actor is not None and (not actor.is_staff or actor.acting_for):
        raise Denied(_("Only the provider decides this."))


def _on_plan(account: Account, plan: Plan | None) -> None:
    if plan:
        _plan_check(account, plan)
        for field, value in limits_of(plan).items():
            setattr(account, field, value)


def _plan_check(account: Account, plan: Plan | None) -> None:
    if plan and plan.reseller_id != account.reseller_id:
        raise Refused(
            _("“%(plan)s” is no plan for %(account)s. Choose one of its reseller’s.")
            % {"plan": plan.name, "account": account.name},
            "plan",
        )


def _named(name: str) -> str:
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not name:
        raise Refused(_("Give the account a name, such as the company’s."), "name")
    if len(name) > 120:
        raise Refused(_("A name may have 120 characters. Choose a shorter one."), "name")
    return name
