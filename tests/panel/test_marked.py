"""Every text of a page goes through gettext: the pages are drawn in a language in which each message has
other letters, and a word that keeps its own was never marked."""

from __future__ import annotations

import re
import string
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils import translation

from guides.catalog import HERE
from tests.accounts import test_access
from tests.accounts.house import House, house
from tests.undoing import undone

pytestmark = pytest.mark.django_db

_PLACE = re.compile(r"%\(\w+\)[sdif]|%[sdif%]|\{[^}]*\}|<[^>]*>|&\w+;|https?://\S+|[\w.-]+@[\w.-]+\.\w+")
_LETTERS = {ord(one): ord(one) - ord("!") + ord("！") for one in string.ascii_letters}
ATTRIBUTES = {"aria-label", "placeholder", "title", "alt", "aria-valuetext", "aria-description"}
SILENT = {"script", "style", "code", "kbd", "pre", "samp", "textarea"}
_WORD = re.compile(r"[A-Za-z]{3,}")
# Names that are the same in every language, and what the house is made of.
NAMES = frozenset(
    {
        "Postroom", "mail", "DNS", "SPF", "DKIM", "DMARC", "IMAP", "POP", "SMTP", "TLS",
        "STARTTLS", "SSL", "CSV", "DNSSEC", "SOA", "CNAME", "TXT", "SRV", "CAA", "AAAA",
        "NAPTR", "TLSA", "SSHFP", "PTR", "DNAME", "ALIAS", "TTL", "UTC", "API", "JSON", "ZIP",
        "mbox", "Maildir", "English", "Español", "Google", "Workspace", "Microsoft", "Zoho",
        "Fastmail", "Proton", "iCloud", "Yandex", "Outlook", "Gmail", "Thunderbird", "Apple",
        "iPhone", "iPad", "Android", "Mac", "macOS", "Windows", "Linux",
        "www", "room", "ana", "gone", "new", "web", "postroom",
    }
)  # fmt: skip


def wide(message: str) -> str:
    parts, at = [], 0
    for place in _PLACE.finditer(message):
        parts += [message[at : place.start()].translate(_LETTERS), place[0]]
        at = place.end()
    return "".join([*parts, message[at:].translate(_LETTERS)])


class Texts(HTMLParser):
    """``said``: the page's words outside of ``bdi``-like values: addresses, code, what people typed."""

    def __init__(self) -> None:
        super().__init__(convert_charrefs=True)
        self.said: list[str] = []
        self._silent: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = dict(attrs)
        if tag in SILENT or {"addr", "mono", "lang"} & {*(values.get("class") or "").split(), *values}:
            self._silent.append(tag)
        self.said += [values[name] or "" for name in ATTRIBUTES & set(values)]

    def handle_endtag(self, tag: str) -> None:
        if self._silent and self._silent[-1] == tag:
            self._silent.pop()

    def handle_data(self, data: str) -> None:
        if not self._silent:
            self.said.append(data)


def unmarked(page: str, known: frozenset[str]) -> set[str]:
    texts = Texts()
    texts.feed(page)
    words = {word for text in texts.said for word in _WORD.findall(text)}
    return {word for word in words if word not in known and word.lower() not in known}


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    with django_db_blocker.unblock(), undone():
        yield house()


@pytest.fixture
def _wide(monkeypatch: pytest.MonkeyPatch) -> None:
    trans: Any = translation._trans  # type: ignore[attr-defined]
    translation.gettext("")  # the names are bound at first use
    monkeypatch.setattr(trans, "gettext", wide)
    monkeypatch.setattr(trans, "ngettext", lambda one, many, n: wide(one if n == 1 else many))
    monkeypatch.setattr(trans, "pgettext", lambda context, message: wide(message))
    monkeypatch.setattr(trans, "npgettext", lambda context, one, many, n: wide(one if n == 1 else many))


def pages() -> list[tuple[str, str]]:
    found = []
    for name, line in test_access.TABLE.items():
        who = next((one for one in ("owner", "reseller owner") if one in line.may), "")
        if who and line.get == 200:
            found.append((name, who))
    return found


@pytest.mark.usefixtures("_wide")
@pytest.mark.parametrize(("name", "who"), pages())
def test_nothing_is_said_past_gettext(world: House, name: str, who: str) -> None:
    with undone():
        answer = world.client(who).get(test_access._path(world, name))
    if answer.status_code != 200 or not answer.headers.get("Content-Type", "").startswith("text/html"):
        return
    values = set(_WORD.findall(" ".join([*_values(world), *(_guides() if "connect" in name else [])])))
    assert not unmarked(answer.content.decode(), NAMES | values), name


def _guides() -> list[str]:
    """Programs bring their own Spanish: tests/guides/test_catalog.py asks for it."""
    return [path.read_text() for path in HERE.glob("*.toml")]


def _values(world: House) -> list[str]:
    people = [f"{person.name} {person.email}" for person in world.people.values()]
    return [*people, *(account.name for account in world.accounts.values()), *world.domains]
