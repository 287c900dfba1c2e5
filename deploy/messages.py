"""The catalogues of translated texts: ``python -m deploy.messages check | renew``.

``check`` says what locale/ lacks; ``renew`` takes the texts of the code over into locale/, in a form that is
the same wherever it runs. Both read a copy, for Django's makemessages leaves files beside templates while it
works. GNU gettext judges (msgfmt, msgattrib): it knows what a placeholder is and what a plural form.
"""

from __future__ import annotations

import contextlib
import io
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings
from django.core.management import call_command

from lib.management.commands.makemessages import Command

ROOT = Path(__file__).resolve().parent.parent
SILENT = {"bench", "deploy", "nodeagent", "tests"}  # packages that say nothing to people through gettext
_DATE = re.compile(r'^"POT-Creation-Date:.*\n', re.MULTILINE)
_SAYS = re.compile(r'^msgid ((?:"[^\n]*"\n?)+)', re.MULTILINE)
_SAYS_OLD = re.compile(r'^#~ msgid ((?:(?:#~ )?"[^\n]*"\n?)+)', re.MULTILINE)


def catalogues(root: Path = ROOT) -> list[Path]:
    return sorted((root / "locale").glob("*/LC_MESSAGES/django.po"))


def compile_all(root: Path = ROOT) -> None:
    """Each catalogue that is newer than what was made of it. deploy/setup.sh does the same without Python."""
    for catalogue in catalogues(root):
        made = catalogue.with_suffix(".mo")
        if not made.exists() or made.stat().st_mtime < catalogue.stat().st_mtime:
            half = made.with_suffix(f".{os.getpid()}")
            subprocess.run(["msgfmt", "-o", half, "--", catalogue], check=True)
            half.replace(made)


def problems(root: Path = ROOT) -> list[str]:
    """A line for each text that is missing, guessed, left over or has other placeholders."""
    found: list[str] = []
    with gathered(root) as copy:
        for catalogue in catalogues(copy):
            name = str(catalogue.relative_to(copy))
            found += [f"{name}: nobody translated {text}" for text in _picked(catalogue, "--untranslated")]
            found += [f"{name}: only a guess (fuzzy): {text}" for text in _picked(catalogue, "--only-fuzzy")]
            left = _SAYS_OLD.findall(catalogue.read_text(encoding="utf-8"))
            found += [f"{name}: nothing says any more {_joined(text)}" for text in left]
            found += [f"{name}: {line}" for line in _wrong(catalogue)]
    return found


def renew(root: Path = ROOT) -> None:
    with gathered(root, "--no-obsolete") as copy:
        for catalogue in catalogues(copy):
            text = _DATE.sub("", catalogue.read_text(encoding="utf-8"))
            (root / catalogue.relative_to(copy)).write_text(text, encoding="utf-8")


@contextlib.contextmanager
def gathered(root: Path, *options: str) -> Iterator[Path]:
    """A copy of what speaks to people, its catalogues up to date with it."""
    with tempfile.TemporaryDirectory(prefix="postroom-messages.") as folder:
        copy = Path(folder)
        for place in sorted(root.iterdir()):
            if place.name in {"templates", "locale"} or (
                (place / "__init__.py").exists() and place.name not in SILENT
            ):
                shutil.copytree(place, copy / place.name, ignore=_left_out)
        languages = [catalogue.parents[1].name for catalogue in catalogues(root)]
        _gather(copy, languages, options)
        yield copy


def _left_out(folder: str, names: list[str]) -> set[str]:
    """Whole files in languages of their own are no templates: words, articles, programs."""
    plain = {name for name in names if name.endswith(".txt") and "templates" not in Path(folder).parts}
    return plain | {name for name in names if name in {"__pycache__", "migrations"} or name.endswith(".mo")}


def _gather(copy: Path, languages: list[str], options: tuple[str, ...]) -> None:
    if not settings.configured:
        settings.configure(USE_I18N=True, LOCALE_PATHS=[str(copy / "locale")])
    before = os.getcwd()
    os.chdir(copy)
    try:
        with _locale_of(copy):
            call_command(
                Command(), "--no-location", "--no-wrap", *options, locale=languages, stdout=io.StringIO()
            )
    finally:
        os.chdir(before)


@contextlib.contextmanager
def _locale_of(copy: Path) -> Iterator[None]:
    before, settings.LOCALE_PATHS = settings.LOCALE_PATHS, [str(copy / "locale")]
    try:
        yield
    finally:
        settings.LOCALE_PATHS = before


def _picked(catalogue: Path, which: str) -> list[str]:
    argv = ["msgattrib", which, "--no-obsolete", "--no-wrap", "--", str(catalogue)]
    text = subprocess.run(argv, check=True, capture_output=True, text=True).stdout
    return [joined for joined in map(_joined, _SAYS.findall(text)) if joined != '""']


def _joined(text: str) -> str:
    parts = re.findall(r'"(.*)"\n?', text)
    return f'"{"".join(parts)}"'


def _wrong(catalogue: Path) -> list[str]:
    argv = ["msgfmt", "--check", "--output-file=/dev/null", "--", str(catalogue)]
    judged = subprocess.run(argv, check=False, capture_output=True, text=True)
    lines = judged.stderr.splitlines() if judged.returncode else []
    return [line.replace(f"{catalogue}:", "line ") for line in lines]


def main(arguments: list[str]) -> int:
    if arguments == ["renew"]:
        renew()
    elif arguments != ["check"]:
        print(__doc__)
        return 2
    found = problems()
    for line in found:
        print(line)
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
