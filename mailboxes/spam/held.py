"""What nodes hold back as spam, asked for live."""

from __future__ import annotations

import datetime as dt
import email.utils
import re
from dataclasses import dataclass
from typing import Any

from django import forms

from lib.errors import Refused
from mailboxes.addresses.states import role_addresses
from mailboxes.models import Alias, MailDomain
from mailboxes.spam.senders import normalise_sender
from mailboxes.spam.words import Reason, reasons
from provision import asking
from provision.models import Node

MOST_IDS = 50
ADDRESSES_A_PAGE = 200
ID = re.compile(r"[A-Za-z0-9.,=_:+-]{1,200}")  # a GUID of Maildir is a file name


@dataclass(frozen=True, slots=True)
class Held:
    """A mail. All texts are strangers'."""

    id: str
    at: dt.datetime
    size: int
    sender: str
    address: str
    subject: str
    score: str
    why: list[Reason]


def held(node: Node, address: str, query: str = "") -> tuple[list[Held], int]:
    """The mails with ``query`` in sender or subject, and how many there are in all. Raises NodeSilent."""
    answer = asking.ask(node, "quarantine", address=address)
    mails = [_held(row) for row in answer["mails"]]
    wanted = query.casefold()
    found = [mail for mail in mails if wanted in f"{mail.sender} {mail.subject}".casefold()]
    return found, int(answer["all"])


def held_by_forwarders(mail_domain: MailDomain, after: str) -> tuple[list[tuple[str, str, int]], str]:
    """As held_by_address, of addresses that send mail on: what that withholds lies with them."""
    rows = Alias.objects.filter(mail_domain=mail_domain, local__gt=after).order_by("local")
    found = list(rows.values_list("address", "local")[: ADDRESSES_A_PAGE + 1])
    shown, more = found[:ADDRESSES_A_PAGE], len(found) > ADDRESSES_A_PAGE
    taken = {address for address, _local in found}
    if not after:
        roles = [address for address in role_addresses(mail_domain) if address not in taken]
        shown = [*((address, address.partition("@")[0]) for address in roles), *shown]
    addresses = [address for address, _local in shown]
    counts = asking.ask(mail_domain.node, "quarantine_counts", addresses=addresses) if shown else {}
    held_ = [(address, local, int(counts[address])) for address, local in shown if counts.get(address)]
    return held_, shown[-1][1] if more else ""


def held_by_address(node: Node, boxes: Any, after: str) -> tuple[list[tuple[str, str, int]], str]:
    """(address, its local part, how many), of the next ADDRESSES_A_PAGE mailboxes, and where the page after
    begins. Raises NodeSilent."""
    rows = list(
        boxes.filter(local__gt=after)
        .order_by("local")
        .values_list("address", "local")[: ADDRESSES_A_PAGE + 1]
    )
    shown, more = rows[:ADDRESSES_A_PAGE], len(rows) > ADDRESSES_A_PAGE
    addresses = [address for address, _local in shown]
    counts = asking.ask(node, "quarantine_counts", addresses=addresses) if shown else {}
    found = [(address, local, int(counts[address])) for address, local in shown if counts.get(address)]
    return found, shown[-1][1] if more else ""


def _held(row: dict[str, Any]) -> Held:
    sender = str(row["from"])
    return Held(
        id=str(row["id"]),
        at=dt.datetime.fromtimestamp(int(row["at"]), dt.UTC),
        size=int(row["size"]),
        sender=sender,
        address=_address(sender),
        subject=str(row["subject"]),
        score=str(row["score"]),
        why=reasons(str(row["rules"]), str(row["listed"])),
    )


def _address(sender: str) -> str:
    """For the Allowlist: the one address in a From header, or nothing."""
    found = email.utils.getaddresses([sender])
    if len(found) != 1:
        return ""
    try:
        normalised = normalise_sender(found[0][1])
    except Refused:
        return ""
    return normalised if not normalised.startswith(("@", "*")) else ""


class QuarantineForm(forms.Form):
    """``ids`` and, beside each, who sent it, for the Allowlist."""

    do = forms.ChoiceField(choices=[(word, word) for word in ("release", "welcome", "delete")])
    learn = forms.BooleanField(required=False)

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        data: Any = self.data
        ticked = data.getlist("mail")[:MOST_IDS]
        pairs = [text.partition(" ")[::2] for text in ticked]
        cleaned["ids"] = [ident for ident, _sender in pairs if ID.fullmatch(ident)]
        cleaned["senders"] = sorted({sender for _ident, sender in pairs if sender})
        if not cleaned["ids"]:
            self.add_error(None, "none")
        return cleaned
