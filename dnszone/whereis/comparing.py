"""A record of ours beside what another provider answers. Pure.

Never a false alarm: what works as well is the same, and what nobody knows is no fault."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dnszone import managed, names, rdata
from dnszone.spec import Row
from dnszone.whereis.seen import Seen, There

SAME, FINE, OTHER, MISSING, UNKNOWN = "same", "fine", "other", "missing", "unknown"


@dataclass(frozen=True, slots=True)
class Mark:
    """``there``: what is found instead, as people read it; ``note``: what it means or what to do."""

    state: str
    there: list[str]
    note: str = ""


def essential(row: Row, zone: str, mail_hosts: Collection[str]) -> bool:
    """Whether mail needs it: MX, SPF, DKIM, DMARC, the set-up of mail programs, and the addresses of the mail
    server if it is in this very zone."""
    if row.managed in (managed.MX, managed.SPF, managed.DKIM, managed.DMARC, managed.AUTOCONFIG, managed.SRV):
        return True
    if row.type == "MX":
        return True
    if row.type == "TXT":
        return row.owner == "_dmarc" or "_domainkey" in row.owner or _text(row).lower().startswith("v=spf1")
    return row.type in ("A", "AAAA", "CNAME") and names.absolute(row.owner, zone) in mail_hosts


def compared(row: Row, rows: Sequence[Row], seen: Seen) -> Mark:
    """``rows``: all of ours."""
    there = seen.at(row.owner, row.type)
    if there is None:
        return Mark(UNKNOWN, [], _("No answer, so nobody knows. Look again in a while."))
    if there.alias and row.type in ("A", "AAAA"):
        return Mark(OTHER, [f"CNAME {there.alias}"])
    if row.type == "CNAME":
        return _cname(row, there, seen)
    if row.type == "MX":
        return _mx(row, [other for other in rows if other.rrset == row.rrset], there)
    same = {"TXT": _txt, "SRV": _srv}.get(row.type, _others)
    return same(row, there)


def _others(row: Row, there: There) -> Mark:
    return _plainly(_plain(row.rdata) in {_plain(value) for value in there.values}, there.values)


def _plainly(same: bool, values: Sequence[str]) -> Mark:
    if same:
        return Mark(SAME, [])
    return Mark(OTHER, list(values)[:5]) if values else Mark(MISSING, [])


def _plain(text: str) -> str:
    """Case, blanks and a dot at the end make no other value."""
    return " ".join(word.removesuffix(".") for word in text.lower().split())


def _mx(row: Row, ours: Sequence[Row], there: There) -> Mark:
    """RFC 5321 §5.1: senders see an order, not numbers."""
    found = {_plain(value) for value in there.values}
    if _plain(row.rdata) in found or _order(value for value in found) == _order(o.rdata for o in ours):
        others = found - {_plain(other.rdata) for other in ours}
        foreign = sorted(value for value in others if value.split()[-1] not in _hosts(ours))
        if foreign:
            return Mark(
                FINE, foreign, _("It is there, beside others. Take those away when all mail shall come here.")
            )
        return Mark(SAME, [])
    return _plainly(False, sorted(found))


def _hosts(rows: Sequence[Row]) -> set[str]:
    return {_plain(row.rdata).split()[-1] for row in rows}


def _order(values: Iterable[str]) -> list[str]:
    pairs = sorted((int(value.split()[0]), _plain(value).split()[-1]) for value in values)
    return [host for _number, host in pairs]


def _srv(row: Row, there: There) -> Mark:
    """Port and server; priority and weight are the other provider's to choose."""
    mine = _plain(row.rdata).split()[2:]
    return _plainly(any(_plain(value).split()[2:] == mine for value in there.values), there.values)


def _cname(row: Row, there: There, seen: Seen) -> Mark:
    """Some providers answer with the target's addresses instead (flattening)."""
    target = rdata.target("CNAME", row.rdata).removesuffix(".")
    if there.alias:
        return _plainly(there.alias == target, [f"CNAME {there.alias}"])
    if not there.values:
        return Mark(MISSING, [])
    leads = set(seen.targets.get(target, []))
    if leads & set(there.values):
        return Mark(SAME, [], _("As an address instead of a CNAME: that works as well."))
    return Mark(OTHER, list(there.values)[:5])


def _txt(row: Row, there: There) -> Mark:
    mine = _text(row)
    values = list(there.values)
    if _words(mine) in {_words(value) for value in values}:
        return Mark(SAME, [])
    if mine.lower().startswith("v=spf1"):
        return _spf(mine, [value for value in values if value.lower().split(" ")[0] == "v=spf1"])
    if mine.lower().startswith("v=dmarc1"):
        found = [value for value in values if value.lower().startswith("v=dmarc1")]
        return Mark(FINE, found, _("There is one of its own: that is fine.")) if found else Mark(MISSING, [])
    if "_domainkey" in row.owner:
        found = [value for value in values if _key_of(value)]
        if any(_key_of(value) == _key_of(mine) for value in found):
            return Mark(SAME, [])
        return _plainly(False, found)
    # Other texts of that name concern nobody here.
    return _plainly(False, values if row.owner != names.APEX else [])


def _spf(mine: str, found: Sequence[str]) -> Mark:
    """RFC 7208 §4.5: one record; ours among others' terms is as good."""
    if not found:
        return Mark(MISSING, [])
    if len(found) > 1:
        return Mark(
            OTHER, list(found)[:3], _("There are several SPF records, which counts as none. Make them one.")
        )
    needed = [term for term in mine.split()[1:] if not re.fullmatch(r"[-~?+]?all", term.lower())]
    theirs = {term.lower().removeprefix("+") for term in found[0].split()[1:]}
    lacking = [term for term in needed if term.lower().removeprefix("+") not in theirs]
    if not lacking:
        return Mark(SAME, [])
    note = _("Keep what is there and put %(terms)s in front of its end (-all, ~all or ?all).")
    return Mark(OTHER, list(found), note % {"terms": " ".join(lacking)})


def _key_of(text: str) -> str:
    """The public key of a DKIM record (RFC 6376 §3.6.1), however it is split and spaced."""
    tags = dict(part.split("=", 1) for part in text.split(";") if "=" in part)
    return next(("".join(value.split()) for tag, value in tags.items() if tag.strip() == "p"), "")


def _words(text: str) -> str:
    return " ".join(text.split())


def _text(row: Row) -> str:
    return rdata.shown("TXT", row.rdata)
