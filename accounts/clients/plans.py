"""Plans: limits under a name. An account on a plan has the plan's limits, copied whenever either changes."""

from __future__ import annotations

import hashlib
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.access import Right, require
from accounts.changes import plans_changed
from accounts.limits import limits_of, uses, values_check
from accounts.limits.pool import given_out, pool_check
from accounts.limits.wording import amount, label
from accounts.locks import accounts_lock, pool_lock
from accounts.models import Account, Plan
from accounts.models.limits import LIMITS, SUMMED
from lib.errors import Denied, Refused

# What nodes are told of an account (nodeagent.contract.MailDomain).
ON_NODES = frozenset({"pop3", "sends_per_hour"})


def looks_after(actor: Any, reseller: Account | None) -> None:
    """Raises Denied unless ``actor`` may change plans and accounts below ``reseller``; None: the provider's
    own. The provider's staff may (which of them, Django admin's permissions say)."""
    if actor is None or (actor.is_staff and not actor.acting_for):
        return
    if reseller is None:
        raise Denied(_("Only the provider changes this. Ask it for more."))
    require(actor, Right.CLIENTS, account=reseller)


@transaction.atomic
def plan_create(
    *, actor: Any, reseller: Account | None, name: str, pool: str | None = None, **limits: Any
) -> Plan:
    """A plan of ``reseller`` (None: the provider's). What is not named has the model's default; ``pool`` is
    the provider's to name. Raises Refused at the field. Whether it fits the reseller's limits is asked when
    an account gets it."""
    looks_after(actor, reseller)
    values_check(limits)
    plan = Plan(reseller=reseller, name=_named(name), **limits)
    _pool_set(actor, plan, pool)
    return _saved(plan)


@transaction.atomic
def plan_set(
    *, actor: Any, plan: Plan, name: str | None = None, pool: str | None = None, **limits: Any
) -> Plan:
    """Change the plan and every account on it. A lower limit takes nothing away, it lets nothing more in;
    another ``pool`` (of mail servers; the provider's to name) moves nothing. Raises Refused at the field; for
    limits that the reseller does not have, at the limit's name."""
    looks_after(actor, plan.reseller)
    values_check(limits)
    reseller, locked = pool_lock(plan.reseller, plan)
    assert locked is not None  # noqa: S101 - pool_lock was given one
    accounts = accounts_lock(list(locked.accounts.values_list("pk", flat=True)))
    before = limits_of(locked)
    for field_name, value in limits.items():
        setattr(locked, field_name, value)
    if name is not None:
        locked.name = _named(name)
    _pool_set(actor, locked, pool)
    if reseller:
        pool_check(reseller, limits_of(locked), accounts=accounts)
    _saved(locked)
    limits_copy(actor, accounts, limits_of(locked) if limits_of(locked) != before else {})
    return locked


def limits_copy(actor: Any, accounts: Collection[Account], values: Mapping[str, Any]) -> None:
    """Give locked ``accounts`` these limits, and tell the nodes what they must know."""
    changed = [
        account for account in accounts if any(getattr(account, name) != values[name] for name in values)
    ]
    told = [
        account.pk
        for account in changed
        if any(name in values and getattr(account, name) != values[name] for name in ON_NODES)
    ]
    if changed:
        Account.objects.filter(pk__in=[account.pk for account in changed]).update(**values)
    if told:
        plans_changed(actor, told)


@transaction.atomic
def plan_copy(*, actor: Any, plan: Plan, name: str) -> Plan:
    """Another plan with the same limits and the same pool, on which nobody is. Raises Refused at ``name``."""
    looks_after(actor, plan.reseller)
    return _saved(Plan(reseller=plan.reseller, name=_named(name), pool=plan.pool, **limits_of(plan)))


@transaction.atomic
def plan_delete(*, actor: Any, plan: Plan) -> None:
    """Raises Refused while somebody is on it."""
    looks_after(actor, plan.reseller)
    _reseller, locked = pool_lock(plan.reseller, plan)
    assert locked is not None  # noqa: S101 - pool_lock was given one
    number = locked.accounts.count()
    if number:
        text = ngettext(
            "%(n)d account is on “%(plan)s”. Move it to another plan first.",
            "%(n)d accounts are on “%(plan)s”. Move them to another plan first.",
            number,
        )
        raise Refused(text % {"n": number, "plan": locked.name})
    locked.delete()


@dataclass(frozen=True, slots=True, kw_only=True)
class Over:
    """An account that has more of ``limit`` than it would be allowed."""

    account: Account
    limit: str
    now: int
    most: int

    @property
    def words(self) -> str:
        """``Mailboxes: 30 in use, 25 allowed``."""
        values = {
            "limit": label(self.limit),
            "now": amount(self.limit, self.now, bare=True),
            "most": amount(self.limit, self.most, bare=True),
        }
        return _("%(limit)s: %(now)s in use, %(most)s allowed") % values


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What new limits would do. ``accounts``: how many they are for; ``trouble``: why the pool does not
    fit, or empty. ``digest`` stands for these limits: who says yes to it has seen them."""

    accounts: int
    digest: str
    over: list[Over] = field(default_factory=list)
    trouble: str = ""
    log_days: int = 0
    shorter: int = 0

    @property
    def accounts_over(self) -> int:
        return len({found.account.pk for found in self.over})


def preview(
    reseller: Account | None, accounts: Iterable[Account], values: Mapping[str, Any], *, more: int = 0
) -> Preview:
    """Changes nothing and locks nothing: the service asks again."""
    found = list(accounts)
    trouble = ""
    if reseller:
        try:
            pool_check(reseller, values, accounts=found, more=more)
        except Refused as refused:
            trouble = refused.message
    text = repr(sorted((name, values[name]) for name in LIMITS))
    digest = hashlib.sha256(text.encode()).hexdigest()[:16]
    days = int(values["log_days"])
    return Preview(
        accounts=len(found),
        digest=digest,
        over=over_of(found, values),
        trouble=trouble,
        log_days=days,
        shorter=sum(account.log_days > days for account in found),
    )


def over_of(accounts: Collection[Account], values: Mapping[str, Any]) -> list[Over]:
    """One query for each sum; of a reseller, what it handed out counts as its use."""
    keys = [account.pk for account in accounts]
    resellers = {acc.pk: given_out(acc) for acc in accounts if acc.kind == Account.Kind.RESELLER}
    found = []
    for limit in SUMMED:
        now = uses.used(limit, keys)
        for account in accounts:
            use = now[account.pk] + resellers.get(account.pk, {}).get(limit, 0)
            if use > values[limit]:
                found.append(Over(account=account, limit=limit, now=use, most=values[limit]))
    return sorted(found, key=lambda over: (over.account.name.lower(), over.account.pk))


def _named(name: str) -> str:
    name = " ".join("".join(sign if sign.isprintable() else " " for sign in name).split())
    if not name:
        raise Refused(_("Give the plan a name, such as “Small”."), "name")
    if len(name) > 80:
        raise Refused(_("A plan’s name may have 80 characters. Choose a shorter one."), "name")
    return name


def _pool_set(actor: Any, plan: Plan, pool: str | None) -> None:
    """None: as it is. Which servers there are is the provider's."""
    if pool is None or pool == plan.pool:
        return
    if actor is not None and (not actor.is_staff or actor.acting_for):
        raise Denied(_("Only the provider chooses the mail servers of a plan."))
    plan.pool = pool
    try:
        plan.clean_fields(exclude={field.name for field in Plan._meta.fields} - {"pool"})
    except ValidationError as error:
        raise Refused(error.message_dict["pool"][0], "pool") from error


def _saved(plan: Plan) -> Plan:
    try:
        with transaction.atomic():
            plan.save()
    except IntegrityError:
        text = _("There is a plan “%(name)s” already. Choose another name.")
        raise Refused(text % {"name": plan.name}, "name") from None
    return plan
