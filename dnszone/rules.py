"""The rules of DNS over a whole zone after a change: pure, so that an editor, an import and a preset keep the
same ones.

The database keeps those that a constraint can say (models.Record.Meta); these say what to do instead,
first.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Collection, Iterable, Sequence

from django.utils.translation import gettext as _

from dnszone import names, rdata
from dnszone.spec import Row
from lib.errors import Refused

RRSET_BYTES = 60_000  # a whole RRset has to fit into one answer over TCP: 65,535 octets (RFC 1035 §4.2.2)
ZONE_RECORDS = 20_000

Key = tuple[str, str]  # owner, type


def check(zone: str, rows: Collection[Row], touched: Collection[Key]) -> None:
    """Raises Refused unless the zone may look like ``rows``. Only RRsets in ``touched`` can have become
    wrong, or those that point at a touched name."""
    if len(rows) > ZONE_RECORDS:
        raise Refused(_("A zone holds %(max)d records at most. Delete some first.") % {"max": ZONE_RECORDS})
    by_owner: dict[str, list[Row]] = defaultdict(list)
    for row in rows:
        by_owner[row.owner].append(row)
    for owner, rtype in touched:
        here = by_owner.get(owner, [])
        rrset = [row for row in here if row.type == rtype]
        if rrset:
            _owner_fits_type(owner, rtype)
            _no_duplicates(rrset)
            _cname_alone(here)
            _null_mx_alone(rrset)
            _fits_one_answer(rrset)
    _targets_are_no_aliases(zone, rows, touched)
    _no_alias_circle(zone, rows, touched)


def _owner_fits_type(owner: str, rtype: str) -> None:
    if rtype == "CNAME" and owner == names.APEX:
        raise Refused(
            _("The domain itself cannot be a CNAME, since it has name servers. Use an A or AAAA record."),
            "owner",
        )
    if rtype == "NS" and owner == "*":
        raise Refused(
            _("A star cannot be handed to other name servers. Write the subdomain’s name."), "owner"
        )
    if rtype == "SRV" and not _is_service(owner):
        raise Refused(
            _("The name of an SRV record starts with service and protocol, such as _imaps._tcp."), "owner"
        )


def _is_service(owner: str) -> bool:
    labels = owner.removeprefix("*.").split(".")
    return len(labels) >= 2 and all(label.startswith("_") for label in labels[:2])


def _no_duplicates(rrset: Sequence[Row]) -> None:
    if len({row.rdata for row in rrset}) < len(rrset):
        row = rrset[0]
        raise Refused(
            _("There is the same %(type)s record already.") % {"type": row.type},
            rdata.TYPES[row.type].fields[-1].name,
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


def _null_mx_alone(rrset: Sequence[Row]) -> None:
    """RFC 7505 §3."""
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


def _targets_are_no_aliases(zone: str, rows: Iterable[Row], touched: Collection[Key]) -> None:
    """RFC 2181 §10.3, RFC 5321 §5.1, RFC 2782: what MX, NS and SRV point to has addresses and is no CNAME."""
    aliases = {names.absolute(row.owner, zone): row.rrset for row in rows if row.type == "CNAME"}
    if not aliases:
        return
    for row in rows:
        if row.type == "CNAME" or (alias := aliases.get(rdata.target(row.type, row.rdata))) is None:
            continue
        if row.rrset in touched:
            raise alias_as_target(rdata.target(row.type, row.rdata))
        if alias in touched:
            raise Refused(
                _(
                    "%(type)s at “%(owner)s” points to this name, and it may not point to a CNAME. Use an A "
                    "or AAAA record."
                )
                % {"type": row.type, "owner": row.owner},
                "owner",
            )


def _no_alias_circle(zone: str, rows: Iterable[Row], touched: Collection[Key]) -> None:
    """RFC 1034 §5.2.2: an alias that leads back to itself has no answer."""
    points = {
        names.absolute(row.owner, zone): rdata.target("CNAME", row.rdata)
        for row in rows
        if row.type == "CNAME"
    }
    for owner, rtype in touched:
        start = at = names.absolute(owner, zone)
        seen: set[str] = set()
        while rtype == "CNAME" and at in points and at not in seen:
            seen.add(at)
            at = points[at]
            if at == start:
                raise Refused(
                    _("This leads back to itself, so it would have no answer. Write another name."), "target"
                )


def alias_as_target(target: str) -> Refused:
    return Refused(
        _("%(target)s is a CNAME, which is not allowed here. Write the name that it stands for.")
        % {"target": names.shown(target)},
        "target",
    )
