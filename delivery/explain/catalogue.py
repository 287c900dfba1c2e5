"""All entries, in the order in which they are looked for: what this server says itself, then what one
provider alone says, then what many say, then what says little. Pure."""

from __future__ import annotations

from types import ModuleType

from delivery.explain.causes import (
    addresses,
    auth,
    blocklists,
    connection,
    content,
    delivered,
    dns,
    filters,
    gmail,
    gmail_recipients,
    gmx_webde_ionos,
    greylisting,
    hosters,
    icloud,
    loops,
    microsoft,
    microsoft_recipients,
    ours_arriving,
    ours_either,
    ours_inside,
    ours_sending,
    ours_strangers,
    policy,
    proton_and_others,
    rate,
    size_quota,
    their_side,
    yahoo_aol,
)
from delivery.explain.kinds import Cause

# Where the answer says nothing that is known: by its code alone (RFC 3463 §3, RFC 5248, RFC 7372, RFC 7505).
FALLBACK = {
    "1.1": "unknown-user",
    "1.2": "no-such-domain",
    "1.3": "address-not-allowed",
    "1.4": "recipient-ambiguous",
    "1.6": "address-moved",
    "1.7": "sender-refused",
    "1.8": "sender-domain-unknown",
    "1.10": "null-mx",
    "2.1": "address-disabled",
    "2.2": "mailbox-full",
    "2.3": "too-big",
    "3.1": "their-disk-full",
    "3.2": "their-server-busy",
    "3.4": "too-big",
    "3.5": "their-trouble",
    "4.1": "connection-timed-out",
    "4.2": "connection-lost",
    "4.3": "dns-later",
    "4.4": "no-such-domain",
    "4.5": "their-server-busy",
    "4.6": "too-many-hops",
    "5.1": "not-understood",
    "5.2": "not-understood",
    "5.3": "too-many-recipients",
    "5.4": "not-understood",
    "6.0": "malformed-mail",
    "6.1": "malformed-mail",
    "6.7": "letters-not-taken",
    "7.0": "refused-by-policy",
    "7.1": "refused-by-policy",
    "7.10": "tls-demanded",
    "7.20": "dkim-refused",
    "7.21": "dkim-refused",
    "7.22": "dkim-refused",
    "7.23": "spf-refused",
    "7.24": "spf-broken",
    "7.25": "name-missing",
    "7.28": "slowed-down",
    "7.29": "arc-refused",
    "7.30": "tls-not-offered",
}
_PARTS: tuple[tuple[ModuleType, str], ...] = (
    (delivered, "CAUSES"),
    (loops, "CAUSES"),
    (ours_sending, "CAUSES"),
    (ours_either, "CAUSES"),
    (ours_arriving, "CAUSES"),
    (ours_strangers, "CAUSES"),
    (ours_either, "LATE"),
    (ours_inside, "CAUSES"),
    (connection, "CAUSES"),
    (dns, "CAUSES"),
    (gmail, "CAUSES"),
    (gmail_recipients, "CAUSES"),
    (microsoft, "CAUSES"),
    (microsoft_recipients, "CAUSES"),
    (yahoo_aol, "CAUSES"),
    (icloud, "CAUSES"),
    (gmx_webde_ionos, "CAUSES"),
    (proton_and_others, "CAUSES"),
    (hosters, "CAUSES"),
    (greylisting, "CAUSES"),
    (addresses, "EARLY"),
    (filters, "CAUSES"),
    (blocklists, "CAUSES"),
    (size_quota, "CAUSES"),
    (auth, "CAUSES"),
    (addresses, "CAUSES"),
    (rate, "CAUSES"),
    (content, "CAUSES"),
    (policy, "CAUSES"),
    (their_side, "CAUSES"),
    (policy, "LAST"),
)


def _families() -> dict[str, tuple[Cause, ...]]:
    found: dict[str, tuple[Cause, ...]] = {}
    for module, part in _PARTS:
        name = module.__name__.rpartition(".")[2]
        found[name] = (*found.get(name, ()), *getattr(module, part))
    return found


FAMILIES = _families()
CATALOGUE: tuple[Cause, ...] = tuple(cause for module, part in _PARTS for cause in getattr(module, part))
BY_SLUG: dict[str, Cause] = {cause.slug: cause for cause in (*CATALOGUE, *delivered.BY_STATUS)}
