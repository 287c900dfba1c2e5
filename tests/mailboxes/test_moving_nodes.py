"""A mailbox that gets another address, on the running stack: what mail programs and other servers meet."""

from __future__ import annotations

import json
from collections.abc import Callable
from typing import Any

import pytest

from bench import clients, journey
from tests.mailboxes.test_access_nodes import app_password
from tests.onstack import OUTSIDE, Box, House, answer_to_rcpt, from_outside, run_manage, word

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]

# Some of each subject: an alias to it, a filter, an answer, a limit, an identity.
_BELONGINGS = """
import json
from mailboxes.access.services import identity_add
from mailboxes.addresses.services import alias_create
from mailboxes.autoresponder.services import autoresponder_set
from mailboxes.filters import rules, services as filters
from mailboxes.models import Mailbox
box = Mailbox.objects.present().select_related("mail_domain__domain__account__reseller",
    "mail_domain__node").get(address={address!r})
alias_create(actor=None, mail_domain=box.mail_domain, local="team", targets=[box.address])
filters.filter_save(actor=None, owner=box, row=None, name="Work", match="all",
    conditions=[rules.Condition(field=rules.SUBJECT, operator=rules.CONTAINS, value="towork")],
    actions=[rules.Action(do=rules.FOLDER, value="Work")])
autoresponder_set(actor=None, mailbox=box, enabled=True, subject="Away", text="Back on Monday.")
identity_add(actor=None, mailbox=box, address="info@" + box.mail_domain.domain.name)
"""
_BEHIND = """
import json
from provision.models import Push
rows = Push.objects.behind().filter(domain__name__in={names!r})
print(json.dumps(list(rows.values_list("key", "last_error"))))
"""


def all_live(house: House, wait_for: Wait, *names: str) -> None:
    script = _BEHIND.format(names=[house.domain, *names])
    wait_for(lambda: json.loads(run_manage(house.stack, script)) == [], 40)


def bring(box: Box, subject: str, to: str) -> None:
    with from_outside(box.stack) as client:
        client.send_message(clients.letter(OUTSIDE, to, subject), OUTSIDE, [to])


def subjects_in(box: Box, folder: str) -> list[str]:
    with clients.imap(box.stack, box.address, box.password) as client:
        if client.select(folder, readonly=True)[0] != "OK":
            return []
        numbers = client.search(None, "ALL")[1][0].decode().split()
        heads = [client.fetch(one, "(BODY[HEADER.FIELDS (SUBJECT)])")[1][0] for one in numbers]
    return [head[1].decode().strip()[9:] for head in heads if isinstance(head, tuple)]


def rename(house: House, box: Box, local: str, domain: str = "", keep_old: str = "on") -> Box:
    name, _at, here = box.address.partition("@")
    page = house.browser.open(f"/domains/{here}/mailboxes/{name}/rename/")
    form = page.form("local", "domain")
    values = {"local": local, "keep_old": keep_old}
    if domain:
        find = "from mailboxes.models import MailDomain\nprint(MailDomain.objects.get(domain__name={!r}).pk)"
        values["domain"] = run_manage(house.stack, find.format(domain)).strip()
    sent = house.browser.submit(page, form, values)
    assert f"/mailboxes/{local}/" in sent.url, sent.text
    return Box(box.stack, f"{local}@{domain or here}", box.password)


def test_a_renamed_mailbox_takes_everything_along(house: House, wait_for: Wait) -> None:
    ana = house.box()
    subject = word()
    bring(ana, subject, ana.address)
    wait_for(lambda: subject in ana.subjects())
    run_manage(house.stack, _BELONGINGS.format(address=ana.address))
    _page, secret = app_password(house, ana)
    all_live(house, wait_for)

    anna = rename(house, ana, "anna")
    all_live(house, wait_for)
    assert subject in anna.subjects()
    assert not clients.imap_opens(ana.stack, ana.address, ana.password)
    assert clients.imap_opens(ana.stack, anna.address, secret)
    assert not clients.imap_opens(ana.stack, ana.address, secret)

    to_old, by_alias, sorted_ = word(), word(), f"towork {word()}"
    bring(anna, to_old, ana.address)
    bring(anna, by_alias, f"team@{house.domain}")
    bring(anna, sorted_, anna.address)
    wait_for(lambda: {to_old, by_alias} <= set(anna.subjects()))
    wait_for(lambda: sorted_ in subjects_in(anna, "Work"))
    with clients.submission(anna.stack, "submissions", anna.address, anna.password) as client:
        info = f"info@{house.domain}"
        client.sendmail(info, [anna.address], clients.letter(info, anna.address, "identity").as_bytes())
    wait_for(lambda: "identity" in anna.subjects())


def test_a_mailbox_moves_to_another_domain_of_the_account(
    new_house: Callable[[int], House], wait_for: Wait
) -> None:
    here, there = new_house(0), new_house(0)
    ana, subject, later = here.box(), word(), word()
    bring(ana, subject, ana.address)
    wait_for(lambda: subject in ana.subjects())
    moved = rename(here, ana, "ana", there.domain)
    all_live(here, wait_for, there.domain)
    assert subject in moved.subjects()
    bring(moved, later, ana.address)
    wait_for(lambda: later in moved.subjects())
    assert journey.badge(here.browser, moved.key)


def test_mail_that_comes_while_a_mailbox_is_deleted_is_kept_or_refused(house: House, wait_for: Wait) -> None:
    """Each mail that was taken is there again after the restore."""
    ana, taken = house.box(), []
    for number in range(30):
        subject = f"{number} {word()}"
        if number == 10:
            house.act(ana, "delete")
        if answer_to_rcpt(ana.stack, ana.address)[0] == 250:
            bring(ana, subject, ana.address)
            taken.append(subject)
    assert len(taken) >= 10
    page = house.browser.open(f"/domains/{house.domain}/mailboxes/")
    restore = next(form for form in page.forms if "restore" in form.action)
    house.browser.submit(page, restore, {})
    journey.live(house.browser, ana.key)
    wait_for(lambda: set(taken) <= set(ana.subjects()))
