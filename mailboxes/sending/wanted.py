"""Sending limits as nodes take them."""

from __future__ import annotations

from collections.abc import Sequence

from mailboxes.access.desired import website_limit
from mailboxes.models import Mailbox, MailDomain, SendingLimit
from mailboxes.sending.numbers import DEFAULTS, NUMBERS
from nodeagent import contract
from provision.models import Node
from provision.services import Wanted


def scope_of(row: SendingLimit) -> str:
    """As contract.Limit calls whom it is of."""
    if row.mailbox:
        return row.mailbox.address
    if row.mail_domain:
        return row.mail_domain.domain.name
    return f"a{row.account_id}"


def limit_state(row: SendingLimit) -> contract.Limit | None:
    """None: nobody decided anything."""
    numbers = {name: getattr(row, name) for name in NUMBERS}
    if all(number is None for number in numbers.values()):
        return None
    defaults = DEFAULTS if row.mailbox_id else {}
    filled = {name: defaults.get(name, 0) if number is None else number for name, number in numbers.items()}
    return contract.Limit(scope=scope_of(row), **filled)


def limit_wanted(row: SendingLimit, *, absent: bool = False) -> list[Wanted]:
    """One for a mailbox or a domain; for an account one for each mail node."""
    of_box = row.mailbox.mail_domain if row.mailbox else None
    mail_domain = of_box or row.mail_domain
    if mail_domain:
        nodes = [mail_domain.node]
    else:
        nodes = list(Node.objects.filter(roles__contains=[contract.ROLE_MAIL]).order_by("pk"))
    return [
        Wanted(
            node=node,
            kind=contract.Limit.KIND,
            key=f"{contract.Limit.KIND}/{scope_of(row)}",
            state=None if absent else limit_state(row),
            domain=mail_domain.domain if mail_domain else None,
        )
        for node in nodes
    ]


def limit_desired(key: str) -> contract.Limit | None:
    scope = key.partition("/")[2]
    if "@" in scope:
        rows = SendingLimit.objects.select_related("mailbox").filter(
            mailbox__address=scope, mailbox__deleted_at=None
        )
        found = rows.first()
        return limit_state(found) if found else website_limit(scope)
    rows = SendingLimit.objects.select_related("mail_domain__domain").filter(mailbox=None)
    if scope[1:].isdecimal():
        found = rows.filter(mail_domain=None, account=int(scope[1:])).first()
    else:
        found = rows.filter(mail_domain__domain__name=scope).first()
    return limit_state(found) if found else None


class SendingPart:
    """A mailbox's and a domain's limits go, come back and move with them."""

    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
        boxes = {mailbox.pk: mailbox for mailbox in mailboxes}
        wanted = []
        for row in SendingLimit.objects.filter(mailbox__in=boxes).order_by("pk"):
            if row.mailbox_id is not None:
                row.mailbox = boxes[row.mailbox_id]
                wanted += limit_wanted(row, absent=absent)
        return wanted

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
        row = SendingLimit.objects.filter(mail_domain=mail_domain).first()
        if row is None:
            return []
        row.mail_domain = mail_domain
        return limit_wanted(row, absent=absent)
