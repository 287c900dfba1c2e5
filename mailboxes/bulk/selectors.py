"""What the pages of an import show."""

from __future__ import annotations

from dataclasses import dataclass

from mailboxes.models import BulkImport, BulkRow, MailDomain
from nodeagent import contract
from provision.models import Push

PAGE = 50
RECENT = 10


@dataclass(frozen=True, slots=True, kw_only=True)
class BadPage:
    """``next``: the line to go on after; 0: there is no more."""

    rows: list[BulkRow]
    next: int

    @property
    def next_url(self) -> str:
        return f"?after={self.next}"


def bad_rows(bulk: BulkImport, after: int) -> BadPage:
    rows = bulk.lines.filter(state=BulkRow.State.BAD, line__gt=after).order_by("line")
    found = list(rows[: PAGE + 1])
    return BadPage(rows=found[:PAGE], next=found[PAGE - 1].line if len(found) > PAGE else 0)


def recent(user: object, mail_domain: MailDomain) -> list[BulkImport]:
    """The person's own, without those whose columns nobody said."""
    rows = BulkImport.objects.visible_to(user).filter(mail_domain=mail_domain)
    return list(rows.exclude(state=BulkImport.State.UPLOADED).order_by("-created_at")[:RECENT])


def on_their_way(bulk: BulkImport) -> int:
    """Mailboxes of the domains of this file that the servers have not shown yet. One query."""
    domains = bulk.made.values("mail_domain__domain")
    return int(Push.objects.behind().filter(domain__in=domains, kind=contract.Mailbox.KIND).count())
