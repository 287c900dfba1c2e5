"""No text is missing in another language, and what says so can see it."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from deploy import messages
from lib.management.commands.makemessages import NAMES

HEAD = """msgid ""
msgstr ""
"Content-Type: text/plain; charset=UTF-8\\n"
"Plural-Forms: nplurals=2; plural=(n != 1);\\n"
"""
SAYS = 'from django.utils.translation import gettext as _\n\nA = _("%(n)d mails")\nB = _("Overview")\n'


def test_no_text_is_missing() -> None:
    assert not messages.problems()


@pytest.fixture
def tree(tmp_path: Path) -> Path:
    for folder in ("app", "templates", "locale/es/LC_MESSAGES"):
        (tmp_path / folder).mkdir(parents=True)
    (tmp_path / "app" / "__init__.py").write_text(SAYS, encoding="utf-8")
    (tmp_path / "templates" / "a.html").write_text('{% load i18n %}{% translate "Hello" %}', encoding="utf-8")
    return tmp_path


def found(tree: Path, *entries: str) -> str:
    po = tree / "locale" / "es" / "LC_MESSAGES" / "django.po"
    po.write_text("\n".join([HEAD, *entries]), encoding="utf-8")
    return "\n".join(messages.problems(tree))


GOOD = (
    '#, python-format\nmsgid "%(n)d mails"\nmsgstr "%(n)d correos"\n',
    'msgid "Overview"\nmsgstr "Resumen"\n',
    'msgid "Hello"\nmsgstr "Hola"\n',
)


def test_a_whole_catalogue_is_good(tree: Path) -> None:
    assert found(tree, *GOOD) == ""


@pytest.mark.parametrize(
    ("entry", "says"),
    [
        ('msgid "Overview"\nmsgstr ""\n', 'nobody translated "Overview"'),
        ("", 'nobody translated "Overview"'),
        ('#, fuzzy\nmsgid "Overview"\nmsgstr "Resumen"\n', 'only a guess (fuzzy): "Overview"'),
        ('msgid "Overview"\nmsgstr "Resumen"\n\n#~ msgid "Old"\n#~ msgstr "Viejo"\n', 'any more "Old"'),
        ('msgid "Overview"\nmsgstr "Resumen"\n\nmsgid "Gone"\nmsgstr "Ido"\n', 'any more "Gone"'),
    ],
)
def test_what_is_wrong_is_said(tree: Path, entry: str, says: str) -> None:
    assert says in found(tree, GOOD[0], entry, GOOD[2])


def test_other_placeholders_are_said(tree: Path) -> None:
    wrong = '#, python-format\nmsgid "%(n)d mails"\nmsgstr "%(m)d correos"\n'
    assert "line " in found(tree, wrong, *GOOD[1:])


def test_renewing_takes_texts_over_and_drops_old_ones(tree: Path) -> None:
    found(tree, *GOOD[1:], 'msgid "Gone"\nmsgstr "Ido"\n')
    messages.renew(tree)
    (catalogue,) = messages.catalogues(tree)
    text = catalogue.read_text(encoding="utf-8")
    assert '"%(n)d mails"' in text
    assert "Gone" not in text
    assert 'msgstr "Resumen"' in text
    messages.renew(tree)
    assert catalogue.read_text(encoding="utf-8") == text


def test_gettext_has_no_name_that_nobody_looks_for() -> None:
    known = {"_", "gettext", "gettext_lazy", "ngettext", "ngettext_lazy", "gettext_noop", "pgettext", *NAMES}
    known |= {"pgettext_lazy", "npgettext", "get_language", "override", "activate", "deactivate"}
    for path in messages.ROOT.glob("*/**/*.py"):
        if path.relative_to(messages.ROOT).parts[0] in {"var", ".venv", ".tools", "tests"}:
            continue
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, ast.ImportFrom) and node.module in {"django.utils.translation", "lib.said"}:
                names = {one.asname for one in node.names if one.asname and "gettext" in one.name}
                assert names <= known, path


# A number right before a noun in the plural: "%(n)d imports begin", "%(n)s wrong passwords", "%(days)s days".
COUNTED = re.compile(
    r"%\((?:n|count|number)\)[sd] (?!(?:is|its|on) )(?:[a-zA-Z]+ )?(?!(?:is|its) )[a-z]+s\b"
    r"|%\(([a-z]+s)\)[sd] \1\b"
)
NEVER_ONE = {  # text behind such a number that has no form for one → why it needs none
    "invitations. Go on": "a limit of ours",
    "filters already": "a limit of ours",
    "addresses were asked": "a limit of ours",
    "addresses fit": "a limit of ours",
    "times. Take": "a limit of ours",
    "archives of this mailbox": "a limit of ours",
    "tests were sent": "a limit of ours",
    "welcome mails": "a limit of ours",
    "rows. Cut": "a limit of ours",
    "files in this archive": "a limit of ours",
    "lines at once": "a limit of ours",
    "lines that fit": "a limit of ours",
    "senders fit": "a limit of ours",
    "records, and a zone": "more than a limit of ours",
    "days it can be brought back": "a time of ours",
    "days.": "a time of ours",
    "days:": "a time of ours",
    "hours": "a time of ours, or below two it is said in minutes",
    "domains wait for it": "an alert from three on",
    "mails within this hour": "an alert from 200 on",
    "wrong passwords": "an alert from 20 on, and a breach after several",
    "mailboxes within an hour": "an alert from three on",
    "recipients within 10 minutes": "a breach of many",
    "recipients at once": "a breach of many",
    "SPF records": "said when there is more than one",
    "mails to %(rcpts)s recipients": "two numbers: written so that any fit",
}


def uncounted(text: str) -> list[str]:
    """What stands behind such numbers in a text with one form."""
    behind = [text[found.start() :].partition(" ")[2] for found in COUNTED.finditer(text)]
    return [words for words in behind if not words.startswith(tuple(NEVER_ONE))]


def test_what_is_counted_has_a_form_for_one() -> None:
    for catalogue in messages.catalogues():
        for entry in catalogue.read_text(encoding="utf-8").split("\n\n"):
            if "\nmsgid_plural " not in entry:
                said = "".join(re.findall(r'"(.*)"', entry.partition("\nmsgstr ")[0]))
                assert not uncounted(said), said


@pytest.mark.parametrize(
    ("text", "wrong"),
    [
        ("%(n)d imports begin.", True),
        ("It keeps %(count)s old mails here.", True),
        ("For %(days)s days from now", True),
        ("Line %(n)d is left out", False),
        ("%(n)d senders fit on the two lists.", False),
        ("%(name)s belongs here", False),
    ],
)
def test_what_counts_as_counted(text: str, wrong: bool) -> None:
    assert bool(uncounted(text)) == wrong
