"""Have the panel's database and files up to date: ``python -m deploy.prepare [--collectstatic] -- COMMAND…``.

One process for all of it: loading Django takes longer than the work. COMMAND is a last one of manage.py.
Several may run at once, one a copy of the panel: each waits until the one before it is done.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator
from contextlib import contextmanager

import django
from django.core.management import call_command
from django.db import connection

_PREPARING = 0x70726570  # key of the advisory lock


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    options, last = arguments[:split], arguments[split + 1 :]
    django.setup()
    with alone():
        call_command("migrate", interactive=False, verbosity=1)
        call_command("createcachetable")
        call_command("archives_adopt")
        if "--collectstatic" in options:
            call_command("collectstatic", interactive=False, clear=True, verbosity=0)
        if last:
            call_command(*last)


@contextmanager
def alone() -> Iterator[None]:
    """On a connection of its own, which ends with us however we end: commands may close Django's."""
    held = connection.copy()
    try:
        with held.cursor() as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [_PREPARING])
        yield
    finally:
        held.close()


if __name__ == "__main__":
    main(sys.argv[1:])
