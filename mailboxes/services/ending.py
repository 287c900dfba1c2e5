"""The mailboxes of a domain that goes, however many: a hundred thousand pass through the database alone, and
what hangs on them through this process a share at a time."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db import connection
from django.utils import timezone

from mailboxes.models import GRACE, Mailbox, MailDomain
from mailboxes.services.parts import mailbox_parts
from nodeagent import contract
from provision.services import push_enqueue, push_enqueue_rows

SHARE = 2000
# As mailboxes.services.wanted.mailbox_wanted and home_removal say it of one: the mail is kept for its time.
_WANTED = """
    WITH boxes AS (
        SELECT home.node_id, home.domain_id, box.* FROM mailboxes_mailbox AS box
        JOIN mailboxes_maildomain AS home ON home.id = box.mail_domain_id WHERE home.id = %(mail_domain)s),
    wanted AS MATERIALIZED (
        SELECT * FROM (
            SELECT node_id AS node, %(mailbox)s || '/' || address AS key, %(mailbox)s AS kind,
                   domain_id AS domain, NULL::jsonb AS payload, NULL::timestamptz AS not_before
            FROM boxes WHERE deleted_at IS NULL
            UNION ALL
            SELECT node_id, %(home)s || '/' || home, %(home)s, NULL, NULL,
                   COALESCE(deleted_at, %(now)s) + %(grace)s
            FROM boxes) AS both_
        ORDER BY node, key COLLATE "C")
"""


def mailboxes_end(*, actor: Any, mail_domain: MailDomain) -> None:
    """Absent on the node, with all that hangs on them; their rows are gone. In the caller's transaction,
    which holds the account's lock."""
    push_enqueue_rows(
        actor=actor,
        nodes=[mail_domain.node],
        wanted=_WANTED,
        values={
            "mail_domain": mail_domain.pk,
            "mailbox": contract.Mailbox.KIND,
            "home": contract.Home.KIND,
            "now": timezone.now(),
            "grace": GRACE,
        },
    )
    shares = 0
    for share in _shares(mail_domain):
        push_enqueue(actor=actor, wanted=mailbox_parts(share, absent=True))
        shares += 1
    with connection.cursor() as cursor:
        # Of thousands Activity tells by the domain's own entry; the history has every mailbox.
        cursor.execute("SELECT set_config('activity.told', %s, true)", ["on" if shares > 1 else ""])
        for share in _shares(mail_domain):
            rows = Mailbox.objects.filter(pk__in=[mailbox.pk for mailbox in share])
            # What a node measures just now is stored beside the rows that are not locked (services.usage).
            list(rows.order_by("pk").select_for_update().values_list("pk"))
            rows.delete()
        cursor.execute("SELECT set_config('activity.told', '', true)")


def _shares(mail_domain: MailDomain) -> Iterator[list[Mailbox]]:
    after = 0
    rows = Mailbox.objects.filter(mail_domain=mail_domain).order_by("pk")
    while share := list(rows.filter(pk__gt=after)[:SHARE]):
        for mailbox in share:
            mailbox.mail_domain = mail_domain  # one for all
        after = share[-1].pk
        yield share
