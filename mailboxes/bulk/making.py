"""Rows of an import become mailboxes inside the database: one statement each for the mailboxes with their
history and for what their nodes shall have, however many they are, so none of them passes through this
process."""

from __future__ import annotations

from django.db import connection

from mailboxes.models import BulkImport, BulkRow, Mailbox, MailDomain
from mailboxes.services.parts import newcomers_wanted
from nodeagent import contract
from provision.services import push_enqueue, push_enqueue_rows

# Every other column of the table takes its default.
_GIVEN = (
    "mail_domain_id",
    "address",
    "local",
    "password_hash",
    "home",
    "quota_mb",
    "created_at",
    "password_set_at",
)
_MAKE = """
    INSERT INTO mailboxes_mailbox ({columns})
    SELECT row.mail_domain_id, row.address, split_part(row.address, '@', 1), row.password_hash,
           split_part(row.address, '@', 2) || '/'
               || regexp_replace(split_part(row.address, '@', 1), '[^a-z0-9._+-]', '_', 'g')
               || '.' || left(replace(gen_random_uuid()::text, '-', ''), 12),
           row.quota_mb, now(), now(){defaults}
    FROM mailboxes_bulkrow AS row
    WHERE row.bulk_id = %s AND row.state = 'good'
    ORDER BY row.address
"""
# contract.Mailbox as mailboxes.desired.mailbox_state makes it of a row; tests/mailboxes/test_bulk_saving.py
# compares them.
_WANTED = """
    WITH wanted AS MATERIALIZED (
        SELECT home.node_id AS node, %(kind)s || '/' || box.address AS key, %(kind)s AS kind,
               home.domain_id AS domain, NULL::timestamptz AS not_before,
               jsonb_build_object(
                   'address', box.address, 'password_hash', box.password_hash, 'home', box.home,
                   'quota_mb', box.quota_mb, 'sign_in', NOT box.no_sign_in, 'receive', NOT box.no_receive,
                   'send', NOT box.no_send, 'reason', box.suspended_reason, 'imap', box.imap,
                   'pop3', box.pop3, 'smtp', box.smtp, 'sieve', box.sieve) AS payload
        FROM mailboxes_bulkrow AS row
             JOIN mailboxes_mailbox AS box ON box.address = row.address AND box.deleted_at IS NULL
             JOIN mailboxes_maildomain AS home ON home.id = box.mail_domain_id
        WHERE row.bulk_id = %(bulk)s AND row.state = 'good'
        ORDER BY home.node_id, box.address COLLATE "C")
"""
_COUNTED = """
    INSERT INTO mailboxes_bulkmade (bulk_id, mail_domain_id, title, made)
    SELECT %s, mail_domain_id, %s, count(*) FROM mailboxes_bulkrow
    WHERE bulk_id = %s AND state = 'good' GROUP BY mail_domain_id
"""


def make(bulk: BulkImport, domains: dict[int, MailDomain]) -> int:
    """Mailboxes of the good rows, all of which are free and have their hash; how many."""
    others = [field for field in Mailbox._meta.concrete_fields if field.column not in {"id", *_GIVEN}]
    columns = ", ".join(f'"{name}"' for name in (*_GIVEN, *(field.column for field in others)))
    statement = _MAKE.format(columns=columns, defaults=", %s" * len(others))  # names of our own model
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL jit = off")
        # Activity says it once, by the rows of BulkMade; the history has every mailbox.
        cursor.execute("SELECT set_config('activity.told', 'on', true)")
        cursor.execute(statement, [*(field.get_default() for field in others), bulk.pk])
        made: int = cursor.rowcount
        cursor.execute("SELECT set_config('activity.told', '', true)")
        cursor.execute(_COUNTED, [bulk.pk, bulk.title, bulk.pk])
    nodes = {one.node_id: one.node for one in domains.values()}
    values = {"bulk": bulk.pk, "kind": contract.Mailbox.KIND}
    push_enqueue_rows(actor=bulk.who, nodes=nodes.values(), wanted=_WANTED, values=values)
    addresses = list(bulk.lines.filter(state=BulkRow.State.GOOD).values_list("address", flat=True))
    push_enqueue(actor=bulk.who, wanted=newcomers_wanted(list(domains.values()), addresses))
    return made
