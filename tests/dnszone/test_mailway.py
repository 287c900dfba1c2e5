"""What turns the mail of a domain is noticed, whatever type of record does it."""

from __future__ import annotations

from typing import Any

import pytest

from accounts.models import User
from dnszone import mailway
from dnszone.models import Zone
from dnszone.spec import Row


@pytest.mark.parametrize(
    ("owner", "kind", "value", "turns"),
    [
        ("mail", "A", "192.0.2.9", True),
        ("mail", "ALIAS", "elsewhere.test.", True),
        ("mail", "CNAME", "elsewhere.test.", True),
        ("mail", "NS", "ns.elsewhere.test.", True),
        ("@", "MX", "5 elsewhere.test.", True),
        ("sub", "MX", "5 elsewhere.test.", False),
        ("www", "TXT", '"x"', False),
        ("www", "HTTPS", "1 .", False),
    ],
)
def test_the_way_of_the_mail(
    zone: Zone, alice: User, monkeypatch: pytest.MonkeyPatch, owner: str, kind: str, value: str, turns: bool
) -> None:
    asked: list[Any] = []
    monkeypatch.setattr(mailway, "guard_domain", lambda actor, domain: asked.append(domain))
    before = [Row(1, "@", "MX", f"10 mail.{zone.name}.", 3600, "", 0)]
    mailway.guard(alice, zone, before, [*before, Row(None, owner, kind, value, 3600, "", 0)])
    assert bool(asked) == turns
