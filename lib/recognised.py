"""Sentences that a program says in English, said again in the reader's language. The program's words are
found by the msgids of gettext, so what is not known, or is of a newer program, is shown as it came."""

from __future__ import annotations

import re
from collections.abc import Sequence

from django.utils.translation import gettext

_PLACE = re.compile(r"%\((\w+)\)s")


class Sentences:
    """``known``: msgids (gettext_noop), each whole, with places like ``%(host)s``."""

    def __init__(self, known: Sequence[str]) -> None:
        self._known = [(message, re.compile(_pattern(message), re.DOTALL)) for message in known]

    def again(self, said: str) -> str:
        """What stands in the places is taken over: hostile text, as it was before."""
        for message, pattern in self._known:
            if found := pattern.fullmatch(said):
                return gettext(message) % found.groupdict()
        return said

    def knows(self, said: str) -> bool:
        return any(pattern.fullmatch(said) for _message, pattern in self._known)


def _pattern(message: str) -> str:
    parts, at = [], 0
    for place in _PLACE.finditer(message):
        parts += [re.escape(message[at : place.start()].replace("%%", "%")), f"(?P<{place[1]}>.{{0,2000}}?)"]
        at = place.end()
    return "".join([*parts, re.escape(message[at:].replace("%%", "%"))])
