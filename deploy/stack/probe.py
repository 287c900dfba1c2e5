"""Asking a service whether it works, the way its users do. Each raises NotReady or OSError until it does."""

from __future__ import annotations

import http.client
import socket
import ssl
import struct
from pathlib import Path

from deploy.stack.program import NotReady

SECONDS = 5


def banner(port: int, expected: bytes, *, tls: Path | None = None) -> None:
    """The server on ``port`` speaks first, with ``expected``. ``tls``: with TLS, by this CA."""
    with socket.create_connection(("127.0.0.1", port), SECONDS) as plain:
        if tls is None:
            _first_line(plain, port, expected)
            return
        context = ssl.create_default_context(cafile=str(tls))
        with context.wrap_socket(plain, server_hostname="localhost") as secure:
            _first_line(secure, port, expected)


def _first_line(connection: socket.socket, port: int, expected: bytes) -> None:
    connection.settimeout(SECONDS)
    line = connection.recv(512)
    if not line.startswith(expected):
        raise NotReady(f"port {port} said {line[:80]!r} instead of {expected!r}")


def unix_socket(path: Path) -> None:
    """Somebody listens on the Unix socket ``path``."""
    with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as connection:
        connection.settimeout(SECONDS)
        connection.connect(str(path))


def http_status(
    port: int,
    path: str,
    *,
    headers: dict[str, str] | None = None,
    tls: Path | None = None,
    expected: int = 200,
) -> None:
    """``GET path`` answers ``expected``."""
    connection: http.client.HTTPConnection
    if tls:
        context = ssl.create_default_context(cafile=str(tls))
        connection = http.client.HTTPSConnection("localhost", port, timeout=SECONDS, context=context)
    else:
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=SECONDS)
    try:
        connection.request("GET", path, headers=headers or {})
        answer = connection.getresponse()
        body = answer.read(300).decode("utf-8", "replace")
    except http.client.HTTPException as error:
        raise NotReady(f"port {port}: {type(error).__name__} {error}") from None
    finally:
        connection.close()
    if answer.status != expected:
        raise NotReady(f"GET {path} on port {port} answered {answer.status}: {' '.join(body.split())[:120]}")


def redis(port: int, user: str, password: str) -> None:
    """Redis knows ``user`` and has loaded its data."""
    answer = _redis_ask(port, f"AUTH {user} {password}\r\nPING\r\n", until=b"+PONG\r\n")
    if not answer.endswith(b"+PONG\r\n"):
        raise NotReady(f"Redis answered {answer[:120]!r}")


def redis_clients(port: int, password: str) -> list[str]:
    """One line for each connection that Redis has, as CLIENT LIST gives them."""
    answer = _redis_ask(port, f"AUTH default {password}\r\nCLIENT LIST\r\nPING\r\n", until=b"+PONG\r\n")
    return answer.decode("utf-8", "replace").splitlines()


def _redis_ask(port: int, commands: str, *, until: bytes) -> bytes:
    answer = b"\r\n"
    with socket.create_connection(("127.0.0.1", port), SECONDS) as connection:
        connection.settimeout(SECONDS)
        connection.sendall(commands.encode())
        # A line that begins with a minus is a no, such as LOADING after the yes to AUTH.
        while not answer.endswith(until) and b"\r\n-" not in answer:
            chunk = connection.recv(65536)
            if not chunk:
                break
            answer += chunk
    return answer


def dns(port: int) -> None:
    """A name server answers on ``port`` over UDP; REFUSED will do (RFC 1035 section 4.1.1)."""
    query = struct.pack("!6H", 0x5052, 0, 1, 0, 0, 0) + b"\x07invalid\x00" + struct.pack("!2H", 6, 1)
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as connection:
        connection.settimeout(1)
        connection.connect(("127.0.0.1", port))
        connection.send(query)
        answer = connection.recv(512)
    if answer[:2] != query[:2]:
        raise NotReady("the name server answered something else than it was asked")
