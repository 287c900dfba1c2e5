"""What the MX records of a domain mean, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from itertools import groupby

from django.utils.translation import gettext as _

from dnszone import names


def order(rdatas: Sequence[str]) -> list[tuple[int, str]]:
    """Canonical MX values → (priority, target) in the order in which senders try them (RFC 5321 §5.1)."""
    pairs = (rdata.split(" ") for rdata in rdatas)
    return sorted((int(priority), target) for priority, target in pairs)


def sentence(domain: str, rdatas: Sequence[str], mark: Callable[[str], str] = str) -> str:
    """One or two sentences for people: where mail goes, and what happens when that does not answer.

    ``domain`` as people read it. ``mark`` dresses each name, for a page that sets them in another face.
    """
    domain = mark(domain)
    entries = order(rdatas)
    if not entries:
        return _(
            "There is no MX record. Senders then try the address of %(domain)s itself, and most mail will "
            "not arrive. Add one."
        ) % {"domain": domain}
    if entries[0][1] == ".":
        return _("%(domain)s takes no mail: senders are told so at once.") % {"domain": domain}
    groups = [
        [mark(names.shown(target)) for _priority, target in group]
        for _p, group in groupby(entries, key=lambda entry: entry[0])
    ]
    first = _("Mail goes first to %(first)s") if len(groups) > 1 else _("Mail goes to %(first)s")
    parts = [first % {"first": _either(groups[0])}]
    if len(groups) > 1:
        away = (
            _("if it does not answer, to %(next)s")
            if len(groups[0]) == 1
            else _("if none of these answers, to %(next)s")
        )
        parts.append(away % {"next": _(", then to ").join(_either(group) for group in groups[1:4])})
    words = "; ".join(parts) + "."
    if any(len(group) > 1 for group in groups):
        words += " " + _("Servers with the same priority share the mail: senders pick one at random.")
    return words


def _either(targets: Sequence[str]) -> str:
    if len(targets) == 1:
        return targets[0]
    return _("%(some)s or %(last)s") % {"some": ", ".join(targets[:-1]), "last": targets[-1]}
