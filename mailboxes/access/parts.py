"""App passwords and identities go, come back and move with their mailbox, websites with the domain."""

from __future__ import annotations

from collections.abc import Sequence

from mailboxes.access.wanted import identity_wanted, password_wanted, website_wanted
from mailboxes.models import AppPassword, Identity, Mailbox, MailDomain, WebsiteSender
from provision.services import Wanted


class AccessPart:
    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
        boxes = {mailbox.pk: mailbox for mailbox in mailboxes}
        passwords = AppPassword.objects.filter(mailbox__in=boxes).order_by("pk")
        identities = Identity.objects.filter(mailbox__in=boxes).order_by("pk")
        wanted = [password_wanted(row, boxes[row.mailbox_id], absent=absent) for row in passwords]
        for row in identities:
            box = boxes[row.mailbox_id or 0]
            wanted.append(identity_wanted(box.address, row.address, box.mail_domain, absent=absent))
        return wanted

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
        rows = WebsiteSender.objects.filter(mail_domain=mail_domain).prefetch_related("identities")
        return [
            wanted
            for row in rows.select_related("mail_domain__domain", "mail_domain__node")
            for wanted in website_wanted(row, absent=absent)
        ]
