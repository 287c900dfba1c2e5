"""``python -m deploy.container ROLE [ARGUMENT…]``, the entry point of every image."""

from __future__ import annotations

import importlib
import os
import sys

from deploy.stack.console import failed
from deploy.stack.layout import CODE, Failure

ROLES = {
    "setup": "setup:run",
    "postgres": "stores:postgres",
    "redis": "stores:redis",
    "node": "node:run",
    "panel": "web:panel",
    "worker": "web:worker",
    "beat": "web:beat",
    "migrate": "web:migrate",
    "manage": "web:manage",
    "demo": "web:demo",
    "caddy": "web:caddy",
    "health": "health:run",
}


def main(arguments: list[str]) -> int:
    if not arguments or arguments[0] not in ROLES:
        sys.stderr.write(f"usage: python -m deploy.container {' | '.join(ROLES)}\n")
        return 64
    module, _, function = ROLES[arguments[0]].partition(":")
    try:
        found = getattr(importlib.import_module(f"deploy.container.{module}"), function)
        return int(found(*arguments[1:]) or 0)
    except Failure as error:
        failed(error)
        return 1


if __name__ == "__main__":
    os.chdir(CODE)
    sys.exit(main(sys.argv[1:]))
