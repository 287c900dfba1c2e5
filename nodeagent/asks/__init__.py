"""Questions that the panel asks of a node, and who answers them: a module a subject, a function a question.

A function takes the node and the question's ``args`` (from the queue: checked by it before use) and gives
what JSON can hold, at most ANSWER_BYTES of it. It raises BackendError with what to tell people.
"""

from __future__ import annotations

import json
import logging
from collections.abc import Callable, Mapping
from typing import Any

from nodeagent.asks import folders, onward, quarantine, queue, sending, sieve, storage
from nodeagent.backends.base import BackendError
from nodeagent.contract import Answer
from nodeagent.node import Node

log = logging.getLogger(__name__)

ANSWER_BYTES = 1_000_000
Function = Callable[[Node, Mapping[str, Any]], Any]

QUESTIONS: dict[str, Function] = {
    "storage": storage.storage,
    "storage_folders": storage.folders,
    "storage_clean_preview": storage.clean_preview,
    "storage_refusal": storage.refusal,
    "quarantine": quarantine.quarantine,
    "quarantine_counts": quarantine.quarantine_counts,
    "quarantine_delete": quarantine.quarantine_delete,
    "quarantine_onward": onward.quarantine_onward,
    "quarantine_release": quarantine.quarantine_release,
    "queue": queue.queue,
    "queue_change": queue.queue_change,
    "queue_headers": queue.queue_headers,
    "sending": sending.sending,
    "folders": folders.folders,
    "sieve_own": sieve.sieve_own,
    "sieve_off": sieve.sieve_off,
    "sieve_try": sieve.sieve_try,
}
"""Name of the question → its function."""


def answer(node: Node, request: Mapping[str, Any]) -> Answer:
    """Never raises: what goes wrong is the answer."""
    name, args = request.get("what"), request.get("args")
    function = QUESTIONS.get(str(name))
    known = str(request.get("id", ""))[:40]
    if function is None or not isinstance(args, dict):
        return Answer(id=known, result=None, error="The node's agent does not know this question; update it.")
    try:
        result = function(node, args)
        if len(json.dumps(result)) > ANSWER_BYTES:
            raise BackendError("There is too much of it to show.")
    except BackendError as error:
        return Answer(id=known, result=None, error=str(error)[:1000])
    except Exception as error:
        log.exception("%s: not answered", name)
        text = f"The node's agent met an error that it does not know ({type(error).__name__})."
        return Answer(id=known, result=None, error=text)
    return Answer(id=known, result=result, error="")
