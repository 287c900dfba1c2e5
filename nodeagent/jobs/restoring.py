"""Mails of an archive into a mailbox, through Dovecot. What is there already is passed over, so it may be
done again at any time."""

from __future__ import annotations

import email.parser
import email.policy
import hashlib
import imaplib
import re
from collections import Counter
from pathlib import Path

from nodeagent.jobs import foreign
from nodeagent.jobs.archives import Archives
from nodeagent.jobs.box import Box
from nodeagent.jobs.folders import NAME_BYTES, encoded
from nodeagent.jobs.unpacking import Mail, mails
from nodeagent.jobs.work import JobFailedError, Work

_KNOWN = re.compile(rb"RFC822\.SIZE (\d+)")
Key = tuple[str, int]
# Of a mail without a Message-ID these say which it is; its size alone would make two mails one.
_SAY = ("Message-ID", "Date", "From", "Subject", "Received")


def restoring(work: Work) -> None:
    path = work.folder / "archive"
    if not work.kept.get("here"):
        Archives(work, work.text("archive")).get(path, work)
        work.keep(here=True)
    work.tell(0, 0, "Looking through the archive.", now=True)
    total = sum(1 for _mail in mails(path))
    if not total:
        raise JobFailedError("There is no mail in this archive.")
    with Box(work, work.text("address")).imap() as own:
        new = Saving(work, own).run(path, total)
    work.tell(total, total, "", now=True, new=new, there=total - new)
    path.unlink()


class Saving:
    def __init__(self, work: Work, own: imaplib.IMAP4) -> None:
        self.work, self.own = work, own
        self.into = work.text("folder")
        self.known: dict[str, Counter[Key]] = {}

    def run(self, path: Path, total: int) -> int:
        new = 0
        for number, mail in enumerate(mails(path), 1):
            new += self._save(mail)
            self.work.tell(number, total, "Saving.", new=new)
        return new

    def _save(self, mail: Mail) -> bool:
        folder = self.into or _folder(mail.folder)
        text = re.sub(rb"\r?\n", b"\r\n", mail.text)
        if b"\0" in text:
            text = text.replace(b"\0", b"\x80")  # RFC 3501 allows none
        key = (_named(text), len(text))
        if folder not in self.known:
            self.known[folder] = self._look(folder)
        # A mail that is in the archive twice is there twice afterwards, and no more often.
        if self.known[folder][key]:
            self.known[folder][key] -= 1
            return False
        flags = f"({' '.join(mail.flags)})" if mail.flags else ""
        date = f'"{mail.date}"' if mail.date else ""
        try:
            status, data = self.own.append(_quoted(folder), flags, date or None, text)
        except imaplib.IMAP4.error as error:
            if isinstance(error, imaplib.IMAP4.abort):
                raise
            raise JobFailedError(f"A mail was not taken: {foreign.said(error)}") from error
        if status != "OK":
            said = data[0].decode("utf-8", "replace") if data and data[0] else ""
            if "OVERQUOTA" in said.upper() or "quota" in said.lower():
                raise JobFailedError("The mailbox is full. What was saved is kept; give it more storage.")
            raise JobFailedError(f"A mail was not taken: {said[:200]}")
        return True

    def _look(self, folder: str) -> Counter[Key]:
        """What is in it; made if it is not there."""
        status, _data = self.own.select(_quoted(folder), readonly=True)
        if status != "OK":
            self.own.create(_quoted(folder))
            self.own.subscribe(_quoted(folder))
            self.own.select(_quoted(folder), readonly=True)
        fields = " ".join(_SAY).upper()
        _status, data = self.own.uid("FETCH", "1:*", f"(RFC822.SIZE BODY.PEEK[HEADER.FIELDS ({fields})])")
        found: Counter[Key] = Counter()
        for part in data:
            if isinstance(part, tuple) and (size := _KNOWN.search(part[0])):
                found[(_named(part[1]), int(size[1]))] += 1
        return found


def _folder(name: str) -> str:
    parts = [re.sub(r"[.\x00-\x1f\x7f]", "_", part).strip("~ ") for part in name.split("/")]
    plain = "/".join(part for part in parts if part) or "INBOX"
    return plain if len(encoded(plain)) <= NAME_BYTES else "INBOX"


def _quoted(folder: str) -> str:
    return foreign.quoted(encoded(folder)).decode("ascii")


def _named(text: bytes) -> str:
    """What tells it from other mails of its size."""
    head = re.split(rb"\r?\n\r?\n", text, maxsplit=1)[0][:100_000]
    parsed = email.parser.BytesHeaderParser(policy=email.policy.compat32).parsebytes(head)
    said = [" ".join(str(value).split()) for name in _SAY for value in parsed.get_all(name, [])]
    own = str(parsed.get("Message-ID", "")).strip()
    return own or hashlib.sha256("\0".join(said).encode("utf-8", "replace")).hexdigest()
