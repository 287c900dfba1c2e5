"""What is attached to a question: what this person may see anyway, in lines. Never a password, a token or the
text of a mail."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from django.conf import settings
from django.core import signing
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from accounts.models import Domain
from accounts.suspension.inforce import suspension_of
from delivery.models import Entry
from delivery.signins.selectors import recent_sign_ins
from delivery.signins.words import encryption, result
from delivery.statuses import Direction, Status
from dnszone.models import Record
from guides.selectors import settings_for
from guides.support.about import About
from lib.dates import written
from lib.templatetags.ui import mb
from mailboxes.models import DkimKey, Mailbox
from mailboxes.people import MailboxUser

SIGN_INS, RECORDS, LINE = 10, 12, 300
_WAITING = (Status.PROGRESS, Status.DEFERRED, Status.HELD)
_SALT = "guides.support.shown"
KEPT = dt.timedelta(days=1)


@dataclass(frozen=True, slots=True)
class Part:
    """``key``: of the tick-box."""

    key: str
    title: str
    lines: list[str]


def parts_of(about: About, *, agent: str, reader: Any) -> list[Part]:
    """In the reader's language; without those that have nothing to say. At most six queries."""
    made = [
        Part("page", _("Where you came from"), [about.title or about.key] if about.key else []),
        Part("domain", _("The domain"), _domain(about.domain) if about.domain else []),
        Part("mailbox", _("The mailbox"), _mailbox(about.mailbox) if about.mailbox else []),
        Part("settings", _("The settings it is told"), _settings(about)),
        Part("signins", _("Its last sign-ins and refusals"), _sign_ins(about.mailbox, reader)),
        Part("dns", _("MX, SPF and DKIM in this panel"), _dns(about.domain)),
        Part("queue", _("Mail that waits"), _waiting(about, reader)),
        Part("message", _("The message"), _message(about.entry, reader)),
        Part("browser", _("Your browser, and the panel"), [agent[:LINE], f"Postroom {settings.VERSION}"]),
    ]
    found = [Part(one.key, one.title, [line[:LINE] for line in one.lines if line]) for one in made]
    return [one for one in found if one.lines]


def sealed(parts: list[Part], reader: Any) -> str:
    """What was shown, to come back with the form: what is sent is what was seen."""
    rows = [[one.key, one.title, one.lines] for one in parts]
    return signing.dumps(rows, salt=f"{_SALT}:{_who(reader)}", compress=True)


def unsealed(text: str, reader: Any) -> list[Part] | None:
    """None: not what we showed this person within KEPT."""
    try:
        rows = signing.loads(text, salt=f"{_SALT}:{_who(reader)}", max_age=KEPT)
    except signing.BadSignature:
        return None
    return [Part(key, title, lines) for key, title, lines in rows]


def _who(reader: Any) -> str:
    return f"{'mailbox' if isinstance(reader, MailboxUser) else 'person'}:{reader.pk}"


def _domain(domain: Domain) -> list[str]:
    return [
        domain.display_name,
        _("Account: %(name)s") % {"name": domain.account.name},
        _("Suspended") if suspension_of(domain) else "",
        _("Mail server: %(name)s") % {"name": domain.mail.node.host}
        if hasattr(domain, "mail")
        else _("No mail here"),
    ]


def _mailbox(box: Mailbox) -> list[str]:
    off = [name for name in ("imap", "pop3", "smtp", "sieve") if not getattr(box, name)]
    words = {"used": mb(box.used_mb), "most": mb(box.quota_mb)}
    return [
        box.address,
        _("%(used)s of %(most)s used") % words,
        _("Switched off: %(list)s") % {"list": ", ".join(off)} if off else "",
        _("Suspended") if suspension_of(box) else "",
    ]


def _settings(about: About) -> list[str]:
    if about.domain is None or not hasattr(about.domain, "mail"):
        return []
    address = about.mailbox.address if about.mailbox else ""
    config = settings_for(address, domain=about.domain)
    return [
        f"{one.protocol.value} {one.host} {one.port} {one.encryption.value} {one.username}".strip()
        for one in config.servers
    ]


def _sign_ins(box: Mailbox | None, reader: Any) -> list[str]:
    if box is None:
        return []
    since = timezone.now() - dt.timedelta(days=box.mail_domain.domain.account.log_days)
    since = max(since, reader.since() if isinstance(reader, MailboxUser) else box.created_at)
    rows = recent_sign_ins(box.address, since=since).rows[:SIGN_INS]
    said = []
    for row in rows:
        outcome = result(row)
        words = (row.protocol_name, outcome.text, outcome.more, encryption(row).text, row.client, row.program)
        said.append(" · ".join([_when(row.at), *(str(word) for word in words if word)]))
    return said or [_("None in the log.")]


def _dns(domain: Domain | None) -> list[str]:
    if domain is None:
        return []
    rows = Record.objects.filter(zone__domain=domain, owner="@", type__in=["MX", "TXT"])
    rows = rows.order_by("type", "rdata")
    said = [f"{row.type} {row.rdata}" for row in rows if row.type == "MX" or "v=spf1" in row.rdata][:RECORDS]
    if not any(line.startswith("MX") for line in said):
        said.insert(0, _("No MX record in this panel."))
    if not any(line.startswith("TXT") for line in said):
        said.append(_("No SPF record in this panel."))
    keys = DkimKey.objects.filter(mail_domain__domain=domain).order_by("-pk")[:3]
    said += [_dkim(key.selector, key.seen_at) for key in keys] or [_("No DKIM key.")]
    return said


def _dkim(selector: str, seen_at: dt.datetime | None) -> str:
    if seen_at is None:
        return _("DKIM key %(selector)s: not seen in the DNS yet") % {"selector": selector}
    return _("DKIM key %(selector)s: seen in the DNS %(at)s") % {"selector": selector, "at": _when(seen_at)}


def _waiting(about: About, reader: Any) -> list[str]:
    """The domain's; of a mailbox's own user, what that mailbox sent."""
    if about.domain is None:
        return []
    rows = Entry.objects.filter(domain_id=about.domain.pk, status__in=_WAITING).kept()
    rows = rows.exclude(direction=Direction.IN)
    if isinstance(reader, MailboxUser):
        rows = rows.filter(login=reader.address)
    count = rows.count()
    said = ngettext(
        "%(count)d sent mail is not delivered yet.", "%(count)d sent mails are not delivered yet.", count
    )
    return [said % {"count": count}] if count else [_("None.")]


def _message(entry: Entry | None, reader: Any) -> list[str]:
    """Where an alias of the domain leads is not for the user of one mailbox (delivery.ofmailbox)."""
    if entry is None:
        return []
    own = isinstance(reader, MailboxUser)
    covered = own and entry.address != reader.address and (bool(entry.via) or entry.login != reader.address)
    to = entry.via if covered and entry.via else entry.address
    fields: tuple[tuple[Callable[[], str], str], ...] = (
        (lambda: _("Written"), _when(entry.at)),
        (lambda: _("From"), entry.sender or ""),
        (lambda: _("To"), to),
        (lambda: _("Subject"), entry.subject or ""),
        (lambda: _("State"), str(Status(entry.status).label)),
        (lambda: _("Last change"), _when(entry.changed_at)),
        (lambda: _("Server"), "" if covered else entry.server),
        (lambda: _("Answer"), "" if covered else f"{entry.dsn} {entry.reply}".strip()),
        (lambda: _("Queue ID"), entry.queue_id),
    )
    return [f"{name()}: {_plain(value)}" for name, value in fields if value]


def _plain(text: str) -> str:
    return "".join(sign if sign.isprintable() else " " for sign in text)


def _when(at: dt.datetime) -> str:
    return written(timezone.localtime(at), "j F Y, H:i:s")
