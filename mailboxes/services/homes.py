"""Mail of deleted mailboxes: kept for the grace time, then removed for good.

homes_remove → push Home absent → the node removes the folder → home_on_live → the row goes, its history
stays.
"""

from __future__ import annotations

import datetime as dt
import logging
from typing import Any

from django.db import transaction
from django.db.models import Exists, OuterRef, Value
from django.db.models.functions import Concat

from mailboxes.models import Mailbox
from mailboxes.services.wanted import home_removal
from nodeagent import contract
from provision.models import Push
from provision.services import push_enqueue

logger = logging.getLogger(__name__)

AT_ONCE = 100  # a transaction and a message to the node


@transaction.atomic
def homes_remove(*, now: dt.datetime) -> int:
    """Have nodes remove the mail of up to AT_ONCE mailboxes whose grace time ended before ``now``, and say
    how many. One that was asked for already is the sweep's."""
    asked = Push.objects.filter(
        node=OuterRef("mail_domain__node"), key=Concat(Value(f"{contract.Home.KIND}/"), OuterRef("home"))
    )
    rows = (
        Mailbox.objects.expired(now)
        .filter(~Exists(asked))
        .select_related("mail_domain__node")
        .order_by("deleted_at", "pk")
        .select_for_update(of=("self",), skip_locked=True)[:AT_ONCE]
    )
    wanted = [home_removal(mailbox) for mailbox in rows]
    push_enqueue(actor=None, wanted=wanted)
    return len(wanted)


def home_on_live(push: Push, facts: dict[str, Any]) -> None:
    """The folder is gone, so nothing can be brought back: the row goes too."""
    if push.payload is not None:
        return
    path = push.key.removeprefix(f"{contract.Home.KIND}/")
    rows = Mailbox.objects.filter(home=path, mail_domain__node=push.node_id, deleted_at__isnull=False)
    rows.delete()
