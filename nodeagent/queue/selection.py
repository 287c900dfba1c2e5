"""Which mails of the queue are meant: a filter, and whose they must be. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from nodeagent.queue.entries import Waiting
from nodeagent.queue.files import Evidence

MOST = 20_000  # names or ids in one request
TEXT = 400
SLACK = 30  # seconds that two clocks may differ
FAR = 1 << 62  # not yet
QUEUES = frozenset({"active", "deferred", "hold", "incoming", "maildrop"})


@dataclass(frozen=True, slots=True, kw_only=True)
class House:
    """An account. ``domains``: those of it whose outgoing mail is meant; ``family``: all that it has, and
    since when (Unix seconds): what waits from before is of whoever had the domain then."""

    domains: frozenset[str]
    family: Mapping[str, int]

    def whose(self, mail: Waiting, evidence: Evidence) -> str:
        """The one of ``domains`` that it was sent from, or "". Who signed in decides; what the envelope says
        picks a domain among those of the same account, as Track Delivery has it. A mail that somebody's
        mailbox forwards is of who forwards, whatever its sender."""
        signed_in, claimed = domain_of(evidence.login), domain_of(mail["sender"])
        whose = claimed if claimed in self.family and not evidence.on_behalf else signed_in
        here = all(mail["at"] + SLACK >= self.family.get(one, FAR) for one in (signed_in, whose))
        return whose if here and whose in self.domains else ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Selection:
    """Texts are lower case, and are found anywhere; "" and None: whatever it is. ``before``: arrived before
    this, Unix seconds. ``houses``: sent by one of them, proven by the queue file."""

    senders: frozenset[str] | None = None
    ids: frozenset[str] | None = None
    houses: tuple[House, ...] | None = None
    queue: str = ""
    sender: str = ""
    recipient: str = ""
    recipient_domain: str = ""
    reason: str = ""
    before: int | None = None

    def fits(self, mail: Waiting) -> bool:
        """But for ``queue``, ``houses`` and what is asked of recipients."""
        if self.ids is not None and mail["id"] not in self.ids:
            return False
        if self.before is not None and mail["at"] >= self.before:
            return False
        sender = mail["sender"].lower()
        if self.senders is not None and sender not in self.senders:
            return False
        return not self.sender or self.sender in sender

    @property
    def asks_recipients(self) -> bool:
        return bool(self.recipient or self.recipient_domain or self.reason)

    def fits_recipients(self, mail: Waiting) -> bool:
        return not self.asks_recipients or any(
            self._recipient(address.lower(), reason.lower()) for address, reason in mail["recipients"]
        )

    @property
    def mine(self) -> frozenset[str]:
        """The domains whose mail is asked for, of all houses."""
        return frozenset(name for house in self.houses or () for name in house.domains)

    def _recipient(self, address: str, reason: str) -> bool:
        """One recipient has all that is asked for."""
        return (
            self.recipient in address
            and (not self.recipient_domain or domain_of(address) == self.recipient_domain)
            and self.reason in reason
        )

    def whose(self, mail: Waiting, evidence: Evidence) -> str:
        """The domain that it was sent from, among those asked for; of all mail, that of who signed in."""
        if self.houses is None:
            return domain_of(evidence.login)
        return next((whose for house in self.houses if (whose := house.whose(mail, evidence))), "")


def selection(request: Mapping[str, Any]) -> Selection:
    """Raises ValueError for what is none."""
    queue, before = _text(request, "queue"), request.get("before")
    if queue and queue not in QUEUES:
        raise ValueError("queue")
    if before is not None and (type(before) is not int or not 0 <= before < 1 << 40):
        raise ValueError("before")
    senders = texts(request.get("senders"))
    return Selection(
        senders=None if senders is None else frozenset(text.lower() for text in senders),
        ids=texts(request.get("ids")),
        houses=_houses(request.get("houses")),
        queue=queue,
        sender=_text(request, "sender"),
        recipient=_text(request, "recipient"),
        recipient_domain=_text(request, "recipient_domain"),
        reason=_text(request, "reason"),
        before=before,
    )


def texts(value: Any) -> frozenset[str] | None:
    if value is None:
        return None
    fits = isinstance(value, list) and len(value) <= MOST
    if not fits or not all(isinstance(text, str) and len(text) <= TEXT for text in value):
        raise ValueError("not a list of texts")
    return frozenset(value)


def _houses(value: Any) -> tuple[House, ...] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(one, dict) for one in value) or len(value) > MOST:
        raise ValueError("houses")
    return tuple(
        House(domains=texts(one.get("domains")) or frozenset(), family=_family(one.get("family")))
        for one in value
    )


def _family(value: Any) -> dict[str, int]:
    if not isinstance(value, dict) or len(value) > MOST or not all(type(at) is int for at in value.values()):
        raise ValueError("family")
    return {name: at for name, at in value.items() if name}


def _text(request: Mapping[str, Any], name: str) -> str:
    value = request.get(name) or ""
    if not isinstance(value, str) or len(value) > TEXT:
        raise ValueError(name)
    return value.lower()


def domain_of(address: str) -> str:
    return address.rpartition("@")[2].lower()
