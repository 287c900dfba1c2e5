"""Long work: started, paused, gone on with, cancelled by people; how far it is, told by its node."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from accounts.access import Right
from lib.errors import Refused
from mailboxes.jobs import kinds
from mailboxes.jobs.desired import job_wanted
from mailboxes.models import Job, Mailbox
from mailboxes.services.rights import own_or_allowed, person
from nodeagent import contract
from provision.models import Node
from provision.services import push_enqueue

MOST_GOING = 4  # at once for one mailbox
KEPT = dt.timedelta(days=14)


@transaction.atomic
def job_start(
    *, actor: Any, kind: str, mailbox: Mailbox, args: dict[str, Any], sealed: str = "", ident: str = ""
) -> Job:
    """``args``: what nodeagent.jobs' function needs; the mailbox's address is added. ``ident``: 32 hex digits
    when ``sealed`` was bound to it before. Raises Refused while too much is under way."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    kinds.get(kind)
    Mailbox.objects.select_for_update().get(pk=mailbox.pk)
    going = Job.objects.going().filter(mailbox_id=mailbox.pk)
    if going.filter(state__in=_BUSY).count() >= MOST_GOING:
        text = _("Much is under way for %(address)s already. Wait until some of it is done.")
        raise Refused(text % {"address": mailbox.address})
    job = Job(kind=kind, mailbox_id=mailbox.pk, mail_domain=mailbox.mail_domain, args=args, sealed=sealed)
    if ident:
        job.ident = ident
    job.who = person(actor)
    job.who_name = str(actor.email if actor else "")
    job.save(force_insert=True)
    push_enqueue(actor=person(actor), wanted=[job_wanted(job)])
    return job


@transaction.atomic
def job_pause(*, actor: Any, job: Job) -> None:
    row = _locked(actor, job)
    if row.running and not row.paused:
        row.paused, row.state = True, Job.State.PAUSED
        _save(actor, row, "paused", "state")


@transaction.atomic
def job_resume(*, actor: Any, job: Job) -> None:
    row = _locked(actor, job)
    if row.paused:
        row.paused, row.state = False, Job.State.WAITING
        _save(actor, row, "paused", "state")


@transaction.atomic
def job_cancel(*, actor: Any, job: Job) -> None:
    """Stopped for good; what it did stays done. What waits for another round (kinds.JobKind.stays) is
    finished."""
    row = _locked(actor, job)
    if row.state not in (Job.State.DONE, Job.State.FAILED):
        row.state = Job.State.CANCELLED
    _end(row)
    push_enqueue(actor=person(actor), wanted=[job_wanted(row)])


@transaction.atomic
def job_again(*, actor: Any, job: Job) -> None:
    """Another round of one that is done or gave up and stays (kinds.JobKind.stays)."""
    row = _locked(actor, job)
    if row.state in (Job.State.DONE, Job.State.FAILED):
        row.args = row.args | {"round": int(row.args.get("round", 1)) + 1}
        row.state, row.paused, row.note = Job.State.WAITING, False, ""
        _save(actor, row, "args", "state", "paused", "note")


def jobs_progress(node: Node, progress: Iterable[contract.Progress]) -> None:
    """What a node tells of its jobs (provision.kinds.register_progress). A row that ended stays as it is."""
    told = {one["id"]: one for one in progress}
    rows = Job.objects.going().filter(ident__in=list(told), mail_domain__node=node)
    for job in rows.select_related("mailbox", "mail_domain__node", "mail_domain__domain").select_for_update(
        of=("self",)
    ):
        _take(job, told[job.ident])


def _take(job: Job, told: contract.Progress) -> None:
    rounds = told["facts"].get("round")
    if told["state"] not in _TOLD or (rounds and rounds != job.args.get("round", 1)):
        return  # a word from before another round began
    was = job.state
    if was in (Job.State.DONE, Job.State.FAILED) and told["state"] in _BUSY:
        return  # another worker took the word that came after this one first
    job.state = Job.State.PAUSED if job.paused and told["state"] in _BUSY else told["state"]
    job.done, job.total, job.note, job.facts = told["done"], told["total"], told["note"], told["facts"]
    job.heard_at = timezone.now()
    kind = kinds.get(job.kind)
    ended = job.state in (Job.State.DONE, Job.State.FAILED)
    if ended and was != job.state:
        kind.on_end(job)
    if ended and not kind.stays:
        _end(job)
        push_enqueue(actor=None, wanted=[job_wanted(job)])
        return
    job.save(update_fields=["state", "done", "total", "note", "facts", "heard_at"])


@transaction.atomic
def jobs_forget() -> int:
    """What is done and waits for another round ends after KEPT: its secret goes. How many."""
    states = (Job.State.DONE, Job.State.FAILED)
    rows = Job.objects.going().filter(state__in=states, heard_at__lt=timezone.now() - KEPT)
    over = list(
        rows.select_related("mailbox", "mail_domain__node", "mail_domain__domain")
        .select_for_update(of=("self",), skip_locked=True)
        .order_by("pk")[:500]
    )
    for row in over:
        _end(row)
    push_enqueue(actor=None, wanted=[job_wanted(row) for row in over])
    return len(over)


def _locked(actor: Any, job: Job) -> Job:
    """Raises Denied, or Refused when it ended."""
    own_or_allowed(actor, Right.MANAGE, job.mailbox)
    rows = Job.objects.select_related("mailbox", "mail_domain__node", "mail_domain__domain")
    row: Job = rows.select_for_update(of=("self",)).get(pk=job.pk)
    if row.ended:
        raise Refused(_("This is over already."))
    return row


def _save(actor: Any, row: Job, *fields: str) -> None:
    row.save(update_fields=list(fields))
    push_enqueue(actor=person(actor), wanted=[job_wanted(row)])


def _end(row: Job) -> None:
    """The sealed secret goes with it."""
    row.ended_at, row.sealed = timezone.now(), ""
    row.save()


_BUSY = ("waiting", "running", "paused")
_TOLD = (*_BUSY, "done", "failed")
