"""Helpers for the tests of presets and switches."""

from __future__ import annotations

import html
import re
from typing import Any

from django.test import Client
from django.urls import reverse

from accounts.models import Domain, User
from dnszone import services
from dnszone.models import Draft, Record, Zone, ZoneVersion

NAME = "example.test"


class Kept:
    """A routing keeper for tests."""

    def __init__(self, mode: str) -> None:
        self.mode = mode

    def current(self, domain: Domain) -> str:
        return self.mode

    def switch(self, *, actor: Any, domain: Domain, mode: str) -> None:
        self.mode = mode


def url(name: str, *args: Any) -> str:
    return reverse(name, args=[NAME, *args])


def text_of(response: Any) -> str:
    """What a person reads, in one line."""
    words = re.sub(r"<[^>]+>", " ", response.content.decode())
    return " ".join(html.unescape(words).split())


def served(zone: Zone, owner: str, kind: str) -> list[str]:
    return sorted(Record.objects.filter(zone=zone, owner=owner, type=kind).values_list("rdata", flat=True))


def choose(web: Client, slug: str, **data: Any) -> Any:
    return web.post(url("zone-preset", slug), {"programs": "on", "drop0": "on", **data})


def apply(zone: Zone, user: User) -> ZoneVersion:
    draft = Draft.objects.get(zone=zone, user=user)
    zone.refresh_from_db()
    version = services.draft_apply(actor=user, zone=zone, rev=draft.rev, serial=zone.serial)
    assert version is not None
    return version
