"""Mails out of an archive that somebody gave: our own ZIP, .eml files, an mbox or a Maildir, in a ZIP or
TAR or alone. Looked at as a whole before anything of it is used, and never unpacked to the disk."""

from __future__ import annotations

import dataclasses
import json
import mailbox
import re
import tarfile
import zipfile
from collections.abc import Iterator
from pathlib import Path, PurePosixPath

from nodeagent.jobs.exporting import FORMAT
from nodeagent.jobs.work import JobFailedError

FILES = 200_000
BYTES = 20 * 1024**3
MAIL_BYTES = 100 * 1024**2
RATIO = 200  # mail shrinks to a third; what shrinks to a hundredth is no mail
RATIO_FROM = 50 * 1024**2
_MAILDIR = {"S": r"\Seen", "R": r"\Answered", "F": r"\Flagged", "T": r"\Deleted", "D": r"\Draft"}
_FLAG = re.compile(r"(\\(Seen|Answered|Flagged|Deleted|Draft)|[A-Za-z0-9_$.-]{1,60})\Z")
_DATE = re.compile(r"[ 0-9]\d-[A-Z][a-z]{2}-\d{4} \d\d:\d\d:\d\d [+-]\d{4}\Z")


@dataclasses.dataclass(frozen=True, slots=True, kw_only=True)
class Mail:
    """``date``: as IMAP says it; empty: not known."""

    folder: str
    flags: tuple[str, ...]
    date: str
    text: bytes


def mails(path: Path) -> Iterator[Mail]:
    """Raises JobFailedError for what is not to be used, before the first mail."""
    if zipfile.is_zipfile(path):
        yield from _zip(path)
    elif tarfile.is_tarfile(path):
        yield from _tar(path)
    else:
        with path.open("rb") as file:
            if file.read(5) != b"From ":
                raise JobFailedError(
                    "This is no ZIP, TAR or mbox file with mails in it. Choose another file."
                )
        yield from _mbox(path, "")


def _zip(path: Path) -> Iterator[Mail]:
    try:
        with zipfile.ZipFile(path) as archive:
            rows = archive.infolist()
            if any(row.flag_bits & 1 for row in rows):
                raise JobFailedError("This archive has a password. Make one without.")
            if any((row.external_attr >> 28) == 0xA for row in rows):
                raise JobFailedError("This archive has links in it. Make one of the mails alone.")
            check([(row.filename, row.file_size) for row in rows], path.stat().st_size)
            told = _manifest(archive)
            for row in rows:
                if not row.is_dir() and row.filename != "manifest.json":
                    yield from _file(row.filename, archive.read(row), told)
    except (zipfile.BadZipFile, OSError, EOFError, NotImplementedError) as error:
        raise JobFailedError(f"This archive is damaged: {str(error)[:100]}") from error


def _tar(path: Path) -> Iterator[Mail]:
    try:
        with tarfile.open(path) as archive:
            rows, size = [], 0
            for row in archive:
                if not row.isfile() and not row.isdir():
                    raise JobFailedError(
                        "This archive has links or devices in it. Make one of the mails alone."
                    )
                size += row.size
                rows.append((row.name, row.size))
                if size > BYTES or len(rows) > FILES:
                    break
            check(rows, path.stat().st_size)
        with tarfile.open(path) as archive:
            for row in archive:
                inside = archive.extractfile(row) if row.isfile() else None
                if inside:
                    yield from _file(row.name, inside.read(), {})
    except (tarfile.TarError, OSError, EOFError) as error:
        raise JobFailedError(f"This archive is damaged: {str(error)[:100]}") from error


def check(rows: list[tuple[str, int]], size: int) -> None:
    """(name, bytes once unpacked) of all files in an archive of ``size`` bytes."""
    whole = sum(bytes_ for _name, bytes_ in rows)
    if len(rows) > FILES:
        raise JobFailedError(f"There are more than {FILES} files in this archive. Split it.")
    if whole > BYTES or (whole > RATIO_FROM and whole > size * RATIO):
        raise JobFailedError("Unpacked, this archive would be far too large for mail. Nothing was saved.")
    for name, bytes_ in rows:
        parts = PurePosixPath(name.replace("\\", "/")).parts
        if ".." in parts or name.startswith(("/", "\\")) or "\0" in name:
            raise JobFailedError("This archive has a file that leads out of it. Nothing was saved.")
        if bytes_ > MAIL_BYTES and not name.lower().endswith((".mbox", ".mbx")) and "." in parts[-1]:
            raise JobFailedError(f"One file in this archive has more than {MAIL_BYTES >> 20} MB.")


def _manifest(archive: zipfile.ZipFile) -> dict[str, Mail]:
    """File → what we noted of it, when it is an archive of ours."""
    try:
        raw = json.loads(archive.read("manifest.json"))
        if raw["format"] != FORMAT:
            return {}
        return {
            str(row["file"]): Mail(
                folder=str(row["folder"])[:200],
                flags=tuple(flag for flag in map(str, row["flags"]) if _FLAG.match(flag)),
                date=str(row["date"]) if _DATE.match(str(row["date"])) else "",
                text=b"",
            )
            for row in raw["mails"]
        }
    except (KeyError, TypeError, ValueError, RecursionError):
        return {}


def _file(name: str, text: bytes, told: dict[str, Mail]) -> Iterator[Mail]:
    if name in told:
        yield dataclasses.replace(told[name], text=text)
        return
    path = PurePosixPath(name.replace("\\", "/"))
    if path.parent.name in ("cur", "new"):
        letters = path.name.rpartition(":2,")[2] if ":2," in path.name else ""
        flags = tuple(_MAILDIR[letter] for letter in letters if letter in _MAILDIR)
        above = path.parent.parent.name
        folder = above[1:].replace(".", "/") if above.startswith(".") else ""
        yield Mail(folder=folder, flags=flags, date="", text=text)
    elif path.suffix.lower() == ".eml":
        folder = re.sub(r"^\d{3} ", "", str(path.parent)) if path.parent.name else ""
        yield Mail(folder=folder, flags=(), date="", text=text)
    elif text.startswith(b"From "):
        yield from _mbox_text(text, path.stem if path.stem.lower() not in ("inbox", "mbox") else "")


def _mbox_text(text: bytes, folder: str) -> Iterator[Mail]:
    for part in re.split(rb"(?:\A|\r?\n\r?\n|\n)From [^\r\n]*\d{4}\r?\n", text):
        if part.strip():
            yield Mail(folder=folder, flags=(), date="", text=re.sub(rb"(?m)^>(>*From )", rb"\1", part))


def _mbox(path: Path, folder: str) -> Iterator[Mail]:
    box = mailbox.mbox(path, create=False)
    try:
        for key in box.iterkeys():
            yield Mail(folder=folder, flags=(), date="", text=box.get_bytes(key))
    finally:
        box.close()
