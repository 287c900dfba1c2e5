"""Log lines of a busy mail host, made up from a seed, with the truth about them.

``lines(seed, n)`` gives the bytes of three log files (Postfix, Dovecot, rspamd), ``n`` lines together, in
order of time and with the lines of many mails between one another, and ``Truth``: what a panel must know once
it has read them all. Mails come in from outside and from people who signed in, to several recipients, through
aliases (to their own domain, to another one here, to the outside); deliveries are tried again and again,
expire, bounce with a notice; mails are held, released and deleted by hand; strangers are refused; queue ids
are used again; people sign in and out, and fail to. Forms: bench/ingest_forms.py.
"""

from __future__ import annotations

import heapq
import random
import time
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from bench import ingest_forms as forms

DOVECOT, POSTFIX, RSPAMD = "dovecot", "postfix", "rspamd"
LOGS = (POSTFIX, DOVECOT, RSPAMD)
FILES = {POSTFIX: "mail.log", DOVECOT: "dovecot.log", RSPAMD: "rspamd.log"}

IN, OUT, INSIDE = 1, 2, 3
PROGRESS, DELIVERED, DEFERRED, FAILED, REJECTED, HELD = 1, 2, 3, 4, 5, 6
_WORST = (FAILED, REJECTED, DEFERRED, HELD, PROGRESS, DELIVERED)
PACE = 0.055  # seconds from one thing that happens to the next; each takes about ten lines
LONGEST = 9_000.0  # seconds that the last mail may take
REUSED_AFTER = 30.0  # seconds after which a queue id may come again


@dataclass(slots=True)
class Truth:
    """``domains``: the names that are customers', each its own account's. ``rows``: how many rows of the list
    there are by (domain name, direction, status), as in delivery.models: a row for each domain and address of
    a mail that the domain may see, by delivery.folding.rows; the name "" is what nobody sees but the admin.
    ``lines``: by log. ``mails``: that had a queue id. ``refusals``: without one. ``verdicts``: rspamd's.
    ``filed``: by (domain, action). ``sign_ins`` and ``failures``: by domain name (failures of addresses that
    do not exist count for the domain they name). ``sign_outs``, ``expunged``: by domain name. ``first`` and
    ``last``: Unix seconds."""

    domains: list[str] = field(default_factory=list)
    rows: Counter[tuple[str, int, int]] = field(default_factory=Counter)
    lines: Counter[str] = field(default_factory=Counter)
    mails: int = 0
    refusals: int = 0
    verdicts: int = 0
    filed: Counter[tuple[str, str]] = field(default_factory=Counter)
    sign_ins: Counter[str] = field(default_factory=Counter)
    sign_outs: Counter[str] = field(default_factory=Counter)
    failures: Counter[str] = field(default_factory=Counter)
    expunged: Counter[str] = field(default_factory=Counter)
    first: float = 0.0
    last: float = 0.0

    def by_status(self) -> Counter[int]:
        found: Counter[int] = Counter()
        for (_domain, _direction, status), many in self.rows.items():
            found[status] += many
        return found

    def of(self, domain: str) -> Counter[int]:
        """Rows that the domain's owner sees, by status."""
        return Counter({status: many for (name, _way, status), many in self.rows.items() if name == domain})


@dataclass(slots=True)
class Rcpt:
    """``to``: where it ends; ``orig``: the alias that led there, or empty."""

    to: str
    orig: str = ""
    status: int = PROGRESS

    @property
    def written(self) -> str:
        return self.orig or self.to


def lines(
    seed: int, n: int, *, domains: int = 200, start: float | None = None
) -> tuple[dict[str, bytes], Truth]:
    """The three files and the truth. The same seed, number and start give the same. ``start``: Unix seconds
    of the first line; by default so that the last is about now."""
    made = _Host(seed, n, domains, start)
    found: dict[str, list[str]] = {log: [] for log in LOGS}
    for log, line in made.run():
        found[log].append(line)
    return {log: "".join(text).encode() for log, text in found.items()}, made.truth


def write(
    seed: int, n: int, folder: Path, *, domains: int = 200, start: float | None = None, tag: str = ""
) -> Truth:
    """The same into files (FILES), without holding them in memory. ``tag``: goes into the domains' names."""
    made = _Host(seed, n, domains, start, tag)
    opened = {log: (folder / name).open("w", encoding="utf-8") for log, name in FILES.items()}
    for log, line in made.run():
        opened[log].write(line)
    for file in opened.values():
        file.close()
    return made.truth


def domain_of(address: str) -> str:
    return address.rpartition("@")[2]


class _Host:
    def __init__(self, seed: int, n: int, domains: int, start: float | None, tag: str = "") -> None:
        self.random = random.Random(seed)  # noqa: S311 - made-up lines
        self.n = n
        begin = time.time() - LONGEST - n / 10.0 * PACE if start is None else start
        self.at = float(int(begin))
        self.truth = Truth(domains=[f"t{number:04d}{tag}.test" for number in range(domains)], first=self.at)
        self.ours = frozenset(self.truth.domains)
        self.waiting: list[tuple[float, int, str, str]] = []
        self.count = 0
        self.free: list[tuple[float, str]] = []

    def run(self) -> Iterator[tuple[str, str]]:
        kinds = [self.inbound, self.submitted, self.refused, self.signed_in, self.failed, self.connected]
        while self.n - self.count > 160:
            self.random.choices(kinds, (34, 26, 16, 16, 3, 5))[0]()
            self.at += self.random.random() * 2 * PACE
            yield from self.flush(self.at)
        while self.count < self.n:
            self.say(self.at, POSTFIX, "postfix/anvil[11]: statistics: max cache size 3 at Nov 22 18:15:44")
        yield from self.flush(float("inf"))

    def flush(self, until: float) -> Iterator[tuple[str, str]]:
        while self.waiting and self.waiting[0][0] < until:
            at, _number, log, text = heapq.heappop(self.waiting)
            self.truth.lines[log] += 1
            self.truth.last = max(self.truth.last, at)
            yield log, f"{forms.stamp(int(at), long=log == RSPAMD)} {text}\n"

    def say(self, at: float, log: str, text: str) -> None:
        self.count += 1
        text = f"mail1 {text}" if log == POSTFIX else text
        heapq.heappush(self.waiting, (at, self.count, log, text))

    # ---- names

    def domain(self) -> str:
        """Few domains have most of the mail."""
        return self.truth.domains[int(len(self.truth.domains) * self.random.random() ** 3)]

    def box(self, domain: str) -> str:
        return f"{self.random.choice(forms.PEOPLE)}@{domain}"

    def outside(self) -> str:
        name = f"{self.random.choice(forms.PEOPLE)}{self.random.randrange(9000)}"
        return f"{name}@{self.random.choice(forms.ELSE)}"

    def queue_id(self) -> str:
        if self.free and self.free[0][0] < self.at - REUSED_AFTER and self.random.random() < 0.2:
            return heapq.heappop(self.free)[1]
        return forms.queue_id(self.at, self.count)

    # ---- what happens

    def inbound(self) -> None:
        rcpts = self.expanded([self.box_or_alias(self.domain()) for _ in range(self.few())])
        self.mail(self.outside(), rcpts, login="")

    def submitted(self) -> None:
        home = self.domain()
        sender = self.box(home)
        written: list[tuple[str, str]] = []
        for _ in range(self.few()):
            where = self.random.random()
            there = home if where < 0.2 else self.domain()
            written.append(("", self.outside()) if where < 0.65 else self.box_or_alias(there))
        self.mail(sender, self.expanded(written), login=sender)

    def few(self) -> int:
        return self.random.choices((1, 2, 3, 5, 9, 20), (70, 12, 8, 6, 3, 1))[0]

    def box_or_alias(self, domain: str) -> tuple[str, str]:
        """(alias or "", address)."""
        return (
            f"{self.random.choice(forms.ALIASES)}@{domain}" if self.random.random() < 0.15 else "",
            self.box(domain),
        )

    def expanded(self, written: list[tuple[str, str]]) -> list[Rcpt]:
        found: dict[str, Rcpt] = {}
        for alias, address in written:
            if alias:
                for to in self.led(alias):
                    found.setdefault(to, Rcpt(to, alias))
            else:
                found.setdefault(address, Rcpt(address))
        return list(found.values())

    def led(self, alias: str) -> list[str]:
        """Where an alias leads: always to the same."""
        fixed = random.Random(alias)  # noqa: S311 - made-up lines
        domain = domain_of(alias)
        there = [f"{name}@{domain}" for name in fixed.sample(forms.PEOPLE, fixed.randrange(1, 5))]
        if fixed.random() < 0.2:
            there.append(f"{fixed.choice(forms.PEOPLE)}@{fixed.choice(self.truth.domains)}")
        if fixed.random() < 0.3:
            there.append(f"fwd{fixed.randrange(900)}@{fixed.choice(forms.ELSE)}")
        return list(dict.fromkeys(there))

    def mail(self, sender: str, rcpts: list[Rcpt], *, login: str) -> None:
        queue_id, size = self.queue_id(), 600 + int(self.random.expovariate(1 / 40_000))
        self.truth.mails += 1
        at = forms.handed_in(self, queue_id, sender, rcpts, login, size)
        self.truth.verdicts += 1
        if not login and self.random.random() < 0.02:
            bad = Rcpt(f"nosuch{self.random.randrange(99)}@{domain_of(rcpts[0].written)}", status=REJECTED)
            self.say(at - 0.2, POSTFIX, forms.refused(self, sender, bad.to, queue_id))
            self.counted([bad], "")
        if len(rcpts) == 1 and not rcpts[0].orig and self.random.random() < 0.004:
            self.counted(rcpts, login)  # it is still on its way when the log ends
            return
        self.delivered(at, queue_id, sender, rcpts, login)

    def delivered(self, at: float, queue_id: str, sender: str, rcpts: list[Rcpt], login: str) -> None:
        waiting = [rcpt for rcpt in rcpts if not forms.tried(self, at, queue_id, rcpt)]
        deleted = False
        for attempt in range(1, 7):
            if not waiting or self.random.random() < 0.1:
                break
            at += 60.0 * 2**attempt
            if login and attempt == 2 and self.random.random() < 0.4:
                deleted, on = self.by_hand(at - 30, queue_id, waiting)
                if not on:
                    break
            waiting = [rcpt for rcpt in waiting if not forms.tried(self, at, queue_id, rcpt)]
            if waiting and self.random.random() < 0.05:
                self.say(at + 0.1, POSTFIX, forms.expired(queue_id, sender))
                for rcpt in waiting:
                    rcpt.status = FAILED
                waiting = []
        statuses = {rcpt.status for rcpt in rcpts}
        if statuses <= {DELIVERED, FAILED} and not deleted:
            if FAILED in statuses:
                self.noticed(at + 0.1, queue_id, sender)
            self.say(at + 0.3, POSTFIX, f"postfix/qmgr[1021]: {queue_id}: removed")
            heapq.heappush(self.free, (at + 0.3, queue_id))
        self.counted(rcpts, login)

    def by_hand(self, at: float, queue_id: str, waiting: list[Rcpt]) -> tuple[bool, bool]:
        """Somebody holds it, or holds it and lets it go, or deletes it: (is it gone, does it go on?)."""
        what = self.random.choice(("hold", "release", "delete"))
        if what == "delete":
            self.say(at, POSTFIX, f"postfix/postsuper[900]: {queue_id}: removed")
            status = FAILED
        else:
            self.say(at, POSTFIX, f"postfix/postsuper[901]: {queue_id}: placed on hold")
            status = HELD
        if what == "release":
            self.say(at + 20, POSTFIX, f"postfix/postsuper[902]: {queue_id}: released from hold")
            return False, True
        for rcpt in waiting:
            rcpt.status = status
        return what == "delete", False

    def noticed(self, at: float, queue_id: str, sender: str) -> None:
        notice = self.queue_id()
        self.truth.mails += 1
        forms.notice(self, at, queue_id, notice, sender)
        rcpt = Rcpt(sender)
        forms.tried(self, at + 0.2, notice, rcpt, fine=True)
        self.say(at + 0.3, POSTFIX, f"postfix/qmgr[1021]: {notice}: removed")
        heapq.heappush(self.free, (at + 0.3, notice))
        self.counted([rcpt], "")

    def refused(self) -> None:
        self.truth.refusals += 1
        if self.random.random() < 0.15:
            home = self.domain()
            sender, rcpt = self.box(home), Rcpt(self.outside(), status=REJECTED)
            self.say(self.at, POSTFIX, forms.refused_own(self, sender, rcpt.to))
            self.counted([rcpt], sender)
            return
        to = self.outside() if self.random.random() < 0.1 else self.box(self.domain())
        self.say(self.at, POSTFIX, forms.refused(self, self.outside(), to))
        self.counted([Rcpt(to, status=REJECTED)], "")

    def signed_in(self) -> None:
        user = self.box(self.domain())
        name = domain_of(user)
        self.truth.sign_ins[name] += 1
        self.truth.sign_outs[name] += 1
        self.truth.expunged[name] += forms.signed_in(self, self.at, user)

    def failed(self) -> None:
        user = self.box(self.domain())
        self.truth.failures[domain_of(user)] += 1
        forms.failed(self, self.at, user)

    def connected(self) -> None:
        forms.connected(self)

    # ---- the truth

    def counted(self, rcpts: list[Rcpt], login: str) -> None:
        out = domain_of(login)
        seen: dict[tuple[str, int, str, str], int] = {}
        sent: dict[str, list[int]] = {}
        for rcpt in rcpts:
            home, end = domain_of(rcpt.written), domain_of(rcpt.to)
            if home in self.ours:
                seen[home, INSIDE if home == out else IN, rcpt.to, rcpt.orig] = rcpt.status
            if rcpt.orig and end in self.ours and end != home:
                seen[end, IN, rcpt.to, ""] = rcpt.status
            if out and home != out:
                sent.setdefault(rcpt.written, []).append(rcpt.status)
            if not out and home not in self.ours and end not in self.ours:
                seen["", IN, rcpt.written, ""] = rcpt.status
        for written, statuses in sent.items():
            seen[out, OUT, written, ""] = min(statuses, key=_WORST.index)
        for (name, way, _address, _via), status in seen.items():
            self.truth.rows[name, way, status] += 1
