"""One node with its real servers for all tests of a test process. Each test uses names of its own."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
import uuid
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from nodeagent.apply import apply_states
from nodeagent.config import Config, load
from nodeagent.contract import Outcome, State, StateMessage, to_payload
from nodeagent.directory import Directory, create
from nodeagent.node import Node, build, prepare
from nodeagent.reporting import make_key
from tests.nodeagent import rig


@dataclasses.dataclass(frozen=True)
class Place:
    """A node's folder, its environment and the ports of its servers."""

    root: Path
    environment: dict[str, str]
    ports: dict[str, int]

    @property
    def config(self) -> Config:
        return load(self.environment)


@pytest.fixture(scope="session")
def place() -> Iterator[Place]:
    root = Path(tempfile.mkdtemp(prefix="postroom-node-"))  # short: sockets have paths of at most 107 bytes
    root.chmod(0o755)
    ports = {name: rig.free_port() for name in ("imap", "doveadm", "dns", "pdns", "rspamd", "redis")}
    (root / "key").write_text(f"{rig.SECRET}\n")
    environment = {
        "NODE_NAME": "mail1",
        "NODE_ROLES": "mail,dns",
        "DIRECTORY_DB": str(root / "directory/directory.db"),
        "DIRECTORY_GROUP": "postfix",
        "MAIL_ROOT": str(root / "mail"),
        "POSTFIX_CONFIG_DIR": str(root / "postfix"),
        "DOVEADM_URL": f"http://127.0.0.1:{ports['doveadm']}/doveadm/v1",
        "DOVEADM_API_KEY_FILE": str(root / "key"),
        "PDNS_URL": f"http://127.0.0.1:{ports['pdns']}/api/v1/servers/localhost",
        "PDNS_API_KEY_FILE": str(root / "key"),
        "DNS_SERVER": f"127.0.0.1:{ports['dns']}",
        "DKIM_DIR": str(root / "dkim"),
        "RSPAMD_URL": f"http://127.0.0.1:{ports['rspamd']}",
        "RSPAMD_GROUP": "_rspamd",
        "RSPAMD_PASSWORD_FILE": str(root / "key"),
        "AGENT_BROKER_URL": f"redis://mail1:{rig.SECRET}@127.0.0.1:{ports['redis']}/0",
        "SIGNING_KEY_FILE": str(root / "signing.key"),
    }
    make_key(root / "signing.key")
    yield Place(root=root, environment=environment, ports=ports)
    rig.clear(root)


@pytest.fixture(scope="session")
def node(place: Place) -> Iterator[Node]:
    """The node with every server running."""
    prepare(place.config)
    built = build(place.config)
    built.engine.directory.connection()  # as the worker does: open before the servers look
    config = rig.postfix_files(place.root, built.engine.directory.path)
    ports = place.ports
    with contextlib.ExitStack() as stack:
        stack.enter_context(
            rig.dovecot(place.root, built.engine.directory.path, ports["imap"], ports["doveadm"])
        )
        stack.enter_context(rig.postfix(place.root, config))
        stack.enter_context(rig.powerdns(place.root / "pdns", ports["dns"], ports["pdns"]))
        stack.enter_context(rig.rspamd(place.root / "rspamd", place.root / "dkim", ports["rspamd"]))
        yield built
    built.engine.directory.close()


@pytest.fixture
def apply(node: Node) -> Callable[..., dict[str, Outcome]]:
    """Apply messages on the running node; the outcomes by key."""

    def run(*messages: Any) -> dict[str, Outcome]:
        outcomes = [outcome for part in apply_states(node.engine, messages) for outcome in part]
        return {outcome["key"]: outcome for outcome in outcomes}

    return run


@pytest.fixture
def directory(tmp_path: Path) -> Iterator[Directory]:
    """A directory of this test alone, read by no server."""
    create(tmp_path / "directory/directory.db")
    opened = Directory(tmp_path / "directory/directory.db")
    yield opened
    opened.close()


@pytest.fixture
def domain() -> str:
    return f"d{uuid.uuid4().hex[:12]}.test"


def wanted(state: State, rev: int = 1) -> StateMessage:
    return StateMessage(kind=state.KIND, key=state.key, rev=rev, payload=to_payload(state))


def absent(state: State, rev: int) -> StateMessage:
    return StateMessage(kind=state.KIND, key=state.key, rev=rev, payload=None)
