"""Refusals that come in floods: the same server, refused for the same reason, many times in an hour. Each
is a row of its own, found by a search; a list shows the first few and lets the first stand for the
others."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any, NamedTuple

from django.db import connection

from delivery.folding.mail import Mail
from delivery.text import client_address

SHOWN = 5  # of one flood
_HOUR = 3600
_ADD = """
INSERT INTO delivery_flood AS flood (hour, domain_id, client, cause, lead_id, entries)
SELECT to_timestamp(hour), domain_id, client, cause, lead_id, entries
FROM unnest(%s::float8[], %s::bigint[], %s::text[], %s::text[], %s::bigint[], %s::int[])
  AS new (hour, domain_id, client, cause, lead_id, entries)
ON CONFLICT (hour, domain_id, client, cause) DO UPDATE SET entries = flood.entries + excluded.entries
RETURNING extract(epoch FROM hour)::bigint, domain_id, client, cause, lead_id, entries
"""
_JOIN = """
UPDATE delivery_entry e SET lead_id = v.lead_id FROM unnest(%s::bigint[], %s::bigint[]) AS v (id, lead_id)
WHERE e.id = v.id AND e.id BETWEEN %s AND %s"""
_COUNT = """
UPDATE delivery_entry e SET alike = e.alike + v.more, changed_at = now()
FROM unnest(%s::bigint[], %s::int[]) AS v (id, more) WHERE e.id = v.id AND e.id BETWEEN %s AND %s"""
Key = tuple[int, int, str, str]


class Refusal(NamedTuple):
    mail: Mail
    domain_id: int | None
    cause: str
    key: int


def floods_join(made: Sequence[Refusal]) -> None:
    """``made``: new list rows of what was refused."""
    floods: dict[Key, list[int]] = defaultdict(list)
    for mail, domain_id, cause, pk in made:
        hour = int(mail.at) // _HOUR * _HOUR
        floods[hour, domain_id or 0, client_address(mail.client)[:64], cause].append(pk)
    if not floods:
        return
    # In one order everywhere: two nodes that meet the same floods do not wait for each other in a circle.
    keys = sorted(floods)
    given = [*(list(column) for column in zip(*keys, strict=True))]
    given += [[floods[key][0] for key in keys], [len(floods[key]) for key in keys]]
    joined: list[tuple[int, int]] = []
    more: dict[int, int] = {}
    with connection.cursor() as cursor:
        cursor.execute(_ADD, given)
        for *key, lead, entries in cursor.fetchall():
            ids = floods[key[0], key[1], key[2], key[3]]
            late = ids[max(0, SHOWN - (entries - len(ids))) :]
            joined += [(pk, lead) for pk in late]
            if late:
                more[lead] = len(late)
        _change(cursor, _JOIN, joined)
        _change(cursor, _COUNT, sorted(more.items()))


def _change(cursor: Any, statement: str, pairs: list[tuple[int, int]]) -> None:
    """The bounds let the planner leave out the other days' partitions."""
    if pairs:
        keys, values = [key for key, _value in pairs], [value for _key, value in pairs]
        cursor.execute(statement, [keys, values, min(keys), max(keys)])
