"""What went wrong, in words a person understands, and the one thing to do."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy as __

from accounts.limits import has
from accounts.suspension.inforce import suspension_of
from delivery.signins import SignIn
from guides.models import Attempt, What
from mailboxes.models import Mailbox

Text = str | Promise


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """Whose watch it is. ``protocol``: of the guide, imap or pop3; ``own``: the mailbox's own user asks."""

    mailbox: Mailbox
    protocol: str
    since: dt.datetime
    own: bool


Answer = tuple[Text, Text]


def refused(row: SignIn, asked: Asked) -> Answer:
    """Of a sign-in that named this mailbox."""
    if row.reason == "clear" or row.encrypted is False:
        return _clear()
    if row.reason == "network":
        return (
            _("The app password may not be used from this network (%(client)s).") % {"client": row.client},
            _("Make an app password that may be used from anywhere, or from this network too."),
        )
    stopped = _stopped(row.protocol, asked)
    if row.reason != "password" and stopped is not None:
        return stopped
    known = _let_in(row)
    if known is not None:
        return known
    return (
        _("The password was wrong."),
        _(
            "Type it again, with small and capital letters as they are. An app password is typed "
            "whole, with its "
            "hyphen. Forgotten? Set a new password, or make an app password for this device."
        ),
    )


def _let_in(row: SignIn) -> Answer | None:
    """Of a right password, or of a name that nobody knows."""
    if row.reason == "stopped" and not row.app:
        return (
            _("The password is right, but the server did not let it in."),
            _("Try again in a minute. If it stays so, ask who looks after your mail."),
        )
    if row.reason in {"disabled", "stopped"}:
        return (
            _("The password is right, but it may not be used for %(protocol)s, or it has expired.")
            % {"protocol": row.protocol_name},
            _("Look on the page “App passwords”, and make a new one for this device."),
        )
    if row.reason == "unknown":
        return (
            _("The mail server does not know this mailbox (yet)."),
            _("If the mailbox is new, wait a minute and try again."),
        )
    return None


def _stopped(protocol: str, asked: Asked) -> Answer | None:
    """What keeps even the right password out."""
    box, out = asked.mailbox, protocol not in {"imap", "pop3"}
    levels = suspension_of(box)
    level = next((one for one in levels if one.no_sign_in or (out and one.no_send)), None)
    if level is not None:
        what = _("Sending is suspended") if not level.no_sign_in else _("Signing in is suspended")
        reason = _("%(what)s for %(name)s.") % {"what": what, "name": level.name}
        return reason, _("Ask who looks after your mail: no setting in the program helps.")
    field = "smtp" if out else protocol
    name = "SMTP" if out else protocol.upper()
    if protocol == "pop3" and not has(box.mail_domain.domain.account, "pop3"):
        return _("POP3 is not offered here."), _("Set the account up with IMAP.")
    if not getattr(box, field):
        todo = (
            _("Switch it on under “Access”, or set the program up with what is on.")
            if not asked.own
            else _("Ask who looks after your domain to switch it on, or set the program up with what is on.")
        )
        return _("%(protocol)s is switched off for this mailbox.") % {"protocol": name}, todo
    return None


def _clear() -> Answer:
    return (
        _(
            "The program tried to sign in without encryption. The server refused that, to protect "
            "the password."
        ),
        _("Set the encryption (“security”, “SSL”) in the program to SSL/TLS, with the port of these steps."),
    )


def _name(found: Attempt, asked: Asked) -> tuple[str, Text, Text]:
    values = {"typed": found.login, "address": asked.mailbox.address}
    if "@" not in found.login:
        return (
            "bad",
            _("The user name was “%(typed)s”, without the part after it.") % values,
            _("Type the whole address as user name: %(address)s") % values,
        )
    return (
        "bad",
        _("The user name was “%(typed)s”, which is not this mailbox.") % values,
        _("Type it exactly so: %(address)s") % values,
    )


def _fixed(state: str, text: Text, todo: Text) -> Callable[[Attempt, Asked], tuple[str, Text, Text]]:
    return lambda _found, _asked: (state, text, todo)


ATTEMPTS: dict[What, Callable[[Attempt, Asked], tuple[str, Text, Text]]] = {
    What.NAME: _name,
    What.CLEAR: lambda _found, _asked: ("bad", *_clear()),
    What.REACHED: _fixed(
        "wait",
        __("A program at your internet address reached the server, encrypted, and has not signed in so far."),
        __("Finish the steps. The port is not blocked."),
    ),
    What.SIGNED_IN: _fixed(
        "wait",
        __(
            "A program at your internet address signed in to send. As whom, the server says with "
            "the first mail."
        ),
        __("Send yourself a mail with this program."),
    ),
    What.UNTRUSTED: _fixed(
        "bad",
        __("The program reached the server, but did not trust its certificate."),
        __(
            "Check that the server’s name is typed exactly as in these steps, and that the device’s "
            "date is right. "
            "Do not switch the check of certificates off."
        ),
    ),
    What.OLD: _fixed(
        "bad",
        __("The program only knows encryption that is too old to be safe, so the server refused it."),
        __("Update the program or the device, or use another program."),
    ),
    What.HANDSHAKE: _fixed(
        "bad",
        __("The program reached the server, and the encryption could not be agreed on."),
        __("Check encryption and port against these steps, and update the program."),
    ),
    What.PLAIN_ON_TLS: _fixed(
        "bad",
        __("The program reached the port for SSL/TLS, but without encryption."),
        __("Set the encryption to SSL/TLS, not to “none” and not to STARTTLS, for this port."),
    ),
    What.TLS_ON_PLAIN: _fixed(
        "bad",
        __("The program probably used SSL/TLS at the port for STARTTLS (143, 110 or 587)."),
        __("Take the port of these steps, or set the encryption to STARTTLS for this one."),
    ),
    What.PORT_25: _fixed(
        "bad",
        __(
            "The program tried to send through port 25. That port is for mail between servers: "
            "nobody signs in there."
        ),
        __("Set the outgoing port to the one of these steps (465), with SSL/TLS and with a password."),
    ),
    What.NO_SIGN_IN: _fixed(
        "bad",
        __("The program tried to send without signing in."),
        __(
            "Switch on “authentication” (“my server requires a user name and password”) for the "
            "outgoing server, "
            "with the same user name and password as for receiving."
        ),
    ),
}
