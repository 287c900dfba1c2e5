"""Talking to this instance's supervisord, over its Unix socket."""

from __future__ import annotations

import subprocess
import time
import xmlrpc.client
from pathlib import Path
from typing import Any

from supervisor.xmlrpc import SupervisorTransport

from deploy.stack import leftovers
from deploy.stack.layout import PYTHON, Failure, Stack
from deploy.stack.program import STOP_ORDER, NotReady, Program, environment

SECONDS_TO_ANSWER = 10
NOT_RUNNING = {"STOPPED", "EXITED", "FATAL"}


class Supervisor:
    """``alive`` says whether supervisord answers; all else raises OSError or xmlrpc.client.Error if not."""

    def __init__(self, socket: Path) -> None:
        self.socket = socket

    def _call(self, method: str, *arguments: Any) -> Any:
        transport = SupervisorTransport(None, None, f"unix://{self.socket}")
        try:
            proxy = xmlrpc.client.ServerProxy("http://127.0.0.1", transport=transport)
            return getattr(proxy.supervisor, method)(*arguments)
        finally:
            transport.close()

    def alive(self) -> bool:
        try:
            return bool(self._call("getState")["statecode"] == 1)
        except (OSError, xmlrpc.client.Error):
            return False

    def states(self) -> dict[str, dict[str, Any]]:
        """Every program's state by name, as supervisord describes it."""
        return {info["name"]: info for info in self._call("getAllProcessInfo")}

    def start(self, name: str) -> None:
        """Ask for ``name`` to be started; it need not be up when this returns."""
        if self.states()[name]["statename"] in NOT_RUNNING:
            self._call("startProcess", name, False)

    def shutdown(self) -> None:
        """Stop every program, the stores last, then supervisord. Each has SECONDS_TO_STOP before SIGKILL."""
        for names in STOP_ORDER:
            states = self.states()
            going = {
                name for name in names if name in states and states[name]["statename"] not in NOT_RUNNING
            }
            for name in going:
                self._call("stopProcess", name, False)
            while any(self.states()[name]["statename"] not in NOT_RUNNING for name in going):
                time.sleep(0.05)
        self._call("shutdown")


def launch(stack: Stack) -> Supervisor:
    """Start supervisord in a session of its own: a Ctrl-C meant for us does not reach its children."""
    supervisor = Supervisor(stack.supervisor_socket)
    log = stack.log / "supervisord.log"
    with (stack.log / "supervisord.err").open("w", encoding="utf-8") as errors:
        process = subprocess.Popen(
            [str(PYTHON), "-m", "supervisor.supervisord", "-c", str(stack.supervisor_config)],
            cwd=stack.root,
            env=environment(stack),
            stdin=subprocess.DEVNULL,
            stdout=None if stack.console else errors,
            stderr=errors,
            start_new_session=True,
        )
    leftovers.remember_session(stack.root, process.pid)
    deadline = time.monotonic() + SECONDS_TO_ANSWER
    while not supervisor.alive():
        if process.poll() is not None:
            said = (stack.log / "supervisord.err").read_text(encoding="utf-8").strip()
            raise Failure(f"supervisord ended at once: {said}", log)
        if time.monotonic() > deadline:
            raise Failure("supervisord does not answer", log)
        time.sleep(0.05)
    return supervisor


def wait_ready(supervisor: Supervisor, stack: Stack, program: Program) -> None:
    """Wait until ``program`` runs and does its work. Raises Failure with what it was last seen doing."""
    deadline = time.monotonic() + program.seconds_to_start
    log = program.log or stack.program_log(program.name)
    while True:
        state = supervisor.states()[program.name]
        try:
            if state["statename"] not in ({"RUNNING"} if program.ready is None else {"RUNNING", "STARTING"}):
                raise NotReady(
                    f"it is {state['statename'].lower()} {state['spawnerr'] or state['description']}".strip()
                )
            if program.ready:
                program.ready()
        except (NotReady, OSError) as error:
            if time.monotonic() > deadline or state["statename"] == "FATAL":
                raise Failure(f"{program.name} is not ready: {error}", log) from None
            time.sleep(0.05)
        else:
            return
