"""`python -m bench.zone_seed make|compare|drop TAG COUNT`, in the panel's own environment: zones made and
deleted by the panel's services, and the comparison of nodes asked for at once."""

from __future__ import annotations

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panel.settings")
    django.setup()
    from bench import zone_many

    word, tag, count = sys.argv[1:]
    if word == "make":
        sys.stdout.write(json.dumps(zone_many.make(tag, int(count))))
    elif word == "compare":
        zone_many.compare()
    else:
        zone_many.drop(tag)


if __name__ == "__main__":
    main()
