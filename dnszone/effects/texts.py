"""What a change does to who may send mail in the name of the domain, in words: SPF, DKIM, DMARC. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dnszone import names, rdata, spf
from dnszone.effects.said import BAD, OK, WAIT, Place, Said
from dnszone.spec import Row

Key = tuple[str, str]


def text_of(row: Row) -> str:
    return rdata.shown("TXT", row.rdata)


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
