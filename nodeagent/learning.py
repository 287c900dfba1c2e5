"""Tell rspamd what people say about a mail. By its Unix socket: who reaches that needs no password."""

from __future__ import annotations

import http.client
import socket
from pathlib import Path

from nodeagent.backends.base import BackendError

SECONDS = 5.0
MOST_BYTES = 4 * 1024 * 1024
TAUGHT, KNOWN, TOO_LITTLE = 200, 208, 204


class _Connection(http.client.HTTPConnection):
    def __init__(self, path: Path) -> None:
        super().__init__("localhost", timeout=SECONDS)
        self.path = path

    def connect(self) -> None:
        self.sock = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
        self.sock.settimeout(SECONDS)
        self.sock.connect(str(self.path))


def teach(path: Path | None, mail: bytes, *, spam: bool) -> str:
    """``mail`` is spam, or none. What became of it: learned, known or short (too few words to learn from).
    Raises BackendError."""
    if path is None:
        raise BackendError("This node's agent does not know rspamd's socket.")
    connection = _Connection(path)
    try:
        connection.request("POST", "/learnspam" if spam else "/learnham", body=mail[:MOST_BYTES])
        response = connection.getresponse()
        response.read()
    except (OSError, http.client.HTTPException) as error:
        raise BackendError("The spam filter does not answer at the moment.") from error
    finally:
        connection.close()
    # 404: known as the same already (rspamd 3.4).
    found = {TAUGHT: "learned", KNOWN: "known", 404: "known", TOO_LITTLE: "short"}.get(response.status)
    if found is None:
        raise BackendError(f"The spam filter did not learn it (status {response.status}).")
    return found
