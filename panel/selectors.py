"""What the pages that span the apps read. Every number comes from a bounded count of queries."""

from __future__ import annotations

from dataclasses import dataclass

from django.db.models import Count, Sum
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Domain
from dnszone.models import Record
from lib.templatetags.ui import count, mb
from mailboxes.models import Mailbox


@dataclass(frozen=True, kw_only=True)
class Loss:
    """What deleting a domain takes away. ``used_mb``: as last measured on the node."""

    mailboxes: int
    messages: int
    used_mb: float
    records: int

    @property
    def lines(self) -> list[str]:
        mail = ngettext(
            "%(messages)s message, %(used)s, as last measured",
            "%(messages)s messages, %(used)s, as last measured",
            self.messages,
        ) % {"messages": count(self.messages), "used": mb(self.used_mb)}
        boxes = ngettext("%(n)s mailbox and its mail", "%(n)s mailboxes and their mail", self.mailboxes)
        records = ngettext(
            "%(n)s DNS record, website ones included",
            "%(n)s DNS records, website ones included",
            self.records,
        )
        lines = [boxes % {"n": self.mailboxes}, records % {"n": self.records}]
        if self.messages:
            lines.insert(1, mail)
        lines.append(_("the DKIM keys that sign its mail, on the server"))
        return lines if self.mailboxes else lines[1:]


def domain_loss(domain: Domain) -> Loss:
    mail = Mailbox.objects.present().filter(mail_domain__domain=domain)
    sums = mail.aggregate(mailboxes=Count("pk"), messages=Sum("messages"), used_mb=Sum("used_mb"))
    return Loss(
        mailboxes=sums["mailboxes"],
        messages=sums["messages"] or 0,
        used_mb=sums["used_mb"] or 0.0,
        records=Record.objects.filter(zone__domain=domain).count(),
    )
