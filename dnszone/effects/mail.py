"""What a change does to mail, in words: MX and the hosts they name, the set-up of mail programs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _

from dnszone import mx, names, spf
from dnszone.effects.said import ADDRESSES, BAD, OK, WAIT, Place, Said, lasts, values
from dnszone.effects.texts import text_of
from dnszone.spec import Row

Key = tuple[str, str]
_PROGRAMS = ("autoconfig", "autodiscover")
_SERVICES = {
    "_imap",
    "_imaps",
    "_pop3",
    "_pop3s",
    "_submission",
    "_submissions",
    "_sieve",
    "_autodiscover",
    "_jmap",
}
_ORDINALS = (
    lambda: _("First MX: %(old)s becomes %(new)s"),
    lambda: _("Second MX: %(old)s becomes %(new)s"),
    lambda: _("Third MX: %(old)s becomes %(new)s"),
)


def purpose(row: Row) -> str:
    """What a record is for, where its type alone does not say it; or empty."""
    labels = row.owner.split(".")
    if "_domainkey" in labels and row.type in {"TXT", "CNAME"}:
        return "dkim"
    if row.type == "TXT" and labels[0] == "_dmarc":
        return "dmarc"
    head = row.rdata[1:7].lower()  # nearly all else need not be read: a page may tell of 20,000
    whole = head == "v=spf1" or '"' in head
    return "spf" if row.type == "TXT" and whole and spf.is_spf(text_of(row)) else ""


def is_program(owner: str, rtype: str) -> bool:
    first = owner.split(".", maxsplit=1)[0]
    return (rtype == "SRV" and first in _SERVICES) or (rtype in {"A", "AAAA", "CNAME"} and first in _PROGRAMS)


def mx_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    before, after = ([row.rdata for row in side.get(key, [])] for side in (place.old, place.new))
    headline = _mx_headline(before, after, gone, come)
    then = mx.groups(after)
    if not then:
        return Said(headline, BAD, _("Mail loses its way"), [place.sentence(place.new_rows())])
    if then[0][0] == ".":
        says = [_("Senders are told so at once.")]
        if gone:
            says.append(_("Some may still hand in mail for %(span)s.") % {"span": lasts(gone)})
        return Said(headline, BAD, _("No mail is taken any more"), says)
    dark = [target for group in then for target in group if _dark(place, target)]
    if dark:
        missing = _("It has no address in this zone. Add an A record, or mail waits and then goes back.")
        verdict = _("Mail cannot reach %(host)s") % {"host": names.shown(dark[0])}
        return Said(headline, BAD, verdict, [missing])
    now = mx.groups(before)
    if not now or now[0][0] == ".":
        return Said(headline, OK, _("Mail gets a way in"), [place.sentence(place.new_rows())])
    if set(now[0]) == set(then[0]):
        return Said(headline, OK, _("No mail is lost"), _backups(now, then))
    stay = _("Senders may go on to %(old)s for %(span)s after you apply. Keep it running until then.") % {
        "old": _hosts(now[0]),
        "span": lasts(gone or place.old[key]),
    }
    return Said(headline, WAIT, _("Mail goes to %(new)s first") % {"new": _hosts(then[0])}, [stay])


def _mx_headline(before: list[str], after: list[str], gone: list[Row], come: list[Row]) -> str:
    old, new = mx.order([row.rdata for row in gone]), mx.order([row.rdata for row in come])
    if len(old) == len(new) == 1:
        return _one_becomes(mx.order(before).index(old[0]), mx.order(after).index(new[0]), old[0], new[0])
    words = {"old": _hosts([target for _p, target in old]), "new": _hosts([target for _p, target in new])}
    if not old:
        return _("MX: %(new)s added") % words
    if not new:
        return _("MX: %(old)s deleted") % words
    if sorted(target for _p, target in old) == sorted(target for _p, target in new):
        return _("MX: another order")
    return _("MX: %(old)s becomes %(new)s") % words


def _one_becomes(was_at: int, is_at: int, old: tuple[int, str], new: tuple[int, str]) -> str:
    if old[1] == new[1]:
        numbers = {"host": _host(new[1]), "old": old[0], "new": new[0]}
        return _("MX %(host)s: priority %(old)d becomes %(new)d") % numbers
    words = {"old": _host(old[1]), "new": _host(new[1])}
    if was_at == is_at < len(_ORDINALS):
        return _ORDINALS[was_at]() % words
    return _("MX: %(old)s becomes %(new)s") % words


def _backups(now: list[list[str]], then: list[list[str]]) -> list[str]:
    old, new = ({target for group in groups[1:] for target in group} for groups in (now, then))
    says = [_("%(host)s stays the first server.") % {"host": _hosts(then[0])}]
    if new - old:
        says.append(
            _("If it is away, senders hand their mail to %(host)s.") % {"host": _hosts(sorted(new - old))}
        )
    if old - new:
        says.append(_("%(host)s is no longer asked.") % {"host": _hosts(sorted(old - new))})
    if now[0] == then[0] and len(then) == 1 and old:
        says.append(_("Senders keep their mail and try again while it is away."))
    return says


def _dark(place: Place, target: str) -> bool:
    owner = place.inside(target)
    return bool(owner) and not place.has_address(owner)


def _host(target: str) -> str:
    return _("no server") if target == "." else names.shown(target)


def _hosts(targets: Sequence[str]) -> str:
    shown = [_host(target) for target in targets[:3]]
    if len(targets) > 3:
        return _("%(some)s and %(n)d more") % {"some": ", ".join(shown), "n": len(targets) - 3}
    return ", ".join(shown)


def host_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    """The address of a host that an MX record names."""
    owner, rtype = key
    full = place.full(owner)
    if not come:
        headline = _("Mail server %(host)s: %(type)s deleted") % {"host": full, "type": rtype}
        if place.has_address(owner):
            return Said(headline, OK, _("It keeps another address"), [_("Mail reaches it there.")])
        return Said(
            headline,
            BAD,
            _("Mail cannot reach it"),
            [_("Point the MX elsewhere first, or give it an address.")],
        )
    words = {"host": full, "new": values(come)}
    if not any((owner, kind) in place.old for kind in ADDRESSES):
        says = [_("Mail for the domain can reach it there.")]
        return Said(
            _("Mail server %(host)s is at %(new)s") % words, OK, _("The mail server gets an address"), says
        )
    headline = _("Mail server %(host)s: %(new)s") % words
    if not gone:
        return Said(headline, OK, _("One more address"), [_("A mail server has to answer there as well.")])
    says = [
        _("Mail goes to %(new)s. Senders may go on to %(old)s for %(span)s after you apply.")
        % {"new": values(come), "old": values(gone), "span": lasts(gone)}
    ]
    return Said(headline, WAIT, _("The mail server moves"), says)


def program_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    words = {"name": names.shown(key[0]), "new": values(come)}
    if not come:
        says = [_("They ask the person for server and port instead. Programs that are set up go on.")]
        return Said(
            _("%(name)s is deleted") % words, WAIT, _("Mail programs no longer find this by themselves"), says
        )
    headline = _("Mail programs: %(name)s is %(new)s") % words
    says = [_("Programs that are set up already stay as they are.")]
    return Said(headline, WAIT if gone else OK, _("Mail programs find what is there"), says)
