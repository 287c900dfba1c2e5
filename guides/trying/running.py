"""The test itself: signs in by IMAP, POP3 and SMTP, sends a mail to itself, finds it and deletes it. Not in a
transaction: it takes up to LONGEST seconds."""

from __future__ import annotations

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field, replace
from email.message import EmailMessage
from email.utils import formatdate, make_msgid
from smtplib import SMTPResponseException
from typing import TypeVar

from django.utils.translation import gettext as _

from guides.clientconfig import ClientConfig, Protocol, Server
from guides.trying.clients import Door, Imap, Pop, Smtp
from guides.trying.finding import found_by_imap, found_by_pop
from guides.trying.steps import FAILURES, Step, Why, failed

LONGEST = 20.0
ANSWER = 5.0  # for each of the server's
ARRIVAL = 10.0
T = TypeVar("T")


@dataclass(slots=True)
class Outcome:
    """``right``: the password was good for something, or would be."""

    steps: list[Step] = field(default_factory=list)
    right: bool = False
    clients: set[str] = field(default_factory=set)

    @property
    def ok(self) -> bool:
        """All that was tried worked, and something was."""
        tried = [step for step in self.steps if step.ok is not None]
        return bool(tried) and all(step.ok for step in tried)


@dataclass(slots=True)
class Trial:
    """``closed``: protocols that are switched off for this mailbox, as ``imap``. ``leaves``: a mail to it
    would go elsewhere as well, so that none is sent."""

    config: ClientConfig
    addresses: Sequence[str]
    password: str
    closed: Sequence[str]
    leaves: bool = False
    now: Callable[[], float] = time.monotonic
    outcome: Outcome = field(default_factory=Outcome)
    end: float = 0.0
    why: Why | None = None

    def run(self) -> Outcome:
        self.end = self.now() + LONGEST
        imap = self._signed_in(Protocol.IMAP, Imap)
        try:
            if self.why is not Why.WRONG:
                self._others(imap)
        finally:
            if imap is not None:
                imap.close_now()
        return self.outcome

    def _others(self, imap: Imap | None) -> None:
        """A wrong password is tried once: it is wrong everywhere, and each try costs two seconds."""
        pop = self._signed_in(Protocol.POP3, Pop)
        if pop is not None:
            pop.close_now()
        if self.why is Why.WRONG and not self.outcome.right:
            return
        smtp = self._signed_in(Protocol.SMTP, Smtp)
        if smtp is None:
            return
        try:
            sent = self._handed_in(smtp)
        finally:
            smtp.close_now()
        if sent is not None:
            self._arrives(sent, imap, by_pop=pop is not None)

    def _signed_in(self, protocol: Protocol, make: Callable[[Door], T]) -> T | None:
        """A client that is signed in, or None."""
        server = self.config.server(protocol)
        if server is None:
            return None
        values = {
            "protocol": protocol.value,
            "host": server.host,
            "port": server.port,
            "encryption": server.encryption.value,
        }
        what = _("Signing in by %(protocol)s: %(host)s, port %(port)s, %(encryption)s") % values
        if protocol.value.lower() in self.closed:
            words = _("Not tried: %(protocol)s is switched off for this mailbox.") % values
            self.outcome.steps.append(Step(what=what, ok=None, words=words))
            return None

        client = self._step(what, lambda: self._enter(server, make))
        if client is not None:
            self.outcome.right = True
        return client

    def _enter(self, server: Server, make: Callable[[Door], T]) -> T:
        client = make(self._door(server))
        try:
            client.sign_in(server.username, self.password)  # type: ignore[attr-defined]  # each of ours has it
        except BaseException:
            client.close_now()  # type: ignore[attr-defined]  # the same
            raise
        return client

    def _door(self, server: Server) -> Door:
        left = max(1.0, min(ANSWER, self.end - self.now()))
        return Door(server, self.addresses, left, self.outcome.clients)

    def _step(self, what: str, do: Callable[[], T]) -> T | None:
        begin = self.now()
        try:
            done = do()
        except FAILURES as error:
            seconds = self.now() - begin
            step, self.why = failed(what, error, seconds, signed_in=self.outcome.right)
            self.outcome.right = self.outcome.right or self.why is Why.STOPPED
            self.outcome.steps.append(step)
            return None
        self.outcome.steps.append(Step(what=what, ok=True, words=_("Works."), seconds=self.now() - begin))
        return done

    def _handed_in(self, smtp: Smtp) -> str | None:
        """The Message-ID of what was sent, or None."""
        what = _("A mail from you to yourself")
        sent = self._step(what, lambda: self._send(smtp))
        if sent is None or not self.leaves:
            return sent
        words = _(
            "The server would take it. It was not sent: mail to this mailbox is also delivered elsewhere, "
            "and the test would arrive there."
        )
        self.outcome.steps[-1] = replace(self.outcome.steps[-1], ok=None, words=words)
        return None

    def _send(self, smtp: Smtp) -> str:
        """The Message-ID. Raises what smtplib raises."""
        address = self.config.address
        mail = letter(address)
        text = mail.as_bytes()
        # With its size (RFC 1870), as programs say it: a full mailbox then refuses at once.
        commands: tuple[Callable[[], tuple[int, bytes]], ...] = (
            lambda: smtp.mail(address, [f"SIZE={len(text)}"]),
            lambda: smtp.rcpt(address),
            smtp.rset if self.leaves else lambda: smtp.data(text),
        )
        for command in commands:
            code, answer = command()
            if code not in {250, 251}:
                raise SMTPResponseException(code, answer)
        return str(mail["Message-ID"])

    def _arrives(self, message_id: str, imap: Imap | None, *, by_pop: bool) -> None:
        what, begin = _("It arrives"), self.now()
        until = min(begin + ARRIVAL, self.end - 2)
        try:
            if imap is not None:
                folder = found_by_imap(imap, message_id, left=lambda: until - self.now())
            elif by_pop:
                folder = found_by_pop(self._pop, message_id, left=lambda: until - self.now())
            else:
                words = _("Not looked for: neither IMAP nor POP3 is open. The mail lies in the mailbox.")
                self.outcome.steps.append(Step(what=what, ok=None, words=words))
                return
        except FAILURES as error:
            step, self.why = failed(what, error, self.now() - begin, signed_in=True)
            self.outcome.steps.append(step)
            return
        self.outcome.steps.append(_arrived(what, folder, self.now() - begin))

    def _pop(self) -> Pop:
        server = self.config.server(Protocol.POP3)
        assert server is not None  # noqa: S101 - it was signed in to; told to the type checker
        return self._enter(server, Pop)


def _arrived(what: str, folder: str | None, seconds: float) -> Step:
    if folder is None:
        words = _("The server took it, and it is not in the mailbox yet.")
        todo = _(
            "Look at the mailbox’s deliveries in a minute: they say where it is. A filter may have moved it."
        )
        return Step(what=what, ok=False, words=words, todo=todo, seconds=seconds)
    if folder == "INBOX":
        words = _("It was in the inbox, and is deleted again.")
    else:
        words = _("It was in the folder “%(folder)s”, and is deleted again.") % {"folder": folder}
    return Step(what=what, ok=True, words=words, seconds=seconds)


def letter(address: str) -> EmailMessage:
    """One that nothing answers to (RFC 3834 §5)."""
    mail = EmailMessage()
    mail["From"], mail["To"] = address, address
    mail["Subject"] = _("Test from here")
    mail["Date"], mail["Message-ID"] = formatdate(), make_msgid(domain=address.rpartition("@")[2])
    mail["Auto-Submitted"] = "auto-generated"
    mail.set_content(_("The panel sent this mail to try the mailbox, and deletes it again at once."))
    return mail
