"""Accounts with what they use of what they may have, counted in the database."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.db.models import (
    BigIntegerField,
    Case,
    Count,
    F,
    IntegerField,
    OuterRef,
    Q,
    QuerySet,
    Subquery,
    Sum,
    Value,
    When,
)
from django.db.models.functions import Coalesce, Lower

from accounts.limits.wording import amount, label
from accounts.models import Account, Domain
from lib.templatetags.ui import WARN_AT
from mailboxes.selectors import tallied

# limit → what is used of it; of a reseller what it handed out counts too.
USES = {"max_domains": "use_domains", "max_mailboxes": "use_mailboxes", "storage_mb": "use_storage"}


@dataclass(frozen=True, slots=True)
class Near:
    """``Mailboxes``, ``24 of 25``."""

    limit: str
    text: str
    full: bool


def with_uses(accounts: QuerySet[Account]) -> QuerySet[Any]:
    """``use_domains use_mailboxes use_storage`` (MB given out to mailboxes) and ``near``: 1 where a limit is
    reached by WARN_AT percent."""
    domains = Domain.objects.filter(account=OuterRef("pk")).order_by().values("account")
    counted: QuerySet[Any] = accounts.annotate(
        use_domains=_one(domains.annotate(n=Count("pk")).values("n")) + _handed_out("max_domains"),
        use_mailboxes=tallied("boxes", account="pk") + _handed_out("max_mailboxes"),
        use_storage=tallied("quota_mb", account="pk") + _handed_out("storage_mb"),
    )
    near = [
        # A fraction: the limit times 85 would be beyond an integer.
        When(Q(**{f"{use}__gte": F(limit) * (WARN_AT / 100), f"{use}__gt": 0}), then=1)
        for limit, use in USES.items()
    ]
    judged: QuerySet[Any] = counted.annotate(near=Case(*near, default=0, output_field=IntegerField()))
    return judged


def with_clients(accounts: QuerySet[Any]) -> QuerySet[Any]:
    """``below``: how many clients each has."""
    clients = Account.objects.filter(reseller=OuterRef("pk")).order_by().values("reseller")
    counted: QuerySet[Any] = accounts.annotate(below=_one(clients.annotate(n=Count("pk")).values("n")))
    return counted


def as_tree(accounts: QuerySet[Any]) -> QuerySet[Any]:
    """Every reseller, then its clients: ``root`` and ``depth`` to order by."""
    placed: QuerySet[Any] = accounts.annotate(
        root=Lower(Coalesce("reseller__name", "name")),
        root_pk=Coalesce("reseller_id", "pk"),
        depth=Case(When(reseller__isnull=True, then=0), default=1, output_field=IntegerField()),
    )
    return placed


TREE = ("root", "root_pk", "depth", "name", "pk")


def near_of(account: Any) -> list[Near]:
    """Of an account that came through ``with_uses``."""
    found = []
    for limit, use in USES.items():
        now, most = getattr(account, use), getattr(account, limit)
        if now and now * 100 >= most * WARN_AT:
            text = f"{amount(limit, now, bare=True)} / {amount(limit, most, bare=True)}"
            found.append(Near(label(limit), text, now > most))
    return found


def _handed_out(limit: str) -> Coalesce:
    clients = Account.objects.filter(reseller=OuterRef("pk")).order_by().values("reseller")
    return _one(clients.annotate(n=Sum(limit)).values("n"))


def _one(inner: QuerySet[Any, Any]) -> Coalesce:
    return Coalesce(Subquery(inner, output_field=BigIntegerField()), Value(0))
