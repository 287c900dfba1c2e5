"""Which column of a file is what. Knows the heads of cPanel's, Plesk's and Google's exports and plain
words."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from lib import foreign
from lib.errors import Refused
from lib.said import gettext as _

IGNORE = ""
FIELDS = {
    IGNORE: gettext_lazy("Do not use"),
    "address": gettext_lazy("Address (ana or ana@example.com)"),
    "domain": gettext_lazy("Domain, where it has a column of its own"),
    "password": gettext_lazy("Password"),
    "password_hash": gettext_lazy("Password hash of another system"),
    "quota": gettext_lazy("Storage quota"),
    "welcome": gettext_lazy("Where the welcome mail goes"),
    "suspended": gettext_lazy("Suspended (yes or no): it may not sign in"),
}
# In the order in which one is believed; letters and digits of the head, lower case.
_HEADS: dict[str, tuple[str, ...]] = {
    "address": (
        "emailaddress", "email", "mailaddress", "address", "mailbox", "emailaddressrequired", "mail",
        "username",
        "user", "login", "account", "mailname", "localpart", "local", "name", "adresse", "direccion",
        "correo",
        "correoelectronico", "usuario", "emailadresse", "benutzername",
    ),
    "domain": ("domain", "domainname", "dominio"),
    "password_hash": (
        "passwordhash", "hash", "hashedpassword", "passwdhash", "cryptpassword", "shadow",
        "encryptedpassword",
        "passwordenc",
    ),
    "password": ("password", "passwd", "pass", "passwordrequired", "contrasena", "passwort", "kennwort",
    "clave"),
    "quota": (
        "quota", "mailboxquota", "quotamb", "diskquota", "mboxquota", "storage", "size", "storagelimit",
        "limit",
        "cuota", "espacio", "quotainmb",
    ),
    "welcome": (
        "recoveryemail", "welcome", "welcometo", "secondaryemail", "externalemail", "contactemail",
        "homesecondaryemail", "otheremail",
    ),
    "suspended": (
        "suspended", "suspendedlogin", "status", "state", "disabled", "locked", "suspendido", "estado",
        "gesperrt",
    ),
}  # fmt: skip
_PLAIN = re.compile(r"[^a-z0-9]+")
_ADDRESS = re.compile(r"[^@\s]{1,64}@[^@\s]+\.[^@\s]+")
_NOTE = re.compile(r"\[(required|upload only|read only)\]")  # what Google writes behind its heads
_HASHED = re.compile(r"[!*]{0,8}(?:LOCKED\*)?([${].+)")


@dataclass(frozen=True, slots=True, kw_only=True)
class Columns:
    """``columns``: what each column is (of FIELDS). ``heads``: whether the first row names them."""

    columns: tuple[str, ...]
    heads: bool

    @property
    def places(self) -> dict[str, int]:
        return {field: at for at, field in enumerate(self.columns) if field}


def guess(first: Sequence[str], samples: Sequence[Sequence[str]]) -> Columns:
    """From the first row and some that follow."""
    width = max([len(first), *(len(row) for row in samples)], default=0)
    named = _by_heads(first)
    heads = bool(named) and not any(_ADDRESS.fullmatch(cell) for cell in first)
    columns = [named.get(at, IGNORE) if heads else IGNORE for at in range(width)]
    rows = list(samples) if heads else [first, *samples]
    if not heads:
        _by_contents(columns, rows)
    _hashes_are_told(columns, rows)
    return Columns(columns=tuple(columns), heads=heads)


def _by_heads(first: Sequence[str]) -> dict[int, str]:
    told = [_PLAIN.sub("", unicodedata.normalize("NFKD", _NOTE.sub("", cell.lower()))) for cell in first]
    found: dict[int, str] = {}
    for field, names in _HEADS.items():
        for name in names:
            at = next((at for at, head in enumerate(told) if head == name and at not in found), None)
            if at is not None:
                found[at] = field
                break
    return found


def _by_contents(columns: list[str], rows: Sequence[Sequence[str]]) -> None:
    """Without heads: an address first, then its password, then its quota, as people write lists. Behind a
    name and its hash (cPanel's shadow files) the numbers are days, no quota."""
    if len(columns) >= 7 and rows and all(len(row) > 1 and _hash_in(row[1]) for row in rows):
        columns[:2] = ["address", "password_hash"]
        return
    for at in range(len(columns)):
        cells = [row[at] for row in rows if at < len(row) and row[at]]
        if not cells:
            continue
        if "address" not in columns and (at == 0 or all(_ADDRESS.fullmatch(cell) for cell in cells)):
            columns[at] = "address"
        elif "quota" not in columns and all(
            re.fullmatch(r"\d+(\.\d+)? ?([KMGT]I?B?)?", cell.upper()) for cell in cells
        ):
            columns[at] = "quota"
        elif "password" not in columns:
            columns[at] = "password"


def _hashes_are_told(columns: list[str], rows: Sequence[Sequence[str]]) -> None:
    """Exports call it “password” and mean its hash."""
    if "password" not in columns or "password_hash" in columns:
        return
    at = columns.index("password")
    cells = [row[at] for row in rows if at < len(row) and row[at]]
    if cells and all(foreign.looks_like_hash(cell) for cell in cells):
        columns[at] = "password_hash"


def _hash_in(cell: str) -> bool:
    found = _HASHED.fullmatch(cell)
    return found is not None and foreign.looks_like_hash(found[1])


def chosen(columns: Sequence[str], *, heads: bool) -> Columns:
    """What a person set. Raises Refused for what cannot be used."""
    used = [field for field in columns if field]
    unknown = next((field for field in used if field not in FIELDS), None)
    if unknown is not None:
        raise Refused(_("Choose one of the list for each column."))
    twice = next((field for field in used if used.count(field) > 1), None)
    if twice:
        raise Refused(_("Two columns are “%(field)s”. Choose one of them.") % {"field": FIELDS[twice]})
    if "address" not in used:
        raise Refused(_("Say which column has the addresses."))
    if "password" not in used and "password_hash" not in used:
        raise Refused(_("Say which column has the passwords, or their hashes: a mailbox needs one."))
    return Columns(columns=tuple(columns), heads=heads)


def left_out(heads: Sequence[str], mapping: Columns) -> list[str]:
    """The heads of the columns that are not used."""
    if not mapping.heads:
        return []
    return [head for head, field in zip(heads, mapping.columns, strict=False) if head and not field]


def cells_of(row: Sequence[str], mapping: Mapping[str, int]) -> dict[str, str]:
    """What the row says, by field; empty for what it does not have."""
    return {field: row[at] if at < len(row) else "" for field, at in mapping.items()}
