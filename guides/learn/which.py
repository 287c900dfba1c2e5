"""IMAP, POP3 or both: from how somebody uses mail to an advice and its reasons. Pure."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import StrEnum

from django.utils.translation import gettext as _

FULL = 0.8  # of the quota: from here on keeping everything needs a plan


class Verdict(StrEnum):
    IMAP = "imap"
    POP3 = "pop3"
    BOTH = "both"


@dataclass(frozen=True, slots=True, kw_only=True)
class Answers:
    """``devices``: of computer, computer2, phone, tablet, browser, machine (a program that works mail off).
    ``people``: one or team. ``place``: server, both or computer. ``much``: mail is kept for years.
    ``deleting``: everywhere or there. ``filled``: of the quota, 0 to 1; None where no mailbox is meant.
    ``pop3``: whether there is any."""

    devices: frozenset[str]
    people: str = "one"
    place: str = "server"
    much: bool = False
    deleting: str = "everywhere"
    filled: float | None = None
    pop3: bool = True

    @property
    def readers(self) -> frozenset[str]:
        return self.devices - {"machine"}


@dataclass(frozen=True, slots=True, kw_only=True)
class Advice:
    verdict: Verdict
    title: str
    reasons: Sequence[str]
    mind: Sequence[str]


def advise(answers: Answers) -> Advice:
    verdict = _verdict(answers)
    if verdict is not Verdict.IMAP and not answers.pop3:
        verdict = Verdict.IMAP
    titles = {
        Verdict.IMAP: _("Use IMAP"),
        Verdict.POP3: _("Use POP3"),
        Verdict.BOTH: _("Use IMAP, and POP3 for the one computer that collects"),
    }
    return Advice(
        verdict=verdict,
        title=titles[verdict],
        reasons=_reasons(answers, verdict),
        mind=_mind(answers, verdict),
    )


def _verdict(answers: Answers) -> Verdict:
    several = len(answers.readers) > 1 or answers.people == "team"
    collects = answers.place == "computer" or "machine" in answers.devices
    if not collects:
        return Verdict.IMAP
    if several or (answers.readers and "machine" in answers.devices):
        return Verdict.BOTH
    return Verdict.IMAP if answers.readers & {"phone", "tablet", "browser"} else Verdict.POP3


def _reasons(answers: Answers, verdict: Verdict) -> list[str]:
    if verdict is Verdict.POP3:
        return [
            _("Only one device reads this mailbox, and the mail shall end up on it."),
            _("POP3 fetches the mail and can then remove it from the server, so the mailbox stays small."),
        ]
    found = []
    if len(answers.readers) > 1:
        found.append(_("You read on several devices. With IMAP all of them show the same folders."))
    if answers.people == "team":
        found.append(
            _("Several people read this mailbox. With IMAP each sees what the others have read and answered.")
        )
    if answers.readers & {"phone", "tablet"}:
        found.append(_("Phones and tablets get lost and replaced. With IMAP the mail stays on the server."))
    if answers.place == "both":
        found.append(
            _("A program with IMAP keeps a copy for reading offline, and the server has the original.")
        )
    found.append(_("Sent mail, folders and read marks are kept on the server, not on one device alone."))
    if verdict is Verdict.BOTH:
        found.append(
            _("The one computer or program that collects mail may use POP3, if it leaves a copy here.")
        )
    return found


def _mind(answers: Answers, verdict: Verdict) -> list[str]:
    found = []
    if verdict is Verdict.POP3:
        found += [
            _("Back up that computer: once the mail is removed here, it has the only copy."),
            _("When a phone joins later, change to IMAP first."),
        ]
    if verdict is Verdict.BOTH:
        found.append(
            _("Switch on “leave a copy on the server” for POP3. Else it takes the mail away from the others.")
        )
    if answers.place == "computer" and verdict is Verdict.IMAP:
        found.append(_("To keep old mail on your computer alone, export it now and then and delete it here."))
    if answers.deleting == "there" and verdict is not Verdict.POP3:
        found.append(
            _("With IMAP a mail that you delete is gone everywhere. Archive it instead of deleting it.")
        )
    if verdict is not Verdict.POP3 and _tight(answers):
        found.append(_("The mailbox fills up: clean up large mail, or ask for a larger quota."))
    elif answers.much and verdict is Verdict.POP3:
        found.append(_("Mail of many years is safer on the server than on one disk. Think of IMAP again."))
    return found


def _tight(answers: Answers) -> bool:
    return answers.filled is not None and (
        answers.filled >= FULL or (answers.much and answers.filled >= FULL / 2)
    )
