"""``python -m nodeagent queue``, run as root: the keeper's socket. One JSON object a line each way."""

from __future__ import annotations

import grp
import json
import logging
import os
import signal
import socket
import subprocess
import threading
from pathlib import Path
from types import FrameType
from typing import Any

from nodeagent.config import ConfigError, load
from nodeagent.queue.keeper import Keeper, KeeperError

log = logging.getLogger(__name__)

REQUEST_BYTES = 1024 * 1024
PATIENCE = 5.0  # seconds for a request to be read
AT_ONCE = 8  # a long look at a big queue keeps nobody else waiting


class Door:
    """A thread a request, AT_ONCE of them; changes come one after the other (Keeper)."""

    def __init__(self, path: Path, keeper: Keeper, group: str) -> None:
        self._keeper = keeper
        self.running = True
        self._room = threading.BoundedSemaphore(AT_ONCE)
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
            self._room.acquire()
            threading.Thread(target=self._one, args=(client,), daemon=True).start()

    def stop(self, *_signal: int | FrameType | None) -> None:
        self.running = False

    def close(self) -> None:
        self._listener.close()

    def _one(self, client: socket.socket) -> None:
        try:
            with client:
                client.settimeout(PATIENCE)
                answer = self._answered(_line(client))
                client.sendall(json.dumps(answer).encode() + b"\n")
        except OSError as error:
            log.info("a request was given up: %s", error)
        finally:
            self._room.release()

    def _answered(self, line: bytes) -> dict[str, Any]:
        try:
            request = json.loads(line)
            if not isinstance(request, dict):
                raise ValueError("no object")
            return self._keeper.answer(request)
        except KeeperError as error:
            return {"error": str(error)}
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


def forwarder(settings: Path | None) -> str:
    """The sign-in of what sends forwarded mail, from its own settings; "" without."""
    if settings is None:
        return ""
    return str(json.loads(settings.read_text(encoding="utf-8"))["login"]).lower()


def main() -> int:
    """Until SIGTERM."""
    config = load()
    mail = config.mail
    if mail is None or mail.queue_socket is None:
        raise ConfigError("QUEUE_SOCKET is not set in the node's environment")
    keeper = Keeper(mail.postfix_config, forwarder(mail.inject_settings))
    door = Door(mail.queue_socket, keeper, mail.queue_group)
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, door.stop)
    door.serve()
    door.close()
    return 0
