"""What the tests of DNSSEC share: a node that reports, and a zone above."""

from __future__ import annotations

import base64
import hashlib
from datetime import timedelta
from typing import Any

from django.utils import timezone

from dnszone.dnssec import services, status
from dnszone.dnssec.deciding import Stage, stage
from dnszone.models import SigningKey, SigningWatch, Zone
from provision import kinds
from provision.models import Node, Push

PAGE = "/domains/example.test/zone/dnssec/"
MADE = SigningKey.State.MADE


def dnskey(seed: str) -> str:
    """The rdata of a public key that nobody has the private half of."""
    return f"257 3 13 {base64.b64encode(hashlib.sha512(seed.encode()).digest()).decode()}"


def payload(zone: Zone, node: Node | None = None) -> dict[str, Any]:
    rows = Push.objects.filter(key=f"zone/{zone.name}")
    found = (rows.get(node=node) if node else rows.get()).payload
    assert found is not None
    return dict(found)


def report(zone: Zone, node: Node | None = None, seed: str = "") -> None:
    """The node has applied what is wanted; its keys are made of ``seed``."""
    rows = Push.objects.filter(key=f"zone/{zone.name}")
    push = rows.get(node=node) if node else rows.get()
    push.applied_rev, push.next_try_at = push.desired_rev, None
    push.save()
    wanted = (push.payload or {})["signing"]
    keys = {str(number): {"dnskey": dnskey(f"{push.node_id} {number} {seed}")} for number in wanted}
    kinds.get("zone").on_live(push, {"serial": 1, "keys": keys} if keys else {"serial": 1})
    services.signing_settle(zone=zone)


def above(zone: Zone, *texts: str, ttl: int = 3600, minutes: float = 0) -> None:
    """The zone above was seen to have these DS records, ``minutes`` ago."""
    at = timezone.now() - timedelta(minutes=minutes)
    services.ds_seen(zone=zone, found=texts, ttl=ttl, at=at)


def ds_of(zone: Zone, generation: int) -> list[str]:
    key = SigningKey.objects.get(zone=zone, generation=generation, state=MADE)
    return [key.ds[0]]


def spread(zone: Zone) -> None:
    """As if the keys had been there for a day, and looked at all the time."""
    before = timezone.now() - timedelta(days=1)
    SigningWatch.objects.filter(zone=zone).update(complete_at=before)


def at_stage(zone: Zone) -> Stage:
    return stage(status.of(zone), timezone.now())
