"""A domain that waits for proof, on the running stack: no server knows it."""

from __future__ import annotations

import secrets
from collections.abc import Callable
from typing import Any

import pytest

from bench import clients
from tests.onstack import House, answer_to_rcpt, run_manage, word

pytestmark = pytest.mark.nodes

WAITS = """
from accounts.domains import claims
from accounts.models import Account
account, _made = Account.objects.get_or_create(name="Waiting {name}")
claims.claim_make(actor=None, account=account, name="{name}")
"""
PROVED = """
from accounts.models import Domain, DomainClaim
from panel import lifecycle
lifecycle.claim_prove(actor=None, claim=DomainClaim.objects.get(name="{name}"), proof=Domain.Proof.TXT)
"""
GONE = """
from accounts.models import Account, Domain
from panel import lifecycle
for domain in Domain.objects.filter(name="{name}"):
    lifecycle.domain_delete(actor=None, domain=domain)
Account.objects.filter(name="Waiting {name}").delete()
"""


def test_until_it_is_proved_mail_for_it_leaves_by_its_own_way(
    house: House, wait_for: Callable[..., Any]
) -> None:
    name, subject = f"waits-{secrets.token_hex(4)}.test", word()
    ana = house.box("ana")
    run_manage(house.stack, WAITS.format(name=name))
    try:
        code, text = answer_to_rcpt(house.stack, f"ana@{name}")
        assert code in {454, 554}, text
        assert "relay" in text.lower()
        assert not clients.ask(house.stack, name, "SOA")

        ana.send(f"ana@{name}", subject)
        rows = wait_for(lambda: [row for row in house.tracked(name) if "ana" in row])
        assert not any("Delivered" in row for row in rows)

        run_manage(house.stack, PROVED.format(name=name))
        wait_for(lambda: clients.ask(house.stack, name, "SOA"))
        # Another address: Postfix's resolve client remembers the last one it was asked for, for 30 s.
        wait_for(lambda: "unknown" in answer_to_rcpt(house.stack, f"ben@{name}")[1].lower())
    finally:
        run_manage(house.stack, GONE.format(name=name))
