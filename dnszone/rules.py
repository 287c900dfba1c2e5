"""The rules of DNS over a whole zone after a change: pure, so that an editor, an import and a preset keep the
same ones.

The database keeps those that a constraint can say (models.Record.Meta); these say what to do instead,
first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dnszone import names, rdata
from dnszone.spec import Row
from lib.errors import Refused

RRSET_BYTES = 60_000  # a whole RRset has to fit into one answer over TCP: 65,535 octets (RFC 1035 §4.2.2)
ZONE_RECORDS = 20_000
ZONE_BYTES = 10_000_000  # of values; PowerDNS takes a zone as one change (webserver-max-bodysize)

Key = tuple[str, str]  # owner, type
_ALIASES = ("CNAME", "ALIAS")


def check(zone: str, rows: Collection[Row], touched: Collection[Key]) -> None:
    """Raises Refused unless the zone may look like ``rows``. Only RRsets in ``touched`` can have become
    wrong, or those that point at a touched name."""
    if len(rows) > ZONE_RECORDS:
        raise Refused(_("A zone holds %(max)d records at most. Delete some first.") % {"max": ZONE_RECORDS})
    if sum(len(row.rdata) for row in rows) > ZONE_BYTES:
        raise Refused(
            _("The values of a zone hold %(max)d MB at most. Delete some first.")
            % {"max": ZONE_BYTES // 1_000_000}
        )
    by_owner: dict[str, list[Row]] = defaultdict(list)
    owners = {owner for owner, _type in touched}
    for row in rows:
        if row.owner in owners:
            by_owner[row.owner].append(row)
    for owner, rtype in touched:
        here = by_owner.get(owner, [])
        rrset = [row for row in here if row.type == rtype]
        if rrset:
            _owner_fits_type(owner, rtype)
            _no_duplicates(rrset)
            _cname_alone(here)
            _alias_alone(here)
            _null_target_alone(rrset)
            _fits_one_answer(rrset)
        if rtype in ("DS", "NS"):
            _ds_has_ns(owner, here)
    _no_alias_circle(zone, rows, touched)


def _owner_fits_type(owner: str, rtype: str) -> None:
    if rtype == "SOA":
        raise Refused(_("The SOA record is the panel’s: it keeps the serial number."), "type")
    if owner == names.APEX and rtype == "CNAME":
        raise Refused(
            _(
                "The domain itself cannot be a CNAME, since it has name servers. Use an A or AAAA record, or "
                "an ALIAS."
            ),
            "owner",
        )
    if owner == names.APEX and rtype == "DS":
        raise Refused(
            _(
                "The DS of the domain itself stands with its registrar, not here. Write a subdomain’s name, "
                "or see the page DNSSEC."
            ),
            "owner",
        )
    if rtype in _NO_STAR and owner.startswith("*"):
        raise Refused(_NO_STAR[rtype], "owner")
    if rtype == "SRV" and not _is_service(owner):
        raise Refused(
            _("The name of an SRV record starts with service and protocol, such as _imaps._tcp."), "owner"
        )


_DELEGATED_STAR = gettext_lazy(
    "A star cannot be handed to other name servers. Write the subdomain’s name."
)  # RFC 4592 §4.2, §4.6
_NO_STAR: dict[str, Any] = {
    "NS": _DELEGATED_STAR,
    "DS": _DELEGATED_STAR,
    "ALIAS": gettext_lazy(
        "A star cannot be an ALIAS: it would have no answer. Use a CNAME, or write the name."
    ),
}


def _is_service(owner: str) -> bool:
    labels = owner.removeprefix("*.").split(".")
    return len(labels) >= 2 and all(label.startswith("_") for label in labels[:2])


def _no_duplicates(rrset: Sequence[Row]) -> None:
    if len({row.rdata for row in rrset}) < len(rrset):
        row = rrset[0]
        raise Refused(
            _("There is the same %(type)s record already.") % {"type": row.type}, rdata.TYPES[row.type].last
        )


def _cname_alone(here: Sequence[Row]) -> None:
    """RFC 1034 §3.6.2."""
    if len(here) < 2 or not any(row.type == "CNAME" for row in here):
        return
    others = sorted({row.type for row in here if row.type != "CNAME"})
    if others:
        message = _(
            "A CNAME stands alone at its name, and “%(owner)s” would also have %(types)s. Use another name, "
            "or delete those first."
        )
    else:
        message = _("A name has one CNAME only, and “%(owner)s” has one already. Change that one.")
    raise Refused(message % {"owner": here[0].owner, "types": ", ".join(others)}, "owner")


def _alias_alone(here: Sequence[Row]) -> None:
    """PowerDNS makes A and AAAA of an ALIAS: one for each name, and none beside it."""
    aliases = [row for row in here if row.type == "ALIAS"]
    if not aliases:
        return
    if len(aliases) > 1:
        raise Refused(
            _("A name has one ALIAS only, and “%(owner)s” has one already. Change that one.")
            % {"owner": here[0].owner},
            "owner",
        )
    if beside := sorted({row.type for row in here} & {"A", "AAAA"}):
        raise Refused(
            _(
                "An ALIAS gives “%(owner)s” its addresses, so %(types)s cannot stand beside it. Delete those "
                "first, or use no ALIAS."
            )
            % {"owner": here[0].owner, "types": ", ".join(beside)},
            "owner",
        )


def _ds_has_ns(owner: str, here: Sequence[Row]) -> None:
    """RFC 4035 §2.4: a DS stands where a subdomain is handed over, and nowhere else."""
    kinds = {row.type for row in here}
    if owner != names.APEX and "DS" in kinds and "NS" not in kinds:
        raise Refused(
            _(
                "A DS record belongs to a subdomain that other name servers answer for, and “%(owner)s” has "
                "no NS record. Add its NS records first; before they go, delete the DS."
            )
            % {"owner": owner},
            "owner",
        )


def _null_target_alone(rrset: Sequence[Row]) -> None:
    """RFC 7505 §3 for MX, RFC 2782 for SRV: a lone dot says that there is nothing here."""
    if rrset[0].type == "SRV" and len(rrset) > 1 and any(row.rdata.endswith(" .") for row in rrset):
        raise Refused(
            _("A lone dot as server means: not offered here. It cannot stand beside other SRV records."),
            "target",
        )
    nulls = [row for row in rrset if row.type == "MX" and row.rdata.endswith(" .")]
    if nulls and len(rrset) > 1:
        raise Refused(
            _("A lone dot as destination means: no mail at all. It cannot stand beside other MX records."),
            "target",
        )
    if nulls and nulls[0].rdata != "0 .":
        raise Refused(
            _("A lone dot as destination means: no mail at all. Its priority has to be 0."), "priority"
        )


def _fits_one_answer(rrset: Sequence[Row]) -> None:
    if len(rrset) > 1 and sum(rdata.wire_size(row.type, row.rdata) + 12 for row in rrset) > RRSET_BYTES:
        raise Refused(
            _(
                "There are too many %(type)s records at “%(owner)s” for one answer. Spread them over "
                "several names."
            )
            % {"type": rrset[0].type, "owner": rrset[0].owner},
            "owner",
        )


def _no_alias_circle(zone: str, rows: Iterable[Row], touched: Collection[Key]) -> None:
    """RFC 1034 §5.2.2: an alias that leads back to itself has no answer."""
    changed = {names.absolute(owner, zone) for owner, rtype in touched if rtype in _ALIASES}
    if not changed:
        return
    points = {
        names.absolute(row.owner, zone): rdata.target(row.type, row.rdata)
        for row in rows
        if row.type in _ALIASES
    }
    sure: set[str] = set()  # leads out of here: each alias is followed once, however long the chains are
    for start in changed:
        at = start
        seen: dict[str, int] = {}
        while at in points and at not in seen and at not in sure:
            seen[at] = len(seen)
            at = points[at]
        if at in seen and changed & {name for name, place in seen.items() if place >= seen[at]}:
            raise Refused(
                _("This leads back to itself, so it would have no answer. Write another name."), "target"
            )
        sure.update(seen)
