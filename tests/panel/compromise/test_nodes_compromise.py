"""Sending stopped on the running stack: what a mail program hears, what becomes of mail that waits, and that
a burst through submission is noticed."""

from __future__ import annotations

import json
import smtplib
from collections.abc import Callable
from typing import Any

import pytest

from bench import clients, journey
from bench.web import Page
from panel.compromise.signs import SPIKE_LEAST, SPIKE_MAILS
from tests.onstack import Box, House, from_outside, run_manage, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
LATER = "x@[203.0.113.99]"  # RFC 5737 §3: nobody is there, so its mail waits

_HOLD = """
from mailboxes.compromise.services import sending_hold
from mailboxes.models import Mailbox
box = Mailbox.objects.present().select_related("mail_domain").get(address={address!r})
sign = {{"kind": "spike", "n": 99, "usual": 1, "network": ""}}
print(sending_hold(login=box.address, mail_domain=box.mail_domain, mailbox=box, reasons=[sign]).pk)
"""
_QUEUE = """
import json
from mailboxes.models import MailDomain
from provision import asking
node = MailDomain.objects.select_related("node").get(domain__name={domain!r}).node
print(json.dumps(asking.ask(node, "queue", senders={senders!r})["mails"]))
"""
# What it sends, and what the panel's own look makes of it; anybody who shows signs is stopped.
_LOOK = """
from django.utils import timezone
from mailboxes.models import Compromise
from panel.compromise import detecting
from panel.compromise.lately import lately
done = lately(timezone.now()).get({address!r})
if done and done.recipients >= {n}:
    detecting.look()
row = Compromise.objects.still_open().filter(login={address!r}).first()
print(row.pk if row else "", row.reasons if row else done)
"""


def hold(house: House, box: Box) -> int:
    stop = int(run_manage(house.stack, _HOLD.format(address=box.address)))
    journey.live(house.browser, f"hold/{box.address}")
    return stop


def queue(house: House, box: Box) -> list[dict[str, Any]]:
    found = run_manage(house.stack, _QUEUE.format(domain=house.domain, senders=[box.address]))
    return list(json.loads(found))


def send_later(box: Box, subject: str) -> None:
    letter = clients.letter(box.address, "somebody@outside.example", subject).as_bytes()
    with clients.submission(box.stack, "submissions", box.address, box.password) as client:
        client.sendmail(box.address, [LATER], letter)


def refusal(box: Box, to: str) -> tuple[int, str]:
    """What submission says to a mail; (250, ""): it was taken."""
    letter = clients.letter(box.address, to, word()).as_bytes()
    with clients.submission(box.stack, "submissions", box.address, box.password) as client:
        try:
            client.sendmail(box.address, [to], letter)
        except smtplib.SMTPRecipientsRefused as error:
            return next((code, text.decode()) for code, text in error.recipients.values())
        except smtplib.SMTPSenderRefused as error:
            return error.smtp_code, bytes(error.smtp_error).decode()
    return 250, ""


def way(house: House, stop: int) -> Page:
    return house.browser.open(f"/domains/{house.domain}/stopped/{stop}/")


def press(house: House, stop: int, field: str, **values: str) -> Page:
    page = way(house, stop)
    return house.browser.submit(page, page.form(field), values)


def test_what_a_stopped_login_hands_in_is_refused_and_what_waits_is_held(
    house: House, wait_for: Wait
) -> None:
    ana = house.box()
    subjects = [word(), word()]
    for subject in subjects:
        send_later(ana, subject)
    wait_for(lambda: len(queue(house, ana)) == 2)
    stop = hold(house, ana)
    code, text = refusal(ana, ana.address)
    assert code == 553
    assert "somebody else seems to use this sign-in" in text
    waiting = wait_for(lambda: [mail for mail in queue(house, ana) if mail["queue"] == "hold"])
    assert len(waiting) == 2
    with from_outside(ana.stack) as client:  # receiving goes on
        client.send_message(clients.letter("x@outside.example", ana.address, subjects[0]))
    wait_for(lambda: subjects[0] in ana.subjects())
    assert waiting[0]["recipients"][0][0] in way(house, stop).text


def test_the_way_back_by_its_page(house: House, wait_for: Wait) -> None:
    ana = house.box()
    for _mail in range(2):
        send_later(ana, word())
    wait_for(lambda: len(queue(house, ana)) == 2)
    stop = hold(house, ana)
    gone, kept = (str(mail["id"]) for mail in queue(house, ana))
    page = way(house, stop)
    sent = house.browser.submit(page, page.form(action="/queue/"), {"id": gone}, press=("delete", "1"))
    assert "1 mail is deleted." in sent.text
    assert [mail["id"] for mail in queue(house, ana)] == [kept]
    page = house.browser.submit(sent, sent.form(action="/release/"), {})
    assert "One step is still open" in page.text
    new = Box(ana.stack, ana.address, word())
    house.act(ana, "password", password=new.password)
    page = way(house, stop)
    page = house.browser.submit(page, page.form(action="/review/"), {})
    page = house.browser.submit(page, page.form(action="/queue/"), {}, press=("reviewed", "1"))
    page = house.browser.submit(page, page.form(action="/release/"), {})
    assert "may send again" in page.text
    journey.live(house.browser, f"hold/{ana.address}")
    assert [mail["queue"] for mail in queue(house, ana)] != ["hold"]
    subject = word()
    new.send(new.address, subject)
    wait_for(lambda: subject in new.subjects())


def test_a_burst_through_submission_is_noticed(house: House, wait_for: Wait) -> None:
    ana = house.box(quota="100 MB")
    each = SPIKE_LEAST // SPIKE_MAILS + 1
    with clients.submission(ana.stack, "submissions", ana.address, ana.password) as client:
        for number in range(SPIKE_MAILS):
            to = [f"ana+{number}-{one}@{house.domain}" for one in range(each)]
            client.sendmail(ana.address, to, clients.letter(ana.address, to[0], f"Offer {number}").as_bytes())
    script = _LOOK.format(address=ana.address, n=SPIKE_LEAST)

    def stopped() -> str:
        found, _space, _more = run_manage(house.stack, script).partition(" ")
        return found

    stop = int(wait_for(stopped, 60))
    journey.live(house.browser, f"hold/{ana.address}")
    assert refusal(ana, ana.address)[0] == 553
    assert "recipients within 10 minutes" in way(house, stop).text
    assert "Sending is stopped" in house.browser.open(f"/domains/{house.domain}/mailboxes/").text
