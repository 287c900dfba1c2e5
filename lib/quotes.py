"""Somebody's words, in the quotation marks of the language."""

from __future__ import annotations

from lib.said import Said, gettext


def quoted(text: object) -> Said:
    """“Invoices”, «Facturas»."""
    return gettext("“%(text)s”") % {"text": text}
