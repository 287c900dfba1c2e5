"""What the guides read: whose settings, on which host."""

from __future__ import annotations

from collections.abc import Sequence

from accounts.models import Domain
from dnszone import provider
from guides.clientconfig import ClientConfig, Server, client_config
from mailboxes.models import Mailbox

PICK = 25


def mailboxes_to_pick(*, domain: Domain, query: str, after: str) -> tuple[list[Mailbox], str]:
    """Up to PICK mailboxes whose name starts with or contains ``query``, after the name ``after``, and where
    to go on."""
    found = Mailbox.objects.present().filter(mail_domain=domain.mail, local__gt=after).order_by("address")
    if query:
        found = found.filter(local__contains=query.lower())
    page = list(found.only("local", "address")[: PICK + 1])
    more = page[PICK - 1].local if len(page) > PICK else ""
    return page[:PICK], more


def settings_for(address: str, *, domain: Domain) -> ClientConfig:
    """By the servers' name of the reseller, where the node has proved to answer to it; else by the node's.
    Without POP3 where the plan has it not: the node would refuse it."""
    host, ports = provider.offered(domain.mail.node, domain.account)
    return client_config(address, host=host, ports=ports)


def servers(domain: Domain, login: str) -> Sequence[Server]:
    """What mailboxes shows beside a new password: mailboxes.access.told."""
    return settings_for(login, domain=domain).servers
