"""The Sender Rewriting Scheme: a forwarded mail leaves under an address of our own, so that SPF of the
sender's domain is not asked of us, and a bounce finds its way back (M. Wong and S. Shevek,
"Sender Rewriting Scheme").

``SRS0=HHHHHHHH=TT=domain=local@ours`` is an address that we rewrote first; ``SRS1=HHHHHHHH=host==…@ours`` one
that another forwarder (``host``) had rewritten before: bounces go straight to that one. HHHHHHHH is 40 bits
of an HMAC, TT the day, both in letters that survive a change of case."""

from __future__ import annotations

import base64
import hashlib
import hmac
import re
import time
from collections.abc import Callable

DAY = 86400
DAYS = 1024  # two letters of base 32, as in the paper
VALID_DAYS = 21
HASH_CHARACTERS = 8
ADDRESS_CHARACTERS = 256  # with the @: RFC 5321 §4.5.3.1.3, less the angle brackets, is 254
_BASE32 = "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"
_SRS0 = re.compile(
    r"SRS0[=+-](?P<hash>[^=]+)=(?P<day>[A-Z2-7]{2})=(?P<host>[^=]+)=(?P<local>.+)\Z", re.I | re.S
)
_SRS1 = re.compile(r"SRS1[=+-](?P<hash>[^=]+)=(?P<host>[^=]+)=(?P<rest>[=+-].+)\Z", re.I | re.S)
_HOST = re.compile(r"[A-Za-z0-9._-]{1,253}\Z")
_REST = re.compile(r"[=+-][^=]+=[A-Z2-7]{2}=[^=]+=.+\Z", re.I | re.S)  # an SRS0 address without "SRS0"
_UNSAFE = re.compile(r"[\x00-\x20\x7f<>]")


class BadAddressError(Exception):
    """Not an address that we wrote, or one that is too old; says which."""


class Rewriter:
    """``key``: the node's secret. ``clock``: Unix seconds."""

    def __init__(self, key: bytes, clock: Callable[[], float] = time.time) -> None:
        if len(key) < 16:
            raise ValueError("The key of SRS is too short.")
        self._key = key
        self._clock = clock

    def forward(self, sender: str, domain: str) -> str:
        """The envelope sender of a mail that ``sender`` wrote and somebody at ``domain`` forwards. An empty
        sender stays empty."""
        if not sender:
            return ""
        local, at, host = sender.rpartition("@")
        if not at or not local or not _HOST.match(host) or _UNSAFE.search(local):
            raise BadAddressError("The sender is no address that a bounce could go to.")
        again = _SRS1.match(local)
        if again and _REST.match(again["rest"]):
            return self._again(again["host"], again["rest"], domain)
        if _SRS0.match(local):
            return self._again(host, local[4:], domain)
        day = self._day()
        return f"SRS0={self._hash(day, host, local)}={day}={host}={local}@{domain}"

    def reverse(self, address: str) -> str:
        """Where a bounce to ``address`` goes. Raises BadAddressError."""
        local, at, _domain = address.rpartition("@")
        if not at:
            raise BadAddressError("That is no address.")
        again = _SRS1.match(local)
        if again:
            if not _HOST.match(again["host"]) or not _REST.match(again["rest"]):
                raise BadAddressError("That is no forwarded address.")
            self._check(again["hash"], again["host"], again["rest"])
            return f"SRS0{again['rest']}@{again['host']}"
        first = _SRS0.match(local)
        if not first or not _HOST.match(first["host"]) or _UNSAFE.search(first["local"]):
            raise BadAddressError("That is no forwarded address.")
        self._check(first["hash"], first["day"], first["host"], first["local"])
        if self._age(first["day"]) > VALID_DAYS:
            raise BadAddressError("The forwarded mail is too old.")
        return f"{first['local']}@{first['host']}"

    def _again(self, host: str, rest: str, domain: str) -> str:
        return f"SRS1={self._hash(host, rest)}={host}={rest}@{domain}"

    def _hash(self, *parts: str) -> str:
        """Of what a mail server may have changed the case of, so of the lower case."""
        text = "\0".join(part.lower() for part in parts).encode("utf-8", "surrogateescape")
        digest = hmac.digest(self._key, text, hashlib.sha256)
        return base64.b32encode(digest).decode()[:HASH_CHARACTERS]

    def _check(self, given: str, *parts: str) -> None:
        wanted = self._hash(*parts)
        if not hmac.compare_digest(given.upper().encode("utf-8", "replace"), wanted.encode()):
            raise BadAddressError("The forwarded address is forged.")

    def _day(self) -> str:
        number = int(self._clock() // DAY) % DAYS
        return _BASE32[number >> 5] + _BASE32[number & 31]

    def _age(self, day: str) -> int:
        """In days; what comes from the future is very old."""
        number = _BASE32.index(day[0].upper()) << 5 | _BASE32.index(day[1].upper())
        return (int(self._clock() // DAY) - number) % DAYS
