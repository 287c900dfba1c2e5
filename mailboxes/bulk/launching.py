"""Starting the reading process. The file's key goes through a pipe: no argument and no variable has it, and
what this process keeps in memory it does not get."""

from __future__ import annotations

import logging
import subprocess
import sys
import threading

from django.conf import settings

logger = logging.getLogger(__name__)


def launch(pk: int, key: str) -> None:
    """In a session of its own, so that it goes on when the server that asked for it starts anew."""
    argv = [sys.executable, str(settings.BASE_DIR / "manage.py"), "bulk_read", str(pk)]
    process = subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.DEVNULL, start_new_session=True)
    assert process.stdin is not None  # noqa: S101 - asked for above
    with process.stdin as pipe:
        pipe.write(f"{key}\n".encode("ascii"))
    # Somebody has to hear of its end, or it stays in the table of processes.
    threading.Thread(target=process.wait, name=f"import-{pk}", daemon=True).start()
