"""A primary and a secondary name server as deploy/ sets them up, on free loopback ports, with the agent's
backend for the primary."""

from __future__ import annotations

import contextlib
import dataclasses
import tempfile
from collections.abc import Iterator
from pathlib import Path

import dns.exception
import dns.flags
import dns.message
import dns.name
import dns.query
import dns.rcode
import dns.rdataclass
import dns.rdatatype
import dns.rrset

from deploy.stack.layout import Node, Stack
from deploy.stack.program import NotReady, Program
from deploy.stack.services import powerdns
from nodeagent.backends.dnsproof import Prober
from nodeagent.backends.powerdns import PowerDnsBackend
from nodeagent.config import Address
from tests.nodeagent import rig

HERE = "127.0.0.1"


def _stack(root: Path, name: str) -> Stack:
    root = root / name
    root.mkdir()
    return Stack(
        root=root,
        user="root",
        ports={port: rig.free_port() for port in ("dns", "pdns_api", "dns_aliases")},
        secrets={"pdns_api": rig.SECRET, "transfer": "of these two"},
        part=Node(name=name, roles=("dns",), host=f"{name}.tests.test", dir=root),
    )


@dataclasses.dataclass
class Server:
    """``running``: ends it."""

    stack: Stack
    programs: list[Program]
    running: contextlib.ExitStack = dataclasses.field(default_factory=contextlib.ExitStack)

    @property
    def port(self) -> int:
        return self.stack.ports["dns"]

    @property
    def database(self) -> Path:
        return self.stack.node.powerdns / "pdns.db"

    def start(self) -> None:
        for program in self.programs:
            log = self.stack.root / f"{program.name}.log"

            def ready(program: Program = program) -> bool:
                with contextlib.suppress(OSError, NotReady):
                    if program.ready:
                        program.ready()
                    return True
                return False

            self.running.enter_context(rig.process(program.command, log, ready, cwd=program.directory))

    def stop(self) -> None:
        self.running.close()

    def ask(self, name: str, kind: str, *, dnssec: bool = False) -> dns.message.Message | None:
        """Its answer; None: there is none."""
        query = dns.message.make_query(name, kind, want_dnssec=dnssec)
        try:
            return dns.query.udp_with_fallback(query, HERE, timeout=4, port=self.port)[0]
        except (OSError, dns.exception.Timeout):
            return None

    def rrset(self, name: str, kind: str) -> dns.rrset.RRset | None:
        answer = self.ask(name, kind)
        here = dns.name.from_text(name), dns.rdataclass.IN, dns.rdatatype.from_text(kind)
        return answer.get_rrset(answer.answer, *here) if answer else None

    def texts(self, name: str, kind: str) -> set[str]:
        return {rdata.to_text() for rdata in self.rrset(name, kind) or ()}

    def serial(self, name: str) -> int:
        """0: it does not have the zone."""
        found = self.rrset(name, "SOA")
        return int(found[0].serial) if found else 0


@dataclasses.dataclass
class Pair:
    primary: Server
    secondary: Server
    backend: PowerDnsBackend

    def prepare_secondary(self) -> None:
        powerdns.prepare(self.secondary.stack, primary=(HERE, self.primary.port))

    def prepare_primary(self) -> None:
        powerdns.prepare(self.primary.stack, secondaries=[(HERE, self.secondary.port)])


def backend_of(stack: Stack) -> PowerDnsBackend:
    key = stack.root / "key"
    key.write_text(f"{stack.secrets['pdns_api']}\n")
    url = f"http://{HERE}:{stack.ports['pdns_api']}/api/v1/servers/localhost"
    return PowerDnsBackend(url, key, Prober(Address(host=HERE, port=stack.ports["dns"])))


@contextlib.contextmanager
def pair() -> Iterator[Pair]:
    """Both run. Nothing is asked of the world: the secondary's ALIAS helper asks the primary."""
    root = Path(tempfile.mkdtemp(prefix="postroom-pair-"))
    root.chmod(0o755)
    first, second = _stack(root, "ns1"), _stack(root, "ns2")
    primary = Server(first, powerdns.programs(first))
    secondary = Server(second, powerdns.programs(second, primary=(HERE, primary.port)))
    made = Pair(primary, secondary, backend_of(first))
    made.prepare_primary()
    made.prepare_secondary()
    try:
        primary.start()
        secondary.start()
        yield made
    finally:
        secondary.stop()
        primary.stop()
        rig.clear(root)
