"""Loopback ports: each service has a preferred one, keeps what it got, and steps aside for a stranger's."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Mapping
from pathlib import Path

from deploy.stack.files import write
from deploy.stack.layout import Failure

PREFERRED = {
    "smtp": 2025,
    "submission": 2587,
    "submissions": 2465,
    "imap": 2143,
    "imaps": 2993,
    "pop3": 2110,
    "pop3s": 2995,
    "sieve": 24190,
    "dns": 2053,
    "panel": 8443,
    "tls_ask": 18444,
    "postgres": 15432,
    "redis": 16379,
    "pdns_api": 18081,
    "rspamd": 11333,
    "doveadm": 18080,
    "dns_aliases": 18053,
    "forward": 18025,
    "reply": 18026,
    "panel_http": 8880,
}
MAIL_PORTS = ("smtp", "submission", "submissions", "imap", "imaps", "pop3", "pop3s", "sieve")
# Outgoing connections take their ports from here upwards (ip_local_port_range), so a server would meet them.
CEILING = 32000


def is_free(port: int) -> bool:
    """Whether a server could listen on ``port``, TCP and UDP, on 127.0.0.1."""
    for kind in (socket.SOCK_STREAM, socket.SOCK_DGRAM):
        with socket.socket(socket.AF_INET, kind) as probe:
            if kind == socket.SOCK_STREAM:
                probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind(("127.0.0.1", port))
            except OSError:
                return False
    return True


def choose(
    kept: Mapping[str, int], *, offset: int = 0, free: Callable[[int], bool] = is_free
) -> dict[str, int]:
    """A port for each service: the kept one, else the preferred one plus ``offset``, else the next free."""
    chosen: dict[str, int] = {}
    for name, preferred in PREFERRED.items():
        port = kept.get(name, preferred + offset)
        while port in chosen.values() or not free(port):
            port += 1
            if port > CEILING:
                raise Failure(f"no free port for {name} from {preferred + offset} to {CEILING}")
        chosen[name] = port
    return chosen


def load(path: Path) -> dict[str, int]:
    """The ports of the last start; empty when there was none or the file is not what we wrote."""
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}
    if not isinstance(found, dict):
        return {}
    return {name: port for name, port in found.items() if name in PREFERRED and isinstance(port, int)}


def settle(path: Path, *, offset: int = 0) -> dict[str, int]:
    """Choose the ports for this start and keep them in ``path``. Nothing of ours may listen any more."""
    ports = choose(load(path), offset=offset)
    write(path, json.dumps(ports, indent=2) + "\n")
    return ports
