"""Mailboxes on the running stack: what a person does in the browser, and what mail programs and other mail
servers meet then."""

from __future__ import annotations

import imaplib
import poplib
import smtplib
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import dns.message
import dns.query
import pytest

from bench import clients, journey
from bench.stack import Stack
from tests.mailboxes import dkim
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, run_manage, sql, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]
SERVICES = ("submission", "submissions")


def pop_opens(box: Box) -> bool:
    try:
        clients.pop_subjects(box.stack, box.address, box.password)
    except poplib.error_proto:
        return False
    return True


def opens(box: Box) -> list[bool]:
    """IMAP, POP3, sending; at once, as each refusal takes two seconds."""
    who = (box.stack, box.address, box.password)
    with ThreadPoolExecutor(3) as pool:
        asked = [
            pool.submit(clients.imap_opens, *who),
            pool.submit(pop_opens, box),
            pool.submit(clients.smtp_opens, *who),
        ]
        return [one.result() for one in asked]


def bring(box: Box, subject: str, recipient: str = "") -> None:
    """A mail from another server."""
    with from_outside(box.stack) as client:
        client.send_message(
            clients.letter(OUTSIDE, box.address, subject), OUTSIDE, [recipient or box.address]
        )


def ended(session: imaplib.IMAP4_SSL) -> bool:
    try:
        session.noop()
    except (imaplib.IMAP4.abort, OSError):
        return True
    return False


def published(stack: Stack, name: str) -> str:
    host, port = stack.at("dns")
    answer = dns.query.tcp(dns.message.make_query(name, "TXT"), host, port=port, timeout=5)
    ((record,),) = answer.answer
    return b"".join(record.strings).decode()


def home_of(box: Box) -> Path:
    ((home,),) = sql(
        box.stack, "SELECT home FROM mailboxes_mailbox WHERE address = %s AND deleted_at IS NULL", box.address
    )
    return Path(box.stack.raw["node"]["mail_root"]) / str(home)


def test_a_mailbox_made_by_the_form_works_in_every_program(house: House, wait_for: Wait) -> None:
    ana = house.box()
    assert opens(ana) == [True, True, True]
    sent = {service: word() for service in SERVICES}
    for service, subject in sent.items():
        ana.send(ana.address, subject, service)
    wait_for(lambda: set(ana.subjects()) == set(sent.values()))
    assert set(clients.pop_subjects(ana.stack, ana.address, ana.password)) == set(sent.values())


def test_nothing_goes_out_under_a_foreign_name(house: House) -> None:
    ana, ben = house.box(), house.box("ben")
    letter = clients.letter(ben.address, ana.address, word())
    with clients.submission(ana.stack, "submissions", ana.address, ana.password) as smtp:
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="not owned by user"):
            smtp.send_message(letter)
        with pytest.raises(smtplib.SMTPRecipientsRefused, match="Sender address rejected"):
            smtp.sendmail("<>", [ben.address], letter.as_bytes())


def test_a_new_password_shuts_the_old_one_out_at_once(house: House, wait_for: Wait) -> None:
    old = house.box()
    new = Box(old.stack, old.address, "harbor-violet-train-91")
    with clients.imap(old.stack, old.address, old.password) as session:
        session.select("INBOX")
        house.act(old, "password", password=new.password)
        wait_for(lambda: ended(session), 5)
    assert opens(old) == [False, False, False]
    assert opens(new) == [True, True, True]


def test_suspended_nobody_signs_in_and_mail_goes_on_arriving(house: House, wait_for: Wait) -> None:
    ana, subject = house.box(), word()
    with clients.imap(ana.stack, ana.address, ana.password) as session:
        session.select("INBOX")
        house.act(ana, "suspend", reason="unpaid")
        wait_for(lambda: ended(session), 5)
    assert opens(ana) == [False, False, False]
    bring(ana, subject)
    house.act(ana, "resume")
    wait_for(lambda: ana.subjects() == [subject])
    assert opens(ana) == [True, True, True]


def test_deleted_other_servers_are_told_and_made_again_it_is_empty(house: House, wait_for: Wait) -> None:
    ana = house.box()
    bring(ana, word())
    wait_for(ana.subjects)
    before = home_of(ana)
    house.act(ana, "delete")
    code, text = answer_to_rcpt(ana.stack, ana.address)
    assert code == 550, text
    assert opens(ana) == [False, False, False]
    assert before.is_dir()  # kept for its time
    again = house.box()
    assert again.subjects() == []
    assert home_of(again) != before
    assert not clients.imap_opens(ana.stack, ana.address, ana.password)


def test_brought_back_it_has_its_mail_and_its_password(house: House, wait_for: Wait) -> None:
    ana, subject = house.box(), word()
    bring(ana, subject)
    wait_for(lambda: ana.subjects() == [subject])
    house.act(ana, "delete")
    page = house.browser.open(f"/domains/{house.domain}/mailboxes/")
    house.browser.submit(page, page.form(action="/ana/restore/"), {})
    journey.live(house.browser, ana.key)
    assert ana.subjects() == [subject]


def test_over_quota_a_mail_is_refused_before_it_is_taken(house: House, wait_for: Wait) -> None:
    ana, subject = house.box(quota="1 MB"), word()
    code, text = answer_to_rcpt(ana.stack, ana.address, "SIZE=2000000")
    assert (code, text.split()[0]) == (552, "5.2.2"), text
    large = clients.letter(OUTSIDE, ana.address, subject)
    large.set_content("a line of mail\n" * 100_000)
    with from_outside(ana.stack) as client:
        client.esmtp_features.pop("size")  # a sender that does not say how much comes
        with pytest.raises(smtplib.SMTPDataError) as refused:
            client.send_message(large)
    assert refused.value.smtp_code == 552
    bring(ana, subject)  # what fits is taken
    wait_for(lambda: ana.subjects() == [subject])


def test_a_full_mailbox_takes_nothing_more_until_there_is_room(house: House, wait_for: Wait) -> None:
    ana = house.box(quota="2 MB")
    with clients.imap(ana.stack, ana.address, ana.password) as session:
        for _ in range(3):
            assert session.append("INBOX", "", "", b"Subject: x\r\n\r\n" + b"x" * 500_000)[0] == "OK"
        house.act(ana, "quota", quota_mb="1 MB")
        code, text = answer_to_rcpt(ana.stack, ana.address)
        assert (code, text.split()[0]) == (552, "5.2.2"), text
        session.select("INBOX")
        session.store("1:*", "+FLAGS", r"(\Deleted)")
        session.expunge()
    subject = word()
    bring(ana, subject)
    wait_for(lambda: ana.subjects() == [subject])


def test_what_is_sent_carries_a_signature_that_the_published_key_verifies(
    house: House, wait_for: Wait
) -> None:
    ana, subject = house.box(), word()
    wait_for(lambda: journey.station(house.browser, house.domain, "seal") == "ok", 60)
    ana.send(ana.address, subject)
    who = (ana.stack, ana.address, ana.password)
    mail: bytes = wait_for(lambda: clients.imap_find(*who, subject))
    signature = dkim.signature_of(mail)
    assert signature["d"] == house.domain
    assert "from" in signature["h"].lower().split(":")
    record = published(ana.stack, f"{signature['s']}._domainkey.{house.domain}")
    dkim.verify(mail, record)
    with pytest.raises(AssertionError):
        dkim.verify(mail + b"one line more\r\n", record)


def test_a_tag_behind_a_plus_changes_nothing(house: House, wait_for: Wait) -> None:
    ana, subject = house.box(), word()
    local, _, domain = ana.address.partition("@")
    bring(ana, subject, f"{local}+news.letter@{domain}")
    wait_for(lambda: ana.subjects() == [subject])


# Time passes in the panel's database; the folders are the servers' own.


def test_after_its_time_the_mail_of_a_deleted_mailbox_is_gone_for_good(house: House, wait_for: Wait) -> None:
    ana, ben = house.box(), house.box("ben")
    for box in (ana, ben):
        bring(box, word())
        wait_for(box.subjects)
    gone, kept = home_of(ana), home_of(ben)
    house.act(ana, "delete")
    house.act(ben, "delete")
    age = "UPDATE mailboxes_mailbox SET deleted_at = deleted_at - interval %s WHERE address = %s"
    sql(ana.stack, age, "14 days", ana.address)
    sql(ana.stack, age, "13 days", ben.address)
    run_manage(ana.stack, "from mailboxes.tasks import remove_mail; remove_mail()")
    rows = "SELECT count(*) FROM mailboxes_mailbox WHERE address = %s"
    wait_for(lambda: sql(ana.stack, rows, ana.address) == [(0,)])
    assert not gone.exists()
    assert [path for path in kept.rglob("*") if path.parent.name in {"new", "cur"}]
    assert sql(ana.stack, rows, ben.address) == [(1,)]
    history = "SELECT pgh_label FROM mailboxes_mailboxevent WHERE address = %s ORDER BY pgh_id DESC LIMIT 1"
    assert sql(ana.stack, history, ana.address) == [("delete",)]


def test_the_mail_of_a_deleted_domain_goes_on_its_day(
    new_house: Callable[..., House], wait_for: Wait
) -> None:
    house = new_house()
    ana = house.box()
    bring(ana, word())
    wait_for(ana.subjects)
    home = home_of(ana)
    key = f"home/{home.parent.name}/{home.name}"
    journey.delete_domain(house.browser, house.domain)
    due = "SELECT next_try_at > now() + interval '13 days', sent_rev FROM provision_push WHERE key = %s"
    assert sql(ana.stack, due, key) == [(True, 0)]
    wait_for(lambda: answer_to_rcpt(ana.stack, ana.address)[0] in {550, 554})
    assert home.is_dir()
    sql(ana.stack, "UPDATE provision_push SET next_try_at = now() WHERE key = %s", key)
    proof = "SELECT proof FROM provision_push WHERE key = %s AND applied_rev = desired_rev"
    wait_for(lambda: sql(ana.stack, proof, key) == [("mail folder not there, as it should be",)])
    assert not home.exists()
    assert not home.parent.exists()
