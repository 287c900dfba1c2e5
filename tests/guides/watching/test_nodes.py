"""Programs that are set up rightly and wrongly, on the real servers, and what the guide's watch says."""

from __future__ import annotations

import contextlib
import html
import re
import ssl
import time
from collections.abc import Callable, Iterator

import pytest

from bench import clients, journey
from bench.web import Browser
from tests.guides.watching.programs import Program, distrusting, outdated
from tests.onstack import Box, House

pytestmark = pytest.mark.nodes

Try = Callable[[Program], object]


@pytest.fixture
def at(request: pytest.FixtureRequest) -> str:
    """An internet address that no other test has."""
    number = hash(request.node.nodeid) % 60_000
    return f"127.9.{number // 250 + 1}.{number % 250 + 1}"


@pytest.fixture
def ana(house: House) -> Box:
    return house.box()


@pytest.fixture
def program(house: House, ana: Box, at: str) -> Program:
    return Program(house.stack, at, ana.address, ana.password)


class Watcher:
    """Somebody who has a guide open since now, on a machine at ``at``."""

    def __init__(self, browser: Browser, path: str, protocol: str = "imap") -> None:
        self.browser, self.path, self.protocol, self.since = browser, path, protocol, int(time.time())

    def sees(self) -> str:
        page = self.browser.open(f"{self.path}?since={self.since}&protocol={self.protocol}")
        assert page.status == 200
        part = page.text[page.text.find('id="connect-watch"') : page.text.find('id="watch-end"')]
        return html.unescape(" ".join(re.sub(r"<[^>]+>", " ", part).split()))

    def until(self, words: str, within: float = 15) -> str:
        def seen() -> str | None:
            said = self.sees()
            return said if re.search(words, said) else None

        try:
            return clients.until(seen, within=within, what=words, every=0.2)
        except TimeoutError as error:
            raise AssertionError(f"not {words!r} but {self.sees()!r}") from error


def come_from(browser: Browser, at: str) -> None:
    browser._http.close()
    browser._http.source_address = (at, 0)  # type: ignore[attr-defined]  # http.client has it


@pytest.fixture
def watcher(house: House, ana: Box, at: str) -> Iterator[Watcher]:
    come_from(house.browser, at)
    yield Watcher(house.browser, f"/domains/{house.domain}/mailboxes/ana/connect/watch/")
    house.browser._http.close()
    house.browser._http.source_address = None  # type: ignore[attr-defined]  # as above


def test_it_says_which_program_signed_in_and_that_sending_works(watcher: Watcher, program: Program) -> None:
    before = watcher.sees()
    assert "Receiving: nothing seen yet" in before
    assert "Sending: nothing seen yet" in before

    program.imap_once()
    said = watcher.until("Receiving works, [0-9]+ seconds? ago")
    assert "Thunderbird on Linux signed in by IMAP, encrypted (TLSv1.3)" in said
    assert "Sending: nothing seen yet" in said

    program.smtp_once(send=True)
    said = watcher.until("Sending works")
    assert "signed in to send (SMTP), encrypted (TLSv1.3)" in said
    assert "looks by itself" not in said


def wrong(program: Program) -> Program:
    return Program(program.stack, program.at, program.address, "not-the-password")


def local(program: Program) -> str:
    return program.address.partition("@")[0]


def refused(program: Program, service: str, tls: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError):
        program.talk(service, tls=tls)


def on_587(program: Program, tls: ssl.SSLContext) -> None:
    with contextlib.suppress(OSError), contextlib.closing(program.socket("submission")) as plain:
        for line in (b"EHLO laptop\r\n", b"STARTTLS\r\n"):
            plain.recv(2000)
            plain.sendall(line)
        plain.recv(2000)
        tls.wrap_socket(plain, server_hostname="localhost")


def hang_up(program: Program, service: str) -> None:
    """Waits for a greeting, which the server sends after TLS alone."""
    with contextlib.closing(program.socket(service)) as plain:
        plain.sendall(b"EHLO laptop\r\n" if service == "submissions" else b"a CAPABILITY\r\n")
        plain.settimeout(2)
        with contextlib.suppress(OSError):
            plain.recv(100)


def sends(program: Program, service: str, tls: ssl.SSLContext | None = None) -> None:
    mail = [f"MAIL FROM:<{program.address}>", "RCPT TO:<someone@outside.example>", "QUIT"]
    program.talk(service, "EHLO laptop", *mail, tls=tls)


RECEIVING: list[tuple[str, Try, str]] = [
    (
        "wrong",
        lambda p: wrong(p).imap_once(),
        "Thunderbird on Linux reached the server. The password was wrong",
    ),
    ("no domain", lambda p: p.imap_once(local(p)), "The user name was “ana”, without the part after it"),
    ("domain", lambda p: p.imap_once("ana@elsewhere.example"), "“ana@elsewhere.example”, which is not this"),
    (
        "clear IMAP",
        lambda p: p.talk("imap", f"a LOGIN {p.address} {p.password}", "b LOGOUT"),
        "tried to sign in without encryption",
    ),
    (
        "clear IMAP, unnamed",
        lambda p: p.talk("imap", "a AUTHENTICATE PLAIN", "b LOGOUT"),
        "tried to sign in without encryption",
    ),
    (
        "clear POP3",
        lambda p: p.talk("pop3", f"USER {p.address}", "QUIT"),
        "tried to sign in without encryption",
    ),
    ("untrusted", lambda p: refused(p, "imaps", distrusting()), "did not trust its certificate"),
    ("untrusted POP3", lambda p: refused(p, "pop3s", distrusting()), "did not trust its certificate"),
    ("old", lambda p: refused(p, "imaps", outdated()), "encryption that is too old"),
    ("plain at 993", lambda p: hang_up(p, "imaps"), "the port for SSL/TLS, but without encryption"),
    ("TLS at 143", lambda p: refused(p, "imap", distrusting()), "SSL/TLS at the port for STARTTLS"),
    (
        "reached",
        lambda p: p.talk("imaps", "a LOGOUT", tls=p.tls()),
        "reached the server, encrypted, and has not signed in",
    ),
]
SENDING: list[tuple[str, Try, str]] = [
    ("wrong", lambda p: wrong(p).smtp_once(), "Sending does not work yet.* The password was wrong"),
    ("no domain", lambda p: p.smtp_once(local(p)), "The user name was “ana”, without the part after it"),
    ("signed in", lambda p: p.smtp_once(), "signed in to send. As whom, the server says with the first mail"),
    (
        "clear",
        lambda p: p.talk("submission", "EHLO laptop", f"AUTH PLAIN {p.plain_words()}", "QUIT"),
        "tried to sign in without encryption",
    ),
    ("clear mail", lambda p: sends(p, "submission"), "tried to sign in without encryption"),
    (
        "port 25",
        lambda p: p.talk("smtp", "EHLO laptop", f"AUTH PLAIN {p.plain_words()}", "QUIT"),
        "through port 25",
    ),
    ("mail at port 25", lambda p: sends(p, "smtp"), "through port 25"),
    ("no sign-in", lambda p: sends(p, "submissions", p.tls()), "tried to send without signing in"),
    ("untrusted", lambda p: refused(p, "submissions", distrusting()), "did not trust its certificate"),
    ("untrusted 587", lambda p: on_587(p, distrusting()), "did not trust its certificate"),
    ("old", lambda p: refused(p, "submissions", outdated()), "encryption that is too old"),
    ("plain at 465", lambda p: hang_up(p, "submissions"), "the port for SSL/TLS, but without encryption"),
    ("TLS at 587", lambda p: refused(p, "submission", distrusting()), "SSL/TLS at the port for STARTTLS"),
]


@pytest.mark.parametrize(
    ("name", "act", "words"),
    RECEIVING + SENDING,
    ids=[f"{one[0]}-{n}" for n, one in enumerate(RECEIVING + SENDING)],
)
def test_it_names_what_went_wrong(
    watcher: Watcher, program: Program, name: str, act: Try, words: str
) -> None:
    act(program)

    said = watcher.until(words)

    assert program.password not in said
    assert "Sending: nothing seen" in said or "Receiving: nothing seen" in said


def test_pop3_where_the_guide_is_for_imap(watcher: Watcher, program: Program) -> None:
    program.talk("pop3s", f"AUTH PLAIN {program.plain_words()}", "QUIT", tls=program.tls())

    said = watcher.until("It works, but by POP3")
    assert "These steps are for IMAP" in said
    watcher.protocol = "pop3"
    assert "Receiving works" in watcher.sees()


def test_imap_where_the_guide_is_for_pop3(watcher: Watcher, program: Program) -> None:
    watcher.protocol = "pop3"
    program.imap_once()

    assert "the program chose IMAP" in watcher.until("It works, but by IMAP")


def test_what_keeps_the_right_password_out(
    watcher: Watcher, program: Program, house: House, ana: Box
) -> None:
    page = house.browser.open(f"/domains/{house.domain}/mailboxes/ana/protocols/")
    form = page.form("protocols")
    form.fields = [one for one in form.fields if one[1] not in {"pop3", "smtp"}]
    house.browser.submit(page, form, {})
    journey.live(house.browser, ana.key)
    program.talk("pop3s", f"AUTH PLAIN {program.plain_words()}", "QUIT", tls=program.tls())
    watcher.until("POP3 is switched off for this mailbox")
    program.smtp_once()
    watcher.until("SMTP is switched off for this mailbox")

    house.act(ana, "suspend", reason="Unpaid")
    program.imap_once()
    watcher.until("Signing in is suspended for")


def test_what_a_program_calls_itself_is_text(watcher: Watcher, program: Program, house: House) -> None:
    program.imap_once(says='("name" "<script>alert(1)</script>" "os" "Linux")')

    watcher.until("alert")
    page = house.browser.open(watcher.path)
    assert "<script>alert" not in page.text


def test_tries_that_name_nobody_are_for_their_own_network_alone(
    watcher: Watcher, program: Program, house: House
) -> None:
    program.imap_once("ana")
    watcher.until("without the part after it")

    come_from(house.browser, "127.8.8.8")

    assert "Receiving: nothing seen yet" in watcher.sees()


def test_the_mailboxs_own_user_watches_his_own(house: House, ana: Box, program: Program, at: str) -> None:
    browser = journey.sign_in(house.stack, ana.address, ana.password)
    with contextlib.closing(browser):
        mine = Watcher(browser, "/mailbox/connect/watch/")
        wrong(program).imap_once()
        mine.until("The password was wrong")
        path = f"/domains/{house.domain}/mailboxes/ana/connect/watch/"
        assert browser.open(path).status == 404
