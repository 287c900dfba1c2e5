"""What a change does besides mail, in words: web addresses, subdomains elsewhere, the rest. Pure."""

from __future__ import annotations

from django.utils.translation import gettext as _

from dnszone.effects.said import ADDRESSES, OK, WAIT, Place, Said, lasts, ttl_of, values
from dnszone.spec import Row
from dnszone.ttls import in_words

Key = tuple[str, str]


def web_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    owner, rtype = key
    if rtype == "HTTPS":
        return other_said(place, key, gone, come)
    if not come:
        return _web_goes(place, key, gone)
    words = {"name": place.short(owner), "full": place.full(owner), "new": values(come)}
    if not any((owner, kind) in place.old for kind in ADDRESSES):
        says = [_("%(full)s leads to %(new)s. No mail uses it.") % words]
        return Said(_("%(name)s is added") % words, OK, _("A new address"), says)
    if not gone:
        says = [_("Visitors of %(full)s may come to %(new)s as well. No mail uses it.") % words]
        return Said(_("%(name)s: %(new)s added") % words, OK, _("One more address"), says)
    says = [
        _("%(full)s leads to %(new)s. Visitors may come to the old one for %(span)s. No mail uses it.")
        % (words | {"span": lasts(gone)})
    ]
    return Said(
        _("The web address %(name)s now goes to %(new)s") % words, OK, _("Visitors go elsewhere"), says
    )


def _web_goes(place: Place, key: Key, gone: list[Row]) -> Said:
    owner, rtype = key
    words = {"name": place.short(owner), "full": place.full(owner), "type": rtype, "span": lasts(gone)}
    if any((owner, kind) in place.new for kind in ADDRESSES):
        headline = _("%(name)s: %(type)s deleted") % words
        return Said(headline, OK, _("It keeps another address"), [_("No mail uses it.")])
    if place.has_address(owner):
        says = [_("The record with the star answers for it from now on. No mail uses it.")]
        return Said(_("%(name)s is deleted") % words, WAIT, _("The web address goes elsewhere"), says)
    says = [_("%(full)s has no answer any more, at the latest after %(span)s. No mail uses it.") % words]
    return Said(_("%(name)s is deleted") % words, WAIT, _("The web address stops"), says)


def handed_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    owner, rtype = key
    words = {"name": place.full(owner), "new": values(come), "span": lasts(gone)}
    if rtype == "DS":
        if come and (owner, "NS") not in place.new:
            says = [_("Without NS records of its own at this name it does nothing.")]
            return Said(
                _("DNSSEC of %(name)s changes") % words, WAIT, _("It has no name servers there"), says
            )
        says = [
            _("If it does not match the keys over there, nobody finds %(name)s, and no mail reaches it.")
            % words
        ]
        return Said(_("DNSSEC of %(name)s changes") % words, WAIT, _("It has to match"), says)
    if (owner, "NS") not in place.new:
        says = [_("What this zone says about it counts again, at the latest after %(span)s.") % words]
        return Said(
            _("%(name)s comes back here") % words, WAIT, _("Other servers no longer answer for it"), says
        )
    says = [
        _("They answer for it and for all names below it, its mail too; records of it here are not seen.")
    ]
    if (owner, "NS") not in place.old:
        return Said(_("%(name)s is handed to %(new)s") % words, WAIT, _("Other servers answer for it"), says)
    return Said(_("%(name)s: other name servers") % words, WAIT, _("Other servers answer for it"), says)


def other_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    owner, rtype = key
    words = {"name": place.short(owner), "type": rtype, "new": values(come)}
    headline = (
        _("%(type)s of %(name)s changes")
        if gone and come
        else _("%(type)s of %(name)s is added")
        if come
        else _("%(type)s of %(name)s is deleted")
    ) % words
    if rtype == "MX":
        says = [_("It is about mail for addresses at %(full)s alone.") % {"full": place.full(owner)}]
        return Said(headline, WAIT, _("Mail for a subdomain"), says)
    if rtype == "CAA":
        says = [_("Others than those named cannot get a certificate for it, when the old one runs out.")]
        return Said(headline, WAIT if come else OK, _("Who may issue certificates"), says)
    says = [_("Others may see the old one for %(span)s.") % {"span": lasts(gone)}] if gone else []
    if rtype in {"TXT", "HTTPS", "SVCB", "SSHFP", "PTR", "NAPTR"}:
        return Said(headline, OK, _("No mail uses it"), says)
    return Said(headline, OK, _("Programs that ask for it get this"), says)


def ttl_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    """The records stay as they are; others may keep them longer or less long."""
    owner, rtype = key
    before, after = ttl_of(gone), ttl_of(come)
    words = {"type": rtype, "name": place.short(owner), "before": in_words(before), "after": in_words(after)}
    says = [
        _("Others keep the answer for %(after)s from now on, instead of %(before)s.") % words
        if after
        else _("Others keep no answer at all from now on and ask every time.")
    ]
    if after < before:
        says.append(_("Until %(before)s have passed, some still have the old one.") % words)
    headline = _("%(type)s of %(name)s: TTL %(before)s becomes %(after)s") % words
    return Said(headline, OK, _("The answer stays the same"), says)


def unseen_said(place: Place, key: Key, gone: list[Row], come: list[Row]) -> Said:
    """Only a comment, or who keeps it."""
    owner, rtype = key
    words = {"type": rtype, "name": place.short(owner)}
    if {row.comment for row in gone} == {row.comment for row in come}:
        return Said(
            _("%(type)s of %(name)s: kept by somebody else") % words, OK, _("Nothing changes for others")
        )
    says = [_("A comment is for you alone.")]
    return Said(_("Comment at %(type)s of %(name)s") % words, OK, _("Nothing changes for others"), says)
