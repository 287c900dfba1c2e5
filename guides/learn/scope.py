"""For whom a page of Learn is written: everybody, who looks after a domain, or the user of a mailbox. From
that come its values, its addresses and the pages that it may lead to."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Any
from urllib.parse import quote

from django.urls import reverse
from django.utils.translation import get_language

from accounts.access import Right, may
from accounts.models import Domain
from guides.catalog import LANGUAGES
from guides.clientconfig import ClientConfig
from mailboxes.models import Mailbox

ALL, DOMAIN, OWN = "learn", "domain-learn", "own-learn"

# What an article may lead to with ``page:NAME``: the page below a domain, who may open it, the page of a
# mailbox's own user. Empty: there is none.
PAGES: dict[str, tuple[str, Right, str]] = {
    "overview": ("domain-overview", Right.SETTINGS, "own"),
    "mailboxes": ("mailboxes", Right.LOOK, "own"),
    "forwarders": ("forwarders", Right.SETTINGS, ""),
    "zone": ("zone", Right.SETTINGS, ""),
    "servers": ("zone-servers", Right.SETTINGS, ""),
    "routing": ("routing", Right.SETTINGS, ""),
    "track": ("track", Right.SETTINGS, "own-deliveries"),
    "queue": ("queue", Right.SETTINGS, ""),
    "alerts": ("alerts", Right.SETTINGS, ""),
    "sign-ins": ("sign-ins", Right.SETTINGS, "own-sign-ins"),
    "storage": ("domain-storage", Right.LOOK, "own-storage"),
    "sending": ("domain-sending", Right.SETTINGS, "own-sending"),
    "websites": ("websites", Right.MANAGE, ""),
    "connect": ("connect", Right.SETTINGS, "own-connect"),
    "spam": ("domain-spam", Right.MANAGE, "own-spam"),
    "filters": ("domain-filters", Right.MANAGE, "own-filters"),
    "import": ("import-mail", Right.MANAGE, "own-import"),
    "presets": ("zone-presets", Right.SETTINGS, ""),
    "switch": ("zone-switch", Right.SETTINGS, ""),
    "vanished": ("", Right.SETTINGS, "own-vanished"),
    "password": ("", Right.MAKE, "own-password"),
    "app-passwords": ("", Right.MAKE, "own-app-passwords"),
    "protocols": ("", Right.MANAGE, "own-protocols"),
    "autoresponder": ("", Right.MANAGE, "own-autoresponder"),
    "forwarding": ("", Right.MANAGE, "own-forwarding"),
    "archives": ("", Right.MANAGE, "own-archives"),
}


def spoken() -> str:
    """One of LANGUAGES: the reader's, else the first."""
    now = (get_language() or "").split("-", maxsplit=1)[0].lower()
    return now if now in LANGUAGES else LANGUAGES[0]


@dataclass(frozen=True, kw_only=True)
class Scope:
    """``kind``: ALL, DOMAIN or OWN, the beginning of its URLs' names. ``config`` has an empty address where
    no mailbox is meant."""

    kind: str
    user: Any
    config: ClientConfig
    domain: Domain | None = None
    mailbox: Mailbox | None = None
    language: str = field(default_factory=spoken)

    @property
    def args(self) -> list[str]:
        return [self.domain.name] if self.kind == DOMAIN and self.domain else []

    def url(self, name: str = "", *args: str) -> str:
        """``name``: "" (the first page), ``article``, ``glossary`` or ``which``."""
        whole = f"{self.kind}-{name}" if name else self.kind
        found = reverse(whole, args=[*self.args, *args])
        return f"{found}?mailbox={self._picked}" if self._picked else found

    @cached_property
    def _picked(self) -> str:
        return quote(self.mailbox.local, safe="") if self.kind == DOMAIN and self.mailbox else ""

    def page(self, name: str) -> str:
        """Where ``page:NAME`` leads; empty where this reader has no such page."""
        of_domain, right, own = PAGES[name]
        if self.kind == OWN:
            return reverse(own) if own else ""
        if self.kind != DOMAIN or self.domain is None or not of_domain:
            return self._of_mailbox(right, own)
        allowed = may(self.user, right, account=self.domain.account, domain=self.domain)
        return reverse(of_domain, args=[self.domain.name]) if allowed else ""

    def _of_mailbox(self, right: Right, own: str) -> str:
        """Pages of one mailbox have two addresses (mailboxes.views.either)."""
        if self.kind != DOMAIN or self.domain is None or self.mailbox is None or not own:
            return ""
        if not may(self.user, right, account=self.domain.account, domain=self.domain):
            return ""
        return reverse(f"mailbox-{own.removeprefix('own-')}", args=[self.domain.name, self.mailbox.local])
