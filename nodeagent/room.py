"""Whether there is room for a mail, asked during the SMTP dialogue for every address that leads to mailboxes
(Postfix's SMTPD_POLICY_README): their own, aliases, lists, catch-all, domain aliases, a tag behind a plus.

An address is followed through the directory, and Dovecot is asked about each mailbox at its end, unless that
was far from full a moment ago (Far). Refused is what nobody has room for. A list of
which one mailbox is full is taken: the others must not lose the mail for it, one answer stands for the whole
recipient, and a refusal after the mail was taken would come as a bounce to who may never have written (a
forged sender). So the full one gets it too, above its quota: what was taken is delivered, always, and Dovecot
holds no quota against LMTP (dovecot-sql.conf.ext). Its people are warned, and mail to it alone is refused.

Asked once more when the text is there, with its real size: by then one that told no SIZE is known too, as
long as it is for one recipient, or for such as were asked about here. Small ones are let through: what they
can be over is little, and each mail would cost Dovecot two questions.

Dovecot may be slow, so nobody waits for it in the loop that answers other questions: ``quick`` says what is
known, and what to do in a thread when that is not enough.
"""

from __future__ import annotations

import logging
import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Iterator, Mapping, Sequence
from functools import partial

import apsw

from nodeagent.config import Config, ConfigError
from nodeagent.directory import Directory
from nodeagent.policy.decision import GO_ON
from nodeagent.quota import Quota

log = logging.getLogger(__name__)

MAILS = 2000  # whose recipients are remembered until their text comes
FULL = "552 5.2.2 Mailbox is full"
STOPPED = "450 4.2.1 This mailbox is suspended and takes no mail at the moment"
SURE_BYTES = 1024 * 1024  # smaller mails are not asked about twice
ASKED_MOST = 200  # mailboxes behind one address; one of so many has room
DEEP = 20  # aliases to aliases; the panel refuses circles, this is the second lock
FAR_BYTES = 100 * 1024 * 1024  # so much room, and a mailbox is far from full
FAR_SECONDS = 10.0
FAR_MOST = 20_000  # mailboxes remembered

HasRoom = Callable[[str, int], bool]


class _NotKnownError(Exception):
    """Dovecot must be asked."""


class Room:
    """Answers questions. ``has_room(mailbox, bytes)``: Dovecot's word. Used by many threads."""

    def __init__(
        self, directory: Directory, has_room: HasRoom, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._directory = directory
        self._local = threading.local()
        self._ask = has_room
        self._far = Far(clock)
        self._asked: OrderedDict[str, list[str]] = OrderedDict()

    def answer(self, question: Mapping[str, str]) -> str:
        """An action of access(5). When the directory or Dovecot is away, mail goes on: it is kept."""
        found = self.quick(question)
        return found if isinstance(found, str) else found()

    def quick(self, question: Mapping[str, str]) -> str | Callable[[], str]:
        """The answer; or what asks Dovecot for it, to be called in another thread. In one thread alone."""
        try:
            size = int(question.get("size") or 0)
            if question.get("protocol_state") == "END-OF-MESSAGE":
                recipients = self._recipients(question, size)
            else:
                recipients = [question.get("recipient", "")]
                self._remember(question.get("instance", ""), recipients[0])
                if self.stopped(recipients[0]):
                    return STOPPED
        except (apsw.Error, ValueError) as error:
            log.warning("not asked whether there is room: %s", error)
            return GO_ON
        try:
            return self._decide(recipients, size, self._known)
        except _NotKnownError:
            return partial(self._decide, recipients, size, self._has_room)

    def _decide(self, recipients: Sequence[str], size: int, has_room: HasRoom) -> str:
        try:
            full = bool(recipients) and not any(self._takes(one, size, has_room) for one in recipients)
        except (apsw.Error, OSError, ValueError) as error:
            log.warning("not asked whether there is room: %s", error)
            return GO_ON
        return FULL if full else GO_ON

    def stopped(self, recipient: str) -> bool:
        """Whether all mailboxes behind the address take no mail at the moment, and nobody else gets it.
        (suspended.cf knows the plain cases; this one follows aliases to aliases, and lists.)"""
        some = False
        for place, mailbox in enumerate(self._follow(recipient.lower(), DEEP, set())):
            if not mailbox or place >= ASKED_MOST or self._receives(mailbox):
                return False
            some = True
        return some

    def takes(self, recipient: str, size: int) -> bool:
        """Whether anybody behind the address has room. What is no mailbox here needs none. Raises OSError."""
        return self._takes(recipient, size, self._has_room)

    def _takes(self, recipient: str, size: int, has_room: HasRoom) -> bool:
        place = -1
        for place, mailbox in enumerate(self._follow(recipient.lower(), DEEP, set())):
            if not mailbox or place >= ASKED_MOST or has_room(mailbox, size):
                return True
        return place < 0  # leads in a circle: not for us to refuse

    def _known(self, mailbox: str, size: int) -> bool:
        if self._far.takes(mailbox, self._quota(mailbox), size):
            return True
        raise _NotKnownError

    def _has_room(self, mailbox: str, size: int) -> bool:
        quota = self._quota(mailbox)
        if self._far.takes(mailbox, quota, size):
            return True
        if quota > FAR_BYTES + size and self._ask(mailbox, FAR_BYTES + size):
            self._far.keep(mailbox, quota)
            return True
        return self._ask(mailbox, size)

    def _quota(self, mailbox: str) -> int:
        """Bytes."""
        query = "SELECT quota_mb FROM mailboxes WHERE address = ?"
        found = self._reader.execute(query, (mailbox,)).fetchall()
        return int(str(found[0][0])) * 1024 * 1024 if found else 0

    def _follow(self, address: str, deep: int, seen: set[str]) -> Iterator[str]:
        """The mailboxes at the end, each once; "" for an end that is something else."""
        name, _at, domain = address.rpartition("@")
        real, catch_all, plus = self._domain(domain)
        tries = [f"{name}@{real}"]
        if plus and "+" in name[1:]:
            tries.append(f"{name[0]}{name[1:].partition('+')[0]}@{real}")
        for here in tries:
            targets, mailbox = self._targets(here), self._is_mailbox(here)
            if targets or mailbox:
                break
        else:
            here, mailbox = address, False
            targets = [catch_all] if "@" in catch_all else []
        if here in seen or not deep:
            return
        seen.add(here)
        if mailbox and (not targets or here in targets):
            yield here
        elif not targets or here in targets:
            yield ""  # discarded, or sent on by a script
        for target in targets:
            yield from self._follow(target, deep - 1, seen)

    def _domain(self, name: str) -> tuple[str, str, bool]:
        """The domain whose addresses count, its catch-all, whether a plus begins a tag."""
        query = "SELECT alias_of, catch_all, plus FROM domains WHERE name = ?"
        for _step in range(2):
            found = self._reader.execute(query, (name,)).fetchall()
            if not found:
                return name, "", True
            if not found[0][0]:
                return name, str(found[0][1]), bool(found[0][2])
            name = str(found[0][0])
        return name, "", True

    def _targets(self, address: str) -> list[str]:
        found = self._reader.execute("SELECT targets FROM aliases WHERE address = ?", (address,)).fetchall()
        return str(found[0][0]).split(",") if found else []

    def _is_mailbox(self, address: str) -> bool:
        return bool(self._reader.execute("SELECT 1 FROM mailboxes WHERE address = ?", (address,)).fetchall())

    def _receives(self, address: str) -> bool:
        query = (
            "SELECT 1 FROM mailboxes AS m LEFT JOIN domains AS d"
            " ON d.name = substr(m.address, instr(m.address, '@') + 1)"
            " WHERE m.address = ? AND (m.receive = 0 OR d.receive = 0)"
        )
        return not self._reader.execute(query, (address,)).fetchall()

    @property
    def _reader(self) -> apsw.Connection:
        if not hasattr(self._local, "reader"):
            self._local.reader = self._directory.reader()
        reader: apsw.Connection = self._local.reader
        return reader

    def _recipients(self, question: Mapping[str, str], size: int) -> list[str]:
        """Those of the whole mail, or none when we cannot know them (Postfix names one alone) or need not."""
        known = self._asked.pop(question.get("instance", ""), [])
        if size < SURE_BYTES:
            return []
        if recipient := question.get("recipient", ""):
            return [recipient]
        return known if str(len(known)) == question.get("recipient_count") else []

    def _remember(self, mail: str, recipient: str) -> None:
        self._asked.setdefault(mail, []).append(recipient)
        self._asked.move_to_end(mail)
        if len(self._asked) > MAILS:
            self._asked.popitem(last=False)


class Far:
    """Mailboxes that had FAR_BYTES of room a moment ago, and what they were sent since: until that comes to
    FAR_BYTES, or FAR_SECONDS have passed, or the quota is another, Dovecot need not be asked. What comes by
    another way meanwhile (a mail program's upload) is not seen for as long. ``clock``: seconds."""

    def __init__(self, clock: Callable[[], float]) -> None:
        self._clock = clock
        self._kept: OrderedDict[str, tuple[float, int, int]] = OrderedDict()  # until, quota, bytes left
        self._lock = threading.Lock()

    def keep(self, mailbox: str, quota: int) -> None:
        with self._lock:
            self._kept[mailbox] = (self._clock() + FAR_SECONDS, quota, FAR_BYTES)
            self._kept.move_to_end(mailbox)
            if len(self._kept) > FAR_MOST:
                self._kept.popitem(last=False)

    def takes(self, mailbox: str, quota: int, size: int) -> bool:
        """False: not known. A mail that tells no size (0) is a small one, or asked about again at its end."""
        with self._lock:
            until, of, left = self._kept.get(mailbox, (0.0, 0, 0))
            left -= size or SURE_BYTES
            if of != quota or left < 0 or until < self._clock():
                return False
            self._kept[mailbox] = (until, of, left)
            return True


def room(config: Config) -> Room:
    """Raises ConfigError on a node that is not told where Dovecot answers."""
    if config.mail is None or config.mail.quota_socket is None:
        raise ConfigError("QUOTA_SOCKET is not set in the node's environment")
    return Room(Directory(config.directory), Quota(config.mail.quota_socket).has_room)
