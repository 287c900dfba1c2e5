"""Mailboxes that are nearly full or full: their user and the people of the domain hear of it, once at each
step until it falls below again."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from functools import partial
from typing import Any

from django.db import transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from accounts.branding.select import brand_of, panel_url_for
from lib.templatetags.ui import mb
from mailboxes.models import Mailbox, StorageWarning
from notices.services import notice_send
from panel.notify import leaders, tell

STEPS = (100, 95, 80)  # percent
SLACK = 5  # so far below a step it must fall before it is told again
NAMED = 20  # mailboxes in one mail; more are counted
CHUNK = 500
_TO_USER, _TO_PEOPLE = "mailbox_full", "mailboxes_full"


@dataclass(frozen=True, slots=True)
class Fuller:
    """A mailbox that is at a higher step than anybody was told of."""

    mailbox: Mailbox
    step: int

    def said(self, **more: Any) -> dict[str, Any]:
        """In the language that is active."""
        return {
            "address": self.mailbox.address,
            "percent": min(percent(self.mailbox), 100),
            "used": mb(self.mailbox.used_mb),
            "most": mb(self.mailbox.quota_mb),
        } | more


def look_at_all() -> int:
    """Tell whoever was not told yet; how many mailboxes were told of. Runs as often as one likes."""
    near = Q(used_mb__gte=F("quota_mb") * STEPS[-1] / 100.0) | Q(storage_warning__isnull=False)
    rows = Mailbox.objects.present().filter(near, used_at__isnull=False)
    by_domain: defaultdict[int, list[int]] = defaultdict(list)
    for domain, mailbox in rows.order_by("mail_domain", "pk").values_list("mail_domain", "pk"):
        by_domain[domain].append(mailbox)
    return sum(
        _some(keys[at : at + CHUNK]) for keys in by_domain.values() for at in range(0, len(keys), CHUNK)
    )


@transaction.atomic
def _some(keys: list[int]) -> int:
    """Mailboxes of one domain. The warnings are locked: two looks at once tell once."""
    boxes = Mailbox.objects.filter(pk__in=keys).select_related("mail_domain__domain__account__reseller")
    rows = list(boxes.order_by("pk").select_for_update(of=("self",)))
    told = {warning.mailbox_id: warning for warning in StorageWarning.objects.filter(mailbox__in=keys)}
    fuller = []
    for box in rows:
        before, now = told.get(box.pk), step_of(percent(box))
        if now > (before.step if before else 0):
            values = {"step": now, "told_at": timezone.now()}
            StorageWarning.objects.update_or_create(mailbox=box, defaults=values)
            fuller.append(Fuller(box, now))
        elif before and percent(box) < before.step - SLACK:
            _lower(before, now)
    if fuller:
        _tell(fuller)
    return len(fuller)


def percent(mailbox: Mailbox) -> int:
    return int((mailbox.used_mb or 0) * 100 // mailbox.quota_mb)


def step_of(share: int) -> int:
    """The highest step that is reached; 0: none."""
    return next((step for step in STEPS if share >= step), 0)


def _lower(warning: StorageWarning, now: int) -> None:
    if now:
        StorageWarning.objects.filter(pk=warning.pk).update(step=now)
    else:
        warning.delete()


def _tell(fuller: list[Fuller]) -> None:
    """A mail to each mailbox, which its server takes however full it is (deploy/postfix/main.cf:
    sending_limit); one to each person about all of them."""
    domain = fuller[0].mailbox.mail_domain.domain
    account = domain.account
    brand, panel_url = brand_of(account), panel_url_for(account)
    for one in _that_take_mail(fuller):
        more = {"url": f"{panel_url}{reverse('own-storage')}"}
        said = partial(one.said, **more)
        notice_send(kind=_TO_USER, to=one.mailbox.address, context=said, brand=brand)
    ordered = sorted(fuller, key=lambda one: (-one.step, one.mailbox.address))

    def context() -> dict[str, Any]:
        return {
            "domain": domain.display_name,
            "full": sum(one.step == STEPS[0] for one in fuller),
            "boxes": [one.said() for one in ordered[:NAMED]],
            "more": max(0, len(fuller) - NAMED),
            "url": reverse("domain-storage", args=[domain.name]),
        }

    tell(leaders(account, domain), _TO_PEOPLE, account, context)


def _that_take_mail(fuller: Iterable[Fuller]) -> Iterable[Fuller]:
    return (one for one in fuller if not one.mailbox.no_receive)
