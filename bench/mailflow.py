"""What our policy services cost: decisions a second of the sending limits' service, and how much mail goes
from submission over signing to the mailbox, with all of them and without any (bench.without), in turns.

Without is what a mail server has that never heard of this panel, so the ratio counts the SQL look-ups of its
switches too, not the programs alone. Both sides' logs are shipped to the panel meanwhile.

A turn: SESSIONS signed-in connections send MAILS mails to one mailbox, each the next as soon as the last is
accepted; it ends when IMAP shows all of them. Each side's rate is all its mails by all its time.
"""

from __future__ import annotations

import contextlib
import secrets
import selectors
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

from bench import clients, journey, without
from bench.figures import percentile, say
from bench.journey import PanelError
from bench.people import throw_away
from bench.stack import ROOT, Stack

SESSIONS = 8
MAILS = 400
TURNS = 3
DECISIONS = 10_000
SMTPDS = 8  # that ask at once
PLENTY = 1_000_000
_RAISE = (
    "from accounts import clients; from accounts.models import Domain; "
    "account = Domain.objects.get(name='{domain}').account; "
    "clients.account_set(actor=None, account=account, sends_per_hour={most})"
)
TEXT = "Nothing to read here, and as long as a short mail is.\r\n" * 40


@dataclass(frozen=True)
class Senders:
    domain: str
    password: str

    def address(self, local: str) -> str:
        return f"{local}@{self.domain}"


def run(stack: Stack) -> dict[str, float]:
    """Keys ``policy_per_s``, ``policy_p99_ms``, ``mailflow_ratio``, and both rates in mails a second."""
    browser = journey.sign_in(stack, *throw_away(stack, "mailflow")[0])
    ours = Senders(f"flow-{secrets.token_hex(4)}.test", secrets.token_urlsafe(18))
    journey.add_domain(browser, ours.domain)
    try:
        journey.live(browser, f"mail_domain/{ours.domain}")
        for local in ("ana", "ben", "cleo"):
            journey.make_mailbox(browser, ours.domain, local, ours.password, "2 GB")
            journey.live(browser, f"mailbox/{ours.address(local)}")
        _raise_limits(stack, ours)
        page = browser.open(f"/domains/{ours.domain}/mailboxes/ana/sending/")
        browser.submit(page, page.form("new_day"), {"mails_hour": str(PLENTY), "new_day": str(PLENTY)})
        journey.live(browser, f"mail_domain/{ours.domain}")
        journey.live(browser, f"limit/{ours.address('ana')}")
        with _unwatched(stack):
            figures = _decisions(stack, ours) | _flow(stack, ours)
    finally:
        journey.delete_domain(browser, ours.domain)
    say(f"{figures}")
    return figures


def _raise_limits(stack: Stack, ours: Senders) -> None:
    script = _RAISE.format(domain=ours.domain, most=PLENTY)
    argv = [sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", script]
    if "panel_env" in stack.raw:
        argv = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"], *argv]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    if done.returncode:
        raise PanelError(f"the limit is not raised: {done.stderr.strip().splitlines()[-1:]}")


@contextlib.contextmanager
def _unwatched(stack: Stack) -> Iterator[None]:
    """Without Beat, and so without the panel's look for stolen sign-ins: it stops a login that floods, which
    is all that is done here."""
    _supervisor(stack, "stop")
    try:
        yield
    finally:
        _supervisor(stack, "start")


def _supervisor(stack: Stack, verb: str) -> None:
    config = stack.raw["supervisor_config"]
    argv = [sys.executable, "-m", "supervisor.supervisorctl", "-c", config, verb, "beat"]
    subprocess.run(argv, capture_output=True, check=False, timeout=60)


# Decisions.


def _decisions(stack: Stack, ours: Senders) -> dict[str, float]:
    """Each mail is two questions, as Postfix asks them: its recipient, who is new, and its text."""
    path = Path(stack.raw["state"]) / stack.raw["node"]["name"] / "policy" / "ask.sock"
    begun, times = time.perf_counter(), []
    with contextlib.ExitStack() as closing, selectors.DefaultSelector() as selector:
        asked: dict[socket.socket, tuple[float, int]] = {}
        numbers = iter(range(DECISIONS))
        for _each in range(SMTPDS):
            client = closing.enter_context(socket.socket(socket.AF_UNIX, socket.SOCK_STREAM))
            client.connect(str(path))
            selector.register(client, selectors.EVENT_READ, client)
            asked[client] = _ask(client, ours, next(numbers) * SMTPDS)
        while asked:
            for key, _events in selector.select(10):
                client = key.data
                answer = client.recv(4096)
                if answer != b"action=DUNNO\n\n":
                    raise PanelError(f"the policy service says {answer!r}")
                since, number = asked.pop(client)
                times.append(time.perf_counter() - since)
                following = number + 1 if number % 2 == 0 else next(numbers, -1) * SMTPDS
                if following >= 0 and len(times) + len(asked) < DECISIONS:
                    asked[client] = _ask(client, ours, following)
    took = time.perf_counter() - begun
    return {
        "policy_per_s": round(len(times) / took),
        "policy_p99_ms": round(percentile(times, 0.99) * 1000, 2),
    }


def _ask(client: socket.socket, ours: Senders, number: int) -> tuple[float, int]:
    """Even: the recipient of a mail; the odd one after it: its text."""
    state = "RCPT" if number % 2 == 0 else "END-OF-MESSAGE"
    values = {
        "request": "smtpd_access_policy",
        "protocol_state": state,
        "protocol_name": "ESMTP",
        "client_address": "127.0.0.1",
        "helo_name": "localhost",
        "sender": ours.address("ana"),
        "recipient": f"r{number // 2}@outside.example",
        "recipient_count": "0" if state == "RCPT" else "1",
        "size": "0" if state == "RCPT" else "2500",
        "instance": f"bench.{number // 2}",
        "sasl_method": "PLAIN",
        "sasl_username": f"main.1/{ours.address('ana')}",
    }
    text = "".join(f"{name}={value}\n" for name, value in values.items())
    since = time.perf_counter()
    client.sendall(f"{text}\n".encode())
    return since, number


# Mail flow.


def _flow(stack: Stack, ours: Senders) -> dict[str, float]:
    taken = {"with": 0.0, "without": 0.0}
    arrived = {"with": 0, "without": 0}
    with without.running(stack) as plain:
        sides = [("with", stack, "ben"), ("without", plain, "cleo")]
        for _side, there, to in sides:
            _turn(there, ours, to, 40, 0)  # their processes are there then
        arrived = dict.fromkeys(arrived, 40)
        for turn in range(TURNS):
            for side, there, to in sides if turn % 2 == 0 else reversed(sides):
                seconds = _turn(there, ours, to, MAILS, arrived[side])
                arrived[side] += MAILS
                taken[side] += seconds
                say(f"  {side:8} {MAILS / seconds:6.0f} mails/s")
    rates = {side: TURNS * MAILS / seconds for side, seconds in taken.items()}
    return {
        "mailflow_per_s": round(rates["with"], 1),
        "mailflow_without_per_s": round(rates["without"], 1),
        "mailflow_ratio": round(rates["with"] / rates["without"], 3),
    }


def _turn(there: Stack, ours: Senders, to: str, mails: int, before: int) -> float:
    """Seconds from the first mail until all are in the mailbox, which had ``before``."""
    with contextlib.ExitStack() as closing, ThreadPoolExecutor(SESSIONS) as pool:
        inbox = closing.enter_context(clients.imap(there, ours.address(to), ours.password))
        opened = [
            closing.enter_context(
                clients.submission(there, "submissions", ours.address("ana"), ours.password)
            )
            for _each in range(SESSIONS)
        ]

        def send(client: smtplib.SMTP) -> None:
            for number in range(mails // SESSIONS):
                client.sendmail(ours.address("ana"), [ours.address(to)], _letter(ours, to, number))

        def all_there() -> bool | None:
            reply = inbox.status("INBOX", "(MESSAGES)")[1][0]
            return (
                True
                if isinstance(reply, bytes) and int(reply.split()[-1].rstrip(b")")) >= before + mails
                else None
            )

        begun = time.perf_counter()
        for done in [pool.submit(send, client) for client in opened]:
            done.result()
        clients.until(all_there, within=60, what=f"{mails} mails in {to}@", every=0.02)
        return time.perf_counter() - begun


def _letter(ours: Senders, to: str, number: int) -> bytes:
    head = f"From: Ana <{ours.address('ana')}>\r\nTo: {ours.address(to)}\r\nSubject: Mail {number}\r\n"
    return f"{head}Message-ID: <{secrets.token_hex(12)}@{ours.domain}>\r\n\r\n{TEXT}".encode()
