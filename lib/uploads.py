"""Files that people send, cut before they fill the disk."""

from __future__ import annotations

import tempfile
from typing import Any

from django.core.files.uploadedfile import TemporaryUploadedFile, UploadedFile
from django.core.files.uploadhandler import FileUploadHandler

MOST_BYTES = 8 * 1024 * 1024  # of all files of a request; each form allows less, and says how much
LARGER = {"mailboxes-import": 65 * 1024 * 1024}
"""By the names of URLs: the forms that take more, from whoever is signed in."""


def _most(request: Any) -> int:
    match = getattr(request, "resolver_match", None)
    larger = LARGER.get(match.url_name) if match and not match.namespaces else None
    if larger is None or not getattr(request, "user", None) or not request.user.is_authenticated:
        return MOST_BYTES
    return larger


class CappedUploadHandler(FileUploadHandler):
    """First of settings.FILE_UPLOAD_HANDLERS: what comes after MOST_BYTES is read and dropped, so the file
    reaches its form cut, but larger than the form allows, and is refused there in words. Django itself would
    write any amount to the disk, for strangers as well."""

    taken = 0
    most = MOST_BYTES

    def handle_raw_input(self, *args: Any, **kwargs: Any) -> None:
        self.most = _most(self.request)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.taken += len(raw_data)
        return raw_data if self.taken <= self.most else None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        return None


class _Nameless(TemporaryUploadedFile):
    """In a file without a name (O_TMPFILE): whatever ends the process, nothing of it stays."""

    def __init__(self, name: Any, content_type: Any, size: int, charset: Any, extra: Any = None) -> None:
        file: Any = tempfile.TemporaryFile(prefix="upload")  # noqa: SIM115 - closed with the request
        UploadedFile.__init__(self, file, name, content_type, size, charset, extra)

    def temporary_file_path(self) -> str:
        raise AttributeError("it has no name")

    def close(self) -> None:
        if self.file is not None:
            self.file.close()


class NamelessUploadHandler(FileUploadHandler):
    """Instead of Django's TemporaryFileUploadHandler, whose files stay when a process is killed: there may be
    passwords in them."""

    file: _Nameless

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        self.file = _Nameless(self.file_name, self.content_type, 0, self.charset, self.content_type_extra)

    def receive_data_chunk(self, raw_data: bytes, start: int) -> bytes | None:
        self.file.write(raw_data)
        return None

    def file_complete(self, file_size: int) -> UploadedFile[Any] | None:
        self.file.seek(0)
        self.file.size = file_size
        return self.file

    def upload_interrupted(self) -> None:
        if hasattr(self, "file"):
            self.file.close()


__all__ = ["LARGER", "MOST_BYTES", "CappedUploadHandler", "NamelessUploadHandler"]
