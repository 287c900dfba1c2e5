"""`python -m bench.listing_start MODULE`: Django on the database of POSTROOM_BENCH_DATABASE, whatever the
environment says of another, then main() of MODULE."""

from __future__ import annotations

import importlib
import os
import sys

import django


def main() -> None:
    os.environ["DATABASE_URL"] = os.environ["POSTROOM_BENCH_DATABASE"]
    os.environ["DJANGO_SETTINGS_MODULE"] = "panel.settings"
    django.setup()
    importlib.import_module(sys.argv[1]).main()


if __name__ == "__main__":
    main()
