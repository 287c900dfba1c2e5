"""Clean-up of a mailbox: what a preview meant, a few mails at a time.

Nothing is kept between steps: what is gone is not found again, so it goes on after a kill at any moment.
"""

from __future__ import annotations

from nodeagent import cleaning
from nodeagent.backends.base import BackendError
from nodeagent.jobs.work import JobFailedError, TryLaterError, Work


def clean(work: Work) -> None:
    """``args``: a cleaning.Wish with ``bounds``, and ``total``, the mails of the preview."""
    try:
        wanted = cleaning.wish(work.args)
        if wanted.bounds is None:
            raise JobFailedError("A clean-up without a preview removes nothing.")
        work.home(wanted.address)
    except BackendError as error:
        raise JobFailedError(str(error)) from error
    try:
        _run(work, wanted)
    except BackendError as error:
        work.home(wanted.address)  # deleted meanwhile: that is the end of it
        raise TryLaterError(str(error)) from error


def _run(work: Work, wanted: cleaning.Wish) -> None:
    doveadm = work.doveadm
    where = cleaning.meant(wanted, cleaning.folders(doveadm, wanted.address))
    waiting = [
        (folder, [row["uid"] for row in mails])
        for folder, mails in cleaning.found(doveadm, wanted, where, ["uid"])
    ]
    left = sum(len(uids) for _folder, uids in waiting)
    known = work.args.get("total")
    total = max(known if type(known) is int else 0, left)
    for folder, uids in waiting:
        for start in range(0, len(uids), cleaning.AT_ONCE):
            some = uids[start : start + cleaning.AT_ONCE]
            cleaning.remove(doveadm, wanted, folder, some)
            left -= len(some)
            work.tell(total - left, total)
    work.tell(total, total, now=True)
