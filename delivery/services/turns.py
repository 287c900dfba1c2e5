"""A node's batches are prepared side by side and take effect one after the other. What is prepared reads what
was there before; whatever another batch has changed since is prepared once more, when it is its turn."""

from __future__ import annotations

import time
from collections.abc import Callable

from django.db import connection
from django.db.models import Max

from delivery.models import Turn

_LOCK = 0x64656C69  # advisory lock "deli", second key: the node
KEPT = 600.0  # seconds
_FORGET = "DELETE FROM delivery_turn WHERE node_id = %s AND at < now() - make_interval(secs => %s)"
LOOK = 0.004  # seconds
PATIENCE = 2.0  # seconds that a post waits for the one before it
LONGEST = 300.0  # seconds that a batch may wait for its turn and still know what changed


def turn_last(node_id: int) -> int:
    """The last turn whose work everything read from now on shows."""
    return Turn.objects.filter(node_id=node_id).aggregate(last=Max("pk"))["last"] or 0


def turn_wait(node_id: int) -> None:
    """Returns when it is the caller's turn, which lasts to the end of the transaction."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [_LOCK, node_id])


def turn_in_order(gap: Callable[[], bool]) -> None:
    """A node has several posts under way. When queue ids are used again, only the order of the lines tells
    one mail from the next: wait a moment for the post before this one."""
    until = time.monotonic() + PATIENCE
    while gap() and time.monotonic() < until:
        time.sleep(LOOK)


def turn_take(node_id: int, last: int, refs: set[str]) -> set[str]:
    """It is the caller's turn: of its ``refs`` those that other turns after ``last`` were about. The next
    ones hear of all of them."""
    changed: set[str] = set()
    with connection.cursor() as cursor:
        cursor.execute("SELECT refs FROM delivery_turn WHERE node_id = %s AND id > %s", [node_id, last])
        for (others,) in cursor.fetchall():
            changed |= refs.intersection(others)
        if refs:
            cursor.execute(
                "INSERT INTO delivery_turn (node_id, at, refs) VALUES (%s, now(), %s)", [node_id, list(refs)]
            )
        cursor.execute(_FORGET, [node_id, KEPT])
    return changed
