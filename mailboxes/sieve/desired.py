"""The script that a mailbox, an alias or a domain shall have now, by its key."""

from __future__ import annotations

from mailboxes.addresses.provider import alias_script
from mailboxes.models import Mailbox, MailDomain
from mailboxes.sieve.composing import domain_script_wanted, scripts_wanted
from nodeagent import contract


def script_desired(key: str) -> contract.Script | None:
    owner = key.partition("/")[2]
    if "@" not in owner:
        rows = MailDomain.objects.select_related("node", "domain__account__reseller")
        mail_domain = rows.filter(domain__name=owner).first()
        return _script(domain_script_wanted(mail_domain).state) if mail_domain else None
    present = Mailbox.objects.present().select_related(
        "mail_domain__node", "mail_domain__domain__account__reseller"
    )
    mailbox = present.filter(address=owner).first()
    return _script(scripts_wanted([mailbox])[0].state) if mailbox else alias_script(owner)


def _script(state: contract.State | None) -> contract.Script | None:
    return state if isinstance(state, contract.Script) else None
