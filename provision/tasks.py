"""What the panel's worker does for provision. Every task may run twice, late, or not at all."""

from __future__ import annotations

import contextlib
import logging
from typing import Any

from celery import bootsteps, current_app, shared_task
from django.db import Error, InterfaceError, OperationalError, close_old_connections

from lib.alone import once
from nodeagent import contract
from provision import asking, broker, intake, outbox
from provision.joining import users
from provision.models import Node
from provision.schedule import TASK_ASK_MANIFESTS, TASK_ASK_USAGE, TASK_FORGET, TASK_SWEEP

logger = logging.getLogger(__name__)

LISTEN_EVERY = 10.0


@shared_task(
    name=contract.TASK_REPORT,
    ignore_result=True,
    autoretry_for=(OperationalError, InterfaceError),  # the database restarts, or two transactions met
    retry_backoff=True,
    max_retries=8,
)
def report(envelope: Any) -> None:
    intake.take(envelope)


@shared_task(name=TASK_SWEEP, ignore_result=True)
def sweep() -> None:
    try:
        outbox.sweep()
    except broker.BrokerAway:
        logger.warning("the broker went away during the sweep; the next one goes on")


@shared_task(name=TASK_ASK_MANIFESTS, ignore_result=True)
@once(TASK_ASK_MANIFESTS)
def ask_manifests() -> None:
    nodes = list(Node.objects.exclude(public_key=""))
    with contextlib.suppress(broker.BrokerAway):
        users.let_in(nodes)
    _ask(contract.TASK_MANIFEST, nodes)


@shared_task(name=TASK_ASK_USAGE, ignore_result=True)
@once(TASK_ASK_USAGE)
def ask_usage() -> None:
    _ask(contract.TASK_MEASURE, list(Node.objects.filter(roles__contains=[contract.ROLE_MAIL])))


@shared_task(name=TASK_FORGET, ignore_result=True)
@once(TASK_FORGET)
def forget_questions() -> None:
    asking.questions_forget()


def _ask(task: str, nodes: list[Node]) -> None:
    """Ask each node, unless so much waits for it that it would not get to it; the next beat asks again."""
    for node in nodes:
        queue = contract.node_queue(node.name)
        try:
            if broker.waiting(queue) < outbox.QUEUE_LIMIT:
                broker.send(task, queue, {"contract": contract.CONTRACT, "node": node.name})
        except broker.BrokerAway:
            return


class ReportQueues(bootsteps.StartStopStep):
    """The worker listens to the report queue of every node, also of one that is added while it runs."""

    requires = ("celery.worker.consumer.tasks:Tasks",)

    def start(self, parent: Any) -> None:
        self._listen(parent)
        self.timer = parent.timer.call_repeatedly(LISTEN_EVERY, self._listen, args=(parent,))

    def stop(self, parent: Any) -> None:
        timer = getattr(self, "timer", None)
        if timer is not None:
            timer.cancel()

    def _listen(self, consumer: Any) -> None:
        try:
            close_old_connections()
            names = list(Node.objects.values_list("name", flat=True))
        except Error as error:
            logger.warning("cannot ask for the nodes now: %s", error)
            return
        for name in names:
            queue = contract.report_queue(name)
            if not consumer.task_consumer.consuming_from(queue):
                consumer.add_task_queue(queue)


current_app.steps["consumer"].add(ReportQueues)
