"""With a real Redis, and without one."""

from __future__ import annotations

import base64
import json
import signal
import socket
import subprocess
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
import redis
from celery import current_app
from django.conf import settings

from accounts.models import Domain
from nodeagent import contract
from panel.beat import app as beat
from provision import broker, outbox, selectors, services
from provision.models import Push
from tests.provision.conftest import Commit, key, let_leases_end, wanted
from tests.provision.fakenode import FakeNode

Take = Callable[[Any], None]


@pytest.fixture
def queue(node: FakeNode) -> Iterator[tuple[redis.Redis, str]]:
    """Redis and the name of a node's queue that only this test uses."""
    node.node.name = f"t{uuid.uuid4().hex[:12]}"
    node.node.save()
    client = redis.Redis.from_url(settings.CELERY_BROKER_URL)
    name = contract.node_queue(node.node.name)
    yield client, name
    client.delete(name, f"_kombu.binding.{name}", f"_kombu.binding_permanent.{name}")
    client.close()


def taken(client: redis.Redis, name: str) -> list[contract.Batch]:
    """What a worker would take from the queue, in order."""
    batches = []
    while raw := client.rpop(name):
        message = json.loads(raw)  # type: ignore[arg-type]
        assert message["headers"]["task"] == contract.TASK_APPLY
        assert "ARGON2ID" not in json.dumps(message["headers"])
        args, _, _ = json.loads(base64.b64decode(message["body"]))
        batches.append(args[0])
    return batches


def test_500_pushes_survive_a_flush(
    node: FakeNode,
    domain: Domain,
    queue: tuple[redis.Redis, str],
    take: Take,
    django_capture_on_commit_callbacks: Commit,
) -> None:
    client, name = queue
    with django_capture_on_commit_callbacks(execute=True):
        services.push_enqueue(
            actor=None, wanted=[wanted(node, domain, f"p{number}") for number in range(500)]
        )
    assert broker.waiting(name) == 1
    client.delete(name, f"_kombu.binding.{name}")
    assert broker.waiting(name) == 0
    let_leases_end()
    outbox.sweep()
    batches = taken(client, name)
    assert sum(len(batch["states"]) for batch in batches) == 500
    for batch in batches:
        take(node.apply(batch))
    assert not Push.objects.behind().exists()


@pytest.fixture
def broker_url(monkeypatch: pytest.MonkeyPatch) -> Iterator[Callable[[str], None]]:
    def use(url: str) -> None:
        monkeypatch.setattr(broker, "_away_until", 0.0)
        current_app.set_current()
        monkeypatch.setitem(current_app.conf, "broker_write_url", url)
        forget()

    def forget() -> None:
        app: Any = current_app
        app._pool = app.amqp._producer_pool = None

    yield use
    monkeypatch.undo()
    forget()


def pings(client: redis.Redis) -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def change(node: FakeNode, domain: Domain, commit: Commit) -> float:
    """Seconds that one change took, dispatch included."""
    start = time.monotonic()
    with commit(execute=True):
        services.push_enqueue(actor=None, wanted=[wanted(node, domain, "ana")])
    return time.monotonic() - start


def test_a_dead_broker_costs_nothing_and_the_change_is_saved(
    node: FakeNode,
    domain: Domain,
    broker_url: Callable[[str], None],
    django_capture_on_commit_callbacks: Commit,
) -> None:
    broker_url(f"redis://127.0.0.1:{free_port()}/0")
    assert change(node, domain, django_capture_on_commit_callbacks) < 0.6
    assert change(node, domain, django_capture_on_commit_callbacks) < 0.1
    assert selectors.statuses([key()])[key()].state == "moving"
    assert Push.objects.get().attempts == 0
    with pytest.raises(broker.BrokerAway):
        broker.waiting("node.x")


def test_a_hung_broker_costs_a_second_once(
    node: FakeNode,
    domain: Domain,
    broker_url: Callable[[str], None],
    django_capture_on_commit_callbacks: Commit,
    tmp_path: Path,
    wait_for: Callable[..., Any],
) -> None:
    port = free_port()
    server = subprocess.Popen(
        ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(tmp_path)],
        stdout=subprocess.DEVNULL,
    )
    try:
        client = redis.Redis(port=port)
        wait_for(lambda: pings(client))
        client.close()
        broker_url(f"redis://127.0.0.1:{port}/0")
        assert change(node, domain, django_capture_on_commit_callbacks) < 0.6
        Push.objects.all().delete()
        server.send_signal(signal.SIGSTOP)  # it takes connections and never answers
        assert change(node, domain, django_capture_on_commit_callbacks) < 1.6
        assert change(node, domain, django_capture_on_commit_callbacks) < 0.1
    finally:
        server.kill()
        server.wait()


def test_beat_needs_no_django() -> None:
    code = (
        "import sys, panel.beat\n"
        "sys.exit(any(name.startswith('django.db') or name == 'panel.settings' for name in sys.modules))"
    )
    assert subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, check=False).returncode == 0


def test_only_json_is_taken() -> None:
    conf = current_app.conf
    assert conf.accept_content == ["json"]
    assert conf.task_serializer == "json"
    assert not conf.result_backend
    assert conf.broker_transport_options["priority_steps"] == [0]


def test_every_beat_has_its_task() -> None:
    current_app.loader.import_default_modules()
    assert {entry["task"] for entry in beat.conf.beat_schedule.values()} <= set(current_app.tasks)
