"""People of one test alone: a reseller and its client, or a customer whose domains wait for proof."""

from __future__ import annotations

import contextlib
import email
import email.policy
import json
import re
import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from bench import clients, journey
from bench.stack import Stack
from tests.onstack import Box, House, houses, run_manage

_MAKE = """
import json, sys
from accounts import services
from accounts.models import Account
above = None
for row in json.loads(%r):
    reseller = above if row.pop("is_client") else None
    made = services.account_create(actor=None, reseller=reseller, **row)
    above = above or made
    print(made.pk)
"""
_POOL = {"storage_mb": 9_000, "max_mailboxes": 50, "max_domains": 9}


@dataclass(frozen=True)
class Owner:
    """An account with its owner: ``person`` and ``account`` are names that no other test has."""

    pk: int
    account: str
    person: str
    login: tuple[str, str]


def owners(stack: Stack, *kinds: str) -> list[Owner]:
    """One for each kind: "reseller", "client" (of the reseller before it), "trusted" (a customer, trusted
    with domains as the reseller is), "customer" (whose domains wait for proof)."""
    mark = secrets.token_hex(4)
    rows: list[dict[str, Any]] = []
    for number, kind in enumerate(kinds):
        rows.append(
            {
                "name": f"{kind.title()} {mark}{number}",
                "kind": "reseller" if kind == "reseller" else "customer",
                "is_client": kind == "client",
                "trusted": kind in {"reseller", "trusted"},
                "owner_email": f"e2e-{mark}-{number}@postroom.test",
                "owner_name": f"Ola {mark}{number}",
                "password": secrets.token_urlsafe(18),
                **_POOL,
            }
        )
    keys = run_manage(stack, _MAKE % json.dumps(rows)).split()
    return [
        Owner(int(pk), row["name"], row["owner_name"], (row["owner_email"], row["password"]))
        for pk, row in zip(keys, rows, strict=True)
    ]


@contextlib.contextmanager
def house_of(stack: Stack, owner: Owner) -> Iterator[House]:
    """A domain of theirs, live; gone afterwards."""
    browser = journey.sign_in(stack, *owner.login)
    taken = houses(stack, [browser])
    try:
        yield next(taken)(0)
    finally:
        with contextlib.suppress(StopIteration):
            next(taken)
        browser.close()


def mailed_link(box: Box, subject: str, path: str) -> str:
    """The address below ``path`` in the mail that the panel sent to ``box``, once it is there."""

    def arrived() -> bytes | None:
        return clients.imap_find(box.stack, box.address, box.password, subject)

    raw = clients.until(arrived, within=20, what=f"the mail “{subject}”", every=0.3)
    mail = email.message_from_bytes(raw, policy=email.policy.default)
    body = mail.get_body(("plain",))
    found = re.search(rf"https://\S+{path}\S+", body.get_content() if body else "")
    assert found is not None, raw.decode(errors="replace")
    return found[0]
