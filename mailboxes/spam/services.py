"""What people change about spam. Each service is one transaction: the row and the script that follows."""

from __future__ import annotations

from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.models import DomainListEntry, DomainSpam, Mailbox, MailboxListEntry, MailboxSpam, MailDomain
from mailboxes.models.spam import LARGEST_THRESHOLD, ListEntry, SpamSettings
from mailboxes.services.rights import domain_allowed, own_or_allowed, person
from mailboxes.sieve.composing import domain_script_wanted, scripts_wanted
from mailboxes.spam.senders import normalise_sender
from provision.services import push_enqueue

Owner = Mailbox | MailDomain
MOST_ENTRIES = 500
HIGHEST_SCORE = 50  # X-Spam-Level has no more stars


@transaction.atomic
def spam_set(
    *, actor: Any, owner: Owner, threshold: int, does: str, quarantine_from: int | None
) -> SpamSettings:
    """``owner``: a mailbox, or a domain's mail for those without settings of their own. Raises Denied;
    Refused."""
    _locked(actor, owner)
    if not 1 <= threshold <= LARGEST_THRESHOLD:
        raise Refused(_("Choose a number from 1 to 20."), "threshold")
    if does not in SpamSettings.Does.values:
        raise Refused(_("Choose one of these."), "does")
    if quarantine_from is not None and not threshold <= quarantine_from <= HIGHEST_SCORE:
        text = _("Write a number from the threshold, %(least)d, to %(most)d, or nothing.")
        raise Refused(text % {"least": threshold, "most": HIGHEST_SCORE}, "quarantine_from")
    values = {"threshold": threshold, "does": does, "quarantine_from": quarantine_from}
    row: SpamSettings
    row, _made = _settings(owner).objects.update_or_create(owner_id=owner.pk, defaults=values)
    _push(actor, owner)
    return row


@transaction.atomic
def spam_reset(*, actor: Any, owner: Owner) -> None:
    """As for everybody again: a mailbox as its domain, a domain as the server."""
    _locked(actor, owner)
    _settings(owner).objects.filter(owner_id=owner.pk).delete()
    _push(actor, owner)


@transaction.atomic
def entry_add(
    *,
    actor: Any,
    owner: Owner,
    kind: str,
    sender: str,
    unproven: bool = False,
    drops: bool = False,
    note: str = "",
) -> ListEntry:
    """A sender on the Allowlist or the Denylist; already there: nothing but the note and the choices change.
    Raises Denied; Refused for what is no sender, one on the other list, and too many."""
    _locked(actor, owner)
    if kind not in ListEntry.Kind.values:
        raise Refused(_("Choose one of these."), "kind")
    sender, allow = normalise_sender(sender), kind == ListEntry.Kind.ALLOW
    rows = entries_of(owner)
    known = rows.filter(sender=sender).first()
    if known is None and rows.count() >= MOST_ENTRIES:
        text = _("%(n)d senders fit on the two lists. Remove some first, or name a whole domain.")
        raise Refused(text % {"n": MOST_ENTRIES}, "sender")
    if known is not None and known.kind != kind:
        text = _("%(sender)s is on the %(list)s already. Remove it there first.")
        raise Refused(text % {"sender": sender, "list": known.get_kind_display()}, "sender")
    row: ListEntry = known or _entries(owner)(owner_id=owner.pk, kind=kind, sender=sender)
    row.unproven, row.drops, row.note = allow and unproven, not allow and drops, note.strip()[:200]
    row.save()
    _push(actor, owner)
    return row


@transaction.atomic
def entry_remove(*, actor: Any, owner: Owner, entry: int) -> None:
    """One that is no longer there is no error."""
    _locked(actor, owner)
    entries_of(owner).filter(pk=entry).delete()
    _push(actor, owner)


def settings_of(owner: Owner) -> SpamSettings | None:
    """Asks nothing where ``owner`` was read with them (``select_related("spam")``)."""
    found: SpamSettings | None = getattr(owner, "spam", None)
    return found


def entries_of(owner: Owner) -> Any:
    """A queryset of both lists."""
    return _entries(owner).objects.filter(owner_id=owner.pk)


def _settings(owner: Owner) -> type[Any]:
    return MailboxSpam if isinstance(owner, Mailbox) else DomainSpam


def _entries(owner: Owner) -> type[Any]:
    return MailboxListEntry if isinstance(owner, Mailbox) else DomainListEntry


def _locked(actor: Any, owner: Owner) -> None:
    """Rights, and one change at a time: a script is made from all rows."""
    if isinstance(owner, Mailbox):
        own_or_allowed(actor, Right.MANAGE, owner)
        found: Any = Mailbox.objects.select_for_update(of=("self",)).filter(
            pk=owner.pk, deleted_at__isnull=True
        )
    else:
        domain_allowed(actor, Right.MANAGE, owner.domain)
        found = MailDomain.objects.select_for_update(of=("self",)).filter(pk=owner.pk)
    if found.first() is None:
        raise Refused(_("It was deleted meanwhile."))


def _push(actor: Any, owner: Owner) -> None:
    wanted = scripts_wanted([owner]) if isinstance(owner, Mailbox) else [domain_script_wanted(owner)]
    push_enqueue(actor=person(actor), wanted=wanted)
