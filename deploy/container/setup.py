"""The first service of every start: secrets, certificates and invitations that are missing are made, and each
role is given its own.

``/authority`` keeps all that several roles must agree on, and the certificate authority's key; no other
container sees it. ``/secrets/ROLE`` is mounted as ``/secrets`` by that role alone.
"""

from __future__ import annotations

import hashlib
import json
from pathlib import Path

from deploy.container import place
from deploy.container.place import Member
from deploy.stack import ca, console, credentials
from deploy.stack.files import folder, write
from deploy.stack.layout import PROVIDER_DOMAIN, SYSTEM_USER, Failure
from deploy.stack.ports import MAIL_PORTS
from deploy.stack.services import caddy, postgres, redis

AUTHORITY = Path("/authority")
SHARED = ("secret_key", "postgres", "database", "redis", "metrics", "panel_mail", "transfer")
LOCAL_NAMES = ("localhost", "127.0.0.1", "::1")


def run() -> int:
    members = place.members()
    if not members:
        raise Failure("NODES names no node")
    secrets = credentials.settle(AUTHORITY / "secrets", SHARED)
    tokens = credentials.settle(AUTHORITY / "joining", [member.name for member in members])
    names = [place.panel_host(), f"panel.{PROVIDER_DOMAIN}", *LOCAL_NAMES, *ca.added_names(AUTHORITY)]
    ca.settle(AUTHORITY, names=list(dict.fromkeys(names)), key_group=caddy.USER, panel_group=SYSTEM_USER)
    _give("postgres", postgres.USER, {name: secrets[name] for name in ("postgres", "database")})
    _give("redis", redis.USER, {"redis": secrets["redis"]})
    _give("caddy", caddy.USER, {})
    _copy("caddy", caddy.USER, "ca.pem", "server.pem", "server.key", "issuing.pem", "issuing.key")
    of_panel = ("secret_key", "database", "redis", "metrics", "panel_mail")
    _give("panel", SYSTEM_USER, {name: secrets[name] for name in of_panel})
    _copy("panel", SYSTEM_USER, "ca.pem", "profiles.pem", "profiles.key")
    invitations = json.dumps([_invitation(member, tokens[member.name]) for member in members], indent=1)
    write(_of("panel") / "nodes.json", invitations + "\n", owner=SYSTEM_USER, mode=0o400)
    for member in members:
        _give_node(member, secrets, tokens[member.name])
    console.say(f"secrets and certificates are there for {', '.join(member.name for member in members)}")
    return 0


def _invitation(member: Member, token: str) -> dict[str, object]:
    """What ``manage.py node invite --file`` reads."""
    ports = {
        "mail": {name: place.PORTS[name] for name in MAIL_PORTS},
        "dns": {"dns": place.PORTS["dns"]},
        "secondary": {"dns": place.PORTS["dns"]},
    }
    return {
        "name": member.name,
        "roles": [member.role],
        "host": member.host,
        "addresses": [member.address],
        "ports": ports[member.role],
        "pool": member.pool,
        "token_hash": hashlib.sha256(token.encode()).hexdigest(),
    }


def _give_node(member: Member, secrets: dict[str, str], token: str) -> None:
    given = {}
    if member.role != "secondary":
        given["join_token"] = token
    if member.role == "mail":
        # A node checks the panel's password and never learns it.
        given["panel_mail_sha256"] = hashlib.sha256(secrets["panel_mail"].encode()).hexdigest()
    else:
        given["transfer"] = secrets["transfer"]
    _give(member.name, SYSTEM_USER, given)
    names = [member.host, *LOCAL_NAMES, member.address, *ca.added_names(AUTHORITY)]
    ca.settle_server(AUTHORITY, _of(member.name), names=list(dict.fromkeys(names)))


def _of(role: str) -> Path:
    directory = place.SECRETS / role
    if not directory.is_dir():
        raise Failure(f"{role} has no volume at {directory} (docs/runbook.md, a node more)")
    return directory


def _give(role: str, owner: str, values: dict[str, str]) -> None:
    folder(_of(role))
    for name, value in values.items():
        write(_of(role) / name, value + "\n", owner=owner, mode=0o400)


def _copy(role: str, owner: str, *names: str) -> None:
    for name in names:
        text = (AUTHORITY / name).read_text(encoding="ascii")
        write(_of(role) / name, text, owner=owner, mode=0o400 if name.endswith(".key") else 0o444)
