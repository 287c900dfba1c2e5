"""Suspension and the sending limit on the running stack: what mail programs and other servers meet, how soon,
and that lifting one level forgets nothing on another."""

from __future__ import annotations

import contextlib
import imaplib
import json
import poplib
import re
import secrets
import smtplib
import subprocess
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from bench import clients, journey
from bench.stack import Stack
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, houses, run_manage, sql, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
IN_FORCE = 5

_FAMILY = """
import json
from accounts import services
made = {}
pool = dict(storage_mb=9000, max_mailboxes=50, max_domains=9)
reseller = services.account_create(actor=None, name="Nube %(name)s", kind="reseller", trusted=True,
    owner_email="nube-%(name)s@postroom.test", owner_name="Nube", password="%(password)s", **pool)
client = services.account_create(actor=None, name="Luna %(name)s", reseller=reseller,
    owner_email="luna-%(name)s@postroom.test", owner_name="Luna", password="%(password)s", **pool)
print(json.dumps([reseller.pk, client.pk]))
"""
_SUSPEND = """
from accounts.models import Account
from accounts import suspension
account = Account.objects.get(pk=%(pk)d)
suspension.suspend(actor=None, target=account, sign_in=%(sign_in)s, receive=%(receive)s, send=%(send)s,
    reason="It's \\"unpaid\\" since May")
"""
_RESUME = """
from accounts.models import Account
from accounts import suspension
suspension.resume(actor=None, target=Account.objects.get(pk=%(pk)d))
"""
_LIST = """
from mailboxes.addresses import services
from mailboxes.models import MailDomain
rows = MailDomain.objects.select_related("node", "domain__account__reseller")
here = rows.get(domain__name=%(domain)r)
services.alias_create(actor=None, mail_domain=here, local="team", targets=%(targets)r)
"""
_RECEIVING = """
from mailboxes.models import Mailbox
from mailboxes.services import suspension
rows = Mailbox.objects.select_related("mail_domain__node", "mail_domain__domain__account__reseller")
box = rows.get(address=%r)
suspension.mailbox_%sactor=None, mailbox=box)
"""


@dataclass(frozen=True)
class Family:
    """A reseller, its client and a domain of the client."""

    house: House
    reseller: int
    client: int

    def suspend(self, pk: int, *, sign_in: bool = True, receive: bool = True, send: bool = True) -> None:
        """Returns once it is saved."""
        run_manage(
            self.house.stack, _SUSPEND % {"pk": pk, "sign_in": sign_in, "receive": receive, "send": send}
        )

    def resume(self, pk: int) -> None:
        run_manage(self.house.stack, _RESUME % {"pk": pk})


@pytest.fixture
def family(stack: dict[str, Any]) -> Iterator[Family]:
    there, name, password = Stack(stack), secrets.token_hex(4), secrets.token_urlsafe(18)
    made = json.loads(run_manage(there, _FAMILY % {"name": name, "password": password}))
    browser = journey.sign_in(there, f"luna-{name}@postroom.test", password)
    take = houses(there, [browser])
    found = Family(next(take)(0), *made)
    yield found
    found.resume(found.reseller)
    found.resume(found.client)
    with contextlib.suppress(StopIteration):
        next(take)
    browser.close()


def ended(session: imaplib.IMAP4_SSL) -> bool:
    try:
        session.noop()
    except (imaplib.IMAP4.abort, OSError):
        return True
    return False


def said_to_sender(client: smtplib.SMTP, box: Box) -> str:
    """What a session that is signed in hears when it may send no longer; empty: it may."""
    try:
        client.sendmail(box.address, [box.address], clients.letter(box.address, box.address, "x").as_bytes())
    except smtplib.SMTPRecipientsRefused as error:
        code, text = error.recipients[box.address]
        return text.decode() if code == 553 else ""
    return ""


def refused(client: smtplib.SMTP, box: Box) -> bool:
    return bool(said_to_sender(client, box))


def said_at_sign_in(box: Box) -> str:
    try:
        with clients.imap(box.stack, box.address, box.password):
            return ""
    except imaplib.IMAP4.error as error:
        return bytes(error.args[0]).decode()


def test_a_suspended_reseller_stops_its_clients_mailboxes_at_once_and_lets_them_go(
    family: Family, wait_for: Wait
) -> None:
    house = family.house
    ana, ben = house.box(), house.box("ben")
    house.act(ben, "suspend", reason="lost phone")
    who = (ana.stack, ana.address, ana.password)
    with clients.imap(*who) as reading, clients.submission(ana.stack, "submissions", *who[1:]) as sending:
        reading.select("INBOX")
        assert not refused(sending, ana)
        family.suspend(family.reseller)
        wait_for(lambda: ended(reading), IN_FORCE)
        wait_for(lambda: refused(sending, ana), IN_FORCE)
        assert 'This mailbox is suspended: It\'s "unpaid" since May' in said_to_sender(sending, ana)
    assert 'It\'s "unpaid" since May' in said_at_sign_in(ana)
    assert not clients.smtp_opens(*who)
    assert answer_to_rcpt(ana.stack, ana.address)[0] == 450
    family.resume(family.reseller)
    wait_for(lambda: clients.imap_opens(*who), IN_FORCE + 2)
    assert clients.smtp_opens(*who)
    assert answer_to_rcpt(ana.stack, ana.address)[0] == 250
    assert "lost phone" in said_at_sign_in(ben)  # suspended on its own, it stays so


def test_levels_do_not_undo_each_other(family: Family, wait_for: Wait) -> None:
    ana = family.house.box()
    family.suspend(family.reseller, receive=False)
    family.suspend(family.client, sign_in=False, send=False)
    wait_for(lambda: answer_to_rcpt(ana.stack, ana.address)[0] == 450, IN_FORCE)
    assert said_at_sign_in(ana)
    family.resume(family.reseller)
    wait_for(lambda: not said_at_sign_in(ana), IN_FORCE + 2)
    assert answer_to_rcpt(ana.stack, ana.address)[0] == 450
    family.resume(family.client)
    wait_for(lambda: answer_to_rcpt(ana.stack, ana.address)[0] == 250, IN_FORCE)


def test_one_domain_by_its_page(house: House, wait_for: Wait) -> None:
    ana = house.box()
    with clients.imap(ana.stack, ana.address, ana.password) as reading:
        reading.select("INBOX")
        page = house.browser.open(f"/domains/{house.domain}/suspend/")
        form = page.form("reason")
        assert {"sign_in", "send"} <= form.names()
        page = house.browser.submit(page, form, {"reason": "Wrong bill"})
        assert "Wrong bill" in page.text
        wait_for(lambda: ended(reading), IN_FORCE)
    assert "Wrong bill" in said_at_sign_in(ana)
    assert answer_to_rcpt(ana.stack, ana.address)[0] == 250  # receiving was not ticked
    page = house.browser.open(f"/domains/{house.domain}/resume/")
    house.browser.submit(page, page.form(action="/resume/"), {})
    wait_for(lambda: not said_at_sign_in(ana), IN_FORCE + 2)


def test_only_sending_stopped_the_rest_goes_on(house: House, wait_for: Wait) -> None:
    ana = house.box()
    page = house.browser.open(f"/domains/{house.domain}/mailboxes/ana/suspend/")
    form = page.form("reason")
    form.fields = [(name, value) for name, value in form.fields if name not in {"sign_in", "send", "receive"}]
    house.browser.submit(page, form, {"send": "on", "reason": "sends too much"})
    journey.live(house.browser, ana.key)
    assert clients.imap_opens(ana.stack, ana.address, ana.password)
    assert not clients.smtp_opens(ana.stack, ana.address, ana.password)
    assert answer_to_rcpt(ana.stack, ana.address)[0] == 250


def test_without_pop3_in_the_plan_pop3_says_so_and_imap_goes_on(family: Family, wait_for: Wait) -> None:
    ana = family.house.box()
    change = (
        "from accounts import clients; from accounts.models import Account; "
        f"clients.account_set(actor=None, account=Account.objects.get(pk={family.client}), pop3=False)"
    )
    run_manage(ana.stack, change)

    def refusal() -> str:
        try:
            clients.pop_subjects(ana.stack, ana.address, ana.password)
        except poplib.error_proto as error:
            return str(error)
        return ""

    assert "POP3 is switched off" in wait_for(refusal, IN_FORCE + 2)
    assert clients.imap_opens(ana.stack, ana.address, ana.password)


# The sending limit.


def test_the_limit_of_an_account_holds_for_all_its_domains_and_is_tracked(
    family: Family, wait_for: Wait
) -> None:
    house = family.house
    ana, ben = house.box(), house.box("ben")
    change = (
        "from accounts import clients; from accounts.models import Account; "
        f"clients.account_set(actor=None, account=Account.objects.get(pk={family.client}), sends_per_hour=3)"
    )
    run_manage(ana.stack, change)
    journey.live(house.browser, f"mail_domain/{house.domain}")
    first, second = word(), word()
    letter = clients.letter(ana.address, ana.address, first)
    with clients.submission(ana.stack, "submissions", ana.address, ana.password) as client:
        assert client.sendmail(ana.address, [ana.address, ben.address], letter.as_bytes()) == {}
    with clients.submission(ana.stack, "submission", ben.address, ben.password) as client:
        letter = clients.letter(ben.address, ana.address, second)
        left = client.sendmail(ben.address, [ana.address, ben.address], letter.as_bytes())
        code, said = left[ben.address]
        assert code == 450
        assert b"3 recipients an hour for the account" in said
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(ben.address, [ana.address], letter.as_bytes())
        with pytest.raises(smtplib.SMTPRecipientsRefused):
            client.sendmail(ben.address, [OUTSIDE], letter.as_bytes())
    wait_for(lambda: set(ana.subjects()) == {first, second})
    wait_for(lambda: any("outside.example" in row for row in house.tracked("A sending limit was reached")))


def test_with_the_limit_s_service_away_mail_goes_on(servers: Any, wait_for: Wait) -> None:
    ana, subject = servers.take_house(0).box(), word()
    servers.control("stop", "policy")
    ana.send(ana.address, subject)
    wait_for(lambda: ana.subjects() == [subject])
    servers.control("start", "policy")


# The panel's own mail.

_SEND = """
import smtplib
from django.core.mail import EmailMessage
try:
    print(EmailMessage("%(subject)s", "text", "Nube <%(sender)s>", ["%(to)s"]).send())
except smtplib.SMTPRecipientsRefused as error:
    print(error.recipients["%(to)s"][0])
"""


def test_the_panel_sends_signed_in_and_as_nobody_else(house: House, wait_for: Wait) -> None:
    ana, subject = house.box(), word()
    values = {"subject": subject, "to": ana.address}
    assert run_manage(ana.stack, _SEND % (values | {"sender": "no-reply@postroom.test"})).strip() == "1"
    wait_for(lambda: ana.subjects() == [subject])
    for sender in (ana.address, "panel@postroom.test", "no-reply@outside.example"):
        assert run_manage(ana.stack, _SEND % (values | {"sender": sender})).strip() == "553"


def test_the_panel_s_mail_may_leave_for_the_world(stack: dict[str, Any], wait_for: Wait) -> None:
    there, to = Stack(stack), f"{word()}@outside.example"
    values = {"subject": "out", "to": to, "sender": "no-reply@postroom.test"}
    assert run_manage(there, _SEND % values).strip() == "1"
    taken = "SELECT count(*) FROM delivery_entry WHERE address = %s"
    wait_for(lambda: sql(there, taken, to) == [(1,)])


def test_the_panel_s_sign_in_opens_no_mailbox(stack: dict[str, Any]) -> None:
    there = Stack(stack)
    path = f"{stack['state']}/secrets/panel_mail"
    with open(path, encoding="ascii") as file:
        secret = file.read().strip()
    assert clients.smtp_opens(there, "panel@postroom.test", secret)
    assert not clients.imap_opens(there, "panel@postroom.test", secret)
    with pytest.raises(poplib.error_proto):
        clients.pop_subjects(there, "panel@postroom.test", secret)


def test_a_list_brings_a_suspended_member_nothing_until_it_is_resumed(
    house: House, wait_for: Wait, stack: dict[str, Any]
) -> None:
    ana, ben, subject = house.box(), house.box("ben"), word()
    run_manage(house.stack, _LIST % {"domain": house.domain, "targets": [ana.address, ben.address]})
    wait_for(lambda: answer_to_rcpt(ana.stack, f"team@{house.domain}")[0] == 250)
    run_manage(house.stack, _RECEIVING % (ben.address, 'suspend(reason="away", receive=True, '))
    wait_for(lambda: answer_to_rcpt(ben.stack, ben.address)[0] == 450)
    with from_outside(ana.stack) as client:
        letter = clients.letter(OUTSIDE, f"team@{house.domain}", subject)
        client.send_message(letter, OUTSIDE, [f"team@{house.domain}"])
    wait_for(lambda: subject in ana.subjects())
    waits = re.compile(rf"to=<{re.escape(ben.address)}>.*status=deferred.*suspended and takes no mail")
    log = Path(stack["mail_log"])
    wait_for(lambda: waits.search(log.read_text(encoding="utf-8")))
    run_manage(house.stack, _RECEIVING % (ben.address, "resume("))
    wait_for(lambda: answer_to_rcpt(ben.stack, ben.address)[0] == 250)
    subprocess.run(["postqueue", "-c", stack["node"]["postfix_config"], "-f"], check=True, timeout=60)
    wait_for(lambda: subject in ben.subjects())
