"""The provider that docker-compose.yml describes, under a name, a network and ports of its own."""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any, TypeVar

from bench.stack import ROOT, Stack

PROJECT = "postroom-test"
SUBNET = "10.203.26"
PANEL_PORT = 18443
LOCAL = "127.0.26"  # on this machine the containers' ports are on these loopback addresses
LAST = {"mail1": 11, "mail2": 12, "mail3": 13, "ns1": 53, "ns2": 54}
DOMAIN = "postroom.test"
SERVICES = {
    "smtp": 25, "submission": 587, "submissions": 465, "imap": 143, "imaps": 993, "pop3": 110, "pop3s": 995,
    "sieve": 4190,
}  # fmt: skip
T = TypeVar("T")


def compose_command() -> list[str]:
    """``docker compose`` where there is one, else Debian's ``docker-compose``."""
    wanted = os.environ.get("COMPOSE", "").split()
    if wanted:
        return wanted
    if shutil.which("docker") and _works(["docker", "compose", "version"]):
        return ["docker", "compose"]
    return ["docker-compose"]


def _works(command: list[str]) -> bool:
    return subprocess.run(command, capture_output=True, check=False).returncode == 0


class Provider:
    """``folder``: where docker-compose.yml is; a copy, as adding a node writes beside it."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.command = compose_command()
        self.environment = os.environ | {
            "COMPOSE_PROJECT_NAME": PROJECT,
            "SUBNET": SUBNET,
            "IMAGES": PROJECT,
            "PANEL_PORT": str(PANEL_PORT),
            "PANEL_HTTP_PORT": "18080",
            **{f"{name.upper()}_BIND": f"{LOCAL}.{LAST[name]}" for name in ("mail1", "mail2", "ns1", "ns2")},
        }

    def compose(self, *arguments: str, within: float = 900, check: bool = True) -> str:
        """What it wrote. Raises AssertionError with all of it when it failed."""
        done = subprocess.run(
            [*self.command, *arguments],
            cwd=self.folder,
            env=self.environment,
            capture_output=True,
            text=True,
            timeout=within,
            stdin=subprocess.DEVNULL,
            check=False,
        )
        assert not check or done.returncode == 0, f"{arguments}: {done.stdout[-3000:]}{done.stderr[-5000:]}"
        return done.stdout

    def run(self, service: str, *command: str, check: bool = True) -> str:
        """A command in the running container of ``service``."""
        return self.compose("exec", "-T", service, *command, check=check)

    def postroom(self, *arguments: str, within: float = 300) -> str:
        return self.compose("exec", "-T", "panel", "postroom", *arguments, within=within)

    def up(self, *arguments: str) -> None:
        self.compose("up", "-d", *arguments)

    def ids(self, *services: str) -> list[str]:
        return self.compose("ps", "-q", *services).split()

    def inspect(self, container: str) -> dict[str, Any]:
        text = subprocess.run(
            ["docker", "inspect", "--", container], capture_output=True, text=True, check=True
        ).stdout
        found: dict[str, Any] = json.loads(text)[0]
        return found

    def health(self, service: str) -> list[str]:
        """Of each copy: healthy, starting, unhealthy; or its status when it has no check."""
        states = [self.inspect(one)["State"] for one in self.ids(service)]
        return [state.get("Health", state)["Status"] for state in states]

    def wait_healthy(self, *services: str, within: float = 240) -> None:
        def whole() -> bool | None:
            states = {service: self.health(service) for service in services}
            return True if all(each and set(each) == {"healthy"} for each in states.values()) else None

        until(whole, within=within, what=f"{services} healthy", every=1)

    def wait_demo(self, within: float = 400) -> None:
        """The one-shot at the end of a start has done its work."""

        def ended() -> bool | None:
            found = subprocess.run(
                ["docker", "ps", "-aq", "--filter", f"label=com.docker.compose.project={PROJECT}",
                 "--filter", "label=com.docker.compose.service=demo"],
                capture_output=True, text=True, check=True,
            ).stdout.split()  # fmt: skip
            states = [self.inspect(one)["State"] for one in found]
            if not states or states[0]["Status"] != "exited":
                return None
            assert states[0]["ExitCode"] == 0, self.compose("logs", "demo")
            return True

        until(ended, within=within, what="the demo", every=1)

    def stack(self, node: str) -> Stack:
        """What smoke and the mail programs of the bench know of a stack, with ``node`` as the mail server."""
        ca = self.folder / "ca.pem"
        ca.write_text(self.run("panel", "cat", "/secrets/ca.pem"), encoding="ascii")
        demo = self.compose(
            "run", "--rm", "-T", "--no-deps", "--entrypoint", "cat", "demo", "/demo/demo.json"
        )
        known = json.loads(demo)
        return Stack(
            {
                "panel": f"https://localhost:{PANEL_PORT}",
                "dns": {"host": f"{LOCAL}.{LAST['ns1']}", "port": 53},
                "ca_file": str(ca),
                "sign_ins": known["sign_ins"],
                "mailboxes": known["mailboxes"],
                **{name: {"host": f"{node}.{DOMAIN}", "port": port} for name, port in SERVICES.items()},
            }
        )

    def take_down(self) -> None:
        self.compose("down", "-v", "--remove-orphans", "-t", "5", check=False)


def until(ask: Callable[[], T | None], *, within: float, what: str, every: float = 0.2) -> T:
    """Ask until there is an answer other than None, whatever goes wrong in between."""
    end = time.monotonic() + within
    last: BaseException | None = None
    waiting = threading.Event()
    while time.monotonic() < end:
        try:
            answer = ask()
        except (OSError, LookupError) as error:
            last, answer = error, None
        if answer is not None:
            return answer
        waiting.wait(every)
    raise TimeoutError(f"{what}: not within {within:g} s ({last})")


def copy_of_source(into: Path) -> Path:
    """What an image is built from, as it is in the working tree."""
    with suppress(FileNotFoundError):
        shutil.rmtree(into)
    skipped = {".git", "var", ".venv", ".tools", "staticfiles", ".env", "docker-compose.override.yml"}

    def skip(folder: str, names: list[str]) -> set[str]:
        mine = skipped if Path(folder) == ROOT else set()
        return {name for name in names if name in mine or name == "__pycache__" or name.startswith(".mypy")}

    shutil.copytree(ROOT, into, ignore=skip, symlinks=True)
    return into
