"""What ``node rebuild`` says while it waits."""

from __future__ import annotations

import contextlib
import time
from collections.abc import Callable

from django.core.management.base import CommandError

from nodeagent import contract
from provision import broker, kinds
from provision.models import Node, NodeRebuild
from provision.rebuilding import node_rebuild, progress

EVERY = 0.5
MEASURED_WITHIN = 300.0  # seconds; a node measures 100,000 mailboxes in about half of it
GONE = (
    "What was on the node alone is gone if its disk is: mail that waited in its queue, what its spam filter "
    "had learned, rules that people had uploaded themselves. Signing keys that are not there are made anew; "
    "their public halves are published by themselves, and used once resolvers show them."
)


def rebuild(node: Node, *, within: float, say: Callable[[str], object]) -> None:
    """Begin it, follow it, and say what is missing. Raises CommandError with what is not live in time."""
    begun = node_rebuild(actor=None, node=node)
    _follow(begun, within, say)
    if contract.ROLE_MAIL not in node.roles:
        say(f"{node}: all is live.")
        return
    lines = _missing(begun)
    say(f"{node}: all is live. {GONE}")
    if lines is None:
        say("The node has not measured its mailboxes yet; the provider's desk says later what is missing.")
    elif lines:
        say(f"Mail is missing in {len(lines)} mailboxes:")
        for line in lines:
            say(f"  {line}")
    else:
        say("No mailbox has less mail than it had when it was last measured.")


def _follow(begun: NodeRebuild, within: float, say: Callable[[str], object]) -> None:
    end = time.monotonic() + within
    told = -1
    while True:
        now = progress(begun)
        if now.live != told:
            say(f"{now.live:,} of {now.states:,} live")
            told = now.live
        if now.live >= now.states:
            return
        if time.monotonic() > end:
            why = "\n".join(now.failed) or "the node has not answered"
            raise CommandError(f"{now.states - now.live} are not live after {within:g} s:\n{why}")
        time.sleep(EVERY)


def _missing(begun: NodeRebuild) -> list[str] | None:
    """What the watchers say; the node is asked to measure at once."""
    with contextlib.suppress(broker.BrokerAway):  # it measures each minute anyway
        message = {"contract": contract.CONTRACT, "node": begun.node.name}
        broker.send(contract.TASK_MEASURE, contract.node_queue(begun.node.name), message)
    end = time.monotonic() + MEASURED_WITHIN
    while time.monotonic() < end:
        found = [watcher.missing(begun) for watcher in kinds.rebuild_watchers()]
        known = [lines for lines in found if lines is not None]
        if len(known) == len(found):
            return [line for lines in known for line in lines]
        time.sleep(EVERY)
    return None
