"""What has been sent and what is left, as the node says."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from mailboxes.models import Mailbox, MailDomain, SendingLimit
from mailboxes.sending.numbers import LABELS, NUMBERS
from provision import asking
from provision.asking import NodeSilent


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """``frees``: when one more fits; None: now."""

    label: Any
    used: int
    most: int
    frees: dt.datetime | None

    @property
    def left(self) -> int:
        return max(0, self.most - self.used)


@dataclass(frozen=True, slots=True, kw_only=True)
class Stopped:
    """The last mail that a limit held back: of ``login``, by ``level``'s ``figure``."""

    at: dt.datetime
    login: str
    level: str
    label: Any
    most: int
    frees: dt.datetime | None


@dataclass(frozen=True, slots=True, kw_only=True)
class LevelUse:
    """``name``: mailbox, domain or account. ``figures``: those that are limited; ``mails`` and ``rcpts``: of
    the last day."""

    name: str
    scope: str
    figures: list[Figure]
    mails: int
    rcpts: int
    stopped: Stopped | None


@dataclass(frozen=True, slots=True, kw_only=True)
class Use:
    """``silent``: why the node said nothing."""

    levels: list[LevelUse]
    silent: str = ""

    @property
    def stopped(self) -> Stopped | None:
        return self.levels[0].stopped if self.levels else None


def use_of(mail_domain: MailDomain, login: str) -> Use:
    """``login``: an address, or ``@domain``. Not in a transaction."""
    try:
        answer = asking.ask(mail_domain.node, "sending", login=login)
    except NodeSilent as silent:
        return Use(levels=[], silent=str(silent))
    return Use(levels=[_level(found) for found in answer])


def limit_of(**whose: Mailbox | MailDomain) -> SendingLimit:
    """The row, or one that is not saved and says nothing."""
    return SendingLimit.objects.filter(**whose).first() or SendingLimit(**whose)


def _level(found: Mapping[str, Any]) -> LevelUse:
    figures = {figure["name"]: figure for figure in found["figures"]}
    limited = [figures[name] for name in NUMBERS if name in figures and figures[name]["most"]]
    return LevelUse(
        name=str(found["level"]),
        scope=str(found["scope"]),
        figures=[
            Figure(
                label=LABELS[one["name"]],
                used=int(one["used"]),
                most=int(one["most"]),
                frees=_moment(one["frees"]),
            )
            for one in limited
        ],
        mails=int(figures["mails_day"]["used"]),
        rcpts=int(figures["rcpts_day"]["used"]),
        stopped=_stopped(found["refused"]) if found["refused"] else None,
    )


def _stopped(found: Mapping[str, Any]) -> Stopped:
    return Stopped(
        at=dt.datetime.fromtimestamp(int(found["at"]), dt.UTC),
        login=str(found["login"]),
        level=str(found["level"]),
        label=LABELS.get(str(found["figure"]), ""),
        most=int(found["most"]),
        frees=_moment(found["frees"]),
    )


def _moment(second: Any) -> dt.datetime | None:
    """None for one that is over."""
    moment = dt.datetime.fromtimestamp(int(second), dt.UTC)
    return moment if moment > timezone.now() else None
