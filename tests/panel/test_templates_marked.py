"""Every text and every spoken attribute of every template goes through gettext, also where no test's page
leads."""

from __future__ import annotations

import re
from html.parser import HTMLParser
from pathlib import Path

import pytest

from deploy.messages import ROOT

TEMPLATES = ROOT / "templates"
_MARKED = re.compile(
    r"\{%\s*(blocktrans(?:late)?|comment)\b.*?%\}.*?\{%\s*end\1\s*%\}|\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}",
    re.DOTALL,
)
_WORD = re.compile(r"[^\W\d_]{2}")
SPOKEN = {"aria-label", "aria-description", "aria-valuetext", "placeholder", "title", "alt"}
SILENT = {"script", "style", "code", "kbd"}
# What is the same in every language; a class or an attribute that a tag of Django's cut in two.
KNOWN = {
    "admin/index.html": {"colM", "dashboard"},
    "base.html": {'hx-headers=\'{"X-CSRFToken": ""}\''},
    "components/brand.html": {"Postroom"},
    "dnszone/dnssec_key.html": {"KSK"},
    "dnszone/preset.html": {"include:"},
}
NAMES = {"iPhone, iPad, Mac", "iPhone", "iPad", "Mac", "Android", "Windows", "Linux", "macOS"}


class Texts(HTMLParser):
    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.found: list[str] = []
        self._silent = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self._silent += tag in SILENT
        self.found += [value or "" for name, value in attrs if name in SPOKEN]

    def handle_endtag(self, tag: str) -> None:
        self._silent = max(0, self._silent - (tag in SILENT))

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.found += data.split("\n")


def unmarked(text: str) -> set[str]:
    texts = Texts()
    texts.feed(_MARKED.sub("", text))
    texts.close()
    return {found.strip() for found in texts.found if _WORD.search(found)} - NAMES


@pytest.mark.parametrize(
    "path", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.html"))
)
def test_no_text_of_a_page_is_unmarked(path: str) -> None:
    found = unmarked((TEMPLATES / path).read_text(encoding="utf-8")) - KNOWN.get(path, set())
    if path.startswith("guides/learn/blocks/"):  # lines of a zone file
        found = {line for line in found if "example." not in line}
    assert not found


@pytest.mark.parametrize(
    "path", sorted(str(path.relative_to(TEMPLATES)) for path in TEMPLATES.rglob("*.txt"))
)
def test_no_text_of_a_mail_is_unmarked(path: str) -> None:
    text = (TEMPLATES / path).read_text(encoding="utf-8")
    assert not _WORD.search(_MARKED.sub("", text))


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("<p>{% translate 'Hello' %} {{ name }}</p>", set()),
        ("<p>{% blocktranslate %}Hello <b>you</b>{% endblocktranslate %}</p>", set()),
        ("<p>Hello</p>", {"Hello"}),
        ('<img alt="A cat">', {"A cat"}),
        ("<input placeholder=\"{% translate 'x' %}\">", set()),
        ("<p>{{ a }} of {{ b }}</p>", {"of"}),
        ("<script>var hello</script>", set()),
    ],
)
def test_what_is_found(text: str, found: set[str]) -> None:
    assert unmarked(text) == found


def test_scripts_say_nothing_of_their_own() -> None:
    """Their words come from elements and data attributes that the server drew."""
    said = re.compile(r"(?:textContent|innerText|title|ariaLabel)\s*=\s*[\"'`][^\"'`]*[A-Za-z]{2}")
    for path in Path(ROOT / "static" / "js").glob("*.js"):
        assert not said.search(path.read_text(encoding="utf-8")), path
