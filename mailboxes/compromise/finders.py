"""What somebody added to a mailbox lately, subject by subject (steps.Finder), and which further passwords of
it still work. Filters and answers know no times of their own: their history does."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _

from mailboxes.compromise import steps
from mailboxes.compromise.steps import Addition
from mailboxes.filters import rules
from mailboxes.filters.words import actions_words
from mailboxes.models import AppPassword, Autoresponder, Forwarding, Identity, Mailbox, MailboxFilter

SHOWN = 20  # of one subject
HISTORY = 1000  # changes of one subject that are looked at
_PLACE = frozenset({"position"})  # who changes the order of filters changes none


def register() -> None:
    for finder in (forwarding, filters, autoresponder, app_passwords, identities):
        steps.register_finder(finder)
    steps.register_app_passwords(app_passwords_left)


def app_passwords_left(mailbox: Mailbox, at: datetime) -> int:
    """Whoever was in the mailbox until ``at`` may have made them, or know them."""
    rows = AppPassword.objects.filter(mailbox=mailbox.pk, created_at__lte=at)
    return rows.exclude(expires__lte=timezone.now()).count()


def forwarding(mailbox: Mailbox, since: datetime) -> list[Addition]:
    rows = Forwarding.objects.filter(mailbox=mailbox.pk, changed_at__gte=since)
    text = _("Its mail is sent on to %(targets)s.")
    return [
        Addition(row.changed_at, text % {"targets": _listed(row.targets)}, "mailbox-forwarding")
        for row in rows
    ]


def filters(mailbox: Mailbox, since: datetime) -> list[Addition]:
    changed = _changed(MailboxFilter, since, but=_PLACE, owner=mailbox.pk)
    rows = MailboxFilter.objects.filter(pk__in=changed, owner=mailbox.pk)
    found = []
    for row in sorted(rows, key=_alarming)[:SHOWN]:
        does = "; ".join(actions_words(row, set()))
        text = _("Filter “%(name)s”: %(does)s.") if row.enabled else _("Filter “%(name)s”, off: %(does)s.")
        found.append(Addition(changed[row.pk], text % {"name": row.name, "does": does}, "mailbox-filters"))
    return found


def _alarming(row: MailboxFilter) -> bool:
    """Those that send mail elsewhere or make it vanish come first."""
    does = {action.do for action in rules.actions_of(row.actions)}
    return not does & {rules.FORWARD, rules.DISCARD, rules.REFUSE}


def autoresponder(mailbox: Mailbox, since: datetime) -> list[Addition]:
    row = Autoresponder.objects.filter(mailbox=mailbox.pk, enabled=True).first()
    changed = _changed(Autoresponder, since, mailbox=mailbox.pk) if row else {}
    if row is None or row.pk not in changed:
        return []
    text = _("It answers every sender by itself: “%(subject)s”.") % {"subject": row.subject}
    return [Addition(changed[row.pk], text, "mailbox-autoresponder")]


def app_passwords(mailbox: Mailbox, since: datetime) -> list[Addition]:
    rows = AppPassword.objects.filter(mailbox=mailbox.pk, created_at__gte=since).order_by("-created_at")
    text = _("App password “%(label)s”.")
    return [
        Addition(row.created_at, text % {"label": row.label}, "mailbox-app-passwords") for row in rows[:SHOWN]
    ]


def identities(mailbox: Mailbox, since: datetime) -> list[Addition]:
    rows = Identity.objects.filter(mailbox=mailbox.pk, created_at__gte=since).order_by("-created_at")
    text = _("It may send as %(address)s too.")
    return [
        Addition(row.created_at, text % {"address": row.address}, "mailbox-identities")
        for row in rows[:SHOWN]
    ]


def _changed(model: Any, since: datetime, *, but: Iterable[str] = (), **of: Any) -> dict[int, datetime]:
    """Row → when it last became what it is, if that is after ``since``; a change of ``but`` alone is none."""
    events = model.pgh_event_model.objects.filter(**of)
    fields = [field.attname for field in model._meta.concrete_fields if field.name not in but]
    was: dict[int, tuple[Any, ...]] = {}
    at: dict[int, datetime] = {}
    for event in events.order_by("-pgh_id")[:HISTORY][::-1]:
        now = tuple(repr(getattr(event, name, None)) for name in fields)
        if was.get(event.pgh_obj_id) != now:
            was[event.pgh_obj_id], at[event.pgh_obj_id] = now, event.pgh_created_at
    return {key: moment for key, moment in at.items() if moment >= since}


def _listed(targets: list[str]) -> str:
    shown = ", ".join(targets[:5])
    return _("%(some)s and others") % {"some": shown} if len(targets) > 5 else shown
