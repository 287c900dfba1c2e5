"""What this server says to others who want to hand in mail. Each text of deploy/postfix and nodeagent that a
stranger can be told is here. Pure."""

from __future__ import annotations

from django.utils.translation import gettext_lazy as _

from delivery.explain.kinds import REFUSED, Cause, Words

CAUSES = (
    Cause(
        "unknown-here",
        Words(
            _("There is no such address here."),
            _(
                "Somebody wrote to an address that does not exist in this domain, so it was turned "
                "away at the door. The sender was told."
            ),
            _("If mail should arrive there, make the mailbox or an alias."),
            "sender",
            "create-mailbox",
        ),
        on=REFUSED,
        says=("user unknown", "no local delivery"),
        sent=Words(
            _("There is no such address."),
            _("The address that this was written to does not exist."),
            _("Check the address for a typing mistake."),
            "sender",
            "fix-address",
        ),
    ),
    Cause(
        "primary-refused",
        Words(
            _("The first mail server does not know the address."),
            _(
                "This server is the backup of the domain. It asked the domain’s first mail server, "
                "which does not take mail for this address."
            ),
            _("Make the address on the first mail server."),
            "recipient",
        ),
        on=REFUSED,
        says=("undeliverable address",),
    ),
    Cause(
        "primary-not-asked",
        Words(
            _("The address could not be checked yet."),
            _(
                "This server wanted to ask the domain’s first mail server about the address and had "
                "no answer in time."
            ),
            "",
            "theirs",
        ),
        on=REFUSED,
        says=("unverified address", "address verification problem"),
    ),
    Cause(
        "relay-denied",
        Words(
            _("Not a domain of ours, and not signed in."),
            _(
                "Somebody tried to send through this server to another provider without signing in. "
                "That is never allowed, or anybody could send spam from here."
            ),
            _(
                "If it was your own program: switch on authentication for outgoing mail, with the "
                "full address as user name."
            ),
            "sender",
        ),
        on=REFUSED,
        says=("relay access denied",),
    ),
    Cause(
        "domain-takes-no-mail",
        Words(
            _("The domain is set to take no mail."),
            _(
                "Email routing of this domain is switched off, and its DNS says so (null MX). So all "
                "mail to it is turned away."
            ),
            _("Change email routing if the domain should receive mail."),
            "recipient",
            "open-routing",
        ),
        on=REFUSED,
        says=("takes no mail (null mx",),
    ),
    Cause(
        "domain-moved",
        Words(
            _("The domain’s mail goes elsewhere now."),
            _(
                "Email routing says that other servers receive this domain’s mail. The sender still "
                "used the old MX record, and was asked to look it up again."
            ),
            _("If the mail should come here, change email routing."),
            "sender",
            "open-routing",
        ),
        on=REFUSED,
        says=("is taken by other servers now",),
    ),
    Cause(
        "receiving-suspended",
        Words(
            _("Receiving is switched off for this mailbox."),
            _(
                "The mailbox takes no mail at the moment. The sender’s server keeps it and tries "
                "again for some days, so nothing is lost if it is resumed soon."
            ),
            _("Resume the mailbox to let it in."),
            "recipient",
            "resume",
        ),
        on=REFUSED,
        says=("suspended and takes no mail", "mailbox temporarily disabled"),
        sent=Words(
            _("The mailbox takes no mail at the moment."),
            _("Receiving is switched off for the address that this was written to."),
            _("Write again later."),
            "recipient",
        ),
    ),
    Cause(
        "mailbox-full-here",
        Words(
            _("The mailbox is full."),
            _("There is no room left in this mailbox, so mail for it is turned away and the sender is told."),
            _("Delete mail, or raise the quota."),
            "recipient",
            "raise-quota",
        ),
        on=REFUSED,
        says=("mailbox is full",),
        sent=Words(
            _("The recipient’s mailbox is full."),
            _("There is no room left in the mailbox that this was written to."),
            _("Write again when there is room, or tell them another way."),
            "recipient",
        ),
    ),
    Cause(
        "forwarded-bounce-forged",
        Words(
            _("A false notice of failure, turned away."),
            _(
                "It was addressed like the answer to a mail forwarded from here, and nothing was "
                "forwarded under that address. Spammers do this."
            ),
            "",
            "sender",
        ),
        on=REFUSED,
        says=(
            "forwarded address is forged",
            "that is no forwarded address",
            "that is no address",
            "no address that a bounce could go to",
        ),
    ),
    Cause(
        "forwarded-bounce-old",
        Words(
            _("A notice that came far too late."),
            _(
                "It answers a mail that was forwarded from here so long ago that no honest notice is "
                "still on its way."
            ),
            "",
            "sender",
        ),
        on=REFUSED,
        says=("forwarded mail is too old",),
    ),
    Cause(
        "sender-has-control-character",
        Words(
            _("The sender’s address is malformed."),
            _("It holds a sign that no address can have. Such mail comes from broken or hostile programs."),
            "",
            "sender",
        ),
        on=REFUSED,
        says=("holds a control character",),
    ),
)
