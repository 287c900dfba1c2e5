"""PostgreSQL and Redis, each as its own user from the start."""

from __future__ import annotations

import os
import signal
import subprocess
import time

from deploy.container import place
from deploy.stack import credentials
from deploy.stack.layout import LOOPBACK, Failure
from deploy.stack.program import NotReady, Program, environment
from deploy.stack.services import postgres as postgres_service
from deploy.stack.services import redis as redis_service


def postgres() -> None:
    """The cluster made if need be, the panel's role and database in it, then the server itself."""
    stack = place.stack(user=postgres_service.USER)
    stack.secrets = credentials.read(place.SECRETS)
    postgres_service.prepare(stack)
    program = postgres_service.programs(stack)[0]
    # Alone at first: nobody comes in before the role has its password.
    alone = subprocess.Popen(
        [*program.command, "-c", f"listen_addresses={LOOPBACK}"],
        cwd=program.directory,
        env=environment(stack),
    )
    try:
        _wait(program, alone)
        postgres_service.ensure_database(stack)
    finally:
        alone.send_signal(signal.SIGINT)
        alone.wait()
    _become(program, environment(stack))


def redis() -> None:
    stack = place.stack(user=redis_service.USER)
    stack.secrets = credentials.read(place.SECRETS)
    redis_service.prepare(stack)
    _become(redis_service.programs(stack)[0], environment(stack))


def _wait(program: Program, process: subprocess.Popen[bytes]) -> None:
    deadline = time.monotonic() + program.seconds_to_start
    while program.ready:
        try:
            program.ready()
        except (NotReady, OSError) as error:
            if process.poll() is not None or time.monotonic() > deadline:
                raise Failure(f"{program.name} is not ready: {error}") from None
            time.sleep(0.1)
        else:
            return


def _become(program: Program, variables: dict[str, str]) -> None:
    os.chdir(program.directory)
    os.execve(program.command[0], program.command, variables)  # noqa: S606 - no shell is the point
