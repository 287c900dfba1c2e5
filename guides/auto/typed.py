"""Addresses as programs and strangers send them. Pure."""

from __future__ import annotations

from dataclasses import dataclass

from lib.errors import Refused
from lib.names import normalise_domain, normalise_local

MOST = 320  # 64 + "@" + 253 and a little: nothing longer is worth a look


class BadAddress(ValueError):
    """Not an address that anybody here could have."""


@dataclass(frozen=True, slots=True)
class Typed:
    """``local``: lower case, without a tag. ``domain``: A-labels, lower case."""

    local: str
    domain: str

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"


def address_of(text: str) -> Typed:
    """What follows a plus is a tag (RFC 5233) and no part of the name to sign in with. Raises BadAddress."""
    text = text.strip(" \t\r\n")
    if len(text) > MOST or text.count("@") != 1 or " " in text or not text.isprintable():
        raise BadAddress
    local, _at, domain = text.partition("@")
    box, plus, _tag = local.partition("+")
    try:
        return Typed(normalise_local(box if plus else local), normalise_domain(domain)[0])
    except Refused:
        raise BadAddress from None


def domain_of(text: str) -> str:
    """A host's or a domain's name in A-labels. Raises BadAddress."""
    if len(text) > MOST:
        raise BadAddress
    try:
        return normalise_domain(text)[0]
    except Refused:
        raise BadAddress from None
