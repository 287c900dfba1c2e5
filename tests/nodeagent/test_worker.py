"""The agent as a process: its worker on a real Redis with the node's ACL, spoken to as the panel speaks."""

from __future__ import annotations

import base64
import json
import os
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import Celery
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from nodeagent.contract import CONTRACT, Mailbox, MailDomain, node_queue, report_queue
from nodeagent.node import Node
from nodeagent.reporting import make_key
from tests.nodeagent import rig
from tests.nodeagent.conftest import Place, wanted

QUEUE = node_queue("mail1")
ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="module")
def broker(place: Place) -> Iterator[redis.Redis]:
    with rig.redis(place.root, place.ports["redis"], "mail1"):
        client = redis.Redis(port=place.ports["redis"], password=rig.SECRET, socket_timeout=None)
        yield client
        client.close()


@pytest.fixture(scope="module")
def panel(place: Place, broker: redis.Redis) -> Iterator[Callable[[str, Any], None]]:
    """Send a task as the panel does."""
    url = f"redis://default:{rig.SECRET}@127.0.0.1:{place.ports['redis']}/0"
    app = Celery("panel", set_as_current=False, fixups=[])
    app.conf.update(
        broker_write_url=url, broker_transport_options={"priority_steps": [0]}
    )  # over CELERY_BROKER_URL

    def send(task: str, argument: Any) -> None:
        app.send_task(task, args=[argument], queue=QUEUE)

    yield send
    app.close()


@pytest.fixture
def worker(place: Place, node: Node, broker: redis.Redis) -> Iterator[subprocess.Popen[bytes]]:
    """A running worker whose hello has been heard and taken off the queue."""
    broker.flushall()
    with (place.root / "worker.log").open("ab") as log:
        running = start(place, log)
        try:
            assert "manifest" in report(place, broker)
            yield running
        finally:
            running.terminate()
            running.wait(20)


def start(place: Place, log: Any) -> subprocess.Popen[bytes]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT)} | place.environment
    return subprocess.Popen(
        [sys.executable, "-m", "nodeagent", "worker"], env=environment, stdout=log, stderr=log
    )


def report(place: Place, broker: redis.Redis, seconds: float = 20) -> dict[str, Any]:
    """The next report, its signature checked as the panel does."""
    taken = broker.blpop([report_queue("mail1")], timeout=seconds)
    assert taken, (place.root / "worker.log").read_text()[-3000:]
    message = json.loads(taken[1])
    assert message["headers"]["task"] == "provision.report"
    (envelope,) = json.loads(base64.b64decode(message["body"]))[0]
    public = Ed25519PublicKey.from_public_bytes(base64.b64decode(make_key(place.root / "signing.key")))
    public.verify(base64.b64decode(envelope["signature"]), envelope["body"].encode())
    body: dict[str, Any] = json.loads(envelope["body"])
    assert (body["contract"], body["node"], envelope["node"]) == (CONTRACT, "mail1", "mail1")
    assert abs(body["at"] - time.time()) < 60
    return body


def batch(*states: Any, **fields: Any) -> dict[str, Any]:
    return {"contract": CONTRACT, "node": "mail1", "states": list(states)} | fields


def test_hello_apply_and_manifest(
    worker: subprocess.Popen[bytes],
    panel: Callable[[str, Any], None],
    place: Place,
    broker: redis.Redis,
    domain: str,
) -> None:
    state = MailDomain(name=domain)
    panel("agent.apply", batch(wanted(state, 5)))
    (outcome,) = report(place, broker)["outcomes"]
    assert (outcome["key"], outcome["rev"], outcome["ok"]) == (state.key, 5, True)
    panel("agent.manifest", {"contract": CONTRACT, "node": "mail1"})
    assert [state.key, 5, True] in report(place, broker)["manifest"]["entries"]
    # A lost report heals: the same revision again is answered from the ledger.
    panel("agent.apply", batch(wanted(state, 5)))
    assert report(place, broker)["outcomes"] == [outcome]


def test_batch_for_another_node_or_contract_is_refused(
    worker: subprocess.Popen[bytes],
    panel: Callable[[str, Any], None],
    place: Place,
    broker: redis.Redis,
    domain: str,
) -> None:
    state = MailDomain(name=domain)
    panel("agent.apply", batch(wanted(state), node="mail10"))
    (outcome,) = report(place, broker)["outcomes"]
    assert not outcome["ok"]
    assert "mail10" in outcome["error"]
    panel("agent.apply", batch(wanted(state), contract=CONTRACT + 1))
    (outcome,) = report(place, broker)["outcomes"]
    assert not outcome["ok"]
    assert "contract" in outcome["error"]


def test_measure(
    worker: subprocess.Popen[bytes],
    panel: Callable[[str, Any], None],
    place: Place,
    broker: redis.Redis,
    domain: str,
) -> None:
    address = f"ana@{domain}"
    state = Mailbox(address=address, password_hash="{PLAIN}x", home=f"{domain}/ana-1", quota_mb=1)
    panel("agent.apply", batch(wanted(state)))
    assert report(place, broker)["outcomes"][0]["ok"]
    panel("agent.measure", {"contract": CONTRACT, "node": "mail1"})
    found: list[str] = []
    while address not in found:
        found += [usage["address"] for usage in report(place, broker)["usage"]]


def test_killed_in_the_middle_converges(
    worker: subprocess.Popen[bytes],
    panel: Callable[[str, Any], None],
    place: Place,
    broker: redis.Redis,
    domain: str,
) -> None:
    states = [
        Mailbox(
            address=f"u{number}@{domain}", password_hash="{PLAIN}x", home=f"{domain}/u{number}", quota_mb=1
        )
        for number in range(400)
    ]
    panel("agent.apply", batch(*[wanted(state, 2) for state in states]))
    rig.until(lambda: not broker.llen(QUEUE))
    worker.kill()
    worker.wait(5)
    broker.flushall()
    with (place.root / "worker.log").open("ab") as log:
        again = start(place, log)
    try:
        entries = {entry[0]: entry[1] for entry in report(place, broker)["manifest"]["entries"]}
        missing = [state for state in states if entries.get(state.key) != 2]
        if missing:
            panel("agent.apply", batch(*[wanted(state, 2) for state in missing]))
            outcomes = report(place, broker)["outcomes"]
            assert {outcome["key"] for outcome in outcomes if outcome["ok"]} == {
                state.key for state in missing
            }
    finally:
        again.terminate()
        again.wait(20)


def test_reporting_survives_flushall(
    worker: subprocess.Popen[bytes],
    panel: Callable[[str, Any], None],
    place: Place,
    broker: redis.Redis,
    domain: str,
) -> None:
    panel("agent.apply", batch(wanted(MailDomain(name=domain))))
    report(place, broker)
    broker.flushall()
    panel("agent.apply", batch(wanted(MailDomain(name=domain, active=False), 2)))
    assert report(place, broker)["outcomes"][0]["rev"] == 2


def test_redis_may_go_and_come_back(place: Place, node: Node, domain: str) -> None:
    port = rig.free_port()
    url = f"redis://mail1:{rig.SECRET}@127.0.0.1:{port}/0"
    elsewhere = Place(
        root=place.root, environment=place.environment | {"AGENT_BROKER_URL": url}, ports=place.ports
    )
    with (place.root / "worker.log").open("ab") as log:
        running = start(elsewhere, log)
        try:
            for revision in (1, 2):  # the worker starts before Redis, and loses it once
                with rig.redis(place.root, port, "mail1"):
                    client = redis.Redis(port=port, password=rig.SECRET, socket_timeout=None)
                    app = Celery("panel", set_as_current=False, fixups=[])
                    app.conf.update(
                        broker_write_url=f"redis://default:{rig.SECRET}@127.0.0.1:{port}/0",
                        broker_transport_options={"priority_steps": [0]},
                    )
                    states = batch(wanted(MailDomain(name=domain, active=revision == 1), revision))
                    app.send_task("agent.apply", args=[states], queue=QUEUE)
                    found = report(place, client)
                    if "manifest" in found:
                        found = report(place, client)
                    assert [(one["rev"], one["ok"]) for one in found["outcomes"]] == [(revision, True)]
                    app.close()
                    client.close()
        finally:
            running.terminate()
            running.wait(20)
