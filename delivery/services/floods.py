"""Refusals that come in floods: the same server, refused for the same reason, many times in an hour. Each
is a row of its own, found by a search; a list shows the first few and lets the first stand for the
others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence

from django.db import connection

from delivery.explain import cause_of
from delivery.folding.mail import Addressee, Mail, Row
from delivery.text import client_address

SHOWN = 5  # of one flood
_HOUR = 3600
_ADD = """
INSERT INTO delivery_flood (hour, domain_id, client, cause, lead_id, entries) VALUES (to_timestamp(%s), %s, %s, %s, %s, %s)
ON CONFLICT (hour, domain_id, client, cause) DO UPDATE SET entries = delivery_flood.entries + excluded.entries
RETURNING lead_id, entries
"""
Key = tuple[int, int, str, str]
Made = tuple[Mail, Row, Addressee, int]


def floods_join(made: Sequence[Made]) -> None:
    """``made``: new list rows with their keys."""
    floods: dict[Key, list[int]] = defaultdict(list)
    for mail, row, one, pk in made:
        if not mail.queue_id:
            cause = cause_of(int(one.status), one.dsn, one.reply)
            key = (int(mail.at) // _HOUR * _HOUR, row.domain_id or 0, client_address(mail.client)[:64], cause)
            floods[key].append(pk)
    if not floods:
        return
    with connection.cursor() as cursor:
        for key, ids in floods.items():
            cursor.execute(_ADD, [*key, ids[0], len(ids)])
            lead, entries = cursor.fetchone()
            more = ids[max(0, SHOWN - (entries - len(ids))) :]
            if more:
                first, last = min(more), max(more)
                cursor.execute(
                    "UPDATE delivery_entry SET lead_id = %s WHERE id = ANY(%s) AND id BETWEEN %s AND %s",
                    [lead, more, first, last],
                )
                cursor.execute(
                    "UPDATE delivery_entry SET alike = alike + %s, changed_at = now() WHERE id = %s",
                    [len(more), lead],
                )
