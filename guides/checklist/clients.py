"""What the log tells of the programs that sign in, and of those who guess."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Sequence

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Domain
from delivery.models import SignIn
from delivery.signins import first_key
from guides.checklist.points import Point
from guides.models import Attempt
from guides.watching.programs import Client, Clients
from lib.dates import written
from lib.templatetags.ui import count

FEW = 3  # that are named
WEEK = dt.timedelta(days=7)
STORM, MOST = 100, 5000  # refused sign-ins of a week: from where on it is one, and how many are counted

Url = Callable[[str], str]


def of_clients(seen: Clients, *, url: Url) -> list[Point]:
    """``url``: of a page by its name (``connect``, ``sign-ins``)."""
    some = bool(seen.all)
    return [
        Point(
            key="encryption",
            title=_("Every program uses encryption"),
            met=not seen.clear if some else None,
            found=_named(seen.clear) or _("No program without encryption in the last 30 days."),
            why=_(
                "Without encryption everybody on the way reads the password and the mail. "
                "This server refuses such sign-ins, but the password was sent all the same: "
                "change it."
            ),
            weight=20,
            action=_("Set it up with encryption"),
            url=url("connect"),
            learn="encryption",
        ),
        Point(
            key="tls",
            title=_("No program with an old kind of encryption"),
            met=not seen.old_tls if some else None,
            found=_named(seen.old_tls) or _("All used TLS 1.2 or newer in the last 30 days."),
            why=_("TLS 1.0 and 1.1 can be broken. Programs that know nothing newer no longer get updates."),
            weight=5,
            action=_("Choose a newer program"),
            url=url("connect"),
            learn="encryption",
        ),
        Point(
            key="port25",
            title=_("Nobody tries to send by port 25"),
            met=not seen.port_25 if some else None,
            found=_tried(seen.port_25) or _("No program tried it lately."),
            why=_(
                "Port 25 is for mail between servers. Most networks block it, and without a "
                "sign-in nobody knows who sends."
            ),
            weight=5,
            action=_("See the right port"),
            url=url("connect"),
            learn="ports",
        ),
    ]


def of_guessing(of: str | Domain, *, url: Url) -> Point:
    """One query that stops at MOST."""
    whose = Q(domain_id=of.pk) if isinstance(of, Domain) else Q(login=of)
    since = first_key(timezone.now() - WEEK)
    many = SignIn.objects.filter(whose, ok=False, pk__gte=since).order_by()[:MOST].count()
    found = ngettext(
        "%(n)s refused sign-in in the last 7 days.", "%(n)s refused sign-ins in the last 7 days.", many
    )
    return Point(
        key="guessing",
        title=_("Nobody guesses passwords"),
        met=many < STORM,
        found=found % {"n": count(many)},
        why=_(
            "Many refusals are a device with an old password, or somebody who tries "
            "passwords. A long password holds both."
        ),
        weight=5,
        action=_("See who was refused"),
        url=url("sign-ins"),
        learn="passwords",
    )


def of_devices(seen: Clients, *, url: Url) -> Point:
    """Of one mailbox: do several programs share its own password?"""
    shared = sorted({one.program or one.protocol for one in seen.all if one.ok and not one.app})
    several = len({(one.program, one.network) for one in seen.all if one.ok}) > 1
    return Point(
        key="devices",
        title=_("Each device has a password of its own"),
        met=len(shared) < 2 if several else None,
        found=_("These share the mailbox’s password: %(programs)s.") % {"programs": ", ".join(shared[:5])}
        if len(shared) > 1
        else _("At most one program uses the mailbox’s own password."),
        why=_(
            "A lost phone is signed out alone when it has an app password. Else every "
            "device needs the new one."
        ),
        weight=10,
        action=_("Make an app password"),
        url=url("app-passwords"),
        learn="app-passwords",
    )


def _named(found: Sequence[Client]) -> str:
    sentence = _("%(program)s with %(address)s from %(network)s, last on %(day)s.")
    said = [
        sentence
        % {
            "program": one.program or one.protocol,
            "address": one.address,
            "network": one.network,
            "day": written(timezone.localtime(one.last), "j F Y"),
        }
        for one in found[:FEW]
    ]
    return " ".join([*said, *_more(len(found) - FEW)])


def _tried(found: Sequence[Attempt]) -> str:
    sentence = _("A program with %(address)s from %(network)s, last on %(day)s.")
    said = [
        sentence
        % {"address": one.sender, "network": one.network, "day": written(timezone.localtime(one.at), "j F Y")}
        for one in found[:FEW]
    ]
    return " ".join([*said, *_more(len(found) - FEW)])


def _more(many: int) -> list[str]:
    if many < 1:
        return []
    return [ngettext("And %(n)s more.", "And %(n)s more.", many) % {"n": count(many)}]
