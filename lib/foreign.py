"""Password hashes that other systems made: read, checked, brought into Dovecot's form, verified.

Dovecot's form is ``{SCHEME}`` and what that scheme's hash looks like (doc.dovecot.org, "Password Schemes");
crypt(3)'s own forms (``$6$…``, ``$2y$…``) are known by their beginning. What everybody could undo (plain
text, MD5, DES) is refused: it would be kept as strong as it is.
"""

from __future__ import annotations

import base64
import binascii
import ctypes
import functools
import hashlib
import hmac
import re
from dataclasses import dataclass
from typing import Any

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.utils.translation import gettext_lazy

from lib.errors import Refused
from lib.said import gettext as _

MOST = 255  # characters, with the scheme: what Mailbox.password_hash holds
# What one sign-in may cost a node: a hash with more is somebody's trick, or a mistake.
ARGON2_KIB, ARGON2_TIME, ARGON2_LANES = 131_072, 12, 16
CRYPT_ROUNDS, BCRYPT_COST, PBKDF2_ROUNDS = 1_000_000, 14, 1_000_000

_WRITTEN = re.compile(r"\{([A-Za-z0-9-]{2,32})(?:\.(b64|B64|base64|BASE64|hex|HEX))?\}(.*)", re.DOTALL)
_ARGON2 = re.compile(
    r"\$argon2(id|i)\$v=19\$m=([0-9]{1,8}),t=([0-9]{1,4}),p=([0-9]{1,4})\$[A-Za-z0-9+/]{11,86}\$[A-Za-z0-9+/]{22,86}"
)
_SHA_CRYPT = re.compile(r"\$([56])\$(?:rounds=([0-9]{1,9})\$)?[./A-Za-z0-9]{0,16}\$([./A-Za-z0-9]{43,86})")
_BCRYPT = re.compile(r"\$2[aby]\$([0-9]{2})\$[./A-Za-z0-9]{53}")
_PBKDF2 = re.compile(r"\$1\$[./A-Za-z0-9]{8,32}\$([0-9]{1,8})\$[0-9a-f]{40}")
_DIGESTS = {"SSHA": "sha1", "SSHA256": "sha256", "SSHA512": "sha512", "SHA256": "sha256", "SHA512": "sha512"}
_CRYPTS = {"SHA512-CRYPT", "SHA256-CRYPT", "BLF-CRYPT"}
SALT_MOST = 64

_TOO_WEAK = gettext_lazy(
    "This is kept with %(scheme)s, which anybody who sees it can undo. Give this mailbox a new password."
)
_WEAK = {
    "PLAIN", "CLEAR", "CLEARTEXT", "PLAIN-TRUNC", "MD5", "PLAIN-MD5", "LDAP-MD5", "SMD5", "MD5-CRYPT",
    "DES-CRYPT", "CRAM-MD5", "HMAC-MD5", "DIGEST-MD5", "RPA", "LANMAN", "NTLM", "OTP", "SHA", "SHA1", "SKEY",
}  # fmt: skip


def looks_like_hash(text: str) -> bool:
    """Whether it is wholly one of the forms that are taken: no password that a person has looks so."""
    try:
        normalised(text)
    except Refused:
        return False
    return True


def normalised(text: str) -> str:
    """The hash in Dovecot's form. Raises Refused at ``password_hash`` for what is not taken, saying why."""
    text = text.strip()
    found = _WRITTEN.fullmatch(text)
    if found:
        scheme, rest = _scheme_of(found[1].upper(), found[2] or "", found[3])
    else:
        scheme, rest = _by_beginning(text)
    whole = f"{{{scheme}}}{rest}"
    if len(whole) > MOST:
        raise _no(_("This hash is longer than any that is known here. Give this mailbox a new password."))
    return whole


def matches(stored: str, password: str) -> bool:
    """Whether ``password`` is the one of ``stored``, a hash as ``normalised`` gives it."""
    scheme, _brace, rest = stored.removeprefix("{").partition("}")
    if not stored.startswith("{"):
        return False
    plain = password.encode("utf-8", "surrogateescape")
    if scheme in _CRYPTS:
        return _crypt_matches(plain, rest)
    if scheme in _DIGESTS:
        return _digest_matches(_DIGESTS[scheme], plain, rest)
    if scheme == "PBKDF2":
        return _pbkdf2_matches(plain, rest)
    if scheme in {"ARGON2ID", "ARGON2I"}:
        return _argon2_matches(rest, password)
    return False


def _no(message: str) -> Refused:
    return Refused(message, "password_hash")


def _scheme_of(scheme: str, encoding: str, rest: str) -> tuple[str, str]:
    if scheme in _WEAK:
        raise _no(_TOO_WEAK % {"scheme": scheme})
    if scheme == "CRYPT":
        return _by_beginning(rest)
    if scheme in _DIGESTS:
        return scheme, _digest(scheme, encoding.lower(), rest)
    if scheme == "PBKDF2":
        return scheme, _pbkdf2(rest)
    if scheme in _CRYPTS or scheme in {"ARGON2ID", "ARGON2I"}:
        found, rest = _by_beginning(rest)
        if found != scheme:
            raise _no(_("It says %(said)s and is %(found)s.") % {"said": scheme, "found": found})
        return scheme, rest
    raise _no(_("The scheme %(scheme)s is not known here.") % {"scheme": scheme[:32]})


def _by_beginning(text: str) -> tuple[str, str]:
    """A hash of crypt(3) or argon2 says itself what it is."""
    if found := _SHA_CRYPT.fullmatch(text):
        rounds, length = int(found[2] or 5000), {"5": 43, "6": 86}[found[1]]
        if len(found[3]) != length:
            raise _no(_("Part of this hash is missing: it was cut somewhere."))
        _cost_check(rounds, CRYPT_ROUNDS)
        return {"5": "SHA256-CRYPT", "6": "SHA512-CRYPT"}[found[1]], text
    if found := _BCRYPT.fullmatch(text):
        if not 4 <= int(found[1]) <= 31:
            raise _no(_("Part of this hash is missing: it was cut somewhere."))
        _cost_check(int(found[1]), BCRYPT_COST)
        return "BLF-CRYPT", text
    if found := _ARGON2.fullmatch(text):
        memory, time, lanes = int(found[2]), int(found[3]), int(found[4])
        if not time or not lanes or memory < 8 * lanes:
            raise _no(_("The settings in this hash cannot be right."))
        _cost_check(memory, ARGON2_KIB)
        _cost_check(time, ARGON2_TIME)
        _cost_check(lanes, ARGON2_LANES)
        return f"ARGON2{found[1].upper()}", text
    raise _no(_unknown(text))


def _unknown(text: str) -> str:
    if text.startswith("$1$") or re.fullmatch(r"[0-9a-fA-F]{32}", text):
        return str(_TOO_WEAK % {"scheme": "MD5"})
    if re.fullmatch(r"[0-9a-fA-F]{40}", text):
        return str(_TOO_WEAK % {"scheme": "SHA-1"})
    if re.fullmatch(r"[./A-Za-z0-9]{13}", text):
        return str(_TOO_WEAK % {"scheme": "DES"})
    if text.startswith(("$5$", "$6$", "$2a$", "$2b$", "$2y$", "$argon2")):
        return _("Part of this hash is missing: it was cut somewhere.")
    if text.startswith(("!", "*")):
        return _("This account was locked where it comes from. Give this mailbox a new password.")
    return _("This is no hash that is known here, such as {SHA512-CRYPT}, {BLF-CRYPT} or $6$….")


def _cost_check(value: int, most: int) -> None:
    if value > most:
        raise _no(_("One sign-in with this hash would take too long. Give this mailbox a new password."))


def _digest(scheme: str, encoding: str, rest: str) -> str:
    """base64 of the digest and its salt, as Dovecot reads it without an encoding's name."""
    size = hashlib.new(_DIGESTS[scheme]).digest_size
    try:
        raw = bytes.fromhex(rest) if encoding == "hex" else base64.b64decode(rest, validate=True)
    except (ValueError, binascii.Error):
        raise _no(_("Part of this hash is missing: it was cut somewhere.")) from None
    salt = len(raw) - size
    if scheme.startswith("SSHA") and not 1 <= salt <= SALT_MOST:
        raise _no(_("Part of this hash is missing: it was cut somewhere."))
    if not scheme.startswith("SSHA") and salt:
        raise _no(_("Part of this hash is missing: it was cut somewhere."))
    return base64.b64encode(raw).decode("ascii")


def _pbkdf2(rest: str) -> str:
    found = _PBKDF2.fullmatch(rest)
    if not found or not int(found[1]):
        raise _no(_("Part of this hash is missing: it was cut somewhere."))
    _cost_check(int(found[1]), PBKDF2_ROUNDS)
    return rest


def _digest_matches(name: str, plain: bytes, rest: str) -> bool:
    try:
        raw = base64.b64decode(rest, validate=True)
    except (ValueError, binascii.Error):
        return False
    size = hashlib.new(name).digest_size
    return hmac.compare_digest(hashlib.new(name, plain + raw[size:]).digest(), raw[:size])


def _pbkdf2_matches(plain: bytes, rest: str) -> bool:
    """``$1$salt$rounds$hex``: Dovecot's PBKDF2 is with SHA-1 and the salt's own letters."""
    if not _PBKDF2.fullmatch(rest):
        return False
    _empty, _one, salt, rounds, wanted = rest.split("$")
    made = hashlib.pbkdf2_hmac("sha1", plain, salt.encode("ascii"), int(rounds), 20)
    return hmac.compare_digest(made.hex(), wanted)


def _argon2_matches(rest: str, password: str) -> bool:
    try:
        return PasswordHasher().verify(rest, password)
    except (VerificationError, InvalidHashError):
        return False


@dataclass(frozen=True, slots=True)
class _Crypt:
    """crypt_rn(3) of libxcrypt. Python's own crypt module is gone from 3.13, and warns before."""

    call: Any

    def __call__(self, plain: bytes, setting: bytes) -> bytes:
        room = ctypes.create_string_buffer(32_768)  # struct crypt_data
        done = self.call(plain, setting, room, len(room))
        return bytes(done or b"")


@functools.cache
def _crypt() -> _Crypt:
    call = ctypes.CDLL("libcrypt.so.1").crypt_rn
    call.argtypes = [ctypes.c_char_p, ctypes.c_char_p, ctypes.c_void_p, ctypes.c_int]
    call.restype = ctypes.c_char_p
    return _Crypt(call)


def _crypt_matches(plain: bytes, rest: str) -> bool:
    if b"\0" in plain or len(plain) > 512:  # CRYPT_MAX_PASSPHRASE_SIZE
        return False
    setting = rest.encode("ascii", "replace")
    return hmac.compare_digest(_crypt()(plain, setting), setting)
