"""What a drawing, a field and a program read stays in their form, whatever the language of the page."""

from __future__ import annotations

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from typing import Any

import pytest
from django.utils import translation

from tests.accounts import test_access
from tests.accounts.house import House, house
from tests.undoing import undone

pytestmark = pytest.mark.django_db

NUMBERS = {"x", "y", "x1", "x2", "y1", "y2", "cx", "cy", "r", "rx", "ry", "width", "height", "dx", "dy"}
NUMBERS |= {"min", "max", "step", "low", "high", "optimum", "stroke-width", "font-size", "aria-valuenow"}
_LOCAL = re.compile(r"\d[.,\xa0]\d{3}(?!\d)|\d,\d")


class Attributes(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.wrong: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        values = {name: value or "" for name, value in attrs}
        number = tag in {"meter", "progress"} or values.get("type") in {"number", "range", "hidden"}
        for name, value in values.items():
            if (name in NUMBERS or (name == "value" and number)) and _LOCAL.search(value):
                self.wrong.append(f"<{tag} {name}={value}>")
            if name == "transform" and re.search(r"\d,\d", value):
                self.wrong.append(f"<{tag} {name}={value}>")


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[House]:
    with django_db_blocker.unblock(), undone():
        yield house()


@pytest.fixture(autouse=True)
def _no_language_stays() -> Iterator[None]:
    yield
    translation.deactivate()


def pages() -> list[tuple[str, str]]:
    found = []
    for name, line in test_access.TABLE.items():
        who = next((one for one in ("owner", "reseller owner") if one in line.may), "")
        if who and line.get == 200:
            found.append((name, who))
    return found


@pytest.mark.parametrize(("name", "who"), pages())
def test_numbers_in_attributes(world: House, name: str, who: str) -> None:
    client = world.client(who)
    client.cookies["django_language"] = "es"
    with undone():
        answer = client.get(test_access._path(world, name))
    assert answer.status_code == 200
    if answer.headers.get("Content-Type", "").startswith("text/html"):
        found = Attributes()
        found.feed(answer.content.decode())
        assert not found.wrong
