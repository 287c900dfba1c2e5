"""Settings that changed: seen once, told once, to those whom it concerns."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from accounts.models import Account, Domain, User
from guides.changed import looking, telling, values
from guides.clientconfig import client_config
from guides.models import Change, Told
from mailboxes.models import Mailbox
from notices.models import Notice
from notices.services import notices_deliver
from panel import notify
from panel.tasks import settings_changed
from provision.models import Node
from tests.delivery.rows import sign_in_make
from tests.factories import MailboxFactory, MailDomainFactory
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def ines() -> Person:
    return person()


@pytest.fixture
def box(ines: Person) -> Mailbox:
    mail = MailDomainFactory.create(domain__account=ines.account, domain__name="luna.test")
    made: Mailbox = MailboxFactory.create(mail_domain=mail, local="ana")
    signed_in(made)
    looking.look_at_all()
    return made


def signed_in(
    box: Mailbox, *, ago: dt.timedelta = dt.timedelta(0), ok: bool = True, by: str = "imap"
) -> None:
    at = timezone.now() - ago
    node, domain = box.mail_domain.node, box.mail_domain.domain_id
    sign_in_make(node, box.address, at, ok=ok, protocol=by, domain_id=domain)
    if ago:
        Mailbox.objects.filter(pk=box.pk).update(created_at=at - dt.timedelta(days=1))


def moved(host: str = "mail2.postroom.test") -> None:
    Node.objects.update(host=host)


def settled() -> None:
    Change.objects.update(due_at=timezone.now())


def told() -> list[str]:
    return sorted(Notice.objects.filter(kind="settings_changed").values_list("to", flat=True))


def test_the_first_look_stores_and_tells_nobody(ines: Person, box: Mailbox) -> None:
    assert Told.objects.count() == 1
    settings_changed()
    assert not Change.objects.exists()
    assert not Notice.objects.exists()


def test_a_change_is_told_once_to_owners_and_mailboxes_in_use(
    ines: Person, box: Mailbox, mailoutbox: Any
) -> None:
    MailboxFactory.create(mail_domain=box.mail_domain, local="never")
    refused = MailboxFactory.create(mail_domain=box.mail_domain, local="refused")
    signed_in(refused, ok=False)
    old = MailboxFactory.create(mail_domain=box.mail_domain, local="old")
    signed_in(old, ago=dt.timedelta(days=91))
    lately = MailboxFactory.create(mail_domain=box.mail_domain, local="lately")
    signed_in(lately, ago=dt.timedelta(days=89), by="submission")
    moved()
    settings_changed()
    assert not told()  # it settles first
    settled()
    for _each in range(3):
        settings_changed()
    assert told() == sorted(["ana@luna.test", "lately@luna.test", ines.user.email])
    assert Change.objects.get().told == 3

    notices_deliver()
    for mail in mailoutbox:
        for body in (mail.body, mail.alternatives[0][0]):
            assert "mail1.postroom.test, port 993, SSL/TLS" in body
            assert "mail2.postroom.test, port 993, SSL/TLS" in body


def test_taken_back_before_the_mails_tells_nobody(ines: Person, box: Mailbox) -> None:
    moved()
    settings_changed()
    assert Change.objects.exists()
    moved("mail1.postroom.test")
    settings_changed()
    assert not Change.objects.exists()
    assert not told()


def test_two_changes_in_a_row_are_one(ines: Person, box: Mailbox) -> None:
    moved()
    settings_changed()
    moved("mail3.postroom.test")
    settings_changed()
    settled()
    settings_changed()
    change = Change.objects.get()
    assert change.before["servers"]["IMAP"][0] == "mail1.postroom.test"
    assert change.after["servers"]["IMAP"][0] == "mail3.postroom.test"
    assert len(told()) == 2


def test_changed_again_between_look_and_mail_waits(ines: Person, box: Mailbox) -> None:
    moved()
    looking.look_at_all()
    settled()
    moved("mail3.postroom.test")
    telling.tell_due(notify.leaders)
    assert not told()


def test_killed_between_batches_goes_on_and_tells_nobody_twice(
    ines: Person, box: Mailbox, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(telling, "BATCH", 2)
    for number in range(5):
        signed_in(MailboxFactory.create(mail_domain=box.mail_domain, local=f"m{number}"))
    moved()
    looking.look_at_all()
    settled()
    whole = telling._mail
    written = []

    def dies(domain: Domain, to: str, context: dict[str, Any]) -> None:
        whole(domain, to, context)
        written.append(to)
        if len(written) in {2, 5}:
            raise SystemExit

    monkeypatch.setattr(telling, "_mail", dies)
    for _each in range(3):
        try:
            telling.tell_due(notify.leaders)
        except SystemExit:
            continue
    found = told()
    assert len(found) == len(set(found)) == 7
    assert Change.objects.get().done_at


def test_the_owner_may_switch_the_mails_off(ines: Person, box: Mailbox) -> None:
    User.objects.filter(pk=ines.user.pk).update(muted_notices=["settings_changed"])
    moved()
    settings_changed()
    settled()
    settings_changed()
    assert told() == ["ana@luna.test"]


def test_pop3_that_leaves_the_plan_says_so(ines: Person, box: Mailbox) -> None:
    before = values.kept_of(client_config("", host="a.test", ports={"imaps": 993, "pop3s": 995}), "mail1")
    after = values.kept_of(client_config("", host="a.test", ports={"imaps": 993}), "mail1")
    assert "POP3" in values.why(before, after)
    assert [(one.protocol, one.after) for one in values.lines(before, after)] == [("POP3", "")]
    assert values.old_works(before, after, node_host="a.test", node_ports={"imaps": 993})
    assert "POP3 cannot sign in" in values.advice(before, after, works=True)
    assert values.old_works(after, before, node_host="a.test", node_ports={"imaps": 993, "pop3s": 995})


def test_another_server_behind_the_same_name_is_no_change(ines: Person, box: Mailbox) -> None:
    Node.objects.update(name="mail9")
    settings_changed()
    assert not Change.objects.exists()
    assert Told.objects.get().values["node"] == "mail9"


def test_pages_show_the_old_and_the_new(ines: Person, box: Mailbox) -> None:
    moved()
    looking.look_at_all()
    for name, arguments in (
        ("connect", ["luna.test"]),
        ("mailbox-connect", ["luna.test", "ana"]),
        ("mailbox-connect-guide", ["luna.test", "ana", "thunderbird"]),
    ):
        html = ines.client.get(reverse(name, args=arguments)).content.decode()
        assert "The settings changed on" in html
        assert "Before: mail1.postroom.test, port 993" in html
        assert "Now: mail2.postroom.test, port 993" in html


def test_many_domains_cost_a_few_queries(
    ines: Person, box: Mailbox, django_assert_max_num_queries: Any
) -> None:
    MailDomainFactory.create_batch(20, domain__account=ines.account)
    looking.look_at_all()
    with django_assert_max_num_queries(6):
        looking.look_at_all()


def test_a_deleted_account_hears_nothing(ines: Person, box: Mailbox) -> None:
    moved()
    settings_changed()
    settled()
    Account.objects.update(deleted_at=timezone.now())
    settings_changed()
    assert not told()
