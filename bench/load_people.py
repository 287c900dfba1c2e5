"""One person who clicks through the panel: every request is timed, then comes a pause as people make."""

from __future__ import annotations

import random
import re
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from urllib.parse import quote, urljoin

from bench.journey import PanelError
from bench.stack import Stack
from bench.web import Browser, Form, Page, _filled, _Forms

THINK = (1.0, 3.0)  # seconds between two clicks
_MESSAGE = re.compile(r'href="([^"?]*/track/\d+/)')
_CLIENT = re.compile(r'href="(/clients/\d+/)"')
_WORDS = ("person", "delivered", "gmail", "bench", "person7", "test")
_ARTICLES = ("mx", "spf-dkim-dmarc", "imap-or-pop", "ports", "path-of-a-mail", "delays-and-bounces")
_PROGRAMS = ("thunderbird", "outlook-new", "iphone", "apple-mail", "gmail-android", "k9")


@dataclass
class Asked:
    """``page``: what it was, by the name in the figures. ``wrong``: what was not as expected."""

    page: str
    seconds: float
    wrong: str = ""


@dataclass
class Visitor:
    """``run`` until ``over`` is set. ``asked``: every request, in order."""

    stack: Stack
    role: str
    login: str
    password: str
    domains: list[str]
    number: int
    asked: list[Asked] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.draw = random.Random(self.number)  # noqa: S311 - the same clicks every time
        self.browser = Browser(self.stack.panel, self.stack.tls())
        self.over = threading.Event()

    def sign_in(self) -> None:
        page = self.browser.sign_in(self.login, self.password)
        if page.status != 200 or "/accounts/" in page.url:
            raise PanelError(f"signing in as {self.login} led to {page.url} ({page.status})")

    def run(self, over: threading.Event) -> None:
        self.over = over
        self._think(0.0)
        ways, weights = zip(*WAYS[self.role], strict=True)
        while not over.is_set():
            domain = self.draw.choice(self.domains)
            self.draw.choices(ways, weights)[0](self, domain)

    def _think(self, least: float = THINK[0]) -> None:
        self.over.wait(self.draw.uniform(least, THINK[1]))

    def _exchange(
        self, name: str, method: str, url: str, body: bytes | None, expected: int
    ) -> tuple[str, str]:
        """Location and text."""
        begun = time.perf_counter()
        try:
            status, location, text = self.browser.once(method, url, body, referer=url)
            wrong = "" if status == expected else f"{status} instead of {expected}"
        except Exception as error:
            location = text = ""
            wrong = f"{type(error).__name__}: {error}"
            self.browser.close()
        said = f"{method} {url}: {wrong}" if wrong else ""
        self.asked.append(Asked(name, time.perf_counter() - begun, said))
        return location, text

    def look(self, name: str, path: str) -> str:
        """One page, read for a while."""
        if self.over.is_set():
            return ""
        _location, text = self._exchange(name, "GET", path, None, 200)
        self._think()
        return text

    def fill(self, name: str, path: str, values: dict[str, str], *fields: str, action: str = "") -> None:
        """A form: opened, filled in, sent, and the page that follows."""
        text = self.look(f"{name} form", path)
        if not text or self.over.is_set():
            return
        parser = _Forms()
        parser.feed(text)
        url = urljoin(self.browser.base + "/", path)
        try:
            form: Form = Page(200, url, text, parser.forms).form(*(fields or values), action=action)
        except LookupError as error:
            self.asked.append(Asked(f"{name} form", 0.0, str(error)))
            return
        sent = "&".join(f"{quote(key)}={quote(value)}" for key, value in _filled(form, values)).encode()
        target = urljoin(url, form.action or url)
        location, _text = self._exchange(f"{name} sent", "POST", target, sent, 302)
        if location:
            self.look(f"{name} done", location)


def _home(self: Visitor, domain: str) -> None:
    self.look("home", "/")


def _domain(self: Visitor, domain: str) -> None:
    self.look("domain", f"/domains/{domain}/")


def _mailboxes(self: Visitor, domain: str) -> None:
    self.look("mailboxes", f"/domains/{domain}/mailboxes/")
    self.look("mailboxes search", f"/domains/{domain}/mailboxes/?q=person{self.draw.randrange(100)}")
    self.look("mailbox", f"/domains/{domain}/mailboxes/person{self.draw.randrange(100)}/")


def _quota(self: Visitor, domain: str) -> None:
    path = f"/domains/{domain}/mailboxes/person{self.draw.randrange(100)}/quota/"
    self.fill("quota", path, {"quota_mb": f"{self.draw.randrange(600, 3000)} MB"})


def _new_mailbox(self: Visitor, domain: str) -> None:
    local = f"new{self.number}x{len(self.asked)}"
    values = {"local": local, "password": f"Violet-harbor-{local}-93", "quota_mb": "500 MB"}
    self.fill("new mailbox", f"/domains/{domain}/mailboxes/new/", values)


def _forwarder(self: Visitor, domain: str) -> None:
    self.look("forwarders", f"/domains/{domain}/forwarders/")
    local = f"fwd{self.number}x{len(self.asked)}"
    values = {"local": local, "targets": f"person{self.draw.randrange(100)}@{domain}"}
    self.fill("new forwarder", f"/domains/{domain}/forwarders/new/", values)


def _autoresponder(self: Visitor, domain: str) -> None:
    path = f"/domains/{domain}/mailboxes/person{self.draw.randrange(100)}/"
    for name in ("autoresponder", "filters", "spam", "storage"):
        self.look(f"mailbox {name}", f"{path}{name}/")


def _track(self: Visitor, domain: str) -> None:
    base = f"/domains/{domain}/track/"
    text = self.look("track", base)
    self.look("track search", f"{base}?q={self.draw.choice(_WORDS)}")
    self.look("track failed", f"{base}?status=5")
    if found := _MESSAGE.findall(text):
        self.look("message", self.draw.choice(found))
    self.look("charts", f"{base}charts/")


def _zone(self: Visitor, domain: str) -> None:
    self.look("zone", f"/domains/{domain}/zone/")


def _zone_edit(self: Visitor, domain: str) -> None:
    base = f"/domains/{domain}/zone/"
    values = {"owner": f"t{self.number}x{len(self.asked)}", "text": "load"}
    self.fill("record", f"{base}add/?type=TXT", values)
    self.fill("zone apply", f"{base}preview/", {}, "rev", "serial")


def _guides(self: Visitor, domain: str) -> None:
    base = f"/domains/{domain}/"
    box = f"{base}mailboxes/person{self.draw.randrange(100)}/connect/"
    self.look("connect", f"{base}connect/")
    self.look("mailbox connect", box)
    self.look("guide", f"{box}{self.draw.choice(_PROGRAMS)}/")
    self.look("article", f"/learn/{self.draw.choice(_ARTICLES)}/")


def _around(self: Visitor, domain: str) -> None:
    self.look("search", f"/search/?q=person{self.draw.randrange(100)}")
    self.look("activity", "/activity/")
    self.look("security check", f"/domains/{domain}/security-check/")


def _profile(self: Visitor, domain: str) -> None:
    name = f"Somebody {self.draw.randrange(1000)}"
    self.fill("profile", "/profile/", {"name": name, "theme": ""}, "name")


def _clients(self: Visitor, domain: str) -> None:
    text = self.look("clients", "/clients/")
    self.look("clients search", f"/clients/?q={self.draw.randrange(30)}")
    if found := _CLIENT.findall(text):
        self.look("client", self.draw.choice(found))


def _track_all(self: Visitor, domain: str) -> None:
    self.look("track of all", "/track/")
    self.look("track of all search", f"/track/?q={self.draw.choice(_WORDS)}")
    self.look("charts of all", "/track/charts/")


Way = Callable[[Visitor, str], None]
_CUSTOMER: list[tuple[Way, int]] = [
    (_home, 3), (_domain, 3), (_mailboxes, 5), (_quota, 3), (_new_mailbox, 1), (_forwarder, 2), (_track, 4),
    (_autoresponder, 1), (_zone, 2), (_zone_edit, 2), (_guides, 2), (_around, 1), (_profile, 1),
]  # fmt: skip
_ABOVE: list[tuple[Way, int]] = [
    (_home, 3), (_clients, 4), (_track_all, 3), (_domain, 2), (_mailboxes, 2), (_quota, 1), (_track, 2),
    (_around, 1),
]  # fmt: skip
_PROVIDER = [way for way in _ABOVE if way[0] is not _clients]  # the desk is its home, clients are in admin
WAYS: dict[str, list[tuple[Way, int]]] = {"customer": _CUSTOMER, "reseller": _ABOVE, "provider": _PROVIDER}
