"""One HTTP request to a server on this node. Plain http.client: no proxy from the environment, no redirect
followed."""

from __future__ import annotations

import http.client
import urllib.parse

from nodeagent.backends.base import BackendError

TIMEOUT_SECONDS = 10.0


def request(
    server: str,
    method: str,
    url: str,
    *,
    headers: dict[str, str],
    body: bytes = b"",
    timeout: float = TIMEOUT_SECONDS,
) -> tuple[int, bytes]:
    """Status and body. ``server`` is its name for people. Raises BackendError when there is no answer."""
    parts = urllib.parse.urlsplit(url)
    connection = http.client.HTTPConnection(parts.hostname or "127.0.0.1", parts.port, timeout=timeout)
    target = parts.path + (f"?{parts.query}" if parts.query else "")
    try:
        connection.request(method, target, body=body or None, headers=headers)
        response = connection.getresponse()
        return response.status, response.read()
    except (OSError, http.client.HTTPException) as error:
        raise BackendError(f"{server} on this node does not answer ({_reason(error)}).") from error
    finally:
        connection.close()


def _reason(error: Exception) -> str:
    if isinstance(error, TimeoutError):
        return f"no answer within {TIMEOUT_SECONDS:.0f} s"
    return (error.strerror if isinstance(error, OSError) else None) or type(error).__name__
