"""What a container is told by its environment, as the Stack that deploy/stack knows.

PROVIDER_DOMAIN, PANEL_HOST and PANEL_PORT: the names of all. NODES: every node, ``NAME,ROLE,ADDRESS[,POOL]``
with a space between; ROLE is mail, dns or secondary. NODE_NAME: a node's own.
"""

from __future__ import annotations

import dataclasses
import ipaddress
import os
import re
from pathlib import Path

from deploy.stack.layout import EVERYWHERE, PROVIDER_DOMAIN, SYSTEM_USER, Failure, Node, Stack

DATA = Path("/data")
SECRETS = Path("/secrets")
PORTS = {
    "smtp": 25,
    "submission": 587,
    "submissions": 465,
    "imap": 143,
    "imaps": 993,
    "pop3": 110,
    "pop3s": 995,
    "sieve": 4190,
    "dns": 53,
    "panel": 8443,
    "panel_http": 8080,
    "tls_ask": 8444,
    "gunicorn": 8000,
    "postgres": 5432,
    "redis": 6379,
    "pdns_api": 8081,
    "rspamd": 11334,
    "doveadm": 8082,
    "dns_aliases": 5300,
    "forward": 10025,
    "reply": 10026,
}
NAME = re.compile(r"[a-z0-9](?:[a-z0-9-]{0,30}[a-z0-9])?")
ROLES = ("mail", "dns", "secondary")


@dataclasses.dataclass(frozen=True, kw_only=True)
class Member:
    """One node of this provider. ``address``: where the world finds it; ``inside``: where the other
    containers do. ``pool``: which domains it takes (provision.models.Node)."""

    name: str
    role: str
    address: str
    inside: str
    pool: str = ""

    @property
    def host(self) -> str:
        return f"{self.name}.{PROVIDER_DOMAIN}"


def members(text: str | None = None) -> list[Member]:
    """Every node of NODES and EXTRA_NODES. Raises Failure for what is none."""
    found = []
    known = f"{os.environ.get('NODES', '')} {os.environ.get('EXTRA_NODES', '')}" if text is None else text
    for entry in known.split():
        parts = entry.split(",")
        if not 3 <= len(parts) <= 4 or not NAME.fullmatch(parts[0]) or parts[1] not in ROLES:
            raise Failure(f"NODES: {entry} is not NAME,ROLE,ADDRESS[,POOL] with a role of {', '.join(ROLES)}")
        # MAIL1_ADDRESS: where the world finds it, when that is not in the network of the containers.
        given = os.environ.get(f"{parts[0].upper().replace('-', '_')}_ADDRESS") or parts[2]
        try:
            address, inside = (str(ipaddress.ip_address(text)) for text in (given, parts[2]))
        except ValueError:
            raise Failure(f"NODES: {given} or {parts[2]} is not an IP address") from None
        pool = parts[3] if len(parts) == 4 else ""
        found.append(Member(name=parts[0], role=parts[1], address=address, inside=inside, pool=pool))
    if len({member.name for member in found}) < len(found):
        raise Failure("NODES: two nodes have one name")
    return found


def address_of(role: str) -> list[str]:
    """Where the other containers find the nodes of ``role``, in the order of NODES."""
    return [member.inside for member in members() if member.role == role]


def panel_url() -> str:
    """Where browsers find the panel."""
    port = panel_port()
    return f"https://{panel_host()}" + ("" if port == 443 else f":{port}")


def panel_host() -> str:
    return os.environ.get("PANEL_HOST") or "localhost"


def panel_port() -> int:
    return int(os.environ.get("PANEL_PORT") or 8443)


def secret(name: str) -> str:
    """What setup put into this role's ``/secrets``. Raises Failure."""
    try:
        return (SECRETS / name).read_text(encoding="ascii").strip()
    except OSError as error:
        raise Failure(f"{SECRETS / name}: {error.strerror}. Has the setup service run?") from None


def stack(user: str = SYSTEM_USER, **settings: object) -> Stack:
    """This container. ``settings``: more of Stack's fields."""
    known = Stack(
        root=DATA,
        user=user,
        ports=dict(PORTS),
        listen=EVERYWHERE,
        database_host="postgres",
        broker_host="redis",
        # Nodes come by the network's own name for it; people by ``panel_url``.
        panel_at=f"https://panel.{PROVIDER_DOMAIN}:{PORTS['panel']}",
        authority=SECRETS,
    )
    return dataclasses.replace(known, **settings)  # type: ignore[arg-type]  # the callers' own fields


def node() -> Node:
    """The node of this container, NODE_NAME among NODES. Raises Failure."""
    name = os.environ.get("NODE_NAME", "")
    member = next((one for one in members() if one.name == name), None)
    if member is None:
        raise Failure(f"NODE_NAME {name} is none of NODES")
    return Node(
        name=name, roles=(member.role,), host=member.host, dir=DATA / name, addresses=(member.address,)
    )
