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


def _settle(client: object, node: Node) -> bool:
    """True: there was none, or another one."""
    ask = client.execute_command  # type: ignore[attr-defined]  # redis.Redis, which kombu does not name
    there = ask("ACL", "GETUSER", node.name)
    rules = ["on", f"#{node.broker_hash}", *broker_rules(node.name)]
    if there is not None and _same(there, node, rules):
        return False
    ask("ACL", "SETUSER", node.name, "reset", *rules)
    return True


def _same(there: object, node: Node, rules: list[str]) -> bool:
    """Whether the user has this password and these keys."""
    found = there if isinstance(there, dict) else {}
    text = {_text(key): value for key, value in found.items()}
    passwords = [_text(each) for each in text.get("passwords", [])]
    keys = _text(text.get("keys", "")).split()
    return passwords == [node.broker_hash] and keys == [rule for rule in rules if rule.startswith("~")]


def _text(value: object) -> str:
    if isinstance(value, bytes):
        return value.decode("utf-8", "replace")
    if isinstance(value, list):
        return " ".join(_text(each) for each in value)
    return str(value)


def _keep(client: object) -> None:
    """Into Redis' own file, where it has one: then the users are there after a restart, too."""
    try:
        client.execute_command("ACL", "SAVE")  # type: ignore[attr-defined]  # as above
    except ResponseError as error:
        logger.info("the broker keeps no file of its users: %s", error)
