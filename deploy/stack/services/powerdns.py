"""PowerDNS with its SQLite backend and its HTTP API."""

from __future__ import annotations

import ipaddress
import os
import sqlite3
from collections.abc import Sequence
from contextlib import suppress
from pathlib import Path

from deploy.stack import probe
from deploy.stack.files import folder, render_file, write
from deploy.stack.layout import CODE, PROVIDER_DOMAIN, PYTHON, Stack, gid, uid
from deploy.stack.program import Program
from deploy.stack.services import transfers
from deploy.stack.services.transfers import Place

USER = "pdns"
SCHEMA = Path("/usr/share/pdns-backend-sqlite3/schema/schema.sqlite3.sql")


def prepare(stack: Stack, *, primary: Place | None = None, secondaries: Sequence[Place] = ()) -> None:
    """``secondaries``: whom this server tells of its zones; none of them, and it is alone. ``primary``: it is
    a secondary itself, of this one. Both need the secret ``transfer``. Not while it runs."""
    base = folder(stack.node.powerdns, owner=USER, mode=0o700)
    values = {
        "NODE": stack.node.name,
        "LISTEN": stack.listen,
        "POWERDNS": base,
        "PORT_DNS": stack.ports["dns"],
        "PORT_PDNS_API": stack.ports["pdns_api"],
        "PDNS_API_KEY": stack.secrets["pdns_api"],
        "PROVIDER_DOMAIN": PROVIDER_DOMAIN,
        "PORT_DNS_ALIASES": stack.ports["dns_aliases"],
    }
    if primary:
        more = {"PRIMARY": transfers.written(primary), "PRIMARY_ADDRESS": primary[0]}
        text = render_file("powerdns/secondary.conf", values | more)
    else:
        text = render_file("powerdns/pdns.conf", values)
    if secondaries:
        told = {"SECONDARIES": ", ".join(map(transfers.written, secondaries))}
        text += render_file("powerdns/primary.conf", told)
    write(base / "pdns.conf", text, owner=USER, mode=0o600)
    if not (base / "pdns.db").exists():
        _make_database(base)
    with transfers.opened(base / "pdns.db") as database:
        if primary:
            transfers.follow(database, primary, stack.secrets["transfer"])
        elif secondaries:
            transfers.lead(database, stack.secrets["transfer"])
        else:
            transfers.alone(database)


def resolvers(stack: Stack) -> list[str]:
    """Whom to ask for the addresses of an ALIAS: the zones here, then what RESOLVERS has of addresses, or the
    machine's own resolvers."""
    own = f"127.0.0.1:{stack.ports['dns']}"
    found = [own]
    for text in (os.environ.get("RESOLVERS") or ",".join(system_resolvers())).split(","):
        host, colon, port = text.strip().rpartition(":")
        if not colon or (":" in host and not host.startswith("[")):
            host, port = text.strip(), "53"
        with suppress(ValueError):
            address = ipaddress.ip_address(host.strip("[]"))
            found.append(f"[{address}]:{int(port)}" if address.version == 6 else f"{address}:{int(port)}")
    return list(dict.fromkeys(found))


def system_resolvers(path: Path = Path("/etc/resolv.conf")) -> list[str]:
    """Addresses, in the order of the file; none when there is no such file."""
    try:
        lines = path.read_text(encoding="utf-8", errors="replace").splitlines()
    except OSError:
        return []
    words = [line.split() for line in lines]
    named = [word[1] for word in words if len(word) > 1 and word[0] == "nameserver"]
    return [f"[{address}]:53" if ":" in address else address for address in named]


def _make_database(base: Path) -> None:
    unfinished = base / "pdns.db.unfinished"
    unfinished.unlink(missing_ok=True)
    database = sqlite3.connect(unfinished)
    try:
        database.executescript(SCHEMA.read_text(encoding="utf-8"))
    finally:
        database.close()
    unfinished.chmod(0o600)
    os.chown(unfinished, uid(USER), gid(USER))
    unfinished.rename(base / "pdns.db")


def programs(stack: Stack, *, primary: Place | None = None) -> list[Program]:
    """``primary``: as for ``prepare``."""
    base = stack.node.powerdns

    def ready() -> None:
        headers = {"X-API-Key": stack.secrets["pdns_api"]}
        probe.http_status(stack.ports["pdns_api"], "/api/v1/servers/localhost", headers=headers)
        probe.dns(stack.ports["dns"])

    command = ["/usr/sbin/pdns_server", f"--config-dir={base}"]
    aliases = ["-m", "nodeagent.aliases", f"127.0.0.1:{stack.ports['dns_aliases']}", *resolvers(stack)]
    found = [
        Program(name="powerdns", command=command, directory=base, ready=ready),
        Program(name="aliases", command=[str(PYTHON), *aliases], directory=CODE, ready=None, user=stack.user),
    ]
    if primary:
        follower = ["-m", "nodeagent.follower", str(base / "pdns.db"), transfers.written(primary)]
        argv = [str(PYTHON), *follower]
        found.append(Program(name="follower", command=argv, directory=CODE, ready=None, user=USER))
    return found
