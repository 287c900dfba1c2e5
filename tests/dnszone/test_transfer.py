"""Zones fetched from other servers: honest ones, closed ones, hostile ones; and whom the panel never asks."""

from __future__ import annotations

import itertools
import time
from collections.abc import Iterator
from typing import Any

import dns.message
import dns.rcode
import pytest
from django.core.cache import cache
from django.test import Client

from dnszone.models import Draft, Zone
from dnszone.zonefile import fetching, transfer
from dnszone.zonefile.reader import read
from lib.errors import Refused
from provision.models import Node
from tests.dnszone import axfr
from tests.dnszone.axfr import Answer, message, serving
from tests.dnszone.test_zonefile_pages import plain

ZONE = "example.test"
PAGE = "/domains/example.test/zone/transfer/"


def fetched(answer: Answer, seconds: float = 5.0) -> str:
    with serving(answer) as port:
        return transfer.fetched(ZONE, "127.0.0.1", allow=lambda _at: None, port=port, seconds=seconds)


def refused(answer: Answer, seconds: float = 5.0) -> str:
    with pytest.raises(Refused) as caught:
        fetched(answer, seconds)
    assert caught.value.field == "server"
    return caught.value.message


WHOLE = [
    "example.test. 3600 IN NS ns1.old.test.",
    "example.test. 300 IN MX 10 mail.example.test.",
    r'example.test. 300 IN TXT "v=spf1 -all" "x\"\\\000\255;("',
    "*.example.test. 60 IN A 192.0.2.1",
    r"dyn.example.test. 60 IN TYPE65401 \# 5 0161016200",
    "example.test. 300 IN RRSIG A 13 2 300 20300101000000 20200101000000 1 example.test. AAAA",
]


@pytest.mark.parametrize("split", [1, 3, 100])
def test_a_zone_is_fetched_whole(split: int) -> None:
    reading = read(fetched(axfr.zone(*WHOLE, split=split)), ZONE)
    assert reading.problems == []
    assert [row.served for row in reading.rows] == [
        ("@", "MX", "10 mail.example.test.", 300),
        ("@", "TXT", r'"v=spf1 -all" "x\"\\\000\255;("', 300),
        ("*", "A", "192.0.2.1", 60),
        ("dyn", "ALIAS", "a.b.", 60),
    ]
    assert (reading.heard.soa, reading.heard.name_servers, reading.heard.signing) == (True, 1, 1)
    assert reading.heard.dotless == []


@pytest.mark.parametrize(
    ("code", "words"),
    [
        (dns.rcode.REFUSED, "does not hand out"),
        (dns.rcode.NOTAUTH, "does not hand out"),
        (dns.rcode.NOERROR, "does not hand out"),
        (dns.rcode.NXDOMAIN, "does not have the zone"),
        (dns.rcode.SERVFAIL, "SERVFAIL"),
        (dns.rcode.NOTIMP, "NOTIMP"),
    ],
)
def test_a_closed_server_is_explained(code: dns.rcode.Rcode, words: str) -> None:
    assert words in refused(axfr.refusing(code))


def _sending(*wires: bytes) -> Answer:
    return lambda _query: iter(wires)


def _hanging(query: dns.message.Message) -> Iterator[bytes]:
    """The beginning, then a byte of silence at a time."""
    yield message(query, axfr.SOA)
    for _number in itertools.count():
        yield message(query)
        time.sleep(0.05)  # a slow server is what is tested


def _endless(query: dns.message.Message) -> Iterator[bytes]:
    yield message(query, axfr.SOA)
    for number in itertools.count():
        yield message(query, *(f"h{number}-{each}.example.test. 60 IN A 192.0.2.1" for each in range(500)))


def _huge(query: dns.message.Message) -> Iterator[bytes]:
    yield message(query, axfr.SOA)
    text = " ".join(['"' + "x" * 250 + '"'] * 200)
    for number in itertools.count():
        yield message(query, f"h{number}.example.test. 60 IN TXT {text}")


def _other_id(query: dns.message.Message) -> Iterator[bytes]:
    query.id ^= 1
    yield message(query, axfr.SOA)


def _no_soa(query: dns.message.Message) -> Iterator[bytes]:
    yield message(query, "www.example.test. 60 IN A 192.0.2.1")


def _cut_short(query: dns.message.Message) -> Iterator[bytes]:
    yield message(query, axfr.SOA, "www.example.test. 60 IN A 192.0.2.1")


@pytest.mark.parametrize(
    ("answer", "words"),
    [
        (_hanging, "in time"),
        (_endless, "more than 2000 records"),
        (_huge, "larger than 5 MB"),
        (_other_id, "no zone"),
        (_no_soa, "no zone"),
        (_cut_short, "does not hand out"),
        (_sending(), "does not hand out"),
        (_sending(b""), "no zone"),
        (_sending(b"\xff" * 40), "no zone"),
        (_sending(b"\x00" * 12), "no zone"),
    ],
)
def test_a_hostile_server_is_left_with_words(
    monkeypatch: pytest.MonkeyPatch, answer: Answer, words: str
) -> None:
    monkeypatch.setattr(transfer, "RECORDS", 2000)
    assert words in refused(answer, seconds=1.0 if words == "in time" else 20.0)


def test_nobody_listens() -> None:
    with serving(axfr.zone()) as port:
        pass
    with pytest.raises(Refused, match="does not answer"):
        transfer.fetched(ZONE, "127.0.0.1", allow=lambda _at: None, port=port)


def test_records_outside_the_zone_are_errors_of_the_reader() -> None:
    reading = read(fetched(axfr.zone("www.other.test. 60 IN A 192.0.2.1")), ZONE)
    assert reading.wrong == 1
    assert "outside" in reading.problems[0].reason


FORBIDDEN = [
    "127.0.0.1", "127.8.8.8", "0.0.0.0", "0.1.2.3", "10.0.0.1", "172.16.0.1",  # noqa: S104 - an address
    "172.31.255.255", "192.168.1.1", "169.254.169.254", "100.64.0.1", "100.127.255.255", "192.0.0.8",
    "192.0.2.1", "198.51.100.1", "203.0.113.1", "198.18.0.1", "198.19.255.255", "192.88.99.1", "224.0.0.1",
    "239.255.255.255", "240.0.0.1", "255.255.255.255", "::", "::1", "::ffff:127.0.0.1", "::ffff:8.8.8.8",
    "::ffff:10.0.0.1", "::7f00:1", "64:ff9b::7f00:1", "64:ff9b::808:808", "64:ff9b:1::1", "2002:7f00:1::",
    "2002:808:808::", "2001::1", "2001:db8::1", "2001:20::1",
    "3fff::1", "5f00::1", "100::1", "fc00::1", "fd12:3456::1", "fe80::1", "fe80::1%eth0", "2600::1%eth0",
    "fec0::1", "ff02::1", "ff0e::1", "4000::1",
]  # fmt: skip
OURS = ["8.8.4.4", "2600:0:0::53", "not an address"]


@pytest.mark.parametrize("address", [*FORBIDDEN, "8.8.4.4", "2600::53"])
def test_addresses_that_are_never_asked(address: str) -> None:
    with pytest.raises(Refused) as caught:
        fetching.refuse_ours_and_private(address, OURS, "server")
    assert caught.value.field == "server"


@pytest.mark.parametrize(
    "address", ["8.8.8.8", "1.1.1.1", "100.128.0.1", "2600::1", "2a01:4f8::1", "172.32.0.1"]
)
def test_addresses_of_the_world_are_asked(address: str) -> None:
    fetching.refuse_ours_and_private(address, OURS, "server")


@pytest.fixture
def looked_up(monkeypatch: pytest.MonkeyPatch) -> dict[str, list[str]]:
    """What names stand for; each may be asked for once, as the answer may be another one the next time."""
    world: dict[str, list[str]] = {}

    def lookup(name: str, rdtype: str, **_rest: Any) -> list[str]:
        found = world.pop(name.rstrip("."), []) if rdtype == "A" else []
        return [*found]

    monkeypatch.setattr("lib.resolver.lookup", lookup)
    return world


@pytest.fixture
def connected(monkeypatch: pytest.MonkeyPatch) -> list[Any]:
    """Whom the panel connected to; nobody answers."""
    asked: list[Any] = []

    def create_connection(address: Any, timeout: float) -> Any:
        asked.append(address)
        raise ConnectionRefusedError

    monkeypatch.setattr("socket.create_connection", create_connection)
    return asked


def fetch(browser: Client, server: str, **fields: str) -> Any:
    return browser.post(PAGE, {"server": server, "how": "add", **fields})


@pytest.mark.parametrize("server", [*FORBIDDEN, "[::1]", "127.0.0.1.", " 127.0.0.1 ", "[::ffff:127.0.0.1]"])
def test_forbidden_addresses_are_refused_at_the_field(
    browser: Client, zone: Zone, connected: list[Any], server: str
) -> None:
    response = fetch(browser, server)
    assert response.status_code == 422
    assert "not an address on the public internet" in plain(response)
    assert connected == []


@pytest.mark.parametrize("addresses", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["::1"], ["169.254.169.254"]])
def test_names_that_stand_for_them_are_refused_too(
    browser: Client, zone: Zone, connected: list[Any], looked_up: dict[str, list[str]], addresses: list[str]
) -> None:
    looked_up["inside.evil.test"] = addresses
    response = fetch(browser, "inside.evil.test")
    assert "not an address on the public internet" in plain(response)
    assert connected == []


def test_a_name_is_looked_up_once_and_that_very_address_asked(
    browser: Client, zone: Zone, connected: list[Any], looked_up: dict[str, list[str]]
) -> None:
    looked_up["ns1.old.test"] = ["8.8.8.8"]
    assert "does not answer" in plain(fetch(browser, "ns1.old.test"))
    assert connected == [("8.8.8.8", 53)]


def test_our_own_servers_are_refused(browser: Client, zone: Zone, node: Node, connected: list[Any]) -> None:
    node.addresses = ["8.8.4.4"]
    node.save()
    assert "a server of ours" in plain(fetch(browser, "8.8.4.4"))
    assert connected == []


@pytest.mark.parametrize(
    "server",
    ["", "localhost", "127.1", "2130706433", "0x7f000001", "0177.0.0.1", "127.0.0.1:53", "ns1.old.test:53",
     "http://ns1.old.test/", "a\x00b.test", "a b.test", "ns1..test", "x" * 300, "-a.test", "@",
     "ns1.old.test/AXFR", "user@ns1.old.test", "%31%32%37.0.0.1", "\u2460.\u2461", "１２７.0.0.1",
     "127。0。0。1"],
)  # fmt: skip
def test_what_is_no_server_is_refused_at_the_field(
    browser: Client, zone: Zone, connected: list[Any], looked_up: dict[str, list[str]], server: str
) -> None:
    response = fetch(browser, server)
    assert response.status_code == 422
    assert "wrong" in response.content.decode().split('id="fetch"')[1]
    assert connected == []
    assert not Draft.objects.exists()


@pytest.fixture
def open_door(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """A server on loopback may be asked, on its port."""
    with serving(axfr.zone("ftp.example.test. 60 IN A 192.0.2.7")) as port:
        monkeypatch.setattr(fetching, "refuse_ours_and_private", lambda *_all: None)
        monkeypatch.setattr(transfer, "PORT", port)
        yield


@pytest.mark.usefixtures("open_door")
def test_what_was_fetched_becomes_a_draft(browser: Client, zone: Zone) -> None:
    response = fetch(browser, "127.0.0.1")
    assert response["Location"] == "/domains/example.test/zone/preview/"
    draft = Draft.objects.get()
    assert (draft.origin, draft.title) == ("import", "127.0.0.1")
    assert [item["spec"][:4] for item in draft.items] == [["ftp", "A", "192.0.2.7", 60]]


@pytest.mark.usefixtures("open_door")
def test_one_at_a_time_for_a_person(browser: Client, zone: Zone, alice: Any) -> None:
    cache.add(f"zone-transfer/{alice.pk}", 1, 30)
    assert "running already" in plain(fetch(browser, "127.0.0.1"))
    cache.delete(f"zone-transfer/{alice.pk}")
    assert fetch(browser, "127.0.0.1").status_code == 302
    assert fetch(browser, "127.0.0.1", replace_draft="on").status_code == 302


def test_nothing_is_asked_where_the_editor_is_switched_off(
    browser: Client, zone: Zone, connected: list[Any], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("accounts.limits.has", lambda account, feature: False)
    assert fetch(browser, "8.8.8.8").status_code == 422
    assert connected == []


def test_a_get_shows_the_form_and_asks_nobody(browser: Client, zone: Zone, connected: list[Any]) -> None:
    assert "Name server" in plain(browser.get(PAGE, {"server": "8.8.8.8"}))
    assert connected == []
