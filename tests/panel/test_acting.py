"""Acting for a client: who may, what is open meanwhile, and that it ends."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from pghistory.models import MiddlewareEvents

from accounts.models import Account, Acting, Domain
from tests.factories import (
    AccountFactory,
    DomainFactory,
    MailboxFactory,
    MailDomainFactory,
    MembershipFactory,
    NodeFactory,
    ResellerFactory,
    UserFactory,
    ZoneFactory,
)
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


@pytest.fixture
def rosa() -> Person:
    NodeFactory.create()
    found = person(ResellerFactory.create(name="Nube Hosting", max_domains=100))
    found.user.name = "Rosa Nube"
    found.user.save()
    return found


@pytest.fixture
def sol(rosa: Person) -> Any:
    client = AccountFactory.create(name="Taller Sol", reseller=rosa.account)
    MailDomainFactory.create(domain=DomainFactory.create(account=client, name="taller-sol.test"))
    return client


def begin(who: Person, client: Account, **more: Any) -> Any:
    return who.client.post(reverse("client-act", args=[client.pk]), more)


def home(who: Person) -> str:
    return who.client.get(reverse("home")).content.decode()


def as_superuser() -> Person:
    client = Client()
    user = UserFactory.create(is_staff=True, is_superuser=True, name="Ada")
    client.force_login(user)
    return Person(user, AccountFactory.build(), client)


class TestPlace:
    def test_a_banner_says_for_whom_as_whom_and_until_when(self, rosa: Person, sol: Account) -> None:
        answer = begin(rosa, sol, reason="They asked on the phone")
        assert answer.headers["Location"] == reverse("home")
        page = " ".join(home(rosa).split())
        assert "You act for <b>Taller Sol</b> as Rosa Nube (Nube Hosting)." in page
        row = Acting.objects.get()
        assert f"Ends at {timezone.localtime(row.until):%H:%M}." in page
        assert (row.account, row.user, row.reason) == (sol, rosa.user, "They asked on the phone")

    @pytest.mark.parametrize("path", ["/nothing/here/", "/profile/", "/clients/"])
    def test_the_banner_is_on_pages_that_refuse_too(self, rosa: Person, sol: Account, path: str) -> None:
        begin(rosa, sol)
        answer = rosa.client.get(path)
        assert answer.status_code in {403, 404}
        page = " ".join(answer.content.decode().split())
        assert "You act for <b>Taller Sol</b>" in page
        assert 'name="csrfmiddlewaretoken"' in page

    def test_only_the_client_is_there_meanwhile(self, rosa: Person, sol: Account) -> None:
        other = AccountFactory.create(reseller=rosa.account)
        DomainFactory.create(account=other, name="other-client.test")
        DomainFactory.create(account=rosa.account, name="nube-own.test")
        assert "other-client.test" in home(rosa)
        begin(rosa, sol)
        page = home(rosa)
        assert "taller-sol.test" in page
        assert "other-client.test" not in page
        assert "nube-own.test" not in page
        for name in ("other-client.test", "nube-own.test"):
            assert rosa.client.get(reverse("domain-overview", args=[name])).status_code == 404
        assert rosa.client.get(reverse("client", args=[other.pk])).status_code == 404

    def test_the_resellers_own_pages_are_not_the_clients(self, rosa: Person, sol: Account) -> None:
        begin(rosa, sol)
        for name in ("clients", "plans", "clients-export"):
            assert rosa.client.get(reverse(name)).status_code == 403, name
        assert rosa.client.get(reverse("client", args=[sol.pk])).status_code == 403
        assert begin(rosa, sol).status_code == 403

    @pytest.mark.parametrize("path", ["/accounts/password/change/", "/accounts/2fa/", "/profile/", "/admin/"])
    def test_what_is_the_persons_own_is_closed(self, rosa: Person, sol: Account, path: str) -> None:
        begin(rosa, sol)
        answer = rosa.client.get(path)
        assert answer.status_code == 403
        assert "stop acting first" in answer.content.decode()
        rosa.client.post(reverse("acting-stop"))
        assert rosa.client.get(path).status_code in {200, 302, 404}

    def test_the_provider_acts_for_anybody_and_is_then_no_provider(self, sol: Account) -> None:
        ada = as_superuser()
        customer = AccountFactory.create(name="Luna")
        DomainFactory.create(account=customer, name="luna.test")
        begin(ada, customer)
        page = home(ada)
        assert "You act for <b>Luna</b>" in " ".join(page.split())
        assert "taller-sol.test" not in page
        assert ada.client.get(reverse("domain-overview", args=["taller-sol.test"])).status_code == 404
        assert ada.client.get("/admin/").status_code == 403


class TestEnd:
    def test_by_itself(self, rosa: Person, sol: Account) -> None:
        begin(rosa, sol)
        session = rosa.client.session
        session["acting"] |= {"until": int((timezone.now() - timedelta(seconds=1)).timestamp())}
        session.save()
        page = home(rosa)
        assert "You act for" not in page
        assert "You no longer act for a client" in page
        assert "acting" not in rosa.client.session

    @pytest.mark.parametrize("field", ["until", "ended_at"])
    def test_when_it_is_ended_on_record(self, rosa: Person, sol: Account, field: str) -> None:
        begin(rosa, sol)
        Acting.objects.update(**{field: timezone.now() - timedelta(seconds=1)})
        assert "You no longer act for a client." in home(rosa)
        assert "acting" not in rosa.client.session

    def test_no_visit_makes_it_longer(self, rosa: Person, sol: Account) -> None:
        begin(rosa, sol)
        before = rosa.client.session["acting"]
        home(rosa)
        assert rosa.client.session["acting"] == before

    def test_by_the_person(self, rosa: Person, sol: Account) -> None:
        begin(rosa, sol)
        answer = rosa.client.post(reverse("acting-stop"))
        assert answer.headers["Location"] == reverse("client", args=[sol.pk])
        assert "You act for" not in home(rosa)
        assert Acting.objects.get().ended_at is not None

    def test_with_the_session(self, rosa: Person, sol: Account) -> None:
        begin(rosa, sol)
        rosa.client.post(reverse("account_logout"))
        rosa.client.force_login(rosa.user)
        assert "You act for" not in home(rosa)

    @pytest.mark.parametrize("change", ["moved", "deleted", "demoted", "asleep"])
    def test_when_the_right_to_it_goes(self, rosa: Person, sol: Account, change: str) -> None:
        begin(rosa, sol)
        if change == "moved":
            Account.objects.filter(pk=sol.pk).update(reseller=ResellerFactory.create())
        elif change == "deleted":
            Account.objects.filter(pk=sol.pk).update(deleted_at=timezone.now())
        elif change == "demoted":
            rosa.user.memberships.update(role="reader")
        else:
            Account.objects.filter(pk=rosa.account.pk).update(no_sign_in=True, suspended_at=timezone.now())
        page = rosa.client.get(reverse("home"), follow=True).content.decode()
        assert "You act for" not in page
        assert "acting" not in rosa.client.session

    def test_a_look_changes_nothing(self, rosa: Person, sol: Account) -> None:
        assert rosa.client.get(reverse("client-act", args=[sol.pk])).status_code == 200
        assert "acting" not in rosa.client.session
        begin(rosa, sol)
        assert rosa.client.get(reverse("acting-stop")).status_code == 405
        assert "acting" in rosa.client.session


class TestWho:
    def test_nobody_else(self, rosa: Person, sol: Account) -> None:
        customer = person(sol)
        assert begin(customer, sol).status_code == 403
        for stranger in (person(), person(ResellerFactory.create())):
            assert begin(stranger, sol).status_code == 404
        reader = person(rosa.account)
        reader.user.memberships.update(role="reader")
        assert begin(reader, sol).status_code == 403
        assert begin(rosa, rosa.account).status_code == 404
        assert not Acting.objects.exists()

    def test_nobody_signed_in(self, sol: Account) -> None:
        answer = Client().post(reverse("client-act", args=[sol.pk]))
        assert answer.headers["Location"].startswith(reverse("account_login"))

    def test_a_form_field_names_no_other_account(self, rosa: Person, sol: Account) -> None:
        other = AccountFactory.create()
        begin(rosa, sol, **{"account": other.pk, "account_id": other.pk, "until": 9999999999, "user": 1})
        row = Acting.objects.get()
        assert (row.account, row.user) == (sol, rosa.user)
        assert row.until < timezone.now() + timedelta(minutes=31)

    def test_a_suspended_client_can_be_looked_after(self, rosa: Person, sol: Account) -> None:
        Account.objects.filter(pk=sol.pk).update(no_sign_in=True, suspended_at=timezone.now())
        begin(rosa, sol)
        assert "taller-sol.test" in home(rosa)


def test_what_is_done_is_the_clients_and_kept_under_both_names(rosa: Person, sol: Account) -> None:
    Account.objects.filter(pk=sol.pk).update(trusted=True)
    begin(rosa, sol)
    answer = rosa.client.post(reverse("domain-add"), {"name": "otro-sol.test"})
    assert answer.status_code == 302
    domain = Domain.objects.get(name="otro-sol.test")
    assert domain.account == sol
    events: Any = MiddlewareEvents.objects
    event = events.tracks(domain).get()
    assert event.pgh_context["user"] == rosa.user.pk
    assert event.pgh_context["acting_for"] == sol.pk


def test_passwords_are_not_readable(rosa: Person, sol: Account) -> None:
    mail = sol.domains.get().mail
    ZoneFactory.create(domain=mail.domain)
    box = MailboxFactory.create(mail_domain=mail, local="hola")
    MembershipFactory.create(account=sol)
    begin(rosa, sol)
    for name in ("mailbox", "mailboxes"):
        args = [mail.domain.name, box.local] if name == "mailbox" else [mail.domain.name]
        page = rosa.client.get(reverse(name, args=args)).content.decode()
        assert box.password_hash not in page
        assert "argon2" not in page.lower()


def test_the_desk_leads_to_it(sol: Account) -> None:
    ada = as_superuser()
    page = ada.client.get(reverse("admin:accounts_account_change", args=[sol.pk])).content.decode()
    assert reverse("client-act", args=[sol.pk]) in page
    assert reverse("client", args=[sol.pk]) in page
