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
from dnszone.models import Record, Zone
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
        ("post", f"{PAGE}mx/"),
        ("get", f"{PAGE}delete/?record={mx.pk}"),
        ("post", f"{PAGE}delete/?record={mx.pk}"),
        ("post", f"{PAGE}restore/"),
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
    stranger.post(f"/domains/other.test/zone/delete/?record={mx.pk}")
    stranger.post("/domains/other.test/zone/restore/", {"record": [mx.pk]})
    assert record(zone, "@", "MX").pk == mx.pk


def test_nobody_signed_in_is_sent_to_sign_in(zone: Zone, client: Client) -> None:
    for verb, url in urls(zone):
        response = getattr(client, verb)(url, secure=True)
        assert response.status_code == 302, url
        assert "/login/" in response.url


def test_the_page_shows_where_mail_goes_and_the_other_records(zone: Zone, browser: Client) -> None:
    page = text(browser.get(PAGE))
    assert "Mail goes to mail1.postroom.test." in page
    assert "lowest is tried first" in page
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
    wanted: Any = Push.objects.get(key="zone/example.test").payload
    mx = next(rrset for rrset in wanted["rrsets"] if rrset["type"] == "MX")
    assert mx["records"] == ["20 backup.example.net.", "20 mail1.postroom.test."]


def test_priorities_are_saved_as_one_set(zone: Zone, browser: Client) -> None:
    post(browser, f"{PAGE}add/?type=MX", priority="20", target="backup.example.net")
    first, second = Record.objects.filter(zone=zone, type="MX").order_by("rdata")
    fields = {f"priority-{first.pk}": "50", f"priority-{second.pk}": "5"}
    assert post(browser, f"{PAGE}mx/", **fields).status_code == 302
    assert "Mail goes first to backup.example.net; if it does not answer, to mail1.postroom.test." in text(
        browser.get(PAGE)
    )
    wrong = post(browser, f"{PAGE}mx/", **{f"priority-{first.pk}": "10", f"priority-{second.pk}": "65536"})
    assert wrong.status_code == 422
    assert "Write a whole number from 0 to 65535" in text(wrong)
    assert Record.objects.get(pk=first.pk).rdata.startswith("50 ")


@pytest.mark.parametrize(
    ("kind", "fields", "advice"),
    [
        ("MX", {"priority": "-1", "target": "mail"}, "whole number from 0 to 65535"),
        ("MX", {"priority": "010", "target": "mail"}, "Write 10, without a zero"),
        ("MX", {"priority": "10", "target": "192.0.2.1"}, "needs a host name, not an address"),
        ("MX", {"priority": "10", "target": "autoconfig"}, "is a CNAME"),
        ("MX", {"priority": "10", "target": "a b"}, "no spaces"),
        ("MX", {"priority": "", "target": "mail"}, "This field is required"),
        ("A", {"owner": "x" * 64, "address": "192.0.2.1"}, "63 at most"),
        ("A", {"owner": "www.other.test.", "address": "192.0.2.1"}, "outside this zone"),
        ("A", {"owner": "www\x00", "address": "192.0.2.1"}, "Null characters"),
        ("A", {"owner": "www", "address": "192.0.2.1", "ttl": "-1"}, "whole number from 0 to 2147483647"),
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
        made = Record.objects.exclude(pk__in=before).get()
        edit = browser.get(f"{PAGE}{made.pk}/")
        assert edit.status_code == 200
        initial = {name: field.value() for name, field in ((f.name, f) for f in edit.context["form"])}
        assert browser.post(f"{PAGE}{made.pk}/", initial).status_code == 302
        again = Record.objects.get(pk=made.pk)
        assert (again.rdata, again.since_serial) == (made.rdata, made.since_serial)
    page = browser.get(PAGE)
    assert "<script>alert" not in page.content.decode()
    assert "bücher.example xn--bcher-kva.example" in text(page)


def test_the_second_of_two_editors_is_told_and_may_save_again(www: Record, browser: Client) -> None:
    url = f"{PAGE}{www.pk}/"
    seen = browser.get(url).context["form"]["base_serial"].value()
    assert (
        browser.post(
            url, {"base_serial": seen, "owner": "www", "address": "192.0.2.81", "ttl": 3600}
        ).status_code
        == 302
    )
    mine = {"base_serial": seen, "owner": "www", "address": "192.0.2.82", "ttl": 3600}
    told = browser.post(url, mine)
    assert told.status_code == 422
    assert "Somebody changed these records" in text(told)
    assert "192.0.2.81" in text(told)
    assert (
        browser.post(url, mine | {"base_serial": told.context["form"]["base_serial"].value()}).status_code
        == 302
    )
    assert Record.objects.get(pk=www.pk).rdata == "192.0.2.82"


def test_deleting_asks_first_and_can_be_undone(zone: Zone, www: Record, browser: Client) -> None:
    url = f"{PAGE}delete/?record={www.pk}"
    assert "www A 192.0.2.80" in text(browser.get(url))
    assert Record.objects.filter(pk=www.pk).exists()
    done = browser.post(url, follow=True)
    assert not Record.objects.filter(pk=www.pk).exists()
    assert "One record deleted." in text(done)
    assert "One record deleted." not in text(browser.get(PAGE))
    back = browser.post(f"{PAGE}restore/", {"record": [www.pk]}, follow=True)
    assert "1 record is back." in text(back)
    assert record(zone, "www", "A").rdata == "192.0.2.80"


def test_many_are_deleted_at_once(zone: Zone, browser: Client) -> None:
    chosen = list(Record.objects.filter(zone=zone, type="SRV").values_list("pk", flat=True))
    query = "&".join(f"record={pk}" for pk in chosen)
    assert "Mail programs no longer find" in text(browser.get(f"{PAGE}delete/?{query}"))
    browser.post(f"{PAGE}delete/?{query}")
    assert not Record.objects.filter(zone=zone, type="SRV").exists()


@pytest.mark.parametrize(
    "query", ["", "?record=x", "?record=99999999999999999999", "?record=-1", "?record=0"]
)
def test_nothing_to_delete_is_said(zone: Zone, browser: Client, query: str) -> None:
    assert "No record was chosen" in text(browser.get(f"{PAGE}delete/{query}", follow=True))


def test_name_servers_of_the_domain_cannot_be_touched(zone: Zone, browser: Client) -> None:
    server = Record.objects.filter(zone=zone, type="NS")[0]
    assert browser.get(f"{PAGE}{server.pk}/").status_code == 404
    refused = browser.post(f"{PAGE}delete/?record={server.pk}")
    assert "kept by the panel" in text(refused)
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
    assert "Add an A record for dark.example.test" in text(browser.get(PAGE))
    post(browser, f"{PAGE}add/?type=A", owner="*", address="192.0.2.1")
    assert "Add an A record for dark.example.test" not in text(browser.get(PAGE))


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


def test_ten_thousand_records_take_eight_queries_and_can_all_be_reached(
    zone: Zone, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Record.objects.bulk_create(
        Record(zone=zone, owner=f"n{n:05d}", type="A", rdata=f"10.0.{n // 256}.{n % 256}")
        for n in range(10_000)
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
    assert "10,002 records" in text(browser.get(f"{PAGE}?type=A")).replace("10002", "10,002")
