"""The order of MX records: typed, moved, said."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client
from hypothesis import given
from hypothesis import strategies as st
from pytest_django import DjangoAssertNumQueries

from dnszone import services
from dnszone.forms.mx import moved
from dnszone.models import Draft, Record, Zone
from dnszone.services import Change, RecordSpec
from tests.dnszone.conftest import record
from tests.dnszone.test_pages import PAGE, apply, post, text


def keys(browser: Client) -> dict[str, str]:
    """Destination → its key in the form."""
    return {line.shown: line.key for line, _field in browser.get(PAGE).context["mx_pairs"]}


@pytest.fixture
def three(zone: Zone) -> Zone:
    changes = [
        Change(spec=RecordSpec(owner="@", type="MX", rdata=value))
        for value in ("20 b.example.net.", "30 c.example.net.")
    ]
    services.zone_apply(actor=None, zone=zone, changes=changes)
    return zone


def fields(browser: Client, **more: Any) -> dict[str, Any]:
    pairs = browser.get(PAGE).context["mx_pairs"]
    return {f"priority-{line.key}": line.priority for line, field in pairs if field} | more


def test_priorities_are_gathered_as_one_set(three: Zone, browser: Client) -> None:
    key = keys(browser)
    typed = {
        f"priority-{key['mail1.postroom.test']}": "50",
        f"priority-{key['b.example.net']}": "5",
        f"priority-{key['c.example.net']}": "30",
    }
    assert post(browser, f"{PAGE}mx/", **typed).status_code == 302
    page = text(browser.get(PAGE))
    assert "Mail goes first to b.example.net; if it does not answer, to c.example.net" in page
    assert "2 changes, not applied" in page
    wrong = post(browser, f"{PAGE}mx/", **(typed | {f"priority-{key['b.example.net']}": "65536"}))
    assert wrong.status_code == 422
    assert "Write a whole number from 0 to 65535" in text(wrong)
    apply(browser)
    found = Record.objects.filter(zone=three, type="MX").values_list("rdata", flat=True)
    assert sorted(found) == ["30 c.example.net.", "5 b.example.net.", "50 mail1.postroom.test."]


def test_up_and_down_swap_neighbours(three: Zone, browser: Client) -> None:
    key = keys(browser)
    post(browser, f"{PAGE}mx/", **fields(browser, up=key["b.example.net"]))
    assert "Mail goes first to b.example.net; if it does not answer, to mail1" in text(browser.get(PAGE))
    post(browser, f"{PAGE}mx/", **fields(browser, down=key["b.example.net"]))
    assert not Draft.objects.exists()
    post(browser, f"{PAGE}mx/", **fields(browser, up=key["mail1.postroom.test"]))
    post(browser, f"{PAGE}mx/", **fields(browser, down="nothing"))
    assert not Draft.objects.exists()


def test_a_new_mx_moves_as_well(three: Zone, browser: Client) -> None:
    post(browser, f"{PAGE}add/?type=MX", priority="40", target="d.example.net")
    key = keys(browser)["d.example.net"]
    assert key == "new-1"
    response = post(browser, f"{PAGE}mx/", **fields(browser, up=key))
    assert response.status_code == 302
    page = text(browser.get(PAGE))
    assert "to b.example.net, then to d.example.net, then to c.example.net" in page
    assert "New, not applied" in page


def test_htmx_gets_the_section_and_the_bar(three: Zone, browser: Client) -> None:
    key = keys(browser)["b.example.net"]
    serial = Zone.objects.get(pk=three.pk).serial
    sent = fields(browser, up=key) | {"base_serial": serial}
    part = browser.post(f"{PAGE}mx/", sent, headers={"hx-request": "true"}).content.decode()
    assert "<html" not in part
    assert 'id="mx"' in part
    assert 'hx-swap-oob="true"' in part
    assert "2 changes, not applied" in part
    wrong = browser.post(f"{PAGE}mx/", sent | {f"priority-{key}": "x"}, headers={"hx-request": "true"})
    assert wrong.status_code == 200
    assert "Write a whole number" in text(wrong)


def test_the_sentence_while_typing(three: Zone, browser: Client) -> None:
    key = keys(browser)
    said = browser.get(f"{PAGE}mx/", {f"priority-{key['c.example.net']}": "1"})
    assert text(said).strip().startswith("Mail goes first to c.example.net; if it does not answer, to mail1")
    half = browser.get(f"{PAGE}mx/", {f"priority-{key['c.example.net']}": "x"})
    assert text(half).strip().startswith("Mail goes first to mail1")
    assert not Draft.objects.exists()


def test_without_mx_the_domains_own_address_is_named_as_the_draft_leaves_it(
    zone: Zone, browser: Client
) -> None:
    address = record(zone, "@", "A")
    post(browser, f"{PAGE}delete/", record=record(zone, "@", "MX").pk)
    assert f"the address of example.test itself, {address.rdata}, and unless" in text(browser.get(PAGE))
    post(browser, f"{PAGE}delete/", record=address.pk)
    assert "example.test has no address of its own" in text(browser.get(PAGE))
    post(browser, f"{PAGE}add/?type=ALIAS", owner="@", target="host.elsewhere.test")
    assert "itself, host.elsewhere.test, and unless" in text(browser.get(PAGE))
    assert "itself, host.elsewhere.test, and unless" in text(browser.get(f"{PAGE}mx/"))


def test_a_long_zone_has_its_warnings_too(
    zone: Zone, browser: Client, django_assert_max_num_queries: DjangoAssertNumQueries
) -> None:
    Record.objects.bulk_create(
        Record(zone=zone, owner=f"n{n:05d}", type="A", rdata=f"10.0.{n // 256}.{n % 256}")
        for n in range(2_100)
    )
    changes = [("@", "MX", "20 dark"), ("@", "MX", "30 n00001"), ("@", "MX", "40 other")]
    changes += [("other", "CNAME", "n00002"), ("www", "A", "192.0.2.9")]
    services.zone_apply(
        actor=None,
        zone=zone,
        changes=[Change(spec=RecordSpec(owner=o, type=t, rdata=value)) for o, t, value in changes],
    )
    post(browser, f"{PAGE}add/?type=MX", priority="50", target="n00003")
    with django_assert_max_num_queries(8):
        page = text(browser.get(PAGE))
    assert "dark.example.test has no address" in page
    assert "other.example.test is a CNAME" in page
    assert "n00001.example.test has" not in page
    assert "n00003.example.test has" not in page
    star = RecordSpec(owner="*", type="A", rdata="192.0.2.9")
    services.zone_apply(actor=None, zone=zone, changes=[Change(spec=star)])
    page = text(browser.get(PAGE))
    assert "dark.example.test has no address" not in page  # the star answers
    assert "The star answers for" in text(browser.get(f"{PAGE}?q=*"))


def test_equal_null_and_none_are_said(zone: Zone, browser: Client) -> None:
    mx = record(zone, "@", "MX")
    post(browser, f"{PAGE}add/?type=MX", priority="10", target="b.example.net")
    assert "share the mail" in text(browser.get(PAGE))
    Draft.objects.all().delete()
    post(browser, f"{PAGE}delete/", record=mx.pk)
    assert "There is no MX record" in text(browser.get(PAGE))
    post(browser, f"{PAGE}add/?type=MX", priority="0", target=".")
    assert "takes no mail" in text(browser.get(PAGE))


def test_mx_of_subdomains_are_in_the_list_below(zone: Zone, browser: Client) -> None:
    spec = RecordSpec(owner="sub", type="MX", rdata="10 mail.example.net.")
    services.zone_apply(actor=None, zone=zone, changes=[Change(spec=spec)])
    page = browser.get(f"{PAGE}?type=MX")
    assert [line.what for line in page.context["lines"]] == ["sub MX"]


def test_somebody_changed_the_mx_meanwhile(three: Zone, browser: Client) -> None:
    serial = Zone.objects.get(pk=three.pk).serial
    sent = fields(browser, up=keys(browser)["b.example.net"])
    spec = RecordSpec(owner="@", type="MX", rdata="99 d.example.net.")
    services.zone_apply(actor=None, zone=three, changes=[Change(spec=spec)])
    told = browser.post(f"{PAGE}mx/", sent | {"base_serial": serial})
    assert told.status_code == 422
    assert "d.example.net" in text(told)


Order = st.lists(st.integers(0, 65535), min_size=1, max_size=8).map(
    lambda numbers: [(str(i), number) for i, number in enumerate(sorted(numbers))]
)


@given(order=Order, place=st.integers(0, 7), step=st.sampled_from([-1, 1]))
def test_a_move_is_one_place_and_every_number_is_a_priority(
    order: list[tuple[str, int]], place: int, step: int
) -> None:
    key = str(place)
    numbers = moved(order, key, step)
    assert set(numbers) == {k for k, _n in order}
    assert all(0 <= number <= 65535 for number in numbers.values())
    there = place + step
    if place < len(order) and 0 <= there < len(order):
        assert (numbers[key] - numbers[str(there)]) * step > 0
    else:
        assert numbers == dict(order)
