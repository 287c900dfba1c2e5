"""What a node says of its work is said again in the reader's language."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from django.utils import translation

import nodeagent.jobs
from mailboxes.jobs.words import NOTES
from mailboxes.templatetags.jobs import job_words

SAYS = {"JobFailedError", "TryLaterError"}


def sentences() -> Iterator[str]:
    """Each that the node's jobs end with, something in its places."""
    for path in Path(nodeagent.jobs.__file__).parent.glob("*.py"):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id in SAYS:
                yield from _text(node.args)


def _text(args: list[ast.expr]) -> Iterator[str]:
    if args and isinstance(args[0], ast.JoinedStr):
        yield "".join(str(part.value) if isinstance(part, ast.Constant) else "so" for part in args[0].values)
    elif args and isinstance(args[0], ast.Constant):
        yield str(args[0].value)


@pytest.mark.parametrize("sentence", sorted({*sentences()}))
def test_every_sentence_is_known(sentence: str) -> None:
    assert NOTES.knows(sentence)
    assert job_words(sentence) == sentence, "in English it is what the node said"


def test_what_stands_in_it_stays(monkeypatch: pytest.MonkeyPatch) -> None:
    translation.gettext("")
    said = {"There is no mailbox %(address)s here any more.": "Aquí ya no hay ningún buzón %(address)s."}
    trans = translation._trans  # type: ignore[attr-defined]
    monkeypatch.setattr(trans, "gettext", lambda message: said.get(message, message))
    assert job_words("There is no mailbox %(a)s here any more.") == "Aquí ya no hay ningún buzón %(a)s."


@pytest.mark.parametrize("odd", ["", "Something of a newer node.", "x" * 9000, "%(address)s", "<b>"])
def test_what_is_not_known_is_shown_as_it_came(odd: str) -> None:
    assert job_words(odd) == odd
