"""``python -m deploy.container health ROLE``: whether the container does its work. Exit status 0, or 1 and
why."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import time
import xmlrpc.client
from pathlib import Path

from deploy.container import node, place, web
from deploy.stack import credentials, probe, supervise
from deploy.stack.layout import PYTHON
from deploy.stack.program import NotReady
from deploy.stack.services import postgres as postgres_service

ASK_EVERY = 60.0  # seconds


def run(role: str) -> int:
    try:
        {"node": _node, "postgres": _postgres, "redis": _redis, "caddy": _caddy}.get(role, _panel)(role)
    except (NotReady, OSError, xmlrpc.client.Error) as error:
        sys.stderr.write(f"{role}: {error}\n")
        return 1
    return 0


def _node(role: str) -> None:
    """Every program runs, and each server does what its clients ask of it; asked once in a minute, as each
    question is some lines in the mail log. Not: whether the panel is there."""
    stack, programs = node.build()
    states = supervise.Supervisor(stack.supervisor_socket).states()
    asked = stack.run / "asked"
    lately = asked.exists() and time.time() - asked.stat().st_mtime < ASK_EVERY
    for program in programs:
        if program.once:
            continue
        if states[program.name]["statename"] != "RUNNING":
            raise NotReady(f"{program.name} is {states[program.name]['statename'].lower()}")
        if program.ready and not lately:
            program.ready()
    if not lately:
        asked.touch()


def _postgres(role: str) -> None:
    # By the container's own name: on loopback it answers before the role and the database are there.
    command = [str(postgres_service.BIN / "pg_isready"), "-q", "-h", socket.gethostname()]
    if subprocess.run([*command, "-p", str(place.PORTS["postgres"])], check=False).returncode:
        raise NotReady("it accepts no connections")


def _redis(role: str) -> None:
    probe.redis(place.PORTS["redis"], "default", credentials.read(place.SECRETS)["redis"])


def _caddy(role: str) -> None:
    probe.http_status(place.PORTS["panel_http"], "/", expected=302)


def _panel(role: str) -> None:
    known = web.variables()
    os.execve(str(PYTHON), [str(PYTHON), "-m", "panel.alive", Path(role).name], known)  # noqa: S606 - no shell
