"""What goes with a client for good."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.translation import ngettext

from accounts.models import Account, Domain, DomainClaim, Membership
from dnszone.models import Record
from lib.templatetags.ui import count, mb
from mailboxes.selectors import Tally, tallies

NAMED = 20  # domains that the page names


@dataclass(frozen=True, slots=True, kw_only=True)
class Loss:
    """``named``: the first of its domains."""

    domains: int
    named: list[str]
    waiting: int
    tally: Tally
    records: int
    people: int

    @property
    def lines(self) -> list[str]:
        found = [
            (self.domains, ngettext("%(n)s domain", "%(n)s domains", self.domains)),
            (
                self.waiting,
                ngettext(
                    "%(n)s domain that waits for proof", "%(n)s domains that wait for proof", self.waiting
                ),
            ),
            (
                self.tally.mailboxes,
                ngettext(
                    "%(n)s mailbox and its mail", "%(n)s mailboxes and their mail", self.tally.mailboxes
                ),
            ),
            (self.records, ngettext("%(n)s DNS record", "%(n)s DNS records", self.records)),
            (
                self.people,
                ngettext("the access of %(n)s person", "the access of %(n)s people", self.people),
            ),
        ]
        lines = [text % {"n": count(number)} for number, text in found if number]
        if self.tally.messages:
            text = ngettext(
                "%(messages)s message, %(used)s, as last measured",
                "%(messages)s messages, %(used)s, as last measured",
                self.tally.messages,
            )
            values = {"messages": count(self.tally.messages), "used": mb(self.tally.used_mb)}
            lines.insert(1, text % values)
        return lines


def client_loss(account: Account) -> Loss:
    """Six queries."""
    domains = Domain.objects.filter(account=account)
    return Loss(
        domains=domains.count(),
        named=list(domains.order_by("name").values_list("display_name", flat=True)[:NAMED]),
        waiting=DomainClaim.objects.filter(account=account).count(),
        tally=tallies([account.pk])[account.pk],
        records=Record.objects.filter(zone__domain__account=account).count(),
        people=Membership.objects.filter(account=account).count(),
    )
