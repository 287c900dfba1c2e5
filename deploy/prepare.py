"""Have the panel's database and files up to date: ``python -m deploy.prepare [--collectstatic] -- COMMAND…``.

One process for all of it: loading Django takes longer than the work. COMMAND is a last one of manage.py.
"""

from __future__ import annotations

import sys

import django
from django.core.management import call_command


def main(arguments: list[str]) -> None:
    split = arguments.index("--")
    options, last = arguments[:split], arguments[split + 1 :]
    django.setup()
    call_command("migrate", interactive=False, verbosity=1)
    call_command("createcachetable")
    if "--collectstatic" in options:
        call_command("collectstatic", interactive=False, clear=True, verbosity=0)
    if last:
        call_command(*last)


if __name__ == "__main__":
    main(sys.argv[1:])
