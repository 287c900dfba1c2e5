"""Where everything of one instance lies, and as whom it runs."""

from __future__ import annotations

import dataclasses
import grp
import os
import pwd
import re
from functools import cached_property
from pathlib import Path

CODE = Path(__file__).resolve().parent.parent.parent
PYTHON = CODE / ".venv" / "bin" / "python"
MARKER = "POSTROOM_STATE"
MARKER_FILE = ".postroom-state"
SYSTEM_USER = "postroom"
LOOPBACK = "127.0.0.1"
EVERYWHERE = "0.0.0.0"
# The nodes, the panel and the name servers have their names below it.
PROVIDER_DOMAIN = os.environ.get("PROVIDER_DOMAIN") or "postroom.test"
# The panel signs in to the submission service to send its own mail, from one address.
PANEL_LOGIN = f"panel@{PROVIDER_DOMAIN}"
PANEL_SENDER = f"no-reply@{PROVIDER_DOMAIN}"
# What Sieve scripts send comes by this sign-in, to a door of Postfix that knows no other
# (nodeagent/inject.py).
FORWARD_LOGIN = f"forward@{PROVIDER_DOMAIN}"
# Postfix and Dovecot cannot quote every character in a path; a socket's path has at most 107 bytes.
PLAIN_PATH = re.compile(r"/[A-Za-z0-9/._+-]{1,59}")


class Failure(Exception):
    """Bringing up failed; the message is for a person. ``log``: where to read more."""

    def __init__(self, message: str, log: Path | None = None) -> None:
        super().__init__(message)
        self.log = log
        self.told = False  # console.failed has shown it


@dataclasses.dataclass(frozen=True, kw_only=True)
class Node:
    """One mail and DNS node inside the instance; ``dir`` holds its state. ``addresses``: where the world
    finds it, as the panel and Postfix (proxy_interfaces) know them."""

    name: str
    roles: tuple[str, ...]
    host: str
    dir: Path
    addresses: tuple[str, ...] = ("127.0.0.1",)

    @property
    def directory_db(self) -> Path:
        """The number is the schema’s (nodeagent/directory.py): a new one is a new file."""
        return self.dir / "directory" / "directory-4.db"

    @property
    def former_directory_db(self) -> Path:
        return self.dir / "directory" / "directory-3.db"

    @property
    def policy(self) -> Path:
        return self.dir / "policy"

    @property
    def senders(self) -> Path:
        return self.dir / "senders"

    @property
    def queue_keeper(self) -> Path:
        return self.dir / "keeper"

    @property
    def jobs(self) -> Path:
        return self.dir / "jobs"

    @property
    def mail_root(self) -> Path:
        return self.dir / "mail"

    @property
    def postfix(self) -> Path:
        return self.dir / "postfix"

    @property
    def queue(self) -> Path:
        return self.dir / "queue"

    @property
    def dovecot(self) -> Path:
        return self.dir / "dovecot"

    @property
    def dkim(self) -> Path:
        return self.dir / "dkim"

    @property
    def rspamd(self) -> Path:
        return self.dir / "rspamd"

    @property
    def powerdns(self) -> Path:
        return self.dir / "powerdns"

    @property
    def log(self) -> Path:
        return self.dir / "log"

    @property
    def rspamd_log(self) -> Path:
        return self.log / "rspamd" / "rspamd.log"

    @property
    def secrets(self) -> Path:
        return self.dir / "secrets"

    @property
    def env_file(self) -> Path:
        return self.dir / "agent.env"


@dataclasses.dataclass(kw_only=True)
class Stack:
    """One instance, or the part of one that a container has. ``user`` runs our own Python: ``postroom``, or
    root if that cannot read the checkout.

    ``part``: the node when it is not the one of bin/up, which is mail and DNS at once. ``listen``: where
    what the world asks listens; all else is for loopback alone. ``database_host``, ``broker_host``: where
    PostgreSQL and Redis are. ``panel_at`` and ``authority``: the panel's URL and the folder of ``ca.pem`` and
    the server's certificate, when they are not those of bin/up. ``console``: what programs write goes to the
    standard output, not to files.
    """

    root: Path
    user: str
    ports: dict[str, int] = dataclasses.field(default_factory=dict)
    secrets: dict[str, str] = dataclasses.field(default_factory=dict)
    part: Node | None = None
    listen: str = LOOPBACK
    database_host: str = LOOPBACK
    broker_host: str = LOOPBACK
    panel_at: str = ""
    authority: Path | None = None
    console: bool = False

    @cached_property
    def node(self) -> Node:
        return self.part or Node(
            name="mail1", roles=("mail", "dns"), host=f"mail1.{PROVIDER_DOMAIN}", dir=self.root / "mail1"
        )

    @property
    def ca(self) -> Path:
        return self.authority or self.root / "ca"

    @property
    def run(self) -> Path:
        return self.root / "run"

    @property
    def log(self) -> Path:
        return self.root / "log"

    @property
    def panel_env(self) -> Path:
        return self.root / "panel.env"

    @property
    def endpoints(self) -> Path:
        return self.root / "endpoints.json"

    @property
    def demo_file(self) -> Path:
        return self.root / "panel" / "demo.json"

    @property
    def supervisor_socket(self) -> Path:
        return self.run / "supervisor.sock"

    @property
    def supervisor_config(self) -> Path:
        return self.root / "supervisord.conf"

    @property
    def gunicorn_socket(self) -> Path:
        return self.run / "panel" / "gunicorn.sock"

    @property
    def panel_url(self) -> str:
        return self.panel_at or f"https://localhost:{self.ports['panel']}"

    @property
    def panel_http_url(self) -> str:
        """What mail programs ask for in the clear; all else is led to ``panel_url``."""
        return f"http://localhost:{self.ports['panel_http']}"

    @property
    def database_url(self) -> str:
        return f"postgres://{SYSTEM_USER}:{self.secrets['database']}@{self.database_host}:{self.ports['postgres']}/{SYSTEM_USER}"

    @property
    def broker_url(self) -> str:
        return f"redis://:{self.secrets['redis']}@{self.broker_host}:{self.ports['redis']}/0"

    def program_log(self, program: str) -> Path:
        return self.log / f"{program}.log"


def uid(user: str) -> int:
    return pwd.getpwnam(user).pw_uid


def gid(group: str) -> int:
    return grp.getgrnam(group).gr_gid
