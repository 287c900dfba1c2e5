"""The scripts of mailboxes and domains go, come back and move with them (mailboxes.services.parts)."""

from __future__ import annotations

from collections.abc import Sequence

from mailboxes.models import Mailbox, MailDomain
from mailboxes.sieve.composing import domain_script_wanted, scripts_wanted
from provision.models import Push
from provision.services import Wanted


class ScriptPart:
    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
        wanted = scripts_wanted(mailboxes, absent=absent)
        if not absent:
            return wanted
        # Most never had one: their nodes need no word of it.
        keys = [item.key for item in wanted]
        rows = Push.objects.filter(key__in=keys, payload__isnull=False)
        there = set(rows.values_list("key", flat=True))
        return [item for item in wanted if item.key in there]

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
        return [domain_script_wanted(mail_domain, absent=absent)]
