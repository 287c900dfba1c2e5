"""Which app password was used when: told by whoever reads the nodes' logs (panel)."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

from mailboxes.models import AppPassword, WebsiteSender
from provision.models import Node

# A phone signs in every few minutes: a row is not written each time.
EVERY = dt.timedelta(minutes=1)


@dataclass(frozen=True, slots=True)
class Use:
    """``key``: of the app password. ``client``: an address. ``protocol``: as people know it."""

    key: str
    login: str
    at: dt.datetime
    client: str
    protocol: str


@transaction.atomic
def uses_store(node: Node, uses: Iterable[Use]) -> None:
    """Only of passwords of this node: another one's log tells nothing about them. Older news changes
    nothing."""
    last: dict[tuple[str, str], Use] = {}
    for use in uses:
        known = last.get((use.key, use.login))
        if known is None or known.at < use.at:
            last[(use.key, use.login)] = use
    for (key, login), use in sorted(last.items()):
        values = {"used_at": use.at, "used_from": use.client[:45], "used_by": use.protocol[:12]}
        due = Q(used_at__isnull=True) | Q(used_at__lt=use.at - EVERY)
        mine = AppPassword.objects.filter(key=key, mailbox__address=login, mailbox__mail_domain__node=node)
        if not mine.filter(due).update(**values):
            WebsiteSender.objects.filter(key=key, login=login, mail_domain__node=node).filter(due).update(
                **values
            )
