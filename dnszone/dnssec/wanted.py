"""What every name server shall do about signing a zone."""

from __future__ import annotations

from dnszone.models import SigningKey, Zone, ZoneSigning


def of(zone: Zone) -> tuple[list[int], list[str]]:
    """For contract.Zone: the generations of keys, and the public keys of all name servers once there are
    several (RFC 8901 §2.1.2): alone, one has nothing to publish for others."""
    signing = ZoneSigning.objects.filter(zone=zone).first()
    if signing is None or not signing.generations:
        return [], []
    keys = SigningKey.objects.filter(
        zone=zone, state=SigningKey.State.MADE, generation__in=signing.generations, node__isnull=False
    )
    by_node: dict[int | None, list[str]] = {}
    for key in keys:
        by_node.setdefault(key.node_id, []).append(key.dnskey)
    texts = sorted({text for found in by_node.values() for text in found}) if len(by_node) > 1 else []
    return list(signing.generations), texts
