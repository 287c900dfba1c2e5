"""A provider from nothing: it comes up whole, and mail and DNS work on and between its nodes."""

from __future__ import annotations

import json
import secrets
import subprocess
from contextlib import closing
from functools import partial
from pathlib import Path

import pytest

from bench import clients
from bench.people import customers
from bench.smoke import Smoke, run
from tests.compose.houses import House, settle
from tests.compose.provider import PROJECT, Provider, until

MAIL_NODES = ("mail1", "mail2")
OWN_QUEUE = (Path(__file__).parent / "own_queue.py").read_text(encoding="utf-8")
ALWAYS = ("postgres", "redis", "panel", "worker", "beat", "caddy", "mail1", "mail2", "ns1", "ns2")


def test_every_part_is_there_and_healthy(provider: Provider) -> None:
    provider.wait_healthy(*ALWAYS)
    assert len(provider.ids("panel")) == len(provider.ids("worker")) == 2
    told = provider.compose("logs", "--no-color", "demo")
    assert "The panel      https://localhost" in told
    assert "client@postroom.test" in told


@pytest.mark.parametrize("service", ["panel", "worker", "beat", "postgres", "redis", "caddy"])
def test_what_needs_no_root_is_not_root(provider: Provider, service: str) -> None:
    assert provider.run(service, "id", "-u").strip() != "0"


def test_no_secret_is_in_an_image_or_in_what_docker_tells(provider: Provider) -> None:
    known = provider.run("panel", "cat", "/secrets/secret_key", "/secrets/database", "/secrets/redis").split()
    assert len(known) == 3
    for service in ALWAYS:
        for container in provider.ids(service):
            told = json.dumps(provider.inspect(container))
            assert not [secret for secret in known if secret in told], service
    image = subprocess.run(
        ["docker", "run", "--rm", "--entrypoint", "ls", f"{PROJECT}-panel", "-A", "/secrets"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert not image.stdout.strip()


@pytest.mark.parametrize("node", MAIL_NODES)
def test_the_smoke_journey_on_each_node(
    provider: Provider, node: str, capsys: pytest.CaptureFixture[str]
) -> None:
    with settle(provider, on=node):
        stack = provider.stack(node)
        mine, other = customers(stack)
        with closing(mine) as browser, closing(other) as stranger:
            worked = run(Smoke(stack, browser, stranger))
    assert worked, capsys.readouterr().out


def test_mail_goes_from_node_to_node_and_back(provider: Provider, houses: dict[str, House]) -> None:
    first, second = houses["mail1"], houses["mail2"]
    for sender, reader in ((first, second), (second, first)):
        subject = f"across {secrets.token_hex(6)}"
        sender.send(to=reader.address, subject=subject)
        mail = until(partial(reader.find, subject), within=60, what=f"{subject} at {reader.node}")
        head = mail.partition(b"\r\n\r\n")[0].decode("utf-8", "replace")
        assert f"from {sender.node}.postroom.test" in head
        assert f"by {reader.node}.postroom.test" in head
        rows = until(partial(reader.tracked, subject), within=30, what=f"{subject} in Track Delivery")
        assert sender.address.partition("@")[0] in rows


def test_a_zone_appears_on_the_secondary_by_itself(provider: Provider, houses: dict[str, House]) -> None:
    for house in houses.values():
        until(partial(_same_serial, house), within=30, what=f"{house.domain} on the secondary")
        mx = clients.ask(house.on_secondary(), house.domain, "MX")
        assert mx == [f"10 {house.node}.postroom.test."]


def _same_serial(house: House) -> bool | None:
    first, second = (clients.ask(stack, house.domain, "SOA") for stack in (house.stack, house.on_secondary()))
    return True if first and first == second else None


def test_a_node_has_its_own_queue_and_no_other(provider: Provider) -> None:
    for mine, other in (("mail1", "mail2"), ("mail2", "mail1"), ("ns1", "mail1")):
        said = provider.run(mine, "/app/.venv/bin/python", "-c", OWN_QUEUE, mine, other)
        assert said.strip() == "held"


def test_a_node_cannot_see_what_another_was_given(provider: Provider) -> None:
    tokens = {node: provider.run(node, "cat", "/secrets/join_token").strip() for node in MAIL_NODES}
    assert tokens["mail1"] != tokens["mail2"]
    for node in MAIL_NODES:
        names = provider.run(node, "ls", "/secrets").split()
        assert "redis" not in names
        assert "database" not in names
        assert "panel_mail" not in names


def test_logs_are_begun_anew_and_no_line_is_lost(provider: Provider, houses: dict[str, House]) -> None:
    house = houses["mail1"]
    before, after = f"old log {secrets.token_hex(4)}", f"new log {secrets.token_hex(4)}"
    house.send(to=house.address, subject=before)
    provider.run(
        "mail1", "logrotate", "-f", "-s", "/data/mail1/logrotate.state", "/data/mail1/logrotate.conf"
    )
    assert "mail.log.1" in provider.run("mail1", "ls", "/data/mail1/log").split()
    house.send(to=house.address, subject=after)
    for subject in (before, after):
        until(partial(house.tracked, subject), within=60, what=f"{subject} in Track Delivery")
