"""What people type into the search box, in parts. Pure.

A term is a word, or words in quotation marks; with an operator before it (``from:ana@luna.test``) it is
looked for there alone. ``*`` and ``%`` at an end mean nothing: every term finds what begins with it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from delivery import text as texts

TERMS = 12
OPERATORS = frozenset({"from", "to", "subject", "id", "queue", "server", "answer"})
_TERM = re.compile(r'(?:([A-Za-z]{2,7}):)?(?:"([^"]*)"?|([^\s"]\S*))')
_AROUND = "<>\"'(),;@*%"


@dataclass(frozen=True, slots=True)
class Term:
    """``field``: one of OPERATORS, or empty for anywhere. ``whole``: as it was typed, lower case; ``parts``:
    its words. It fits what begins with ``whole``, and what has words that begin with each of ``parts``."""

    field: str
    whole: str
    parts: tuple[str, ...]

    def query(self) -> str:
        """For PostgreSQL's to_tsquery: superset of what fits."""
        ways = [] if " " in self.whole else [f"{_lexeme(self.whole)}:*"]
        if self.parts and self.parts != (self.whole,):
            # Only the last may go on: a common beginning ("mail", "test") costs the index a long look.
            ways.append("(" + " & ".join(map(_lexeme, self.parts)) + ":*)")
        return f"({' | '.join(ways)})"


def terms_of(text: str) -> list[Term]:
    """The first TERMS of ``text``; what has neither letter nor digit is none."""
    found = []
    for match in _TERM.finditer(text.lower()):
        field, quoted, word = match.groups()
        known = field in OPERATORS
        typed = quoted if quoted is not None else word
        if field and not known:
            typed = f"{field}:{typed}"
        whole = " ".join(typed.split()).strip(_AROUND).strip()
        if field == "server":
            whole = (texts.server_names(whole) or [""])[-1]
        parts = tuple(texts.words(whole))
        if parts:
            found.append(Term(field if known else "", whole, parts))
        if len(found) == TERMS:
            break
    return found


def _lexeme(word: str) -> str:
    return "'" + word[: texts.WORD_MAX].replace("\\", "\\\\").replace("'", "''") + "'"
