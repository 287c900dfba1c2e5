"""Verifying a DKIM signature (RFC 6376), as a receiver does. Relaxed/relaxed only."""

from __future__ import annotations

import base64
import hashlib
import re

from cryptography.hazmat.primitives.asymmetric import padding, rsa
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import load_der_public_key


def signature_of(mail: bytes) -> dict[str, str]:
    """The tags of the first DKIM-Signature header, without white space."""
    (value, *_) = [value for name, value in _headers(mail) if name.lower() == b"dkim-signature"]
    return tags(value.decode())


def tags(text: str) -> dict[str, str]:
    pairs = (part.partition("=") for part in re.sub(r"\s+", "", text).split(";") if part)
    return {name: value for name, _equals, value in pairs}


def verify(mail: bytes, record: str) -> None:
    """Raises AssertionError or InvalidSignature unless the key in the TXT ``record`` signed ``mail``."""
    signed, published = signature_of(mail), tags(record)
    assert signed["a"] == "rsa-sha256"
    assert signed["c"] == "relaxed/relaxed"
    body = mail.partition(b"\r\n\r\n")[2]
    assert base64.b64decode(signed["bh"]) == hashlib.sha256(_body(body)).digest()
    key = load_der_public_key(base64.b64decode(published["p"]))
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(base64.b64decode(signed["b"]), _signed_text(mail, signed["h"]), padding.PKCS1v15(), SHA256())


def _signed_text(mail: bytes, names: str) -> bytes:
    """RFC 6376 §3.7: the named headers from below, then the signature's own header with an empty ``b=``."""
    left = _headers(mail)
    text = b""
    for name in names.lower().split(":"):
        at = next((n for n in reversed(range(len(left))) if left[n][0].lower() == name.encode()), None)
        if at is not None:
            text += _header(*left.pop(at)) + b"\r\n"
    own = next(value for name, value in _headers(mail) if name.lower() == b"dkim-signature")
    return text + _header(b"dkim-signature", re.sub(rb"(?<=[;\s])b=[^;]*", b"b=", own))


def _headers(mail: bytes) -> list[tuple[bytes, bytes]]:
    head = mail.partition(b"\r\n\r\n")[0] + b"\r\n"
    lines = re.findall(rb"[^\r\n]+(?:\r\n[ \t][^\r\n]*)*", head)
    return [(name, value) for name, _colon, value in (line.partition(b":") for line in lines)]


def _header(name: bytes, value: bytes) -> bytes:
    """§3.4.2"""
    return name.strip().lower() + b":" + re.sub(rb"[ \t\r\n]+", b" ", value).strip()


def _body(body: bytes) -> bytes:
    """§3.4.4"""
    lines = [re.sub(rb"[ \t]+", b" ", line).rstrip(b" ") for line in body.split(b"\r\n")]
    text = b"\r\n".join(lines).rstrip(b"\r\n")
    return text + b"\r\n" if text else b""
