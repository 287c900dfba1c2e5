"""What an outcome is made of. Pure."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Literal, Protocol

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from delivery.statuses import Status

Text = str | Promise
Side = Literal["ours", "theirs", "sender", "recipient", "nobody"]
Action = Literal[
    "",
    "raise-quota",
    "resume",
    "create-mailbox",
    "unblock-sender",
    "add-spf",
    "sign-dkim",
    "set-dmarc",
    "open-forwarder",
    "ask-delisting",
    "raise-limit",
    "open-identities",
    "open-routing",
    "retry-now",
    "release",
    "fix-address",
]

SIDES: dict[Side, Text] = {
    "ours": _("this mail service"),
    "theirs": _("the other mail server"),
    "sender": _("who sent it"),
    "recipient": _("whom it is for"),
    "nobody": _("nobody: this is usual"),
}
# What a mail is doing when somebody else's server, or one of ours behind the queue, has answered.
TRIED = frozenset({int(Status.DEFERRED), int(Status.FAILED)})
WAITING = frozenset({int(Status.DEFERRED)})
FAILED = frozenset({int(Status.FAILED)})
# Turned away by this server while it was handed in.
REFUSED = frozenset({int(Status.REJECTED)})
ANYWHERE = TRIED | REFUSED


@dataclass(frozen=True, slots=True)
class Words:
    """``why``: a short line for the list. ``what``: one to three sentences. ``todo``: the one thing to do,
    or empty."""

    why: Text
    what: Text
    todo: Text = ""
    side: Side = "nobody"
    action: Action = ""


@dataclass(frozen=True, slots=True)
class Cause:
    """One entry of the catalogue, and when it fits: the status is one of ``on``, the answer comes from a
    server of ``at`` (matching.PROVIDERS), its enhanced status code without the class is one of ``codes``
    ("7.26", or a range "7.606-649"), and it contains one of ``says`` (small letters, numbers of four digits
    or more, addresses and identifiers masked as matching.masked does). What is empty does not matter.

    The words are for whom a delivery concerns: for what was sent from here, its sender; for a refusal here,
    whom it was for. ``sent``: what the sender reads instead, when it was our own sender who was refused.
    ``link``: a page of help of who is named, from links.py."""

    slug: str
    words: Words
    on: frozenset[int] = TRIED
    says: tuple[str, ...] = ()
    codes: tuple[str, ...] = ()
    at: str = ""
    sent: Words | None = None
    link: str = ""
    wanted: frozenset[str] = field(init=False, default=frozenset())

    def __post_init__(self) -> None:
        object.__setattr__(self, "wanted", frozenset(one for code in self.codes for one in _codes(code)))

    def fits(self, status: int, detail: str, provider: str, text: str) -> bool:
        if status not in self.on or (self.at and self.at != provider):
            return False
        if self.wanted and detail not in self.wanted:
            return False
        return not self.says or any(said in text for said in self.says)


@dataclass(frozen=True, slots=True)
class Outcome:
    """What is shown. ``side``: where the reason lies, ``side_words``: the same for people. ``retried``:
    it is tried again by itself (for a refusal: by whoever wanted to hand it in). ``fate``: what becomes of
    it, a sentence. ``action``: which button helps. ``code``: the answer's code in words. ``link``: https, or
    empty. Nothing here is taken from the answer but the digits of its codes."""

    slug: str
    why: Text
    what: Text
    side: Side = "nobody"
    todo: Text = ""
    retried: bool = False
    fate: Text = ""
    action: Action = ""
    code: Text = ""
    link: str = ""

    @property
    def side_words(self) -> Text:
        return SIDES[self.side]


class Explained(Protocol):
    """A row of a list (models.Entry), as far as it is looked at here."""

    @property
    def status(self) -> int: ...
    @property
    def direction(self) -> int: ...
    @property
    def dsn(self) -> str: ...
    @property
    def reply(self) -> str: ...
    @property
    def cause(self) -> str: ...
    @property
    def server(self) -> str: ...
    @property
    def agent(self) -> str: ...
    @property
    def sender(self) -> str | None: ...
    @property
    def delay(self) -> float | None: ...


def _codes(code: str) -> list[str]:
    """ "7.606-649" → "7.606" … "7.649"."""
    first, dash, last = code.partition("-")
    if not dash:
        return [code]
    subject, _dot, begin = first.partition(".")
    return [f"{subject}.{number}" for number in range(int(begin), int(last) + 1)]
