"""Too big, too full, too many. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import Cause, Words

CAUSES = (
    Cause(
        "mailbox-full",
        Words(
            _("The recipient’s mailbox is full."),
            _("There is no room left in the mailbox that this was written to."),
            _("Tell them another way; they have to make room."),
            "recipient",
        ),
        says=(
            "over quota",
            "overquota",
            "over-quota",
            "quota exceeded",
            "exceeds quota",
            "exceeded quota",
            "exceeded storage allocation",
            "mailbox full",
            "mailbox is full",
            "mailbox for user is full",
            "mailbox size limit",
            "inbox is full",
            "quota violation",
            "quota limit",
            "storage full",
            "exceeded its quota",
            "exceeded the quota",
            "disk quota",
            "out of storage",
            "mailbox limit",
            "not enough storage",
            "account is full",
            "quota_exceeded",
            "mailbox quota",
            "user is over",
            "buzon lleno",
            "casella piena",
            "postfach voll",
        ),
    ),
    Cause(
        "too-many-recipients",
        Words(
            _("Too many recipients at once for their server."),
            _("It takes only some recipients in one go; the others are sent with the next."),
            "",
            "theirs",
        ),
        says=("too many recipients",),
    ),
    Cause(
        "too-big",
        Words(
            _("It is too big for their server."),
            _(
                "The mail is larger than the receiving server takes. Attachments grow by a third on "
                "their way."
            ),
            _("Send a link instead of the attachment."),
            "sender",
        ),
        says=(
            "message size",
            "message too big",
            "message too large",
            "message file too big",
            "message is too large",
            "size limit",
            "exceeds maximum",
            "exceeds the maximum",
            "maximum message",
            "too large",
            "too big",
            "message length exceeds",
            "larger than",
        ),
    ),
    Cause(
        "their-disk-full",
        Words(
            _("Their server has no room left."),
            _("Not the mailbox but the whole receiving server is short of space."),
            _("If it goes on for a day: tell the recipient another way."),
            "theirs",
            "retry-now",
        ),
        says=(
            "insufficient system storage",
            "insufficient system resources",
            "insufficient disk",
            "disk full",
            "no space left",
            "system storage",
            "insufficient storage",
        ),
    ),
)
