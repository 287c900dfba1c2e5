"""Ask Postfix to try waiting mails at once: what ``postqueue -i`` does, without a process for each mail.

flush(8) is asked over its socket: attributes as ``name NUL value NUL``, an empty one at the end (Postfix:
global/flush_clnt.c, util/attr_print0.c). It greets with the name of its protocol."""

from __future__ import annotations

import socket
from collections.abc import Sequence
from pathlib import Path

SECONDS = 10.0


def flush(path: Path, ids: Sequence[str]) -> None:
    """A mail that is gone, or held, is passed over. Raises OSError."""
    for queue_id in ids:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(SECONDS)
            connection.connect(str(path))
            _read(connection)
            connection.sendall(b"request\0send_file\0queue_id\0" + queue_id.encode("ascii") + b"\0\0")
            _read(connection)


def _read(connection: socket.socket) -> bytes:
    data = b""
    while not data.endswith(b"\0\0"):
        more = connection.recv(1024)
        if not more:
            break
        data += more
    return data
