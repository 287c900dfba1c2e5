"""Redis: the queues between the panel and its nodes, with one ACL user per node."""

from __future__ import annotations

import hashlib

from deploy.stack import probe
from deploy.stack.files import folder, render_file, write
from deploy.stack.layout import Stack
from deploy.stack.program import Program

USER = "redis"


def prepare(stack: Stack) -> None:
    base = folder(stack.root / "redis", owner=USER, mode=0o700)
    values = {
        "PORT_REDIS": stack.ports["redis"],
        "REDIS": base,
        "NODE": stack.node.name,
        "REDIS_HASH": _sha256(stack.secrets["redis"]),
        "REDIS_NODE_HASH": _sha256(stack.secrets["redis_mail1"]),
    }
    write(base / "redis.conf", render_file("redis/redis.conf", values), owner=USER, mode=0o600)
    write(base / "users.acl", render_file("redis/users.acl", values), owner=USER, mode=0o600)


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def programs(stack: Stack) -> list[Program]:
    base = stack.root / "redis"

    def ready() -> None:
        probe.redis(stack.ports["redis"], "default", stack.secrets["redis"])
        probe.redis(stack.ports["redis"], stack.node.name, stack.secrets["redis_mail1"])

    command = ["/usr/bin/redis-server", str(base / "redis.conf")]
    return [Program(name="redis", command=command, directory=base, user=USER, ready=ready)]
