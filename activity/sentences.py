"""An entry in words: “Inés changed “quota” of the mailbox ana@luna.test from 1 GB to 2 GB, from 203.0.113.9”.
Plain text: what draws it escapes it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from activity.models import Entry
from activity.words import HUSHED, field_label, thing, value

_SWITCHES = {
    "no_sign_in": lambda: _("signing in"),
    "no_receive": lambda: _("receiving"),
    "no_send": lambda: _("sending"),
}
_SUSPENSION = {*_SWITCHES, "suspended_reason"}


@dataclass(frozen=True, slots=True)
class Change:
    """One line of before and after; both empty where the value is a secret."""

    label: str
    before: str
    after: str
    hushed: bool = False


def sentence(entry: Entry, *, where: bool = True) -> str:
    """``where`` False: without the address and the client acted for."""
    text = _("%(who)s %(did)s") % {"who": who(entry), "did": _did(entry)}
    return text + (origin(entry) if where else "")


def who(entry: Entry) -> str:
    if entry.who:
        return entry.who_name or entry.who
    hands: dict[str, str] = {
        Entry.Via.COMMAND: settings.PROVIDER_NAME,
        Entry.Via.PANEL: _("The panel"),
        Entry.Via.PERSON: _("Somebody"),
        Entry.Via.MAILBOX: _("Somebody"),
    }
    return hands.get(entry.via) or _("Somebody, directly in the database,")


def origin(entry: Entry) -> str:
    """What follows the sentence; with its comma, or empty."""
    text = _(", from %(ip)s") % {"ip": entry.ip} if entry.ip else ""
    return f"{text}, {acted(entry)}" if entry.acting_for_name else text


def acted(entry: Entry) -> str:
    """For whom; empty for who acts in their own name."""
    names = {"own": entry.acting_as or settings.PROVIDER_NAME, "client": entry.acting_for_name}
    return _("as %(own)s acting for %(client)s") % names if entry.acting_for_name else ""


def changes(entry: Entry) -> list[Change]:
    """By the column's name in words. Of what was made or deleted the side that exists."""
    found = [
        Change(field_label(entry.model, column), "", "", hushed=True)
        if both == HUSHED
        else Change(
            field_label(entry.model, column),
            "" if entry.label == Entry.Label.INSERT else value(entry.model, column, both[0]),
            "" if entry.label == Entry.Label.DELETE else value(entry.model, column, both[1]),
        )
        for column, both in entry.diff.items()
        if isinstance(both, list) and len(both) == 2
    ]
    return sorted(found, key=lambda change: change.label)


def _did(entry: Entry) -> str:
    special = SPECIAL.get(entry.model)
    said = special(entry) if special else None
    if said:
        return said
    names = {"thing": thing(entry.model), "name": entry.name}
    if entry.label == Entry.Label.INSERT:
        return _("made %(thing)s %(name)s") % names
    if entry.label == Entry.Label.DELETE:
        return _("deleted %(thing)s %(name)s") % names
    return _suspended(entry) or _changed(entry)


def _changed(entry: Entry) -> str:
    found = changes(entry)
    names: dict[str, Any] = {"thing": thing(entry.model), "name": entry.name}
    if len(found) == 1:
        (only,) = found
        names |= {"field": only.label, "before": only.before, "after": only.after}
        if only.hushed:
            return _("changed the %(field)s of %(thing)s %(name)s") % names
        return _("changed “%(field)s” of %(thing)s %(name)s from %(before)s to %(after)s") % names
    names["fields"] = ", ".join(change.label for change in found)
    return _("changed %(thing)s %(name)s: %(fields)s") % names


def _suspended(entry: Entry) -> str | None:
    """None unless the switches are all that changed."""
    if not entry.diff or set(entry.diff) - _SUSPENSION:
        return None
    names = {"thing": thing(entry.model), "name": entry.name}
    turned = {column: both[1] for column, both in entry.diff.items() if column in _SWITCHES}
    if not turned:
        return None
    names["what"] = ", ".join(_SWITCHES[column]() for column in turned)
    if all(turned.values()):
        return _("suspended %(thing)s %(name)s: %(what)s") % names
    if not any(turned.values()):
        return _("lifted the suspension of %(thing)s %(name)s: %(what)s") % names
    return _("changed the suspension of %(thing)s %(name)s: %(what)s") % names


def _gone_and_back(entry: Entry) -> str | None:
    if "deleted_at" not in entry.diff or entry.label != Entry.Label.UPDATE:
        return None
    names = {"thing": thing(entry.model), "name": entry.name}
    if entry.diff["deleted_at"][1]:
        return _("deleted %(thing)s %(name)s; it is kept for a while and can be brought back") % names
    return _("brought %(thing)s %(name)s back") % names


def _mailbox(entry: Entry) -> str | None:
    if entry.label == Entry.Label.DELETE:
        return _("removed the mailbox %(name)s for good") % {"name": entry.name}
    if set(entry.diff) == {"password_hash"}:
        return _("gave the mailbox %(name)s a new password") % {"name": entry.name}
    return _gone_and_back(entry)


def _member(entry: Entry) -> str | None:
    names = {"name": entry.name, "role": _side(entry, "role")}
    return {
        Entry.Label.INSERT: _("took %(name)s into the team as %(role)s") % names,
        Entry.Label.DELETE: _("removed %(name)s from the team") % names,
    }.get(Entry.Label(entry.label))


def _member_domain(entry: Entry) -> str | None:
    names = {"name": entry.name, "domain": entry.domain_name}
    return {
        Entry.Label.INSERT: _("opened the domain %(domain)s to %(name)s") % names,
        Entry.Label.DELETE: _("closed the domain %(domain)s to %(name)s") % names,
    }.get(Entry.Label(entry.label))


def _invitation(entry: Entry) -> str | None:
    names = {"name": entry.name, "role": _side(entry, "role")}
    if entry.label == Entry.Label.INSERT:
        return _("invited %(name)s as %(role)s") % names
    if entry.diff.get("accepted_at", HUSHED)[1]:
        return _("accepted the invitation of %(name)s") % names
    if entry.diff.get("revoked_at", HUSHED)[1]:
        return _("took the invitation of %(name)s back") % names
    return None


def _claim(entry: Entry) -> str | None:
    names = {"name": entry.name}
    return {
        Entry.Label.INSERT: _("asked to add the domain %(name)s, which waits for proof") % names,
        Entry.Label.DELETE: _("ended the wait for proof of %(name)s") % names,
    }.get(Entry.Label(entry.label))


def _domain(entry: Entry) -> str | None:
    if entry.label == Entry.Label.INSERT:
        return _("added the domain %(name)s") % {"name": entry.name}
    return None


def _record(entry: Entry) -> str | None:
    names = {"name": entry.name, "domain": entry.domain_name}
    if entry.label == Entry.Label.INSERT:
        return _("added the record %(name)s to %(domain)s") % names
    if entry.label == Entry.Label.DELETE:
        return _("deleted the record %(name)s of %(domain)s") % names
    return None


def _signing(entry: Entry) -> str | None:
    """By the generations of keys before and after: none, one, or two while they are exchanged."""
    before, after = (len(side or ()) for side in entry.diff.get("generations", HUSHED))
    names = {"name": entry.name}
    if not before and after:
        return _("switched DNSSEC on for %(name)s") % names
    if before and not after:
        return _("switched DNSSEC off for %(name)s") % names
    if after > before:
        return _("began to exchange the DNSSEC key of %(name)s") % names
    if after < before:
        kept_old = entry.diff["generations"][1] == entry.diff["generations"][0][:after]
        said = (
            _("gave up the exchange of the DNSSEC key of %(name)s")
            if kept_old
            else _("finished the exchange of the DNSSEC key of %(name)s")
        )
        return said % names
    return None


def _zone_version(entry: Entry) -> str | None:
    """``records`` 0: only Email Routing was switched."""
    count = entry.diff.get("records", HUSHED)[1] or 0
    words = {"n": count, "domain": entry.domain_name, "kinds": entry.name}
    words |= {"title": _side(entry, "title"), "origin": _side(entry, "origin")}
    if not count:
        return _("switched Email Routing of %(domain)s in the Zone Editor") % words
    if entry.diff.get("title"):
        text = ngettext(
            "changed %(n)d record of %(domain)s: %(kinds)s (%(origin)s: %(title)s)",
            "changed %(n)d records of %(domain)s: %(kinds)s (%(origin)s: %(title)s)",
            count,
        )
    elif entry.diff.get("origin", HUSHED)[1] == "edit":
        text = ngettext(
            "changed %(n)d record of %(domain)s: %(kinds)s",
            "changed %(n)d records of %(domain)s: %(kinds)s",
            count,
        )
    else:
        text = ngettext(
            "changed %(n)d record of %(domain)s: %(kinds)s (%(origin)s)",
            "changed %(n)d records of %(domain)s: %(kinds)s (%(origin)s)",
            count,
        )
    why = _side(entry, "reason") if entry.diff.get("reason") else ""
    return text % words + (_("; “%(why)s”") % {"why": why} if why else "")


def _queue_action(entry: Entry) -> str | None:
    """``done`` None: the server gave no answer."""
    count, seen = (entry.diff.get(name, HUSHED)[1] for name in ("done", "proven"))
    words = {
        "did": _side(entry, "did"),
        "n": value(entry.model, "done", count or 0),
        "seen": value(entry.model, "proven", seen or 0),
        "node": _side(entry, "node"),
        "mails": entry.name,
    }
    if count is None:
        return _("asked for “%(did)s” in the queue of %(node)s, which gave no answer") % words
    text = ngettext(
        "chose “%(did)s” for %(n)s waiting mail on %(node)s, and the queue shows it for %(seen)s: %(mails)s",
        "chose “%(did)s” for %(n)s waiting mails on %(node)s, and the queue shows it for %(seen)s: %(mails)s",
        int(count),
    )
    return text % words


def _notice_again(entry: Entry) -> str | None:
    words = {"told": entry.name, "address": _side(entry, "address")}
    return _("told %(told)s once more that mail to %(address)s was not delivered") % words


def _bulk_made(entry: Entry) -> str | None:
    """Without a title: the rows were pasted."""
    count = entry.diff.get("made", HUSHED)[1] or 0
    words = {"n": value(entry.model, "made", count), "domain": entry.domain_name, "title": entry.name}
    if not entry.diff.get("title"):
        text = ngettext(
            "made %(n)s mailbox of %(domain)s from pasted rows",
            "made %(n)s mailboxes of %(domain)s from pasted rows",
            count,
        )
        return text % words
    text = ngettext(
        "made %(n)s mailbox of %(domain)s from the file %(title)s",
        "made %(n)s mailboxes of %(domain)s from the file %(title)s",
        count,
    )
    return text % words


def _person(entry: Entry) -> str | None:
    if set(entry.diff) == {"password"}:
        return _("changed the password of %(name)s for the panel") % {"name": entry.name}
    return None


def _acting(entry: Entry) -> str | None:
    names = {"name": entry.name}
    if entry.label == Entry.Label.INSERT:
        return _("began to act for %(name)s") % names
    return _("stopped acting for %(name)s") % names if entry.diff.get("ended_at", HUSHED)[1] else None


def _side(entry: Entry, column: str) -> str:
    before, after = entry.diff.get(column, HUSHED)
    return value(entry.model, column, after if after is not None else before)


SPECIAL: dict[str, Callable[[Entry], str | None]] = {
    "delivery.queueaction": _queue_action,
    "delivery.noticeagain": _notice_again,
    "mailboxes.bulkmade": _bulk_made,
    "mailboxes.mailbox": _mailbox,
    "accounts.account": _gone_and_back,
    "accounts.membership": _member,
    "accounts.membershipdomain": _member_domain,
    "accounts.invitation": _invitation,
    "accounts.domainclaim": _claim,
    "accounts.domain": _domain,
    "accounts.user": _person,
    "accounts.acting": _acting,
    "dnszone.record": _record,
    "dnszone.zoneversion": _zone_version,
    "dnszone.zonesigning": _signing,
}
