"""A mailbox, or one folder of it, as a ZIP file: each mail a .eml file, and manifest.json with what a file
cannot say (flags, when it came)."""

from __future__ import annotations

import imaplib
import json
import re
import zipfile
from collections.abc import Iterator
from pathlib import Path

from nodeagent.jobs import foreign
from nodeagent.jobs.archives import Archives
from nodeagent.jobs.box import Box
from nodeagent.jobs.folders import decoded
from nodeagent.jobs.work import JobFailedError, Work

FORMAT = "postroom mail 1"
_FLAGS = re.compile(rb"FLAGS \(([^)]*)\)")
_DATE = re.compile(rb'INTERNALDATE "([^"]{1,40})"')


def exporting(work: Work) -> None:
    archives = Archives(work, work.text("archive"))
    path = work.folder / "export.zip"
    if "made" not in work.kept:
        work.tell(0, 0, "Counting.", now=True)
        with Box(work, work.text("address")).imap() as own:
            number = _make(work, own, path)
        work.keep(made=number)
    archives.put(path, work)
    number = int(work.kept["made"])
    work.tell(number, number, "", now=True, mails=number, bytes=path.stat().st_size)
    path.unlink()


def _make(work: Work, own: imaplib.IMAP4, path: Path) -> int:
    only = work.text("folder")
    names = [name for name in _names(own) if not only or decoded(name) == only]
    if not names:
        raise JobFailedError("There is no such folder in this mailbox any more.")
    uids = {}
    for name in names:
        status, _data = own.select(foreign.quoted(name).decode("ascii"), readonly=True)
        uids[name] = own.uid("SEARCH", "ALL")[1][0].split() if status == "OK" else []
    total, number = sum(len(some) for some in uids.values()), 0
    manifest = []
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, allowZip64=True, compresslevel=1) as archive:
        for place, name in enumerate(names):
            own.select(foreign.quoted(name).decode("ascii"), readonly=True)
            for flags, date, mail in _mails(own, uids[name]):
                number += 1
                inside = f"{place:03d} {_safe(decoded(name))}/{number:07d}.eml"
                archive.writestr(inside, mail)
                row = {"file": inside, "folder": decoded(name), "flags": flags, "date": date}
                manifest.append(row)
                work.tell(number, total, f"Packing {decoded(name)}.")
        archive.writestr("manifest.json", json.dumps({"format": FORMAT, "mails": manifest}))
    return number


def _mails(own: imaplib.IMAP4, uids: list[bytes]) -> Iterator[tuple[list[str], str, bytes]]:
    for uid in uids:
        _status, data = own.uid("FETCH", uid.decode(), "(FLAGS INTERNALDATE BODY.PEEK[])")
        for part in data:
            if isinstance(part, tuple):
                flags, date = _FLAGS.search(part[0]), _DATE.search(part[0])
                words = flags[1].decode("ascii", "replace").split() if flags else []
                kept = [word for word in words if word.lower() != r"\recent"]
                yield kept, date[1].decode("ascii") if date else "", part[1]


def _names(own: imaplib.IMAP4) -> list[bytes]:
    _status, lines = own.list()
    matches = [foreign.LISTED.match(line) for line in lines if isinstance(line, bytes)]
    return [
        foreign.unquoted(match["name"]) for match in matches if match and b"Noselect" not in match["flags"]
    ]


def _safe(name: str) -> str:
    """Of a folder, as a folder's name on any computer."""
    return re.sub(r"[^\w .@-]", "_", name).strip(". ")[:80] or "_"
