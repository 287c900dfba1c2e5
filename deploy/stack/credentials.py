"""Random secrets, made once and kept in files that only root reads."""

from __future__ import annotations

import re
import secrets
from collections.abc import Iterable
from pathlib import Path

from deploy.stack.files import folder, write

NAMES = (
    "secret_key",  # Django
    "postgres",  # the database server's superuser
    "database",  # the panel's role
    "redis",  # Redis' default user: the panel
    "redis_mail1",  # the node's Redis user
    "pdns_api",
    "doveadm_api",
    "rspamd",
    "ingest_mail1",  # the node's token for the panel's ingest endpoint
    "forward_mail",  # what Sieve scripts send comes by it
    "srs",  # rewritten senders of forwarded mail are proved by it
    "metrics",  # what a Prometheus shows to read /metrics
    "panel_mail",  # the panel's sign-in at the submission service
)


def settle(directory: Path, names: Iterable[str] = NAMES) -> dict[str, str]:
    """All secrets by name; what is missing is made. Hexadecimal: no configuration format misreads one."""
    folder(directory, mode=0o700)
    known = read(directory)
    found = {}
    for name in names:
        value = known.get(name)
        if not value:
            value = secrets.token_hex(32)
            write(directory / name, value + "\n", mode=0o600)
        found[name] = value
    return found


def read(directory: Path) -> dict[str, str]:
    """Those that are there, by name; certificates and their like are left out. A missing folder is empty."""
    found = {}
    for path in directory.iterdir() if directory.is_dir() else ():
        if re.fullmatch(r"[a-z0-9_-]+", path.name):
            found[path.name] = path.read_text(encoding="ascii").strip()
    return found
