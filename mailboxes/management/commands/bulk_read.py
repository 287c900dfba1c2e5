"""Read one file of mailboxes (mailboxes.bulk.launching starts this): ``manage.py bulk_read PK``, its key on
standard input."""

from __future__ import annotations

import os
import sys
from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from mailboxes.bulk.work import bulk_work

NICE = 10  # whoever waits for a page comes first


class Command(BaseCommand):
    help = "Read a file of mailboxes that somebody brought. The panel starts it."
    requires_system_checks = ()

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("pk", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        key = sys.stdin.readline().strip()
        os.nice(NICE)
        bulk_work(options["pk"], key)
