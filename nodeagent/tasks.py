"""What the panel may ask of a node, and the hello at the worker's start.

Reports are sent once. One that is lost heals: the panel's sweep sends the state again and the ledger answers
at once.
"""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Iterator
from typing import Any

from celery.signals import worker_ready
from kombu.exceptions import OperationalError

from nodeagent import asks
from nodeagent.app import app
from nodeagent.apply import apply_states, refuse
from nodeagent.backends.base import BackendError
from nodeagent.contract import (
    BATCH_STATES,
    CONTRACT,
    TASK_APPLY,
    TASK_ASK,
    TASK_MANIFEST,
    TASK_MEASURE,
    TASK_REPORT,
    Envelope,
    Outcome,
    report_queue,
)
from nodeagent.jobs.telling import Teller
from nodeagent.node import Node, manifest_pages, this_node

log = logging.getLogger(__name__)


@app.task(name=TASK_APPLY)
def apply(batch: dict[str, Any]) -> None:
    """Apply a Batch and report the outcomes."""
    node = this_node()
    states = batch.get("states") if isinstance(batch, dict) else None
    if not isinstance(states, list):
        log.error("a batch without states was dropped")
        return
    reason = _refusal(node, batch)
    if not reason and len(states) > BATCH_STATES:
        reason = f"A batch may hold {BATCH_STATES} states, this one has {len(states)}."
    if reason:
        log.error("a batch of %d states was refused: %s", len(states), reason)
        _report(node, refuse(states, reason, permanent=False))
        return
    started = time.monotonic()
    done: list[Outcome] = []
    for outcomes in apply_states(node.engine, states):
        _report(node, outcomes)
        done += outcomes
    failed = [outcome for outcome in done if not outcome["ok"]]
    took = (time.monotonic() - started) * 1000
    log.info(
        "%d states: %d live, %d not, in %.0f ms", len(states), len(done) - len(failed), len(failed), took
    )
    for outcome in failed[:10]:
        log.warning("%s: %s", outcome["key"], outcome["error"])


@app.task(name=TASK_MANIFEST)
def manifest(request: dict[str, Any]) -> None:
    """Report every key and revision that the node holds."""
    node = this_node()
    if reason := _refusal(node, request):
        log.error("a request for the manifest was refused: %s", reason)
        return
    with _alone(TASK_MANIFEST) as alone:
        for page in manifest_pages(node.engine) if alone else ():
            send(node, node.signer.manifest(page))


@app.task(name=TASK_MEASURE)
def measure(request: dict[str, Any]) -> None:
    """Report what every mailbox holds."""
    node = this_node()
    if reason := _refusal(node, request):
        log.error("a request to measure was refused: %s", reason)
        return
    if node.dovecot is None:
        return
    with _alone(TASK_MEASURE) as alone:
        try:
            for page in node.dovecot.usage() if alone else ():
                send(node, node.signer.usage(page))
        except BackendError as error:
            log.warning("not measured: %s", error)


_long = {name: threading.Lock() for name in (TASK_MANIFEST, TASK_MEASURE)}


@contextlib.contextmanager
def _alone(task: str) -> Iterator[bool]:
    """Whether no other thread does this now. With a hundred thousand mailboxes it takes longer than the panel
    waits before it asks again: soon all threads would measure, and none would apply what people change."""
    alone = _long[task].acquire(blocking=False)
    try:
        yield alone
    finally:
        if alone:
            _long[task].release()


@app.task(name=TASK_ASK)
def ask(request: dict[str, Any]) -> None:
    """Answer one question. Nobody waits for one for long, so it is not kept when it cannot be answered."""
    node = this_node()
    reason = _refusal(node, request)
    if reason:
        log.error("a question was refused: %s", reason)
        return
    send(node, node.signer.answer(asks.answer(node, request)))


@worker_ready.connect
def hello(**_signal: Any) -> None:
    """At the worker's start the panel hears all that is held here, and repairs what differs."""
    node = this_node()
    app.send_task(TASK_MANIFEST, args=[{"contract": CONTRACT, "node": node.config.name}])
    if node.config.jobs:
        Teller(node.config.jobs.db, lambda progress: send(node, node.signer.progress(progress))).start()


def _report(node: Node, outcomes: list[Outcome]) -> None:
    if outcomes:
        send(node, node.signer.outcomes(outcomes))


def send(node: Node, envelope: Envelope) -> None:
    try:
        # Without argsrepr Celery would copy the envelope into a header, for logs.
        app.send_task(TASK_REPORT, args=[envelope], queue=report_queue(node.config.name), argsrepr="")
    except OperationalError as error:
        log.warning("the panel's queue is away, a report was not sent: %s", type(error).__name__)


def _refusal(node: Node, message: Any) -> str:
    """Why this message is not for us, or nothing."""
    if not isinstance(message, dict):
        return "It is not a message of the contract."
    if message.get("contract") != CONTRACT:
        theirs = message.get("contract")
        return f"The panel speaks contract {theirs!r}, this node's agent {CONTRACT}; update the older one."
    if message.get("node") != node.config.name:
        return f"It is meant for the node {message.get('node')!r}, and this is {node.config.name}."
    return ""
