"""What may be seen, and what counts against a limit."""

from __future__ import annotations

from typing import Any

from django.apps import apps
from django.conf import settings
from django.db.models import QuerySet

from accounts.models import Account, Brand, Domain, DomainClaim, User


def claims(user: Any) -> QuerySet[DomainClaim]:
    """The domains that wait for proof and that this person sees, by name, with their accounts."""
    rows: QuerySet[DomainClaim] = DomainClaim.objects.visible_to(user)
    return rows.select_related("account__reseller").order_by("name", "account__name", "pk")


def had_by_another(name: str, account: Account) -> bool:
    """Whether the history knows ``name`` as a domain of another account."""
    before = apps.get_model("accounts", "DomainEvent")
    return bool(before.objects.filter(name=name).exclude(account_id=account.pk).exists())


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
    """Whom to ask for more: the reseller by the name and with the address of its brand, or the provider. One
    query or two for a client."""
    if not account.reseller:
        return str(settings.PROVIDER_NAME)
    brand = Brand.objects.filter(account=account.reseller_id).values_list("name", "support_email").first()
    name, address = brand or ("", "")
    name = name or account.reseller.name
    return f"{name} ({address})" if address else name


def language_at(address: str) -> str:
    """What the person who signs in with this address chose, for notices.readers. One query."""
    return User.objects.filter(email=address.lower()).values_list("language", flat=True).first() or ""
