"""What a change of a zone does to others, in words: from the records before and after to one item a name and
type, mail first. Pure."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext as _

from dnszone import managed, names, rdata
from dnszone.effects import mail, other, texts
from dnszone.effects.said import BAD, OK, WAIT, Place, Said
from dnszone.spec import Row

Group = tuple[str, str, str]  # owner, type, what a TXT is for

SHOWN = 200  # more are counted, not told
LINES = 40  # of one item
_ROUTING: Mapping[str, Callable[[], str]] = {
    "automatic": lambda: _("Automatic"),
    "local": lambda: _("Local"),
    "backup": lambda: _("Backup"),
    "remote": lambda: _("Remote"),
    "off": lambda: _("Off"),
}
_ORDER = ("routing", "mx", "host", "spf", "dkim", "dmarc", "program", "web", "handed", "other")


@dataclass(frozen=True, slots=True)
class Effect:
    """``key``: see ``group_of``; empty for Email Routing. ``tone``: ok, wait or bad. ``lines``: (sign,
    record), of which ``more`` are left out."""

    key: Group
    kind: str
    headline: str
    lines: list[tuple[str, str]]
    more: int
    tone: str
    verdict: str
    says: list[str]

    @property
    def icon(self) -> str:
        return {OK: "check", WAIT: "warn", BAD: "cross"}[self.tone]


@dataclass(frozen=True, slots=True)
class Effects:
    """``items``: at most SHOWN; ``hidden``: how many more there are. ``counts``: (type, records that go,
    records that come)."""

    items: list[Effect]
    hidden: int
    counts: list[tuple[str, int, int]]
    mail_before: str
    mail_after: str

    @property
    def mail_moves(self) -> bool:
        return self.mail_before != self.mail_after


def effects(
    zone: str, before: Sequence[Row], after: Sequence[Row], routing: tuple[str, str] = ("", "")
) -> Effects:
    """``routing``: Email Routing now and then, empty when it does not change."""
    gone, come = _differing(before, after)
    groups: dict[Group, tuple[list[Row], list[Row]]] = {}
    for rows, side in ((gone, 0), (come, 1)):
        for row in rows:
            groups.setdefault(group_of(row), ([], []))[side].append(row)
    place = Place(zone, before, after)
    keys = sorted(groups, key=lambda key: (_ORDER.index(_kind(place, key)), key))
    items = [_effect(place, _kind(place, key), key, *groups[key]) for key in keys[:SHOWN]]
    if routing[0] != routing[1]:
        items.insert(0, _routed(*routing))
    out, into = Counter(row.type for row in gone), Counter(row.type for row in come)
    return Effects(
        items,
        max(0, len(keys) - SHOWN),
        [(kind, out[kind], into[kind]) for kind in sorted({*out, *into})],
        place.sentence(before),
        place.sentence(after),
    )


def _differing(before: Sequence[Row], after: Sequence[Row]) -> tuple[list[Row], list[Row]]:
    """What goes and what comes. Rows that are wholly the same are put aside first: nearly all of a large
    zone."""
    old, new = set(before), set(after)
    gone, come = [row for row in before if row not in new], [row for row in after if row not in old]
    olds, news = {row.kept for row in gone}, {row.kept for row in come}
    return [row for row in gone if row.kept not in news], [row for row in come if row.kept not in olds]


def group_of(row: Row) -> Group:
    """What is told as one: the records of a name and type, TXT by what they are for."""
    return row.owner, row.type, mail.purpose(row)


def line(row: Row, *, comment: bool = False) -> str:
    """As in a zone file, in one line: a long TXT in one pair of quotes."""
    value = f'"{rdata.shown("TXT", row.rdata)}"' if row.type == "TXT" else row.rdata
    text = f"{names.shown(row.owner)} {row.ttl} {row.type} {value}"
    return f"{text} ; {row.comment}" if comment and row.comment else text


def _kind(place: Place, key: Group) -> str:
    owner, rtype, purpose = key
    if purpose:
        return purpose
    if rtype == "MX":
        return "mx" if owner == names.APEX else "other"
    if mail.is_program(owner, rtype):
        return "program"
    if rtype in {"A", "AAAA", "CNAME", "ALIAS", "HTTPS"}:
        return "host" if rtype != "HTTPS" and owner in place.mail_hosts else "web"
    return "handed" if rtype in {"NS", "DS"} else "other"


_SAID: Mapping[str, Callable[[Place, tuple[str, str], list[Row], list[Row]], Said]] = {
    "mx": mail.mx_said,
    "host": mail.host_said,
    "spf": texts.spf_said,
    "dkim": texts.dkim_said,
    "dmarc": texts.dmarc_said,
    "program": mail.program_said,
    "web": other.web_said,
    "handed": other.handed_said,
    "other": other.other_said,
}


def _effect(place: Place, kind: str, key: Group, gone: list[Row], come: list[Row]) -> Effect:
    owner, rtype, _purpose = key
    served_before, served_after = {row.served for row in gone}, {row.served for row in come}
    if served_before == served_after:
        said = other.unseen_said(place, (owner, rtype), gone, come)
    elif {row.identity for row in gone} == {row.identity for row in come}:
        said = other.ttl_said(place, (owner, rtype), gone, come)
    else:
        said = _SAID[kind](place, (owner, rtype), gone, come)
    comment = {row.comment for row in gone} != {row.comment for row in come}
    lines = [("-", line(row, comment=comment)) for row in gone] + [
        ("+", line(row, comment=comment)) for row in come
    ]
    shown = [*lines[: min(len(gone), LINES // 2)], *[at for at in lines if at[0] == "+"][: LINES // 2]]
    says = [*said.says, *_handed_over(gone, come)]
    return Effect(key, kind, said.headline, shown, len(lines) - len(shown), said.tone, said.verdict, says)


def _handed_over(gone: Sequence[Row], come: Sequence[Row]) -> list[str]:
    """Records that the panel kept, or keeps from now on."""
    old, new = {row.managed for row in gone} - {""}, {row.managed for row in come} - {""}
    label = next((managed.LABELS[name] for name in sorted(old - new) if name in managed.LABELS), None)
    if label is not None:
        words = (
            _("Kept by the panel until now (%(label)s); from now on yours.")
            if come
            else _("Kept by the panel until now (%(label)s).")
        )
        return [words % {"label": label.name}, str(label.breaks)]
    label = next((managed.LABELS[name] for name in sorted(new - old) if name in managed.LABELS), None)
    if label is not None and gone:
        return [_("The panel keeps it again from now on (%(label)s).") % {"label": label.name}]
    return []


def _routed(before: str, after: str) -> Effect:
    words = {"before": _routing_name(before), "after": _routing_name(after)}
    says = {
        "automatic": _("The panel watches where the MX points, and follows."),
        "local": _("Mail for this domain is delivered into its mailboxes here."),
        "backup": _("Mail that arrives here is kept and handed to the first server of the MX."),
        "remote": _(
            "Mail that this server’s own customers write to this domain goes out, to where the MX points."
        ),
        "off": _("No mail for this domain is taken here."),
    }.get(after, "")
    return Effect(
        ("", "", ""),
        "routing",
        _("Email Routing: %(before)s becomes %(after)s") % words,
        [],
        0,
        WAIT if after == "off" else OK,
        _("Switched with this change"),
        [says] if says else [],
    )


def _routing_name(mode: str) -> str:
    return _ROUTING[mode]() if mode in _ROUTING else mode
