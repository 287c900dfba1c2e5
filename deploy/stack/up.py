"""bin/up: from nothing, or from whatever a kill -9 left, to a provider that works."""

from __future__ import annotations

import compileall
import contextlib
import json
import subprocess
import time
import xmlrpc.client
from collections.abc import Callable
from pathlib import Path

from deploy.stack import ca, console, credentials, endpoints, leftovers, ports, state, supervise
from deploy.stack.files import folder, write
from deploy.stack.layout import CODE, PROVIDER_DOMAIN, SYSTEM_USER, Failure, Stack
from deploy.stack.program import Program, config, environment
from deploy.stack.services import agent, caddy, mail, panel, postgres, powerdns, redis
from deploy.stack.steps import Step, run

TEST_OFFSET = 3000  # a second instance prefers other ports, so that both can be there
NAMES = [
    "localhost",
    "127.0.0.1",
    "::1",
    f"mail1.{PROVIDER_DOMAIN}",
    f"panel.{PROVIDER_DOMAIN}",
    PROVIDER_DOMAIN,
]
MODULES = (postgres, redis, powerdns, mail, agent, panel, caddy)


def load(root: Path, user: str) -> Stack:
    """The instance in ``root`` as its last start left it, for commands beside the running one."""
    return Stack(
        root=root,
        user=user,
        ports=ports.load(root / "ports.json"),
        secrets=credentials.settle(root / "secrets"),
    )


def prepare(root: Path, user: str) -> tuple[Stack, list[Program]]:
    """Folders, ports, secrets, certificates, every configuration; nothing runs yet. Gives what is to run."""
    stack = Stack(root=root, user=user)
    folder(stack.run)
    folder(stack.log)
    folder(stack.node.dir)
    folder(root / "panel", owner=user, mode=0o700)
    stack.ports = ports.settle(
        root / "ports.json", offset=0 if root == state.DEFAULT.resolve() else TEST_OFFSET
    )
    stack.secrets = credentials.settle(root / "secrets")
    ca.settle(
        stack.ca,
        names=[*NAMES, *ca.added_names(stack.ca)],
        key_group=caddy.USER,
        panel_group=user,
    )
    for module in MODULES:
        module.prepare(stack)
    found = [program for module in MODULES for program in module.programs(stack)]
    found += mail.rspamd_programs(stack)
    write(stack.supervisor_config, config(stack, found), mode=0o600)
    return stack, found


def start(
    stack: Stack, programs: list[Program], supervisor: supervise.Supervisor, *, keep_going: bool
) -> None:
    """Start everything in its order and wait until each part does its work. Raises Failure."""
    by_name = {program.name: program for program in programs}

    def up(*names: str) -> Callable[[], None]:
        def go() -> None:
            for name in names:
                supervisor.start(name)
                supervise.wait_ready(supervisor, stack, by_name[name])

        return go

    def database() -> None:
        up("postgres")()
        postgres.ensure_database(stack)

    def mail_servers() -> None:
        mail.check_postfix(stack)
        up("policy", "senders", "dovecot", "postfix")()

    run(
        [
            Step("PostgreSQL", database),
            Step("Redis", up("redis")),
            Step("PowerDNS", up("aliases", "powerdns")),
            Step("node: directory and keys", lambda: agent.init(stack)),
            Step("rspamd", up("learned", "rspamd"), ("node: directory and keys",)),
            Step("Dovecot and Postfix", mail_servers, ("node: directory and keys",)),
            Step(
                "panel: database, static files",
                lambda: panel.bring_up_to_date(stack),
                ("PostgreSQL", "node: directory and keys"),
            ),
            Step(
                "node agent",
                up("keeper", "jobs", "agent"),
                ("Redis", "PowerDNS", "rspamd", "Dovecot and Postfix"),
            ),
            Step("panel: worker and Beat", up("worker", "beat"), ("Redis", "panel: database, static files")),
            Step("panel: gunicorn behind Caddy", up("gunicorn", "caddy"), ("panel: database, static files",)),
            Step("log shipper", up("shipper", "rotate"), ("panel: gunicorn behind Caddy",)),
        ],
        keep_going=keep_going,
    )


def health(stack: Stack, programs: list[Program], supervisor: supervise.Supervisor) -> None:
    """Ask every service once more. Raises Failure naming the first that does not work."""
    for program in programs:
        supervise.wait_ready(supervisor, stack, program)


def bring_up(root: Path, *, demo: bool, keep: bool = False) -> Stack:
    """All of it, up to a healthy provider. When a part fails, what did start is stopped, unless ``keep``."""
    begun = time.monotonic()
    user = state.python_user()
    if user == SYSTEM_USER:
        _compile()
    stopped = stop(root)
    stack, programs = prepare(root, user)
    note = f"stopped {stopped} processes of an earlier start" if stopped else ""
    console.done("configuration", time.monotonic() - begun, note)
    supervisor = supervise.launch(stack)
    try:
        endpoints.save(stack)
        start(stack, programs, supervisor, keep_going=keep)
        _timed("all healthy", lambda: health(stack, programs, supervisor))
        if demo:
            _timed("demo provider", lambda: _demo(stack))
            endpoints.save(stack)
        (stack.run / "complete").touch()
    except BaseException as error:
        if not (keep and isinstance(error, Failure)):
            stop(root)
        raise
    return stack


def _timed(label: str, action: Callable[[], None]) -> None:
    begun = time.monotonic()
    try:
        action()
    except Failure as error:
        console.failed(error, label)
        raise
    console.done(label, time.monotonic() - begun)


def _demo(stack: Stack) -> None:
    arguments = ("demo", "--out", str(stack.demo_file), "--mails")
    agent.run_ours(stack, "the demo provider", panel.manage(stack, *arguments))


def _compile() -> None:
    """Byte-code of our own modules, made by root: the user that runs them may not write beside them."""
    for package in sorted(path.parent for path in CODE.glob("*/__init__.py")):
        compileall.compile_dir(package, quiet=2, force=False)


def smoke(stack: Stack, *, keep: bool) -> None:
    """bin/smoke against this instance, shown as it goes. Raises Failure and stops all, unless ``keep``."""
    done = subprocess.run(
        [str(CODE / "bin" / "smoke")], env=environment_for_tools(stack), check=False, stdin=subprocess.DEVNULL
    )
    if done.returncode:
        if not keep:
            stop(stack.root)
        raise Failure(
            f"the smoke journey failed at the step above; logs are in {stack.log} and {stack.node.log}"
        )


def environment_for_tools(stack: Stack) -> dict[str, str]:
    """For bin/smoke and bin/bench. No marker: a person's tool is no leftover."""
    found = environment(stack)
    found.pop("POSTROOM_STATE")
    found["POSTROOM_ENDPOINTS"] = found["POSTROOM_STACK"] = str(stack.endpoints)
    return found


def stop(root: Path) -> int:
    """Stop the instance in order. Gives how many processes there were."""
    there = len(leftovers.find(root))
    (root / "run" / "complete").unlink(missing_ok=True)
    supervisor = supervise.Supervisor(root / "run" / "supervisor.sock")
    with contextlib.suppress(OSError, xmlrpc.client.Error):
        supervisor.shutdown()
    leftovers.stop(root)
    for name in ("supervisor.sock", "supervisord.pid"):
        with contextlib.suppress(FileNotFoundError):
            (root / "run" / name).unlink()
    return there


def running(root: Path) -> bool:
    """Whether an earlier bin/up left a whole instance running (detached, or its own process was killed)."""
    supervisor = supervise.Supervisor(root / "run" / "supervisor.sock")
    if not supervisor.alive() or not (root / "run" / "complete").exists():
        return False
    return all(info["statename"] == "RUNNING" for info in supervisor.states().values())


def banner(root: Path) -> None:
    """Where to sign in and with what."""
    found = json.loads((root / "endpoints.json").read_text(encoding="utf-8"))
    console.say(f"\n  The panel      {found['panel']}   (its certificate comes from {found['ca_file']})")
    for sign_in in found["sign_ins"]:
        console.say(f"    {sign_in['role']:<12} {sign_in['login']:<32} {sign_in['password']}")
    if not found["sign_ins"]:
        console.say("    Nobody may sign in yet. The first admin: bin/manage admin you@example.com")
    if found["mailboxes"]:
        console.say("  Mailboxes")
        for box in found["mailboxes"]:
            console.say(f"    {'':<12} {box['address']:<32} {box['password']}")
    servers = ("submissions", "submission", "imaps", "pop3s", "smtp", "dns")
    console.say(
        "  Servers        "
        + "  ".join(f"{name} {found[name]['port']}" for name in servers)
        + "  on 127.0.0.1"
    )
    console.say(
        f"  All addresses  {root / 'endpoints.json'}\n"
        f"  Logs           {root / 'log'}, {found['node']['dir']}/log\n"
    )
