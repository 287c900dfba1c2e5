"""From bytes to rows of cells: RFC 4180 and what programs make of it. Pure; reads a piece at a time."""

from __future__ import annotations

import codecs
import csv
import io
import re
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

from django.utils.translation import gettext_lazy

from lib.errors import Refused
from lib.said import gettext as _

MOST_BYTES = 64 * 1024 * 1024
MOST_ROWS = 200_000
MOST_CELLS = 200
CELL = 4096  # characters; nothing that is read here is longer
LINE = 65_536  # characters of one line of the file
LOOKED = 65_536  # bytes that the encoding and the separator are guessed from
SEPARATORS = ",;\t|"
FIELD = "file"
# The shadow file that cPanel keeps for each domain, and Dovecot's passwd-file: name:hash and what follows.
_SHADOW = re.compile(r"[^:\s]+:[!*]{0,8}(?:LOCKED\*)?[${][^:]*(?::.*)?")
_RULE = re.compile(r"[+|\-=\s]+")  # the lines of a table that a program drew, such as Plesk's mail_auth_view

Pieces = Callable[[], Iterable[bytes]]
"""The file from its beginning, each time it is called."""

_BOMS = (
    (codecs.BOM_UTF32_LE, ""),
    (codecs.BOM_UTF32_BE, ""),
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_PACKED = gettext_lazy("This file is compressed. Unpack it first.")
_NOT_TEXT = (
    (
        b"PK\x03\x04",
        gettext_lazy("This is a workbook or a zip file. In its program choose “Save as”, then CSV."),
    ),
    (b"\xd0\xcf\x11\xe0", gettext_lazy("This is an Excel workbook. In Excel choose “Save as”, then CSV.")),
    (b"\x1f\x8b", _PACKED),
    (b"BZh", _PACKED),
    (b"\xfd7zXZ", _PACKED),
    (b"7z\xbc\xaf", _PACKED),
    (b"Rar!", _PACKED),
    (b"%PDF", gettext_lazy("This is a PDF. Choose a CSV file.")),
)


@dataclass(frozen=True, slots=True, kw_only=True)
class Shape:
    """How the file is written. ``encoding``: a name of Python's codecs."""

    encoding: str
    separator: str


@dataclass(frozen=True, slots=True)
class Row:
    """``line``: where it begins in the file, from 1."""

    line: int
    cells: list[str]


def shape_of(pieces: Pieces) -> Shape:
    """Raises Refused at ``file`` for what is no text."""
    head = b""
    for piece in pieces():
        head += piece
        if len(head) >= LOOKED:
            break
    for magic, words in _NOT_TEXT:
        if head.startswith(magic):
            raise Refused(str(words), FIELD)
    encoding = _encoding_of(head[:LOOKED], pieces)
    text = codecs.getincrementaldecoder(encoding)("replace").decode(head[:LOOKED])
    if not text.strip("\ufeff \t\r\n"):
        raise Refused(_("There is nothing in it."), FIELD)
    return Shape(encoding=encoding, separator=_separator_of(text))


def _encoding_of(head: bytes, pieces: Pieces) -> str:
    for mark, name in _BOMS:
        if head.startswith(mark):
            if not name:
                break
            return name
    if b"\0" in head:
        # UTF-16 without a mark: every second byte of plain letters is zero.
        even, odd = head[0::2].count(0), head[1::2].count(0)
        if max(even, odd) * 4 > len(head) // 2 and min(even, odd) * 10 < max(even, odd) + 10:
            return "utf-16-le" if odd > even else "utf-16-be"
    decoder = codecs.getincrementaldecoder("utf-8")("strict")
    try:
        for piece in pieces():
            decoder.decode(piece)
        decoder.decode(b"", True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8"


def _separator_of(text: str) -> str:
    """The one that parts the first line that has any, outside of quotes; of two, the one of more lines
    alike."""
    lines = [line for line in text.splitlines()[:20] if line.strip() and not _RULE.fullmatch(line)]
    if lines and lines[0].lower().startswith("sep=") and len(lines[0]) == 5:  # Excel says it itself
        return lines[0][4]
    if lines and all(_SHADOW.fullmatch(line.lstrip("\ufeff")) for line in lines[:-1] or lines):
        return ":"
    counts = {mark: [_outside(line, mark) for line in lines] for mark in SEPARATORS}

    def weight(mark: str) -> tuple[int, int]:
        first = counts[mark][0] if lines else 0
        return (sum(1 for count in counts[mark] if count == first and first), first)

    best = max(SEPARATORS, key=weight)
    return best if weight(best) > (0, 0) else ","


def _outside(line: str, mark: str) -> int:
    return sum(part.count(mark) for part in line.split('"')[::2])


def rows_of(pieces: Pieces, shape: Shape) -> Iterator[Row]:
    """Rows that have anything in them. Raises Refused at ``file`` where nobody could read on."""
    before = 0
    reader = csv.reader(_lines(pieces, shape.encoding), delimiter=shape.separator)
    number = 0
    while True:
        try:
            cells = next(reader, None)
        except csv.Error:
            raise Refused(
                _("Line %(n)d: a quotation mark is opened and never closed.") % {"n": before + 1}, FIELD
            ) from None
        if cells is None:
            return
        line, before = before + 1, reader.line_num
        if not any(cell.strip() for cell in cells) or (line == 1 and _says_separator(cells, shape)):
            continue
        if shape.separator == "|":
            cells = _undrawn(cells)
            if not cells:
                continue
        number += 1
        if number > MOST_ROWS + 1:  # and the line of heads
            raise Refused(
                _("There are more than %(n)d rows. Cut the file into several.") % {"n": MOST_ROWS}, FIELD
            )
        yield Row(line, [_cell(cell) for cell in cells[:MOST_CELLS]])


def _undrawn(cells: list[str]) -> list[str]:
    """Without the frame of a table that a program drew."""
    if _RULE.fullmatch("|".join(cells)):
        return []
    return cells[1:-1] if len(cells) > 2 and not cells[0].strip() and not cells[-1].strip() else cells


def _says_separator(cells: list[str], shape: Shape) -> bool:
    return cells[0].lower().startswith("sep=") and len(cells) <= 2 and len(cells[0]) <= 5


def _cell(text: str) -> str:
    """Spreadsheets put what is no formula behind an apostrophe, and so do we in what is downloaded here."""
    text = text[: CELL + 1].strip("\ufeff\u00a0 \t\r\n")
    return text[1:] if text[:1] == "'" and text[1:2] in tuple("=+-@") else text


def _lines(pieces: Pieces, encoding: str) -> Iterator[str]:
    """Line by line, by LF, CR LF or CR alone; none longer than LINE."""
    raw = io.BufferedReader(_Stream(pieces()), LOOKED)
    text = io.TextIOWrapper(raw, encoding=encoding, errors="replace", newline="")
    number = 0
    while line := text.readline(LINE):
        number += 1
        if len(line) >= LINE and not line.endswith(("\n", "\r")):
            raise Refused(
                _("Line %(n)d is longer than any row can be. Is it a CSV file?") % {"n": number}, FIELD
            )
        yield line


class _Stream(io.RawIOBase):
    def __init__(self, pieces: Iterable[bytes]) -> None:
        self._pieces = iter(pieces)
        self._left = b""

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: object) -> int:
        view = memoryview(buffer)  # type: ignore[arg-type]  # what io hands in has a buffer
        while not self._left:
            piece = next(self._pieces, None)
            if piece is None:
                return 0
            self._left = piece
        size = min(len(view), len(self._left))
        view[:size] = self._left[:size]
        self._left = self._left[size:]
        return size
