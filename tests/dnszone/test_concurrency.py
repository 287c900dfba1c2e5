"""Rules and serials hold when requests race; the database alone keeps the rules when nobody asks first."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from threading import Barrier
from typing import Any

import pytest
from django.db import IntegrityError, connection, connections, transaction

from dnszone import services
from dnszone.models import Record, Zone
from dnszone.services import Change, RecordSpec
from lib.errors import Refused
from provision.models import Push
from tests.factories import AccountFactory, DomainFactory, NodeFactory

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def racing_zone() -> Zone:
    domain = DomainFactory.create(account=AccountFactory.create(), name="race.test")
    return services.zone_create(actor=None, domain=domain, mail_node=NodeFactory.create())


def race(zone: Zone, specs: list[RecordSpec]) -> list[int | str]:
    """All at once, each in its own connection: the serial that each got, or why it was refused."""
    start = Barrier(len(specs))

    def one(spec: RecordSpec) -> int | str:
        try:
            start.wait(timeout=20)
            return services.zone_apply(actor=None, zone=zone, changes=[Change(spec=spec)]).serial
        except Refused as refused:
            return refused.message
        finally:
            connections.close_all()

    with ThreadPoolExecutor(len(specs)) as pool:
        return list(pool.map(one, specs))


def test_alias_and_address_race_for_one_name(racing_zone: Zone) -> None:
    results = race(
        racing_zone,
        [
            RecordSpec(
                owner="www",
                type="CNAME" if number % 2 else "A",
                rdata="x.test." if number % 2 else f"192.0.2.{number}",
            )
            for number in range(10)
        ],
    )
    kinds = set(Record.objects.filter(zone=racing_zone, owner="www").values_list("type", flat=True))
    assert len(kinds) == 1
    assert any(isinstance(result, int) for result in results)


def test_every_change_gets_a_serial_of_its_own_and_none_is_lost(racing_zone: Zone) -> None:
    results = race(racing_zone, [RecordSpec(owner=f"n{n}", type="A", rdata="192.0.2.1") for n in range(12)])
    serials = [result for result in results if isinstance(result, int)]
    assert len(set(serials)) == 12
    assert min(serials) > racing_zone.serial
    assert Zone.objects.get(pk=racing_zone.pk).serial == max(serials)
    payload: Any = Push.objects.get(key="zone/race.test").payload
    assert payload["serial"] == max(serials)
    assert {rrset["name"] for rrset in payload["rrsets"]} >= {f"n{n}.race.test." for n in range(12)}


def test_the_same_record_twice_at_once_is_there_once(racing_zone: Zone) -> None:
    race(racing_zone, [RecordSpec(owner="www", type="A", rdata="192.0.2.1")] * 6)
    assert Record.objects.filter(zone=racing_zone, owner="www").count() == 1


@pytest.mark.parametrize(
    ("first", "second"),
    [
        (("x", "A", "192.0.2.1"), ("x", "CNAME", "a.test.")),
        (("x", "CNAME", "a.test."), ("x", "CNAME", "b.test.")),
        (("x", "A", "192.0.2.1"), ("x", "A", "192.0.2.1")),
        (None, ("@", "CNAME", "a.test.")),
        (None, ("@", "NS", "a.test.")),
        (None, ("@", "SOA", "a. b. 1 2 3 4 5")),
        (None, ("Upper", "A", "192.0.2.1")),
        (None, ("dot.", "A.", "192.0.2.1")),
    ],
)
def test_the_database_itself_refuses(
    racing_zone: Zone, first: tuple[str, str, str] | None, second: tuple[str, str, str]
) -> None:
    def put(row: tuple[str, str, str]) -> None:
        Record.objects.create(zone=racing_zone, owner=row[0], type=row[1], rdata=row[2])

    if first:
        put(first)
    with pytest.raises(IntegrityError):
        put(second)


def test_the_database_refuses_two_ttls_in_one_rrset(racing_zone: Zone) -> None:
    Record.objects.create(zone=racing_zone, owner="x", type="A", rdata="192.0.2.1", ttl=300)
    with pytest.raises(IntegrityError):
        Record.objects.create(zone=racing_zone, owner="x", type="A", rdata="192.0.2.2", ttl=600)


def test_two_connections_cannot_put_an_alias_beside_an_address(racing_zone: Zone) -> None:
    """Without the service and its lock: the second waits for the first, then is refused."""

    def put(kind: str, rdata: str) -> bool:
        try:
            with transaction.atomic():
                Record.objects.create(zone=racing_zone, owner="x", type=kind, rdata=rdata)
                start.wait(timeout=20) if kind == "A" else None
        except IntegrityError:
            return False
        else:
            return True
        finally:
            connections.close_all()

    start = Barrier(2)
    with ThreadPoolExecutor(1) as pool:
        address = pool.submit(put, "A", "192.0.2.1")
        start.wait(timeout=20)
        alias = put("CNAME", "a.test.")
        assert [address.result(), alias].count(True) == 1
    connection.close()
