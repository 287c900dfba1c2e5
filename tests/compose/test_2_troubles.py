"""What goes away comes back, and nothing was lost meanwhile."""

from __future__ import annotations

import secrets
from concurrent.futures import ThreadPoolExecutor
from contextlib import closing
from functools import partial

from bench import clients, journey
from tests.compose.houses import House
from tests.compose.provider import Provider, until

EDITS = 200
AT_ONCE = 4


def _edit(house: House, names: list[str], passwords: dict[str, str]) -> None:
    """One person's part of the edits: a mailbox made, and its password changed; two edits each."""
    with closing(journey.sign_in(house.stack, *house.sign_in)) as browser:
        for local in names:
            journey.make_mailbox(browser, house.domain, local, secrets.token_urlsafe(18), quota="1 MB")
            journey.act(browser, house.domain, local, "password", password=passwords[local])


def test_edits_for_a_node_that_is_away_arrive_when_it_returns(
    provider: Provider, houses: dict[str, House]
) -> None:
    house = houses["mail2"]
    names = [f"box{number:03d}" for number in range(EDITS // 2)]
    passwords = {name: secrets.token_urlsafe(18) for name in names}
    provider.compose("stop", "mail2")
    with ThreadPoolExecutor(AT_ONCE) as pool:
        parts = [names[number::AT_ONCE] for number in range(AT_ONCE)]
        list(pool.map(lambda part: _edit(house, part, passwords), parts))
    assert 'class="st ok"' not in journey.badge(house.browser, f"mailbox/{names[0]}@{house.domain}")
    # The other node's mail does not wait for it.
    subject = f"meanwhile {secrets.token_hex(4)}"
    houses["mail1"].send(to=house.address, subject=subject)
    provider.compose("start", "mail2")
    provider.wait_healthy("mail2")
    for name in names:
        key = f"mailbox/{name}@{house.domain}"
        until(partial(_live, house, key), within=120, what=f"{key} live")
    for name in (names[0], names[len(names) // 2], names[-1]):
        assert clients.imap_opens(house.stack, f"{name}@{house.domain}", passwords[name])
    # Postfix tries again after five minutes; one asks it to do so now.
    provider.run("mail1", "postqueue", "-c", "/data/mail1/postfix", "-f")
    until(partial(house.find, subject), within=120, what="the mail that waited", every=1)


def _live(house: House, key: str) -> bool | None:
    return True if 'class="st ok"' in journey.badge(house.browser, key) else None


def test_mail_flows_with_the_panel_its_database_and_redis_away(
    provider: Provider, houses: dict[str, House]
) -> None:
    away = ("caddy", "panel", "worker", "beat", "postgres", "redis", "ns1")
    provider.compose("stop", "-t", "10", *away)
    try:
        for house in houses.values():
            subject = f"alone {secrets.token_hex(4)}"
            house.send(to=house.address, subject=subject)
            until(partial(house.find, subject), within=30, what=f"{subject} at {house.node}")
            # The secondary goes on answering by itself.
            assert clients.ask(house.on_secondary(), house.domain, "MX")
        across = f"across {secrets.token_hex(4)}"
        houses["mail1"].send(to=houses["mail2"].address, subject=across)
        until(partial(houses["mail2"].find, across), within=60, what="mail between the nodes")
    finally:
        provider.up()
        provider.wait_healthy(*away)
    until(partial(houses["mail2"].tracked, across), within=120, what="its story afterwards", every=1)


def test_one_copy_of_panel_and_worker_is_enough(provider: Provider, houses: dict[str, House]) -> None:
    house = houses["mail1"]
    for service in ("panel", "worker"):
        provider.compose("up", "-d", "--no-recreate", "--scale", f"{service}=1", service)
    for number in range(20):
        assert house.browser.open(f"/domains/{house.domain}/?n={number}").status == 200
    journey.make_mailbox(house.browser, house.domain, "single", secrets.token_urlsafe(18))
    journey.live(house.browser, f"mailbox/single@{house.domain}")
    provider.up("--no-recreate")
    provider.wait_healthy("panel", "worker")
    assert len(provider.ids("panel")) == 2


def test_down_and_up_again_keeps_all(provider: Provider, houses: dict[str, House]) -> None:
    kept = {}
    for node, house in houses.items():
        kept[node] = f"kept {secrets.token_hex(4)}"
        house.send(to=house.address, subject=kept[node])
        until(partial(house.find, kept[node]), within=30, what=kept[node])
    signed_in = provider.stack("mail1").raw["sign_ins"]
    provider.compose("down", "-t", "30")
    provider.up()
    provider.wait_demo()
    assert provider.stack("mail1").raw["sign_ins"] == signed_in
    for node, house in houses.items():
        assert house.find(kept[node])
        assert clients.ask(house.stack, house.domain, "MX")
        assert clients.ask(house.on_secondary(), house.domain, "MX")
        assert house.browser.open(f"/domains/{house.domain}/").status == 200  # the session is there too
        house.send(to=house.address, subject=f"again {node}")
        until(partial(house.find, f"again {node}"), within=30, what="mail after it")
