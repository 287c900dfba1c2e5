"""Makes, counts and removes what bench/ingest.py needs in the panel's database. Each line in is one JSON
object, and each line out its answer. Started by bench.listing_start."""

from __future__ import annotations

import hashlib
import json
import secrets
import sys
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from django.db import connection

from accounts.models import Account, Domain
from delivery.models import Entry, Filed, LogFile, SignIn
from delivery.selectors import search
from provision.models import Node

_ROWS = """
SELECT e.domain_id, e.direction, e.status, count(*)
FROM delivery_entry e JOIN delivery_message m ON m.id = e.message_id WHERE m.node_id = %s GROUP BY 1, 2, 3"""
_OF_DOMAINS = ("delivery_flood", "delivery_trafficpart", "delivery_trafficday", "delivery_destinationpart")
_OF_NODE = ("delivery_message", "delivery_filed", "delivery_signin", "delivery_unparsed", "delivery_turn")


class Made:
    def __init__(self, tag: str) -> None:
        self.tag = tag
        self.node: Node | None = None
        self.domains: dict[int, str] = {}

    def make(self, asked: dict[str, Any]) -> dict[str, Any]:
        token = secrets.token_urlsafe(32)
        self.node = Node.objects.create(
            name=f"bench-{self.tag}",
            roles=[],
            host=f"bench-{self.tag}.test",
            addresses=["192.0.2.250"],
            public_key="A" * 44,
            ingest_token_hash=hashlib.sha256(token.encode()).hexdigest(),
        )
        accounts = Account.objects.bulk_create(Account(name=f"bench {name}") for name in asked["domains"])
        domains = Domain.objects.bulk_create(
            Domain(account=account, name=name, display_name=name)
            for account, name in zip(accounts, asked["domains"], strict=True)
        )
        self.domains = {domain.pk: domain.name for domain in domains}
        before = datetime.fromtimestamp(asked["since"], UTC) - timedelta(days=1)
        Domain.objects.filter(pk__in=self.domains).update(created_at=before)
        return {"node": self.node.name, "token": token}

    def lines(self, _asked: dict[str, Any]) -> dict[str, Any]:
        return {"lines": sum(LogFile.objects.filter(node=self.node).values_list("lines", flat=True))}

    def count(self, _asked: dict[str, Any]) -> dict[str, Any]:
        with connection.cursor() as cursor:
            cursor.execute(_ROWS, [self.node.pk if self.node else 0])
            rows = [(self.domains.get(pk, ""), *rest) for pk, *rest in cursor.fetchall()]
        pk, name = min(self.domains.items())
        one = Entry.objects.filter(domain_id=pk)
        return {
            "rows": rows,
            "sign_ins": SignIn.objects.filter(node=self.node).count(),
            "filed": Filed.objects.filter(node=self.node).count(),
            "searchable": one.count(),
            "searched": one.filter(words=search(name)).count(),
        }

    def remove(self, _asked: dict[str, Any]) -> dict[str, Any]:
        if self.node is not None:
            with connection.cursor() as cursor:
                cursor.execute(
                    "DELETE FROM delivery_entry WHERE message_id IN"
                    " (SELECT id FROM delivery_message WHERE node_id = %s)",
                    [self.node.pk],
                )
                cursor.execute(
                    "DELETE FROM delivery_chunk WHERE file_id IN"
                    " (SELECT id FROM delivery_logfile WHERE node_id = %s)",
                    [self.node.pk],
                )
                for table in _OF_NODE:
                    cursor.execute(f"DELETE FROM {table} WHERE node_id = %s", [self.node.pk])  # noqa: S608 - a constant
                for table in _OF_DOMAINS:
                    cursor.execute(f"DELETE FROM {table} WHERE domain_id = ANY(%s)", [list(self.domains)])  # noqa: S608 - a constant
            LogFile.objects.filter(node=self.node).delete()
            accounts = list(Domain.objects.filter(pk__in=self.domains).values_list("account_id", flat=True))
            Domain.objects.filter(pk__in=self.domains).delete()
            Account.objects.filter(pk__in=accounts).delete()
            self.node.delete()
        return {}


def main() -> None:
    made = Made(sys.argv[2])
    do: dict[str, Callable[[dict[str, Any]], dict[str, Any]]] = {
        "make": made.make,
        "lines": made.lines,
        "count": made.count,
        "remove": made.remove,
    }
    for line in sys.stdin:
        asked = json.loads(line)
        sys.stdout.write(json.dumps(do[asked["do"]](asked)) + "\n")
        sys.stdout.flush()
