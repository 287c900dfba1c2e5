"""Email Routing on the running stack: what other mail servers and the domain's own people meet."""

from __future__ import annotations

import json
import smtplib
import subprocess
from collections.abc import Callable
from typing import Any

import pytest

from bench import clients, journey
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, run_manage, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]


def set_to(house: House, mode: str) -> None:
    """By the page, with a second press where it asks; and live on the node."""
    page = house.browser.open(f"/domains/{house.domain}/routing/")
    asked = house.browser.submit(page, page.form("mode"), {"mode": mode})
    if "/routing/set/" in asked.url:
        house.browser.submit(asked, asked.form("sure"), {})
    journey.live(house.browser, f"mail_domain/{house.domain}")


def queued(house: House, subject_to: str) -> dict[str, Any]:
    """The mail to this address that waits in Postfix's queue; empty: none does."""
    config = f"{house.stack.raw['node']['dir']}/postfix"
    done = subprocess.run(["postqueue", "-c", config, "-j"], capture_output=True, text=True, check=True)
    for line in done.stdout.splitlines():
        recipients: list[dict[str, Any]] = json.loads(line)["recipients"]
        for recipient in recipients:
            if recipient["address"] == subject_to:
                return recipient
    return {}


def bring(box: Box, subject: str) -> None:
    with from_outside(box.stack) as client:
        client.send_message(clients.letter(OUTSIDE, box.address, subject), OUTSIDE, [box.address])


def old_mx_forgotten(house: House) -> None:
    """The time passes for which resolvers keep the MX of before; Beat ends it."""
    run_manage(house.stack, _FORGOTTEN % house.domain)
    journey.live(house.browser, f"mail_domain/{house.domain}")


_FORGOTTEN = """
from django.utils import timezone
from mailboxes.models import MailDomain
from mailboxes.routing.services import moves_end
assert MailDomain.objects.filter(domain__name="%s").update(moved_until=timezone.now()) == 1
moves_end(now=timezone.now())
"""


def test_local_delivers_here(house: House, wait_for: Wait) -> None:
    ana, subject = house.box(), word()
    set_to(house, "local")
    bring(ana, subject)
    wait_for(lambda: ana.subjects() == [subject])


def test_backup_takes_the_mail_and_keeps_it_for_the_primary(house: House, wait_for: Wait) -> None:
    ana, subject = house.box(), word()
    set_to(house, "backup")
    bring(ana, subject)
    reason = wait_for(lambda: queued(house, ana.address).get("delay_reason"), 30)
    assert reason
    assert ana.subjects() == []
    # What is in the mailbox, and sending, go on.
    ben = house.box("ben")
    assert clients.imap_opens(ben.stack, ben.address, ben.password)


def test_remote_is_not_taken_from_outside_and_leaves_when_our_own_people_send(
    house: House, new_house: Callable[[int], House], wait_for: Wait
) -> None:
    ana, other = house.box(), new_house(1).box("carla")
    set_to(house, "remote")
    code, text = answer_to_rcpt(ana.stack, ana.address)
    assert (code, "look up its MX again" in text) == (450, True), text
    old_mx_forgotten(house)
    code, text = answer_to_rcpt(ana.stack, ana.address)
    assert (code, "Relay access denied" in text) == (554, True), text
    for sender, to in ((other, ana.address), (ana, f"nobody-here@{house.domain}")):
        sender.send(to, word())  # in no class of ours: not even an unknown user is known
        wait_for(lambda to=to: queued(house, to) or house.tracked("Failed") or house.tracked("Deferred"), 30)
    assert ana.subjects() == []
    assert clients.smtp_opens(ana.stack, ana.address, ana.password)


def test_off_is_refused_from_everybody_with_the_null_mx_in_the_zone(
    house: House, new_house: Callable[[int], House]
) -> None:
    ana, other = house.box(), new_house(1).box("carla")
    set_to(house, "off")
    code, text = answer_to_rcpt(ana.stack, ana.address)
    assert code == 556, text
    assert f"{house.domain} takes no mail" in text
    with pytest.raises(smtplib.SMTPRecipientsRefused) as refused:
        other.send(ana.address, word())
    assert refused.value.recipients[ana.address][0] == 556
    assert answer_to_rcpt(ana.stack, f"ana@sub.{house.domain}")[0] == 554
    assert clients.imap_opens(ana.stack, ana.address, ana.password)
    set_to(house, "local")
    assert answer_to_rcpt(ana.stack, ana.address)[0] == 250


def test_a_full_mailbox_here_says_nothing_about_the_one_elsewhere(house: House) -> None:
    ana = house.box(quota="1 MB")
    assert answer_to_rcpt(ana.stack, ana.address, "SIZE=2000000")[0] == 552
    set_to(house, "backup")
    assert answer_to_rcpt(ana.stack, ana.address, "SIZE=2000000")[0] == 250
    house.act(ana, "suspend", reason="unpaid")
    set_to(house, "remote")
    assert answer_to_rcpt(ana.stack, ana.address)[0] == 450


def test_what_is_below_a_backup_domain_is_relayed_for_nobody(house: House) -> None:
    house.box()
    set_to(house, "backup")
    assert answer_to_rcpt(house.stack, f"ana@sub.{house.domain}")[0] == 554


_MX = """
from dnszone.models import Record, Zone
from dnszone.services import Change, RecordSpec, zone_apply
zone = Zone.objects.get(name="%(name)s")
mx = Record.objects.filter(zone=zone, owner="@", type="MX")
new = [Change(spec=RecordSpec(owner="@", type="MX", rdata=rdata)) for rdata in %(mx)r]
zone_apply(actor=None, zone=zone, changes=[*(Change(record=row.pk) for row in mx), *new])
"""


def test_automatic_follows_the_mx_of_the_zone_within_seconds(house: House, wait_for: Wait) -> None:
    ana = house.box()
    ours = "mail1.postroom.test."
    for mx, code in [
        (["1 mx.elsewhere.example."], 450),
        (["10 mx.elsewhere.example.", f"20 {ours}"], 250),
        (["0 ."], 556),
        ([f"10 {ours}"], 250),
    ]:
        run_manage(house.stack, _MX % {"name": house.domain, "mx": mx})
        wait_for(lambda code=code: answer_to_rcpt(ana.stack, ana.address)[0] == code, 10)
