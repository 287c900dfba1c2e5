"""What is set in a mailbox, each in a word or two: for the page that shows it at a glance."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Count, IntegerField, OuterRef, QuerySet, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext, pgettext

from mailboxes.models import (
    AppPassword,
    Autoresponder,
    Consent,
    DomainSpam,
    Identity,
    Mailbox,
    MailboxFilter,
    MailboxSpam,
)
from mailboxes.models.spam import USUAL_THRESHOLD, SpamSettings

PROTOCOLS = {"imap": "IMAP", "pop3": "POP3", "smtp": "SMTP", "sieve": "ManageSieve"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Said:
    """``tab``: the page that changes it. ``css`` and ``icon``: of its state (DESIGN-NOTES: .st)."""

    tab: str
    word: str
    css: str = "ok"
    icon: str = "check"
    why: str = ""


def glance(mailbox: Mailbox) -> list[Said]:
    """Three queries at most."""
    row = _rows().get(pk=mailbox.pk)
    many = {name: getattr(row, name) for name in ("filters_on", "filters_all", "keys", "more_senders")}
    return [
        *_forwarding(row),
        _autoresponder(getattr(row, "autoresponder", None), timezone.now()),
        _filters(many["filters_on"], many["filters_all"]),
        _spam(getattr(row, "spam", None), getattr(row.mail_domain, "spam", None)),
        _number("app-passwords", many["keys"], ngettext("%d valid", "%d valid", many["keys"])),
        _protocols(row),
        _number(
            "identities",
            many["more_senders"],
            ngettext("%d more than its own", "%d more than its own", many["more_senders"]),
        ),
    ]


def _rows() -> QuerySet[Mailbox]:
    """With what they have counted, each by a subquery: no joins that multiply."""
    valid = AppPassword.objects.exclude(expires__lte=timezone.now())
    filters = MailboxFilter.objects.all()
    related = ("forwarding", "autoresponder", "spam", "mail_domain__spam")
    return Mailbox.objects.select_related(*related).annotate(
        keys=_many(valid.filter(mailbox=OuterRef("pk")), "mailbox"),
        more_senders=_many(Identity.objects.filter(mailbox=OuterRef("pk")), "mailbox"),
        filters_all=_many(filters.filter(owner=OuterRef("pk")), "owner"),
        filters_on=_many(filters.filter(owner=OuterRef("pk"), enabled=True), "owner"),
    )


def _many(rows: QuerySet[Any], by: str) -> Coalesce:
    counted = rows.order_by().values(by).annotate(n=Count("pk")).values("n")
    return Coalesce(Subquery(counted, output_field=IntegerField()), 0)


def _off(tab: str, word: str = "", why: str = "") -> Said:
    return Said(tab=tab, word=word or _("Off"), css="off", icon="noentry", why=why)


def _number(tab: str, number: int, word: str) -> Said:
    return Said(tab=tab, word=word % number) if number else _off(tab, _("None"))


def _forwarding(row: Mailbox) -> Iterator[Said]:
    set_ = getattr(row, "forwarding", None)
    if set_ is None or not set_.targets:
        yield _off("forwarding")
        return
    targets = set_.targets
    waiting = Consent.objects.filter(source=row.address, target__in=targets, confirmed_at=None).count()
    word = ngettext("To %d address", "To %d addresses", len(targets)) % len(targets)
    kept = _("A copy stays here.") if set_.keep else _("No copy stays here.")
    if waiting:
        asked = ngettext("%d has not said yes yet.", "%d have not said yes yet.", waiting) % waiting
        yield Said(tab="forwarding", word=word, css="wait", icon="clock", why=f"{asked} {kept}")
    else:
        yield Said(tab="forwarding", word=word, why=kept)


def _autoresponder(row: Autoresponder | None, now: dt.datetime) -> Said:
    if row is None or not row.enabled:
        return _off("autoresponder", pgettext("an autoresponder", "Off"))
    if row.is_over(now):
        return _off("autoresponder", _("Its time is over"))
    if not row.answers_at(now):
        return Said(tab="autoresponder", word=_("Begins later"), css="wait", icon="clock", why=row.subject)
    return Said(tab="autoresponder", word=_("Answering now"), why=row.subject)


def _filters(on: int, all_: int) -> Said:
    if not all_:
        return _off("filters", _("None"))
    if not on:
        return _off("filters", _("All switched off"))
    off = ngettext("%d is switched off.", "%d are switched off.", all_ - on) % (all_ - on)
    return Said(tab="filters", word=ngettext("%d on", "%d on", on) % on, why=off if all_ > on else "")


def _spam(own: MailboxSpam | None, domains: DomainSpam | None) -> Said:
    row = own or domains
    does = row.does if row else SpamSettings.Does.JUNK
    words = {
        SpamSettings.Does.JUNK: _("Into Junk"),
        SpamSettings.Does.QUARANTINE: _("Into quarantine"),
        SpamSettings.Does.MARK: _("Only marked"),
    }
    score = _("From a score of %d on.") % (row.threshold if row else USUAL_THRESHOLD)
    why = score if own else f"{score} {_('As the whole domain.')}"
    return Said(tab="spam", word=words[SpamSettings.Does(does)], why=why)


def _protocols(row: Mailbox) -> Said:
    off = [word for name, word in PROTOCOLS.items() if not getattr(row, name)]
    if not off:
        return Said(tab="protocols", word=_("All ways in are open"), why=", ".join(PROTOCOLS.values()))
    if len(off) == len(PROTOCOLS):
        return _off("protocols", _("All ways in are closed"))
    word = _("%(protocols)s off") % {"protocols": ", ".join(off)}
    return Said(tab="protocols", word=word, css="wait", icon="pause")
