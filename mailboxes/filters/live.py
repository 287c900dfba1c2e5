"""What the node says now: folders, the script that a user uploaded, what filters would have caught."""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Any

from accounts.access import Right
from mailboxes.filters.script import probe
from mailboxes.models import Filter, Mailbox, MailDomain
from mailboxes.services.rights import own_or_allowed
from provision import asking
from provision.asking import NodeSilent

# Every mailbox has them (deploy/dovecot/dovecot.conf).
STANDARD = ("INBOX", "Archive", "Drafts", "Junk", "Sent", "Trash")
BOXES = 500


def folders(owner: Mailbox | MailDomain) -> dict[str, Any]:
    """``folders``: their names; ``folders_error``: why only those that every mailbox has."""
    if not isinstance(owner, Mailbox):
        return {"folders": list(STANDARD), "folders_error": ""}
    try:
        found = asking.ask(owner.mail_domain.node, "folders", user=owner.address)
    except NodeSilent as silent:
        return {"folders": list(STANDARD), "folders_error": str(silent)}
    return {"folders": [str(name) for name in found], "folders_error": ""}


def own_script(owner: Mailbox | MailDomain) -> dict[str, Any]:
    """``own_script``: as nodeagent.asks.sieve.sieve_own has it, or None."""
    if not isinstance(owner, Mailbox):
        return {"own_script": None, "own_script_error": ""}
    try:
        found = asking.ask(owner.mail_domain.node, "sieve_own", user=owner.address)
    except NodeSilent as silent:
        return {"own_script": None, "own_script_error": str(silent)}
    return {"own_script": found, "own_script_error": ""}


def own_script_off(*, actor: Any, mailbox: Mailbox) -> None:
    """Raises Denied, NodeSilent."""
    own_or_allowed(actor, Right.MANAGE, mailbox)
    asking.ask(mailbox.mail_domain.node, "sieve_off", user=mailbox.address)


def trial(mailbox: Mailbox, rows: Sequence[Filter]) -> dict[str, Any]:
    """``mails``: the last ones, the newest first, each with the ``names`` of the filters that would have
    caught it; ``caught``: how many; ``left``: not looked at. Raises NodeSilent."""
    if not rows:
        return {"mails": [], "caught": 0, "left": 0}
    found = asking.ask(mailbox.mail_domain.node, "sieve_try", user=mailbox.address, script=probe(rows))
    mails = [
        {
            "subject": mail["subject"],
            "sender": mail["sender"],
            "date": dt.datetime.fromtimestamp(mail["date"], dt.UTC) if mail["date"] else None,
            "size": mail["size"],
            "names": [rows[number].name for number in mail["rules"] if number < len(rows)],
        }
        for mail in found["mails"]
    ]
    return {"mails": mails, "caught": sum(1 for mail in mails if mail["names"]), "left": found["left"]}


def boxes(owner: MailDomain) -> list[str]:
    """Mailboxes that a domain's filters can be tried on."""
    present = Mailbox.objects.present().filter(mail_domain=owner).order_by("address")
    return list(present.values_list("address", flat=True)[:BOXES])
