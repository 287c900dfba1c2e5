"""An archive that a person sends: written to the disk as it comes, never more than allowed."""

from __future__ import annotations

from lib.uploads import CappedUploadHandler
from mailboxes.archives.services import MOST_BYTES


class ArchiveUploadHandler(CappedUploadHandler):
    """What comes after MOST_BYTES is read and dropped; the form sees that it is one byte too long."""

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.taken += len(raw_data)
        return raw_data if self.taken <= MOST_BYTES + len(raw_data) else None
