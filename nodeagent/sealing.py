"""Secrets that only this node can open: X25519 (RFC 7748), HKDF-SHA256 (RFC 5869) and ChaCha20-Poly1305
(RFC 8439). The panel's side is lib/sealing.py.

Sealed: base64 of a fresh public key (32 bytes) and the ciphertext. The key is made from the shared secret and
both public keys and used once, so the nonce is zeros; what it is for (a job's id) is bound to it."""

from __future__ import annotations

import base64
import binascii
import os
from pathlib import Path

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INFO = b"postroom sealed 1"
NONCE = bytes(12)
KEY_BYTES = 32


class SealingError(Exception):
    """It was not sealed for this node and this purpose, or the node's key is not there."""


def open_sealed(key_file: Path, sealed: str, purpose: str) -> str:
    """``key_file``: base64 of the 32 raw bytes of the private key. Raises SealingError."""
    try:
        key = _key(key_file)
        raw = base64.b64decode(sealed, validate=True)
        fresh, text = raw[:KEY_BYTES], raw[KEY_BYTES:]
        shared = key.exchange(X25519PublicKey.from_public_bytes(fresh))
        own = key.public_key().public_bytes_raw()
        derived = HKDF(algorithm=SHA256(), length=32, salt=fresh + own, info=INFO).derive(shared)
        return ChaCha20Poly1305(derived).decrypt(NONCE, text, purpose.encode()).decode()
    except (OSError, ValueError, binascii.Error, InvalidTag) as error:
        raise SealingError(type(error).__name__) from error


def make_key(path: Path) -> str:
    """Make the private key at ``path`` (0600) if it is not there; base64 of the public key."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        handle = os.open(path, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600)
    except FileExistsError:
        pass
    else:
        with os.fdopen(handle, "wb") as file:
            file.write(base64.b64encode(X25519PrivateKey.generate().private_bytes_raw()) + b"\n")
    return base64.b64encode(_key(path).public_key().public_bytes_raw()).decode()


def _key(path: Path) -> X25519PrivateKey:
    return X25519PrivateKey.from_private_bytes(base64.b64decode(path.read_bytes()))
