"""``python -m nodeagent queue``, run as root: does to the queue what the agent asks, and nothing else.

One JSON object a line each way. Asked: ``{"do": "list", "senders": [...] | null}``, or ``{"do": "hold",
"senders": [...] | null, "ids": [...] | null}``, also ``release``, ``delete`` and ``deliver``: of the mails
from these senders those with these ids (null: all). Answered: ``{"mails": [Waiting, …], "all": N}`` or
``{"done": N}``, or ``{"error": "…"}``.
"""

from __future__ import annotations

import grp
import json
import logging
import os
import signal
import socket
import subprocess
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

from nodeagent.config import ConfigError, load
from nodeagent.queue.entries import Waiting, waiting

log = logging.getLogger(__name__)

REQUEST_BYTES = 1024 * 1024
SHOWN = 1000  # of a list
PATIENCE = 5.0  # seconds for a request to be read
TOOL_SECONDS = 60
# What postsuper(1) calls it.
FLAGS = {"hold": "-h", "release": "-H", "delete": "-d"}


class Keeper:
    """``config``: Postfix's absolute configuration folder."""

    def __init__(self, config: Path) -> None:
        self.config = config

    def answer(self, request: Mapping[str, Any]) -> dict[str, Any]:
        """Raises ValueError for what is no request, OSError or SubprocessError when Postfix's tools fail."""
        do, senders, ids = request.get("do"), _texts(request.get("senders")), _texts(request.get("ids"))
        found = waiting(self._run(["postqueue", "-c", str(self.config), "-j"]).splitlines(), senders)
        if do == "list":
            return {"mails": found[:SHOWN], "all": len(found)}
        chosen = [mail for mail in found if ids is None or mail["id"] in ids]
        if do in FLAGS:
            self._super(FLAGS[str(do)], chosen)
        elif do == "deliver":
            for mail in chosen:
                self._run(["postqueue", "-c", str(self.config), "-i", mail["id"]])
        else:
            raise ValueError("do")
        return {"done": len(chosen)}

    def _super(self, flag: str, mails: list[Waiting]) -> None:
        if mails:
            ids = "".join(f"{mail['id']}\n" for mail in mails)
            self._run(["postsuper", "-c", str(self.config), flag, "-"], stdin=ids)

    @staticmethod
    def _run(argv: list[str], stdin: str = "") -> str:
        done = subprocess.run(
            argv,
            input=stdin,
            capture_output=True,
            text=True,
            errors="replace",
            timeout=TOOL_SECONDS,
            check=True,
        )
        return done.stdout


def _texts(value: Any) -> set[str] | None:
    if value is None:
        return None
    if not isinstance(value, list) or not all(isinstance(text, str) for text in value):
        raise ValueError("not a list of texts")
    return set(value)


class Door:
    """One request after the other: the queue has one lock anyway."""

    def __init__(self, path: Path, keeper: Keeper, group: str) -> None:
        self._keeper = keeper
        self.running = True
        path.unlink(missing_ok=True)
        self._listener = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        mask = os.umask(0o177)
        try:
            self._listener.bind(str(path))
        finally:
            os.umask(mask)
        if group:
            os.chown(path, -1, grp.getgrnam(group).gr_gid)
            path.chmod(0o660)
        self._listener.listen(16)
        self._listener.settimeout(1.0)

    def serve(self) -> None:
        while self.running:
            try:
                client, _address = self._listener.accept()
            except TimeoutError:
                continue
            except OSError:
                if self.running:
                    raise
                return
            with client:
                self._one(client)

    def stop(self, *_signal: int | FrameType | None) -> None:
        self.running = False

    def close(self) -> None:
        self._listener.close()

    def _one(self, client: socket.socket) -> None:
        client.settimeout(PATIENCE)
        try:
            answer = self._answered(_line(client))
            client.settimeout(PATIENCE)
            client.sendall(json.dumps(answer).encode() + b"\n")
        except OSError as error:
            log.info("a request was given up: %s", error)

    def _answered(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError("no object")
            return self._keeper.answer(request)
        except (ValueError, RecursionError):
            return {"error": "This is no request."}
        except subprocess.CalledProcessError as error:
            log.warning("%s: %s", error.cmd[0], str(error.stderr).strip()[-300:])
            return {"error": f"{error.cmd[0]} failed on the node; its log says why."}
        except (OSError, subprocess.SubprocessError) as error:
            log.warning("the queue cannot be reached: %s", error)
            return {"error": "The queue cannot be reached on the node."}


def _line(client: socket.socket) -> bytes:
    data = b""
    while b"\n" not in data and len(data) < REQUEST_BYTES:
        more = client.recv(65536)
        if not more:
            break
        data += more
    return data.partition(b"\n")[0]


def main() -> int:
    """Until SIGTERM."""
    config = load()
    mail = config.mail
    if mail is None or mail.queue_socket is None:
        raise ConfigError("QUEUE_SOCKET is not set in the node's environment")
    door = Door(mail.queue_socket, Keeper(mail.postfix_config), mail.queue_group)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, door.stop)
    door.serve()
    door.close()
    return 0
