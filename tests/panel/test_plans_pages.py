"""The pages of plans and limits: what they show, and what a form can change."""

from __future__ import annotations

import pytest
from django.urls import reverse

from accounts.limits import LimitReached
from accounts.models import Account, Plan
from accounts.models.limits import MOST
from dnszone.services import zone_apply
from dnszone.spec import Change, RecordSpec
from tests.factories import (
    DomainFactory,
    MailboxFactory,
    MailDomainFactory,
    ResellerFactory,
    ZoneFactory,
)
from tests.panel.clienthouse import get, names, plan_fields, sure_of
from tests.panel.people import Person, person

pytestmark = pytest.mark.django_db


class TestPlans:
    def test_made_copied_and_deleted(self, rosa: Person) -> None:
        rosa.client.post(reverse("plan-new"), plan_fields(max_mailboxes="33", storage_mb="2 TB"))
        plan = Plan.objects.get()
        assert (plan.reseller, plan.max_mailboxes, plan.storage_mb) == (rosa.account, 33, 2 * 1024 * 1024)
        assert names(get(rosa, "plans")) == ["Medium"]
        rosa.client.post(reverse("plan-copy", args=[plan.pk]), {"name": "Medium 2"})
        assert Plan.objects.count() == 2
        rosa.client.post(reverse("plan-delete", args=[plan.pk]))
        assert [plan.name for plan in Plan.objects.all()] == ["Medium 2"]

    def test_a_change_is_looked_at_first(self, rosa: Person, sol: Account, small: Plan) -> None:
        MailboxFactory.create_batch(3, mail_domain=MailDomainFactory.create(domain__account=sol))
        url = reverse("plan", args=[small.pk])
        fields = plan_fields(name="Small", max_mailboxes="2")
        html = rosa.client.post(url, fields).content.decode()
        assert "This changes 1 account." in html
        assert "Mailboxes: 3 in use, 2 allowed" in html
        sol.refresh_from_db()
        assert sol.max_mailboxes == 10
        sure = sure_of(html)
        assert rosa.client.post(url, fields | {"max_mailboxes": "1", "sure": sure}).status_code == 200
        assert rosa.client.post(url, fields | {"sure": sure}).status_code == 302
        sol.refresh_from_db()
        assert sol.max_mailboxes == 2

    def test_a_used_plan_is_not_deleted(self, rosa: Person, sol: Account, small: Plan) -> None:
        html = rosa.client.post(reverse("plan-delete", args=[small.pk])).content.decode()
        assert "1 account is on “Small”" in html
        assert "btn act" not in html  # no button for what cannot be
        assert Plan.objects.exists()

    def test_extra_fields_change_nothing(self, rosa: Person) -> None:
        other = ResellerFactory.create()
        rosa.client.post(
            reverse("plan-new"), plan_fields(reseller=other.pk, reseller_id=other.pk, id=7, role="x")
        )
        assert Plan.objects.get().reseller == rosa.account

    @pytest.mark.parametrize("name", MOST)
    @pytest.mark.parametrize(
        "typed",
        ["", "0", "-1", "-5 GB", "99999999999999", "9" * 40, "1.5.2", "ten", "NaN", "1e9", "٣", "None"],
    )
    def test_what_is_no_limit_is_answered_at_its_field(self, rosa: Person, name: str, typed: str) -> None:
        html = rosa.client.post(reverse("plan-new"), plan_fields(**{name: typed})).content.decode()
        assert f'id="id_{name}-e"' in html
        assert not Plan.objects.exists()

    def test_each_says_why(self, rosa: Person) -> None:
        for typed, words in (
            ("0", "At least 1"),
            ("-3", "At least 1"),
            ("2.5", "A whole number"),
            ("100001", "More than 100,000 domains is not possible"),
            ("x", "Digits alone"),
            ("", "there is no “unlimited”"),
        ):
            html = rosa.client.post(reverse("plan-new"), plan_fields(max_domains=typed)).content.decode()
            assert words in html, typed

    def test_a_number_that_comes_twice_is_refused(self, rosa: Person) -> None:
        html = rosa.client.post(reverse("plan-new"), plan_fields(max_domains=["3", "300"])).content.decode()
        assert "This came twice" in html
        assert not Plan.objects.exists()


class TestLimits:
    def test_everybody_sees_their_own(self, small: Plan, sol: Account) -> None:
        owner = person(sol)
        MailboxFactory.create_batch(2, mail_domain=MailDomainFactory.create(domain__account=sol))
        html = get(owner, "limits")
        for text in (
            "on the plan “Small”",
            "2 of 10",
            "1 of 2",
            "Nube can raise them",
            "There are no forwarders yet",
        ):
            assert text in html
        assert get(owner, "limits", query=f"?account={sol.pk}")
        assert owner.client.get(reverse("limits") + f"?account={sol.reseller_id}").status_code == 404

    def test_a_reseller_sees_its_pool(self, rosa: Person, sol: Account) -> None:
        html = get(rosa, "limits")
        assert "The pool" in html
        assert "10 for clients, 0 in use by itself." in html

    def test_a_mailbox_creator_does_not(self, sol: Account) -> None:
        creator = person(sol)
        creator.user.memberships.update(role="creator")
        assert creator.client.get(reverse("limits")).status_code == 403


def test_the_zone_editor_is_read_only_when_the_plan_says_so(sol: Account) -> None:
    owner = person(sol)
    Account.objects.filter(pk=sol.pk).update(dns_editing=False)
    zone = ZoneFactory.create(domain=DomainFactory.create(account=sol, name="sol.test"))
    html = get(owner, "zone", zone.name)
    assert "“Zone Editor” is switched off for Taller Sol. Ask Nube to switch it on." in html
    assert reverse("zone-record-new", args=[zone.name]) not in html
    change = Change(spec=RecordSpec(owner="www", type="A", rdata="192.0.2.1"))
    with pytest.raises(LimitReached, match="switched off for Taller Sol"):
        zone_apply(actor=owner.user, zone=zone, changes=[change])
    assert not zone.records.filter(owner="www").exists()
    zone_apply(actor=None, zone=zone, changes=[change])  # the panel's own records go on
