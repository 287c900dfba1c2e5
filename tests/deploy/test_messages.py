"""No text is missing in another language, and what says so can see it."""

from __future__ import annotations

import ast
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
