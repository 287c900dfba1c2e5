"""Hands one batch of events to the panel over HTTPS."""

from __future__ import annotations

import gzip
import http.client
import json
import ssl
from pathlib import Path
from typing import Any
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
    """One kept-alive connection to ``url``; made again after any trouble. ``ca_file``: whom to trust, None
    for the system."""

    def __init__(self, url: str, token: str, ca_file: Path | None = None) -> None:
        parts = urlsplit(url)
        self._path = parts.path or "/"
        self._host, self._port = parts.hostname or "", parts.port
        self._token = token
        self._context = ssl.create_default_context(cafile=ca_file) if parts.scheme == "https" else None
        self._connection: http.client.HTTPConnection | None = None

    def post(self, batch: dict[str, Any]) -> None:
        """Returns when the panel has the batch for good. Raises AwayError otherwise."""
        body = gzip.compress(
            json.dumps(batch, ensure_ascii=False, separators=(",", ":")).encode("utf-8", "replace"), _LEVEL
        )
        try:
            status, answer = self._send(body)
        except (OSError, http.client.HTTPException) as error:
            self.close()
            raise AwayError(f"the panel does not answer: {error}") from error
        if not 200 <= status < 300:
            self.close()
            said = f": {answer[:200]}" if answer.startswith("{") else ""
            raise AwayError(f"the panel answered {status}{said}", status)

    def _send(self, body: bytes) -> tuple[int, str]:
        if self._connection is None:
            self._connection = self._connect()
        headers = {
            "Authorization": f"Bearer {self._token}",
            "Content-Type": "application/json",
            "Content-Encoding": "gzip",
        }
        self._connection.request("POST", self._path, body, headers)
        response = self._connection.getresponse()
        answer = response.read(65_536).decode("utf-8", "replace")
        if response.will_close or response.read(1):
            self.close()
        return response.status, answer

    def _connect(self) -> http.client.HTTPConnection:
        if self._context is not None:
            return http.client.HTTPSConnection(self._host, self._port, timeout=TIMEOUT, context=self._context)
        return http.client.HTTPConnection(self._host, self._port, timeout=TIMEOUT)

    def close(self) -> None:
        if self._connection is not None:
            self._connection.close()
            self._connection = None
