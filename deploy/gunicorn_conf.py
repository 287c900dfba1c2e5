"""gunicorn for the panel: a socket that only the proxy reaches, two processes that share what they loaded."""

import gc
import importlib
import os

from django import template, urls

bind = f"unix:{os.environ['GUNICORN_SOCKET']}"
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
)


def when_ready(server: object) -> None:
    """Before the fork: load what is shared, and keep the collector from touching, and so from copying, it."""
    for module in WARM:
        importlib.import_module(module)
    urls.reverse("home")
    for engine in template.engines.all():
        engine.get_template("base.html")
    gc.collect()
    gc.freeze()
