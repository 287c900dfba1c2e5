"""What a change does to mail, in words: MX and the hosts they name, SPF, DKIM, DMARC, the set-up of mail
programs. Pure."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dnszone import mx, names, rdata, spf
from dnszone.effects.said import ADDRESSES, BAD, OK, WAIT, Place, Said, lasts, values
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


def text_of(row: Row) -> str:
    return rdata.shown("TXT", row.rdata)


def purpose(row: Row) -> str:
    """What a record is for, where its type alone does not say it; or empty."""
    labels = row.owner.split(".")
    if "_domainkey" in labels and row.type in {"TXT", "CNAME"}:
        return "dkim"
    if row.type == "TXT" and labels[0] == "_dmarc":
        return "dmarc"
    return "spf" if row.type == "TXT" and spf.is_spf(text_of(row)) else ""


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


def spf_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    after = [text for row in place.new.get(key, []) if spf.is_spf(text := text_of(row))]
    old, new = ([term for row in rows for term in spf.terms(text_of(row))[0]] for rows in (gone, come))
    before_keys, after_keys = {t.key for t in old}, {t.key for t in new}
    may = [_sender(place, t) for t in new if t.key not in before_keys and _passes(t)]
    may_not = [_sender(place, t) for t in old if t.key not in after_keys and _passes(t)]
    headline = _spf_headline(may, may_not, bool(gone), bool(come))
    if not after:
        says = [_("Other servers can no longer tell your mail from forged mail, and may refuse it.")]
        return Said(headline, BAD, _("No server is named as yours"), says)
    if len(after) > 1:
        return Said(
            headline,
            BAD,
            _("%(n)d SPF records") % {"n": len(after)},
            [_("Other servers take none of them then. Make one of them.")],
        )
    broken, cost = spf.terms(after[0])[1], spf.lookups(after[0])
    if broken:
        says = [_("“%(part)s” is not SPF, so other servers ignore the record.") % {"part": broken[0][:80]}]
        return Said(headline, BAD, _("It cannot be read"), says)
    uses = ngettext(
        "Uses %(n)d of the 10 look-ups that SPF allows, and what it includes uses more.",
        "Uses %(n)d of the 10 look-ups that SPF allows, and what it includes uses more.",
        cost,
    ) % {"n": cost}
    if cost > spf.LOOKUPS_MAX:
        return Said(headline, BAD, _("Too many look-ups"), [uses])
    return _spf_verdict(headline, may, may_not, _all_of(after[0]), uses)


def _spf_verdict(headline: str, may: list[str], may_not: list[str], rest: str, uses: str) -> Said:
    ends = {
        "+": _("Anybody may send in your name: the last word of it says so."),
        "?": _("It says nothing about other senders."),
        "~": _("Mail from elsewhere is marked as doubtful."),
        "-": _("Mail from elsewhere is refused."),
    }.get(rest, "")
    if rest == "+":
        return Said(headline, BAD, _("It protects nobody"), [ends, uses])
    if may_not:
        says = _("Mail from %(who)s may be taken for forged from now on.") % {"who": ", ".join(may_not[:3])}
        return Said(headline, WAIT, _("Fewer may send"), [says, uses])
    if may:
        return Said(headline, OK, _("Mail from there will pass SPF"), [uses])
    return Said(headline, OK, _("Who may send stays the same"), [text for text in (ends, uses) if text])


def _spf_headline(may: list[str], may_not: list[str], was: bool, is_: bool) -> str:
    if not is_:
        return _("SPF is deleted")
    words = {"may": ", ".join(may[:3]), "not": ", ".join(may_not[:3])}
    if not was:
        return _("SPF: %(may)s may send for you") % words if may else _("SPF is added")
    if may and may_not:
        return _("SPF: %(may)s may send for you, %(not)s no longer") % words
    if may:
        return _("SPF: %(may)s may send for you") % words
    return _("SPF: %(not)s may no longer send for you") % words if may_not else _("SPF changes")


def _passes(term: spf.Term) -> bool:
    return term.name != "all" and (term.qualifier == "+" or term.name == "redirect")


def _sender(place: Place, term: spf.Term) -> str:
    if term.name in {"a", "mx"} and not term.domain:
        return _("the address of the domain") if term.name == "a" else _("the servers of the MX")
    if term.domain:
        return names.shown(term.domain)
    return term.text.partition(":")[2] or term.text


def _all_of(text: str) -> str:
    return next((term.qualifier for term in spf.terms(text)[0] if term.name == "all"), "")


def dkim_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    name = names.shown(key[0])
    if not gone:
        says = [_("Other servers can check signatures made with it.")]
        return Said(_("DKIM key %(name)s is added") % {"name": name}, OK, _("Nothing is lost"), says)
    if not come:
        says = [_("The signature of every mail made with it fails, also of mail that is still on its way.")]
        return Said(_("DKIM key %(name)s is deleted") % {"name": name}, BAD, _("Signatures fail"), says)
    says = [_("Mail signed with the old key fails its check. The server that signs needs the new one first.")]
    return Said(_("DKIM key %(name)s changes") % {"name": name}, WAIT, _("Signatures may fail"), says)


def dmarc_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    was, now = (_policy(text_of(rows[0])) if rows else "" for rows in (gone, come))
    means = {
        "none": _("Other servers only report mail that fails; they deliver it."),
        "quarantine": _("Other servers put mail that fails SPF and DKIM into spam."),
        "reject": _("Other servers refuse mail that fails SPF and DKIM."),
    }
    if not come:
        return Said(
            _("DMARC is deleted"),
            WAIT,
            _("Forged mail is not held back"),
            [_("Some large providers ask for it.")],
        )
    headline = (
        _("DMARC: %(was)s becomes %(now)s") % {"was": was, "now": now}
        if was and now and was != now
        else _("DMARC changes")
        if gone
        else _("DMARC is added")
    )
    if now not in means:
        return Said(
            headline,
            BAD,
            _("It cannot be read"),
            [_("It starts with v=DMARC1; and names p=none, quarantine or reject.")],
        )
    strict = list(means).index(now) > (list(means).index(was) if was in means else 0)
    return Said(
        headline, WAIT if strict else OK, _("Forged mail: %(policy)s") % {"policy": now}, [means[now]]
    )


def _policy(text: str) -> str:
    tags = dict(part.strip().partition("=")[::2] for part in text.split(";"))
    right = text.replace(" ", "").lower().startswith("v=dmarc1;")
    return tags.get("p", "").strip().lower() if right else ""


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
