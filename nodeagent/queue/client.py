"""The agent's side of the keeper."""

from __future__ import annotations

import json
import socket
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from nodeagent.backends.base import BackendError

SECONDS = 30.0
ANSWER_BYTES = 16 * 1024 * 1024


def ask_keeper(
    path: Path | None, do: str, *, senders: Sequence[str] | None = None, **more: Any
) -> dict[str, Any]:
    """Its answer (see keeper.py). ``more``: what else it is told. Raises BackendError."""
    if path is None:
        raise BackendError("This node has no keeper of its queue.")
    request = {**more, "do": do, "senders": None if senders is None else list(senders)}
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
            connection.settimeout(SECONDS)
            connection.connect(str(path))
            connection.sendall(json.dumps(request).encode() + b"\n")
            data = b""
            while not data.endswith(b"\n") and len(data) < ANSWER_BYTES:
                part = connection.recv(65536)
                if not part:
                    break
                data += part
        answer = json.loads(data)
    except (OSError, ValueError) as error:
        raise BackendError("The node's queue cannot be read at the moment. Try again in a minute.") from error
    if "error" in answer:
        raise BackendError(str(answer["error"])[:300])
    return dict(answer)
