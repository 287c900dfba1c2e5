"""Secondary name servers as the panel sees them: their names, what is asked of them, what the desk says."""

from __future__ import annotations

import socket
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta

import dns.flags
import dns.message
import dns.rcode
import dns.rrset
import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from accounts.models import Domain, User
from dnszone import provider
from dnszone.dnssec import services as signing
from dnszone.models import SecondaryWatch, Zone
from dnszone.secondaries import live
from dnszone.secondaries import services as secondaries
from dnszone.services import provider_zone_ensure, zone_create
from dnszone.tasks import secondaries_look
from provision.models import Node, Push
from tests.factories import NodeFactory, UserFactory

Answers = dict[str, int]


def secondary(name: str = "ns2", address: str = "192.0.2.54", **other: object) -> Node:
    host = f"{name}.postroom.test"
    values = {"name": name, "roles": ["secondary"], "host": host, "addresses": [address], "public_key": ""}
    return NodeFactory.create(**{**values, "ports": {"dns": 53}, **other})


def live_now(zone: Zone, ago: timedelta = timedelta(minutes=5)) -> None:
    for push in Push.objects.filter(key=f"zone/{zone.name}"):
        push.applied_rev, push.next_try_at, push.applied_at = push.desired_rev, None, timezone.now() - ago
        push.save()


@pytest.fixture
def answers(monkeypatch: pytest.MonkeyPatch) -> Callable[[Answers | None], list[str]]:
    """What the server says from now on; None: nothing. The zones that it was asked about come into the
    list."""

    def say(told: Answers | None) -> list[str]:
        asked: list[str] = []

        def serials(server: live.Place, zones: list[str]) -> dict[str, int]:
            asked.extend(zones)
            if told is None:
                raise live.Silent
            return {name: told.get(name, live.NOT_THERE) for name in zones}

        monkeypatch.setattr(live, "serials", serials)
        return asked

    return say


class TestNames:
    def records(self) -> set[tuple[str, str]]:
        return {(spec.owner, spec.rdata) for spec in provider.own_records() if spec.type == "A"}

    def test_one_node_alone_is_both(self, node: Node) -> None:
        assert {("ns1", "192.0.2.25"), ("ns2", "192.0.2.25")} < self.records()
        assert provider.name_servers() == ["ns1.postroom.test", "ns2.postroom.test"]

    def test_a_secondary_is_the_second(self, node: Node) -> None:
        secondary()
        assert {("ns1", "192.0.2.25"), ("ns2", "192.0.2.54")} < self.records()

    def test_whose_host_says_its_number_has_it(self, db: None) -> None:
        secondary()  # known before the primary
        NodeFactory.create(name="ns1", roles=["dns"], host="ns1.postroom.test", addresses=["192.0.2.53"])
        NodeFactory.create(name="mail1", roles=["mail"])
        assert {("ns1", "192.0.2.53"), ("ns2", "192.0.2.54")} < self.records()

    def test_a_third_has_a_name(self, node: Node) -> None:
        before = provider_zone_ensure(actor=None)
        secondary()
        secondary("ns3", "192.0.2.55")
        zone = provider_zone_ensure(actor=None)
        assert ("ns3", "192.0.2.55") in self.records()
        assert provider.name_servers()[-1] == "ns3.postroom.test"
        named = set(zone.records.filter(type="NS", owner="@").values_list("rdata", flat=True))
        assert named == {f"ns{number}.postroom.test." for number in (1, 2, 3)}
        assert zone.serial > before.serial

    def test_a_new_domain_names_all_three(self, alice: User, domain: Domain, node: Node) -> None:
        secondary()
        secondary("ns3", "192.0.2.55")
        zone = zone_create(actor=alice, domain=domain, mail_node=node)
        assert zone.records.filter(type="NS", owner="@").count() == 3

    def test_nothing_is_pushed_to_it(self, node: Node, zone: Zone) -> None:
        other = secondary()
        provider_zone_ensure(actor=None)
        assert not Push.objects.filter(node=other).exists()


def test_other_keys_come_with_a_higher_serial_where_there_is_a_secondary(alice: User, zone: Zone) -> None:
    signing.dnssec_on(actor=alice, zone=zone)
    serial = Zone.objects.get(pk=zone.pk).serial
    assert serial == zone.serial
    secondary()
    signing.dnssec_off(actor=alice, zone=zone, anyway=True)
    assert Zone.objects.get(pk=zone.pk).serial > serial
    push = Push.objects.get(key=f"zone/{zone.name}")
    assert push.payload["serial"] == Zone.objects.get(pk=zone.pk).serial  # type: ignore[index]


class TestLooking:
    def test_all_as_on_the_primary(self, zone: Zone, answers: Callable[[Answers], list[str]]) -> None:
        node = secondary()
        live_now(zone)
        asked = answers({zone.name: zone.serial})
        watch = secondaries.look(node)
        assert asked == [zone.name]
        assert (watch.silent_since, watch.behind, bool(watch.whole_at)) == (None, {}, True)

    def test_behind_is_kept_with_its_time_until_it_is_there(
        self, zone: Zone, answers: Callable[[Answers], list[str]]
    ) -> None:
        node = secondary()
        live_now(zone)
        answers({zone.name: zone.serial - 1})
        first = secondaries.look(node).behind
        assert list(first) == [zone.name]
        answers({})  # it has lost it
        assert secondaries.look(node).behind == first
        answers({zone.name: zone.serial + 1})
        assert secondaries.look(node).behind == {}

    def test_a_zone_that_is_gone_is_not_behind(
        self, alice: User, zone: Zone, answers: Callable[[Answers], list[str]]
    ) -> None:
        node = secondary()
        live_now(zone)
        answers({})
        assert secondaries.look(node).behind
        zone.delete()
        assert secondaries.look(node).behind == {}

    @pytest.mark.parametrize("ago", [timedelta(seconds=1), None])
    def test_what_is_on_its_way_is_not_asked_for(
        self, zone: Zone, answers: Callable[[Answers], list[str]], ago: timedelta | None
    ) -> None:
        if ago:
            live_now(zone, ago)
        asked = answers({})
        assert secondaries.look(secondary()).behind == {}
        assert asked == []

    def test_silence_has_a_beginning_and_an_end(
        self, zone: Zone, answers: Callable[[Answers | None], list[str]]
    ) -> None:
        node = secondary()
        live_now(zone)
        answers(None)
        since = secondaries.look(node).silent_since
        assert since is not None
        assert secondaries.look(node).silent_since == since
        answers({zone.name: zone.serial})
        assert secondaries.look(node).silent_since is None

    def test_without_an_address_it_is_silent(self, zone: Zone) -> None:
        assert secondaries.look(secondary(addresses=[])).silent_since

    def test_the_walk_comes_to_all_and_never_asks_too_much(
        self, zone: Zone, answers: Callable[[Answers], list[str]], monkeypatch: pytest.MonkeyPatch
    ) -> None:
        node = secondary()
        monkeypatch.setattr(secondaries, "ASKED_AT_MOST", 4)
        monkeypatch.setattr(secondaries, "RECENT_ASKED", 1)
        rows = [Zone(name=f"z{number}.test", serial=7) for number in range(9)]
        Zone.objects.bulk_create(rows)
        primary = Node.objects.get(name="mail1")
        at = timezone.now() - timedelta(minutes=1)
        Push.objects.bulk_create(
            Push(node=primary, key=f"zone/{row.name}", kind="zone", payload={}, applied_rev=1, applied_at=at)
            for row in rows
        )
        seen: set[str] = set()
        for _number in range(4):
            asked = answers({row.name: 7 for row in rows})
            watch = secondaries.look(node)
            assert len(asked) <= 4
            seen.update(asked)
        assert {row.name for row in rows} <= seen
        while not watch.whole_at:
            watch = secondaries.look(node)
        assert watch.behind == {}

    def test_the_task_looks_at_secondaries_alone(
        self, zone: Zone, answers: Callable[[Answers], list[str]]
    ) -> None:
        answers({})
        secondaries_look()
        assert not SecondaryWatch.objects.exists()
        node = secondary()
        secondaries_look()
        assert SecondaryWatch.objects.get().node == node


class TestTheDesk:
    def says(self, node: Node, **watch: object) -> str:
        ada = UserFactory.create(is_staff=True, is_superuser=True)
        browser = Client()
        browser.force_login(ada, backend="accounts.backends.PersonBackend")
        if watch:
            SecondaryWatch.objects.create(node=node, looked_at=timezone.now(), **watch)
        return " ".join(browser.get(reverse("admin:index")).content.decode().split())

    def test_not_asked_yet(self, db: None) -> None:
        page = self.says(secondary())
        assert "not asked yet" in page
        assert "has not joined" not in page
        assert "never reported" not in page

    def test_in_order(self, db: None) -> None:
        assert "Answers, all zones as on the primary" in self.says(secondary(), whole_at=timezone.now())

    def test_behind(self, db: None) -> None:
        behind = {f"z{number}.test": "2026-01-01T00:00:00+00:00" for number in range(4)}
        page = self.says(secondary(), behind=behind)
        assert "Answers, 4 zones behind the primary" in page
        assert "z0.test, z1.test, z2.test" in page

    def test_silent(self, db: None) -> None:
        assert "Does not answer since" in self.says(secondary(), silent_since=timezone.now())


@contextmanager
def name_server(answer: Callable[[dns.message.Message], dns.message.Message | None]) -> Iterator[live.Place]:
    """On a free loopback port, until the block ends."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as server:
        server.bind(("127.0.0.1", 0))

        def serve() -> None:
            while True:
                data, who = server.recvfrom(4096)
                if not data:
                    return
                if reply := answer(dns.message.from_wire(data)):
                    server.sendto(reply.to_wire(), who)

        thread = threading.Thread(target=serve)
        thread.start()
        place = server.getsockname()
        try:
            yield place
        finally:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as stop:
                stop.sendto(b"", place)
            thread.join()


class TestAsking:
    def test_serials_and_what_is_not_there(self) -> None:
        def answer(query: dns.message.Message) -> dns.message.Message:
            name = str(query.question[0].name)
            reply = dns.message.make_response(query)
            if name == "none.test.":
                reply.set_rcode(dns.rcode.REFUSED)
                return reply
            if name != "stale.test.":  # expired: no longer with authority
                reply.flags |= dns.flags.AA
            text = "ns1.postroom.test. hostmaster.postroom.test. 41 1 1 1 1"
            reply.answer.append(dns.rrset.from_text(name, 60, "IN", "SOA", text))
            return reply

        with name_server(answer) as place:
            found = live.serials(place, ["luna.test", "none.test", "stale.test"])
            assert found == {"luna.test": 41, "none.test": live.NOT_THERE, "stale.test": live.NOT_THERE}
            assert live.serials(place, []) == {".": 41}

    def test_nobody_there(self, monkeypatch: pytest.MonkeyPatch) -> None:
        monkeypatch.setattr(live, "ANSWER_SECONDS", 0.05)
        with name_server(lambda query: None) as place, pytest.raises(live.Silent):
            live.serials(place, ["luna.test"])

    @pytest.mark.parametrize(
        ("wanted", "found", "late"),
        [
            (5, 5, False),
            (5, 6, False),
            (5, 4, True),
            (1, 2**32 - 1, True),
            (2**32 - 1, 1, False),
            (5, -1, True),
        ],
    )
    def test_serials_go_round(self, wanted: int, found: int, late: bool) -> None:
        """RFC 1982 §3.2"""
        assert bool(live.behind({"luna.test": wanted}, {"luna.test": found})) == late
