"""Archives of mail: made by a node's export and kept for a week, or given by a person to restore from."""

from __future__ import annotations

import datetime as dt
import io
import uuid
from typing import IO, Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.archives import store
from mailboxes.jobs.services import job_start
from mailboxes.models import Archive, Job, Mailbox
from mailboxes.services.rights import own_or_allowed

EXPORT, RESTORE = "export", "restore"
LIFE = dt.timedelta(days=7)
WHILE_SENT = dt.timedelta(hours=1)  # what a person sends goes after that, unless a job reads it then
MOST_BYTES = 1024**3  # of what a person gives
MOST_KEPT = 5  # of one mailbox


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


def restore_bring(*, actor: Any, mailbox: Mailbox, filename: str, file: IO[bytes], folder: str) -> Job:
    """``folder``: where to; empty: where they were. Not one transaction: a gigabyte takes its time, and
    nobody else shall wait for it at the mailbox. Raises Refused."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    _room(mailbox)
    archive = Archive.objects.create(filename=filename[:200], expires_at=timezone.now() + WHILE_SENT)
    try:
        archive.size = store.put(archive, 0, file.read)
        return restore_start(actor=actor, mailbox=mailbox, archive=archive, folder=folder)
    except Refused:
        archive.delete()
        raise


@transaction.atomic
def restore_start(*, actor: Any, mailbox: Mailbox, archive: Archive, folder: str) -> Job:
    """``archive``: all of it is there. Raises Refused."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    _room(mailbox)
    args = {"folder": folder, "archive": archive.ident}
    archive.job = job_start(actor=actor, kind=RESTORE, mailbox=mailbox, args=args)
    archive.complete, archive.expires_at = True, timezone.now() + LIFE
    archive.save(update_fields=["job", "complete", "size", "expires_at"])
    return archive.job


def restore_ended(job: Job) -> None:
    """What a person gave goes at once."""
    Archive.objects.filter(job=job, job__kind=RESTORE).update(expires_at=timezone.now())


@transaction.atomic
def piece_take(*, archive: Archive, start: int, data: bytes, last: bool) -> bool:
    """False: there is a hole before ``start``. A complete one stays as it is."""
    row = Archive.objects.select_for_update(of=("self",)).filter(pk=archive.pk).first()
    if row is None or start > row.size:
        return False
    if not row.complete:
        row.size, row.complete = store.put(row, start, io.BytesIO(data).read), last
        row.save(update_fields=["size", "complete"])
    return True


def archives_expire() -> int:
    """Beat: those that were kept long enough, each in a transaction of its own; how many."""
    return sum(
        _expire(pk)
        for pk in Archive.objects.filter(expires_at__lte=timezone.now()).values_list("pk", flat=True)[:500]
    )


@transaction.atomic
def _expire(pk: int) -> bool:
    """False: another worker is at it."""
    rows = Archive.objects.select_for_update(of=("self",), skip_locked=True)
    row = rows.filter(pk=pk, expires_at__lte=timezone.now()).first()
    if row is not None:
        row.delete()
    return row is not None


def _room(mailbox: Mailbox) -> None:
    kept = Archive.objects.filter(job__mailbox_id=mailbox.pk, expires_at__gt=timezone.now())
    if kept.count() >= MOST_KEPT:
        text = _("%(n)d archives of this mailbox are kept already. Delete one first.")
        raise Refused(text % {"n": MOST_KEPT})
