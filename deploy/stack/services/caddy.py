"""Caddy: TLS in front of the panel."""

from __future__ import annotations

import os

from deploy.stack import probe
from deploy.stack.files import folder, render_file, write
from deploy.stack.layout import LOOPBACK, PROVIDER_DOMAIN, Stack
from deploy.stack.program import Program

USER = "caddy"
# The panel's own names. For all others one is made when a visitor comes, if the panel says that it may be.
NAMES = ("localhost", LOOPBACK, "[::1]", f"panel.{PROVIDER_DOMAIN}")


def prepare(
    stack: Stack, *, upstream: str = "caddy/socket", names: tuple[str, ...] = NAMES, public_port: int = 0
) -> None:
    """``upstream``: the template that says where the panel is. ``names``: those with the instance's
    certificate. ``public_port``: where browsers come in, when that is not where Caddy listens."""
    base = folder(stack.root / "caddy", owner=USER, mode=0o700)
    port = stack.ports["panel"]
    values = {
        "CADDY": base,
        "CA": stack.ca,
        "LISTEN": stack.listen,
        "PORT_PANEL": port,
        "PORT_PANEL_PUBLIC": public_port or port,
        "PORT_PANEL_HTTP": stack.ports["panel_http"],
        "PORT_TLS_ASK": stack.ports["tls_ask"],
        "NAMES": ", ".join(f"https://{name}:{port}" for name in names),
        # Whom the public authority writes to (RFC 8555 section 7.3).
        "ACME_EMAIL": os.environ.get("ACME_EMAIL") or f"hostmaster@{PROVIDER_DOMAIN}",
        "GUNICORN_SOCKET": stack.gunicorn_socket,
    }
    write(base / "upstream", render_file(upstream, values), owner=USER, mode=0o600)
    write(base / "Caddyfile", render_file("caddy/Caddyfile", values), owner=USER, mode=0o600)


def command(stack: Stack) -> list[str]:
    caddyfile = stack.root / "caddy" / "Caddyfile"
    return [
        "/usr/bin/env",
        f"HOME={caddyfile.parent}",
        # "acme": names get certificates that every browser knows.
        f"PANEL_TLS_ISSUER={os.environ.get('PANEL_TLS_ISSUER') or 'internal'}",
        "/usr/bin/caddy",
        "run",
        "--config",
        str(caddyfile),
        "--adapter",
        "caddyfile",
    ]


def programs(stack: Stack) -> list[Program]:
    def ready() -> None:
        probe.http_status(stack.ports["panel"], "/health/ready/", tls=stack.ca / "ca.pem")

    directory = stack.root / "caddy"
    return [Program(name="caddy", command=command(stack), directory=directory, user=USER, ready=ready)]
