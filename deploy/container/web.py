"""The panel, its worker, its Beat, what runs once before them, and Caddy in front. None keeps anything of its
own: every copy can be thrown away."""

from __future__ import annotations

import json
import os
import sys
import tempfile
from pathlib import Path

from deploy.container import place
from deploy.stack import console, credentials
from deploy.stack.layout import CODE, LOOPBACK, PROVIDER_DOMAIN, PYTHON, Stack
from deploy.stack.program import environment
from deploy.stack.services import caddy as caddy_service
from deploy.stack.services import panel as panel_service

DEMO = Path("/demo/demo.json")


def variables() -> dict[str, str]:
    """The environment of every process of the panel."""
    stack = _stack()
    servers = [*place.address_of("dns"), *place.address_of("secondary")]
    resolvers = [f"{address}:{place.PORTS['dns']}" for address in servers]
    hosts = ["localhost", LOOPBACK, f"panel.{PROVIDER_DOMAIN}", place.panel_host()]
    mail = next(member for member in place.members() if member.role == "mail")
    ours = {
        "PANEL_URL": place.panel_url(),
        "ALLOWED_HOSTS": ",".join(dict.fromkeys(hosts)),
        "PANEL_ADDRESSES": os.environ.get("PANEL_ADDRESSES") or os.environ["PROXY_ADDRESS"],
        # Caddy is the one that may say whose a request is.
        "TRUSTED_PROXIES": os.environ["PROXY_ADDRESS"],
        "RESOLVERS": os.environ.get("RESOLVERS") or ",".join(resolvers),
        "NODES_CA_FILE": str(place.SECRETS / "ca.pem"),
        "EMAIL_HOST": mail.host,
        "STATIC_ROOT": str(CODE / "staticfiles"),
        "GUNICORN_BIND": f"0.0.0.0:{place.PORTS['gunicorn']}",
        "GUNICORN_WORKERS": os.environ.get("GUNICORN_WORKERS", "2"),
        "HOME": tempfile.gettempdir(),
    }
    given = {name: os.environ[name] for name in PASSED_ON if os.environ.get(name)}
    return environment(stack) | panel_service.env(stack) | ours | given


# Of panel/settings.py, as the provider sets them in .env.
PASSED_ON = ("PROVIDER_NAME", "PROVIDER_CONTACT", "SUPPORT_EMAIL", "LANGUAGE_CODE", "SENTRY_DSN")


def _stack() -> Stack:
    stack = place.stack()
    stack.secrets = credentials.read(place.SECRETS)
    return stack


def panel() -> None:
    _become(variables(), *panel_service.GUNICORN)


def worker() -> None:
    _become(variables(), *panel_service.WORKER, "-Q", "panel")


def beat() -> None:
    _become(variables(), *panel_service.BEAT)


def migrate() -> None:
    """Once for all copies, before them: the database's tables, and the nodes that may join."""
    _become(
        variables(),
        "-m",
        "deploy.prepare",
        "--",
        "node",
        "invite",
        "--file",
        str(place.SECRETS / "nodes.json"),
    )


def manage(*arguments: str) -> None:
    """Django's manage.py; in the panel's container also called ``postroom``."""
    _become(variables(), str(CODE / "manage.py"), *arguments)


def demo() -> int:
    """A provider to try things with, unless DEMO=no; in any case where to sign in."""
    if os.environ.get("DEMO", "yes").lower() in {"no", "0", "false", "off"}:
        console.say(
            f"The panel: {place.panel_url()}\n"
            "The first admin: docker-compose exec panel postroom admin you@example.com"
        )
        return 0
    command = [str(PYTHON), str(CODE / "manage.py"), "demo", "--out", str(DEMO), "--mails"]
    code = os.spawnve(os.P_WAIT, command[0], command, variables())  # noqa: S606 - no shell is the point
    if code == 0:
        _told(json.loads(DEMO.read_text(encoding="utf-8")))
    return code


def _told(found: dict[str, list[dict[str, str]]]) -> None:
    console.say(
        f"\n  The panel      {place.panel_url()}   (its certificate comes from an authority of its own)"
    )
    for row in found["sign_ins"]:
        console.say(f"    {row['role']:<12} {row['login']:<32} {row['password']}")
    console.say("  Mailboxes, by IMAP, POP3 and SMTP on the nodes:")
    for row in found["mailboxes"]:
        console.say(f"    {'':<12} {row['address']:<32} {row['password']}")
    sys.stdout.flush()


def caddy() -> None:
    stack = place.stack(user=caddy_service.USER)
    public = os.environ.get("PANEL_TLS_ISSUER") == "acme"
    names = list(caddy_service.NAMES)
    if not public and place.panel_host() not in names:
        names.append(place.panel_host())
    caddy_service.prepare(stack, upstream="caddy/copies", names=tuple(names), public_port=place.panel_port())
    command = caddy_service.command(stack)
    os.chdir(stack.root / "caddy")
    os.execve(command[0], command, environment(stack))  # noqa: S606 - as above


def _become(known: dict[str, str], *arguments: str) -> None:
    os.execve(str(PYTHON), [str(PYTHON), *arguments], known)  # noqa: S606 - as above
