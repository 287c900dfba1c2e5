"""Secrets that only one node can open: X25519 (RFC 7748), HKDF-SHA256 (RFC 5869) and ChaCha20-Poly1305
(RFC 8439). The node's side is nodeagent/sealing.py.

Sealed: base64 of a fresh public key (32 bytes) and the ciphertext. The key is made from the shared secret and
both public keys and used once, so the nonce is zeros; what it is for (a job's id) is bound to it."""

from __future__ import annotations

import base64

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.ciphers.aead import ChaCha20Poly1305
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

INFO = b"postroom sealed 1"
NONCE = bytes(12)


def seal(public_key: str, secret: str, purpose: str) -> str:
    """``public_key``: base64 of the node's 32 bytes. ``purpose``: what it may be opened for. Raises
    ValueError for a key that is none."""
    theirs = base64.b64decode(public_key, validate=True)
    mine = X25519PrivateKey.generate()
    fresh = mine.public_key().public_bytes_raw()
    shared = mine.exchange(X25519PublicKey.from_public_bytes(theirs))
    derived = HKDF(algorithm=SHA256(), length=32, salt=fresh + theirs, info=INFO).derive(shared)
    text = ChaCha20Poly1305(derived).encrypt(NONCE, secret.encode(), purpose.encode())
    return base64.b64encode(fresh + text).decode()
