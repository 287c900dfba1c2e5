"""Where the DNS of a domain is, from what was seen. Pure."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dnszone.whereis.providers import provider_of
from dnszone.whereis.seen import Names, Seen

HERE, ELSEWHERE, HALF, NOWHERE, UNKNOWN = "here", "elsewhere", "half", "nowhere", "unknown"


@dataclass(frozen=True, slots=True)
class Decision:
    """``servers``: what counts as the domain's name servers. ``reasons``: what is not as it should be, each
    in a sentence."""

    verdict: str
    servers: Names
    reasons: list[str] = field(default_factory=list)


def decide(seen: Seen, ours: Collection[str]) -> Decision:
    """``ours``: names without a last dot. The zone above has the last word; where it cannot be asked, what
    resolvers got from following it."""
    own = {name.lower() for name in ours}
    listed = seen.parent if seen.parent is not None else seen.said
    if listed is None:
        return Decision(UNKNOWN, [])
    children = {server: names for server, names in seen.child.items() if names}
    if seen.said:
        children.setdefault("", seen.said)
    mine = [name for name in listed if name in own]
    others = [name for name in listed if name not in own]
    inside = {name for names in children.values() for name in names} & own
    if not listed:
        return Decision(NOWHERE, [])
    if not mine and not inside:
        return Decision(ELSEWHERE, listed)
    reasons = _mixed(mine, others) or _differing(listed, children)
    if not others and not reasons:
        return Decision(HERE, listed, _silent(mine, seen.answered))
    return Decision(HALF, listed, reasons)


def _mixed(mine: Sequence[str], others: Sequence[str]) -> list[str]:
    if not others or not mine:
        return []
    return [
        _(
            "The registrar lists servers of ours (%(ours)s) and of somebody else (%(theirs)s). Some visitors "
            "and senders get our records, others get theirs."
        )
        % {"ours": joined(mine), "theirs": joined(others)}
    ]


def _differing(listed: Names, children: dict[str, Names]) -> list[str]:
    """RFC 1034 §4.2.2: the zone above and the zone itself name the same servers."""
    reasons = []
    for server, names in children.items():
        if set(names) == set(listed):
            continue
        who = _("%(server)s itself says %(names)s") % {"server": server, "names": joined(names)}
        if not server:
            who = _("the domain’s own servers say %(names)s") % {"names": joined(names)}
        reasons.append(
            _("The registrar lists %(listed)s, but %(who)s.") % {"listed": joined(listed), "who": who}
        )
    return reasons[:3]


def _silent(mine: Sequence[str], answered: Collection[str]) -> list[str]:
    silent = [name for name in mine if name not in answered]
    if not silent:
        return []
    text = ngettext("%(names)s did not answer just now.", "%(names)s did not answer just now.", len(silent))
    return [text % {"names": joined(silent)}]


def joined(names: Sequence[str]) -> str:
    """``a, b and c``"""
    if len(names) < 2:
        return "".join(names)
    return _("%(some)s and %(last)s") % {"some": ", ".join(names[:-1]), "last": names[-1]}


def headline(
    verdict: str, domain: str, servers: Sequence[str], answered: Sequence[str] = (), clock: str = ""
) -> str:
    """One sentence for the head of pages. ``domain`` as people read it; ``clock``: when ``answered`` did."""
    who = provider_of(servers)
    texts = {
        HERE: _("DNS for %(domain)s is hosted here."),
        ELSEWHERE: _("DNS for %(domain)s is at %(who)s, not here.")
        if who
        else _("DNS for %(domain)s is at another provider (%(servers)s), not here."),
        HALF: _("DNS for %(domain)s is half here and half elsewhere."),
        NOWHERE: _("%(domain)s has no name servers yet: nobody finds it."),
    }
    text = texts.get(verdict) or _("Where the DNS of %(domain)s is could not be found out.")
    if verdict == HERE and answered:
        who = joined([_short(name, answered) for name in answered])
        text = (
            _("DNS for %(domain)s is hosted here: %(who)s answered at %(clock)s.")
            if clock
            else _("DNS for %(domain)s is hosted here: %(who)s answered.")
        )
    return text % {"domain": domain, "who": who, "clock": clock, "servers": joined(list(servers))}


def _short(name: str, among: Sequence[str]) -> str:
    """``ns1`` for ns1.provider.example, where that tells them apart."""
    heads = [other.partition(".")[0] for other in among]
    head = name.partition(".")[0]
    return head if heads.count(head) == 1 else name
