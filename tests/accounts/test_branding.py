"""A reseller's brand: who may set it, what it may say, and whom it reaches."""

from __future__ import annotations

import pytest
from django.apps import apps
from django.conf import settings as conf
from django.utils import timezone

from accounts import branding
from accounts.branding import Found
from accounts.branding import select as brandselect
from accounts.models import Account, Brand, Membership, User
from lib import colour
from lib.errors import Denied, Refused
from panel.branding import hosts
from tests import factories
from tests.panel.brands import WISH, png, refusal, reseller, save
from tests.panel.people import Person, person


@pytest.fixture
def luna(db: None, monkeypatch: pytest.MonkeyPatch) -> Person:
    return reseller(monkeypatch)


class TestWhoMaySetIt:
    def test_owners_and_managers_of_the_reseller(self, luna: Person) -> None:
        assert save(luna).account == luna.account
        Membership.objects.filter(user=luna.user).update(role="manager")
        assert save(Person(User.objects.get(pk=luna.user.pk), luna.account, luna.client)).name

    def test_nobody_else(self, luna: Person) -> None:
        save(luna)
        client = factories.AccountFactory.create(reseller=luna.account)
        others = [person(), person(client), person(factories.ResellerFactory.create())]
        reader = person(luna.account)
        Membership.objects.filter(user=reader.user).update(role="reader")
        for other in [*others, reader]:
            fresh = User.objects.get(pk=other.user.pk)
            with pytest.raises(Denied):
                hosts.brand_save(actor=fresh, account=luna.account, wish=WISH)
            with pytest.raises(Denied):
                branding.logo_remove(actor=fresh, account=luna.account)

    def test_a_customer_has_none(self, db: None) -> None:
        customer = person()
        with pytest.raises((Denied, Refused)):
            hosts.brand_save(actor=customer.user, account=customer.account, wish=WISH)
        root = factories.UserFactory.create(is_superuser=True, is_staff=True)
        with pytest.raises(Refused):
            hosts.brand_save(actor=root, account=customer.account, wish=WISH)


class TestWords:
    @pytest.mark.parametrize(
        ("field", "value"),
        [
            ("name", ""),
            ("name", "   "),
            ("name", "x" * 61),
            ("name", "Luna\u202eHosting"),
            ("accent", "red"),
            ("accent", "#12345"),
            ("accent", "#fff;}*{display:none"),
            ("support_email", "help"),
            ("support_email", "a@b\nBcc: x@y.test"),
            ("support_url", "javascript:alert(1)"),
            ("support_url", "ftp://example.com/"),
            ("support_url", "//example.com"),
            ("support_url", "https://bank.example@evil.example/"),
            ("support_url", "https://" + "a" * 300 + ".com"),
            ("premium_url", "data:text/html,x"),
            ("premium_text", "x" * 301),
        ],
    )
    def test_refused_at_its_field(self, luna: Person, field: str, value: str) -> None:
        assert refusal(luna, **({"premium_title": "Better"} | {field: value})).field == field
        assert not Brand.objects.exists()

    def test_a_premium_text_needs_a_title(self, luna: Person) -> None:
        assert refusal(luna, premium_text="Better mail").field == "premium_title"

    def test_kept_as_typed_and_cleaned(self, luna: Person) -> None:
        brand = save(luna, name="  Luna \n Hosting ", accent="rgb(255, 212, 0)")
        assert (brand.name, brand.accent) == ("Luna Hosting", "#ffd400")


class TestHostNames:
    @pytest.mark.parametrize("field", ["panel_host", "mail_host"])
    @pytest.mark.parametrize(
        "name",
        [
            "postroom.test",
            "panel.postroom.test",
            "x.postroom.test",
            "mail1.elsewhere.test",
            "sub.mail1.elsewhere.test",
            "com",
            "co.uk",
            "127.0.0.1",
            "::1",
            "[::1]",
            "0x7f.1",
            "localhost",
            "a.localhost",
            "printer.local",
            "x.onion",
            "1.2.0.192.in-addr.arpa",
            "a b.test",
            "https://panel.luna.test",
            "panel.luna.test:8443",
            "-x.test",
            "*.luna.test",
            "theirs.test",
            "panel.theirs.test",
            "above-theirs.test",
            "client.test",
        ],
    )
    def test_refused_with_the_reason_at_the_field(self, luna: Person, field: str, name: str) -> None:
        factories.NodeFactory.create(host="mail1.elsewhere.test")
        factories.DomainFactory.create(name="theirs.test")
        factories.DomainFactory.create(name="shop.above-theirs.test")
        client = factories.AccountFactory.create(reseller=luna.account)
        factories.DomainFactory.create(name="client.test", account=client)
        refused = refusal(luna, **{field: name})
        assert refused.field == field
        assert refused.message

    def test_normalised_once(self, luna: Person) -> None:
        assert save(luna, panel_host=" Panel.MÜNCHEN.test. ").panel_host == "panel.xn--mnchen-3ya.test"

    def test_below_a_domain_of_ones_own(self, luna: Person) -> None:
        factories.DomainFactory.create(name="luna.test", account=luna.account)
        assert save(luna, panel_host="panel.luna.test", mail_host="mail.luna.test").mail_host

    @pytest.mark.parametrize("second", ["panel_host", "mail_host"])
    def test_one_name_is_one_brands(self, luna: Person, second: str) -> None:
        save(luna, panel_host="panel.both.test")
        sol = person(factories.ResellerFactory.create())
        assert refusal(sol, **{second: "PANEL.both.test"}).field == second

    def test_whoever_proved_the_domain_takes_it_from_whoever_typed_it(self, luna: Person) -> None:
        save(luna, panel_host="panel.sol.test")
        sol = person(factories.ResellerFactory.create())
        factories.DomainFactory.create(name="sol.test", account=sol.account)
        assert save(sol, panel_host="panel.sol.test").panel_host == "panel.sol.test"
        assert Brand.objects.get(account=luna.account).panel_host == ""

    def test_another_name_has_to_be_seen_again(self, luna: Person) -> None:
        brand = save(luna, panel_host="panel.luna.test", mail_host="mail.luna.test")
        found = Found(panel=True, panel_trouble="", mail_node="mail1", mail_trouble="")
        branding.hosts_seen(brand=brand, found=found, now=timezone.now())
        assert Brand.objects.get().mail_host_node == "mail1"
        save(luna, panel_host="two.luna.test", mail_host="mail2.luna.test")
        brand = Brand.objects.get()
        assert (brand.panel_host_seen_at, brand.mail_host_node) == (None, "")

    def test_a_look_at_a_name_that_is_not_the_brands_any_more_says_nothing(self, luna: Person) -> None:
        before = save(luna, panel_host="panel.luna.test", mail_host="mail.luna.test")
        save(luna, panel_host="two.luna.test", mail_host="mail2.luna.test")
        found = Found(panel=True, panel_trouble="", mail_node="mail1", mail_trouble="")
        branding.hosts_seen(brand=before, found=found, now=timezone.now())
        brand = Brand.objects.get()
        assert (brand.panel_host_seen_at, brand.mail_host_node) == (None, "")


class TestMails:
    def test_to_a_reseller_s_clients(self, luna: Person) -> None:
        save(luna, accent="#ffd400", support_email="help@luna.test", panel_host="panel.luna.test")
        client = factories.AccountFactory.create(reseller=luna.account)
        worn = brandselect.brand_of(client)
        assert worn["name"] == "Luna Hosting"
        assert worn["support_email"] == "help@luna.test"
        assert worn["url"] == conf.PANEL_URL, "nobody has seen that the host leads here"
        assert colour.worst(worn["accent"], colour.LIGHT) >= 4.5
        assert brandselect.brand_of_user(person(client).user) == worn

    def test_links_begin_with_the_host_once_it_works(self, luna: Person) -> None:
        brand = save(luna, panel_host="panel.luna.test")
        branding.hosts_seen(
            brand=brand,
            found=Found(panel=True, panel_trouble="", mail_node="", mail_trouble=""),
            now=timezone.now(),
        )
        client = factories.AccountFactory.create(reseller=luna.account)
        theirs = brandselect.at_port("panel.luna.test")
        assert theirs.startswith("https://panel.luna.test:")
        assert brandselect.panel_url_for(client) == theirs
        assert brandselect.panel_url_for(person(client).user) == theirs
        brand = Brand.objects.get()
        branding.hosts_seen(
            brand=brand,
            found=Found(panel=False, panel_trouble="leads elsewhere", mail_node="", mail_trouble=""),
            now=timezone.now(),
        )
        assert brandselect.panel_url_for(client) == conf.PANEL_URL

    def test_nobody_elses_wear_it_or_lead_there(self, luna: Person) -> None:
        """A link with a token leads to a host that the reseller has: only for those who are its alone."""
        brand = save(luna, panel_host="panel.luna.test")
        Brand.objects.filter(pk=brand.pk).update(panel_host_seen_at=timezone.now())
        client = factories.AccountFactory.create(reseller=luna.account)
        both = person(client)
        factories.MembershipFactory.create(user=both.user)
        staff = person(client)
        User.objects.filter(pk=staff.user.pk).update(is_staff=True)
        staff.user.refresh_from_db()
        for whom in (luna.account, factories.AccountFactory.create(), luna.user, both.user, staff.user):
            assert brandselect.panel_url_for(whom) == conf.PANEL_URL
        assert brandselect.brand_of(luna.account) == {}
        assert brandselect.brand_of_user(both.user) == {}


def test_the_history_has_no_bytes_of_the_logo(luna: Person) -> None:
    hosts.brand_save(actor=luna.user, account=luna.account, wish=WISH, logo=png())
    model = apps.get_model("accounts", "BrandEvent")
    fields = {field.name for field in model._meta.get_fields()}
    assert "logo" not in fields
    assert "logo_sha" in fields
    assert "mail_host_seen_at" not in fields
    assert model.objects.count() == 1


def test_a_deleted_reseller_takes_its_brand_along(luna: Person) -> None:
    save(luna, panel_host="panel.luna.test")
    Membership.objects.all().delete()
    Account.objects.filter(pk=luna.account.pk).delete()
    assert brandselect.brand_of_host("panel.luna.test") is None
