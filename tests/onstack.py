"""Fixtures of the tests marked ``nodes``: customers and domains of their own on the running stack, and a
second stack for what would disturb other tests."""

from __future__ import annotations

import contextlib
import fcntl
import json
import os
import secrets
import shutil
import smtplib
import subprocess
import sys
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import psycopg2
import pytest

from bench import clients, journey
from bench.people import throw_away
from bench.stack import ROOT, Stack
from bench.web import Browser

OUTSIDE = "someone@outside.example"


@dataclass(frozen=True)
class Box:
    """A mailbox that is live."""

    stack: Stack
    address: str
    password: str

    @property
    def key(self) -> str:
        return f"mailbox/{self.address}"

    def subjects(self) -> list[str]:
        """What IMAP shows in the inbox."""
        with clients.imap(self.stack, self.address, self.password) as client:
            client.select("INBOX", readonly=True)
            numbers = client.search(None, "ALL")[1][0].decode().split()
            heads = [client.fetch(one, "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0] for one in numbers]
        return [head[1].decode().strip()[9:] for head in heads if isinstance(head, tuple)]

    def send(self, to: str, subject: str, service: str = "submissions") -> None:
        with clients.submission(self.stack, service, self.address, self.password) as smtp:
            smtp.send_message(clients.letter(self.address, to, subject))


@dataclass(frozen=True)
class House:
    """A customer's own domain: live, and gone after the test."""

    stack: Stack
    browser: Browser
    domain: str

    def box(self, local: str = "ana", quota: str = "20 MB") -> Box:
        box = Box(self.stack, f"{local}@{self.domain}", secrets.token_urlsafe(18))
        journey.make_mailbox(self.browser, self.domain, local, box.password, quota)
        journey.live(self.browser, box.key)
        return box

    def act(self, box: Box, action: str, **values: str) -> None:
        """One of the mailbox's forms, and what it does is live."""
        journey.act(self.browser, self.domain, box.address.partition("@")[0], action, **values)
        journey.live(self.browser, box.key)

    def tracked(self, word: str) -> list[str]:
        """The rows of Track Delivery with this word, as plain text."""
        return [row for row in journey.all_tracked(self.browser, self.domain) if word in row]


def from_outside(stack: Stack) -> smtplib.SMTP:
    """A mail server that greeted ours on port 25. Close it by ``with``."""
    host, port = stack.at("smtp")
    client = smtplib.SMTP(host, port, timeout=clients.TIMEOUT, local_hostname="mx.outside.example")
    client.ehlo()
    return client


def answer_to_rcpt(stack: Stack, recipient: str, *options: str) -> tuple[int, str]:
    """What our server says to a mail from outside for this recipient. ``options``: "SIZE=…"."""
    with from_outside(stack) as client:
        client.mail(OUTSIDE, options)
        code, text = client.rcpt(recipient)
    return code, text.decode()


def word() -> str:
    """One that no other mail has."""
    return f"w{secrets.token_hex(8)}"


def sql(stack: Stack, statement: str, *values: Any) -> list[tuple[Any, ...]]:
    """In the panel's database. For what no page shows, and for letting time pass."""
    with contextlib.closing(psycopg2.connect(stack.raw["database_url"])) as connection, connection:
        cursor = connection.cursor()
        cursor.execute(statement, values)
        return cursor.fetchall() if cursor.description else []


def run_manage(stack: Stack, script: str) -> str:
    """Run Python in the panel's own environment."""
    with_env = [str(ROOT / "deploy" / "with-env"), stack.raw["panel_env"]]
    argv = [*with_env, sys.executable, str(ROOT / "manage.py"), "shell", "-v", "0", "-c", script]
    done = subprocess.run(argv, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout


def houses(stack: Stack, browsers: list[Browser]) -> Iterator[Callable[[int], House]]:
    """``take(0)`` a new house of the first customer, ``take(1)`` of the second."""
    taken: list[House] = []

    def take(customer: int = 0) -> House:
        house = House(stack, browsers[customer], f"n-{secrets.token_hex(4)}.test")
        journey.add_domain(house.browser, house.domain)
        taken.append(house)
        journey.live(house.browser, f"mail_domain/{house.domain}")
        return house

    yield take
    for house in taken:
        with contextlib.suppress(LookupError):  # the test has removed it
            journey.delete_domain(house.browser, house.domain)


def customers(stack: Stack, name: str) -> list[Browser]:
    return [journey.sign_in(stack, *login) for login in throw_away(stack, name)]


def _customers(stack: Stack) -> list[Browser] | None:
    try:
        return customers(stack, "servers")
    except (OSError, LookupError, journey.PanelError):
        return None


@pytest.fixture(scope="session")
def browsers(stack: dict[str, Any]) -> Iterator[list[Browser]]:
    """Two customers of this test process, signed in."""
    made = customers(Stack(stack), f"nodes-{secrets.token_hex(4)}-")
    yield made
    for browser in made:
        browser.close()


@pytest.fixture
def new_house(stack: dict[str, Any], browsers: list[Browser]) -> Iterator[Callable[[int], House]]:
    yield from houses(Stack(stack), browsers)


@pytest.fixture
def house(new_house: Callable[[int], House]) -> House:
    return new_house(0)


# A second stack, whose servers may be stopped, killed and emptied.


@dataclass(frozen=True)
class Servers:
    stack: Stack
    take_house: Callable[[int], House]

    def control(self, *words: str) -> str:
        """supervisorctl: ``stop powerdns``, ``signal KILL agent``, …"""
        config = str(self.stack.raw["supervisor_config"])
        argv = [sys.executable, "-m", "supervisor.supervisorctl", "-c", config, *words]
        done = subprocess.run(argv, capture_output=True, text=True, check=False, timeout=120)
        return done.stdout


def _deploy(verb: str, state: Path, *options: str) -> None:
    argv = [sys.executable, "-m", "deploy.stack", verb, "--state", str(state), *options]
    env = {name: value for name, value in os.environ.items() if name != "RESOLVERS"}  # the first stack's
    done = subprocess.run(argv, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=180)
    assert done.returncode == 0, done.stdout + done.stderr


@contextlib.contextmanager
def _locked(path: Path) -> Iterator[None]:
    with path.open("a") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield


def _count(path: Path, more: int) -> int:
    """How many test processes use the second stack, after ``more`` came."""
    now = (int(path.read_text()) if path.exists() else 0) + more
    path.write_text(str(now))
    return now


@pytest.fixture(scope="session")
def second_stack(
    stack: dict[str, Any], tmp_path_factory: pytest.TempPathFactory, worker_id: str
) -> Iterator[tuple[Stack, Path]]:
    """Started by the first test process that wants it, ended by the last. Beside the first one's folder, so
    that what a killed run left is found and ended."""
    base = tmp_path_factory.getbasetemp()
    shared = base if worker_id == "master" else base.parent
    state = Path(f"{stack['state']}-servers")
    users = shared / "servers.users"
    with _locked(shared / "servers.lock"):
        if _count(users, 0) == 0:
            if state.exists():
                _deploy("down", state)
                shutil.rmtree(state)
            _deploy("up", state, "--detach", "--no-smoke", "--no-demo")
        _count(users, 1)
    yield Stack(json.loads((state / "endpoints.json").read_text())), shared
    with _locked(shared / "servers.lock"):
        if _count(users, -1) == 0:
            _deploy("down", state)
            shutil.rmtree(state)


@pytest.fixture
def servers(second_stack: tuple[Stack, Path]) -> Iterator[Servers]:
    """The second stack for this test alone, everything running before and after."""
    stack, shared = second_stack
    with _locked(shared / "servers.turn"):
        made = clients.until(lambda: _customers(stack), within=60, what="the panel signs in", every=0.5)
        take = houses(stack, made)
        whole = Servers(stack, next(take))
        try:
            yield whole
        finally:
            whole.control("start", "all")
            with contextlib.suppress(StopIteration):
                next(take)
            for browser in made:
                browser.close()
