"""Once, when an instance comes from the time when archives of mail were files: into the database."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand

from mailboxes.archives.before import adopt


class Command(BaseCommand):
    help = "Carry archives of mail that are still files (ARCHIVES_DIR) into the database."

    def handle(self, *args: Any, **options: Any) -> None:
        if adopted := adopt(Path(settings.ARCHIVES_BEFORE)):
            self.stdout.write(f"{adopted} archives of mail are in the database now")
