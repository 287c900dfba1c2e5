"""What a sign-in's row says, in plain words."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from django.template.defaultfilters import filesizeformat
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from delivery.models import SignIn
from delivery.models.signins import PROTOCOLS
from delivery.signins.selectors import Device
from delivery.signins.vanished import IMAP, POP, SERVER, SORTED, Answer

Text = str | Promise
# nodeagent.maillog.parse_dovecot: why a sign-in was refused.
CAUSES: dict[str, Text] = {
    "password": __("Wrong password."),
    "unknown": __("There is no such mailbox."),
    "disabled": __("Sign-in is switched off for it."),
    "network": __("Not allowed from this network."),
    "stopped": __("The password was right, but signing in is off, or the server was busy."),
    "clear": __("Without encryption, which this server does not take."),
}


@dataclass(frozen=True, slots=True)
class Said:
    """``css`` and ``icon`` go with the words. ``more``: a line below, or empty."""

    css: str
    icon: str
    text: Text
    more: Text = ""


def result(row: SignIn) -> Said:
    if row.ok:
        return Said("ok", "check", _("Signed in"), took(row.counts))
    tries = row.counts.get("attempts", 1)
    more: Text = CAUSES.get(row.reason, _("Wrong password, or switched off."))
    if tries > 1:
        more = f"{more} " + ngettext("%(n)s try.", "%(n)s tries.", tries) % {"n": tries}
    return Said("wait", "noentry", _("Refused"), more)


def took(counts: dict[str, object]) -> str:
    """What the session took from the mailbox, or nothing to say."""
    said = []
    fetched, removed = _number(counts, "retr"), _number(counts, "dele") or _number(counts, "expunged")
    if fetched:
        said.append(ngettext("%(n)s mail fetched.", "%(n)s mails fetched.", fetched) % {"n": fetched})
    if removed:
        said.append(ngettext("%(n)s mail removed.", "%(n)s mails removed.", removed) % {"n": removed})
    return " ".join(said)


def encryption(row: SignIn) -> Said:
    if row.encrypted:
        return Said("ok", "lock", _("Encrypted"), row.tls.partition(" with ")[0])
    if row.encrypted is None:
        return Said("mute", "", _("Not noted"))
    return Said("wait", "warn", _("Not encrypted"))


def _number(counts: dict[str, object], name: str) -> int:
    value = counts.get(name)
    return value if isinstance(value, int) else 0


@dataclass(frozen=True, slots=True, kw_only=True)
class Row:
    """A line of a list. ``label``: of the app password, if it was one."""

    row: SignIn
    encryption: Said
    result: Said
    label: str = ""


def rows_of(rows: Iterable[SignIn], labels: Mapping[str, str] | None = None) -> list[Row]:
    known = labels or {}
    return [
        Row(row=row, encryption=encryption(row), result=result(row), label=known.get(row.app, ""))
        for row in rows
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """A device: ``name`` as people call it."""

    device: Device
    name: str
    protocol: str
    label: str = ""


def devices_of(devices: Iterable[Device], labels: Mapping[str, str] | None = None) -> list[Known]:
    return [
        Known(
            device=one,
            name=one.program or _("A program that does not say its name"),
            protocol=PROTOCOLS.get(one.protocol, one.protocol.upper()),
            label=(labels or {}).get(one.app, ""),
        )
        for one in devices
    ]


@dataclass(frozen=True, slots=True, kw_only=True)
class Told:
    """``what``: sentences that answer; ``todo``: the one thing to do; ``icon`` by the kind."""

    answer: Answer
    what: list[str]
    todo: Text
    icon: str


def told(answer: Answer) -> Told:
    return Told(
        answer=answer, what=_TELL[answer.kind](answer), todo=_TODO[answer.kind], icon=_KIND_ICONS[answer.kind]
    )


def _program(answer: Answer, unnamed: str) -> str:
    name = answer.program or unnamed
    return (
        _("%(program)s at %(client)s") % {"program": name, "client": answer.client} if answer.client else name
    )


def _pop(answer: Answer) -> list[str]:
    who = _program(answer, _("A mail program that uses POP3"))
    removed = ngettext("%(n)s mail", "%(n)s mails", answer.removed) % {"n": answer.removed}
    if answer.fetched:
        fetched = ngettext("%(n)s mail", "%(n)s mails", answer.fetched) % {"n": answer.fetched}
        size = {"who": who, "fetched": fetched, "size": filesizeformat(answer.bytes), "removed": removed}
        return [
            _("%(who)s fetched %(fetched)s (%(size)s) and removed %(removed)s from the server.") % size,
            _("POP3 brings mail to one device. If that device is told to, it takes it off the server."),
        ]
    return [_("%(who)s removed %(removed)s from the server by POP3.") % {"who": who, "removed": removed}]


def _imap(answer: Answer) -> list[str]:
    who, said = _program(answer, _("A mail program that uses IMAP")), []
    moved = sum(answer.moved.values())
    if moved:
        said.append(_("%(who)s moved mail: %(list)s.") % {"who": who, "list": _into(answer.moved)})
    if answer.removed - moved > 0:
        said.append(
            _("%(who)s deleted mail: %(list)s.") % {"who": who, "list": _from(answer, answer.removed - moved)}
        )
    said += [
        _("%(who)s deleted the folder “%(name)s”.") % {"who": who, "name": name} for name in answer.folders
    ]
    return said


def _server(answer: Answer) -> list[str]:
    return [_("A clean-up from this panel deleted mail: %(list)s.") % {"list": _from(answer, answer.removed)}]


def _sorted(answer: Answer) -> list[str]:
    return [
        _(
            "New mail did not come to the inbox, because a filter or the spam filter put it elsewhere: "
            "%(list)s."
        )
        % {"list": _into(answer.moved)}
    ]


def _into(boxes: Mapping[str, int]) -> str:
    return ", ".join(
        ngettext("%(n)s to “%(box)s”", "%(n)s to “%(box)s”", n) % {"n": n, "box": box}
        for box, n in boxes.items()
    )


def _from(answer: Answer, n: int) -> str:
    if not answer.boxes or answer.moved:
        return ngettext("%(n)s mail", "%(n)s mails", n) % {"n": n}
    return ", ".join(
        ngettext("%(n)s from “%(box)s”", "%(n)s from “%(box)s”", n) % {"n": n, "box": box}
        for box, n in answer.boxes.most_common(BOXES)
    )


BOXES = 5
_TELL: dict[str, Callable[[Answer], list[str]]] = {POP: _pop, IMAP: _imap, SERVER: _server, SORTED: _sorted}
_KIND_ICONS = {POP: "down2", IMAP: "phone", SERVER: "disk", SORTED: "filter"}
_TODO: dict[str, Text] = {
    POP: __(
        "The mail is on that device. To keep it on the server too, switch on “Leave a copy of messages on "
        "the server” in that program, or better: set it up with IMAP, so that all devices see the same mail."
    ),
    IMAP: __(
        "All devices with IMAP see the same mailbox: what one of them deletes is gone on all. Look into "
        "Trash first. You do not know the device? Change the password."
    ),
    SERVER: __("The page “Activity” says who started it."),
    SORTED: __(
        "Look into that folder. If it should come to the inbox, change the filter, or allow the sender on "
        "the page “Spam”."
    ),
}
