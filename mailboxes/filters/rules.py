"""What a filter may ask and do, and the check of both. Rows keep them as JSON."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from lib.errors import Refused

FROM, TO, SUBJECT, LIST, SIZE, ATTACHMENT, SPAM = (
    "from", "to", "subject", "list", "size", "attachment", "spam",
)  # fmt: skip
FIELDS = {
    FROM: gettext_lazy("Sender"),
    TO: gettext_lazy("Recipient (To or Cc)"),
    SUBJECT: gettext_lazy("Subject"),
    LIST: gettext_lazy("Mailing list"),
    SIZE: gettext_lazy("Size"),
    ATTACHMENT: gettext_lazy("Attachment"),
    SPAM: gettext_lazy("Spam mark"),
}
CONTAINS, LACKS, IS, BEGINS, ENDS, OVER, UNDER, YES, NO = (
    "contains", "lacks", "is", "begins", "ends", "over", "under", "yes", "no",
)  # fmt: skip
OPERATORS = {
    CONTAINS: gettext_lazy("contains"),
    LACKS: gettext_lazy("does not contain"),
    IS: gettext_lazy("is exactly"),
    BEGINS: gettext_lazy("begins with"),
    ENDS: gettext_lazy("ends with"),
    OVER: gettext_lazy("is larger than"),
    UNDER: gettext_lazy("is smaller than"),
    YES: gettext_lazy("is there"),
    NO: gettext_lazy("is not there"),
}
_TEXTS = (CONTAINS, LACKS, IS, BEGINS, ENDS)
FITTING = {
    FROM: _TEXTS,
    TO: _TEXTS,
    SUBJECT: _TEXTS,
    LIST: (CONTAINS, LACKS, YES, NO),
    SIZE: (OVER, UNDER),
    ATTACHMENT: (YES, NO),
    SPAM: (YES, NO),
}
FOLDER, COPY, FORWARD, MARK, DISCARD, REFUSE = "folder", "copy", "forward", "mark", "discard", "refuse"
ACTIONS = {
    FOLDER: gettext_lazy("Move to the folder"),
    COPY: gettext_lazy("Put a copy into the folder"),
    FORWARD: gettext_lazy("Forward a copy to"),
    MARK: gettext_lazy("Mark as"),
    DISCARD: gettext_lazy("Throw away"),
    REFUSE: gettext_lazy("Refuse with the words"),
}
SEEN, FLAGGED, ANSWERED = "seen", "flagged", "answered"
MARKS = {SEEN: gettext_lazy("read"), FLAGGED: gettext_lazy("starred"), ANSWERED: gettext_lazy("answered")}

MOST_RULES = 50
MOST_CONDITIONS = 20
MOST_ACTIONS = 10
MOST_FORWARDS = 20
MOST_CHARACTERS = 500
FOLDER_CHARACTERS = 200
KB_MOST = 1024 * 1024
CONTROL = re.compile(r"[\x00-\x1f\x7f\ud800-\udfff]")
SIZE_TEXT = re.compile(r"\s*([0-9]{1,7})(?:[.,]([0-9]{1,2}))?\s*(KB|MB)?\s*\Z", re.IGNORECASE)


@dataclass(frozen=True, slots=True, kw_only=True)
class Condition:
    """``value``: text; for SIZE the KiB as digits; empty for YES and NO."""

    field: str
    operator: str
    value: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Action:
    """``value``: a folder with ``/`` between its parts, an address, one of MARKS, words, or empty."""

    do: str
    value: str = ""


def rows(things: Iterable[Condition | Action]) -> list[dict[str, Any]]:
    return [asdict(thing) for thing in things]


def conditions_of(stored: Sequence[dict[str, Any]]) -> list[Condition]:
    return [Condition(**row) for row in stored]


def actions_of(stored: Sequence[dict[str, Any]]) -> list[Action]:
    return [Action(**row) for row in stored]


def condition_checked(condition: Condition) -> Condition:
    """As it is kept. Raises Refused at ``value`` or ``operator``."""
    if condition.field not in FIELDS or condition.operator not in FITTING.get(condition.field, ()):
        raise Refused(_("This comparison does not fit what it looks at. Choose another one."), "operator")
    if condition.operator in (YES, NO):
        return Condition(field=condition.field, operator=condition.operator)
    if condition.field == SIZE:
        return Condition(field=SIZE, operator=condition.operator, value=str(kilobytes(condition.value)))
    value = _text(condition.value)
    if not value:
        raise Refused(_("Write what to look for."), "value")
    return Condition(field=condition.field, operator=condition.operator, value=value)


def action_checked(action: Action) -> Action:
    """As it is kept; where a forward may go is checked by services. Raises Refused at ``value``."""
    if action.do not in ACTIONS:
        raise Refused(_("Choose what to do."), "do")
    if action.do == DISCARD:
        return Action(do=DISCARD)
    value = _text(action.value)
    if action.do in (FOLDER, COPY):
        value = folder_checked(value)
    elif action.do == MARK and value not in MARKS:
        raise Refused(_("Choose a mark."), "value")
    elif action.do == FORWARD and not value:
        raise Refused(_("Write the address that gets the copy."), "value")
    elif action.do == REFUSE and not value:
        raise Refused(_("Write what the sender is told, such as “I do not take such mail”."), "value")
    return Action(do=action.do, value=value)


def together_checked(actions: Sequence[Action]) -> None:
    """Raises Refused for actions that cannot all be done."""
    done = [action.do for action in actions]
    if not done:
        raise Refused(_("Choose at least one thing to do."))
    if REFUSE in done and len(done) > 1:
        raise Refused(
            _("A refused mail goes back: nothing else can be done with it. Remove the other actions.")
        )
    if done.count(FOLDER) > 1:
        raise Refused(_("A mail moves to one folder. For the others choose “Put a copy into the folder”."))
    if DISCARD in done and FOLDER in done:
        raise Refused(_("“Throw away” and “Move to the folder” contradict each other. Remove one of them."))


def folder_checked(name: str) -> str:
    parts = name.strip("/").split("/")
    if not name or not all(part.strip() for part in parts) or any(part in {".", ".."} for part in parts):
        raise Refused(_("Choose a folder, or write the name of a new one."), "value")
    if len(name) > FOLDER_CHARACTERS or any(part.startswith("~") for part in parts):
        raise Refused(_("A folder cannot have this name. Write a shorter, plain one."), "value")
    if "." in name:
        # The mail store keeps "a/b" as "a.b" (Maildir++): a dot would be another folder than it says.
        raise Refused(_("A folder’s name cannot have a dot here. Leave it out, or write a hyphen."), "value")
    return "/".join(part.strip() for part in parts)


def kilobytes(text: str) -> int:
    """``2 MB``, ``500 KB`` or digits alone, which are KB, in KiB. Raises Refused at ``value``."""
    found = SIZE_TEXT.match(text)
    refused = Refused(_("Write a size such as 2 MB or 500 KB, up to 1 GB."), "value")
    if not found:
        raise refused
    whole, part, unit = found.groups()
    size = float(f"{whole}.{part or 0}") * (1024 if (unit or "").upper() == "MB" else 1)
    if not 1 <= size <= KB_MOST:
        raise refused
    return int(size)


def _text(value: str) -> str:
    text = value.strip()
    if len(text) > MOST_CHARACTERS:
        raise Refused(_("At most %(most)d characters.") % {"most": MOST_CHARACTERS}, "value")
    if CONTROL.search(text):
        raise Refused(
            _("This has a character that cannot be seen, such as a line break. Type it again."), "value"
        )
    return text
