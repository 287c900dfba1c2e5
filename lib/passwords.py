"""Passwords of mailboxes: made, judged and hashed. A password lives in the request and in its hash alone."""

from __future__ import annotations

import functools
import math
import re
import secrets
import string
from enum import StrEnum
from pathlib import Path

from argon2 import PasswordHasher
from argon2.exceptions import InvalidHashError, VerificationError
from django.contrib.auth.password_validation import CommonPasswordValidator
from django.core.exceptions import ValidationError

from lib import foreign
from lib.errors import Refused
from lib.said import gettext as _

MIN_LENGTH = 10
MAX_LENGTH = 128
WORDS = 5
DIGITS = 3
SCHEME = "{ARGON2ID}"

# What OWASP asks for (19 MiB, t=2, p=1): 20 to 30 ms of a core, within Dovecot's default vsz_limit.
_hasher = PasswordHasher(time_cost=2, memory_cost=19_456, parallelism=1)

# Of a random text that nobody kept, made with the strength above.
NOBODYS = "$argon2id$v=19$m=19456,t=2,p=1$QXafLkzf2ZK/tXl6RP5LrA$VHvCavPg0tivVm6gRK1MlpBmPJfB82ZbOvq2pJOTcOE"


class Strength(StrEnum):
    WEAK = "weak"
    FAIR = "fair"
    STRONG = "strong"


def hash_mailbox_password(password: str) -> str:
    """``{ARGON2ID}$argon2id$…`` as Dovecot reads it, of exactly this text: ``{PLAIN}x`` is no scheme."""
    return SCHEME + _hasher.hash(password)


def matches(stored: str | None, password: str) -> bool:
    """Whether ``password`` is the one of ``stored``, as Django or Dovecot write an argon2id hash, or a hash
    that another system made (lib.foreign). Takes the work of one check whether there is a hash or not, so the
    time tells nobody which names exist; a foreign one takes its own besides, until the next password."""
    scheme, _found, rest = (stored or "").partition("$argon2id$")
    real = bool(rest) and scheme in {"argon2", SCHEME}
    try:
        _hasher.verify(f"$argon2id${rest}" if real else NOBODYS, password)
    except (VerificationError, InvalidHashError):
        return not real and foreign.matches(stored or "", password)
    return real


@functools.cache
def words() -> tuple[str, ...]:
    """Short, common, easily told apart on the telephone; no two alike."""
    return tuple(Path(__file__).with_name("words.txt").read_text("ascii").split())


def generate_password() -> str:
    """Five words and three digits, at least 60 bits: ``harbor-violet-train-maple-ember-914``."""
    chosen = [secrets.choice(words()) for _unused in range(WORDS)]
    return "-".join([*chosen, "".join(secrets.choice(string.digits) for _unused in range(DIGITS))])


def strength(password: str) -> Strength:
    """A rough word, from length, kinds of characters and repetition; static/js/password.js says the same."""
    kinds = ((r"[a-z]", 26), (r"[A-Z]", 26), (r"[0-9]", 10), (r"[^a-zA-Z0-9]", 20))
    pool = sum(size for pattern, size in kinds if re.search(pattern, password)) or 1
    bits = math.log2(pool) * min(len(password), 2 * len(set(password)))
    if len(password) < MIN_LENGTH or bits < 50:
        return Strength.WEAK
    return Strength.STRONG if bits >= 75 else Strength.FAIR


def check_mailbox_password(password: str, address: str = "") -> str:
    """Give ``password`` back if every mail program can send exactly it, and nobody guesses it at once.

    Raises Refused at the field ``password``. ASCII alone: IMAP's LOGIN strings are 7-bit (RFC 3501 §4.3) and
    programs send other letters in different encodings, so what opens it in one fails in the next.
    """
    _refuse_unsendable(password)
    if len(password) < MIN_LENGTH:
        raise Refused(_("Use at least %(least)d characters.") % {"least": MIN_LENGTH}, "password")
    if len(password) > MAX_LENGTH:
        text = _("Use at most %(most)d characters; this has %(count)d.")
        raise Refused(text % {"most": MAX_LENGTH, "count": len(password)}, "password")
    if _easily_guessed(password, address):
        raise Refused(
            _("This is among the first that a thief tries. Take the one made for you, or a longer one."),
            "password",
        )
    return password


def _refuse_unsendable(password: str) -> None:
    if any(ord(letter) < 32 or ord(letter) == 127 for letter in password):
        text = _("A password is one line, with no line breaks, tabs or control characters.")
        raise Refused(text, "password")
    if password != password.strip(" "):
        raise Refused(_("Remove the space at the start or the end: some mail programs drop it."), "password")
    foreign = next((letter for letter in password if not letter.isascii()), "")
    if foreign:
        text = _(
            "Mail programs do not agree on how to send “%(letter)s”. Use letters A to Z, digits and signs."
        )
        raise Refused(
            text % {"letter": foreign if foreign.isprintable() else f"U+{ord(foreign):04X}"}, "password"
        )


@functools.cache
def _common() -> CommonPasswordValidator:
    return CommonPasswordValidator()  # reads its 20,000 words once


def _easily_guessed(password: str, address: str) -> bool:
    plain = password.casefold()
    local, _at, domain = address.casefold().partition("@")
    names = {name for name in (address.casefold(), local, domain, domain.partition(".")[0]) if name}
    core = plain.strip(string.digits + string.punctuation + " ")
    if plain in names or core in names or len(set(plain)) < 4 or re.fullmatch(r"(.+?)\1+", plain):
        return True
    try:
        _common().validate(plain)
    except ValidationError:
        return True
    return False
