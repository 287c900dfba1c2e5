"""Files that people send, cut before they fill the disk."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 8 * 1024 * 1024  # of all files of a request; each form allows less, and says how much


class CappedUploadHandler(FileUploadHandler):
    """First of settings.FILE_UPLOAD_HANDLERS: what comes after MOST_BYTES is read and dropped, so the file
    reaches its form cut, but larger than the form allows, and is refused there in words. Django itself would
    write any amount to the disk, for strangers as well."""

    taken = 0

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.taken += len(raw_data)
        return raw_data if self.taken <= MOST_BYTES else None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        return None
