"""The pages of clients: what they show, and what a form can change."""

from __future__ import annotations

import csv
import io
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone
from pytest_django.fixtures import DjangoAssertNumQueries

from accounts.clients.plans import plan_create
from accounts.limits import limits_of
from accounts.models import Account, Invitation, Plan
from accounts.models.limits import MOST
from accounts.suspension import suspend
from panel.clients.forms import LimitsForm
from panel.clients.listing import PAGE
from provision.models import Push
from tests.factories import (
    AccountFactory,
    DomainFactory,
    MailboxFactory,
    MailDomainFactory,
    NodeFactory,
    ResellerFactory,
    UserFactory,
)
from tests.panel.clienthouse import SECRET, get, names, reauthenticated, sure_of
from tests.panel.people import Person

pytestmark = pytest.mark.django_db


class TestList:
    def test_the_first_visit_says_what_to_do(self, rosa: Person) -> None:
        html = get(rosa, "clients")
        assert reverse("client-new") in html
        assert "<table" not in html

    def test_a_row_shows_what_a_client_has(self, rosa: Person, sol: Account) -> None:
        mail = MailDomainFactory.create(domain__account=sol)
        MailboxFactory.create(mail_domain=mail, quota_mb=1024)
        html = " ".join(get(rosa, "clients").split())
        assert names(html) == ["Taller Sol"]
        for text in ("1 of 2", "1 of 10", "1 of 20 GB", "Small"):
            assert text in html

    def test_problems_are_named(self, rosa: Person, sol: Account) -> None:
        mail = MailDomainFactory.create(domain__account=sol)
        MailboxFactory.create(mail_domain=mail, quota_mb=10, used_mb=10)
        Push.objects.create(
            node=NodeFactory.create(),
            domain=mail.domain,
            key="mailbox/x",
            kind="mailbox",
            payload={},
            next_try_at=timezone.now(),
            last_error="disk full",
        )
        Account.objects.filter(pk=sol.pk).update(
            max_domains=1, no_send=True, suspended_at=timezone.now(), suspended_reason="Unpaid"
        )
        AccountFactory.create(name="Calm", reseller=rosa.account)
        html = get(rosa, "clients")
        for text in ("1 change refused", "1 mailbox full", "Near a limit", "Suspended", "Unpaid"):
            assert text in html
        assert names(get(rosa, "clients", query="?sort=-problems"))[0] == "Taller Sol"
        for state in ("problems", "suspended", "near"):
            assert names(get(rosa, "clients", query=f"?state={state}")) == ["Taller Sol"]

    def test_the_largest_limits_are_no_trouble(self, rosa: Person, sol: Account) -> None:
        Account.objects.filter(pk=sol.pk).update(**MOST)
        assert names(get(rosa, "clients", query="?state=problems")) == []
        assert names(get(rosa, "clients")) == ["Taller Sol"]

    def test_search_finds_clients_and_their_domains(self, rosa: Person, sol: Account) -> None:
        AccountFactory.create(name="Mar", reseller=rosa.account)
        DomainFactory.create(account=sol, name="panaderia.test")
        for query in ("taller", "PANADERIA", "taller sol"):
            assert names(get(rosa, "clients", query=f"?q={query}")) == ["Taller Sol"]
        assert "No client is like that" in get(rosa, "clients", query="?q=nothing")

    def test_filters(self, rosa: Person, sol: Account, small: Plan) -> None:
        AccountFactory.create(name="Own", reseller=rosa.account)
        AccountFactory.create(name="Gone", reseller=rosa.account, deleted_at=timezone.now())
        assert names(get(rosa, "clients", query=f"?plan={small.pk}")) == ["Taller Sol"]
        assert names(get(rosa, "clients", query="?plan=own")) == ["Own"]
        assert names(get(rosa, "clients", query="?state=deleted")) == ["Gone"]
        assert names(get(rosa, "clients")) == ["Own", "Taller Sol"]

    @pytest.mark.parametrize(
        "sort",
        [
            f"{turn}{c}"
            for c in ("name", "plan", "domains", "mailboxes", "storage", "sent", "problems")
            for turn in ("", "-")
        ],
    )
    def test_pages_follow_each_other_and_lead_back_in_every_order(self, rosa: Person, sort: str) -> None:
        rows = AccountFactory.create_batch(PAGE + 7, reseller=rosa.account)
        for account in rows[:5]:
            DomainFactory.create_batch(2, account=account)
        first = get(rosa, "clients", query=f"?sort={sort}")
        following = first.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&")
        second = get(rosa, "clients", query=following)
        assert len(names(first)) == PAGE
        assert sorted(names(first) + names(second)) == sorted(account.name for account in rows)
        back = second.split('rel="prev" href="')[1].split('"')[0].replace("&amp;", "&")
        assert names(get(rosa, "clients", query=back)) == names(first)

    @pytest.mark.parametrize(
        "query",
        [
            "?after=x&before=y",
            "?sort=--name",
            "?sort=password",
            "?plan=-1",
            "?plan=99999999999999999999",
            "?after=1 nan&sort=domains",
            "?after=99999999999999999999 1",
            "?after=1 9e999&sort=storage",
            "?state=all&q=%00",
            "?q=" + "x" * 5000,
        ],
    )
    def test_nonsense_in_the_address_is_no_error(self, rosa: Person, sol: Account, query: str) -> None:
        get(rosa, "clients", query=query)

    def test_eight_queries_for_a_thousand_clients(
        self, rosa: Person, small: Plan, django_assert_max_num_queries: DjangoAssertNumQueries
    ) -> None:
        Account.objects.bulk_create(
            Account(name=f"c{n:04}", reseller=rosa.account, plan=small) for n in range(1000)
        )
        for query in ("", "?sort=-mailboxes", "?q=c00", "?state=problems"):
            with django_assert_max_num_queries(8):
                get(rosa, "clients", query=query)


class TestNew:
    def form(self, small: Plan, **changes: Any) -> dict[str, Any]:
        return {"name": "Taller Sol", "plan": small.pk, "owner_email": "sol@sol.test"} | changes

    def test_the_owner_is_invited(self, rosa: Person, small: Plan) -> None:
        answer = rosa.client.post(reverse("client-new"), self.form(small))
        client = Account.objects.get(name="Taller Sol")
        assert answer.headers["Location"] == reverse("client", args=[client.pk])
        assert client.reseller == rosa.account
        assert Invitation.objects.get().email == "sol@sol.test"
        assert "invited, not signed in yet" in get(rosa, "client", client.pk)

    def test_extra_fields_change_nothing(self, rosa: Person, small: Plan) -> None:
        other = ResellerFactory.create()
        extra = {
            "reseller": other.pk,
            "reseller_id": other.pk,
            "trusted": "on",
            "oversell": "on",
            "kind": "reseller",
            "owner_id": 1,
            "role": "reader",
            "verified": "1",
            "max_domains": 99,
            "deleted_at": "2020-01-01",
            "password": "x",
            "is_staff": "1",
            "account": other.pk,
        }
        rosa.client.post(reverse("client-new"), self.form(small, **extra))
        client = Account.objects.get(name="Taller Sol")
        assert (client.reseller, client.kind, client.trusted, client.oversell) == (
            rosa.account,
            "customer",
            False,
            False,
        )
        assert (client.max_domains, client.deleted_at) == (2, None)
        assert Invitation.objects.get().role == "owner"

    def test_another_resellers_plan_is_no_choice(self, rosa: Person, small: Plan) -> None:
        theirs = plan_create(actor=None, reseller=ResellerFactory.create(), name="Theirs")
        for pk in (theirs.pk, 10**9, "x", "", -1):
            answer = rosa.client.post(reverse("client-new"), self.form(small, plan=pk))
            assert 'id="id_plan-e"' in answer.content.decode()
        assert not Account.objects.filter(name="Taller Sol").exists()

    def test_a_full_pool_says_its_numbers(self, rosa: Person, small: Plan) -> None:
        Account.objects.filter(pk=rosa.account.pk).update(max_mailboxes=9)
        html = rosa.client.post(reverse("client-new"), self.form(small)).content.decode()
        assert "The pool of Nube is 9 mailboxes" in html

    def test_a_field_that_comes_twice_is_refused(self, rosa: Person, small: Plan) -> None:
        body = f"name=A&name=B&plan={small.pk}&owner_email=sol@sol.test"
        answer = rosa.client.post(
            reverse("client-new"), body, content_type="application/x-www-form-urlencoded"
        )
        assert "This came twice" in answer.content.decode()
        assert not Account.objects.filter(reseller=rosa.account).exists()


class TestOne:
    def test_its_page_has_every_limit(self, rosa: Person, sol: Account) -> None:
        html = get(rosa, "client", sol.pk)
        for text in (
            "Domains",
            "Mailboxes",
            "Forwarders",
            "Storage in total",
            "Mails sent per hour",
            "Zone Editor",
        ):
            assert text in html

    def test_moving_shows_first_who_would_be_over(self, rosa: Person, sol: Account) -> None:
        tiny = plan_create(actor=None, reseller=rosa.account, name="Tiny", max_mailboxes=1)
        MailboxFactory.create_batch(3, mail_domain=MailDomainFactory.create(domain__account=sol))
        url = reverse("client-plan", args=[sol.pk])
        html = rosa.client.post(url, {"plan": tiny.pk}).content.decode()
        assert "Mailboxes: 3 in use, 1 allowed" in html
        sol.refresh_from_db()
        assert sol.plan != tiny
        rosa.client.post(url, {"plan": tiny.pk, "sure": "guessed"})
        sol.refresh_from_db()
        assert sol.plan != tiny
        sure = sure_of(html)
        rosa.client.post(url, {"plan": tiny.pk, "sure": sure})
        sol.refresh_from_db()
        assert (sol.plan, sol.max_mailboxes) == (tiny, 1)

    def test_limits_of_its_own(self, rosa: Person, sol: Account) -> None:
        fields = {name: str(value) for name, value in LimitsForm.shown(sol).items()}
        fields |= {"max_domains": "7", "storage_mb": "1.5 GB", "pop3": "on"}
        rosa.client.post(reverse("client-limits", args=[sol.pk]), fields | {"trusted": "on", "plan": "1"})
        sol.refresh_from_db()
        assert (sol.plan, sol.max_domains, sol.storage_mb, sol.trusted) == (None, 7, 1536, False)

    def test_suspension_and_back(self, rosa: Person, sol: Account) -> None:
        url = reverse("client-suspend", args=[sol.pk])
        assert "Write why" in rosa.client.post(url, {"send": "on"}).content.decode()
        assert rosa.client.post(url, {"reason": "Unpaid"}).status_code == 200
        rosa.client.post(url, {"send": "on", "reason": "Unpaid", "no_sign_in": "on", "suspended_rank": 9})
        sol.refresh_from_db()
        assert (sol.no_sign_in, sol.no_receive, sol.no_send, sol.suspended_reason) == (
            False,
            False,
            True,
            "Unpaid",
        )
        assert "Unpaid" in get(rosa, "client", sol.pk)
        rosa.client.post(reverse("client-resume", args=[sol.pk]))
        sol.refresh_from_db()
        assert not sol.is_suspended

    def test_the_providers_suspension_is_not_the_resellers_to_lift(self, rosa: Person, sol: Account) -> None:
        admin = UserFactory.create(is_staff=True, is_superuser=True)
        suspend(actor=admin, target=sol, sign_in=True, receive=False, send=True, reason="Abuse")
        assert rosa.client.post(reverse("client-resume", args=[sol.pk])).status_code == 403
        sol.refresh_from_db()
        assert sol.is_suspended

    def test_deletion_names_the_loss_and_asks_twice(self, rosa: Person, sol: Account) -> None:
        mail = MailDomainFactory.create(domain=DomainFactory.create(account=sol, name="sol.test"))
        MailboxFactory.create(mail_domain=mail, messages=12, used_mb=3)
        url = reverse("client-delete", args=[sol.pk])
        assert rosa.client.get(url).status_code == 302
        reauthenticated(rosa)
        html = get(rosa, "client-delete", sol.pk)
        for text in ("1 domain", "1 mailbox and its mail", "12 messages, 3 MB", "sol.test", "14 days"):
            assert text in html
        for typed in ("", "Taller", "Taller Sol 2"):
            assert rosa.client.post(url, {"name": typed}).status_code == 200
        sol.refresh_from_db()
        assert sol.deleted_at is None
        assert rosa.client.post(url, {"name": "taller sol"}).status_code == 302
        sol.refresh_from_db()
        assert sol.deleted_at is not None
        assert "Bring it back" in get(rosa, "client", sol.pk)
        for name in ("client-name", "client-plan", "client-limits", "client-suspend", "client-act"):
            assert rosa.client.get(reverse(name, args=[sol.pk])).status_code == 404, name
        rosa.client.post(reverse("client-restore", args=[sol.pk]))
        sol.refresh_from_db()
        assert sol.deleted_at is None


class TestBulk:
    def post(self, rosa: Person, rows: list[Account], **more: Any) -> Any:
        return rosa.client.post(reverse("clients-bulk"), {"chosen": [row.pk for row in rows], **more})

    def test_many_are_suspended_after_a_question(self, rosa: Person, sol: Account) -> None:
        mar = AccountFactory.create(name="Mar", reseller=rosa.account)
        html = self.post(rosa, [sol, mar], action="suspend").content.decode()
        assert "Suspend 2 clients?" in html
        assert not Account.objects.filter(no_send=True).exists()
        self.post(rosa, [sol, mar], action="suspend", sure="1", send="on", reason="Unpaid")
        assert Account.objects.filter(no_send=True, suspended_reason="Unpaid").count() == 2
        self.post(rosa, [sol, mar], action="resume", sure="1")
        assert not Account.objects.filter(no_send=True).exists()

    def test_many_move_after_a_look(self, rosa: Person, sol: Account) -> None:
        mar = AccountFactory.create(name="Mar", reseller=rosa.account)
        tiny = plan_create(actor=None, reseller=rosa.account, name="Tiny", max_domains=1)
        self.post(rosa, [sol, mar], action="move")
        html = self.post(rosa, [sol, mar], action="move", plan=tiny.pk).content.decode()
        assert "This changes 2 accounts." in html
        assert not tiny.accounts.exists()
        self.post(
            rosa,
            [sol, mar],
            action="move",
            plan=tiny.pk,
            sure=sure_of(html),
        )
        assert tiny.accounts.count() == 2

    @pytest.mark.parametrize("action", ["suspend", "resume", "move", "delete", ""])
    def test_others_clients_are_no_choice(self, rosa: Person, sol: Account, action: str) -> None:
        theirs = AccountFactory.create(name=SECRET, reseller=ResellerFactory.create())
        before = limits_of(theirs)
        answer = self.post(
            rosa, [sol, theirs], action=action, sure="1", send="on", reason="x", plan=sol.plan_id
        )
        assert answer.status_code == 302
        assert SECRET not in rosa.client.get(reverse("clients")).content.decode()
        theirs.refresh_from_db()
        assert not theirs.is_suspended
        assert limits_of(theirs) == before


class TestExport:
    def rows(self, who: Person) -> list[list[str]]:
        answer: Any = who.client.get(reverse("clients-export"))
        assert answer.headers["Content-Type"].startswith("text/csv")
        text = b"".join(answer.streaming_content).decode()
        return list(csv.reader(io.StringIO(text.removeprefix("\ufeff"))))

    def test_a_row_for_each_client(self, rosa: Person, sol: Account) -> None:
        MailboxFactory.create(mail_domain=MailDomainFactory.create(domain__account=sol), quota_mb=77)
        AccountFactory.create(name=SECRET, reseller=ResellerFactory.create())
        heads, row = self.rows(rosa)
        found = dict(zip(heads, row, strict=True))
        assert (found["Client"], found["Plan"], found["Domains used"], found["Mailboxes used"]) == (
            "Taller Sol", "Small", "1", "1",
        )  # fmt: skip
        assert (found["Storage given out (MB)"], found["Mailboxes, limit"], found["POP3"]) == (
            "77",
            "10",
            "on",
        )

    @pytest.mark.parametrize("name", ["=1+1", "+cmd", "-2", "@SUM(A1)", " =1", "\t=1"])
    def test_no_spreadsheet_runs_a_name(self, rosa: Person, name: str) -> None:
        AccountFactory.create(name=name, reseller=rosa.account)
        assert self.rows(rosa)[1][0] == f"'{name}"

    def test_many(self, rosa: Person, django_assert_max_num_queries: DjangoAssertNumQueries) -> None:
        Account.objects.bulk_create(Account(name=f"c{n}", reseller=rosa.account) for n in range(401))
        with django_assert_max_num_queries(25):
            assert len(self.rows(rosa)) == 402
