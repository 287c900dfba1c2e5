"""A file kept sealed between two requests: AES-256-GCM (NIST SP 800-38D), a piece at a time. The key is in
the person's page and comes back with the form; nothing here can open what is stored without it."""

from __future__ import annotations

import base64
import binascii
import secrets
from collections.abc import Iterable, Iterator

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

PIECE = 1024 * 1024


def new_key() -> str:
    return base64.urlsafe_b64encode(secrets.token_bytes(32)).decode("ascii")


def seal(key: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Each key is used for one file, so a piece's number is a nonce that never comes twice."""
    box = AESGCM(base64.urlsafe_b64decode(key))
    for number, piece in enumerate(_even(pieces)):
        yield box.encrypt(number.to_bytes(12, "big"), piece, None)


def unseal(key: str, pieces: Iterable[bytes]) -> Iterator[bytes]:
    """Raises ValueError for another key."""
    try:
        box = AESGCM(base64.urlsafe_b64decode(key.encode("ascii")))
        for number, piece in enumerate(pieces):
            yield box.decrypt(number.to_bytes(12, "big"), piece, None)
    except (InvalidTag, binascii.Error, UnicodeEncodeError) as error:
        raise ValueError("not the key of this file") from error


def _even(pieces: Iterable[bytes]) -> Iterator[bytes]:
    left = b""
    for piece in pieces:
        left += piece
        while len(left) >= PIECE:
            yield left[:PIECE]
            left = left[PIECE:]
    if left:
        yield left
