"""Who hears of what, and what they may switch off."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.test import Client
from django.utils import timezone

from accounts import events
from accounts.models import Account
from accounts.muting import notices_mute
from lib.errors import Refused
from notices import kinds
from notices.models import Notice
from notices.services import notices_deliver
from panel import nearing
from tests import factories

pytestmark = pytest.mark.django_db


def _account(**extra: Any) -> tuple[Account, list[str]]:
    """With an owner, a manager, and two who look after nothing."""
    account = factories.AccountFactory.create(**extra)
    people = {
        role: factories.MembershipFactory.create(account=account, role=role).user.email
        for role in ("owner", "manager", "creator", "reader")
    }
    return account, sorted([people["owner"], people["manager"]])


def _told(kind: str) -> list[str]:
    return sorted(Notice.objects.filter(kind=kind).values_list("to", flat=True))


def test_a_suspension_says_what_stops_and_why() -> None:
    account, leaders = _account(
        name="Luna",
        no_send=True,
        suspended_at=timezone.now(),
        suspended_reason="spam",
        suspended_from="Nube Hosting",
    )
    events.emit("suspended", target=account, actor=None)
    assert _told("suspension") == leaders
    notices_deliver()
    body = mail.outbox[0].body
    assert "The account Luna is suspended" in body
    assert "No mail can be sent." in body
    assert "Nobody can sign in" not in body
    assert "Why: spam" in body
    assert "By: Nube Hosting" in body


def test_a_manager_of_other_domains_hears_nothing() -> None:
    account, leaders = _account()
    mine, other = (factories.DomainFactory.create(account=account) for _n in range(2))
    place = factories.MembershipFactory.create(account=account, role="manager", all_domains=False)
    place.domains.add(other)
    events.emit("domain_proved", domain=mine)
    assert _told("domain_proved") == leaders
    Notice.objects.all().delete()
    events.emit("domain_proved", domain=other)
    assert _told("domain_proved") == sorted([*leaders, place.user.email])


@pytest.mark.parametrize(
    ("proof", "says"),
    [("txt", "We found the proof"), ("staff", "without a look"), ("trusted", "without a look")],
)
def test_a_domain_that_was_taken_on_somebodys_word_is_not_called_proved(proof: str, says: str) -> None:
    account, _leaders = _account()
    events.emit("domain_proved", domain=factories.DomainFactory.create(account=account, proof=proof))
    notices_deliver()
    assert says in mail.outbox[0].body
    assert ("proved" in mail.outbox[0].subject) == (proof == "txt")


def test_many_mailboxes_are_one_mail(django_capture_on_commit_callbacks: Any) -> None:
    account, leaders = _account()
    domain = factories.MailDomainFactory.create(domain=factories.DomainFactory.create(account=account))
    boxes = [factories.MailboxFactory.create(mail_domain=domain) for _n in range(5)]
    with django_capture_on_commit_callbacks(execute=True):
        for box in boxes:
            events.emit("resumed", target=box, actor=None)
    assert _told("resumed") == leaders
    assert "and 4 more" in Notice.objects.all()[0].context["name"]


def test_a_deleted_account_and_another_plan() -> None:
    account, leaders = _account()
    events.emit("client_deleted", account=account)
    events.emit("plan_changed", account=account, before=None)
    assert _told("account_deleted") == _told("plan_changed") == leaders
    assert notices_deliver() == 4
    assert len(mail.outbox) == 4


def test_an_event_that_nobody_named_is_an_error() -> None:
    with pytest.raises(LookupError):
        events.emit("nonsense")


def _with(account: Account, domains: int) -> None:
    account.domains.all().delete()
    for _n in range(domains):
        factories.DomainFactory.create(account=account)


def _hear() -> list[int]:
    """The percents of the mails that a look brings."""
    before = set(Notice.objects.values_list("pk", flat=True))
    nearing.look_at_all()
    return list(Notice.objects.exclude(pk__in=before).values_list("context__percent", flat=True))


def test_a_near_limit_is_told_once_at_each_step_until_it_falls() -> None:
    account = factories.AccountFactory.create(max_domains=20)
    factories.MembershipFactory.create(account=account)
    steps = [(15, []), (16, [80]), (16, []), (17, []), (19, [95]), (20, [100]), (20, []), (17, [])]
    for domains, told in steps:
        _with(account, domains)
        assert _hear() == told, domains
    _with(account, 20)
    assert _hear() == []  # it fell, but too short a time ago
    Notice.objects.update(created_at=timezone.now() - dt.timedelta(days=2))
    _with(account, 17)
    assert _hear() == []
    _with(account, 20)
    assert _hear() == [100]
    Notice.objects.update(created_at=timezone.now() - dt.timedelta(days=2))
    _with(account, 1)
    assert _hear() == []
    assert not Notice.objects.exclude(dedupe=None).exists()


def test_the_reseller_hears_of_its_client_and_of_its_pool() -> None:
    reseller = factories.ResellerFactory.create(max_domains=10, name="Nube")
    boss = factories.MembershipFactory.create(account=reseller).user
    client = factories.AccountFactory.create(reseller=reseller, max_domains=1, name="Luna")
    owner = factories.MembershipFactory.create(account=client).user
    factories.DomainFactory.create(account=client)
    nearing.look_at_all()
    about_luna = Notice.objects.filter(context__account="Luna", context__limit="Domains")
    assert sorted(about_luna.values_list("to", flat=True)) == sorted([boss.email, owner.email])
    about_nube = Notice.objects.filter(context__account="Nube")
    assert set(about_nube.values_list("to", flat=True)) == {boss.email}
    notices_deliver()
    assert any("ask Nube for more" in message.body for message in mail.outbox)


def test_a_person_switches_off_what_is_no_security(client: Client) -> None:
    person = factories.MembershipFactory.create().user
    client.force_login(person, backend="accounts.backends.PersonBackend")
    client.post("/notices/", {"sent": ["limit_near"], "muted_notices": ["reset"], "is_superuser": "1"})
    person.refresh_from_db()
    assert set(person.muted_notices) == {kind.name for kind in kinds.optional()} - {"limit_near"}
    assert not person.is_superuser
    page = client.get("/notices/").content.decode()
    assert page.count("checked") == 1
    client.post("/notices/", {"sent": [kind.name for kind in kinds.optional()]})
    person.refresh_from_db()
    assert person.muted_notices == []


def test_security_cannot_be_switched_off(client: Client) -> None:
    person = factories.UserFactory.create()
    with pytest.raises(Refused):
        notices_mute(actor=person, muted=["password_changed"])
    client.force_login(person, backend="accounts.backends.PersonBackend")
    assert client.post("/notices/", {"sent": ["reset"]}).status_code == 200
    person.refresh_from_db()
    assert person.muted_notices == []


def test_the_desk_shows_the_trouble_and_no_link(client: Client) -> None:
    client.force_login(factories.UserFactory.create(is_staff=True, is_superuser=True))
    row = Notice.objects.create(
        kind="invitation",
        to="ines@luna.test",
        context={"account": "secret-in-context"},
        failed_at=timezone.now(),
        last_error="550 no such person",
    )
    for path in ("/admin/notices/notice/", f"/admin/notices/notice/{row.pk}/change/"):
        page = client.get(path).content.decode()
        assert "550 no such person" in page
        assert "secret-in-context" not in page
    client.post("/admin/notices/notice/", {"action": "retry", "_selected_action": [row.pk]})
    row.refresh_from_db()
    assert row.state == "retried"
