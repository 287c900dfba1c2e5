"""Whose eyes a message is seen with, and what they may see of it. Pure.

Each side sees its own part: who sent a mail, the addresses it was written to; whom it is for, his own address
alone; whose alias or forward it is, where that leads. Nobody else learns any of it."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum

from delivery.folding import OWN_SERVICES
from delivery.folding.mail import Addressee, Mail
from delivery.statuses import Status

_WORST = [
    int(one)
    for one in (
        Status.FAILED,
        Status.REJECTED,
        Status.DEFERRED,
        Status.HELD,
        Status.PROGRESS,
        Status.DELIVERED,
    )
]


class Known(IntEnum):
    """What is known of one addressee: NOTHING; WRITTEN, that the mail went to the address that was written
    to, and whether it arrived; END, what became of it at the address, not which alias led there; ALL."""

    NOTHING = 0
    WRITTEN = 1
    END = 2
    ALL = 3


@dataclass(frozen=True, slots=True, kw_only=True)
class Side:
    """``everything``: the provider. ``domains``: ids of those whose mail may be seen. ``login``: of one
    mailbox's own user, who sees what that mailbox sent and was sent."""

    everything: bool = False
    domains: frozenset[int] = frozenset()
    login: str = ""

    def sent(self, mail: Mail) -> bool:
        """It is mail that this side sent, or sent on."""
        if self.everything or (self.login and mail.sasl_user.lower() == self.login):
            return True
        return mail.out_domain_id is not None and mail.out_domain_id in self.domains

    def knows(self, mail: Mail, one: Addressee) -> Known:
        home = one.orig_domain_id if one.orig_to else one.domain_id
        if self.everything or (home is not None and home in self.domains):
            return Known.ALL
        if self.login and one.address.lower() == self.login:
            return Known.END if one.orig_to else Known.ALL
        if one.orig_to and one.domain_id is not None and one.domain_id in self.domains:
            return Known.END
        if self.sent(mail):
            return Known.WRITTEN if one.orig_to else Known.ALL
        return Known.NOTHING

    def sees(self, mail: Mail) -> bool:
        return self.sent(mail) or any(self.knows(mail, one) for one in mail.addressees)

    def whole(self, mail: Mail) -> bool:
        """Nothing in its lines is somebody else's."""
        if self.everything:
            return True
        mine = all(self.knows(mail, one) is Known.ALL for one in mail.addressees)
        if self.sent(mail):
            return mine
        others = len([one for one in mail.addressees if not one.provisional]) < (mail.nrcpt or 0)
        return mine and not others and not mail.sasl_user and mail.service not in OWN_SERVICES

    def owns(self, login: str, domain_id: int | None) -> bool:
        """What a mailbox's filters did is for it and its domain alone."""
        if self.everything or (self.login and login.lower() == self.login):
            return True
        return domain_id is not None and domain_id in self.domains


def written(one: Addressee) -> str:
    return one.orig_to or one.address


def by_written(side: Side, mail: Mail) -> dict[str, Addressee]:
    """Where it leads on for somebody else: one for each address that was written to, with the worst that
    became of it, so that nothing tells how many there are."""
    found: dict[str, Addressee] = {}
    for one in mail.addressees:
        if side.knows(mail, one) is Known.WRITTEN:
            known = found.get(one.orig_to)
            if known is None or _WORST.index(int(one.status)) < _WORST.index(int(known.status)):
                found[one.orig_to] = one
    return found
