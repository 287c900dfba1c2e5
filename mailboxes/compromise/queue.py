"""The mail of a stopped login that waits on its node."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from lib.errors import Refused
from mailboxes.models import Compromise, Identity, Mailbox, MailDomain
from provision import asking

SHOWN = 200


@dataclass(frozen=True, slots=True)
class HeldMail:
    """``recipients``: (address, why it waits); ``more``: how many besides those."""

    id: str
    at: datetime
    size: int
    recipients: list[tuple[str, str]]
    more: int


@dataclass(frozen=True, slots=True)
class HeldMails:
    mails: list[HeldMail]
    all: int


def held_mails(row: Compromise) -> HeldMails:
    """Raises provision.asking.NodeSilent."""
    answer = asking.ask(row.mail_domain.node, "queue", senders=senders_of(row))
    return HeldMails(mails=[_mail(mail) for mail in answer["mails"][:SHOWN]], all=int(answer["all"]))


def held_change(row: Compromise, do: str, ids: Sequence[str]) -> int:
    """How many mails were changed: of this login's alone. Raises NodeSilent, Refused."""
    if not ids:
        raise Refused(_("Tick at least one mail first."))
    answer = asking.ask(
        row.mail_domain.node, "queue_change", do=do, senders=senders_of(row), ids=list(ids)[:1000]
    )
    return int(answer["done"])


def senders_of(row: Compromise) -> list[str]:
    """What the login alone may have written as envelope sender: itself, and those of its identities that
    nobody else sends as. As nodeagent.queue.holding and deploy/postfix/holds.cf have it."""
    of = Q(mailbox=row.mailbox_id) if row.mailbox_id else Q(website__login=row.login)
    same = Identity.objects.filter(address=OuterRef("address"))
    others = same.exclude(pk=OuterRef("pk"))
    boxes = Mailbox.objects.present().filter(address=OuterRef("address"))
    rows = Identity.objects.filter(of).exclude(Exists(others)).exclude(Exists(boxes)).order_by("pk")
    local = row.login.partition("@")[0]
    names = MailDomain.objects.filter(alias_of=row.mail_domain_id).values_list("domain__name", flat=True)
    at_aliases = [f"{local}@{name}" for name in names] if row.mailbox_id else []
    return [row.login, *rows.values_list("address", flat=True), *at_aliases]


def _mail(mail: dict[str, Any]) -> HeldMail:
    shown = [(str(address), str(why)) for address, why in mail["recipients"][:5]]
    return HeldMail(
        id=str(mail["id"]),
        at=datetime.fromtimestamp(int(mail["at"]), UTC),
        size=int(mail["size"]),
        recipients=shown,
        more=int(mail["all"]) - len(shown),
    )
