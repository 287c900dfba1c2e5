"""Who counts against a limit locks its row first; the order is always reseller, plan, client, so that nobody
waits in a circle. An account's reseller never changes."""

from __future__ import annotations

from collections.abc import Collection

from accounts.models import Account, Plan


def account_lock(account: Account) -> Account:
    """The account, its row locked until the transaction ends; before it its reseller's, where that one is
    measured by what all its clients use. Whoever counts against a limit starts here."""
    if account.reseller_id:
        pool = Account.objects.select_for_update(no_key=True).filter(pk=account.reseller_id, oversell=True)
        pool.first()
    return _locked([account.pk])[0]


def pool_lock(reseller: Account | None, plan: Plan | None = None) -> tuple[Account | None, Plan | None]:
    """The reseller whose pool is handed out, then the plan, as they are now. Raises DoesNotExist for what is
    gone."""
    locked = _locked([reseller.pk])[0] if reseller else None
    return locked, Plan.objects.select_for_update(no_key=True).get(pk=plan.pk) if plan else None


def accounts_lock(accounts: Collection[int]) -> list[Account]:
    """Those that are there, by key. To be called after pool_lock."""
    return _locked(accounts)


def _locked(keys: Collection[int]) -> list[Account]:
    rows = Account.objects.select_for_update(of=("self",), no_key=True).select_related("reseller", "plan")
    found = list(rows.filter(pk__in=keys).order_by("pk"))
    if len(keys) == 1 and not found:
        raise Account.DoesNotExist
    return found
