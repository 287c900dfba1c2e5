"""gunicorn for the panel: a socket that only the proxy reaches, two processes that share what they loaded.

GUNICORN_BIND (``0.0.0.0:8000``) takes the socket's place where the proxy is another machine. From whom
X-Forwarded-* is believed then, the panel decides (TRUSTED_PROXIES, panel.middleware.proxy): gunicorn hands it
on.
"""

import gc
import importlib
import os
from pathlib import Path
from urllib.parse import urlsplit
from wsgiref.types import WSGIApplication, WSGIEnvironment
from wsgiref.util import setup_testing_defaults

from django.db import connections
from django.template import loader
from gunicorn.arbiter import Arbiter

TEMPLATES = Path(__file__).resolve().parent.parent / "templates"

bind = os.environ.get("GUNICORN_BIND") or f"unix:{os.environ['GUNICORN_SOCKET']}"
umask = 0  # for the socket alone; its folder lets in the panel's user and the proxy, nobody else
wsgi_app = "panel.wsgi:application"
preload_app = True
worker_class = "gthread"
workers = int(os.environ.get("GUNICORN_WORKERS", "2"))
threads = int(os.environ.get("GUNICORN_THREADS", "4"))
timeout = 60
graceful_timeout = 10
keepalive = 30
worker_tmp_dir = "/dev/shm"  # noqa: S108 - gunicorn's heartbeat file: memory, never a slow disk
accesslog = None
errorlog = "-"
loglevel = "warning"


# What the first request would load anyway, and then in each process for itself: 40 MB a process.
WARM = (
    "kombu.transport.redis",
    "django.contrib.sessions.backends.db",
    "django.core.cache.backends.db",
    "argon2",
    "idna.uts46data",
)


def when_ready(server: Arbiter) -> None:
    """Before the fork: load what is shared, and keep the collector from touching, and so from copying, it."""
    for module in WARM:
        importlib.import_module(module)
    for page in TEMPLATES.rglob("*.html"):
        loader.get_template(str(page.relative_to(TEMPLATES)))
    _visit(server.app.wsgi(), "/accounts/login/")
    gc.collect()
    gc.freeze()
    # A batch of log lines is some hundred thousand objects without a circle: not to be searched each 700.
    gc.set_threshold(50_000, 20, 50)


def _visit(application: WSGIApplication, path: str) -> None:
    """One request, answered before the fork: it loads the middleware, the forms and the words. Without a
    database it is a 503, which is loaded as well."""
    environ: WSGIEnvironment = {
        "PATH_INFO": path,
        "HTTP_HOST": urlsplit(os.environ["PANEL_URL"]).netloc,
        "HTTP_X_FORWARDED_PROTO": "https",
        "REMOTE_ADDR": "127.0.0.1",
    }
    setup_testing_defaults(environ)
    b"".join(application(environ, lambda status, headers, error=None: lambda body: None))
    connections.close_all()
