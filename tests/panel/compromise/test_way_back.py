"""What the way back knows of the other subjects: passwords, filters, forwards, websites."""

from __future__ import annotations

from datetime import timedelta
from typing import Any
from unittest import mock

import pytest
from django.urls import reverse
from django.utils import timezone

from delivery.services import partitions
from mailboxes.access import services as access
from mailboxes.access import websites
from mailboxes.addresses.services import forwarding_set
from mailboxes.autoresponder.services import autoresponder_set
from mailboxes.compromise.queue import senders_of
from mailboxes.compromise.services import compromise_review, sending_hold
from mailboxes.compromise.steps import additions, steps
from mailboxes.filters import rules
from mailboxes.filters import services as filters
from mailboxes.models import AppPassword, Compromise, Identity, Mailbox, WebsiteSender
from panel.compromise import detecting
from panel.compromise.lately import lately
from panel.compromise.signs import SPIKE_LEAST
from provision import asking
from provision.models import Push
from tests import factories
from tests.delivery.conftest import Lines
from tests.mailboxes.conftest import World, signed_in
from tests.panel.compromise.test_detecting import SPIKE, queue_of, read


@pytest.fixture(autouse=True)
def _partitions_are_made_anew() -> None:
    partitions._known.clear()


@pytest.fixture
def box(world: World) -> Mailbox:
    return factories.MailboxFactory.create(mail_domain=world.mail, local="ana")


def stopped(world: World, box: Mailbox | None, login: str = "ana@example.test") -> Compromise:
    row = sending_hold(login=login, mail_domain=world.mail, mailbox=box, reasons=[SPIKE])
    assert row is not None
    return row


def done(row: Compromise, name: str) -> bool:
    return next(step.done for step in steps(row) if step.name == name)


def app_password(world: World, box: Mailbox, label: str = "Phone") -> AppPassword:
    row, _password = access.app_password_create(
        actor=world.owner, mailbox=box, label=label, protocols={"imap": True}, networks=[], expires=None
    )
    return row


def save_filter(world: World, box: Mailbox, name: str, do: str, value: str = "") -> Any:
    return filters.filter_save(
        actor=world.owner,
        owner=box,
        row=None,
        name=name,
        match="all",
        conditions=[rules.Condition(field=rules.SUBJECT, operator=rules.CONTAINS, value="bank")],
        actions=[rules.Action(do=do, value=value)],
    )


def test_app_passwords_are_revoked_by_one_button(world: World, box: Mailbox) -> None:
    old = app_password(world, box)
    row = stopped(world, box)
    assert not done(row, "app-passwords")
    answer = signed_in(world.owner).post(reverse("stopped-passwords", args=["example.test", row.pk]))
    assert answer.status_code == 302
    assert Push.objects.get(key=f"login/{box.address}/{old.key}").payload is None
    assert done(row, "app-passwords")
    app_password(world, box, "New phone")
    assert done(row, "app-passwords")  # made afterwards, by who has the mailbox back


def test_an_app_password_that_is_over_keeps_nothing_open(world: World, box: Mailbox) -> None:
    old = app_password(world, box)
    AppPassword.objects.filter(pk=old.pk).update(expires=timezone.now() - timedelta(days=1))
    assert done(stopped(world, box), "app-passwords")


def test_what_a_thief_adds_is_shown_with_its_page(world: World, box: Mailbox) -> None:
    row = stopped(world, box)
    factories.MailboxFactory.create(mail_domain=world.mail, local="ben")
    save_filter(world, box, "Gone", rules.DISCARD)
    save_filter(world, box, "Copy", rules.FORWARD, "thief@far.test")
    forwarding_set(actor=world.owner, mailbox=box, targets=["thief@far.test"], keep=True)
    app_password(world, box)
    access.identity_add(actor=world.owner, mailbox=box, address="ceo@example.test")
    autoresponder_set(actor=world.owner, mailbox=box, enabled=True, subject="Write me there", text="x")
    shown = {one.url_name: one.words for one in additions(row)}
    assert "thief@far.test" in shown["mailbox-forwarding"]
    assert "Write me there" in shown["mailbox-autoresponder"]
    assert "Phone" in shown["mailbox-app-passwords"]
    assert "ceo@example.test" in shown["mailbox-identities"]
    of_filters = [one.words for one in additions(row) if one.url_name == "mailbox-filters"]
    assert len(of_filters) == 2
    assert any("thief@far.test" in words for words in of_filters)


def test_what_was_there_long_before_is_not_shown(world: World, box: Mailbox) -> None:
    first = save_filter(world, box, "Old", rules.FOLDER, "Work")
    save_filter(world, box, "Other", rules.FOLDER, "Work")
    row = stopped(world, box)
    Compromise.objects.filter(pk=row.pk).update(since=timezone.now() + timedelta(days=8))
    row.refresh_from_db()
    assert additions(row) == []
    row.since = timezone.now()
    assert len(additions(row)) == 2
    filters.filter_switch(actor=world.owner, row=first, enabled=False)
    assert any("off" in one.words for one in additions(row))


def test_the_order_of_filters_is_no_addition(world: World, box: Mailbox) -> None:
    rows = [save_filter(world, box, name, rules.FOLDER, "Work") for name in ("One", "Two")]
    before = {one.words: one.at for one in additions(stopped(world, box))}
    filters.filter_move(actor=world.owner, row=rows[0], up=False)
    assert {one.words: one.at for one in additions(Compromise.objects.get())} == before


def test_mail_by_its_other_addresses_waits_too(world: World, box: Mailbox) -> None:
    """Those that nobody else sends as: another's mail is not theirs to look at, and not to hold."""
    ben = factories.MailboxFactory.create(mail_domain=world.mail, local="ben")
    for address in ("info@example.test", "ben@example.test", "team@example.test"):
        Identity.objects.create(mailbox=box, address=address)
    Identity.objects.create(mailbox=ben, address="team@example.test")
    assert senders_of(stopped(world, box)) == ["ana@example.test", "info@example.test"]


def website(world: World) -> Any:
    row, _password = websites.website_create(
        actor=world.owner,
        mail_domain=world.mail,
        label="Shop",
        local="shop",
        sender="orders@example.test",
        networks=[],
        mails_hour=100,
        mails_day=500,
    )
    return row


def test_a_website_that_sends_too_much_is_stopped_and_renewed(world: World) -> None:
    site = website(world)
    lines = Lines(timezone.now() - timedelta(minutes=5))
    for number in range(SPIKE_LEAST):
        lines.at -= timedelta(seconds=5)
        name = {"sender": "orders@example.test", "to": f"p{number}@far.test", "login": site.login}
        lines.mail(f"4jXFf{number:05d}zz", **name)
    read(world, lines)
    assert site.login in lately(timezone.now())
    assert detecting.look() == 1
    row = Compromise.objects.get()
    assert (row.login, row.mailbox) == (site.login, None)
    assert senders_of(row) == [site.login, "orders@example.test"]
    assert [step.name for step in steps(row)] == ["website", "queue"]
    page = signed_in(world.owner).get(reverse("stopped", args=["example.test", row.pk])).content.decode()
    assert reverse("website-renew", args=["example.test", site.pk]) in page
    assert not done(row, "website")
    _as_if_long_ago(site)
    Compromise.objects.filter(pk=row.pk).update(since=timezone.now() - timedelta(hours=1))
    row.refresh_from_db()
    assert not done(row, "website")
    websites.website_renew(actor=world.owner, website=site)
    assert done(row, "website")


def _as_if_long_ago(site: WebsiteSender) -> None:
    """A test is one transaction, and its triggers know one time."""
    history: Any = WebsiteSender
    model = history.pgh_event_model
    row = model.objects.filter(pgh_obj=site.pk).latest("pgh_id")
    row.pk = None
    with mock.patch.object(timezone, "now", return_value=timezone.now() - timedelta(hours=2)):
        row.save(force_insert=True)


def test_a_revoked_website_needs_no_new_password(world: World) -> None:
    site = website(world)
    row = stopped(world, None, site.login)
    websites.website_revoke(actor=world.owner, website=site)
    assert done(row, "website")
    page = signed_in(world.owner).get(reverse("stopped", args=["example.test", row.pk]))
    assert page.status_code == 200


def test_a_script_that_a_mail_program_put_there_is_shown(
    world: World, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    url = reverse("stopped", args=["example.test", stopped(world, box).pk])
    for active in ("thief", ""):
        own = {"active": active, "text": "", "more": False, "names": [active]}
        answers = {"queue": {"mails": [], "all": 0}, "sieve_own": own}
        monkeypatch.setattr(asking, "ask", queue_of(world, answers, []))
        page = signed_in(world.owner).get(url).content.decode()
        assert ("A script of its own sorts its mail" in page) is bool(active)


def test_list_home_and_overview_lead_to_the_way_back(world: World, box: Mailbox) -> None:
    factories.MailboxFactory.create(mail_domain=world.mail, local="ben")
    row = stopped(world, box)
    client, way = signed_in(world.owner), reverse("stopped", args=["example.test", row.pk])
    assert way in client.get("/").content.decode()
    assert way in client.get(reverse("domain-overview", args=["example.test"])).content.decode()
    listed = client.get(reverse("mailboxes", args=["example.test"]) + "?state=stopped").content.decode()
    assert "Sending is stopped" in listed
    assert "ben@" not in listed
    assert way not in signed_in(world.stranger).get("/").content.decode()
    compromise_review(actor=world.owner, compromise=row)  # still stopped
    assert way in client.get("/").content.decode()
