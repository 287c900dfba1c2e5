"""The panel: its environment, gunicorn, its Celery worker and Beat."""

from __future__ import annotations

import hashlib
import os
from collections.abc import Callable

from deploy.stack import probe
from deploy.stack.files import folder, write
from deploy.stack.layout import CODE, PANEL_LOGIN, PROVIDER_DOMAIN, Stack
from deploy.stack.program import NotReady, Program, as_user, ours
from deploy.stack.services import caddy
from deploy.stack.services.agent import env_text, node_add_arguments, run_ours

WORKER = (
    "-m", "celery", "-A", "panel.celery", "worker", "-l", "WARNING",
    "--without-gossip", "--without-mingle", "--without-heartbeat",
)  # fmt: skip
BEAT = ("-m", "panel.beat")
GUNICORN = ("-m", "gunicorn", "-c", str(CODE / "deploy" / "gunicorn_conf.py"))


def env(stack: Stack) -> dict[str, str]:
    """The panel's environment (panel/settings.py reads it)."""
    return {
        "DJANGO_SETTINGS_MODULE": "panel.settings",
        "SECRET_KEY": stack.secrets["secret_key"],
        "ALLOWED_HOSTS": f"localhost,127.0.0.1,panel.{PROVIDER_DOMAIN}",
        "PANEL_URL": stack.panel_url,
        # Where exports lay before they were in the database: carried over once (manage.py archives_adopt).
        "ARCHIVES_DIR": str(stack.root / "archives"),
        "IMPORT_ALLOW": ",".join(os.environ.get("POSTROOM_IMPORT_ALLOW", "").split()),
        "PROVIDER_DOMAIN": PROVIDER_DOMAIN,
        "LANGUAGE_CODE": os.environ.get("LANGUAGE_CODE") or "en",
        "SUPPORT_EMAIL": os.environ.get("SUPPORT_EMAIL") or "",
        "DATABASE_URL": stack.database_url,
        "CELERY_BROKER_URL": stack.broker_url,
        # RESOLVERS=127.0.0.1:5300 bin/up: somebody else's, to try what depends on the world's DNS.
        "RESOLVERS": os.environ.get("RESOLVERS") or f"127.0.0.1:{stack.ports['dns']}",
        "NODES_CA_FILE": str(stack.ca / "ca.pem"),
        "PROFILE_SIGNING_CERT": str(stack.ca / "profiles.pem"),
        "PROFILE_SIGNING_KEY": str(stack.ca / "profiles.key"),
        "EMAIL_HOST": "localhost",
        "EMAIL_PORT": str(stack.ports["submissions"]),
        "EMAIL_USE_SSL": "1",
        "EMAIL_HOST_USER": PANEL_LOGIN,
        "EMAIL_HOST_PASSWORD": stack.secrets["panel_mail"],
        "EMAIL_CA_FILE": str(stack.ca / "ca.pem"),
        "METRICS_TOKEN": stack.secrets["metrics"],
        "STATIC_ROOT": str(stack.root / "static"),
        "GUNICORN_SOCKET": str(stack.gunicorn_socket),
        "HOME": str(stack.root / "home"),
    }


def prepare(stack: Stack) -> None:
    folder(stack.root / "static", owner=stack.user)
    folder(stack.root / "home", owner=stack.user, mode=0o700)
    # setgid: the socket made inside belongs to Caddy's group, and nobody else reaches it.
    folder(stack.gunicorn_socket.parent, owner=stack.user, group=caddy.USER, mode=0o2750)
    stack.gunicorn_socket.unlink(missing_ok=True)
    write(stack.panel_env, env_text(env(stack)), owner=stack.user, mode=0o600)


def bring_up_to_date(stack: Stack) -> None:
    """Migrations, the cache table, static files, our node: one process, as loading Django takes long."""
    marker = stack.root / "static" / ".made-from"
    fingerprint = static_fingerprint()
    made = marker.read_text(encoding="ascii") if marker.exists() else ""
    arguments = ["-m", "deploy.prepare", *(["--collectstatic"] if made != fingerprint else []), "--"]
    command = ours(stack, stack.panel_env, *arguments, *node_add_arguments(stack))
    run_ours(stack, "the panel's database", as_user(stack.user, command))
    if made != fingerprint:
        write(marker, fingerprint, owner=stack.user)


def static_fingerprint() -> str:
    """Changes when a static file of ours or of a library may have."""
    digest = hashlib.sha256((CODE / "requirements.lock").read_bytes())
    folders = [CODE / "static", *sorted(CODE.glob("*/static"))]
    for path in sorted(path for top in folders for path in top.rglob("*") if path.is_file()):
        digest.update(f"{path.relative_to(CODE)}\0".encode())
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return digest.hexdigest()


def manage(stack: Stack, *arguments: str) -> list[str]:
    """The command line of ``manage.py`` with the panel's environment, as the panel's user."""
    return as_user(stack.user, ours(stack, stack.panel_env, str(CODE / "manage.py"), *arguments))


def programs(stack: Stack) -> list[Program]:
    def gunicorn_ready() -> None:
        probe.unix_socket(stack.gunicorn_socket)

    def worker_ready() -> None:
        clients = probe.redis_clients(stack.ports["redis"], stack.secrets["redis"])
        if not any(" user=default " in line and " cmd=brpop" in line for line in clients):
            raise NotReady("the panel's worker does not wait on its queues yet")

    def program(name: str, ready: Callable[[], None] | None, *arguments: str) -> Program:
        return Program(
            name=name,
            command=ours(stack, stack.panel_env, *arguments),
            directory=CODE,
            user=stack.user,
            ready=ready,
        )

    return [
        program("worker", worker_ready, *WORKER, "-Q", f"panel,report.{stack.node.name}"),
        program("beat", None, *BEAT),
        program("gunicorn", gunicorn_ready, *GUNICORN),
    ]
