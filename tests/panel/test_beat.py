"""Two Beats, one schedule; and what the healthchecks of containers ask."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from types import SimpleNamespace
from typing import Any

import pytest
import redis
from celery import Celery
from django.conf import settings
from kombu.exceptions import OperationalError

from panel import alive, beat
from tests.fakedns import free_port

HOUR = 3600.0


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """A Redis of this file's own: what it counts, nobody else sends."""
    port, place = free_port(), tmp_path_factory.mktemp("redis")
    argv = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(place)]
    process = subprocess.Popen(argv, stdout=subprocess.DEVNULL)
    with redis.Redis(port=port) as client:
        for _try in range(200):
            try:
                client.ping()
                break
            except redis.ConnectionError:
                threading.Event().wait(0.05)
    yield f"redis://127.0.0.1:{port}/0"
    process.terminate()
    process.wait()


@pytest.fixture
def wire(server: str, monkeypatch: pytest.MonkeyPatch) -> Iterator[redis.Redis]:
    monkeypatch.setenv("CELERY_BROKER_URL", server)  # Celery prefers it to what it is told
    with redis.Redis.from_url(server) as client:
        client.flushall()
        yield client


def scheduler(url: str, **entries: float) -> beat.OnceScheduler:
    """A copy of Beat that has just started: all is due."""
    app = Celery("copy", broker=url, fixups=[], set_as_current=False)
    app.conf.update(beat.BROKER, task_default_queue="panel", beat_max_loop_interval=5)
    schedule = {
        name: {"task": f"t.{name}", "schedule": every, "options": {"queue": "panel"}}
        for name, every in entries.items()
    }
    made = beat.OnceScheduler(app, schedule={}, lazy=True)
    made.update_from_dict(schedule)
    for entry in made.schedule.values():
        entry.last_run_at = datetime(2020, 1, 1, tzinfo=UTC)
    return made


def sent(client: redis.Redis) -> Counter[str]:
    rows: Any = client.lrange("panel", 0, -1)
    return Counter(json.loads(row)["headers"]["task"] for row in rows)


def tick(copy: beat.OnceScheduler) -> None:
    for _each in copy.schedule:
        copy.tick()


def test_two_copies_send_what_is_due_once(server: str, wire: redis.Redis) -> None:
    for _each in range(3):  # the third comes later, after a restart
        tick(scheduler(server, daily=24 * HOUR, hourly=HOUR))
    assert sent(wire) == {"t.daily": 1, "t.hourly": 1}


def test_each_slot_is_sent_by_whoever_comes_first(
    server: str, wire: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1_000_000.0 * HOUR
    for at in (0, 10, 3599, 3600, 3600, 7300):
        monkeypatch.setattr(beat, "time", SimpleNamespace(time=lambda at=at: now + at))
        tick(scheduler(server, hourly=HOUR))
    assert sent(wire) == {"t.hourly": 3}
    assert all(0 < wire.pttl(key) <= (HOUR + 5) * 1000 for key in wire.keys("beat:*"))


def test_what_redis_forgot_is_sent_again(server: str, wire: redis.Redis) -> None:
    tick(scheduler(server, hourly=HOUR))
    wire.flushall()
    tick(scheduler(server, hourly=HOUR))
    assert sent(wire) == {"t.hourly": 1}


def test_a_claim_that_came_to_nothing_is_given_up(
    server: str, wire: redis.Redis, monkeypatch: pytest.MonkeyPatch
) -> None:
    failing = scheduler(server, hourly=HOUR)

    def fail(*_args: Any, **_kwargs: Any) -> None:
        raise OperationalError

    monkeypatch.setattr(failing, "send_task", fail)
    tick(failing)
    assert not sent(wire)
    tick(scheduler(server, hourly=HOUR))
    assert sent(wire) == {"t.hourly": 1}


def test_a_claim_that_cannot_be_asked_for_holds_nobody_up(monkeypatch: pytest.MonkeyPatch) -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    monkeypatch.setenv("CELERY_BROKER_URL", away)
    copy, tried = scheduler(away, hourly=HOUR), []
    monkeypatch.setattr(copy, "send_task", lambda *args, **_options: tried.append(args))
    begun = time.monotonic()
    copy.apply_entry(copy.schedule["hourly"])
    assert len(tried) == 1
    assert time.monotonic() - begun < 3


def check(url: str, what: str, **environment: str) -> int:
    ours = {"CELERY_BROKER_URL": url, "PATH": os.environ["PATH"]} | environment
    command = [sys.executable, "-m", "panel.alive", what]
    return subprocess.run(
        command, cwd=settings.BASE_DIR, env=ours, check=False, capture_output=True
    ).returncode


def test_two_processes_of_beat(server: str, wire: redis.Redis, wait_for: Callable[..., Any]) -> None:
    ours = {"CELERY_BROKER_URL": server, "PATH": os.environ["PATH"]}
    assert check(server, "beat") == 1
    begun = time.time()
    command = [sys.executable, "-m", "panel.beat"]
    copies = [subprocess.Popen(command, cwd=settings.BASE_DIR, env=ours) for _each in range(2)]
    try:
        wait_for(lambda: sent(wire)["provision.sweep"] >= 4)
        assert check(server, "beat") == 0
    finally:
        for copy in copies:
            copy.terminate()
        assert [copy.wait() for copy in copies] == [0, 0]
    took = time.time() - begun
    for entry in beat.app.conf.beat_schedule.values():
        slots = int(time.time() // entry["schedule"]) - int(begun // entry["schedule"]) + 1
        assert 1 <= sent(wire)[entry["task"]] <= slots, (entry, took)


def test_a_worker_that_waits_on_its_queues_is_alive(
    server: str, wire: redis.Redis, wait_for: Callable[..., Any]
) -> None:
    assert check(server, "worker") == 1
    with redis.Redis.from_url(server) as client:
        waiting = threading.Thread(target=client.brpop, args=(["panel"], 60))
        waiting.start()
        wait_for(lambda: check(server, "worker") == 0)
        wire.lpush("panel", b"x")
        waiting.join()


def test_a_worker_at_long_work_is_alive(server: str, wire: redis.Redis) -> None:
    alive.Pulse(alive.WORKER).beat(wire)
    assert check(server, "worker") == 0


def test_without_redis_nobody_is_alive() -> None:
    away = f"redis://127.0.0.1:{free_port()}/0"
    assert [check(away, what) for what in ("worker", "beat", "nonsense")] == [1, 1, 2]


@pytest.mark.parametrize(("status", "code"), [(200, 0), (503, 1)])
def test_gunicorn_is_asked_as_the_proxy_asks(status: int, code: int) -> None:
    asked: list[tuple[str, str | None]] = []

    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            asked.append((self.path, self.headers["Host"]))
            self.send_response(status)
            self.end_headers()

        def log_message(self, *args: Any) -> None:
            pass

    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as web:
        threading.Thread(target=web.serve_forever).start()
        more = {"GUNICORN_BIND": f"0.0.0.0:{web.server_port}", "PANEL_URL": "https://panel.test:8443"}
        assert check("", "web", **more) == code
        web.shutdown()
    assert asked == [("/health/ready/", "panel.test:8443")]


def test_the_checks_need_no_django() -> None:
    heavy = "any(name.startswith(('django', 'celery')) for name in sys.modules)"
    code = f"import sys, panel.alive\nsys.exit({heavy})"
    assert subprocess.run([sys.executable, "-c", code], cwd=settings.BASE_DIR, check=False).returncode == 0
