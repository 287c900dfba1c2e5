"""The scripts of mailboxes and domains go, come back and move with them (mailboxes.services.parts)."""

from __future__ import annotations

from collections.abc import Sequence

from mailboxes.models import Mailbox, MailDomain
from mailboxes.sieve.composing import domain_script_wanted, scripts_wanted
from provision.services import Wanted


class ScriptPart:
    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
        return scripts_wanted(mailboxes, absent=absent)

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
        return [domain_script_wanted(mail_domain, absent=absent)]
