"""Whom a login may name as author."""

from __future__ import annotations

import logging
import re
from collections.abc import Iterator, Mapping
from urllib.parse import unquote

import apsw

from nodeagent.directory import Directory
from nodeagent.senders.header import UnclearError, addresses
from nodeagent.signedin import signed_in

log = logging.getLogger(__name__)

GO_ON = "DUNNO"
LATER = "DEFER the sender cannot be checked at the moment"
# The mailbox's own, its identities, and what leads to it by an alias of the same account.
_MAY = """
    SELECT EXISTS (SELECT 1 FROM mailboxes WHERE address = ?1 AND ?1 = ?2)
      OR EXISTS (SELECT 1 FROM identities WHERE login = ?1 AND sender = ?2)
      OR EXISTS (SELECT 1 FROM aliases AS a JOIN domains AS there ON there.name = ?3
        JOIN domains AS here ON here.name = ?4 AND here.account = there.account AND here.account <> ''
        WHERE a.address = ?2 AND instr(',' || a.targets || ',', ',' || ?1 || ','))
"""
_PLAIN = re.compile(r"[a-z0-9._+-]{1,64}@[a-z0-9.-]{1,253}")


class Senders:
    """Answers questions: ``sasl_username``, and ``h.N``, a header as ``name:value`` with ``%xx`` for control
    characters and ``%``. The answer: DUNNO, DEFER, or REJECT and why, for people."""

    def __init__(self, directory: Directory) -> None:
        self._directory = directory
        self._reader: apsw.Connection | None = None

    def answer(self, question: Mapping[str, str]) -> str:
        """Never raises; what goes wrong here holds the mail up, and lets no forged one pass."""
        try:
            return self._decide(question)
        except Exception:
            log.exception("a sender was not checked")
            return LATER

    def _decide(self, question: Mapping[str, str]) -> str:
        login, _app = signed_in(question.get("sasl_username", "").lower())
        heads = [unquote(value) for name, value in question.items() if name.startswith("h.")]
        named = [head.partition(":") for head in heads]
        if sum(name == "from" for name, _colon, _value in named) > 1:
            return "REJECT This mail has more than one From. A mail has one (RFC 5322)."
        for name, _colon, value in named:
            if said := self._header(login, name, value):
                return f"REJECT {said}"
        return GO_ON

    def _header(self, login: str, name: str, value: str) -> str:
        """What is wrong with it; empty: nothing."""
        shown = "-".join(word.capitalize() for word in name.split("-"))
        try:
            found = addresses(value)
        except UnclearError as error:
            return f"The {shown} of this mail cannot be read: {error}."
        if not found:
            return f"The {shown} of this mail names no address."
        for address in found:
            if not self.may(login, address):
                who = login if _PLAIN.fullmatch(login) else "You"
                what = address if _PLAIN.fullmatch(address) else "the address in it"
                return f"{who} may not send as {what}, which is in the {shown} of this mail."
        return ""

    def may(self, login: str, address: str) -> bool:
        here = login.rpartition("@")[2]
        for one in self._names(address):
            there = one.rpartition("@")[2]
            if self._rows(_MAY, login, one, there, here)[0][0]:
                return True
        return False

    def _names(self, address: str) -> Iterator[str]:
        """The address, without its tag behind a plus, and both at the domain that its own is an alias of."""
        local, _at, domain = address.rpartition("@")
        found = self._rows("SELECT alias_of FROM domains WHERE name = ?", domain)
        real = str(found[0][0]) if found else ""
        for name in [domain, real] if real else [domain]:
            yield f"{local}@{name}"
            if "+" in local[1:]:
                yield f"{local[0]}{local[1:].partition('+')[0]}@{name}"

    def _rows(self, query: str, *values: str) -> list[tuple[object, ...]]:
        if self._reader is None:
            self._reader = self._directory.reader()
        return self._reader.execute(query, values).fetchall()
