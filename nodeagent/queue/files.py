"""Postfix's queue files: who signed in to send a mail, and when it is tried next.

A queue file begins with the envelope: records of a letter, a length (seven bits a byte, the lowest first)
and that many bytes, until the record M, where the mail itself starts (Postfix: global/rec_type.h). ``A`` is a
named attribute, ``name=value``, which smtpd writes and no client can: ``sasl_username`` is who signed in,
``sasl_sender`` what stood in ``MAIL FROM … AUTH=`` (RFC 4954 §5), where nodeagent.inject names the mailbox
that forwards. A deferred mail's modification time is when it is due (qmgr_active.c); that of its file in
``defer`` when it was tried last. Measured on Postfix 3.7."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from nodeagent.queue.entries import Waiting
from nodeagent.signedin import signed_in

HEAD_BYTES = 8192  # the attributes stand first
ENVELOPE_BYTES = 1024 * 1024  # of thousands of recipients
REMEMBERED = 200_000  # long ids are never used again, and who sent a mail does not change
_DIGITS = "0123456789BCDFGHJKLMNPQRSTVWXYZbcdfghjklmnpqrstvwxyz"  # of long ids, base 52 (global/mail_queue.h)


class Evidence(NamedTuple):
    """``login``: who sent it ("": nobody signed in, or nobody knows). ``on_behalf``: by a Sieve script of
    ``login``'s."""

    login: str
    on_behalf: bool


NOBODY = Evidence("", False)


class QueueFiles:
    """``queue``: Postfix's queue folder. ``forwarder``: the sign-in of nodeagent.inject."""

    def __init__(self, queue: Path, forwarder: str) -> None:
        self.queue = str(queue)
        self.forwarder = forwarder
        self._known: dict[str, Evidence] = {}

    def evidence(self, mail: Waiting) -> Evidence:
        """A mail that is no longer there was sent by nobody."""
        known = self._known.get(mail["id"])
        if known is None:
            head = self._head(mail["queue"], mail["id"])
            if head is None:
                return NOBODY
            known = self._sent_by(dict(attributes(head)), mail["sender"])
            if len(self._known) >= REMEMBERED:
                self._known.clear()
            self._known[mail["id"]] = known
        return known

    def written(self, mail: Waiting) -> dict[str, str] | None:
        """Of each recipient, small, the address that was written to; None: it is no longer there."""
        head = self._head(mail["queue"], mail["id"], ENVELOPE_BYTES)
        return None if head is None else recipients(head)

    def due(self, queue: str, queue_id: str) -> int | None:
        """Unix seconds of its next try; None: it is being tried, held or gone."""
        return self._changed("deferred", queue_id) if queue == "deferred" else None

    def tried(self, queue_id: str) -> float | None:
        """Unix seconds of its last try."""
        for path in self._paths("defer", queue_id):
            try:
                return os.stat(path).st_mtime
            except OSError:
                continue
        return None

    def _sent_by(self, named: dict[str, str], sender: str) -> Evidence:
        login = signed_in(named.get("sasl_username", ""))[0].lower()
        if not login or login != self.forwarder:
            return Evidence(login, False)
        told = named.get("sasl_sender", "").lower()
        rewritten = sender if sender.lower().startswith(("srs0=", "srs1=")) else ""
        return Evidence(told or rewritten.lower(), True)

    def _changed(self, queue: str, queue_id: str) -> int | None:
        for path in self._paths(queue, queue_id):
            try:
                return int(os.stat(path).st_mtime)
            except OSError:
                continue
        return None

    def _head(self, queue: str, queue_id: str, size: int = HEAD_BYTES) -> bytes | None:
        """Where it was a moment ago, or where it may have gone meanwhile."""
        for name in dict.fromkeys((queue, "active", "deferred", "incoming", "hold")):
            for path in self._paths(name, queue_id):
                try:
                    file = os.open(path, os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK)
                except OSError:
                    continue
                try:
                    return os.read(file, size)
                finally:
                    os.close(file)
        return None

    def _paths(self, queue: str, queue_id: str) -> Iterator[str]:
        folder = f"{self.queue}/{queue}"
        if queue in {"deferred", "defer"}:  # hash_queue_names, one level
            yield f"{folder}/{_hash(queue_id)}/{queue_id}"
        yield f"{folder}/{queue_id}"


def _hash(queue_id: str) -> str:
    """The folder in a hashed queue: the first of the five hexadecimal digits of the microseconds in a long
    id, or of a short id itself (global/mail_queue.h)."""
    head, separator, _inode = queue_id.rpartition("z")
    if not separator or len(head) < 10:
        return queue_id[:1]
    micros = 0
    for letter in head[-4:]:
        micros = micros * len(_DIGITS) + _DIGITS.find(letter)
    return f"{micros % (1 << 20):05X}"[0]


def attributes(head: bytes) -> Iterator[tuple[str, str]]:
    """Name and value of each attribute before the mail itself, the last named first: the first one counts
    when a dict is made of them."""
    named = (data.partition("=") for kind, data in records(head) if kind == "A")
    return reversed([(name, value) for name, _equals, value in named])


def recipients(head: bytes) -> dict[str, str]:
    """Recipients that wait, small → the address that was written to. Before each ``R`` stands an ``O``, what
    the sender wrote, unless that is the same (cleanup_out_recipient.c); one that was reached is ``D``."""
    found: dict[str, str] = {}
    orig = ""
    for kind, data in records(head):
        if kind == "O":
            orig = data
        elif kind in {"R", "D"}:
            if kind == "R":
                found[data.lower()] = orig or data
            orig = ""
    return found


def records(head: bytes) -> Iterator[tuple[str, str]]:
    """Letter and text of each before the mail itself."""
    at = 0
    while at < len(head):
        kind = head[at : at + 1]
        length, shift, at = 0, 0, at + 1
        while at < len(head):
            byte = head[at]
            at += 1
            length |= (byte & 0x7F) << shift
            shift += 7
            if not byte & 0x80 or shift > 28:
                break
        if kind == b"M" or at + length > len(head):
            break
        yield kind.decode("latin-1"), head[at : at + length].decode("utf-8", "replace")
        at += length
