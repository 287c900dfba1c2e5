"""Room and limits: the numbers of the reader's mailbox, or of all mailboxes of the domain."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Sum

from guides.learn.scope import Scope
from mailboxes.models import Mailbox, SendingLimit
from mailboxes.sending.numbers import DEFAULTS, LABELS, NUMBERS

USUAL_KB = 100  # a mail where nothing was measured yet: text, a signature, now and then an attachment


def storage(scope: Scope) -> dict[str, Any]:
    """``box``: one mailbox; ``all``: the sums of the domain (``boxes used_mb quota_mb messages``);
    ``each_kb``: what one mail takes on average; ``fits``: how many of those fit into a GB."""
    box = scope.mailbox
    sums = None if box else _sums(scope)
    used = box.used_mb if box else (sums or {}).get("used_mb") or 0
    messages = box.messages if box else (sums or {}).get("messages") or 0
    measured = messages >= 20
    each_kb = max(1, round(used * 1024 / messages)) if measured else USUAL_KB
    return {"box": box, "all": sums, "each_kb": each_kb, "measured": measured, "fits": 1024 * 1024 // each_kb}


def _sums(scope: Scope) -> dict[str, Any] | None:
    mail = getattr(scope.domain, "mail", None)
    if mail is None:
        return None
    found = Mailbox.objects.present().filter(mail_domain=mail)
    sums = found.aggregate(
        boxes=Count("pk"),
        used_mb=Sum("used_mb"),
        quota_mb=Sum("quota_mb"),
        messages=Sum("messages"),
    )
    return sums if sums["boxes"] else None


def sending(scope: Scope) -> dict[str, Any]:
    """``rows``: (label, number) of the mailbox or the domain; ``account_hour``: mails an hour of the whole
    account, None for a reader of no domain."""
    if scope.domain is None:
        return {"rows": [], "account_hour": None}
    whose = (
        {"mailbox": scope.mailbox} if scope.mailbox else {"mail_domain": getattr(scope.domain, "mail", None)}
    )
    row = SendingLimit.objects.filter(**whose).first() if all(whose.values()) else None
    defaults = DEFAULTS if scope.mailbox else {}
    numbers = [(LABELS[name], getattr(row, name, None) or defaults.get(name)) for name in NUMBERS]
    return {
        "rows": [(label, number) for label, number in numbers if number],
        "account_hour": scope.domain.account.sends_per_hour,
    }
