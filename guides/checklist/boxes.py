"""What the mailboxes themselves tell: passwords, app passwords, protocols, forwards, stops. Counted by the
database, however many there are."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from guides.checklist.points import Point
from guides.watching.programs import MOST, Clients
from lib.templatetags.ui import count
from mailboxes.addresses.domains import DISCARD
from mailboxes.addresses.states import inside_of
from mailboxes.models import Alias, AppPassword, Compromise, Forwarding, Mailbox, MailDomain

OLD = dt.timedelta(days=365)
UNUSED = dt.timedelta(days=90)
FORWARDS = 200  # of a domain that are looked at
FEW = 3

Url = Callable[[str], str]


def of_passwords(boxes: QuerySet[Mailbox], *, url: str) -> Point:
    counted = boxes.aggregate(
        all=Count("pk"), old=Count("pk", filter=Q(password_set_at__lt=timezone.now() - OLD))
    )
    old = counted["old"]
    found = ngettext(
        "The password of %(n)s mailbox is older than a year.",
        "The passwords of %(n)s mailboxes are older than a year.",
        old,
    )
    return Point(
        key="old-passwords",
        title=_("No password is older than a year"),
        met=not old if counted["all"] else None,
        found=found % {"n": count(old)} if old else _("All were set within the last year."),
        why=_("Old passwords are known to many devices, and often to people who left."),
        weight=10,
        action=_("Set a new password"),
        url=url,
        learn="passwords",
    )


def of_app_passwords(found: QuerySet[AppPassword], *, url: str) -> Point:
    since = timezone.now() - UNUSED
    stale = Q(used_at__lt=since) | Q(used_at__isnull=True, created_at__lt=since)
    counted = found.aggregate(all=Count("pk"), stale=Count("pk", filter=stale))
    many = counted["stale"]
    said = ngettext(
        "%(n)s app password was not used for 90 days.",
        "%(n)s app passwords were not used for 90 days.",
        many,
    )
    return Point(
        key="app-passwords",
        title=_("No forgotten app passwords"),
        met=not many if counted["all"] else None,
        found=said % {"n": count(many)} if many else _("All were used within the last 90 days."),
        why=_("What nobody uses any more only helps who finds it. A device that needs it says so."),
        weight=5,
        action=_("Look at them"),
        url=url,
        learn="app-passwords",
    )


def of_pop3(on: int, seen: Clients, *, url: str) -> Point:
    """``on``: how many have POP3 switched on."""
    used = any(one.protocol == "POP3" and one.ok for one in seen.all)
    known = len(seen.all) < MOST and bool(seen.all) and not used
    return Point(
        key="pop3",
        title=_("What nobody uses is switched off"),
        met=not on if known else None,
        found=_("POP3 is on, and nobody used it in the last 30 days.")
        if on and not used
        else _("POP3 is off, or in use."),
        why=_("Every way that is open can be tried by who guesses passwords."),
        weight=3,
        action=_("Switch POP3 off"),
        url=url,
        learn="protocols-compared",
    )


def of_forwards(targets: Iterable[str], mail: MailDomain, *, url: str) -> Point:
    """One query."""
    targets = sorted(set(targets))
    outside = sorted(set(targets) - inside_of(mail.domain.account, targets))
    said = ngettext(
        "Mail goes to %(n)s address outside: %(some)s.",
        "Mail goes to %(n)s addresses outside: %(some)s.",
        len(outside),
    )
    return Point(
        key="forwards",
        title=_("No mail goes outside"),
        met=not outside if targets else None,
        found=said % {"n": count(len(outside)), "some": ", ".join(outside[:FEW])}
        if outside
        else _("All forwards stay in your own domains."),
        why=_(
            "Who gets into a mailbox often sets up a forward first and reads along from "
            "then on. Is each of them meant?"
        ),
        weight=5,
        action=_("Look at them"),
        url=url,
        learn="forwarding-and-spf",
    )


def of_stops(stops: QuerySet[Compromise], *, url: str) -> Point:
    logins = list(stops.still_open().order_by("since").values_list("login", flat=True)[: FEW + 1])  # type: ignore[attr-defined]  # its manager's
    return Point(
        key="stops",
        title=_("Nobody is stopped from sending"),
        met=not logins,
        found=_("Stopped, because somebody else seems to send: %(some)s.") % {"some": ", ".join(logins[:FEW])}
        if logins
        else _("No mailbox looks stolen."),
        why=_("A page leads you step by step: new password, filters, forwards, held mail."),
        weight=20,
        action=_("Go through the steps"),
        url=url,
        learn="compromised-account",
    )


def of_catch_all(mail: MailDomain, *, url: str) -> Point:
    return Point(
        key="catch-all",
        title=_("Mail to names that do not exist is refused"),
        met=not mail.catch_all,
        found=_("It is delivered to %(address)s.") % {"address": mail.catch_all}
        if mail.catch_all not in {"", DISCARD}
        else (_("It is thrown away.") if mail.catch_all else _("It is refused.")),
        why=_("A catch-all collects spam to made-up names, and a mistyped address gets no notice."),
        weight=2,
        action=_("Change the catch-all"),
        url=url,
        learn="spam-and-junk",
    )


def targets_of(mail: MailDomain) -> list[str]:
    """Where aliases and mailboxes of a domain forward to, at most FORWARDS of each. Two queries."""
    aliases = Alias.objects.filter(mail_domain=mail).values_list("targets", flat=True)[:FORWARDS]
    forwards = Forwarding.objects.filter(mailbox__mail_domain=mail).values_list("targets", flat=True)
    return [target for row in [*aliases, *forwards[:FORWARDS]] for target in row]


def domain_boxes(mail: MailDomain) -> QuerySet[Mailbox]:
    found: QuerySet[Mailbox] = Mailbox.objects.present().filter(mail_domain=mail)
    return found
