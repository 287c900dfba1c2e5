"""What people are told about well-known providers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _


@dataclass(frozen=True, slots=True, kw_only=True)
class Preset:
    name: Any
    host: str
    port: int
    text: Any


PRESETS = {
    "gmail": Preset(
        name="Gmail",
        host="imap.gmail.com",
        port=993,
        text=_(
            "Gmail wants an app password: switch on two-step verification in the Google account, then make "
            "one under App passwords and give it here instead of the usual one."
        ),
    ),
    "yahoo": Preset(
        name="Yahoo",
        host="imap.mail.yahoo.com",
        port=993,
        text=_("Yahoo wants an app password: make one in the account's security settings."),
    ),
    "microsoft": Preset(
        name="Microsoft 365",
        host="outlook.office365.com",
        port=993,
        text=_(
            "Microsoft 365 lets nobody in with a password any more: it wants a sign-in by OAuth, which this "
            "import does not have. Export the mailbox there and restore the file here instead."
        ),
    ),
    "cpanel": Preset(
        name="cPanel",
        host="",
        port=993,
        text=_("Use the name of the server that its webmail has, and the whole address as the user name."),
    ),
}
