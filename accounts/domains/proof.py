"""How a domain is proved, and what a look found. Pure: no database, no DNS."""

from __future__ import annotations

import dataclasses
import hmac
import json
import secrets
from collections.abc import Iterable
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any

LABEL = "_postroom-proof"
PREFIX = "postroom-proof="
SEEN_MAX = 500  # DomainClaim.seen
_SHOWN = 3
_SHOWN_CHARACTERS = 80

LIFE = timedelta(days=30)  # of a claim that nobody proves
AGAIN_AT_LEAST = timedelta(minutes=1)
AGAIN_AT_MOST = timedelta(hours=1)
PATIENCE = timedelta(seconds=10)  # between two looks that people ask for


def token_new() -> str:
    """128 random bits in hexadecimal: nothing that a DNS form changes."""
    return secrets.token_hex(16)


def record_name(name: str) -> str:
    return f"{LABEL}.{name}"


def record_value(token: str) -> str:
    return f"{PREFIX}{token}"


def is_proof(text: str, token: str) -> bool:
    """Whether this TXT value, its strings joined, is the one for ``token``, and nothing more."""
    return hmac.compare_digest(text.encode(), record_value(token).encode())


def next_look(created_at: datetime, now: datetime) -> datetime:
    """Every minute while it is new, then after a tenth of its age, at last every hour."""
    return now + min(max((now - created_at) / 10, AGAIN_AT_LEAST), AGAIN_AT_MOST)


class Txt(StrEnum):
    """``OTHER``: there are records and none is the proof. ``AWAY``: nobody could say."""

    RIGHT = "right"
    NONE = "none"
    OTHER = "other"
    AWAY = "away"


class Servers(StrEnum):
    """Where the domain is delegated to. ``NOT_ASKED``: TXT was enough."""

    OURS = "ours"
    ELSEWHERE = "elsewhere"
    MIXED = "mixed"
    NONE = "none"
    AWAY = "away"
    NOT_ASKED = ""


class Block(StrEnum):
    """Why what was found does not count. ``TAKEN``: the name, or one above or below, was proved by somebody
    else. ``RIVALS``: others wait for the same name, and name servers do not say whose it is. ``FORMER``: it
    was another account's here, which may have left its delegation behind. ``REFUSED``: ``why`` says it."""

    NONE = ""
    TAKEN = "taken"
    RIVALS = "rivals"
    FORMER = "former"
    REFUSED = "refused"


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """``texts``: TXT values that were there instead; ``servers``: the name servers. From strangers."""

    txt: Txt = Txt.NONE
    texts: tuple[str, ...] = ()
    ns: Servers = Servers.NOT_ASKED
    servers: tuple[str, ...] = ()
    block: Block = Block.NONE
    why: str = ""

    def but(self, block: Block, why: str = "") -> Finding:
        return dataclasses.replace(self, block=block, why=why)

    def kept(self) -> str:
        """For DomainClaim.seen; as much of the lists as fits."""
        shown = dataclasses.replace(self, texts=_few(self.texts), servers=_few(self.servers))
        while len(text := _json(shown)) > SEEN_MAX:
            if shown.texts or shown.servers:
                shown = dataclasses.replace(shown, texts=shown.texts[:-1], servers=shown.servers[:-1])
            else:
                shown = dataclasses.replace(shown, why=shown.why[: len(shown.why) // 2])
        return text

    @classmethod
    def of(cls, kept: str) -> Finding | None:
        """What ``kept`` wrote; None before the first look."""
        if not kept:
            return None
        raw = json.loads(kept)
        return cls(
            txt=Txt(raw["txt"]),
            texts=tuple(raw["texts"]),
            ns=Servers(raw["ns"]),
            servers=tuple(raw["servers"]),
            block=Block(raw["block"]),
            why=raw["why"],
        )


def _json(finding: Finding) -> str:
    raw: dict[str, Any] = dataclasses.asdict(finding)
    return json.dumps(raw, ensure_ascii=False, separators=(",", ":"))


def _few(texts: Iterable[str]) -> tuple[str, ...]:
    """The first of them, cut, with nothing that a page or the database could not take."""
    clean = ("".join(c if c.isprintable() else "\N{REPLACEMENT CHARACTER}" for c in text) for text in texts)
    return tuple(text[:_SHOWN_CHARACTERS] for text in sorted(set(clean))[:_SHOWN])
