"""A customer's domain on a node of one's choice, with a mailbox, for the tests of this folder."""

from __future__ import annotations

import secrets
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass

from bench import clients, journey
from bench.stack import Stack
from bench.web import Browser
from tests.compose.provider import LAST, LOCAL, Provider


@contextmanager
def settle(provider: Provider, *, on: str) -> Iterator[None]:
    """As long as it lasts, only node ``on`` takes new domains."""
    others = [
        name for name in provider.postroom("node", "list").split() if name.startswith("mail") and name in LAST
    ]
    for name in set(others) - {on}:
        provider.postroom("node", "drain", name)
    try:
        yield
    finally:
        for name in set(others) - {on}:
            provider.postroom("node", "drain", name, "--off")


@dataclass(kw_only=True)
class House:
    """``browser``: the customer, signed in by ``sign_in``."""

    node: str
    stack: Stack
    browser: Browser
    sign_in: tuple[str, str]
    domain: str
    local: str
    password: str

    @property
    def address(self) -> str:
        return f"{self.local}@{self.domain}"

    def opens(self) -> bool:
        return clients.imap_opens(self.stack, self.address, self.password)

    def send(self, *, to: str, subject: str) -> None:
        with clients.submission(self.stack, "submissions", self.address, self.password) as smtp:
            smtp.send_message(clients.letter(self.address, to, subject))

    def find(self, subject: str) -> bytes | None:
        return clients.imap_find(self.stack, self.address, self.password, subject)

    def tracked(self, subject: str) -> str | None:
        found = journey.tracked(self.browser, self.domain, subject)
        return found if found and "Delivered" in found else None

    def on_secondary(self) -> Stack:
        return Stack({**self.stack.raw, "dns": {"host": f"{LOCAL}.{LAST['ns2']}", "port": 53}})


def build(provider: Provider, node: str) -> House:
    """A new domain that lives on ``node``, proven live, with one mailbox, of a customer of its own."""
    stack = provider.stack(node)
    login, password = provider.postroom("smoke_customers", "--name", f"{node}-house").split()[:2]
    browser = journey.sign_in(stack, login, password)
    house = House(
        sign_in=(login, password),
        node=node,
        stack=stack,
        browser=browser,
        domain=f"house-{secrets.token_hex(4)}.test",
        local="ana",
        password=secrets.token_urlsafe(18),
    )
    with settle(provider, on=node):
        journey.add_domain(browser, house.domain)
    journey.live(browser, f"zone/{house.domain}")
    journey.live(browser, f"mail_domain/{house.domain}")
    journey.make_mailbox(browser, house.domain, house.local, house.password)
    journey.live(browser, f"mailbox/{house.address}")
    wait = clients.until

    def signs() -> bool | None:
        return True if journey.station(browser, house.domain, "seal") == "ok" else None

    wait(signs, within=90, what="DKIM key seen in DNS and signing", every=0.5)
    return house
