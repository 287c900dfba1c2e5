"""What somebody was looking at when they asked for help."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.http import HttpRequest
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from accounts.access import Right, domains_where
from accounts.models import Domain
from delivery.models import Entry
from delivery.ofmailbox import delivery_of
from guides.catalog import programs
from mailboxes.models import Mailbox
from mailboxes.people import MailboxUser

LONGEST = 300


@dataclass(frozen=True, slots=True, kw_only=True)
class About:
    """What the question is about, as far as this person may see it. ``key``: as it came, hostile; ``title``:
    in words, or empty."""

    key: str
    title: str
    domain: Domain | None
    mailbox: Mailbox | None
    entry: Entry | None


def about_of(request: HttpRequest) -> About:
    """By ``?about=`` (``guide:SLUG``, ``learn:SLUG``, ``message:ID``, any words), ``domain=`` and
    ``mailbox=``. What the person may not see is as if it was not named."""
    user: Any = request.user
    key = _clean(request, "about")
    if isinstance(user, MailboxUser):
        domain, entry = user.mail_domain.domain, _own_entry(key, user)
        return About(key=key, title=_title(key), domain=domain, mailbox=user, entry=entry)
    entry = _entry(key, user)
    found = _domain(request, user, entry)
    mailbox = _mailbox(request, user, found)
    return About(key=key, title=_title(key), domain=found, mailbox=mailbox, entry=entry)


def _domain(request: HttpRequest, user: Any, entry: Entry | None) -> Domain | None:
    """``mailbox`` names its domain, too."""
    rows = domains_where(user, Right.SETTINGS).select_related("account__reseller", "mail__node")
    if entry is not None and entry.domain_id:
        return _or_none(rows.filter(pk=entry.domain_id).first())
    name = _clean(request, "domain") or _clean(request, "mailbox").rpartition("@")[2]
    return _or_none(rows.filter(name=name).first()) if name else None


def _or_none(found: Any) -> Domain | None:
    return found if isinstance(found, Domain) else None


def _mailbox(request: HttpRequest, user: Any, domain: Domain | None) -> Mailbox | None:
    address = _clean(request, "mailbox")
    if not address or domain is None or not hasattr(domain, "mail"):
        return None
    rows = Mailbox.objects.visible_to(user).present()
    found: Mailbox | None = rows.filter(mail_domain=domain.mail, address=address).first()
    if found is not None:
        found.mail_domain = domain.mail
        domain.mail.domain = domain
    return found


def _entry(key: str, user: Any) -> Entry | None:
    pk = _number(key)
    rows = Entry.objects.visible_to(user).defer("words")
    found: Entry | None = rows.filter(pk=pk).first() if pk else None
    return found


def _own_entry(key: str, user: MailboxUser) -> Entry | None:
    pk = _number(key)
    return delivery_of(user.address, pk, domain=user.mail_domain.domain, since=user.since()) if pk else None


def _number(key: str) -> int:
    """Of ``message:ID``; 0 for anything else."""
    kind, _colon, text = key.partition(":")
    good = kind == "message" and text.isascii() and text.isdigit() and len(text) < 19
    return int(text) if good else 0


def _title(key: str) -> str:
    kind, _colon, name = key.partition(":")
    if kind == "guide" and name in programs():
        words = programs()[name].name
        said = words.get((get_language() or "en")[:2], words["en"])
        return _("The guide for %(program)s") % {"program": said}
    if kind == "message" and _number(key):
        return _("A message in Track Delivery")
    if kind == "learn":
        return _("The article “%(name)s”") % {"name": name}
    return ""


def _clean(request: HttpRequest, name: str) -> str:
    """One line of what may be kept in a database."""
    sent = request.POST if request.method == "POST" else request.GET
    text = sent.get(name, "")[:LONGEST]
    return "".join(sign for sign in text if sign.isprintable() and not 0xD800 <= ord(sign) < 0xE000).strip()
