"""What may be seen, and what counts against a limit."""

from __future__ import annotations

from django.conf import settings

from accounts.models import Account, Domain


def domains_used(account: Account) -> int:
    return Domain.objects.filter(account=account).count()


def overlapping(name: str, account: Account) -> Domain | None:
    """A domain of another account above or below ``name``: one of the two would lose a part of itself."""
    labels = name.split(".")
    above = [".".join(labels[i:]) for i in range(1, len(labels) - 1)]
    others = Domain.objects.exclude(account=account)
    found: Domain | None = (
        others.filter(name__in=above).first() or others.filter(name__endswith=f".{name}").first()
    )
    return found


def who_can_raise(account: Account) -> str:
    """Whom to ask for more: the reseller, or the provider."""
    return account.reseller.name if account.reseller else str(settings.PROVIDER_NAME)
