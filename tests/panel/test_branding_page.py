"""The page of a brand: what it shows, and for whom it is not there."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from accounts.models import Brand, Membership
from lib import colour
from panel.branding import hosts
from tests import factories
from tests.panel.brands import png, reseller, save
from tests.panel.people import Person, person


@pytest.fixture
def luna(db: None, monkeypatch: pytest.MonkeyPatch) -> Person:
    return reseller(monkeypatch)


class TestPage:
    URL = "/branding/"

    def form(self, **more: Any) -> dict[str, Any]:
        return {"name": "Luna Hosting", "accent": "#ffd400"} | more

    def test_saved_and_shown_with_what_the_colour_became(self, luna: Person) -> None:
        assert luna.client.get(self.URL).status_code == 200
        answer = luna.client.post(
            self.URL, self.form(logo=SimpleUploadedFile("../x.svg.png", png())), follow=True
        )
        text = answer.content.decode()
        brand = Brand.objects.get()
        assert answer.status_code == 200
        assert f"/brand/{brand.logo_sha}.png" in text
        assert "You chose #ffd400" in text
        assert luna.client.get(f"/brand/{brand.logo_sha}.png").content == bytes(brand.logo)
        pair = colour.readable("#ffd400")
        assert f"/brand/{pair.light[1:]}-{pair.dark[1:]}.css" in text
        assert "style=" not in text

    def test_errors_stand_at_their_fields(self, luna: Person) -> None:
        sent = self.form(
            logo=SimpleUploadedFile("logo.png", b"<svg xmlns='http://www.w3.org/2000/svg'/>"),
        )
        text = luna.client.post(self.URL, sent).content.decode()
        assert 'id="id_logo-e"' in text
        assert "An SVG can hold programs" in text
        text = luna.client.post(self.URL, self.form(panel_host="panel.postroom.test")).content.decode()
        assert 'id="id_panel_host-e"' in text
        assert not Brand.objects.exists()

    def test_extra_fields_change_nothing(self, luna: Person) -> None:
        other = factories.ResellerFactory.create()
        sent = self.form(
            account=other.pk, account_id=other.pk, mail_host_node="mail1", panel_host_seen_at="2026-01-01",
            logo_sha="a" * 64, verified="1", role="owner",
        )  # fmt: skip
        luna.client.post(self.URL, sent)
        brand = Brand.objects.get()
        assert (brand.account_id, brand.mail_host_node, brand.logo_sha) == (luna.account.pk, "", "")
        assert brand.panel_host_seen_at is None

    def test_the_logo_goes(self, luna: Person) -> None:
        luna.client.post(self.URL, self.form(logo=SimpleUploadedFile("l.png", png())))
        sha = Brand.objects.get().logo_sha
        assert luna.client.get("/branding/logo/delete/").status_code == 405
        luna.client.post("/branding/logo/delete/")
        assert bytes(Brand.objects.get().logo) == b""
        assert luna.client.get(f"/brand/{sha}.png").status_code == 404

    @pytest.mark.parametrize("path", ["/branding/", "/branding/logo/delete/", "/branding/look/"])
    def test_it_is_not_there_for_others(self, luna: Person, path: str) -> None:
        save(luna)
        client = factories.AccountFactory.create(reseller=luna.account)
        for other in (person(), person(client)):
            for query in ("", f"?account={luna.account.pk}"):
                assert other.client.post(path + query, self.form(name="Evil")).status_code == 404
        rival = person(factories.ResellerFactory.create())
        assert rival.client.post(f"{path}?account={luna.account.pk}", self.form()).status_code == 404
        assert rival.client.post(f"{path}?account=x", self.form()).status_code == 404
        reader = person(luna.account)
        Membership.objects.filter(user=reader.user).update(role="reader")
        assert reader.client.post(path, self.form()).status_code == 403
        assert Client().post(path, self.form()).status_code == 302
        assert Brand.objects.get().name == "Luna Hosting"

    def test_a_rival_changes_its_own_alone(self, luna: Person) -> None:
        save(luna)
        rival = person(factories.ResellerFactory.create())
        rival.client.post(self.URL, self.form(name="Sol", id=Brand.objects.get().pk))
        assert set(Brand.objects.values_list("account", "name")) == {
            (luna.account.pk, "Luna Hosting"),
            (rival.account.pk, "Sol"),
        }

    def test_premium_mail_is_offered_to_clients(self, luna: Person) -> None:
        save(luna, premium_title="Mail with a telephone", premium_url="https://luna.test/premium")
        client = person(factories.AccountFactory.create(reseller=luna.account))
        domain = factories.DomainFactory.create(account=client.account)
        for path in ("/", reverse("domain-overview", args=[domain.name])):
            text = client.client.get(path).content.decode()
            assert "Mail with a telephone" in text
            assert 'href="https://luna.test/premium"' in text
            assert "Mail with a telephone" not in person().client.get("/").content.decode()


def test_records_to_add_lead_to_the_node_of_their_domains(luna: Person) -> None:
    factories.NodeFactory.create()
    mail2 = factories.NodeFactory.create(name="mail2", host="mail2.postroom.test")
    factories.MailDomainFactory.create(node=mail2, domain__account=luna.account)
    brand = save(luna, panel_host="panel.luna.test", mail_host="mail.luna.test")
    assert [record.rdata for record in hosts.mail_records(brand)] == ["mail2.postroom.test"]
    assert [record.rdata for record in hosts.panel_records(brand)] == ["panel.postroom.test"]
    assert "mail2.postroom.test" in luna.client.get("/branding/").content.decode()
