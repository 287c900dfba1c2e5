"""`python -m bench.load_seed make|drop TAG`, in the panel's own environment: a reseller with clients,
domains, mailboxes and a month of Track Delivery in the running instance, and their end."""

from __future__ import annotations

import json
import os
import sys

import django


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "panel.settings")
    django.setup()
    from bench import load_house

    word, tag = sys.argv[1:]
    if word == "make":
        sys.stdout.write(json.dumps(load_house.make(tag)))
    else:
        load_house.drop(tag)


if __name__ == "__main__":
    main()
