"""The mails of a change: to its domain's mailboxes that signed in lately, and to its owners. Once each.

A batch's mails and the mark of how far we came are one transaction, so a worker that dies anywhere goes on
where it stood, and two of them never do the same.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable
from typing import Any

from django.db import transaction
from django.db.models import Max
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from accounts.branding.select import brand_of, panel_url_for
from accounts.models import Account, Domain, User
from delivery.models import SignIn
from guides.changed.values import advice, kept_of, lines, old_works, same, why
from guides.models import Change
from guides.selectors import settings_for
from lib import timekey
from mailboxes.models import Mailbox
from notices.kinds import Kind
from notices.services import notice_send

BATCH, BATCHES = 200, 25  # mailboxes; of one change in one run
USED = dt.timedelta(days=90)
# What a mail program does; our own tests and clean-ups sign in, too, and are none.
PROTOCOLS = ("imap", "pop3", "submission", "smtp")
Leaders = Callable[[Account, Domain], Iterable[User]]


def links(context: dict[str, Any]) -> dict[str, Any]:
    """Ours, and to be copied: in the reader's language, and with nothing put into the names."""
    before, after = context["before"], context["after"]
    works = bool(context["works"])
    return {
        "lines": lines(before, after),
        "why": why(before, after),
        "advice": advice(before, after, works=works),
    }


# name, before, after (values.Kept), works (whether the old values do), (address: of the mailbox), url;
# links: lines, why, advice
KIND = Kind(
    name="settings_changed",
    label=gettext_lazy("Settings for mail programs have changed"),
    help=gettext_lazy("When the server’s name or port is another. The mailboxes concerned hear of it, too."),
    subject=lambda context: _("%(name)s: new settings for mail programs") % context,
    links=links,
)


def tell_due(leaders: Leaders) -> int:
    """``leaders``: who looks after a domain. How many mails were written."""
    now = timezone.now()
    due = Change.objects.filter(done_at=None, due_at__lte=now).order_by("due_at")
    return sum(_tell(pk, leaders) for pk in list(due.values_list("pk", flat=True)))


def _tell(pk: int, leaders: Leaders) -> int:
    written = 0
    for _each in range(BATCHES):
        count = _batch(pk, leaders)
        if count is None:
            break
        written += count
    return written


@transaction.atomic
def _batch(pk: int, leaders: Leaders) -> int | None:
    """None: nothing is left to do, or another worker does it."""
    change = Change.objects.select_for_update(skip_locked=True).filter(pk=pk, done_at=None).first()
    if change is None:
        return None
    rows = Domain.objects.select_related("account__reseller", "mail__node")
    domain = rows.filter(pk=change.domain_id, mail__isnull=False).first()
    if domain is None or domain.account.deleted_at:
        change.done_at = timezone.now()
        change.save(update_fields=["done_at"])
        return None
    if change.begun_at is None:
        if not same(kept_of(settings_for("", domain=domain), domain.mail.node.name), change.after):
            return None  # changed again or taken back: the next look says which
        change.begun_at = timezone.now()
        context = _context(change, domain)
        count = _owners(domain, context, leaders(domain.account, domain))
        change.told += count
        change.save(update_fields=["begun_at", "told"])
        return count
    return _mailboxes(change, domain)


def _mailboxes(change: Change, domain: Domain) -> int:
    boxes = list(
        Mailbox.objects.present()
        .filter(mail_domain=domain.mail, pk__gt=change.reached)
        .order_by("pk")
        .only("pk", "address", "created_at")[:BATCH]
    )
    used = _used({box.address: box.created_at for box in boxes})
    for box in boxes:
        if box.address in used:
            _mail(domain, box.address, _context(change, domain) | {"address": box.address})
    change.told += len(used)
    if len(boxes) < BATCH:
        change.done_at = timezone.now()
    change.reached = boxes[-1].pk if boxes else change.reached
    change.save(update_fields=["told", "done_at", "reached"])
    return len(used)


def _used(since: dict[str, dt.datetime]) -> set[str]:
    """Those that signed in within USED. What an address did before this mailbox had it is not its doing."""
    begin = timekey.floor(timezone.now() - USED)
    rows = SignIn.objects.filter(login__in=list(since), ok=True, protocol__in=PROTOCOLS, pk__gte=begin)
    last = rows.order_by().values_list("login").annotate(last=Max("at"))
    return {login for login, at in last if at >= since[login].replace(microsecond=0)}


def _owners(domain: Domain, context: dict[str, Any], people: Iterable[User]) -> int:
    brand, count = brand_of(domain.account), 0
    url = f"{panel_url_for(domain.account)}{reverse('connect', args=[domain.name])}"
    for person in people:
        count += 1
        notice_send(
            kind=KIND.name, to=person.email, user_id=person.pk, context=context | {"url": url}, brand=brand
        )
    return count


def _mail(domain: Domain, to: str, context: dict[str, Any]) -> None:
    url = f"{panel_url_for(domain.account)}{reverse('own-connect')}"
    notice_send(kind=KIND.name, to=to, context=context | {"url": url}, brand=brand_of(domain.account))


def _context(change: Change, domain: Domain) -> dict[str, Any]:
    node = domain.mail.node
    works = old_works(change.before, change.after, node_host=node.host, node_ports=node.ports)
    return {"name": domain.display_name, "before": change.before, "after": change.after, "works": works}
