"""What another provider answers that is not here: to be taken over before the name servers change. Pure."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from dnszone import changeset, names, rdata
from dnszone.spec import DEFAULT_TTL, Change, RecordSpec, Row, spec_of
from dnszone.whereis.comparing import essential
from dnszone.whereis.live import ASKS_MAX
from dnszone.whereis.seen import Seen, There
from lib.errors import Refused

# Names that domains often have, and keys of well-known mail services.
_COMMON = [("@", kind) for kind in ("A", "AAAA", "MX", "TXT", "CAA")] + [("www", "A"), ("www", "AAAA")]
_OFTEN = [
    *(
        (name, "A")
        for name in ("mail", "webmail", "ftp", "shop", "blog", "smtp", "imap", "cpanel", "m", "api")
    ),
    ("_dmarc", "TXT"),
    *((f"{key}._domainkey", "TXT") for key in ("default", "google", "selector1", "selector2", "mail", "k1")),
]
_ALONE = {"A", "AAAA", "CNAME", "MX"}  # what is taken over takes the place of ours


@dataclass(frozen=True, slots=True)
class Difference:
    """``come``: rows that are there and not here; ``here``: ours of that name, which they would stand beside
    or, for addresses and MX, replace. ``digest`` stands for this very difference."""

    owner: str
    type: str
    come: list[Row]
    here: list[Row]

    @property
    def digest(self) -> str:
        text = "\n".join([self.owner, self.type, *sorted(row.rdata for row in self.come)])
        return hashlib.sha256(text.encode()).hexdigest()[:16]

    @property
    def replaces(self) -> list[Row]:
        """Ours that would be one too many beside ``come``: SPF and DMARC exist once (RFC 7208 §4.5, RFC 7489
        §6.6.3)."""
        if self.type in _ALONE:
            return self.here
        come = {one for row in self.come if (one := _once(row))}
        return [row for row in self.here if _once(row) in come]

    @property
    def changes(self) -> list[Change]:
        gone = [Change(record=row.pk) for row in self.replaces]
        return gone + [Change(spec=spec_of(row.entry)) for row in self.come]


def _once(row: Row) -> str:
    """``v=spf1`` or ``v=dmarc1`` for such a record; else nothing."""
    words = rdata.shown("TXT", row.rdata).lower().replace(";", " ").split() if row.type == "TXT" else []
    return words[0] if words and words[0] in ("v=spf1", "v=dmarc1") else ""


def asks(rows: Sequence[Row], zone: str, mail_hosts: Iterable[str]) -> list[tuple[str, str]]:
    """What to ask the other provider for: what mail needs, what everybody has, what else we have, what many
    have; ASKS_MAX at most. A CNAME is asked for as A, which brings either."""
    hosts = set(mail_hosts)
    needed = [row for row in rows if essential(row, zone, hosts)]
    rest = [row for row in rows if not changeset.is_locked(row) and not row.owner.startswith("*")]
    wanted = [*(_asked(row) for row in needed), *_COMMON, *(_asked(row) for row in rest), *_OFTEN]
    return list(dict.fromkeys(wanted))[:ASKS_MAX]


def _asked(row: Row) -> tuple[str, str]:
    return row.owner, "A" if row.type == "CNAME" else row.type


def differences(rows: Sequence[Row], zone: str, seen: Seen) -> list[Difference]:
    """By name; nothing for what nobody answered. What cannot stand in a zone here is left out."""
    found: list[Difference] = []
    for name, there in sorted(seen.found.items()):
        owner, _space, rtype = name.rpartition(" ")
        if there is None:
            continue
        come = _rows(owner, rtype, there, zone)
        kind = "CNAME" if there.alias else rtype
        here = [
            row for row in rows if row.owner == owner and (row.type == kind or "CNAME" in (row.type, kind))
        ]
        have = {_loosely(row) for row in here}
        new = [row for row in come if _loosely(row) not in have]
        if _flattened(here, there, seen):
            continue
        double = any(one.owner == owner and one.type == kind for one in found)
        if new and not double and not (kind == "CNAME" and owner == names.APEX):
            found.append(Difference(owner, kind, new, here))
    return found


def _flattened(here: Sequence[Row], there: There, seen: Seen) -> bool:
    """Whether the other provider has addresses in the place of a CNAME of ours."""
    targets = [rdata.target("CNAME", row.rdata).removesuffix(".") for row in here if row.type == "CNAME"]
    return any(set(there.values) & set(seen.targets.get(target, [])) for target in targets)


def _loosely(row: Row) -> tuple[str, str]:
    return row.type, " ".join(rdata.shown(row.type, row.rdata).lower().split())


def _rows(owner: str, rtype: str, there: There, zone: str) -> list[Row]:
    values = [(("CNAME"), f"{there.alias}.")] if there.alias else [(rtype, value) for value in there.values]
    ttl = there.ttl if 60 <= there.ttl <= 604_800 else DEFAULT_TTL
    result = []
    for kind, value in values[:50]:
        try:
            result.append(
                changeset.canonical_row(RecordSpec(owner=owner, type=kind, rdata=value, ttl=ttl), zone)
            )
        except Refused:
            continue
    return result
