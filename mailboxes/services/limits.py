"""What an account may still have of mailboxes and storage. Whoever takes from a limit holds
accounts.locks.account_lock and hands the locked account in; accounts.limits says what is full and who can
raise it."""

from __future__ import annotations

from collections.abc import Collection

from accounts import limits
from accounts.models import Account
from mailboxes.selectors import tallies


def mailboxes_used(accounts: Collection[int]) -> dict[int, int]:
    return {account: tally.mailboxes for account, tally in tallies(accounts).items()}


def storage_used(accounts: Collection[int]) -> dict[int, int]:
    """Given out to mailboxes (MB), whatever they hold of it."""
    return {account: tally.quota_mb for account, tally in tallies(accounts).items()}


def count_check(account: Account) -> None:
    """Raises LimitReached at ``local`` unless one more mailbox fits."""
    limits.check(account, "max_mailboxes", field="local")


def storage_check(account: Account, more_mb: int) -> None:
    """Raises LimitReached at ``quota_mb`` unless ``more_mb`` more of storage fit."""
    limits.check(account, "storage_mb", more=more_mb, field="quota_mb")


def size_check(account: Account, quota_mb: int) -> None:
    """Raises LimitReached at ``quota_mb`` for a larger mailbox than the account's may be."""
    limits.mailbox_size_check(account, quota_mb, field="quota_mb")
