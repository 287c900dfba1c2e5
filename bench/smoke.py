"""`python -m bench.smoke`: the product's journey against the running stack, one line a step; exit 1 at the
first failure.

Everything goes through the panel's HTML forms and through real mail programs and DNS; nothing reaches into
the database.
"""

from __future__ import annotations

import argparse
import contextlib
import imaplib
import secrets
import sys
import time
from collections.abc import Callable
from concurrent.futures import Future, ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import partial
from pathlib import Path

from bench import belongings, clients, journey, zoneform
from bench.journey import PanelError
from bench.people import customers
from bench.stack import Stack
from bench.web import Browser


@dataclass
class Smoke:
    """One throw-away domain's life. ``browser`` is the customer, ``stranger`` another customer."""

    stack: Stack
    browser: Browser
    stranger: Browser
    domain: str = field(default_factory=lambda: f"smoke-{secrets.token_hex(4)}.test")
    passwords: dict[str, str] = field(default_factory=dict)
    mail: str = field(default_factory=lambda: f"Smoke {secrets.token_hex(6)}")
    pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(4))
    refusals: dict[str, Future[bool]] = field(default_factory=dict)

    def address(self, local: str) -> str:
        return f"{local}@{self.domain}"

    def key(self, local: str) -> str:
        return f"mailbox/{self.address(local)}"

    def opens(self, local: str) -> bool:
        return clients.imap_opens(self.stack, self.address(local), self.passwords[local])

    def expect_refused(self, what: str, opens: Callable[[], bool]) -> None:
        """The server decides now; ``refused`` collects its answer, which a refusal delays."""
        self.refusals[what] = clients.refusal(self.pool, opens)

    def imap_with(self, local: str) -> Callable[[], bool]:
        return partial(clients.imap_opens, self.stack, self.address(local), self.passwords[local])

    # The steps, in order. Each returns what the line says besides its name.

    def add_domain(self) -> str:
        journey.add_domain(self.browser, self.domain.upper() + ".")
        journey.live(self.browser, f"zone/{self.domain}")
        journey.live(self.browser, f"mail_domain/{self.domain}")
        return self.domain

    def zone_answers(self) -> str:
        wanted = {
            "SOA": self.domain,
            "NS": self.domain,
            "A": self.domain,
            "MX": self.domain,
            "TXT": self.domain,
        }
        srv = ("_imaps", "_submissions", "_pop3s")
        wanted_srv = {f"{name}._tcp.{self.domain}": "SRV" for name in srv}
        names = [(name, kind) for kind, name in wanted.items()] + list(wanted_srv.items())
        names += [(f"_dmarc.{self.domain}", "TXT"), (f"autoconfig.{self.domain}", "CNAME")]
        empty = [f"{name} {kind}" for name, kind in names if not clients.ask(self.stack, name, kind)]
        if empty:
            raise PanelError(f"no answer for {', '.join(empty)}")
        spf = clients.ask(self.stack, self.domain, "TXT")
        if not any("v=spf1" in text for text in spf):
            raise PanelError(f"no SPF record among {spf}")
        return f"{len(names)} record sets answered"

    def make_mailboxes(self) -> str:
        for local in ("ana", "ben"):
            self.passwords[local] = secrets.token_urlsafe(18)
            journey.make_mailbox(self.browser, self.domain, local, self.passwords[local])
        for local in ("ana", "ben"):
            journey.live(self.browser, self.key(local))
        return "ana@ and ben@ are Live"

    def sign_in(self) -> str:
        for local in ("ana", "ben"):
            if not self.opens(local):
                raise PanelError(f"{self.address(local)} is Live but IMAP refuses its password")
        return "by IMAP"

    def connect_card(self) -> str:
        page = self.browser.open(f"/domains/{self.domain}/mailboxes/ana/connect/")
        ports = [self.stack.at(name)[1] for name in ("imaps", "pop3s", "submissions")]
        wanted = [*map(str, ports), self.address("ana"), "SSL/TLS"]
        missing = [value for value in wanted if f'data-copy="{value}"' not in page.text]
        if page.status != 200 or missing:
            raise PanelError(f"the card ({page.status}) offers no copy of {', '.join(missing)}")
        return f"ports {', '.join(map(str, ports))}"

    def signing(self) -> str:
        def sealed() -> bool | None:
            return True if journey.station(self.browser, self.domain, "seal") == "ok" else None

        clients.until(sealed, within=60, what="DKIM key seen in DNS and signing", every=0.3)
        return "DKIM key is in DNS"

    def submit(self) -> str:
        for service in ("submission", "submissions"):
            mail = clients.letter(self.address("ana"), self.address("ben"), f"{self.mail} {service}")
            with clients.submission(self.stack, service, self.address("ana"), self.passwords["ana"]) as smtp:
                smtp.send_message(mail)
        return "by STARTTLS and by implicit TLS"

    def tracked(self) -> str:
        """Within 2 s of the delivery that the next step reads: measured from the submission, which is
        stricter."""

        def row() -> str | None:
            found = journey.tracked(self.browser, self.domain, f"{self.mail} submissions")
            return found if found and "Delivered" in found else None

        found = clients.until(row, within=2, what="Track Delivery shows the mail as Delivered")
        missing = [part for part in ("ana", "ben") if part not in found]
        if missing:
            raise PanelError(f"the row lacks {', '.join(missing)}: {found}")
        return found

    def read(self) -> str:
        ben = (self.stack, self.address("ben"), self.passwords["ben"])
        for service in ("submission", "submissions"):
            subject = f"{self.mail} {service}"
            mail = clients.until(
                partial(clients.imap_find, *ben, subject), within=10, what=f"{subject} in ben@"
            )
            head = mail.partition(b"\r\n\r\n")[0].lower()
            if b"dkim-signature:" not in head or f"d={self.domain}".encode() not in head:
                raise PanelError(f"{subject} carries no DKIM signature of {self.domain}")
        subjects = clients.pop_subjects(*ben)
        if f"{self.mail} submissions" not in subjects:
            raise PanelError(f"POP3 lists {subjects}")
        return "signed; by IMAP and POP3"

    def belongings(self) -> str:
        sender = (self.address("ana"), self.passwords["ana"])
        belongings.all_three(self.stack, self.browser, self.domain, sender, "ben", f"{self.mail} info")
        return "to info@, sorted into a folder, read with an app password"

    def mx(self) -> str:
        second = f"mx2.{self.domain}"
        zoneform.change_mx(self.browser, self.domain, priority=20, second=second)

        def answered() -> list[str] | None:
            found = clients.ask(self.stack, self.domain, "MX")
            return found if any(mx.startswith("20 ") for mx in found) and len(found) == 2 else None

        found = clients.until(answered, within=10, what="the changed MX records in DNS")
        return ", ".join(found)

    def password(self) -> str:
        old, new = self.passwords["ana"], secrets.token_urlsafe(18)
        with clients.imap(self.stack, self.address("ana"), old) as session:
            session.select("INBOX")
            journey.act(self.browser, self.domain, "ana", "password", password=new)
            journey.live(self.browser, self.key("ana"))
            self.expect_refused("the old password", self.imap_with("ana"))
            clients.until(lambda: _ended(session), within=5, what="the open session dropped")
        self.passwords["ana"] = new
        if not self.opens("ana"):
            raise PanelError("the new password is refused")
        return "the new one signs in, the open session was dropped"

    def suspend(self) -> str:
        journey.act(self.browser, self.domain, "ana", "suspend", reason="smoke")
        journey.live(self.browser, self.key("ana"))
        sends = partial(clients.smtp_opens, self.stack, self.address("ana"), self.passwords["ana"])
        self.expect_refused("suspended, by IMAP", self.imap_with("ana"))
        self.expect_refused("suspended, to send", sends)
        return "proven on the node"

    def delete(self) -> str:
        journey.act(self.browser, self.domain, "ana", "delete")
        journey.live(self.browser, self.key("ana"))
        self.expect_refused("deleted", self.imap_with("ana"))
        return "gone from the server"

    def recreate(self) -> str:
        self.passwords["ana"] = secrets.token_urlsafe(18)
        journey.make_mailbox(self.browser, self.domain, "ana", self.passwords["ana"])
        journey.live(self.browser, self.key("ana"))
        with clients.imap(self.stack, self.address("ana"), self.passwords["ana"]) as session:
            count = session.select("INBOX")[1][0]
        if count != b"0":
            raise PanelError(f"the new mailbox inherits {count!r} messages")
        return "empty, with the new password"

    def refused(self) -> str:
        if let_in := [what for what, refusal in self.refusals.items() if not refusal.result(timeout=20)]:
            raise PanelError(f"still let in: {', '.join(let_in)}")
        return "; ".join(self.refusals)

    def others(self) -> str:
        paths = [
            "",
            "delete/",
            "mailboxes/",
            "mailboxes/ana/",
            "mailboxes/ana/connect/",
            "connect/",
            "zone/",
            "track/",
        ]
        for path in paths:
            status = self.stranger.open(f"/domains/{self.domain}/{path}").status
            if status != 404:
                raise PanelError(f"another customer gets {status} for /domains/{self.domain}/{path}")
        return f"{len(paths)} pages answer 404"

    def remove(self) -> str:
        journey.delete_domain(self.browser, self.domain)

        def gone() -> bool | None:
            return None if clients.ask(self.stack, self.domain, "SOA") else True

        clients.until(gone, within=10, what="the zone removed from DNS")
        return "and its zone"


def _ended(session: imaplib.IMAP4_SSL) -> bool | None:
    try:
        session.noop()
    except (imaplib.IMAP4.abort, OSError):
        return True
    return None


STEPS: list[tuple[str, Callable[[Smoke], str]]] = [
    ("add a domain", Smoke.add_domain),
    ("DNS answers", Smoke.zone_answers),
    ("make mailboxes", Smoke.make_mailboxes),
    ("sign in", Smoke.sign_in),
    ("connect card", Smoke.connect_card),
    ("signing", Smoke.signing),
    ("submit with AUTH over TLS", Smoke.submit),
    ("Track Delivery", Smoke.tracked),
    ("read", Smoke.read),
    ("forwarder, filter, app password", Smoke.belongings),
    ("MX 10 to 20, and a second", Smoke.mx),
    ("change the password", Smoke.password),
    ("suspend", Smoke.suspend),
    ("delete", Smoke.delete),
    ("make again", Smoke.recreate),
    ("another customer", Smoke.others),
    ("refused at once", Smoke.refused),
    ("remove the domain", Smoke.remove),
]


def say(text: str) -> None:
    sys.stdout.write(f"{text}\n")
    sys.stdout.flush()


def run(smoke: Smoke) -> bool:
    """All steps; True when each one worked. The domain is removed even when one does not."""
    for name, step in STEPS:
        begun = time.perf_counter()
        try:
            text = step(smoke)
        except Exception as error:
            say(f"FAILED  {name}: {type(error).__name__}: {error}")
            with contextlib.suppress(Exception):
                journey.delete_domain(smoke.browser, smoke.domain)
            return False
        say(f"{(time.perf_counter() - begun) * 1000:6.0f} ms  {name}: {text}")
    return True


def main() -> int:
    parser = argparse.ArgumentParser(prog="bin/smoke", description=__doc__)
    parser.add_argument("--endpoints", type=Path, help="the stack's endpoints.json")
    parser.add_argument("--login", default="", help="a customer to use instead of the demo's")
    parser.add_argument("--password", default="")
    given = parser.parse_args()
    try:
        stack = Stack.load(given.endpoints)
        begun = time.perf_counter()
        browser, stranger = customers(stack, given.login, given.password)
        say(f"{(time.perf_counter() - begun) * 1000:6.0f} ms  sign in to the panel: {stack.panel}")
    except Exception as error:
        say(f"FAILED  before the first step: {type(error).__name__}: {error}")
        return 1
    return 0 if run(Smoke(stack, browser, stranger)) else 1


if __name__ == "__main__":
    sys.exit(main())
