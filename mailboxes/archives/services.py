"""Archives of mail: made by a node's export and kept for a week, or given by a person to restore from."""

from __future__ import annotations

import datetime as dt
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.jobs.services import job_start
from mailboxes.models import Archive, Job, Mailbox
from mailboxes.services.rights import own_or_allowed

EXPORT, RESTORE = "export", "restore"
LIFE = dt.timedelta(days=7)
MOST_BYTES = 1024**3  # of what a person gives
MOST_KEPT = 5  # of one mailbox


def path_of(archive: Archive) -> Path:
    return Path(settings.ARCHIVES) / archive.ident


@transaction.atomic
def export_start(*, actor: Any, mailbox: Mailbox, folder: str = "") -> Job:
    """``folder``: one; empty: all. Raises Refused."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    _room(mailbox)
    ident = uuid.uuid4().hex
    args = {"folder": folder, "archive": ident}
    job = job_start(actor=actor, kind=EXPORT, mailbox=mailbox, args=args)
    name = f"{mailbox.address}{' ' + folder.replace('/', ' ') if folder else ''}.zip"
    Archive.objects.create(ident=ident, job=job, filename=name, expires_at=timezone.now() + LIFE)
    return job


@transaction.atomic
def restore_start(*, actor: Any, mailbox: Mailbox, ident: str, filename: str, size: int, folder: str) -> Job:
    """The file is at its place already (path_of). ``folder``: where to; empty: where they were."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    _room(mailbox)
    job = job_start(actor=actor, kind=RESTORE, mailbox=mailbox, args={"folder": folder, "archive": ident})
    Archive.objects.create(
        ident=ident,
        job=job,
        filename=filename[:200],
        size=size,
        complete=True,
        expires_at=timezone.now() + LIFE,
    )
    return job


def restore_ended(job: Job) -> None:
    """What a person gave goes at once."""
    Archive.objects.filter(job=job, job__kind=RESTORE).update(expires_at=timezone.now())


@transaction.atomic
def piece_taken(*, archive: Archive, size: int, last: bool) -> None:
    Archive.objects.filter(pk=archive.pk, complete=False).update(size=size, complete=last)


def archives_expire() -> int:
    """Beat: files that were kept long enough. Files first: a row without one is harmless."""
    rows = list(Archive.objects.filter(expires_at__lte=timezone.now())[:500])
    for archive in rows:
        path_of(archive).unlink(missing_ok=True)
    Archive.objects.filter(pk__in=[archive.pk for archive in rows]).delete()
    return len(rows)


def _room(mailbox: Mailbox) -> None:
    kept = Archive.objects.filter(job__mailbox_id=mailbox.pk, expires_at__gt=timezone.now())
    if kept.count() >= MOST_KEPT:
        text = _("%(n)d archives of this mailbox are kept already. Delete one first.")
        raise Refused(text % {"n": MOST_KEPT})
