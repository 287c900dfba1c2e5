"""Tables for spreadsheets, a line at a time."""

from __future__ import annotations

import csv
from collections.abc import Iterable, Iterator
from typing import Any

from django.http import StreamingHttpResponse

_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")


class _Line:
    """What csv.writer writes into: hands each line on."""

    @staticmethod
    def write(text: str) -> str:
        return text


def safe(cell: object) -> str:
    """No spreadsheet reads it as a formula: what people typed and looks like one gets an apostrophe. Numbers
    stay numbers."""
    if isinstance(cell, int | float) or cell is None:
        return "" if cell is None else str(cell)
    text = str(cell)
    return f"'{text}" if text.lstrip(" ").startswith(_FORMULA) else text


def streamed(rows: Iterable[Iterable[object]], *, name: str, mark: bool = True) -> StreamingHttpResponse:
    """``rows``, the heads first, as the file ``name``; UTF-8, with the mark that spreadsheets look for unless
    programs are to read it (``mark`` False)."""

    def lines() -> Iterator[str]:
        writer: Any = csv.writer(_Line())
        if mark:
            yield "\ufeff"
        for row in rows:
            yield writer.writerow([safe(cell) for cell in row])

    response = StreamingHttpResponse(lines(), content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{name}"'
    return response
