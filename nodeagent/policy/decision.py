"""Whether a mail may go."""

from __future__ import annotations

import logging
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field

import apsw

from nodeagent.contract import Limit
from nodeagent.directory import Directory
from nodeagent.policy.counts import Counts
from nodeagent.policy.windows import FIGURES, Sent
from nodeagent.policy.words import Stop, refusal
from nodeagent.signedin import signed_in

log = logging.getLogger(__name__)

GO_ON = "DUNNO"
MAILS = 2000  # whose recipients are remembered until their text comes
RECIPIENTS = 200_000  # of all of them
MAILBOX, DOMAIN, ACCOUNT = "mailbox", "domain", "account"
WEBSITE = "website sender"
# Column of ``limits`` → figure and span.
COLUMNS = (
    ("mails_hour", 0, "hour"),
    ("mails_day", 0, "day"),
    ("rcpts_hour", 1, "hour"),
    ("rcpts_day", 1, "day"),
    ("new_day", 2, "day"),
)
_LIMITS = (
    "SELECT d.account, d.sends_per_hour, EXISTS (SELECT 1 FROM logins WHERE login = ?1 AND site = 1),"
    " l.scope, l.mails_hour, l.mails_day, l.rcpts_hour, l.rcpts_day, l.new_day"
    " FROM domains AS d LEFT JOIN limits AS l ON l.scope IN (?1, d.name, d.account)"
    " WHERE d.name = ?2"
)
_RCPTS_HOUR = 2
UNSAID = (0, 0, 0, 0, Limit.NEW_DAY)  # of a login without a row


@dataclass(frozen=True, slots=True)
class Level:
    """``most``: in COLUMNS' order, 0 for none. ``said``: what a refusal calls it, if not by its name."""

    name: str
    scope: str
    most: Sequence[int]
    said: str = ""


@dataclass(slots=True)
class Mail:
    """Whom a mail names so far, and how many of them are new."""

    recipients: list[str] = field(default_factory=list)
    new: int = 0


class Policy:
    """Answers questions. ``clock``: Unix seconds."""

    def __init__(self, directory: Directory, counts: Counts, clock: Callable[[], float] = time.time) -> None:
        self._directory = directory
        self._reader: apsw.Connection | None = None
        self.counts = counts
        self._clock = clock
        self._asked: OrderedDict[str, Mail] = OrderedDict()
        self._named = 0

    def answer(self, question: Mapping[str, str]) -> str:
        """An action of access(5). Never raises for what an error of ours would cost: mail goes on."""
        try:
            return self._decide(question)
        except (apsw.Error, ValueError) as error:
            log.warning("not counted: %s", error)
            return GO_ON

    def _decide(self, question: Mapping[str, str]) -> str:
        login, _app = signed_in(question.get("sasl_username", "").lower())
        levels = self.levels(login)
        if not levels:
            return GO_ON
        now = self._clock()
        minute = int(now // 60)
        if question.get("protocol_state") == "RCPT":
            return self._name(login, levels, question, now)
        mail = self._forget(question.get("instance", ""))
        recipients = max(1, int(question.get("recipient_count") or 1))
        counts = (1, recipients, min(mail.new, recipients))
        stop = self._stop(levels, counts, minute)
        if stop is not None:
            return self._refuse(login, levels, stop, now)
        self.counts.add([level.scope for level in levels], minute, counts, login, mail.recipients)
        return GO_ON

    def _name(self, login: str, levels: list[Level], question: Mapping[str, str], now: float) -> str:
        """One more recipient of a mail, which has the same ``instance`` for all of them."""
        known = question.get("instance", "")
        mail = self._asked.get(known) or Mail()
        recipient = question.get("recipient", "").lower()[:320]
        new = recipient not in mail.recipients and not self.counts.knows(login, recipient)
        counts = (1, len(mail.recipients) + 1, mail.new + new)
        stop = self._stop(levels, counts, int(now // 60))
        if stop is not None:
            return self._refuse(login, levels, stop, now)
        mail.recipients.append(recipient)
        mail.new += new
        self._remember(known, mail)
        return GO_ON

    def _stop(self, levels: list[Level], counts: tuple[int, int, int], minute: int) -> Stop | None:
        """Of the limits that are in the way, the one that frees last."""
        worst: Stop | None = None
        for level in levels:
            for stop in _stops(level, self.counts.of(level.scope, minute), counts):
                if worst is None or _later(stop, worst):
                    worst = stop
        return worst

    def _refuse(self, login: str, levels: list[Level], stop: Stop, now: float) -> str:
        what = (int(now), login, stop.level, stop.name, stop.most, stop.used, stop.frees or 0)
        own = {levels[0].scope, stop.scope}
        self.counts.refused(own, *what)
        said = refusal(login, stop, now)
        log.info("%s: %s", login, said)
        return said

    def _remember(self, mail: str, named: Mail) -> None:
        self._asked[mail] = named
        self._asked.move_to_end(mail)
        self._named += 1
        while len(self._asked) > MAILS or (self._named > RECIPIENTS and len(self._asked) > 1):
            _key, gone = self._asked.popitem(last=False)
            self._named -= len(gone.recipients)

    def _forget(self, mail: str) -> Mail:
        found = self._asked.pop(mail, None) or Mail()
        self._named -= len(found.recipients)
        return found

    def levels(self, login: str) -> list[Level]:
        if self._reader is None:
            self._reader = self._directory.reader()
        return levels(self._reader, login)


def levels(reader: apsw.Connection, login: str) -> list[Level]:
    """The login itself, its domain, its account; none for who is not of a domain here."""
    domain = login.rpartition("@")[2]
    rows = reader.execute(_LIMITS, (login, domain)).fetchall()
    if not rows:
        return []
    account, sends = str(rows[0][0]), int(str(rows[0][1]))
    limits = {str(row[3]): [int(str(value)) for value in row[4:]] for row in rows if row[3] is not None}
    whole = limits.get(account, [0] * len(COLUMNS))
    if sends:
        whole[_RCPTS_HOUR] = min(whole[_RCPTS_HOUR] or sends, sends)
    found = [
        Level(MAILBOX, login, limits.get(login, UNSAID), WEBSITE if rows[0][2] else ""),
        Level(DOMAIN, domain, limits.get(domain, ())),
    ]
    return [*found, Level(ACCOUNT, account, whole)] if account else found


def _stops(level: Level, sent: Sent, counts: tuple[int, int, int]) -> Iterator[Stop]:
    for (_column, place, span), most in zip(COLUMNS, level.most, strict=False):
        window = sent.hour if span == "hour" else sent.day
        used = window.sums[place]
        needs = counts[place]
        if most and needs and used + needs > most:
            yield Stop(
                level=level.name,
                said=level.said or level.name,
                scope=level.scope,
                figure=FIGURES[place],
                span=span,
                most=most,
                used=used,
                needs=needs,
                frees=window.frees(place, most, needs),
            )


def _later(one: Stop, other: Stop) -> bool:
    if one.frees is None or other.frees is None:
        return one.frees is None and other.frees is not None
    return one.frees > other.frees
