"""Random passwords for programs: typed once, never remembered."""

from __future__ import annotations

import hashlib
import secrets
from dataclasses import dataclass

# No letter that looks like another or like a digit: 32 signs, five bits each.
SIGNS = "abcdefghijkmnpqrstuvwxyz23456789"
KEY_SIGNS = 8
GROUPS, GROUP_SIGNS = 5, 4  # 100 bits


@dataclass(frozen=True, slots=True)
class Made:
    """``key``: what ``password`` begins with, before its first hyphen. ``password_hash`` as Dovecot reads
    it."""

    key: str
    password: str
    password_hash: str


def password_made(key: str = "") -> Made:
    """``k3m9x2ab-wxyz-…``, with this key or one of its own. A quick hash will do: nobody guesses 100 bits."""
    key = key or _signs(KEY_SIGNS)
    password = "-".join([key, *(_signs(GROUP_SIGNS) for _unused in range(GROUPS))])
    return Made(key, password, "{SHA256.HEX}" + hashlib.sha256(password.encode()).hexdigest())


def _signs(number: int) -> str:
    return "".join(secrets.choice(SIGNS) for _unused in range(number))
