"""The forms of one record: typed and raw, copied, its TTL and comment."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from dnszone import rdata, services
from dnszone.kinds import groups
from dnszone.models import Draft, Record, Zone
from dnszone.services import Change, RecordSpec
from provision.models import Push
from tests.dnszone.conftest import record
from tests.dnszone.test_pages import PAGE, apply, post, text


def wished() -> Any:
    """The only record in the draft."""
    return Draft.objects.get().items[0]["spec"]


def test_every_type_is_offered_once_and_has_a_form(zone: Zone, browser: Client) -> None:
    offered = [kind.name for _title, kinds in groups() for kind in kinds]
    assert sorted(offered) == sorted(rdata.TYPES)
    page = browser.get(f"{PAGE}add/").content.decode()
    for kind in rdata.TYPES:
        assert f'href="?type={kind}"' in page
        for raw in ("", "&raw=1"):
            assert browser.get(f"{PAGE}add/?type={kind}{raw}").status_code == 200, kind


def test_choices_are_a_select(zone: Zone, browser: Client) -> None:
    for kind in rdata.TYPES.values():
        page = browser.get(f"{PAGE}add/?type={kind.name}").content.decode()
        for field in kind.fields:
            assert (f'<select name="{field.name}"' in page) == (field.kind == "choice"), field.name


def test_raw_value(zone: Zone, browser: Client) -> None:
    url = f"{PAGE}add/?type=SRV&raw=1"
    assert post(browser, url, owner="_sip._tcp", rdata="1 2 5060 mail").status_code == 302
    assert wished()[2] == "1 2 5060 mail.example.test."


@pytest.mark.parametrize("value", ["", "1 2", "1 2 x mail", "\x00", "1 2 3 4 5 6", "(" * 2000])
def test_a_wrong_raw_value_is_said_at_its_field_and_kept(zone: Zone, browser: Client, value: str) -> None:
    told = post(browser, f"{PAGE}add/?type=SRV&raw=1", owner="_sip._tcp", rdata=value)
    assert told.status_code == 422
    assert told.context["form"].errors["rdata"]
    assert told.context["form"]["owner"].value() == "_sip._tcp"
    assert not Draft.objects.exists()


def test_switching_to_raw_and_back_keeps_what_was_typed(zone: Zone, browser: Client) -> None:
    typed = {"owner": "_sip._tcp", "priority": "1", "weight": "2", "port": "5060", "target": "mail"}
    raw = post(browser, f"{PAGE}add/?type=SRV", to="raw", comment="phones", ttl="300", **typed)
    assert raw.status_code == 200
    form = raw.context["form"]
    assert form["rdata"].value() == "1 2 5060 mail.example.test."
    assert (form["owner"].value(), form["comment"].value(), form["ttl"].value()) == (
        "_sip._tcp",
        "phones",
        "300",
    )
    assert 'action="/domains/example.test/zone/add/?type=SRV&amp;raw=1"' in raw.content.decode()
    back = post(browser, f"{PAGE}add/?type=SRV&raw=1", to="fields", owner="_sip._tcp", rdata="1 2 5060 mail")
    assert back.context["form"]["port"].value() == "5060"
    half = post(browser, f"{PAGE}add/?type=SRV", to="raw", **(typed | {"port": "", "weight": "x"}))
    assert half.context["form"]["rdata"].value() == "1 x mail"
    assert not Draft.objects.exists()


def test_a_record_can_be_edited_raw(zone: Zone, browser: Client) -> None:
    txt = record(zone, "_dmarc", "TXT")
    form = browser.get(f"{PAGE}{txt.pk}/?raw=1").context["form"]
    assert form["rdata"].value() == txt.rdata
    url = f"{PAGE}{txt.pk}/?raw=1"
    post(browser, url, owner="_dmarc", rdata='"v=DMARC1; p=reject"')
    assert wished()[2] == '"v=DMARC1; p=reject"'
    assert wished()[4] == ""


def test_a_copy_starts_from_the_record(zone: Zone, browser: Client) -> None:
    spec = RecordSpec(owner="www", type="A", rdata="192.0.2.80", ttl=1234, comment="the shop")
    services.zone_apply(actor=None, zone=zone, changes=[Change(spec=spec)])
    www = record(zone, "www", "A")
    url = f"{PAGE}add/?copy={www.pk}"
    form = browser.get(url).context["form"]
    values = {name: form[name].value() for name in ("owner", "address", "ttl", "comment")}
    assert values == {"owner": "www", "address": "192.0.2.80", "ttl": "1234", "comment": "the shop"}
    assert post(browser, url, owner="www2", address="192.0.2.80").status_code == 302
    assert wished()[0] == "www2"
    assert Record.objects.get(pk=www.pk).owner == "www"


@pytest.mark.parametrize("asked", ["0", "x", "-1", "٣", "9" * 30])
def test_what_is_not_there_cannot_be_copied(zone: Zone, browser: Client, asked: str) -> None:
    assert browser.get(f"{PAGE}add/", {"copy": asked}).status_code == 404


def test_ttl_from_the_list_and_as_a_number(zone: Zone, browser: Client) -> None:
    post(browser, f"{PAGE}add/?type=A", owner="a", address="192.0.2.1", ttl="86400")
    assert wished()[3] == 86400
    Draft.objects.all().delete()
    post(browser, f"{PAGE}add/?type=A", owner="a", address="192.0.2.1", ttl="other", ttl_other="777")
    assert wished()[3] == 777


def test_names_in_other_scripts_are_shown_in_both_forms(zone: Zone, browser: Client) -> None:
    post(browser, f"{PAGE}add/?type=CNAME", owner="käse", target="bücher.example")
    page = text(browser.get(PAGE))
    assert "käse xn--kse-qla CNAME bücher.example xn--bcher-kva.example" in page


def test_a_very_long_text_is_folded_and_whole(zone: Zone, browser: Client) -> None:
    post(browser, f"{PAGE}add/?type=TXT", owner="long", text="x" * 3000 + "end")
    page = browser.get(PAGE).content.decode()
    assert "3003 characters, show all" in page
    assert "x" * 3000 + "end" in page


def test_the_set_up_of_mail_programs_is_folded_until_something_is_to_be_seen(
    zone: Zone, browser: Client
) -> None:
    srv = record(zone, "_imaps._tcp", "SRV")
    page = browser.get(PAGE).content.decode()
    fold = page.index('<details class="fold">')
    assert page.index(f'id="r-{record(zone, "_dmarc", "TXT").pk}"') < fold < page.index(f'id="r-{srv.pk}"')
    assert page.count(f'id="r-{srv.pk}"') == 1
    assert f"{Record.objects.exclude(type='MX').count()} records" in text(browser.get(PAGE))
    for search in ("?q=imaps", "?type=SRV", "?kept=panel"):
        found = browser.get(PAGE + search).content.decode()
        assert f'id="r-{srv.pk}"' in found
        assert 'class="fold"' not in found
    post(browser, f"{PAGE}{srv.pk}/", owner=srv.owner, priority="0", weight="1", port="993", target="a.test")
    assert '<details class="fold" open>' in browser.get(PAGE).content.decode()


@pytest.mark.parametrize("name", ["EXAMPLE.test", "%65xample.test", "example.test."])
def test_odd_spellings_of_the_zone_lead_there(zone: Zone, browser: Client, name: str) -> None:
    assert browser.get(f"/domains/{name}/zone/").status_code == 200
    assert browser.get(f"/domains/{name}/zone/add/?type=A").status_code == 200


@pytest.mark.parametrize("name", ["nothing.test", "a%00b", "%ff", "xn--", "x" * 300])
def test_what_is_no_zone_is_not_found(zone: Zone, browser: Client, name: str) -> None:
    assert browser.get(f"/domains/{name}/zone/").status_code == 404


def test_a_record_in_the_panels_place_can_be_handed_back(zone: Zone, browser: Client) -> None:
    txt = record(zone, "_dmarc", "TXT")
    post(browser, f"{PAGE}{txt.pk}/", owner="_dmarc", text="v=DMARC1; p=reject")
    apply(browser)
    Push.objects.create(
        node=Push.objects.all()[0].node,
        kind="mail_domain",
        key="mail_domain/example.test",
        payload={},
        desired_rev=1,
        applied_rev=1,
    )
    page = browser.get(f"{PAGE}{txt.pk}/").content.decode()
    assert 'value="dmarc"' in page
    assert "Let the panel keep it" in page
    assert "Let the panel keep it" not in browser.get(f"{PAGE}{record(zone, '@', 'MX').pk}/").content.decode()
