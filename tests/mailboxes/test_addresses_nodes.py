"""Addresses that lead elsewhere, on the running stack: what other mail servers meet, where the mail ends."""

from __future__ import annotations

import email.parser
import json
import socketserver
import subprocess
import threading
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from bench import clients
from bench.stack import Stack
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, run_manage, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]

_DO = """
from mailboxes.addresses import consent, domains, services
from mailboxes.models import Alias, Consent, Mailbox, MailDomain
rows = MailDomain.objects.select_related("node", "domain__account__reseller")
here = rows.get(domain__name={domain!r})
"""
_BEHIND = """
import json
from provision.models import Push
rows = Push.objects.behind().filter(domain__name__in={names!r})
print(json.dumps(list(rows.values_list("key", "last_error"))))
"""


def do(house: House, wait_for: Wait, script: str, *others: str) -> str:
    """With ``here`` (and what _DO imports); what it pushes is live."""
    said = run_manage(house.stack, _DO.format(domain=house.domain) + script)
    behind = _BEHIND.format(names=[house.domain, *others])
    wait_for(lambda: json.loads(run_manage(house.stack, behind)) == [], 40)
    return said.strip()


def alias(local: str, *targets: str) -> str:
    return (
        f"services.alias_create(actor=None, mail_domain=here, local={local!r}, targets={list(targets)!r})\n"
    )


def bring(stack: Stack, to: str, subject: str, sender: str = OUTSIDE) -> None:
    with from_outside(stack) as client:
        client.send_message(clients.letter(OUTSIDE, to, subject), sender, [to])


def test_aliases_lists_and_unknown_addresses(house: House, wait_for: Wait) -> None:
    ana, ben, domain = house.box(), house.box("ben"), house.domain
    both = [ana.address, ben.address]
    do(house, wait_for, alias("info", ana.address) + alias("team", *both))
    one, two, three = word(), word(), word()
    bring(ana.stack, f"info+tag@{domain}", one)
    bring(ana.stack, f"team@{domain}", two)
    bring(ana.stack, f"postmaster@{domain}", three)
    wait_for(lambda: {one, two} <= set(ana.subjects()))
    wait_for(lambda: two in ben.subjects())
    assert one not in ben.subjects()
    wait_for(lambda: three in ana.subjects())  # the oldest mailbox
    assert answer_to_rcpt(ana.stack, f"nobody@{domain}")[0] == 550


def test_a_catch_all_swallows_no_mailbox_and_refuses_again(house: House, wait_for: Wait) -> None:
    ana, ben = house.box(), house.box("ben")
    catch = "domains.catch_all_set(actor=None, mail_domain=here, catch_all={!r}, plus=True)\n"
    do(house, wait_for, catch.format(ana.address))
    one, two = word(), word()
    bring(ana.stack, f"whoever@{house.domain}", one)
    bring(ana.stack, ben.address, two)
    wait_for(lambda: one in ana.subjects())
    wait_for(lambda: two in ben.subjects())
    assert two not in ana.subjects()
    do(house, wait_for, catch.format(""))
    assert answer_to_rcpt(ana.stack, f"whoever@{house.domain}")[0] == 550


def test_a_domain_alias_has_the_addresses_of_the_other(
    new_house: Callable[[int], House], wait_for: Wait
) -> None:
    house, other = new_house(0), new_house(0)
    ana = house.box()
    script = (
        alias("info", ana.address) + f"other = rows.get(domain__name={other.domain!r})\n"
        "domains.domain_alias_set(actor=None, mail_domain=other, target=here)\n"
    )
    do(house, wait_for, script, other.domain)
    one = word()
    bring(ana.stack, f"info@{other.domain}", one)
    wait_for(lambda: one in ana.subjects())
    assert answer_to_rcpt(ana.stack, f"nobody@{other.domain}")[0] == 550
    own = f"ana@{other.domain}"
    with clients.submission(ana.stack, "submissions", ana.address, ana.password) as client:
        client.sendmail(own, [ana.address], clients.letter(own, ana.address, "by the alias").as_bytes())
    wait_for(lambda: "by the alias" in ana.subjects())


@pytest.mark.parametrize(
    "script",
    [
        alias("one", "two@{0}"),
        alias("one", "one@{0}"),
        alias("one", "ana@{0}") + alias("two", "one@{0}")
        + "services.alias_set(actor=None, alias=Alias.objects.get(address='one@{0}'), targets=['two@{0}'])\n",
        alias("one", "ana@{0}")
        + "box = Mailbox.objects.present().select_related('mail_domain__node',"
        "'mail_domain__domain__account__reseller').get(address='ana@{0}')\n"
        "services.forwarding_set(actor=None, mailbox=box, targets=['one@{0}'], keep=True)\n",
    ],
)  # fmt: skip
def test_circles_and_nobody_are_found_before_saving(house: House, script: str) -> None:
    house.box()
    with pytest.raises(AssertionError, match="Refused"):
        run_manage(house.stack, _DO.format(domain=house.domain) + script.format(house.domain))


class Outside(socketserver.StreamRequestHandler):
    """A mail server that takes everything; server.got: (sender, recipient, mail)."""

    def handle(self) -> None:
        sender = recipient = ""
        self.wfile.write(b"220 far.test ESMTP\r\n")
        while line := self.rfile.readline().decode("latin-1").strip():
            verb = line[:4].upper()
            if verb == "MAIL":
                sender = line.partition("<")[2].partition(">")[0]
            elif verb == "RCPT":
                recipient = line.partition("<")[2].partition(">")[0]
            elif verb == "DATA":
                self.wfile.write(b"354 go on\r\n")
                mail = b"".join(iter(self.rfile.readline, b".\r\n"))
                self.server.got.append((sender, recipient, mail))  # type: ignore[attr-defined]  # Far's
            self.wfile.write(b"221 bye\r\n" if verb == "QUIT" else b"250 ok\r\n")
            if verb == "QUIT":
                return


class Far(socketserver.ThreadingTCPServer):
    daemon_threads = True

    def __init__(self) -> None:
        super().__init__(("127.0.0.1", 0), Outside)
        self.got: list[tuple[str, str, bytes]] = []

    def of(self, subject: str) -> list[tuple[str, str]]:
        read = email.parser.BytesParser()
        return [(a, b) for a, b, mail in self.got if read.parsebytes(mail)["Subject"] == subject]


@pytest.fixture
def far(stack: dict[str, Any]) -> Iterator[Far]:
    """``@far.test`` is there while the test runs."""
    config = stack["node"]["postfix_config"]

    def postfix(*argv: str) -> str:
        done = subprocess.run(argv, check=True, capture_output=True, text=True, timeout=60)
        return done.stdout.strip()

    before = postfix("postconf", "-c", config, "-h", "transport_maps")
    with Far() as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        there = f"inline:{{far.test=smtp:[127.0.0.1]:{server.server_address[1]}}}, {before}"
        try:
            postfix("postconf", "-c", config, "-e", f"transport_maps = {there}")
            postfix("postfix", "-c", config, "reload")
            yield server
        finally:
            postfix("postconf", "-c", config, "-e", f"transport_maps = {before}")
            postfix("postfix", "-c", config, "reload")
            server.shutdown()
            thread.join()


def test_a_forward_outside_waits_for_a_yes_and_its_bounces_come_back(
    house: House, wait_for: Wait, far: Far
) -> None:
    ana: Box = house.box()
    away, to = f"away@{house.domain}", f"{word()}@far.test"
    do(house, wait_for, alias("away", to))
    assert answer_to_rcpt(ana.stack, away)[0] == 550
    row = f"Consent.objects.select_related('mail_domain__node').get(target={to!r})"
    yes = f"consent.consent_give(consent={row})"
    do(house, wait_for, yes)
    subject, writer = word(), f"{word()}@far.test"
    bring(ana.stack, away, subject, writer)
    [(sender, recipient)] = wait_for(lambda: far.of(subject), 30)
    assert recipient == to
    assert sender != writer
    assert sender.endswith(f"@{house.domain}") or "SRS0" in sender.upper()
    bounce = word()
    bring(ana.stack, sender, bounce, "")
    assert wait_for(lambda: far.of(bounce), 30) == [("", writer)]
    local, _at, domain = sender.partition("@")
    assert answer_to_rcpt(ana.stack, f"{local[:-1]}x@{domain}")[0] >= 500
