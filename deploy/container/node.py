"""A mail node, or a name server: its servers, its agent and what belongs to them, under supervisord.

They start whatever becomes of the panel, its database and Redis. The node joins the panel beside that.
"""

from __future__ import annotations

import contextlib
import signal
import threading
import xmlrpc.client
from collections.abc import Callable
from functools import partial
from types import FrameType

from deploy.container import place
from deploy.stack import console, credentials, supervise
from deploy.stack.files import folder, write
from deploy.stack.layout import CODE, Failure, Stack
from deploy.stack.program import Program, config, ours
from deploy.stack.services import agent, mail, powerdns
from deploy.stack.steps import Step
from deploy.stack.steps import run as run_steps

LOOK_EVERY = 2.0
STALE = ("supervisor.sock", "supervisord.pid", "asked")


def build() -> tuple[Stack, list[Program]]:
    """This node and what runs on it. Nothing is written."""
    node = place.node()
    stack = place.stack(part=node, console=True)
    known = credentials.read(stack.root / "secrets") | credentials.read(place.SECRETS)
    stack.secrets = known
    found: list[Program] = []
    if {"dns", "secondary"} & set(node.roles):
        found += powerdns.programs(stack, primary=_primary())
    if "mail" in node.roles:
        found += [*mail.rspamd_programs(stack), *mail.programs(stack), _logs(stack)]
    if "secondary" not in node.roles:
        found += [*agent.programs(stack), _joining(stack)]
    return stack, found


def run() -> int:
    """Until SIGTERM. Whatever does not start is said, and tried again by supervisord."""
    _prepare()
    stack, programs = build()
    write(stack.supervisor_config, config(stack, programs), mode=0o600)
    ended = threading.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, partial(_end, ended))
    supervisor = supervise.launch(stack)
    try:
        run_steps(_steps(stack, programs, supervisor), keep_going=True)
        console.say(f"{stack.node.name} is up")
    except Failure as error:
        console.say(f"{stack.node.name} is not whole: {error}")
    while not ended.wait(LOOK_EVERY):
        if not supervisor.alive():
            raise Failure("supervisord is gone")
    with contextlib.suppress(OSError, xmlrpc.client.Error):
        supervisor.shutdown()
    return 0


def _end(ended: threading.Event, number: int, frame: FrameType | None) -> None:
    ended.set()


def _prepare() -> None:
    node = place.node()
    stack = place.stack(part=node)
    for path in (stack.run, stack.log, node.dir):
        folder(path)
    folder(stack.root / "home", owner=stack.user, mode=0o700)
    for name in STALE:
        (stack.run / name).unlink(missing_ok=True)
    # Its number belongs to somebody else in a new container, and Dovecot would not start beside that.
    (node.dir / "run" / "master.pid").unlink(missing_ok=True)
    stack.secrets = credentials.settle(stack.root / "secrets", _own_secrets(stack))
    stack.secrets |= credentials.read(place.SECRETS)
    if {"dns", "secondary"} & set(node.roles):
        powerdns.prepare(stack, primary=_primary(), secondaries=_secondaries())
    if "mail" in node.roles:
        mail.prepare(stack)
    if "secondary" not in node.roles:
        agent.prepare(stack)
        agent.init(stack)
        agent.sealing_key(stack)
    if "mail" in node.roles:
        mail.check_postfix(stack)  # makes the folders of the queue, where Dovecot has two sockets


def _primary() -> tuple[str, int] | None:
    """Where a secondary has its zones from; None for all others."""
    if "secondary" not in place.node().roles:
        return None
    found = place.address_of("dns")
    if not found:
        raise Failure("NODES names no name server with the role dns")
    return found[0], place.PORTS["dns"]


def _secondaries() -> list[tuple[str, int]]:
    if "dns" not in place.node().roles:
        return []
    return [(address, place.PORTS["dns"]) for address in place.address_of("secondary")]


def _own_secrets(stack: Stack) -> list[str]:
    """What this node makes for itself; nobody else knows more of them than a digest."""
    name = stack.node.name
    return [
        f"redis_{name}", f"ingest_{name}", "pdns_api", "doveadm_api", "rspamd", "forward_mail", "srs",
    ]  # fmt: skip


def _steps(stack: Stack, programs: list[Program], supervisor: supervise.Supervisor) -> list[Step]:
    by_name = {program.name: program for program in programs}

    def up(program: Program) -> Callable[[], None]:
        def go() -> None:
            supervisor.start(program.name)
            supervise.wait_ready(supervisor, stack, program)

        return go

    after = {"postfix": ("policy", "senders", "dovecot"), "rspamd": ("learned",)}
    return [
        Step(
            name,
            up(program),
            tuple(other for other in after.get(name, ()) if other in by_name),
        )
        for name, program in by_name.items()
        if not program.once
    ] + [Step(name, partial(supervisor.start, name)) for name, program in by_name.items() if program.once]


def _joining(stack: Stack) -> Program:
    """Tells the panel the node's keys; at each start, as the panel may have lost them."""
    return Program(
        name="joining",
        command=ours(stack, stack.node.env_file, "-m", "nodeagent", "join"),
        directory=CODE,
        user=stack.user,
        ready=None,
        once=True,
    )


def _logs(stack: Stack) -> Program:
    """What the servers write into files, for whoever reads the container's log."""
    log = stack.node.log
    files = [log / "mail.log", log / "dovecot.log", stack.node.rspamd_log]
    command = ["/usr/bin/tail", "-q", "-n", "0", "-F", *map(str, files)]
    return Program(name="logs", command=command, directory=log, ready=None)
