"""From a job's row to the state that its node shall have."""

from __future__ import annotations

from collections.abc import Sequence

from mailboxes.models import Job, Mailbox, MailDomain
from nodeagent import contract
from provision.services import Wanted


def job_state(job: Job) -> contract.Job | None:
    """None once it ended, or when its mailbox is deleted."""
    if job.ended or job.mailbox.deleted_at:
        return None
    return contract.Job(
        id=job.ident,
        what=job.kind,
        args=job.args | {"address": job.mailbox.address},
        sealed=job.sealed,
        paused=job.paused,
    )


def job_wanted(job: Job, *, absent: bool = False) -> Wanted:
    return Wanted(
        node=job.mail_domain.node,
        kind=contract.Job.KIND,
        key=f"{contract.Job.KIND}/{job.ident}",
        state=None if absent else job_state(job),
        domain=job.mail_domain.domain,
    )


def job_desired(key: str) -> contract.Job | None:
    _kind, _slash, ident = key.partition("/")
    found = Job.objects.select_related("mailbox").filter(ident=ident).first()
    return job_state(found) if found else None


class JobPart:
    """Jobs go, come back and move with their mailbox (services.parts)."""

    def of_mailboxes(self, mailboxes: Sequence[Mailbox], *, absent: bool) -> list[Wanted]:
        by_id = {mailbox.pk: mailbox for mailbox in mailboxes}
        rows = Job.objects.going().filter(mailbox__in=list(by_id)).select_related("mail_domain__node")
        found = []
        for job in rows.select_related("mail_domain__domain"):
            job.mailbox = by_id[job.mailbox_id]
            found.append(job_wanted(job, absent=absent))
        return found

    def of_domain(self, mail_domain: MailDomain, *, absent: bool) -> list[Wanted]:
        return []
