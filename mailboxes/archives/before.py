"""Archives of the time when they were files (settings.ARCHIVES_BEFORE), carried into the database."""

from __future__ import annotations

import re
from pathlib import Path

from django.db import transaction

from mailboxes.archives import store
from mailboxes.models import Archive

_IDENT = re.compile(r"[0-9a-f]{32}")


def adopt(folder: Path) -> int:
    """Each file once, in a transaction of its own, and then it goes; how many. Killed, it goes on."""
    files = sorted(folder.iterdir()) if folder.is_dir() else []
    return sum(_adopt(path) for path in files if _IDENT.fullmatch(path.name) and path.is_file())


def _adopt(path: Path) -> bool:
    """False: nobody knows this file any more."""
    with transaction.atomic():
        archive = Archive.objects.select_for_update(of=("self",)).filter(ident=path.name).first()
        if archive is not None and not archive.parts.exists():
            with path.open("rb") as file:
                archive.size = store.put(archive, 0, file.read)
            archive.save(update_fields=["size"])
    path.unlink(missing_ok=True)
    return archive is not None
