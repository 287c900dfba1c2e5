"""The secret part of a shared link: 192 bits, made of a row's seed and the panel's secret key.

It can be made again to be shown again; the database alone (a backup, a dump) opens no link. A link made
under a secret key that was replaced works for as long as its hash stands in its row, and is shown again while
the key is among SECRET_KEY_FALLBACKS.
"""

from __future__ import annotations

import base64
import hashlib
import re
import secrets

from django.conf import settings
from django.utils.crypto import salted_hmac

SALT = "guides.handing.share"
SHAPE = re.compile(r"[A-Za-z0-9_-]{32}")


def seed_made() -> str:
    return secrets.token_hex(24)


def token_of(seed: str, secret: str | bytes | None = None) -> str:
    """32 characters that may stand in an address."""
    digest = salted_hmac(SALT, seed, secret=secret, algorithm="sha256").digest()
    return base64.urlsafe_b64encode(digest[:24]).decode()


def hash_of(token: str) -> str:
    """Hex. Fast on purpose: nobody guesses 192 bits."""
    return hashlib.sha256(token.encode()).hexdigest()


def token_again(seed: str, token_hash: str) -> str:
    """Empty: the secret key it was made with is gone."""
    for secret in (settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS):
        token = token_of(seed, secret)
        if secrets.compare_digest(hash_of(token), token_hash):
            return token
    return ""
