"""Fixtures for all tests. ``stack`` is the running test provider (bin/test starts it under var/test)."""

from __future__ import annotations

import gc
import json
import os
import ssl
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import hypothesis
import pytest
from django.conf import settings as django_settings

# Unit tests ask without TLS and without collectstatic; tests/panel/test_security.py tests the redirect.
django_settings.SECURE_SSL_REDIRECT = False
django_settings.STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}
Path(django_settings.STATIC_ROOT).mkdir(parents=True, exist_ok=True)  # else WhiteNoise warns


pytest_plugins = ["tests.onstack"]
collect_ignore = ["compose"]  # bin/test --compose: a suite of its own

# How long one example takes says how busy the machine is, not whether the code is right.
hypothesis.settings.register_profile("postroom", deadline=None)
hypothesis.settings.load_profile("postroom")


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What stops the second stack's servers takes turns and waits long: first, and so in one process, while
    the others do the rest."""
    items.sort(key=lambda item: "servers" not in getattr(item, "fixturenames", ()))


def pytest_collection_finish() -> None:
    """Applications and tests stay until the end: looked through again and again they cost a tenth of the
    time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(50_000, 10, 10)


@pytest.fixture(autouse=True)
def _brands_are_asked_for_anew() -> None:
    """A process remembers brands for a moment, and the next test's are others."""
    from accounts.branding import select as brandselect

    brandselect.forget()


@pytest.fixture(autouse=True)
def _the_running_node_keeps_its_user(monkeypatch: pytest.MonkeyPatch) -> None:
    """Redis is the stack's own, and a test's node may have the name of the stack's: who joins in a test must
    not take that one's place there."""
    from provision.joining import users

    let_in = users.let_in

    def others(nodes: Any) -> None:
        let_in([node for node in nodes if node.name != "mail1"])

    monkeypatch.setattr(users, "let_in", others)


@pytest.fixture(autouse=True)
def _no_node_answers(monkeypatch: pytest.MonkeyPatch) -> None:
    """Nobody could answer in a test's transaction; a test that wants answers puts its own in this place.
    A question that a service asks in its transaction is as wrong here as on a server."""
    from django.db import transaction

    from provision import asking

    def silent(*args: Any, **kwargs: Any) -> Any:
        with transaction.atomic(durable=True):
            raise asking.NodeSilent("The mail server does not answer at the moment.")

    monkeypatch.setattr(asking, "ask", silent)

    def all_silent(nodes: Any, *args: Any, **kwargs: Any) -> Any:
        with transaction.atomic(durable=True):
            text = "The mail server does not answer at the moment."
            return {node.pk: asking.NodeSilent(text) for node in nodes}

    monkeypatch.setattr(asking, "ask_all", all_silent)


@pytest.fixture(scope="session")
def stack() -> dict[str, Any]:
    """endpoints.json of the running stack: real servers, a real panel."""
    text = Path(os.environ["POSTROOM_STACK"]).read_text(encoding="utf-8")
    endpoints: dict[str, Any] = json.loads(text)
    return endpoints


@pytest.fixture(scope="session")
def tls(stack: dict[str, Any]) -> ssl.SSLContext:
    """Trusts the stack's own CA and nothing else."""
    return ssl.create_default_context(cafile=stack["ca_file"])


@pytest.fixture(scope="session")
def wait_for() -> Callable[..., Any]:
    """``wait_for(probe, seconds=20)``: the first true answer of ``probe``; fails with its last answer
    or error."""

    def wait(probe: Callable[[], Any], seconds: float = 20) -> Any:
        end = time.monotonic() + seconds
        pause = 0.02
        while True:
            try:
                answer: Any = probe()
            except (AssertionError, OSError) as error:
                answer = None
                last: object = error
            else:
                last = answer
            if answer:
                return answer
            if time.monotonic() > end:
                pytest.fail(f"not so within {seconds} s; last: {last!r}")
            time.sleep(pause)
            pause = min(pause * 1.5, 0.5)

    return wait
