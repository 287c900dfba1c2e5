"""What is known by the status alone, and what people or rules of this server did with a mail. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import FAILED, WAITING, Cause, Words

NOT_SEARCHED = frozenset[int]()
# Never found by their text: delivery.explain knows them by the status.
BY_STATUS = (
    Cause(
        "on-its-way",
        Words(_("On its way."), _("The server has this mail and is working on it.")),
        on=NOT_SEARCHED,
    ),
    Cause(
        "in-mailbox",
        Words(_("In the mailbox."), _("It was put into the mailbox on this server.")),
        on=NOT_SEARCHED,
    ),
    Cause(
        "accepted",
        Words(
            _("Accepted by their server."),
            _(
                "The receiving server took it and is answerable for it now. What it does with the "
                "mail, such as putting it into a spam folder, cannot be seen from here."
            ),
        ),
        on=NOT_SEARCHED,
    ),
    Cause(
        "discarded",
        Words(
            _("Thrown away, as the catch-all says."),
            _(
                "Nobody has this address, and the domain’s catch-all is set to discard such mail. "
                "The sender is not told."
            ),
        ),
        on=NOT_SEARCHED,
    ),
    Cause(
        "held",
        Words(
            _("Held in the queue."),
            _(
                "Somebody stopped this mail in the queue. It stays there, untried, until it is let "
                "go or deleted."
            ),
            _("Let it go, or delete it."),
            "ours",
            "release",
        ),
        on=NOT_SEARCHED,
    ),
)
CAUSES = (
    Cause(
        "removed-by-hand",
        Words(
            _("Deleted from the queue."),
            _(
                "Somebody who may do so took this mail out of the queue before it was delivered. It "
                "was not sent, and no notice about it was written."
            ),
            _("Send it again if it was deleted by mistake."),
            "ours",
        ),
        on=FAILED,
        says=("deleted from the queue",),
    ),
    Cause(
        "queue-on-hold",
        Words(
            _("Waits: sending is on hold for this sender."),
            _(
                "Sending was put on hold for this mailbox, mostly because it looked as if somebody "
                "else was using it. What it had sent before waits in the queue, and nothing is lost."
            ),
            _("Make sure that the mailbox is in the right hands, then let sending go on."),
            "ours",
            "resume",
        ),
        on=WAITING,
        says=("sending is on hold for this sender",),
    ),
)
