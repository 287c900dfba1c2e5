"""Clean-ups: looked at first, then started, for exactly what was looked at."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from typing import Any

from django.core import signing
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.jobs.services import job_start
from mailboxes.models import CleanUp, Mailbox
from mailboxes.selectors import BYTES_PER_MB
from mailboxes.services.rights import own_or_allowed
from provision import asking

JOB = "clean"
SALT = "mailboxes.clean"
LOOK_HOLDS = dt.timedelta(hours=1)
What = CleanUp.What


@dataclass(frozen=True, slots=True, kw_only=True)
class Choice:
    """What somebody wants to be rid of. ``folder``: empty for all but Trash and Junk."""

    what: str
    folder: str = ""
    days: int = 0
    over_mb: int = 0
    to_trash: bool = False

    @property
    def over(self) -> int:
        return self.over_mb * BYTES_PER_MB


@dataclass(frozen=True, slots=True, kw_only=True)
class Preview:
    """What the node found. ``token``: it, signed, for ``clean_up_start``."""

    mails: int
    size_bytes: int
    folders: list[tuple[str, int, int]]
    first: list[dict[str, Any]]
    token: str


def clean_up_preview(*, actor: Any, mailbox: Mailbox, choice: Choice) -> Preview:
    """Not in a transaction. Raises Denied, NodeSilent."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    before = int((timezone.now() - dt.timedelta(days=choice.days)).timestamp()) if choice.days else 0
    found = asking.ask(
        mailbox.mail_domain.node,
        "storage_clean_preview",
        address=mailbox.address,
        clean=choice.what,
        folder=choice.folder,
        before=before,
        over=choice.over,
    )
    said = {
        "box": mailbox.pk,
        "what": choice.what,
        "folder": choice.folder,
        "days": choice.days,
        "over_mb": choice.over_mb,
        "to_trash": choice.to_trash,
        "before": before,
        "mails": int(found["mails"]),
        "size_bytes": int(found["bytes"]),
        "bounds": found["bounds"],
    }
    first = [row | {"at": dt.datetime.fromtimestamp(row["at"], dt.UTC)} for row in found["first"]]
    return Preview(
        mails=said["mails"],
        size_bytes=said["size_bytes"],
        folders=[(str(name), int(mails), int(size)) for name, mails, size in found["folders"]],
        first=first,
        token=signing.dumps(said, salt=SALT, compress=True),
    )


@transaction.atomic
def clean_up_start(*, actor: Any, mailbox: Mailbox, token: str) -> CleanUp:
    """Remove what a preview showed. Raises Denied, or Refused for one that is too old or started already."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    try:
        said = signing.loads(token, salt=SALT, max_age=LOOK_HOLDS)
    except signing.BadSignature:
        said = {}
    if said.get("box") != mailbox.pk:
        raise Refused(_("This look is too old to go by. Look again at what would be removed."))
    Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    if CleanUp.objects.filter(mailbox=mailbox, job__ended_at__isnull=True).exists():
        raise Refused(_("A clean-up of this mailbox is under way. Wait until it is done."))
    kept = {name: said[name] for name in ("folder", "before", "to_trash", "bounds")}
    args = kept | {"clean": said["what"], "over": said["over_mb"] * BYTES_PER_MB, "total": said["mails"]}
    job = job_start(actor=actor, kind=JOB, mailbox=mailbox, args=args)
    row: CleanUp = CleanUp.objects.create(
        mailbox_id=mailbox.pk,
        job=job,
        what=said["what"],
        folder=said["folder"],
        days=said["days"],
        over_mb=said["over_mb"],
        to_trash=said["to_trash"],
        before=said["before"],
        mails=said["mails"],
        size_bytes=said["size_bytes"],
    )
    return row
