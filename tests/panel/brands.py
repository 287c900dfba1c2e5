"""A reseller with a brand, for tests."""

from __future__ import annotations

import io
from dataclasses import replace

import pytest
from PIL import Image

from accounts.branding import Wish
from accounts.branding import select as brandselect
from accounts.models import Brand
from lib.errors import Refused
from panel.branding import hosts
from tests import factories
from tests.panel.people import Person, person

WISH = Wish(name="Luna Hosting")


def reseller(monkeypatch: pytest.MonkeyPatch) -> Person:
    """The owner of a reseller. Brands are asked for anew each time, and nobody is sent to look at names."""
    monkeypatch.setattr(brandselect, "REMEMBER", -1.0)
    monkeypatch.setattr(hosts, "look_soon", lambda: None)
    return person(factories.ResellerFactory.create(name="Luna"))


def save(who: Person, **wishes: str) -> Brand:
    return hosts.brand_save(actor=who.user, account=who.account, wish=replace(WISH, **wishes))


def refusal(who: Person, **wishes: str) -> Refused:
    with pytest.raises(Refused) as refused:
        save(who, **wishes)
    return refused.value


def png(paint: str = "teal") -> bytes:
    out = io.BytesIO()
    Image.new("RGB", (60, 20), paint).save(out, "PNG")
    return out.getvalue()
