"""Questions to nodes: what is on them now, for a page that a person waits for.

Nothing in a question or its answer may be a secret: both pass through the queue and the database. A question
is asked once; whoever still wants to know asks again. What shall *be* on a node is a Push, never a question.
"""

from __future__ import annotations

import time
import uuid
from collections.abc import Collection, Mapping
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from nodeagent import contract
from provision import broker
from provision.models import Node, Question

PATIENCE = 4.0  # seconds that a page waits
LOOK_EVERY = 0.015
LIFE = timedelta(hours=1)


class NodeSilent(Exception):
    """No answer, or none that helps. The message is for people: what happened, and what to do."""


def ask(node: Node, what: str, **args: Any) -> Any:
    """Ask and wait. Not in a transaction (RuntimeError): others could not see the question. Raises
    NodeSilent."""
    with transaction.atomic(durable=True):
        question = Question.objects.create(node=node, what=what)
    message = _message(question, args)
    try:
        broker.send(contract.TASK_ASK, contract.node_queue(node.name), message, expires=PATIENCE * 2)
    except broker.BrokerAway as error:
        text = _("The mail server cannot be asked at the moment. Try again in a minute.")
        raise NodeSilent(text) from error
    return _wait(question, time.monotonic() + PATIENCE)


def ask_all(
    nodes: Collection[Node], what: str, args: Mapping[str, Any], patience: float = PATIENCE
) -> dict[int, Any]:
    """Ask several nodes at once: by each node's key its answer, or the NodeSilent that ``ask`` would raise.
    Not in a transaction, either."""
    with transaction.atomic(durable=True):
        asked = {node.pk: Question.objects.create(node=node, what=what) for node in nodes}
    answers: dict[int, Any] = {}
    for node in nodes:
        try:
            broker.send(
                contract.TASK_ASK,
                contract.node_queue(node.name),
                _message(asked[node.pk], dict(args)),
                expires=patience * 2,
            )
        except broker.BrokerAway:
            text = _("The mail server cannot be asked at the moment. Try again in a minute.")
            answers[node.pk] = NodeSilent(text)
    end = time.monotonic() + patience
    for node in nodes:
        if node.pk not in answers:
            answers[node.pk] = _until(asked[node.pk], end)
    return answers


def _until(question: Question, end: float) -> Any:
    try:
        return _wait(question, end)
    except NodeSilent as silent:
        return silent


def _message(question: Question, args: dict[str, Any]) -> contract.Ask:
    return {
        "contract": contract.CONTRACT,
        "node": question.node.name,
        "id": str(question.pk),
        "what": question.what,
        "args": args,
    }


def _wait(question: Question, end: float) -> Any:
    """One look at least, however late it is."""
    while True:
        found = Question.objects.filter(pk=question.pk).values_list("answered_at", "error", "result").first()
        if found and found[0]:
            if found[1]:
                raise NodeSilent(str(found[1]))
            return found[2]
        if time.monotonic() >= end:
            raise NodeSilent(_("The mail server does not answer at the moment. Try again in a minute."))
        time.sleep(LOOK_EVERY)


def answer_take(*, node: Node, answer: contract.Answer) -> None:
    """A node answers what it was asked, once."""
    try:
        known = uuid.UUID(answer["id"])
    except ValueError:
        return
    open_ones = Question.objects.filter(pk=known, node=node, answered_at__isnull=True)
    open_ones.update(result=answer["result"], error=answer["error"], answered_at=timezone.now())


@transaction.atomic
def questions_forget() -> int:
    gone, _each = Question.objects.filter(asked_at__lt=timezone.now() - LIFE).delete()
    return gone
