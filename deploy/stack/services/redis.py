"""Redis: the queues between the panel and its nodes, with one ACL user per node."""

from __future__ import annotations

import hashlib
from pathlib import Path

from deploy.stack import probe
from deploy.stack.files import folder, render_file, write
from deploy.stack.layout import Stack
from deploy.stack.program import Program
from nodeagent.contract import broker_rules

USER = "redis"


def prepare(stack: Stack) -> None:
    """The configuration, and who may come in: the panel, the node beside it, and whom the panel let in before
    (provision.joining, which has Redis keep them in this file)."""
    base = folder(stack.root / "redis", owner=USER, mode=0o700)
    values = {"PORT_REDIS": stack.ports["redis"], "REDIS": base, "LISTEN": stack.listen}
    write(base / "redis.conf", render_file("redis/redis.conf", values), owner=USER, mode=0o600)
    ours = {"default": _sha256(stack.secrets["redis"])}
    if own := stack.secrets.get(f"redis_{stack.node.name}"):
        ours[stack.node.name] = _sha256(own)
    lines = [_line(name, digest) for name, digest in ours.items()]
    lines += [line for line in _lines(base / "users.acl") if line.split()[1] not in ours]
    write(base / "users.acl", "".join(f"{line}\n" for line in lines), owner=USER, mode=0o600)


def _line(name: str, digest: str) -> str:
    rules = "~* &* +@all" if name == "default" else " ".join(broker_rules(name))
    return f"user {name} on #{digest} {rules}"


def _lines(path: Path) -> list[str]:
    try:
        return [line for line in path.read_text(encoding="utf-8").splitlines() if line.startswith("user ")]
    except FileNotFoundError:
        return []


def _sha256(text: str) -> str:
    return hashlib.sha256(text.encode()).hexdigest()


def programs(stack: Stack) -> list[Program]:
    base = stack.root / "redis"

    def ready() -> None:
        probe.redis(stack.ports["redis"], "default", stack.secrets["redis"])
        probe.redis(stack.ports["redis"], stack.node.name, stack.secrets[f"redis_{stack.node.name}"])

    command = ["/usr/bin/redis-server", str(base / "redis.conf")]
    return [Program(name="redis", command=command, directory=base, user=USER, ready=ready)]
