"""The Zone Editor as a browser without script sees it."""

from __future__ import annotations

import html
import re
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from pytest_django import DjangoAssertNumQueries

from accounts.models import User
from dnszone import services
from dnszone.models import Draft, Record, Zone
from dnszone.services import Change, RecordSpec
from provision.models import Push
from tests.dnszone.conftest import record, signed_in

PAGE = "/domains/example.test/zone/"


def text(response: Any) -> str:
    """What is on the page, tags and runs of blanks taken out."""
    plain = re.sub(r"<[^>]+>", " ", re.sub(r"</?b\b[^>]*>", "", response.content.decode()))
    return re.sub(r"\s+", " ", html.unescape(plain))


def post(browser: Client, path: str, **fields: Any) -> Any:
    """As the form on the page sends it: with the serial that the page showed."""
    serial = Zone.objects.get(name="example.test").serial
    return browser.post(path, {"base_serial": serial, "ttl": "3600", "owner": "", **fields})


def apply(browser: Client) -> None:
    """As the preview does it: what was gathered, as one set."""
    draft = Draft.objects.select_related("zone").get()
    fields = {"rev": draft.rev, "serial": draft.zone.serial, "reason": ""}
    assert browser.post(f"{PAGE}preview/", fields).status_code == 302


@pytest.fixture
def www(zone: Zone) -> Record:
    change = Change(spec=RecordSpec(owner="www", type="A", rdata="192.0.2.80"))
    services.zone_apply(actor=None, zone=zone, changes=[change])
    return record(zone, "www", "A")


def urls(zone: Zone) -> list[tuple[str, str]]:
    """Every address of the editor, with every verb it knows."""
    mx = record(zone, "@", "MX")
    one = f"{PAGE}{mx.pk}/"
    return [
        ("get", PAGE),
        ("get", f"{PAGE}add/"),
        ("get", f"{PAGE}add/?type=MX"),
        ("post", f"{PAGE}add/?type=MX"),
        ("get", f"{PAGE}add/?copy={mx.pk}"),
        ("get", f"{PAGE}mx/?priority-{mx.pk}=20"),
        ("post", f"{PAGE}mx/"),
        ("post", f"{PAGE}delete/"),
        ("get", f"{PAGE}ttl/?record={mx.pk}"),
        ("post", f"{PAGE}ttl/"),
        ("get", f"{PAGE}draft/1/"),
        ("post", f"{PAGE}draft/1/"),
        ("get", one),
        ("post", one),
    ]


def test_somebody_elses_zone_is_not_found(zone: Zone, stranger: Client) -> None:
    before = list(Record.objects.order_by("pk").values())
    for verb, url in urls(zone):
        assert getattr(stranger, verb)(url).status_code == 404, (verb, url)
    assert list(Record.objects.order_by("pk").values()) == before


def test_somebody_elses_record_is_not_found_below_the_own_zone(zone: Zone, stranger: Client) -> None:
    mx = record(zone, "@", "MX")
    assert stranger.get(f"/domains/other.test/zone/{mx.pk}/").status_code == 404
    assert stranger.post(f"/domains/other.test/zone/{mx.pk}/").status_code == 404
    assert stranger.get(f"/domains/other.test/zone/add/?copy={mx.pk}").status_code == 404
    stranger.post("/domains/other.test/zone/delete/", {"record": [mx.pk]})
    stranger.post("/domains/other.test/zone/ttl/", {"record": [mx.pk], "ttl": "300"})
    assert not Draft.objects.exists()
    assert record(zone, "@", "MX").pk == mx.pk


def test_nobody_signed_in_is_sent_to_sign_in(zone: Zone, client: Client) -> None:
    for verb, url in urls(zone):
        response = getattr(client, verb)(url, secure=True)
        assert response.status_code == 302, url
        assert "/login/" in response.url


def test_the_page_shows_where_mail_goes_and_the_other_records(zone: Zone, browser: Client) -> None:
    page = text(browser.get(PAGE))
    assert "Mail goes to mail1.postroom.test." in page
    assert "lower is tried first" in page
    assert "v=DMARC1; p=none" in page
    assert "0 0 993 mail1.postroom.test" in page
    assert "Kept by the panel: SPF" in page
    assert "On its way to mail1" in page


def test_add_and_edit_mx(zone: Zone, browser: Client) -> None:
    assert post(browser, f"{PAGE}add/?type=MX", priority="20", target="backup.example.net").status_code == 302
    first = Record.objects.get(zone=zone, rdata="10 mail1.postroom.test.")
    response = post(browser, f"{PAGE}{first.pk}/", priority="20", target="mail1.postroom.test")
    assert response.status_code == 302
    page = text(browser.get(PAGE))
    assert "Mail goes to backup.example.net or mail1.postroom.test." in page
    assert "2 changes, not applied" in page
    assert record(zone, "@", "MX").rdata == "10 mail1.postroom.test."
    apply(browser)
    wanted: Any = Push.objects.get(key="zone/example.test").payload
    mx = next(rrset for rrset in wanted["rrsets"] if rrset["type"] == "MX")
    assert mx["records"] == ["20 backup.example.net.", "20 mail1.postroom.test."]


@pytest.mark.parametrize(
    ("kind", "fields", "advice"),
    [
        ("MX", {"priority": "-1", "target": "mail"}, "whole number from 0 to 65535"),
        ("MX", {"priority": "010", "target": "mail"}, "Write 10, without a zero"),
        ("MX", {"priority": "10", "target": "192.0.2.1"}, "needs a host name, not an address"),
        ("MX", {"priority": "10", "target": "a b"}, "no spaces"),
        ("MX", {"priority": "", "target": "mail"}, "This field is required"),
        ("A", {"owner": "x" * 64, "address": "192.0.2.1"}, "63 at most"),
        ("A", {"owner": "www.other.test.", "address": "192.0.2.1"}, "outside this zone"),
        ("A", {"owner": "www\x00", "address": "192.0.2.1"}, "Null characters"),
        ("A", {"owner": "www", "address": "192.0.2.1", "ttl": "-1"}, "whole number of seconds"),
        ("A", {"owner": "www", "address": "192.0.2.1", "ttl": "other"}, "whole number of seconds"),
        ("A", {"owner": "www", "address": "192.0.2.1", "ttl_other": "77"}, "Another number of seconds"),
        ("A", {"owner": "www", "address": "192.0.2.1", "comment": "x" * 201}, "200 characters"),
        ("CNAME", {"owner": "mail", "target": "www"}, "stands alone"),
        ("CNAME", {"owner": "@", "target": "www"}, "cannot be a CNAME"),
        ("TXT", {"owner": "t", "text": "a\r\nb"}, "one line"),
    ],
)
def test_what_cannot_be_is_said_at_its_field(
    zone: Zone, browser: Client, kind: str, fields: dict[str, str], advice: str
) -> None:
    serial = zone.serial
    response = post(browser, f"{PAGE}add/?type={kind}", **fields)
    assert response.status_code == 422
    assert advice in text(response)
    assert 'aria-invalid="true"' in response.content.decode()
    assert Zone.objects.get(pk=zone.pk).serial == serial
    assert not Draft.objects.exists()


def test_every_type_can_be_added_shown_and_edited(zone: Zone, browser: Client) -> None:
    values = {
        "A": {"owner": "n", "address": "192.0.2.1"},
        "AAAA": {"owner": "n", "address": "2001:db8::1"},
        "CNAME": {"owner": "alias", "target": "bücher.example"},
        "MX": {"owner": "n", "priority": "10", "target": "mail"},
        "TXT": {"owner": "n", "text": '<script>alert("1")</script>' + "x" * 300},
        "NS": {"owner": "sub", "target": "ns1.example.net"},
        "SRV": {"owner": "_sip._tcp", "priority": "1", "weight": "2", "port": "5060", "target": "mail"},
        "CAA": {"owner": "@", "flags": "0", "tag": "issue", "value": "letsencrypt.org"},
    }
    for kind, fields in values.items():
        assert browser.get(f"{PAGE}add/?type={kind}").status_code == 200
        before = set(Record.objects.values_list("pk", flat=True))
        assert post(browser, f"{PAGE}add/?type={kind}", **fields).status_code == 302, kind
        apply(browser)
        made = Record.objects.exclude(pk__in=before).get()
        edit = browser.get(f"{PAGE}{made.pk}/")
        assert edit.status_code == 200
        initial = {f.name: "" if f.value() is None else f.value() for f in edit.context["form"]}
        assert "Nothing was different." in text(browser.post(f"{PAGE}{made.pk}/", initial, follow=True))
        assert not Draft.objects.exists()
    page = browser.get(PAGE)
    assert "<script>alert" not in page.content.decode()
    assert "bücher.example xn--bcher-kva.example" in text(page)


def test_the_second_of_two_editors_is_told_and_may_save_again(
    zone: Zone, www: Record, browser: Client
) -> None:
    url = f"{PAGE}{www.pk}/"
    seen = browser.get(url).context["form"]["base_serial"].value()
    other = Change(record=www.pk, spec=RecordSpec(owner="www", type="A", rdata="192.0.2.81"))
    services.zone_apply(actor=None, zone=zone, changes=[other])
    mine = {"base_serial": seen, "owner": "www", "address": "192.0.2.82", "ttl": 3600}
    told = browser.post(url, mine)
    assert told.status_code == 422
    assert "Somebody changed these records" in text(told)
    assert "192.0.2.81" in text(told)
    assert not Draft.objects.exists()
    again = mine | {"base_serial": told.context["form"]["base_serial"].value()}
    assert browser.post(url, again).status_code == 302
    apply(browser)
    assert Record.objects.get(pk=www.pk).rdata == "192.0.2.82"


def test_name_servers_of_the_domain_cannot_be_touched(zone: Zone, browser: Client) -> None:
    server = Record.objects.filter(zone=zone, type="NS")[0]
    assert browser.get(f"{PAGE}{server.pk}/").status_code == 404
    refused = browser.post(f"{PAGE}delete/", {"record": server.pk}, follow=True)
    assert "kept by the panel" in text(refused)
    assert not Draft.objects.exists()
    assert Record.objects.filter(pk=server.pk).exists()


def test_a_record_deleted_meanwhile_is_no_riddle(zone: Zone, www: Record, browser: Client) -> None:
    services.zone_apply(actor=None, zone=zone, changes=[Change(record=www.pk)])
    page = browser.get(f"{PAGE}{www.pk}/", follow=True)
    assert "no longer there" in text(page)
    assert browser.get(f"{PAGE}999999999/").status_code == 404


def test_editing_a_kept_record_says_what_breaks(zone: Zone, browser: Client) -> None:
    page = text(browser.get(f"{PAGE}{record(zone, '_dmarc', 'TXT').pk}/"))
    assert "Kept by the panel: DMARC." in page
    assert "leaves it as you write it" in page


def test_a_destination_without_address_is_pointed_out(zone: Zone, browser: Client) -> None:
    post(browser, f"{PAGE}add/?type=MX", priority="20", target="dark.example.test")
    assert "dark.example.test has no address" in text(browser.get(PAGE))
    post(browser, f"{PAGE}add/?type=A", owner="*", address="192.0.2.1")
    assert "dark.example.test has no address" not in text(browser.get(PAGE))


@pytest.mark.parametrize(
    "query",
    [
        "?after=x",
        "?before=e30",
        "?sort=nonsense",
        "?type=nonsense",
        "?after=WyJhIiwiYSIsMV0",
        "?q=%25%5C",
        "?sort=-ttl",
    ],
)
def test_odd_addresses_show_the_page(zone: Zone, browser: Client, query: str) -> None:
    assert browser.get(PAGE + query).status_code == 200


def test_htmx_gets_the_records_alone(zone: Zone, browser: Client) -> None:
    part = browser.get(f"{PAGE}?q=dmarc", headers={"hx-request": "true"}).content.decode()
    assert "v=DMARC1" in part
    assert "<html" not in part
    assert "v=spf1" not in part


def test_the_providers_own_zone_is_for_the_provider(zone: Zone, browser: Client) -> None:
    own = services.provider_zone_ensure(actor=None)
    url = reverse("zone", args=[own.name])
    assert browser.get(url).status_code == 404
    desk = signed_in(User.objects.create_superuser("root@postroom.test", "x"))
    assert "_spf" in text(desk.get(url))
    for path in [
        "/admin/dnszone/zone/",
        "/admin/dnszone/record/?q=mail",
        f"/admin/dnszone/zone/{own.pk}/change/",
    ]:
        assert desk.get(path).status_code == 200
    before = Push.objects.get(key=f"zone/{own.name}").desired_rev
    desk.post("/admin/dnszone/zone/", {"action": "send_again", "_selected_action": [own.pk]})
    assert Push.objects.get(key=f"zone/{own.name}").desired_rev > before


def test_thousands_of_records_take_eight_queries_and_can_all_be_reached(
    zone: Zone, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Record.objects.bulk_create(
        Record(zone=zone, owner=f"n{n:05d}", type="A", rdata=f"10.0.{n // 256}.{n % 256}")
        for n in range(2_000)
    )
    for query in ["", "?q=n0999", "?type=A&sort=-value", "?sort=ttl", "?sort=-type"]:
        with django_assert_max_num_queries(8):
            assert browser.get(PAGE + query).status_code == 200
    seen: list[int] = []
    url = "?type=A&sort=-name"
    while url:
        context = browser.get(PAGE + url).context
        seen += [row.pk for row in context["page"].records]
        back, url = context["previous_url"], context["next_url"]
        if len(seen) > 500:
            break
    assert len(set(seen)) == len(seen) > 500
    previous = [row.pk for row in browser.get(PAGE + back).context["page"].records]
    assert previous == seen[-100:-50]
    assert "2,002 records" in text(browser.get(f"{PAGE}?type=A")).replace("2002", "2,002")
