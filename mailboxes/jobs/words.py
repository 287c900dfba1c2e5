"""What a node says of its work (nodeagent.jobs), in the words of the reader. The node knows no languages."""

from __future__ import annotations

from django.utils.translation import gettext_noop as _

from lib.recognised import Sentences

NOTES = Sentences(
    [
        _("Handing it over."),
        _("Fetching the archive."),
        _("Counting."),
        _("Packing %(folder)s."),
        _("Looking at the other server."),
        _("Looking at %(folder)s."),
        _("Comparing."),
        _("Fetching %(folder)s."),
        _("Looking through the archive."),
        _("Saving."),
        _("There is no server called %(host)s. Check the name of the mail server."),
        _(
            "%(host)s leads to an address inside a network, or to this server itself. "
            "Mail is imported only from servers in the public internet."
        ),
        _(
            "The certificate of %(host)s is not one for this name (%(why)s). "
            "Use the name that its provider gives for mail programs."
        ),
        _("%(host)s does not answer on port %(port)s (%(why)s)."),
        _("%(host)s closed the connection (%(why)s)."),
        _(
            "%(host)s does not accept the user name and password: %(why)s "
            "Some providers want an app password made for mail programs."
        ),
        _("%(host)s does not answer (%(why)s)."),
        _("The mailbox is full. What came until now is kept; give it more storage and try again."),
        _("The mailbox is full. What came until now is kept; give it more storage and go on."),
        _("The mailbox is full. What was saved is kept; give it more storage."),
        _("The transfer was interrupted and goes on by itself. (%(why)s)"),
        _("The mail server does not say how much room the mailbox has."),
        _("Dovecot does not open this mailbox; its provider must look."),
        _("The panel sent a wrong value for %(name)s."),
        _("The panel sent a wrong port."),
        _("This node has no key to open the password with."),
        _("The password that came with this is not for this node."),
        _("There is no mailbox %(address)s here any more."),
        _("This node cannot exchange archives with the panel; its provider must look."),
        _("The panel does not take or give the archive at the moment."),
        _("The archive is no longer kept; begin again."),
        _("The panel answered %(status)s for the archive."),
        _("A clean-up without a preview removes nothing."),
        _("The node's agent does not know this kind of work; update it."),
        _("There is no mail in this archive."),
        _("A mail was not taken: %(why)s"),
        _("There is no such folder in this mailbox any more."),
        _("This is no ZIP, TAR or mbox file with mails in it. Choose another file."),
        _("This archive has a password. Make one without."),
        _("This archive has links in it. Make one of the mails alone."),
        _("This archive has links or devices in it. Make one of the mails alone."),
        _("This archive is damaged: %(why)s"),
        _("There are more than %(n)s files in this archive. Split it."),
        _("Unpacked, this archive would be far too large for mail. Nothing was saved."),
        _("This archive has a file that leads out of it. Nothing was saved."),
        _("One file in this archive has more than %(n)s MB."),
    ]
)
