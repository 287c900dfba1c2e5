"""Does mail flow while the panel, PostgreSQL and Redis are stopped, and is everything in Track Delivery
afterwards?

Twenty mails a second for a minute, each handed in with AUTH over TLS and then read by its recipient over
IMAP, all with
the three stopped; then they are started again and Track Delivery is read through the panel.
"""

from __future__ import annotations

import imaplib
import re
import secrets
import smtplib
import subprocess
import sys
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

from bench import clients, journey
from bench.figures import say
from bench.people import throw_away
from bench.stack import Stack
from bench.web import Browser

PER_SECOND = 20
SECONDS = 60
BOXES = 10
THREADS = 80
READ_WITHIN = 30.0
TRACK_WITHIN = 120.0
STOPPED = ("caddy", "gunicorn", "beat", "worker", "postgres", "redis")


@dataclass
class Count:
    """What went wrong, by mail. Threads add to it."""

    refused: list[str] = field(default_factory=list)
    lost: list[str] = field(default_factory=list)
    sign_in_failures: list[str] = field(default_factory=list)
    lock: threading.Lock = field(default_factory=threading.Lock)

    def note(self, where: list[str], text: str) -> None:
        with self.lock:
            where.append(text)


def run(stack: Stack, seconds: int = SECONDS, rate: int = PER_SECOND) -> dict[str, int]:
    """Keys ``sent``, ``refused``, ``lost``, ``sign_in_failures``, ``tracked_missing``,
    ``tracked_doubled``."""
    login = throw_away(stack)[0]
    browser = journey.sign_in(stack, *login)
    domain = f"outage-{secrets.token_hex(4)}.test"
    journey.add_domain(browser, domain)
    boxes = {f"box{number}@{domain}": secrets.token_urlsafe(18) for number in range(BOXES)}
    for address, password in boxes.items():
        journey.make_mailbox(browser, domain, address.partition("@")[0], password, "500 MB")
    for address in boxes:
        journey.live(browser, f"mailbox/{address}")
    browser.close()
    subjects = [f"Outage {secrets.token_hex(6)} {number:05}" for number in range(seconds * rate)]
    count = Count()
    _control(stack, "stop")
    say(f"stopped: {', '.join(STOPPED)}")
    try:
        _mail(stack, boxes, subjects, rate, count)
    finally:
        _control(stack, "start")
        say("started again")
    browser = clients.until(lambda: _back(stack, login), within=60, what="the panel is back", every=0.5)
    refused = {text.partition(": ")[0] for text in count.refused}
    missing, doubled = _tracked(browser, domain, [subject for subject in subjects if subject not in refused])
    journey.delete_domain(browser, domain)
    for text in (count.refused + count.lost + count.sign_in_failures + missing + doubled)[:20]:
        say(f"  {text}")
    return {
        "sent": len(subjects),
        "refused": len(count.refused),
        "lost": len(count.lost),
        "sign_in_failures": len(count.sign_in_failures),
        "tracked_missing": len(missing),
        "tracked_doubled": len(doubled),
    }


def _control(stack: Stack, verb: str) -> None:
    """Through the instance's supervisor, in the order given; reversed for start, so that the database is
    there first."""
    names = STOPPED if verb == "stop" else STOPPED[::-1]
    config = str(stack.raw["supervisor_config"])
    argv = [sys.executable, "-m", "supervisor.supervisorctl", "-c", config, verb, *names]
    # A start may need a second try of the supervisor's (the worker before Redis): _back() sees whether all
    # came back.
    subprocess.run(argv, check=verb == "stop", capture_output=True, timeout=120)


def _mail(stack: Stack, boxes: dict[str, str], subjects: list[str], rate: int, count: Count) -> None:
    addresses = list(boxes)
    begun = time.monotonic()
    with ThreadPoolExecutor(THREADS) as pool:
        for number, subject in enumerate(subjects):
            way = addresses[number % BOXES], addresses[(number * 7 + 1) % BOXES]
            time.sleep(max(0.0, begun + number / rate - time.monotonic()))
            pool.submit(_letter, stack, boxes, way, subject, count)
    say(f"{len(subjects)} mails in {time.monotonic() - begun:.1f} s")


def _letter(stack: Stack, boxes: dict[str, str], way: tuple[str, str], subject: str, count: Count) -> None:
    """Hand one mail in, then be its reader. ``way``: sender and recipient."""
    sender, recipient = way
    try:
        with clients.submission(stack, "submissions", sender, boxes[sender]) as smtp:
            smtp.send_message(clients.letter(sender, recipient, subject))
    except smtplib.SMTPAuthenticationError as error:
        count.note(count.sign_in_failures, f"{subject}: {sender} by SMTP: {error}")
        count.note(count.refused, f"{subject}: not signed in")
        return
    except (smtplib.SMTPException, OSError) as error:
        count.note(count.refused, f"{subject}: {error}")
        return
    try:
        with clients.imap(stack, recipient, boxes[recipient]) as client:
            clients.until(lambda: _seen(client, subject), within=READ_WITHIN, what=subject, every=0.2)
    except imaplib.IMAP4.abort as error:
        count.note(count.lost, f"{subject}: {error}")
    except imaplib.IMAP4.error as error:
        count.note(count.sign_in_failures, f"{subject}: {recipient} by IMAP: {error}")
    except (TimeoutError, OSError) as error:
        count.note(count.lost, f"{subject}: {error}")


def _seen(client: imaplib.IMAP4_SSL, subject: str) -> bool | None:
    client.select("INBOX", readonly=True)
    return True if client.search(None, "SUBJECT", f'"{subject}"')[1][0] else None


def _back(stack: Stack, login: tuple[str, str]) -> Browser | None:
    try:
        return journey.sign_in(stack, *login)
    except (OSError, journey.PanelError, LookupError):
        return None


def _tracked(browser: Browser, domain: str, subjects: list[str]) -> tuple[list[str], list[str]]:
    """The subjects that Track Delivery lacks, and those it lists more than once, after it had time to catch
    up."""

    def all_there() -> Counter[str] | None:
        found = _listed(browser, domain, subjects[0].split()[0])
        return found if all(found[subject] for subject in subjects) else None

    try:
        found = clients.until(all_there, within=TRACK_WITHIN, what="all mails in Track Delivery", every=2.0)
    except TimeoutError:
        found = _listed(browser, domain, subjects[0].split()[0])
    return [each for each in subjects if not found[each]], [each for each in subjects if found[each] > 1]


def _listed(browser: Browser, domain: str, word: str) -> Counter[str]:
    """How often each subject beginning with ``word`` stands in the list, over all its pages."""
    found: Counter[str] = Counter()
    for row in journey.all_tracked(browser, domain):
        found.update(set(re.findall(rf"{word} [0-9a-f]+ \d+", row)))
    return found
