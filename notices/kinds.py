"""The kinds of mail that the panel sends. An app above registers its own in ``AppConfig.ready``:

    notices.kinds.register(Kind(name="…", label=_("…"), subject=…, security=False, links=…))

with templates templates/notices/<name>.txt and .html (see templates/notices/suspension.*). Those of KINDS
below are here from the start; an app that makes a secret link for one gives it with ``give_links``:

    notices.kinds.give_links("invitation", lambda context: {"url": link_of(context["invitation"])})

``context`` is kept in the database until the mail is old: names, numbers, primary keys, never a token. What
``links`` gives is made when the mail is sent, and kept nowhere; None instead of it: the mail is no longer
wanted (the invitation was revoked) and is not sent.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

Context = dict[str, Any]
Links = Callable[[Context], dict[str, Any] | None]


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """``label``: what the page of mails calls it. ``security``: nobody can switch it off. ``subject``: in
    the reader's language, which is active when it is called. ``reply_to``: who an answer goes to, instead of
    the brand's support."""

    name: str
    label: str | Promise
    subject: Callable[[Context], str]
    security: bool = False
    links: Links | None = None
    help: str | Promise = ""
    reply_to: Callable[[Context], str] | None = None


_kinds: dict[str, Kind] = {}


def register(kind: Kind) -> None:
    """A kind of the same name is replaced."""
    _kinds[kind.name] = kind


def give_links(name: str, links: Links) -> None:
    _kinds[name] = replace(get(name), links=links)


def get(name: str) -> Kind:
    """Raises LookupError."""
    try:
        return _kinds[name]
    except KeyError:
        raise LookupError(name) from None


def every() -> list[Kind]:
    """In the order of registering."""
    return list(_kinds.values())


def optional() -> list[Kind]:
    """Those that a person may switch off."""
    return [kind for kind in _kinds.values() if not kind.security]


# The keys of ``context`` that templates and subjects read stand beside each kind; (key): may be left out.
KINDS = (
    # account, inviter, role (words), (domains: list of names), days; links: url
    Kind(
        name="invitation",
        label=gettext_lazy("Invitations"),
        subject=lambda context: (
            _("%(inviter)s invites you to %(account)s") % context
            if context.get("inviter")
            else _("You are invited to %(account)s") % context
        ),
        security=True,
    ),
    # (hours); links: url
    Kind(
        name="reset",
        label=gettext_lazy("A new password was asked for"),
        subject=lambda context: _("A new password for the panel"),
        security=True,
    ),
    # place, device, (ip), at (words); (url: the list of sessions)
    Kind(
        name="new_sign_in",
        label=gettext_lazy("Signed in at a new place"),
        subject=lambda context: _("You signed in at a new place"),
        security=True,
    ),
    # (place), (device), (ip), at (words); (url: asks for a new password)
    Kind(
        name="password_changed",
        label=gettext_lazy("The password was changed"),
        subject=lambda context: _("Your password was changed"),
        security=True,
    ),
    # account, limit (words), percent, used, most (words), who (can raise it); (url: /limits/)
    Kind(
        name="limit_near",
        label=gettext_lazy("A limit is near or reached"),
        help=gettext_lazy("At 80, 95 and 100 percent, once each."),
        subject=lambda context: _("%(account)s: %(limit)s %(percent)s%% used") % context,
    ),
    # address, percent, used, most (words), url: to the mailbox itself
    Kind(
        name="mailbox_full",
        label=gettext_lazy("Your mailbox is nearly full, or full"),
        subject=lambda context: (
            _("Your mailbox is full")
            if context["percent"] >= 100
            else _("Your mailbox is %(percent)s%% full") % context
        ),
        security=True,
    ),
    # domain, full (how many are), boxes: list of address, percent, used and most (words), more (how many),
    # url
    Kind(
        name="mailboxes_full",
        label=gettext_lazy("Mailboxes that are nearly full, or full"),
        help=gettext_lazy("At 80, 95 and 100 percent, once each."),
        subject=lambda context: (
            _("%(domain)s: a mailbox is full") % context
            if context["full"]
            else _("%(domain)s: a mailbox is nearly full") % context
        ),
    ),
    # what (account, domain, mailbox), name, stops (list of: sign_in, receive, send), (reason), (by), (url)
    Kind(
        name="suspension",
        label=gettext_lazy("Something was suspended"),
        subject=lambda context: _("%(name)s is suspended") % context,
    ),
    # what, name, (by), (url)
    Kind(
        name="resumed",
        label=gettext_lazy("A suspension was lifted"),
        subject=lambda context: _("%(name)s is no longer suspended") % context,
    ),
    # name, account, (word: true when somebody's word stood for the proof), (url)
    Kind(
        name="domain_proved",
        label=gettext_lazy("A domain was proved"),
        subject=lambda context: (
            _("%(name)s is in your account now") % context
            if context.get("word")
            else _("%(name)s is proved to be yours") % context
        ),
    ),
    # account, days, (by), (until: words)
    Kind(
        name="account_deleted",
        label=gettext_lazy("An account was deleted"),
        subject=lambda context: _("%(account)s is deleted") % context,
        security=True,
    ),
    # login, reasons (list of sentences), (url)
    Kind(
        name="compromised",
        label=gettext_lazy("A mailbox was stopped from sending"),
        subject=lambda context: _("%(login)s was stopped from sending") % context,
        security=True,
    ),
    # what, why, todo (sentences), (domain), (url)
    Kind(
        name="alert",
        label=gettext_lazy("Something is odd with the mail"),
        help=gettext_lazy("Much that fails, waits or is new; many wrong passwords; silence. Once for each."),
        subject=lambda context: (
            f"{context['domain']}: {context['what']}" if context.get("domain") else context["what"]
        ),
    ),
    # account, (plan), (before), (url)
    Kind(
        name="plan_changed",
        label=gettext_lazy("The plan was changed"),
        subject=lambda context: _("%(account)s has another plan") % context,
    ),
)
for kind in KINDS:
    register(kind)
