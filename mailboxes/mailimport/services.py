"""Import of mail: one job a mailbox, its password sealed for the node before anything is saved."""

from __future__ import annotations

import uuid
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.utils.translation import gettext as _

from accounts.models import Account
from lib import sealing
from lib.errors import Refused
from mailboxes.jobs.services import job_start
from mailboxes.mailimport.places import ours
from mailboxes.models import Job, Mailbox, MailDomain

KIND = "import"


@dataclass(frozen=True, slots=True, kw_only=True)
class Source:
    """``security``: ``tls`` or ``starttls``. The password is in no repr."""

    host: str
    port: int
    security: str
    user: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Ready:
    """A source with its password sealed for the job of this name."""

    source: Source
    mailbox: Mailbox
    ident: str
    sealed: str


def allowed(account: Account) -> bool:
    """Whether the plan has it, and the reseller's."""
    return bool(account.import_mail and (account.reseller is None or account.reseller.import_mail))


def sealed(*, mailbox: Mailbox, source: Source, password: str) -> Ready:
    """The password is known to nobody but the node from here on. Raises Refused."""
    node, ident = mailbox.mail_domain.node, uuid.uuid4().hex
    if not node.sealing_key:
        raise Refused(_("The mail server cannot take passwords yet. Its provider has to update it."))
    return Ready(
        source=source, mailbox=mailbox, ident=ident, sealed=sealing.seal(node.sealing_key, password, ident)
    )


@transaction.atomic
def import_start(*, actor: Any, ready: Ready) -> Job:
    """Places are checked before (places.place_check). Raises Refused."""
    mailbox, source = ready.mailbox, ready.source
    if not allowed(mailbox.mail_domain.domain.account):
        raise Refused(_("Import of mail is not part of this plan. Ask who runs your mail."))
    going = Job.objects.going().filter(mailbox_id=mailbox.pk, kind=KIND)
    same = {"host": source.host, "user": source.user}
    for job in going.filter(args__contains=same):
        if job.running or job.paused:
            text = _("Mail of %(user)s is being imported into this mailbox already.")
            raise Refused(text % {"user": source.user}, "user")
    args = same | {"port": source.port, "security": source.security, "ours": ours()}
    return job_start(
        actor=actor, kind=KIND, mailbox=mailbox, args=args, sealed=ready.sealed, ident=ready.ident
    )


@transaction.atomic
def imports_start(*, actor: Any, mail_domain: MailDomain, ready: list[Ready]) -> int:
    """All of them, or none."""
    for one in ready:
        import_start(actor=actor, ready=one)
    return len(ready)
