"""Real servers stopped, killed and emptied while changes are on their way. On the second stack."""

from __future__ import annotations

import json
import re
import secrets
from collections.abc import Callable
from typing import Any

import pytest
import redis

from bench import clients, journey
from bench.zoneform import change_mx
from tests.onstack import Box, House, Servers, run_manage, sql

pytestmark = pytest.mark.nodes

Wait = Callable[..., Any]

MANY = """
from mailboxes.models import MailDomain
from mailboxes.services import mailbox_create
mail = MailDomain.objects.get(domain__name={domain!r})
for number in range({number}):
    mailbox_create(actor=None, mail_domain=mail, local=f"box{{number}}", password={password!r}, quota_mb=1)
"""
NUMBER = 200


def make_many(house: House) -> list[Box]:
    """Two hundred mailboxes, through the service that the form calls."""
    password = secrets.token_urlsafe(18)
    run_manage(house.stack, MANY.format(domain=house.domain, number=NUMBER, password=password))
    return [Box(house.stack, f"box{number}@{house.domain}", password) for number in range(NUMBER)]


def behind(house: House) -> int:
    statement = "SELECT count(*) FROM provision_push WHERE key LIKE %s AND desired_rev > applied_rev"
    ((count,),) = sql(house.stack, statement, f"mailbox/%@{house.domain}")
    return int(count)


def broker(servers: Servers) -> redis.Redis:
    client: redis.Redis = redis.Redis.from_url(servers.stack.raw["broker_url"])
    return client


def live(house: House, boxes: list[Box]) -> None:
    """In the panel, and in fact."""
    assert behind(house) == 0
    for box in (boxes[0], boxes[NUMBER // 2], boxes[-1]):
        assert clients.imap_opens(box.stack, box.address, box.password)


def queued(servers: Servers) -> int:
    """States that wait in the node's queue."""
    with broker(servers) as client:
        messages = client.lrange("node.mail1", 0, -1)
    return sum(json.loads(message)["headers"]["task"] == "agent.apply" for message in messages)


def test_a_zone_that_powerdns_cannot_take_says_so_and_goes_live_when_it_is_back(
    servers: Servers, wait_for: Wait
) -> None:
    house = servers.take_house(0)
    key = f"zone/{house.domain}"
    journey.live(house.browser, key)
    servers.control("stop", "powerdns")
    change_mx(house.browser, house.domain, priority=20, second=f"mx2.{house.domain}")

    def failed() -> str:
        text = journey.badge(house.browser, key)
        return " ".join(re.sub(r"<[^>]+>", " ", text).split()) if 'class="st bad"' in text else ""

    assert "PowerDNS" in wait_for(failed)
    servers.control("start", "powerdns")
    wait_for(lambda: 'class="st ok"' in journey.badge(house.browser, key), 60)
    assert len(clients.ask(servers.stack, house.domain, "MX")) == 2


def test_with_redis_away_a_change_is_saved_and_applied_later(servers: Servers, wait_for: Wait) -> None:
    house = servers.take_house(0)
    servers.control("stop", "redis")
    password = secrets.token_urlsafe(18)
    journey.make_mailbox(house.browser, house.domain, "ana", password)
    ana = Box(servers.stack, f"ana@{house.domain}", password)
    assert 'class="st ok"' not in journey.badge(house.browser, ana.key)
    assert not clients.imap_opens(ana.stack, ana.address, ana.password)
    servers.control("start", "redis")
    wait_for(lambda: 'class="st ok"' in journey.badge(house.browser, ana.key), 60)
    assert clients.imap_opens(ana.stack, ana.address, ana.password)


def test_an_emptied_redis_loses_no_change(servers: Servers, wait_for: Wait) -> None:
    house = servers.take_house(0)
    servers.control("stop", "agent")
    boxes = make_many(house)
    wait_for(lambda: queued(servers))
    assert behind(house) == NUMBER
    with broker(servers) as client:
        client.flushall()
    servers.control("start", "agent")
    wait_for(lambda: behind(house) == 0, 60)
    live(house, boxes)


@pytest.mark.parametrize("program", ["agent", "worker"])
def test_killed_in_the_middle_all_converges(servers: Servers, wait_for: Wait, program: str) -> None:
    house = servers.take_house(0)
    servers.control("stop", "agent")
    boxes = make_many(house)
    servers.control("start", "agent")
    wait_for(lambda: behind(house) < NUMBER)
    servers.control("signal", "KILL", program)
    wait_for(lambda: behind(house) == 0, 60)
    live(house, boxes)


def test_mail_flows_while_panel_database_and_redis_are_stopped(servers: Servers, wait_for: Wait) -> None:
    house = servers.take_house(0)
    ana, ben = house.box("ana"), house.box("ben")
    subject = secrets.token_hex(8)
    servers.control("stop", "caddy", "gunicorn", "beat", "worker", "postgres", "redis")
    ana.send(ben.address, subject)
    wait_for(lambda: ben.subjects() == [subject])
    servers.control("start", "redis", "postgres", "worker", "beat", "gunicorn", "caddy")

    def tracked() -> list[str]:
        page = house.browser.open(f"/domains/{house.domain}/track/")
        return house.tracked(subject) if page.status == 200 else []

    assert len(wait_for(tracked, 60)) == 1
