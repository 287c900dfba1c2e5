"""Names of folders: how other mail servers call theirs, and how they shall be called here. Pure."""

from __future__ import annotations

import base64
import binascii
import dataclasses
import re
from collections.abc import Iterable

SPECIAL = {
    r"\sent": "Sent",
    r"\drafts": "Drafts",
    r"\trash": "Trash",
    r"\junk": "Junk",
    r"\archive": "Archive",
}
# Views of mails that lie in other folders too (RFC 6154; Gmail).
VIEWS = {r"\all", r"\flagged", r"\important"}
NO_FOLDERS = {r"\noselect", r"\nonexistent"}
# What servers without RFC 6154 call theirs.
KNOWN = {
    "Sent": "sent|sent items|sent messages|sent mail|sent-mail|gesendet|gesendete elemente|gesendete objekte"
    "|enviados|elementos enviados|envoyés|éléments envoyés|messages envoyés|inviata|posta inviata|verzonden"
    "|verzonden items",
    "Drafts": "drafts|draft|entwürfe|borradores|brouillons|bozze|concepten",
    "Trash": "trash|deleted items|deleted messages|bin|papierkorb|gelöschte elemente|papelera"
    "|elementos eliminados|corbeille|éléments supprimés|cestino|prullenbak",
    "Junk": "junk|spam|junk e-mail|junk email|bulk mail|bulk|spamverdacht|correo no deseado"
    "|courrier indésirable"
    "|posta indesiderata|ongewenste e-mail",
    "Archive": "archive|archives|archiv|archivo",
}
_BY_NAME = {name: ours for ours, names in KNOWN.items() for name in names.split("|")}
NAME_BYTES = 200


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Folder:
    """``source``: its name there as it travels (RFC 3501 §5.1.3), ``ours``: that of here, the same way, with
    ``/`` between the levels."""

    source: bytes
    ours: bytes
    flags: frozenset[str]

    @property
    def title(self) -> str:
        return decoded(self.ours)


def mapped(listed: Iterable[tuple[frozenset[str], bytes, bytes]]) -> list[Folder]:
    """``listed``: flags, delimiter and name of each folder. Left out: what is no folder or a view of others.
    No two get the same name."""
    rows = [(flags, mark, name) for flags, mark, name in listed if not flags & (NO_FOLDERS | VIEWS)]
    taken: set[str] = set()
    found: list[Folder] = []
    # The inbox and what says what it is come first, so that a folder called Sent does not take their place.
    for flags, mark, name in sorted(rows, key=lambda row: (row[2].upper() != b"INBOX", not _special(row[0]))):
        ours = _ours(flags, mark, name)
        if ours.lower() in taken:
            ours = _plain(mark, name)
        number, free = 2, ours
        while free.lower() in taken:
            free, number = f"{ours} ({number})", number + 1
        taken.add(free.lower())
        found.append(Folder(source=name, ours=encoded(free), flags=flags))
    return found


def _special(flags: frozenset[str]) -> str:
    return next((ours for flag, ours in SPECIAL.items() if flag in flags), "")


def _ours(flags: frozenset[str], mark: bytes, name: bytes) -> str:
    if name.upper() == b"INBOX":
        return "INBOX"
    plain = _plain(mark, name)
    return _special(flags) or _BY_NAME.get(plain.lower(), plain)


def _plain(mark: bytes, name: bytes) -> str:
    """Without the prefix that some servers put before each (``INBOX.``, ``[Gmail]/``)."""
    parts = name.split(mark) if mark else [name]
    if len(parts) > 1 and parts[0].upper() in (b"INBOX", b"[GMAIL]", b"[GOOGLE MAIL]"):
        parts = parts[1:]
    # A Maildir has a dot between levels, and folders of one's own may not look like ours.
    words = [re.sub(r"[./\x00-\x1f\x7f]", "_", decoded(part)).strip() for part in parts]
    plain = "/".join(word.removeprefix("~") or "_" for word in words)
    while len(encoded(plain)) > NAME_BYTES:
        plain = plain[:-1]
    return plain if plain.upper() != "INBOX" else "INBOX_"


def decoded(name: bytes) -> str:
    """From modified UTF-7 (RFC 3501 §5.1.3); what is none of it, as it is."""

    def shifted(match: re.Match[str]) -> str:
        text = match[1].replace(",", "/")
        if not text:
            return "&"
        return base64.b64decode(text + "=" * (-len(text) % 4)).decode("utf-16-be")

    plain = name.decode("utf-8", "replace")
    try:
        return re.sub(r"&([A-Za-z0-9+,]*)-", shifted, plain)
    except (binascii.Error, UnicodeDecodeError, ValueError):
        return plain


def encoded(text: str) -> bytes:
    """To modified UTF-7."""

    def shifted(match: re.Match[str]) -> str:
        raw = match[0].encode("utf-16-be", "surrogatepass")
        return "&" + base64.b64encode(raw).decode().rstrip("=").replace("/", ",") + "-"

    return re.sub(r"[^\x20-\x7e]+", shifted, text.replace("&", "&-")).encode("ascii")
