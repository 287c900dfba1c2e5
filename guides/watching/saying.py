"""What was seen, in one sentence a direction, and the one thing to do."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __
from django.utils.translation import ngettext

from delivery.signins import SignIn
from guides.models import Attempt, What
from guides.watching.looking import LATE, Looked, Way
from guides.watching.naming import named
from guides.watching.troubles import ATTEMPTS, Asked, Text, refused

QUIET = dt.timedelta(seconds=60)  # then it is worth saying what a network that blocks a port looks like


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """One direction. ``state``: ok, warn, bad, wait; ``css`` and ``icon`` go with it. ``seconds``: how
    long ago, None: nothing was seen; ``todo``: the one thing to do, or empty; ``more``: what else is worth
    knowing."""

    state: str
    title: Text
    text: Text
    todo: Text = ""
    more: Text = ""
    seconds: int | None = None

    @property
    def ago(self) -> str:
        if self.seconds is None:
            return ""
        if self.seconds < 60:
            return ngettext("%(n)s second ago", "%(n)s seconds ago", self.seconds) % {"n": self.seconds}
        minutes = self.seconds // 60
        return ngettext("%(n)s minute ago", "%(n)s minutes ago", minutes) % {"n": minutes}

    @property
    def key(self) -> str:
        """Changes when there is something new to say; how long ago it was is said anew now and then."""
        coarse = (
            -1
            if self.seconds is None
            else self.seconds // 10
            if self.seconds < 60
            else self.seconds // 60 + 6
        )
        return f"{self.state} {self.title} {self.text} {coarse}"

    @property
    def css(self) -> str:
        return {"ok": "ok", "warn": "warn", "bad": "bad"}.get(self.state, "info")

    @property
    def icon(self) -> str:
        return {"ok": "check", "warn": "warn", "bad": "noentry"}.get(self.state, "clock")


def incoming(looked: Looked, asked: Asked) -> Said:
    way = looked.incoming
    if way.worked is not None:
        return _received(way.worked, looked, asked)
    if way.trouble is not None:
        return _trouble(way, looked, asked, _("Receiving does not work yet"))
    return Said(state="wait", title=_("Receiving: nothing seen yet"), text=_waits(looked, asked))


def outgoing(looked: Looked, asked: Asked) -> Said:
    way = looked.outgoing
    if way.worked is not None:
        return _sent(way.worked, looked)
    if way.trouble is not None:
        return _trouble(way, looked, asked, _("Sending does not work yet"))
    text = _("A server sees who you are when a mail is sent.")
    todo = _("When receiving works, send yourself a mail with this program.")
    return Said(state="wait", title=_("Sending: nothing seen yet"), text=text, todo=todo)


def late(looked: Looked) -> str:
    """Why a try may not be seen yet, or nothing."""
    if looked.behind is None:
        return _(
            "The mail server’s log has not come for some minutes, so a try may not be seen here although it "
            "reached the server."
        )
    if looked.behind > LATE:
        return ngettext(
            "The mail server’s log is %(n)s second late at the moment: a try is seen here that much later.",
            "The mail server’s log is %(n)s seconds late at the moment: a try is seen here that much later.",
            looked.behind,
        ) % {"n": looked.behind}
    return ""


def blocked(looked: Looked, asked: Asked) -> bool:
    """Nothing at all came, for so long that something on the way may hold it back."""
    ways = (looked.incoming, looked.outgoing)
    silent = not any(way.worked or way.refused or way.attempt for way in ways)
    return silent and looked.now - asked.since >= QUIET and not late(looked)


def _ago(at: dt.datetime, now: dt.datetime) -> int:
    return max(0, int((now - at).total_seconds()))


def _received(row: SignIn, looked: Looked, asked: Asked) -> Said:
    values = {
        "program": named(looked.programs.get(row.session, "")),
        "protocol": row.protocol_name,
        "tls": row.tls.partition(" with ")[0],
    }
    label = looked.labels.get(row.app, "")
    more = _("With the app password “%(label)s”.") % {"label": label} if label else ""
    when = _ago(row.at, looked.now)
    if not row.encrypted:
        return Said(
            state="warn",
            title=_("Receiving works, but without encryption"),
            text=_("%(program)s signed in by %(protocol)s, and anybody on the way could read the password.")
            % values,
            todo=_("Set the encryption to SSL/TLS in the program, then change the password."),
            more=more,
            seconds=when,
        )
    text = _("%(program)s signed in by %(protocol)s, encrypted (%(tls)s).") % values
    other = _OTHER.get((asked.protocol, row.protocol))
    if other is None:
        return Said(state="ok", title=_("Receiving works"), text=text, more=more, seconds=when)
    title = _("It works, but by %(protocol)s") % values
    return Said(state="warn", title=title, text=text, todo=other, more=more, seconds=when)


def _sent(row: SignIn, looked: Looked) -> Said:
    if not row.encrypted:
        return Said(
            state="warn",
            title=_("Sending works, but without encryption"),
            text=_("A mail program signed in to send (SMTP). The log does not say that it was encrypted."),
            todo=_("Set the encryption for the outgoing server to SSL/TLS."),
            seconds=_ago(row.at, looked.now),
        )
    label = looked.labels.get(row.app, "")
    return Said(
        state="ok",
        title=_("Sending works"),
        text=_("A mail program signed in to send (SMTP), encrypted (%(tls)s), and handed a mail in.")
        % {"tls": row.tls.partition(" with ")[0] or "TLS"},
        more=_("With the app password “%(label)s”.") % {"label": label} if label else "",
        seconds=_ago(row.at, looked.now),
    )


def _waits(looked: Looked, asked: Asked) -> str:
    if looked.now - asked.since < QUIET:
        return _("As soon as your mail program tries, it is seen here.")
    return _("No mail program has tried to sign in to this mailbox since this page was opened.")


_OTHER: dict[tuple[str, str], Text] = {
    ("imap", "pop3"): __(
        "These steps are for IMAP. With POP3 the mail is on this one device only: to see the same "
        "mail on all "
        "devices, remove the account in the program and add it again as IMAP."
    ),
    ("pop3", "imap"): __(
        "These steps are for POP3, and the program chose IMAP. That shows the same mail on all "
        "devices and is what "
        "most people want; leave it so, unless you need the mail on one computer alone."
    ),
}


def _trouble(way: Way, looked: Looked, asked: Asked, title: str) -> Said:
    found = way.trouble
    if isinstance(found, Attempt):
        state, text, todo = ATTEMPTS[What(found.what)](found, asked)
        if state == "wait":
            title = _("Something reached the server")
        return Said(state=state, title=title, text=text, todo=todo, seconds=_ago(found.at, looked.now))
    assert found is not None  # noqa: S101 - the caller looked; told to the type checker
    text, todo = refused(found, asked)
    program = looked.programs.get(found.session, "")
    if program:
        text = _("%(program)s reached the server. %(what)s") % {"program": named(program), "what": text}
    return Said(state="bad", title=title, text=text, todo=todo, seconds=_ago(found.at, looked.now))
