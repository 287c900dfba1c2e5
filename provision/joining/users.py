"""Nodes' users at the broker. Redis may lose them like all else; Beat lets them in again."""

from __future__ import annotations

import logging
from collections.abc import Iterable
from typing import Any

from celery import current_app
from kombu.exceptions import OperationalError
from redis.exceptions import RedisError, ResponseError

from nodeagent.contract import broker_rules
from provision.broker import BrokerAway
from provision.models import Node

logger = logging.getLogger(__name__)


def let_in(nodes: Iterable[Node]) -> None:
    """Have a user at the broker for each node that joined, with the rights of its own queues. Raises
    BrokerAway."""
    known = [node for node in nodes if node.broker_hash]
    if not known:
        return
    try:
        with current_app.connection_for_write() as connection:
            channel: Any = connection.default_channel
            client = channel.client
            changed = [node for node in known if _settle(client, node)]
            if changed:
                _keep(client)
    except (OperationalError, RedisError, OSError) as error:
        logger.warning("the broker does not let nodes in now: %s", error)
        raise BrokerAway from error


def _settle(client: Any, node: Node) -> bool:
    """Make the user what it shall be, whatever it was; True: it was not. Whoever came in with another
    password is put out: an open connection would go on with the rights it had."""
    before = client.execute_command("ACL", "GETUSER", node.name)
    rules = ["reset", "on", f"#{node.broker_hash}", *broker_rules(node.name)]
    client.execute_command("ACL", "SETUSER", node.name, *rules)
    after = client.execute_command("ACL", "GETUSER", node.name)
    if before is not None and _passwords(before) != _passwords(after):
        client.execute_command("CLIENT", "KILL", "USER", node.name)
    return bool(before != after)


def _passwords(user: Any) -> Any:
    """Of ``ACL GETUSER``: names and values by turns, or as a dictionary."""
    found = user if isinstance(user, dict) else dict(zip(user[::2], user[1::2], strict=True))
    return found.get("passwords", found.get(b"passwords"))


def _keep(client: Any) -> None:
    """Into Redis' own file, where it has one: then the users are there after a restart, too."""
    try:
        client.execute_command("ACL", "SAVE")
    except ResponseError as error:
        logger.info("the broker keeps no file of its users: %s", error)
