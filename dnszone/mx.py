"""What the MX records of a domain mean, in words. Pure."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from itertools import groupby

from django.utils.translation import gettext as _

from dnszone import names

_FEW = 6  # groups of equal priority that are named one by one


def order(rdatas: Sequence[str]) -> list[tuple[int, str]]:
    """Canonical MX values → (priority, target) in the order in which senders try them (RFC 5321 §5.1)."""
    pairs = (rdata.split(" ") for rdata in rdatas)
    return sorted((int(priority), target) for priority, target in pairs)


def groups(rdatas: Sequence[str]) -> list[list[str]]:
    """The targets, absolute, that share a priority, in the order in which they are tried."""
    return [
        [target for _p, target in group] for _p, group in groupby(order(rdatas), key=lambda entry: entry[0])
    ]


def own_addresses(records: Iterable[tuple[str, str, str]]) -> list[str]:
    """From (owner, type, value) of all records: where mail goes while there is no MX. An ALIAS stands for the
    addresses of its target."""
    here = [(rtype, value) for owner, rtype, value in records if owner == names.APEX]
    aliases = [names.shown(value) for rtype, value in here if rtype == "ALIAS"]
    return [value for rtype, value in here if rtype in {"A", "AAAA"}] + aliases


def sentence(
    domain: str,
    rdatas: Sequence[str],
    mark: Callable[[str], str] = str,
    addresses: Sequence[str] | None = None,
) -> str:
    """One or two sentences for people: where mail goes, and what happens when that does not answer.

    ``domain`` as people read it. ``mark`` dresses each name, for a page that sets them in another face.
    ``addresses``: those of the domain itself, where senders go without MX (RFC 5321 §5.1); None: not known.
    """
    domain = mark(domain)
    tried = groups(rdatas)
    if not tried:
        return _without(domain, None if addresses is None else [mark(address) for address in addresses])
    if tried[0][0] == ".":
        return _("%(domain)s takes no mail: senders are told so at once.") % {"domain": domain}
    said = [_either([mark(names.shown(target)) for target in group]) for group in tried]
    if len(said) == 1:
        words = _("Mail goes to %(first)s.") % {"first": said[0]}
    else:
        template = (
            _("Mail goes first to %(first)s; if it does not answer, to %(next)s.")
            if len(tried[0]) == 1
            else _("Mail goes first to %(first)s; if none of these answers, to %(next)s.")
        )
        rest = said[1:_FEW] + ([_("%(n)d more") % {"n": len(said) - _FEW}] if len(said) > _FEW else [])
        words = template % {"first": said[0], "next": _(", then to ").join(rest)}
    if any(len(group) > 1 for group in tried):
        words += " " + _("Servers with the same priority share the mail: senders pick one at random.")
    return words


def _without(domain: str, addresses: Sequence[str] | None) -> str:
    if addresses is None:
        return _(
            "There is no MX record. Senders then try the address of %(domain)s itself, and most mail will "
            "not arrive. Add one."
        ) % {"domain": domain}
    if not addresses:
        return _(
            "There is no MX record, and %(domain)s has no address of its own: mail for it goes back to the "
            "sender. Add an MX record."
        ) % {"domain": domain}
    return _(
        "There is no MX record. Senders then try the address of %(domain)s itself, %(address)s, and unless a "
        "mail server answers there, mail goes back to the sender. Add an MX record."
    ) % {"domain": domain, "address": _either(addresses[:4])}


def _either(targets: Sequence[str]) -> str:
    if len(targets) == 1:
        return targets[0]
    return _("%(some)s or %(last)s") % {"some": ", ".join(targets[:-1]), "last": targets[-1]}
