"""Use and limits of all clients, for invoices and spreadsheets."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from datetime import datetime

from django.db.models import QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.limits import uses
from accounts.limits.wording import label, switched
from accounts.models import Account
from accounts.models.limits import FEATURES, MOST
from delivery.sending import sent_since
from mailboxes.selectors import tallies

AT_ONCE = 200  # accounts that are counted together


def heads() -> list[str]:
    return [
        _("Client"),
        _("Plan"),
        _("State"),
        _("Since"),
        _("Domains used"),
        _("Mailboxes used"),
        _("Storage given out (MB)"),
        _("Storage filled (MB)"),
        _("Messages kept"),
        _("Mails sent this month"),
        *(_("%(limit)s, limit") % {"limit": label(name)} for name in MOST),
        *(label(name) for name in FEATURES),
    ]


def rows(clients: QuerySet[Account]) -> Iterator[Sequence[object]]:
    """The heads, then a row for each client by name; three queries for every AT_ONCE of them. Sizes are whole
    MB, so that a spreadsheet adds them up; mails since the first of the month, as far as they are kept."""
    yield heads()
    month = timezone.localtime().replace(day=1, hour=0, minute=0, second=0, microsecond=0)
    bunch: list[Account] = []
    for account in clients.select_related("plan").order_by("name", "pk").iterator(AT_ONCE):
        bunch.append(account)
        if len(bunch) == AT_ONCE:
            yield from _bunch(bunch, month)
            bunch = []
    yield from _bunch(bunch, month)


def _bunch(accounts: list[Account], month: datetime) -> Iterator[Sequence[object]]:
    keys = [account.pk for account in accounts]
    held, domains, sent = tallies(keys), uses.used("max_domains", keys), sent_since(month, keys)
    for account in accounts:
        tally = held[account.pk]
        yield [
            account.name,
            account.plan.name if account.plan else "",
            _state(account),
            account.created_at.date().isoformat(),
            domains[account.pk],
            tally.mailboxes,
            tally.quota_mb,
            round(tally.used_mb),
            tally.messages,
            sent.get(account.pk, 0),
            *(getattr(account, name) for name in MOST),
            *(switched(getattr(account, name)) for name in FEATURES),
        ]


def _state(account: Account) -> str:
    if account.deleted_at:
        return _("deleted")
    return _("suspended") if account.is_suspended else _("active")
