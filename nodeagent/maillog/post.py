"""Hands batches of events to the panel over HTTPS."""

from __future__ import annotations

import gzip
import http.client
import ssl
import threading
from pathlib import Path
from urllib.parse import urlsplit

TIMEOUT = 30.0
_LEVEL = 1  # gzip: log lines shrink to a tenth even so


class AwayError(Exception):
    """The panel did not take the batch. ``status`` 0: it was not reached. Nothing may be assumed about what
    it kept."""

    def __init__(self, message: str, status: int = 0) -> None:
        super().__init__(message)
        self.status = status


class Panel:
    """Kept-alive connections to ``url``, one for each thread that posts at the same time; made again after
    any trouble. ``ca_file``: whom to trust, None for the system."""

    def __init__(self, url: str, token: str, ca_file: Path | None = None) -> None:
        parts = urlsplit(url)
        self._path = parts.path or "/"
        self._host, self._port = parts.hostname or "", parts.port
        self._token = token
        self._context = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None
        self._lock = threading.Lock()
        self._idle: list[http.client.HTTPConnection] = []

    def post(self, body: bytes) -> None:
        """``body``: JSON. Returns when the panel has the batch for good. Raises AwayError otherwise."""
        status, answer = self._ask(self._path, body)
        if not 200 <= status < 300:
            self.close()
            said = f": {answer[:200]}" if answer.startswith("{") else ""
            raise AwayError(f"the panel answered {status}{said}", status)

    def tell(self, what: str, body: bytes) -> int:
        """To the neighbour of the URL called ``what``; the status of the answer. Raises AwayError."""
        return self._ask(f"{self._path.rpartition('/')[0]}/{what}", body)[0]

    def _ask(self, path: str, body: bytes) -> tuple[int, str]:
        with self._lock:
            connection = self._idle.pop() if self._idle else self._connect()
        try:
            headers = {
                "Authorization": f"Bearer {self._token}",
                "Content-Type": "application/json",
                "Content-Encoding": "gzip",
            }
            connection.request("POST", path, gzip.compress(body, _LEVEL), headers)
            response = connection.getresponse()
            answer = response.read(65_536).decode("utf-8", "replace")
            over = response.will_close or bool(response.read(1))
        except (OSError, http.client.HTTPException) as error:
            connection.close()
            self.close()
            raise AwayError(f"the panel does not answer: {error}") from error
        if over:
            connection.close()
        else:
            with self._lock:
                self._idle.append(connection)
        return response.status, answer

    def _connect(self) -> http.client.HTTPConnection:
        if self._context is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT, context=self._context)
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)

    def close(self) -> None:
        """End the connections that wait for the next batch."""
        with self._lock:
            idle, self._idle = self._idle, []
        for connection in idle:
            connection.close()
